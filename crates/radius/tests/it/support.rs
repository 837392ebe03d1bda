//! A running server with everything in memory, and a client to ask it.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::clock::FixedClock;
use domain::customer::CustomerStatus;
use domain::ids::{CustomerId, IspId, NasId};
use domain::mac::MacAddress;
use domain::network::access::IspAccessSettings;
use domain::network::nas::{Claims, Nas, RequireMessageAuthenticator};
use domain::network::ports::{
    AccountingSink, ClientReports, LoginAnswer, LoginObserver, SinkError, SubscriberDirectory,
    TracedPacket,
};
use domain::network::rate_limit::RateLimit;
use domain::network::realm::Realm;
use domain::network::secret::SecretBytes;
use domain::network::session::AccountingRecord;
use domain::network::subscriber::{ServicePackage, Subscriber};
use domain::ports::PortFuture;
use parking_lot::Mutex;
use radius::acct::class::ClassKey;
use radius::counters::Counters;
use radius::server::{Server, ServerConfig, ServerPorts};
use tokio::net::UdpSocket;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub(crate) const SECRET: &[u8] = b"testing123";

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant")
}

pub(crate) fn class_key() -> ClassKey {
    ClassKey::new([7; 32])
}

pub(crate) struct Directory {
    pub(crate) nas: Arc<Nas>,
    /// NAS of other ISPs, who say that its address is theirs and said so before.
    pub(crate) rivals: Vec<Arc<Nas>>,
    pub(crate) settings: IspAccessSettings,
    subscribers: HashMap<String, Arc<Subscriber>>,
    /// By what the router's certificate is known.
    pub(crate) certificate: Option<String>,
    pub(crate) is_gone: AtomicBool,
    /// Whose device may log in by its address alone.
    pub(crate) device: Option<(MacAddress, &'static str)>,
    /// Whose packets are kept.
    pub(crate) traced: Option<&'static str>,
    /// Whose names are other providers'.
    pub(crate) realms: Vec<Arc<Realm>>,
}

impl SubscriberDirectory for Directory {
    fn nas_by_address(&self, address: IpAddr) -> Claims {
        let claims = self.rivals.iter().chain([&self.nas]);
        let claims = claims.filter(|nas| nas.covers(address)).map(Arc::clone);
        Claims::from(Vec::from_iter(claims))
    }

    fn nas_by_certificate(&self, names: &[String]) -> Option<Arc<Nas>> {
        let is_named = names.contains(self.certificate.as_ref()?);
        (is_named && !self.is_gone.load(Ordering::Relaxed)).then(|| Arc::clone(&self.nas))
    }

    fn subscriber(&self, isp_id: IspId, username: &str) -> Option<Arc<Subscriber>> {
        let subscriber = self.subscribers.get(username)?;
        (subscriber.isp_id == isp_id).then(|| Arc::clone(subscriber))
    }

    fn realm(&self, isp_id: IspId, username: &str) -> Option<Arc<Realm>> {
        let is_named = |realm: &&Arc<Realm>| {
            let name = realm.position.split(username).map(|(_, name)| name);
            realm.isp_id == isp_id && name == Some(realm.name.as_str())
        };
        self.realms.iter().find(is_named).map(Arc::clone)
    }

    fn isp_access(&self, _: IspId) -> IspAccessSettings {
        self.settings.clone()
    }

    fn subscriber_by_mac(&self, isp_id: IspId, mac: MacAddress) -> Option<Arc<Subscriber>> {
        let (known, username) = self.device?;
        (known == mac).then(|| self.subscriber(isp_id, username))?
    }

    fn is_tracing(&self) -> bool {
        self.traced.is_some()
    }

    fn traced(&self, _: IspId, name: &str, customer_id: Option<CustomerId>) -> Option<CustomerId> {
        let traced = self.customer(self.traced?);
        (self.traced == Some(name) || customer_id == Some(traced)).then_some(traced)
    }
}

impl Directory {
    /// One router on 127.0.0.1 and these customers, all with password `secret1`: alice (active),
    /// steady (postpaid), sam (suspended), eve (expired), penny (pending), carl (closed), and
    /// RFC 2759's `User`.
    pub(crate) fn new(rule: RequireMessageAuthenticator) -> Self {
        let isp_id = IspId::generate();
        let nas = Nas {
            require_message_authenticator: rule,
            ..Nas::new(
                NasId::generate(),
                isp_id,
                "r1".into(),
                "127.0.0.1/32".parse().expect("a network"),
                SecretBytes::new(SECRET),
            )
        };
        let day = Some(now() + TimeDelta::days(1));
        let subscribers = [
            ("alice", CustomerStatus::Active, day, "secret1"),
            ("steady", CustomerStatus::Active, None, "secret1"),
            ("sam", CustomerStatus::Suspended, day, "secret1"),
            (
                "eve",
                CustomerStatus::Active,
                Some(now() - TimeDelta::days(1)),
                "secret1",
            ),
            ("penny", CustomerStatus::Pending, None, "secret1"),
            ("carl", CustomerStatus::Closed, None, "secret1"),
            ("User", CustomerStatus::Active, None, "clientPass"),
        ]
        .map(|(name, status, expires_at, password)| {
            let subscriber = Subscriber {
                customer_id: CustomerId::generate(),
                isp_id,
                username: name.into(),
                password: SecretBytes::new(password),
                status,
                expires_at,
                static_ipv4: None,
                package: Arc::new(ServicePackage {
                    rate: Some(RateLimit::new(5000, 10_000)),
                    pool: Some("customers".into()),
                    ..ServicePackage::default()
                }),
                extras: None,
            };
            (name.to_owned(), Arc::new(subscriber))
        });
        Self {
            nas: Arc::new(nas),
            rivals: Vec::new(),
            settings: IspAccessSettings::default(),
            subscribers: subscribers.into(),
            certificate: None,
            is_gone: AtomicBool::new(false),
            device: None,
            traced: None,
            realms: Vec::new(),
        }
    }

    pub(crate) fn customer(&self, username: &str) -> CustomerId {
        self.subscribers[username].customer_id
    }
}

/// A store that can be slow, broken, or asked what it has.
pub(crate) struct Sink {
    pub(crate) records: Mutex<Vec<AccountingRecord>>,
    pub(crate) is_broken: AtomicBool,
    /// Refuses every batch with a session of this id, as a constraint of a database would.
    pub(crate) poison: Mutex<Option<&'static str>>,
    pub(crate) turns: Semaphore,
}

impl AccountingSink for Sink {
    fn record(&self, records: Vec<Arc<AccountingRecord>>) -> PortFuture<'_, Result<(), SinkError>> {
        Box::pin(async move {
            let _turn = self.turns.acquire().await;
            if self.is_broken.load(Ordering::Relaxed) {
                return Err(SinkError::Unavailable("broken for the test".into()));
            }
            let poison = *self.poison.lock();
            if records
                .iter()
                .any(|record| Some(record.acct_session_id.as_str()) == poison)
            {
                return Err(SinkError::Refused("poisoned for the test".into()));
            }
            self.records
                .lock()
                .extend(records.into_iter().map(Arc::unwrap_or_clone));
            Ok(())
        })
    }
}

#[derive(Default)]
pub(crate) struct Answers(
    pub(crate) Mutex<Vec<LoginAnswer>>,
    pub(crate) Mutex<Vec<TracedPacket>>,
);

impl LoginObserver for Answers {
    fn login_answered(&self, answer: LoginAnswer) {
        self.0.lock().push(answer);
    }

    fn packet_traced(&self, packet: TracedPacket) {
        self.1.lock().push(packet);
    }
}

pub(crate) struct World {
    pub(crate) auth: SocketAddr,
    pub(crate) acct: SocketAddr,
    pub(crate) radsec: Option<SocketAddr>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) sink: Arc<Sink>,
    pub(crate) answers: Arc<Answers>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) reports: Arc<dyn ClientReports>,
    pub(crate) client: UdpSocket,
    stop: CancellationToken,
    running: JoinSet<std::io::Result<()>>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Directory::new(RequireMessageAuthenticator::Auto)).await
    }

    pub(crate) async fn with(directory: Directory) -> Self {
        Self::with_settings(directory, |_| {}).await
    }

    pub(crate) async fn with_delay(directory: Directory, reject_delay: Duration) -> Self {
        Self::with_settings(directory, |config| config.reject_delay = reject_delay).await
    }

    pub(crate) async fn with_settings(
        directory: Directory,
        adjust: impl FnOnce(&mut ServerConfig),
    ) -> Self {
        let directory = Arc::new(directory);
        let sink = Arc::new(Sink {
            records: Mutex::default(),
            is_broken: AtomicBool::new(false),
            poison: Mutex::default(),
            turns: Semaphore::new(1),
        });
        let answers = Arc::new(Answers::default());
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let ports = ServerPorts {
            directory: Arc::<Directory>::clone(&directory),
            sink: Arc::<Sink>::clone(&sink),
            clock: Arc::new(FixedClock(now())),
            observer: Some(Arc::<Answers>::clone(&answers)),
        };
        let mut config = ServerConfig {
            reject_delay: Duration::ZERO,
            ..ServerConfig::new(any, any, class_key())
        };
        adjust(&mut config);
        let server = Server::bind(config, ports).expect("bound");
        let (auth, acct) = (
            server.auth_addresses().expect("bound")[0],
            server.acct_addresses().expect("bound")[0],
        );
        let radsec = server.radsec_addresses().expect("bound").first().copied();
        let (counters, stop) = (server.counters(), CancellationToken::new());
        let reports = server.client_reports();
        let mut running = JoinSet::new();
        running.spawn(server.run(stop.clone()));
        let client = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
        Self {
            auth,
            acct,
            radsec,
            directory,
            sink,
            answers,
            counters,
            reports,
            client,
            stop,
            running,
        }
    }

    pub(crate) async fn ask(&self, server: SocketAddr, request: &[u8]) -> Option<Vec<u8>> {
        ask(&self.client, server, request, Duration::from_secs(2)).await
    }

    pub(crate) async fn is_silent(&self, server: SocketAddr, request: &[u8]) -> bool {
        ask(&self.client, server, request, Duration::from_millis(150))
            .await
            .is_none()
    }

    pub(crate) async fn shut_down(mut self) -> Vec<AccountingRecord> {
        self.stop.cancel();
        while let Some(ended) = self.running.join_next().await {
            ended.expect("no panic").expect("no fault");
        }
        self.sink.records.lock().clone()
    }

    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }
}

pub(crate) async fn ask(
    client: &UdpSocket,
    server: SocketAddr,
    request: &[u8],
    patience: Duration,
) -> Option<Vec<u8>> {
    client.send_to(request, server).await.expect("sent");
    let mut buffer = vec![0; 4096];
    let (length, _) = timeout(patience, client.recv_from(&mut buffer))
        .await
        .ok()?
        .ok()?;
    buffer.truncate(length);
    Some(buffer)
}

/// Whether something becomes true within some seconds.
pub(crate) async fn is_eventually(mut is_true: impl FnMut() -> bool) -> bool {
    for _ in 0..300 {
        if is_true() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}
