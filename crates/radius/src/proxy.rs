//! Logins and reports of other providers' subscribers go to their home servers.
//!
//! A receiving task only puts a request into a bounded queue, one for logins and one for reports:
//! reports wait long for a home server that is away, and must hold up no login. Logins have a place
//! each, and no realm has all of them. Each request under way has a socket of its own, connected to
//! the home server: a random port and identifier, and the kernel drops what comes from elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::ids::IspId;
use domain::network::operator_name::OperatorName;
use domain::network::realm::{HomeServer, Realm};
use domain::network::service_policy::RejectCause;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::packet::codec::Packet;
use crate::proxy::answer::HomeAnswer;
use crate::proxy::exchange::{Exchange, Purpose};
use crate::proxy::health::Health;
use crate::proxy::places::{Place, Places};
use crate::proxy::request::{Marks, Outgoing, forwarded_login, forwarded_report};
use crate::server::access::AccessHandler;
use crate::server::accounting::Route;
use crate::server::clients::InFlight;
use crate::server::gate::Sender;
use crate::server::origin::Origin;
use crate::server::reply_cache::RequestKey;

pub mod answer;
mod exchange;
mod health;
mod places;
pub mod request;

/// Requests of each kind that may wait to be sent.
const QUEUE: usize = 2048;
/// Reports under way, and so sockets; logins are bounded by their places.
const UNDER_WAY: usize = 512;
/// How long a login may take with all home servers together; routers ask for some ten seconds.
const LOGIN_PATIENCE: Duration = Duration::from_secs(6);
/// When reports that nobody took are tried again.
const REPORT_ROUNDS: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_secs(10),
    Duration::from_secs(30),
];
/// A request that went through so many proxies goes in circles.
pub(crate) const MAX_PROXIES: usize = 5;

/// A login that a home server decides.
pub(crate) struct ProxiedLogin {
    pub(crate) datagram: Vec<u8>,
    pub(crate) sender: Sender,
    pub(crate) origin: Origin,
    pub(crate) realm: Arc<Realm>,
    pub(crate) key: RequestKey,
    pub(crate) _under_way: InFlight,
}

/// A report that a home server hears of too.
pub(crate) struct ProxiedReport {
    pub(crate) datagram: Vec<u8>,
    pub(crate) realm: Arc<Realm>,
}

struct LoginToAsk {
    login: Box<ProxiedLogin>,
    route: Route,
    place: Place,
}

/// The way into the proxy for receiving tasks.
#[derive(Clone)]
pub(crate) struct ProxyQueue {
    logins: mpsc::Sender<LoginToAsk>,
    reports: mpsc::Sender<ProxiedReport>,
    places: Arc<Places>,
}

impl ProxyQueue {
    /// Hands a login over; when its realm has as many under way as it may, it is refused with the
    /// answer that comes back.
    pub(crate) fn hand_over(
        &self,
        access: &AccessHandler,
        login: Box<ProxiedLogin>,
        route: Route,
    ) -> Option<Arc<[u8]>> {
        let Some(place) = self.places.take(&login.realm) else {
            count("login", "overload");
            return access.conclude(&login, Err(RejectCause::RealmBusy));
        };
        let asked = LoginToAsk {
            login,
            route,
            place,
        };
        // There is room for every place: only a proxy that stops takes nothing.
        let refused = self.logins.try_send(asked).err()?.into_inner();
        access.conclude(&refused.login, Err(RejectCause::ProxyFailed))
    }

    /// Hands a report over; without room it stays here alone, where it is stored anyway.
    pub(crate) fn report(&self, report: ProxiedReport) {
        if self.reports.try_send(report).is_err() {
            count("accounting", "overload");
        }
    }
}

/// The proxy before it runs.
pub(crate) struct Proxy {
    logins: mpsc::Receiver<LoginToAsk>,
    reports: mpsc::Receiver<ProxiedReport>,
    places: Arc<Places>,
    source: Option<IpAddr>,
    mark: [u8; 8],
}

impl Proxy {
    /// A proxy that sends from `source`, the address home servers know.
    pub(crate) fn new(source: Option<IpAddr>) -> (ProxyQueue, Self) {
        let (login_queue, logins) = mpsc::channel(QUEUE);
        let (report_queue, reports) = mpsc::channel(QUEUE);
        let places = Arc::<Places>::default();
        let queue = ProxyQueue {
            logins: login_queue,
            reports: report_queue,
            places: Arc::clone(&places),
        };
        let proxy = Self {
            logins,
            reports,
            places,
            source: source.filter(|source| !source.is_unspecified()),
            mark: rand::random(),
        };
        (queue, proxy)
    }

    /// Forwards until `stop`; logins under way are answered first.
    pub(crate) async fn run(mut self, access: Arc<AccessHandler>, stop: CancellationToken) {
        let engine = Arc::new(Engine {
            health: Health::default(),
            access,
            source: self.source,
            mark: self.mark,
            stop: stop.clone(),
            probing: Mutex::default(),
        });
        let (mut logins, mut reports) = (JoinSet::new(), JoinSet::new());
        let mut probes = tokio::time::interval(health::PROBE_EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = logins.join_next(), if !logins.is_empty() => {}
                _ = reports.join_next(), if !reports.is_empty() => {}
                _ = probes.tick() => {
                    let waiting = f64::from(self.places.taken());
                    metrics::gauge!("lastmile_radius_proxied_waiting").set(waiting);
                    reports.spawn(Arc::clone(&engine).probe());
                }
                asked = self.logins.recv() => {
                    let Some(asked) = asked else { break };
                    logins.spawn(Arc::clone(&engine).forward_login(asked));
                }
                report = self.reports.recv(), if reports.len() < UNDER_WAY => {
                    let Some(report) = report else { break };
                    reports.spawn(Arc::clone(&engine).forward_report(report));
                }
            }
        }
        while logins.join_next().await.is_some() {}
        while reports.join_next().await.is_some() {}
    }
}

pub(crate) struct Engine {
    health: Health,
    access: Arc<AccessHandler>,
    source: Option<IpAddr>,
    mark: [u8; 8],
    stop: CancellationToken,
    probing: Mutex<()>,
}

impl Engine {
    async fn forward_login(self: Arc<Self>, asked: LoginToAsk) {
        let LoginToAsk {
            login,
            route,
            place,
        } = asked;
        let asking = self.ask_for_login(&login);
        let answer = tokio::time::timeout(LOGIN_PATIENCE, asking).await;
        let answer = answer.unwrap_or(Err(RejectCause::ProxyFailed));
        drop(place);
        count(
            "login",
            match answer {
                Ok(_) => "answered",
                Err(RejectCause::ProxyLoop) => "loop",
                Err(_) => "failed",
            },
        );
        let answer = answer.as_ref().map_err(|cause| *cause);
        if let Some(bytes) = self.access.conclude(&login, answer) {
            route.send(&bytes, login.key.source).await;
        }
    }

    async fn ask_for_login(&self, login: &ProxiedLogin) -> Result<HomeAnswer, RejectCause> {
        let request = Packet::parse(&login.datagram).map_err(|_| RejectCause::Malformed)?;
        let known = login.sender.known(request);
        let operator_name = self.operator_name(&login.realm);
        let marks = self.marks(operator_name.as_ref());
        if marks.show_circle(&known.packet) {
            return Err(RejectCause::ProxyLoop);
        }
        let realm = &login.realm;
        for server in self
            .health
            .in_order(realm.isp_id, &realm.home_servers, Purpose::Login)
        {
            let outgoing = forwarded_login(
                &known.packet,
                known.secret(),
                &login.realm,
                &server.secret,
                marks,
            )
            .ok_or(RejectCause::ProxyFailed)?;
            let asked = self.exchange(realm.isp_id, &server, &outgoing, Purpose::Login);
            if let Some(bytes) = asked.await {
                return Ok(HomeAnswer {
                    bytes,
                    authenticator: outgoing.authenticator,
                    secret: server.secret.clone(),
                });
            }
        }
        Err(RejectCause::ProxyFailed)
    }

    fn operator_name(&self, realm: &Realm) -> Option<OperatorName> {
        let directory = &self.access.shared.directory;
        directory.isp_access(realm.isp_id).operator_name
    }

    const fn marks<'a>(&'a self, operator_name: Option<&'a OperatorName>) -> Marks<'a> {
        Marks {
            state: &self.mark,
            operator_name,
        }
    }

    async fn forward_report(self: Arc<Self>, report: ProxiedReport) {
        let Ok(request) = Packet::parse(&report.datagram) else {
            return;
        };
        let operator_name = self.operator_name(&report.realm);
        let marks = self.marks(operator_name.as_ref());
        if marks.show_circle(&request) {
            self.count_report(&report.realm, "reports.loop");
            return count("accounting", "loop");
        }
        let mut waited = Duration::ZERO;
        for pause in REPORT_ROUNDS {
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = tokio::time::sleep(pause) => waited += pause,
            }
            let realm = &report.realm;
            for server in self
                .health
                .in_order(realm.isp_id, &realm.home_servers, Purpose::Report)
            {
                let outgoing =
                    forwarded_report(&request, &report.realm, &server.secret, marks, waited);
                let Some(outgoing) = outgoing else { return };
                let asked = self.exchange(realm.isp_id, &server, &outgoing, Purpose::Report);
                if asked.await.is_some() {
                    self.count_report(&report.realm, "reports.answered");
                    return count("accounting", "answered");
                }
            }
        }
        self.count_report(&report.realm, "reports.unanswered");
        count("accounting", "failed");
        tracing::warn!(
            realm = report.realm.name,
            "no home server took a report; it is kept here"
        );
    }

    fn count_report(&self, realm: &Realm, name: &str) {
        self.access.shared.clients.realms.count(realm, name);
    }

    async fn exchange(
        &self,
        isp_id: IspId,
        server: &HomeServer,
        outgoing: &Outgoing,
        purpose: Purpose,
    ) -> Option<Vec<u8>> {
        let address = purpose.address(server);
        let exchange = Exchange {
            source: source_for(self.source, address),
            address,
            server,
            outgoing,
            purpose,
        };
        let answer = exchange.run().await;
        self.health.note(isp_id, server, purpose, answer.is_some());
        answer
    }

    async fn probe(self: Arc<Self>) {
        // With many silent servers a round takes longer than the time between two.
        let Ok(_round) = self.probing.try_lock() else {
            return;
        };
        for (isp_id, server, purpose) in self.health.silent() {
            let Some(outgoing) = request::status_server(&server.secret) else {
                continue;
            };
            self.exchange(isp_id, &server, &outgoing, purpose).await;
        }
    }
}

/// Home servers know us by one address; another family or a loopback cannot use it.
fn source_for(source: Option<IpAddr>, target: SocketAddr) -> SocketAddr {
    let any = match target {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let fits = |source: &IpAddr| {
        source.is_ipv4() == target.is_ipv4() && source.is_loopback() == target.ip().is_loopback()
    };
    SocketAddr::new(source.filter(fits).unwrap_or(any), 0)
}

pub(crate) fn count(kind: &'static str, outcome: &'static str) {
    metrics::counter!("lastmile_radius_proxied_total", "kind" => kind, "outcome" => outcome)
        .increment(1);
}
