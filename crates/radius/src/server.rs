//! The RADIUS server: UDP sockets for logins and for accounting.
//!
//! Logins are answered from memory inside the receiving task. Accounting goes through a bounded
//! queue to one committing task, so a slow store delays no login and no other router's packet.
//! RadSec is in [`crate::radsec`].

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::clock::Clock;
use domain::ids::IspId;
use domain::network::ports::{AccountingSink, ClientReports, LoginObserver, SubscriberDirectory};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::acct::class::ClassKey;
use crate::counters::Counters;
use crate::packet::codec::MAX_LEN;
use crate::proxy::{Proxy, ProxyQueue};
use crate::radsec::connection::Handlers;
use crate::radsec::{RadSecConfig, RadSecListener};
use crate::server::access::{AccessHandler, Reply};
use crate::server::accounting::{AccountingHandler, Route, Step};
use crate::server::clients::Clients;
use crate::server::commit::{Batching, commit_batches};
use crate::server::delay::{RejectDelay, gauge, reject_delay};
use crate::server::lanes::Lanes;
use crate::server::open_sessions::{OpenSessions, counts_until};
use crate::server::shared::Shared;

pub(crate) mod access;
pub(crate) mod accounting;
mod backoff;
mod claims;
pub(crate) mod clients;
mod commit;
pub(crate) mod delay;
pub(crate) mod gate;
pub(crate) mod lanes;
mod open_sessions;
pub(crate) mod origin;
mod realms;
pub(crate) mod reply_cache;
mod shared;
mod socket;
mod trace;

pub use open_sessions::RememberedSession;

/// How often gauges are shown and memory is tidied.
const GAUGES_EVERY: Duration = Duration::from_secs(5);

/// How the server listens and gathers.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Addresses for logins; on a machine with several addresses name each, since an answer
    /// leaves a wildcard socket by the address the kernel picks.
    pub auth_addresses: Vec<SocketAddr>,
    /// Addresses for accounting.
    pub acct_addresses: Vec<SocketAddr>,
    /// Tasks that receive from each socket.
    pub tasks_per_socket: usize,
    /// Key of the Class that marks our sessions.
    pub class_key: ClassKey,
    /// The most records stored at once.
    pub batch_records: usize,
    /// How many batches are stored at once.
    pub lanes: usize,
    /// How long a batch waits for company.
    pub batch_wait: Duration,
    /// How long the store may take before the batch counts as lost.
    pub sink_timeout: Duration,
    /// RADIUS over TLS, when it is served.
    pub radsec: Option<RadSecConfig>,
    /// Records that may wait; more are dropped and sent again by the routers.
    pub queue_records: usize,
    /// The longest a refusal is held back; it must stay below the patience of the routers.
    pub reject_delay: Duration,
}

impl ServerConfig {
    /// The usual settings for one address each.
    #[must_use]
    pub fn new(auth: SocketAddr, acct: SocketAddr, class_key: ClassKey) -> Self {
        Self {
            auth_addresses: vec![auth],
            acct_addresses: vec![acct],
            tasks_per_socket: 4,
            class_key,
            batch_records: 2_048,
            lanes: 1,
            batch_wait: Duration::from_millis(2),
            sink_timeout: Duration::from_secs(10),
            radsec: None,
            queue_records: 16_384,
            reject_delay: Duration::from_secs(1),
        }
    }
}

/// What the server asks and tells.
#[derive(Clone)]
pub struct ServerPorts {
    /// Who may log in.
    pub directory: Arc<dyn SubscriberDirectory>,
    /// Where accounting becomes durable.
    pub sink: Arc<dyn AccountingSink>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Hears of login answers.
    pub observer: Option<Arc<dyn LoginObserver>>,
}

/// A server whose sockets are bound; nothing is answered before [`Server::run`].
pub struct Server {
    config: ServerConfig,
    auth_sockets: Vec<Arc<UdpSocket>>,
    acct_sockets: Vec<Arc<UdpSocket>>,
    radsec: Option<RadSecListener>,
    proxy: (ProxyQueue, Proxy),
    access: Arc<AccessHandler>,
    accounting: Arc<AccountingHandler>,
    sink: Arc<dyn AccountingSink>,
    shared: Arc<Shared>,
}

impl Server {
    /// Binds every socket; must be called inside a tokio runtime.
    ///
    /// # Errors
    /// An address cannot be bound, or the certificates for RadSec cannot be used.
    pub fn bind(config: ServerConfig, ports: ServerPorts) -> io::Result<Self> {
        let counters = Arc::new(Counters::default());
        let shared = Arc::new(Shared {
            directory: ports.directory,
            clock: ports.clock,
            counters,
            class_key: config.class_key.clone(),
            sessions: OpenSessions::default(),
            clients: Arc::new(Clients::default()),
            observer: ports.observer,
        });
        let access = AccessHandler::new(Arc::clone(&shared), config.reject_delay);
        let access = Arc::new(access);
        let source = config.auth_addresses.first().map(SocketAddr::ip);
        let (queue, proxy) = Proxy::new(source);
        let accounting = AccountingHandler::new(Arc::clone(&shared), queue.clone());
        let accounting = Arc::new(accounting);
        Ok(Self {
            auth_sockets: bind_all(&config.auth_addresses)?,
            acct_sockets: bind_all(&config.acct_addresses)?,
            proxy: (queue, proxy),
            radsec: config
                .radsec
                .as_ref()
                .map(RadSecListener::bind)
                .transpose()?,
            sink: ports.sink,
            config,
            access,
            accounting,
            shared,
        })
    }

    /// The addresses logins are taken on, with the ports the kernel chose.
    ///
    /// # Errors
    /// The kernel does not tell.
    pub fn auth_addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.auth_sockets
            .iter()
            .map(|socket| socket.local_addr())
            .collect()
    }

    /// The addresses accounting is taken on, with the ports the kernel chose.
    ///
    /// # Errors
    /// The kernel does not tell.
    pub fn acct_addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.acct_sockets
            .iter()
            .map(|socket| socket.local_addr())
            .collect()
    }

    /// The addresses RadSec connections are taken on, with the ports the kernel chose.
    ///
    /// # Errors
    /// The kernel does not tell.
    pub fn radsec_addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.radsec
            .as_ref()
            .map_or_else(|| Ok(Vec::new()), RadSecListener::addresses)
    }

    /// What is counted.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.shared.counters)
    }

    /// What is seen and counted of each NAS, to be stored now and then.
    #[must_use]
    pub fn client_reports(&self) -> Arc<dyn ClientReports> {
        Arc::<Clients>::clone(&self.shared.clients)
    }

    /// Where sessions that other processes heard of are learnt from the database.
    #[must_use]
    pub fn session_memory(&self) -> SessionMemory {
        SessionMemory(Arc::clone(&self.shared))
    }

    /// Serves until `stop`; reports that were taken are stored and acknowledged before it returns.
    ///
    /// # Errors
    /// A task of the server died, which is a fault of ours.
    pub async fn run(self, stop: CancellationToken) -> io::Result<()> {
        let mut tasks = JoinSet::new();
        let (queue, waiting) = Lanes::open(self.config.lanes, self.config.queue_records);
        let (delay, delayed) = reject_delay();
        tasks.spawn(delayed.run(Arc::clone(&self.access), stop.clone()));
        tasks.spawn(show_gauges(Arc::clone(&self.access), stop.clone()));
        let (proxy_queue, proxy) = self.proxy;
        tasks.spawn(proxy.run(Arc::clone(&self.access), stop.clone()));
        for socket in &self.auth_sockets {
            for _ in 0..self.config.tasks_per_socket {
                let receiver = LoginReceiver {
                    socket: Arc::clone(socket),
                    handler: Arc::clone(&self.access),
                    delay: delay.clone(),
                    proxy: proxy_queue.clone(),
                };
                tasks.spawn(receiver.run(stop.clone()));
            }
        }
        for socket in &self.acct_sockets {
            for _ in 0..self.config.tasks_per_socket {
                let (socket, handler) = (Arc::clone(socket), Arc::clone(&self.accounting));
                tasks.spawn(receive_reports(
                    socket,
                    handler,
                    queue.clone(),
                    stop.clone(),
                ));
            }
        }
        if let Some(radsec) = self.radsec {
            let handlers = Handlers {
                directory: Arc::clone(&self.shared.directory),
                access: Arc::clone(&self.access),
                accounting: Arc::clone(&self.accounting),
                queue: queue.clone(),
                proxy: proxy_queue,
                delay,
            };
            radsec.start(&handlers, &mut tasks, &stop);
        }
        drop(queue);
        let batching = Batching {
            records: self.config.batch_records.max(1),
            wait: self.config.batch_wait,
            sink_timeout: self.config.sink_timeout,
        };
        for lane in waiting {
            let (sink, handler) = (Arc::clone(&self.sink), Arc::clone(&self.accounting));
            tasks.spawn(commit_batches(lane, sink, handler, batching));
        }
        drop((self.sink, self.accounting));
        join(tasks, &stop).await
    }
}

/// The sessions that count against the limits of customers, while the server runs.
#[derive(Clone)]
pub struct SessionMemory(Arc<Shared>);

impl SessionMemory {
    /// Takes over everything that the database knows to be open.
    pub fn learn(&self, sessions: Vec<(RememberedSession, IspId)>) {
        let known = sessions.into_iter().map(|(session, isp_id)| {
            let interim = self.0.directory.isp_access(isp_id).interim_seconds;
            let until = counts_until(session.updated_at, interim);
            (session, until)
        });
        self.0.sessions.learn(known.collect());
    }
}

fn bind_all(addresses: &[SocketAddr]) -> io::Result<Vec<Arc<UdpSocket>>> {
    addresses
        .iter()
        .map(|address| socket::bind(*address).map(Arc::new))
        .collect()
}

async fn join(mut tasks: JoinSet<()>, stop: &CancellationToken) -> io::Result<()> {
    let mut outcome = Ok(());
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a task of the RADIUS server died");
            outcome = Err(io::Error::other(error));
            stop.cancel();
        }
    }
    outcome
}

/// One task that takes logins from a socket.
struct LoginReceiver {
    socket: Arc<UdpSocket>,
    handler: Arc<AccessHandler>,
    delay: RejectDelay,
    proxy: ProxyQueue,
}

impl LoginReceiver {
    async fn run(self, stop: CancellationToken) {
        let mut buffer = vec![0; MAX_LEN];
        while let Some((datagram, source)) = receive(&self.socket, &mut buffer, &stop).await {
            if let Some(answer) = self.answer(datagram, source) {
                send(&self.socket, &answer, source).await;
            }
        }
    }

    /// What can be said at once.
    fn answer(&self, datagram: &[u8], source: SocketAddr) -> Option<Arc<[u8]>> {
        match self.handler.take(datagram, &source.into())? {
            Reply::Now(answer) => Some(answer),
            // No room: better early than never.
            Reply::Later(held) => {
                let route = Route::Udp(Arc::clone(&self.socket));
                let refused = self.delay.hold(held, route).err();
                refused.map(|held| self.handler.release(held))
            }
            Reply::Proxy(login) => {
                let route = Route::Udp(Arc::clone(&self.socket));
                self.proxy.hand_over(&self.handler, login, route)
            }
        }
    }
}

/// What is held in memory, for the metrics.
async fn show_gauges(handler: Arc<AccessHandler>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(GAUGES_EVERY) => {}
        }
        let shared = &handler.shared;
        shared.sessions.forget_expired(shared.clock.now());
        let (logins, reports) = shared.clients.in_flight();
        for (channel, count) in [("logins", logins), ("accounting", reports)] {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            metrics::gauge!("lastmile_radius_in_flight", "channel" => channel).set(gauge(count));
        }
        metrics::gauge!("lastmile_radius_remembered_answers").set(gauge(handler.remembered()));
        metrics::gauge!("lastmile_radius_open_sessions").set(gauge(shared.sessions.len()));
    }
}

async fn receive_reports(
    socket: Arc<UdpSocket>,
    handler: Arc<AccountingHandler>,
    queue: Lanes,
    stop: CancellationToken,
) {
    let mut buffer = vec![0; MAX_LEN];
    while let Some((datagram, source)) = receive(&socket, &mut buffer, &stop).await {
        match handler.handle(datagram, &source.into()) {
            Some(Step::Answer(answer)) => send(&socket, &answer, source).await,
            Some(Step::Store(pending)) => {
                if let Err(full) = queue.try_send(pending.via(Route::Udp(Arc::clone(&socket)))) {
                    handler.refuse(&full);
                }
            }
            None => {}
        }
    }
}

/// The next datagram, or `None` when it is time to stop.
async fn receive<'b>(
    socket: &UdpSocket,
    buffer: &'b mut [u8],
    stop: &CancellationToken,
) -> Option<(&'b [u8], SocketAddr)> {
    loop {
        let received = tokio::select! {
            () = stop.cancelled() => return None,
            received = socket.recv_from(buffer) => received,
        };
        match received {
            Ok((length, source)) => return Some((buffer.get(..length)?, source)),
            Err(error) => {
                tracing::warn!(%error, "a RADIUS socket failed to receive");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

async fn send(socket: &UdpSocket, answer: &[u8], source: SocketAddr) {
    if let Err(error) = socket.send_to(answer, source).await {
        tracing::debug!(%error, "an answer could not be sent");
    }
}
