//! The tokio edge: sockets, the clock and the handle by which a simulated network is driven.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::nas::core::{Channel, Core};
use crate::nas::{NasConfig, Timing};
use crate::scenario::{self, Step};
use crate::snapshot::Snapshot;
use crate::subscribers::{SubscriberConfig, fingerprint, storm};

/// Longest RADIUS packet.
const MAX_PACKET: usize = 4096;

/// How many datagrams are read before the answers to them are sent.
const BATCH: usize = 32;

/// Longest sleep of a router with nothing to do.
const IDLE: Duration = Duration::from_secs(3600);

/// A network to simulate.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// The routers.
    pub nas: Vec<NasConfig>,
    /// The subscribers; more can come later.
    pub subscribers: Vec<SubscriberConfig>,
    /// How fast things happen.
    pub timing: Timing,
    /// What happens by itself.
    pub scenario: Vec<Step>,
}

/// Why a network could not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// There is nobody to dial in to.
    #[error("the network has no NAS; configure at least one")]
    NoNas,
    /// A subscriber names a router that is not there.
    #[error("subscriber {username} names NAS {nas}, which is not configured")]
    UnknownNas {
        /// The subscriber.
        username: String,
        /// The router that is missing.
        nas: String,
    },
    /// A socket could not be opened.
    #[error("NAS {nas} cannot use {address}: choose another address or port")]
    Bind {
        /// The router.
        nas: String,
        /// Its address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// A running network; clones are handles to the same one.
#[derive(Clone)]
pub struct Network {
    routers: Arc<[Arc<Router>]>,
    timing: Timing,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Where a simulated router is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NasAddress {
    /// NAS-Identifier.
    pub name: String,
    /// Address and port on which it takes Disconnect- and CoA-Requests.
    pub control: SocketAddr,
}

struct Router {
    core: Mutex<Core>,
    wake: Notify,
    auth: UdpSocket,
    acct: UdpSocket,
    control: UdpSocket,
    control_address: SocketAddr,
}

impl Network {
    /// Opens the sockets, connects the subscribers and lets them dial.
    ///
    /// # Errors
    /// The configuration contradicts itself or an address is taken.
    pub async fn start(config: NetworkConfig, stop: CancellationToken) -> Result<Self, StartError> {
        check(&config)?;
        let mut routers = Vec::with_capacity(config.nas.len());
        for nas in config.nas {
            routers.push(Arc::new(Router::open(nas, &config.timing).await?));
        }
        let network = Self {
            routers: routers.into(),
            timing: config.timing,
            tasks: TaskTracker::new(),
            stop,
        };
        network.add_all(config.subscribers);
        for router in network.routers.iter() {
            network.run(router);
        }
        if !config.scenario.is_empty() {
            let (stop, play) = (network.stop.clone(), network.clone());
            network.tasks.spawn(async move {
                stop.run_until_cancelled(scenario::play(play, config.scenario))
                    .await;
            });
        }
        network.tasks.close();
        Ok(network)
    }

    /// Ends the simulation at once, as if every router lost its power.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }

    /// Where the routers are found.
    pub fn addresses(&self) -> Vec<NasAddress> {
        let address = |router: &Arc<Router>| NasAddress {
            name: router.core.lock().name().to_owned(),
            control: router.control_address,
        };
        self.routers.iter().map(address).collect()
    }

    /// The truth of this moment.
    pub fn snapshot(&self) -> Snapshot {
        let now = Instant::now();
        let nas = self
            .routers
            .iter()
            .map(|router| router.core.lock().snapshot(now));
        Snapshot { nas: nas.collect() }
    }

    /// Connects a subscriber, who dials at once; a known name takes on the new password and
    /// method at its next dial. False when the named router is not there.
    pub fn add(&self, subscriber: SubscriberConfig) -> bool {
        self.add_at(subscriber, Instant::now())
    }

    /// Connects many subscribers, who dial spread over the configured time; the number of those
    /// who found their router.
    pub fn add_all(&self, subscribers: Vec<SubscriberConfig>) -> usize {
        let (now, count) = (Instant::now(), subscribers.len());
        let at = |index: usize| now + storm::delay(index, count, self.timing.dial_spread());
        let all = subscribers.into_iter().enumerate();
        all.filter(|(index, subscriber)| self.add_at(subscriber.clone(), at(*index)))
            .count()
    }

    fn add_at(&self, subscriber: SubscriberConfig, dial_at: Instant) -> bool {
        let known = self
            .routers
            .iter()
            .find(|router| router.core.lock().knows(&subscriber.username));
        let router = match (known, &subscriber.nas) {
            (Some(known), None) => Some(known),
            (Some(known), Some(name)) if known.core.lock().name() == name => Some(known),
            (Some(known), Some(_)) => {
                known.act(|core, now| core.remove(&subscriber.username, now));
                self.router_for(&subscriber)
            }
            (None, _) => self.router_for(&subscriber),
        };
        let Some(router) = router else { return false };
        router.act(|core, _| core.add(subscriber, dial_at));
        true
    }

    fn router_for(&self, subscriber: &SubscriberConfig) -> Option<&Arc<Router>> {
        if let Some(name) = &subscriber.nas {
            return self
                .routers
                .iter()
                .find(|router| router.core.lock().name() == name);
        }
        let count = u64::try_from(self.routers.len())
            .ok()
            .filter(|count| *count > 0)?;
        let index = fingerprint(subscriber.username.as_bytes()) % count;
        self.routers.get(usize::try_from(index).ok()?)
    }

    /// Hangs up and forgets a subscriber; false when the name is not known.
    pub fn remove(&self, username: &str) -> bool {
        self.any(|core, now| core.remove(username, now))
    }

    /// Lets an idle subscriber dial now.
    pub fn dial(&self, username: &str) -> bool {
        self.any(|core, now| core.dial(username, now))
    }

    /// Hangs up; the line stays down until [`Self::dial`].
    pub fn hang_up(&self, username: &str) -> bool {
        self.any(|core, now| core.hang_up(username, now))
    }

    /// Hangs every line up in order; the reports are sent, which takes a moment.
    pub fn hang_up_all(&self) {
        for router in self.routers.iter() {
            router.act(Core::hang_up_all);
        }
    }

    /// Every line drops and dials again within `spread`; false when there is no such router.
    pub fn redial_all(&self, nas: Option<&str>, spread: Duration) -> bool {
        self.each(nas, |core, now| core.redial_all(spread, now))
    }

    /// The router is without power for `outage`; false when there is no such router.
    pub fn power_cut(&self, nas: Option<&str>, outage: Duration) -> bool {
        self.each(nas, |core, now| core.power_cut(outage, now))
    }

    /// The router restarts in order; false when there is no such router.
    pub fn reboot(&self, nas: Option<&str>, outage: Duration) -> bool {
        self.each(nas, |core, now| core.reboot(outage, now))
    }

    fn any(&self, act: impl Fn(&mut Core, Instant) -> bool) -> bool {
        self.routers.iter().any(|router| router.act(&act))
    }

    fn each(&self, nas: Option<&str>, act: impl Fn(&mut Core, Instant)) -> bool {
        let is_meant =
            |router: &&Arc<Router>| nas.is_none_or(|name| router.core.lock().name() == name);
        let meant = self.routers.iter().filter(is_meant);
        meant.map(|router| router.act(&act)).count() > 0
    }

    fn run(&self, router: &Arc<Router>) {
        for channel in [Channel::Auth, Channel::Acct, Channel::Control] {
            let (router, stop) = (Arc::clone(router), self.stop.clone());
            self.tasks.spawn(async move {
                stop.run_until_cancelled(router.receive(channel)).await;
            });
        }
        let (router, stop) = (Arc::clone(router), self.stop.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(router.keep_time()).await;
        });
    }
}

fn check(config: &NetworkConfig) -> Result<(), StartError> {
    if config.nas.is_empty() {
        return Err(StartError::NoNas);
    }
    for subscriber in &config.subscribers {
        let Some(name) = &subscriber.nas else {
            continue;
        };
        if !config.nas.iter().any(|nas| nas.name == *name) {
            let (username, nas) = (subscriber.username.clone(), name.clone());
            return Err(StartError::UnknownNas { username, nas });
        }
    }
    Ok(())
}

impl Router {
    async fn open(config: NasConfig, timing: &Timing) -> Result<Self, StartError> {
        let bind = async |port: u16| {
            let address = SocketAddr::new(config.bind, port);
            UdpSocket::bind(address)
                .await
                .map_err(|source| StartError::Bind {
                    nas: config.name.clone(),
                    address,
                    source,
                })
        };
        let (auth, acct, control) = (bind(0).await?, bind(0).await?, bind(config.coa_port).await?);
        let control_address = control.local_addr().map_err(|source| StartError::Bind {
            nas: config.name.clone(),
            address: SocketAddr::new(config.bind, config.coa_port),
            source,
        })?;
        let core = Mutex::new(Core::new(config, timing.clone()));
        Ok(Self {
            core,
            wake: Notify::new(),
            auth,
            acct,
            control,
            control_address,
        })
    }

    fn socket(&self, channel: Channel) -> &UdpSocket {
        match channel {
            Channel::Auth => &self.auth,
            Channel::Acct => &self.acct,
            Channel::Control => &self.control,
        }
    }

    /// Changes the state from outside; the clock task sends what follows from it.
    fn act<T>(&self, act: impl FnOnce(&mut Core, Instant) -> T) -> T {
        let result = act(&mut self.core.lock(), Instant::now());
        self.wake.notify_one();
        result
    }

    async fn keep_time(&self) {
        loop {
            let (now, deadline) = {
                let mut core = self.core.lock();
                let now = Instant::now();
                core.run_timers(now);
                (now, core.next_deadline())
            };
            self.flush().await;
            let deadline = deadline.unwrap_or(now + IDLE);
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep_until(deadline) => {}
            }
        }
    }

    async fn receive(&self, channel: Channel) {
        let socket = self.socket(channel);
        let mut buffer = vec![0; MAX_PACKET];
        loop {
            // An error here is an ICMP message about an earlier datagram: the peer is away, and
            // the repetition of requests deals with that.
            if let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                self.take(channel, buffer.get(..length).unwrap_or_default(), from);
            }
            for _ in 0..BATCH {
                let Ok((length, from)) = socket.try_recv_from(&mut buffer) else {
                    break;
                };
                self.take(channel, buffer.get(..length).unwrap_or_default(), from);
            }
            self.flush().await;
        }
    }

    fn take(&self, channel: Channel, datagram: &[u8], from: SocketAddr) {
        let mut core = self.core.lock();
        let before = core.next_deadline();
        core.receive(channel, datagram, from, Instant::now());
        if core.next_deadline() < before || before.is_none() {
            self.wake.notify_one();
        }
    }

    async fn flush(&self) {
        loop {
            let Some(transmit) = self.core.lock().next_transmit() else {
                return;
            };
            let socket = self.socket(transmit.channel);
            if let Err(error) = socket.send_to(&transmit.bytes, transmit.to).await {
                tracing::debug!(%error, "A datagram could not be sent");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscribers::Method;

    #[test]
    fn the_sample_file_is_read() {
        let text = include_str!("../../../docs/samples/network.json");
        let config: NetworkConfig = serde_json::from_str(text).expect("a network");
        check(&config).expect("it does not contradict itself");
        let methods: Vec<Method> = config
            .subscribers
            .iter()
            .map(|known| known.method)
            .collect();
        assert_eq!(methods, [Method::MsChapV2, Method::Chap, Method::Pap]);
        assert_eq!((config.nas.len(), config.scenario.len()), (2, 4));
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        let text = r#"{"nas": [{"name": "POP-1", "secrt": "x"}]}"#;
        assert!(serde_json::from_str::<NetworkConfig>(text).is_err());
    }

    #[test]
    fn contradictions_are_refused() {
        let mut config = NetworkConfig::default();
        assert!(matches!(check(&config), Err(StartError::NoNas)));
        config.nas.push(NasConfig::default());
        let mut subscriber = SubscriberConfig::new("rahim", "p", Method::Pap);
        subscriber.nas = Some("SIM-2".to_owned());
        config.subscribers.push(subscriber);
        assert!(matches!(check(&config), Err(StartError::UnknownNas { .. })));
    }
}
