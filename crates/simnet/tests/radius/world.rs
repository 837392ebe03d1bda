//! A real RADIUS server over a directory in memory, and a simulated network that dials in to it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::clock::FixedClock;
use domain::customer::CustomerStatus;
use domain::ids::{CustomerId, IspId, NasId};
use domain::network::access::IspAccessSettings;
use domain::network::nas::{Claims, Nas, RequireMessageAuthenticator};
use domain::network::ports::{AccountingSink, SessionTarget, SinkError, SubscriberDirectory};
use domain::network::rate_limit::RateLimit;
use domain::network::secret::SecretBytes;
use domain::network::session::AccountingRecord;
use domain::network::subscriber::{ServicePackage, Subscriber};
use domain::ports::PortFuture;
use parking_lot::Mutex;
use radius::acct::class::ClassKey;
use radius::server::{Server, ServerConfig, ServerPorts};
use simnet::nas::{NasConfig, Timing};
use simnet::snapshot::{Snapshot, SubscriberSnapshot};
use simnet::subscribers::{Method, SubscriberConfig};
use simnet::{Network, NetworkConfig};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const SECRET: &str = "a-shared-secret-of-the-twin";
pub(crate) const NAS_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Who may log in.
pub(crate) struct Directory {
    nas: Arc<Nas>,
    subscribers: Mutex<HashMap<String, Arc<Subscriber>>>,
}

impl SubscriberDirectory for Directory {
    fn nas_by_address(&self, address: IpAddr) -> Claims {
        let claims = self.nas.covers(address).then(|| Arc::clone(&self.nas));
        Claims::from(Vec::from_iter(claims))
    }

    fn subscriber(&self, _isp_id: IspId, username: &str) -> Option<Arc<Subscriber>> {
        self.subscribers.lock().get(username).cloned()
    }

    fn isp_access(&self, _isp_id: IspId) -> IspAccessSettings {
        IspAccessSettings::default()
    }
}

/// Keeps every record.
#[derive(Default)]
pub(crate) struct Sink(Mutex<Vec<AccountingRecord>>);

impl AccountingSink for Sink {
    fn record(&self, records: Vec<Arc<AccountingRecord>>) -> PortFuture<'_, Result<(), SinkError>> {
        self.0
            .lock()
            .extend(records.into_iter().map(Arc::unwrap_or_clone));
        Box::pin(async { Ok(()) })
    }
}

impl Sink {
    pub(crate) fn records(&self) -> Vec<AccountingRecord> {
        self.0.lock().clone()
    }

    pub(crate) fn of(&self, username: &str) -> Vec<AccountingRecord> {
        self.records()
            .into_iter()
            .filter(|record| record.username == username)
            .collect()
    }

    /// Upload and download over all sessions, from the last report of each.
    pub(crate) fn totals(&self) -> (u64, u64) {
        let mut sessions: HashMap<[u8; 16], (u64, u64)> = HashMap::new();
        for record in self.records() {
            let totals = sessions.entry(*record.session_key.as_bytes()).or_default();
            totals.0 = totals.0.max(record.usage.input_octets.unwrap_or_default());
            totals.1 = totals.1.max(record.usage.output_octets.unwrap_or_default());
        }
        sessions
            .values()
            .fold((0, 0), |sum, totals| (sum.0 + totals.0, sum.1 + totals.1))
    }
}

/// The server and all that it knows.
pub(crate) struct World {
    pub(crate) directory: Arc<Directory>,
    pub(crate) sink: Arc<Sink>,
    pub(crate) auth: SocketAddr,
    pub(crate) acct: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<std::io::Result<()>>,
}

impl World {
    #[expect(
        clippy::disallowed_methods,
        reason = "the world owns the handle and joins it"
    )]
    pub(crate) fn start() -> Self {
        let nas = Nas {
            require_message_authenticator: RequireMessageAuthenticator::Yes,
            coa_port: 0,
            ..Nas::new(
                NasId::generate(),
                IspId::generate(),
                "twin".to_owned(),
                "127.0.0.0/8".parse().expect("a network"),
                SecretBytes::new(SECRET),
            )
        };
        let directory = Arc::new(Directory {
            nas: Arc::new(nas),
            subscribers: Mutex::default(),
        });
        let sink = Arc::new(Sink::default());
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let ports = ServerPorts {
            directory: Arc::clone(&directory) as Arc<dyn SubscriberDirectory>,
            sink: Arc::clone(&sink) as Arc<dyn AccountingSink>,
            clock: Arc::new(FixedClock(now())),
            observer: None,
        };
        let config = ServerConfig::new(any, any, ClassKey::new([7; 32]));
        let server = Server::bind(config, ports).expect("loopback can be bound");
        let auth = *server
            .auth_addresses()
            .expect("bound")
            .first()
            .expect("one address");
        let acct = *server
            .acct_addresses()
            .expect("bound")
            .first()
            .expect("one address");
        let stop = CancellationToken::new();
        let server = tokio::spawn(server.run(stop.clone()));
        Self {
            directory,
            sink,
            auth,
            acct,
            stop,
            server,
        }
    }

    /// Adds a customer with a rate of 5 up and 10 down.
    pub(crate) fn customer(&self, username: &str, password: &str) {
        self.customer_with(username, password, |_| {});
    }

    pub(crate) fn customer_with(
        &self,
        username: &str,
        password: &str,
        change: impl FnOnce(&mut Subscriber),
    ) {
        let mut subscriber = Subscriber {
            customer_id: CustomerId::generate(),
            isp_id: self.directory.nas.isp_id,
            username: username.into(),
            password: SecretBytes::new(password),
            status: CustomerStatus::Active,
            expires_at: None,
            static_ipv4: None,
            package: Arc::new(ServicePackage {
                rate: Some(RateLimit::new(5_000, 10_000)),
                ..ServicePackage::default()
            }),
            extras: None,
        };
        change(&mut subscriber);
        self.directory
            .subscribers
            .lock()
            .insert(username.to_owned(), Arc::new(subscriber));
    }

    pub(crate) fn nas(&self) -> NasConfig {
        NasConfig {
            bind: NAS_ADDRESS.into(),
            auth_server: self.auth,
            acct_server: self.acct,
            secret: SECRET.to_owned(),
            ..NasConfig::default()
        }
    }

    pub(crate) async fn network(&self, subscribers: Vec<SubscriberConfig>) -> Network {
        self.network_timed(subscribers, timing()).await
    }

    pub(crate) async fn network_timed(
        &self,
        subscribers: Vec<SubscriberConfig>,
        timing: Timing,
    ) -> Network {
        let config = NetworkConfig {
            nas: vec![self.nas()],
            subscribers,
            timing,
            ..NetworkConfig::default()
        };
        Network::start(config, CancellationToken::new())
            .await
            .expect("the network starts")
    }

    /// The live session of a subscriber as `CoaClient` addresses it.
    pub(crate) fn target(&self, network: &Network, username: &str) -> SessionTarget {
        let snapshot = network.snapshot();
        let session = snapshot
            .subscriber(username)
            .and_then(|known| known.session.clone());
        let session = session.expect("the subscriber is online");
        SessionTarget {
            isp_id: IspId::generate(),
            nas: network
                .addresses()
                .first()
                .and_then(|nas| nas.control)
                .expect("a NAS that listens"),
            secret: SecretBytes::new(SECRET),
            old_secret: None,
            username: username.to_owned(),
            acct_session_id: session.session_id,
            framed_ip: Some(session.framed_ip),
        }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.server
            .await
            .expect("the server does not panic")
            .expect("the server ends well");
    }
}

/// Everything at once and quick retries, so that tests take milliseconds.
pub(crate) fn timing() -> Timing {
    Timing {
        reply_timeout_ms: 500,
        attempts: 5,
        first_back_off_ms: 40,
        max_back_off_ms: 160,
        redial_ms: 20,
        dial_spread_ms: 0,
        ..Timing::default()
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant")
}

pub(crate) fn subscriber(username: &str, password: &str, method: Method) -> SubscriberConfig {
    SubscriberConfig::new(username, password, method)
}

/// Waits until the network is as wanted; fails with its state after a while.
pub(crate) async fn until(network: &Network, wanted: impl Fn(&Snapshot) -> bool) -> Snapshot {
    for _ in 0..3_000 {
        let snapshot = network.snapshot();
        if wanted(&snapshot) {
            return snapshot;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let counters: Vec<_> = network
        .snapshot()
        .nas
        .iter()
        .map(|nas| nas.counters)
        .collect();
    unreachable!("the network never came to the wanted state: {counters:?}");
}

pub(crate) fn find<'s>(snapshot: &'s Snapshot, username: &str) -> &'s SubscriberSnapshot {
    snapshot
        .subscriber(username)
        .expect("the subscriber is connected")
}
