//! The tokio edge: sockets, the clock and the handle by which a simulated network is driven.

mod check;
mod edge;
mod schedule;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use self::check::StartError;
use self::check::{check, members};
use self::edge::Edge;
use self::schedule::Schedule;
use crate::clock::FastClock;
use crate::group::{Member, RouterGroup};
use crate::nas::core::Core;
use crate::nas::{NasConfig, Speed, Timing};
use crate::router::server::{Listen, ListenError, RouterServer, Shared};
use crate::router::{FaultRule, Router};
use crate::scenario::{self, Step};
use crate::snapshot::{Snapshot, Summary};
use crate::subscribers::{SubscriberConfig, fingerprint, storm};

/// When the clock of a network begins that is not told the time: 2026-01-01.
const BEGINS: i64 = 1_767_225_600;

/// A network to simulate.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Routers that are RADIUS clients and nothing else.
    pub nas: Vec<NasConfig>,
    /// Whole routers: what their subscribers get is what their menus say.
    pub routers: Vec<RouterGroup>,
    /// The subscribers besides those of a group of routers; more can come later.
    pub subscribers: Vec<SubscriberConfig>,
    /// How fast things happen.
    pub timing: Timing,
    /// How many times as fast as the wall's the clock runs; waits for a server's answer stay real.
    pub speed: u32,
    /// What happens by itself.
    #[serde(alias = "steps")]
    pub scenario: Vec<Step>,
    /// What the clock says at the beginning.
    #[serde(skip)]
    pub begins: Option<DateTime<Utc>>,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            nas: Vec::new(),
            routers: Vec::new(),
            subscribers: Vec::new(),
            timing: Timing::default(),
            speed: 1,
            scenario: Vec::new(),
            begins: None,
        }
    }
}

/// A running network; clones are handles to the same one.
#[derive(Clone)]
pub struct Network {
    edges: Arc<[Arc<Edge>]>,
    schedule: Arc<Schedule>,
    timing: Timing,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Where a simulated router is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NasAddress {
    /// NAS-Identifier.
    pub name: String,
    /// Address and port on which it takes Disconnect- and CoA-Requests; none when it does not.
    pub control: Option<SocketAddr>,
    /// Address and port of its API; none when it has none to the outside.
    pub api: Option<SocketAddr>,
    /// The same in TLS.
    pub api_tls: Option<SocketAddr>,
}

impl Network {
    /// Opens the sockets, connects the subscribers and lets them dial.
    ///
    /// # Errors
    /// The configuration contradicts itself or an address is taken.
    pub async fn start(config: NetworkConfig, stop: CancellationToken) -> Result<Self, StartError> {
        let members = members(&config)?;
        check(&config, &members)?;
        let speed = Speed::times(config.speed);
        let begins = config.begins.or(DateTime::from_timestamp(BEGINS, 0));
        let clock = FastClock::new(begins.unwrap_or_default(), speed);
        let timing = Timing {
            speed,
            ..config.timing
        };
        let builder = Builder {
            clock,
            timing: timing.clone(),
            schedule: Arc::new(Schedule::new(clock)),
            // Of its own: what ends here does not end what else hangs on the caller's.
            stop: stop.child_token(),
        };
        let mut edges = Vec::with_capacity(config.nas.len() + members.len());
        if let Err(error) = builder.open(&config.nas, &members, &mut edges).await {
            builder.stop.cancel();
            close(&edges).await;
            return Err(error);
        }
        let network = Self {
            edges: edges.into(),
            schedule: builder.schedule,
            timing,
            tasks: TaskTracker::new(),
            stop: builder.stop,
        };
        network.add_all(config.subscribers);
        let places = config.nas.len()..;
        let crowds = members.into_iter().map(|member| member.subscribers);
        network.add_crowds(places.zip(crowds).collect());
        network.run(config.scenario);
        Ok(network)
    }

    fn run(&self, steps: Vec<Step>) {
        for edge in self.edges.iter() {
            let (edge, stop) = (Arc::clone(edge), self.stop.clone());
            self.tasks.spawn(async move {
                stop.run_until_cancelled(edge.serve()).await;
            });
        }
        let (network, stop) = (self.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(network.keep_time()).await;
        });
        if !steps.is_empty() {
            let (stop, play) = (self.stop.clone(), self.clone());
            self.tasks.spawn(async move {
                stop.run_until_cancelled(scenario::play(play, steps)).await;
            });
        }
        self.tasks.close();
    }

    /// Tells every router the time when something is due on it.
    async fn keep_time(&self) {
        loop {
            let index = self.schedule.next().await;
            if let Some(edge) = self.edges.get(index) {
                edge.shared.with(Router::forget_deadline);
                tokio::task::consume_budget().await;
            }
        }
    }

    /// How long a span of the network's clock takes on the wall's.
    pub(crate) fn on_the_wall(&self, span: Duration) -> Duration {
        self.timing.speed.shrunk(span)
    }

    /// Ends the simulation at once, as if every router lost its power.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
        close(&self.edges).await;
    }

    /// Where the routers are found.
    pub fn addresses(&self) -> Vec<NasAddress> {
        let address = |edge: &Arc<Edge>| NasAddress {
            name: edge.name.clone(),
            control: edge.control_address(),
            api: edge.api.as_ref().map(RouterServer::address),
            api_tls: edge.api.as_ref().and_then(RouterServer::tls_address),
        };
        self.edges.iter().map(address).collect()
    }

    /// The truth of this moment.
    pub fn snapshot(&self) -> Snapshot {
        let nas = self.edges.iter().map(|edge| edge.act(Core::snapshot));
        Snapshot { nas: nas.collect() }
    }

    /// The same in sums, which costs little however many subscribers there are.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for edge in self.edges.iter() {
            edge.act(|core, now| core.add_to(&mut summary, now));
        }
        summary
    }

    /// Connects a subscriber, who dials at once; a known name takes on the new password and
    /// method at its next dial. False when the named router is not there.
    pub fn add(&self, subscriber: SubscriberConfig) -> bool {
        self.add_after(subscriber, Duration::ZERO)
    }

    /// Connects many subscribers, who dial spread over the configured time; the number of those
    /// who found their router.
    pub fn add_all(&self, subscribers: Vec<SubscriberConfig>) -> usize {
        let count = subscribers.len();
        let after = |index: usize| storm::delay(index, count, self.timing.dial_spread());
        let all = subscribers.into_iter().enumerate();
        all.filter(|(index, subscriber)| self.add_after(subscriber.clone(), after(*index)))
            .count()
    }

    /// Connects the subscribers of groups, router by router and in turn.
    fn add_crowds(&self, crowds: Vec<(usize, Vec<SubscriberConfig>)>) {
        let count = crowds.iter().map(|(_, crowd)| crowd.len()).sum();
        let routers = crowds.len();
        for (turn, (index, crowd)) in crowds.into_iter().enumerate() {
            let Some(edge) = self.edges.get(index) else {
                continue;
            };
            edge.act(|core, now| {
                for (round, subscriber) in crowd.into_iter().enumerate() {
                    let place = round * routers + turn;
                    let delay = storm::delay(place, count, self.timing.dial_spread());
                    core.add(subscriber, now + delay);
                }
            });
        }
    }

    fn add_after(&self, subscriber: SubscriberConfig, delay: Duration) -> bool {
        let knows = |edge: &&Arc<Edge>| edge.act(|core, _| core.knows(subscriber.line()));
        let known = self.edges.iter().find(knows);
        let edge = match (known, &subscriber.nas) {
            (Some(known), None) => Some(known),
            (Some(known), Some(name)) if known.name == *name => Some(known),
            (Some(known), Some(_)) => {
                known.act(|core, now| core.remove(subscriber.line(), now));
                self.edge_for(&subscriber)
            }
            (None, _) => self.edge_for(&subscriber),
        };
        let Some(edge) = edge else { return false };
        edge.act(|core, now| core.add(subscriber, now + delay));
        true
    }

    fn edge_for(&self, subscriber: &SubscriberConfig) -> Option<&Arc<Edge>> {
        if let Some(name) = &subscriber.nas {
            return self.edges.iter().find(|edge| edge.name == *name);
        }
        let count = u64::try_from(self.edges.len())
            .ok()
            .filter(|count| *count > 0)?;
        let index = fingerprint(subscriber.line().as_bytes()) % count;
        self.edges.get(usize::try_from(index).ok()?)
    }

    /// Hangs up and forgets a subscriber; false when the name is not known.
    pub fn remove(&self, username: &str) -> bool {
        self.any(|core, now| core.remove(username, now))
    }

    /// Lets an idle subscriber dial now; false when the name is not known or the line is busy.
    pub fn dial(&self, username: &str) -> bool {
        self.any(|core, now| core.dial(username, now))
    }

    /// Hangs up; the line stays down until [`Self::dial`].
    pub fn hang_up(&self, username: &str) -> bool {
        self.any(|core, now| core.hang_up(username, now))
    }

    /// Hangs every line up in order; the reports are sent, which takes a moment.
    pub fn hang_up_all(&self) {
        for edge in self.edges.iter() {
            edge.act(Core::hang_up_all);
        }
    }

    /// Every line drops and dials again within `spread`; false when there is no such router.
    pub fn redial_all(&self, nas: Option<&str>, spread: Duration) -> bool {
        self.each(nas, |router| {
            router.on_lines(|core, now| core.redial_all(spread, now));
        })
    }

    /// The router is without power for `outage`; false when there is no such router.
    pub fn power_cut(&self, nas: Option<&str>, outage: Duration) -> bool {
        self.each(nas, |router| router.power_cut(outage))
    }

    /// The router restarts in order; false when there is no such router.
    pub fn reboot(&self, nas: Option<&str>, outage: Duration) -> bool {
        self.each(nas, |router| router.reboot_for(outage))
    }

    /// Plans a fault of what is asked over the API; false when there is no such router.
    pub fn add_fault(&self, nas: Option<&str>, rule: &FaultRule) -> bool {
        self.each(nas, |router| router.faults().add(rule.clone()))
    }

    /// Forgets all faults; false when there is no such router.
    pub fn clear_faults(&self, nas: Option<&str>) -> bool {
        self.each(nas, |router| router.faults().clear())
    }

    /// Makes the API unreachable, or reachable again; false when there is no such router.
    pub fn set_away(&self, nas: Option<&str>, away: bool) -> bool {
        self.each(nas, |router| router.faults().set_away(away))
    }

    /// Runs console commands on routers that have menus; false when there is no such router or one
    /// of them is refused.
    pub fn command(&self, nas: Option<&str>, script: &str) -> bool {
        let (mut ran, mut refused) = (false, false);
        self.each(nas, |router| {
            if !router.has_menus() {
                return;
            }
            ran = true;
            if let Err(error) = router.run_lines(script) {
                tracing::warn!(%error, "A command of the scenario was refused");
                refused = true;
            }
        });
        ran && !refused
    }

    fn any(&self, act: impl Fn(&mut Core, Instant) -> bool) -> bool {
        self.edges.iter().any(|edge| edge.act(&act))
    }

    fn each(&self, nas: Option<&str>, mut act: impl FnMut(&mut Router)) -> bool {
        let meant = self
            .edges
            .iter()
            .filter(|edge| nas.is_none_or(|name| edge.name == name));
        meant.map(|edge| edge.shared.with(&mut act)).count() > 0
    }
}

/// Makes routers that share a clock.
struct Builder {
    clock: FastClock,
    timing: Timing,
    schedule: Arc<Schedule>,
    stop: CancellationToken,
}

impl Builder {
    /// Opens one router after the other; those that are open stay in `edges` when one cannot be.
    async fn open(
        &self,
        nas: &[NasConfig],
        members: &[Member],
        edges: &mut Vec<Arc<Edge>>,
    ) -> Result<(), StartError> {
        for nas in nas {
            edges.push(Arc::new(self.nas(nas, edges.len()).await?));
        }
        for member in members {
            edges.push(Arc::new(self.member(member, edges.len()).await?));
        }
        Ok(())
    }

    async fn nas(&self, nas: &NasConfig, index: usize) -> Result<Edge, StartError> {
        let router = Router::of_nas(nas, self.timing.clone(), self.clock.begins());
        let router = router.map_err(|reason| StartError::router(&nas.name, reason))?;
        Edge::open(self.share(router), &nas.name, nas.bind, self.place(index)).await
    }

    async fn member(&self, member: &Member, index: usize) -> Result<Edge, StartError> {
        let (name, bind) = (&member.name, member.address.into());
        let router = Router::new(&member.config, self.clock.begins());
        let mut router = router.map_err(|reason| StartError::router(name, reason))?;
        router.pace(name, self.timing.clone(), member.window);
        let shared = self.share(router);
        let mut edge = Edge::open(Arc::clone(&shared), name, bind, self.place(index)).await?;
        if let Some(port) = member.api_port {
            let listen = Listen {
                plain: SocketAddr::new(bind, port),
                tls: member.tls_port.map(|port| SocketAddr::new(bind, port)),
            };
            let api = RouterServer::over(shared, listen, self.stop.clone()).await;
            let refused = |error: ListenError| StartError::bind(name, error.address, error.source);
            edge.api = Some(api.map_err(refused)?);
        }
        Ok(edge)
    }

    fn share(&self, router: Router) -> Arc<Shared> {
        Arc::new(Shared::new(router, Arc::new(self.clock)))
    }

    fn place(&self, index: usize) -> (Arc<Schedule>, usize) {
        (Arc::clone(&self.schedule), index)
    }
}

/// Ends the APIs of routers and waits until their ports are free.
async fn close(edges: &[Arc<Edge>]) {
    for api in edges.iter().filter_map(|edge| edge.api.as_ref()) {
        api.shut_down().await;
    }
}
