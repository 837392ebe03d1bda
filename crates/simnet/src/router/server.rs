//! The tokio edge of a simulated router: its listeners and connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::clock::Clock;
use parking_lot::Mutex;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Router, Session};

/// Most connections at a time; more wait to be accepted.
const CONNECTIONS: usize = 256;

/// How long somebody may take to sign in, or to be encrypted.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long an answer may wait for a client that does not read.
const WRITE_PATIENCE: Duration = Duration::from_secs(60);

/// Schedulers are looked at this often.
const TICK: Duration = Duration::from_millis(200);

/// A running router; clones are handles to the same one.
#[derive(Clone)]
pub struct RouterServer {
    shared: Arc<Shared>,
    plain: SocketAddr,
    tls: Option<SocketAddr>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// A router, its clock, and who is to be told when something changes.
pub(crate) struct Shared {
    router: Mutex<Router>,
    clock: Arc<dyn Clock>,
    changed: Notify,
    places: Arc<Semaphore>,
    /// Who sends the datagrams of its lines and waits for their deadlines.
    stirred: Notify,
}

/// Where a router listens.
#[derive(Debug, Clone, Copy)]
pub struct Listen {
    /// The API in the clear.
    pub plain: SocketAddr,
    /// The API in TLS.
    pub tls: Option<SocketAddr>,
}

/// A port of a router could not be opened.
#[derive(Debug, Error)]
#[error("{address} cannot be used: choose another address or port")]
pub struct ListenError {
    /// Where it was to listen.
    pub address: SocketAddr,
    /// What the system says.
    pub source: io::Error,
}

impl RouterServer {
    /// Opens the ports and serves until it is stopped.
    ///
    /// # Errors
    /// A port cannot be opened.
    pub async fn start(
        router: Router,
        listen: Listen,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> Result<Self, ListenError> {
        let shared = Arc::new(Shared::new(router, clock));
        let server = Self::over(shared, listen, stop).await?;
        server.tick();
        Ok(server)
    }

    /// Serves a router that somebody else gives the time to.
    pub(crate) async fn over(
        shared: Arc<Shared>,
        listen: Listen,
        stop: CancellationToken,
    ) -> Result<Self, ListenError> {
        let (plain, address) = bound(listen.plain).await?;
        let tls = match listen.tls {
            Some(address) => Some(bound(address).await?),
            None => None,
        };
        let server = Self {
            shared,
            plain: address,
            tls: tls.as_ref().map(|(_, address)| *address),
            tasks: TaskTracker::new(),
            stop,
        };
        server.serve(plain, "api");
        if let Some((tls, _)) = tls {
            server.serve(tls, "api-ssl");
        }
        Ok(server)
    }

    /// Where the API is found.
    pub fn address(&self) -> SocketAddr {
        self.plain
    }

    /// Where the API in TLS is found.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.tls
    }

    /// Does something with the router, at the present time; listeners are told of changes.
    pub fn with<T>(&self, act: impl FnOnce(&mut Router) -> T) -> T {
        self.shared.with(act)
    }

    /// Ends all connections and closes the ports.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn serve(&self, listener: TcpListener, service: &'static str) {
        let (server, stop) = (self.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(server.accept(&listener, service))
                .await;
        });
    }

    async fn accept(&self, listener: &TcpListener, service: &'static str) {
        loop {
            let places = Arc::clone(&self.shared.places);
            let Ok(place) = places.acquire_owned().await else {
                return;
            };
            let Ok((stream, peer)) = listener.accept().await else {
                // Out of descriptors, say: whoever is connected goes on.
                tokio::time::sleep(TICK).await;
                continue;
            };
            let (shared, stop) = (Arc::clone(&self.shared), self.stop.clone());
            self.tasks.spawn(async move {
                let connection = connect(&shared, stream, peer, service);
                stop.run_until_cancelled(connection).await;
                drop(place);
            });
        }
    }

    fn tick(&self) {
        let (shared, stop) = (Arc::clone(&self.shared), self.stop.clone());
        self.tasks.spawn(async move {
            let ticking = async {
                loop {
                    tokio::time::sleep(TICK).await;
                    shared.with(|_| ());
                }
            };
            stop.run_until_cancelled(ticking).await;
        });
    }
}

impl Shared {
    pub(crate) fn new(router: Router, clock: Arc<dyn Clock>) -> Self {
        Self {
            router: Mutex::new(router),
            clock,
            changed: Notify::new(),
            places: Arc::new(Semaphore::new(CONNECTIONS)),
            stirred: Notify::new(),
        }
    }

    /// Waits until there is something to send, or a deadline that is sooner than those before.
    pub(crate) async fn stirred(&self) {
        self.stirred.notified().await;
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Router) -> T) -> T {
        let mut router = self.router.lock();
        let before = (router.changes.count(), router.boots());
        router.advance(self.clock.now());
        let result = act(&mut router);
        if router.has_something_to_do() {
            self.stirred.notify_one();
        }
        let changed = before != (router.changes.count(), router.boots());
        drop(router);
        if changed {
            self.changed.notify_waiters();
        }
        result
    }
}

/// A listener, and where it is found.
async fn bound(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let listening = async {
        let listener = TcpListener::bind(address).await?;
        let found = listener.local_addr()?;
        Ok((listener, found))
    };
    let refused = |source| ListenError { address, source };
    listening.await.map_err(refused)
}

async fn connect(shared: &Shared, stream: TcpStream, peer: SocketAddr, service: &str) {
    if !shared.with(|router| router.lets_in(peer.ip(), service)) {
        return say_nothing(stream).await;
    }
    if service == "api" {
        return converse(shared, stream, peer).await;
    }
    let Some(acceptor) = shared.with(|router| acceptor(router)) else {
        return;
    };
    let encrypted = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await;
    if let Ok(Ok(stream)) = encrypted {
        converse(shared, stream, peer).await;
    }
}

/// A router whose firewall drops packets: the client waits until it gives up.
async fn say_nothing(mut stream: TcpStream) {
    let mut heard = [0; 1024];
    while stream.read(&mut heard).await.is_ok_and(|count| count > 0) {}
}

/// Without a certificate a real router would agree on a key with nobody in particular, which TLS
/// libraries of today refuse: so does this one.
fn acceptor(router: &Router) -> Option<TlsAcceptor> {
    let keyed = router.api_certificate()?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(keyed.key.clone()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(keyed.certificate.clone())], key)
        .ok()?;
    Some(TlsAcceptor::from(Arc::new(config)))
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    shared: &Shared,
    mut stream: S,
    peer: SocketAddr,
) {
    let random = rand::random();
    let mut session = shared.with(|router| Session::new(router, peer.ip(), random));
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut heard = vec![0; 16 * 1024];
    while session.is_open() {
        // Registered before the look at the router, so that no change falls between.
        let mut changed = std::pin::pin!(shared.changed.notified());
        changed.as_mut().enable();
        shared.with(|router| session.poll(router));
        if !write(&mut stream, &mut session).await || !session.is_open() {
            break;
        }
        tokio::select! {
            () = changed => {}
            () = wait_until_due(shared, &session) => {}
            () = tokio::time::sleep_until(deadline), if !session.is_signed_in() => break,
            count = stream.read(&mut heard) => {
                let Ok(count @ 1..) = count else { break };
                let bytes = heard.get(..count).unwrap_or_default();
                shared.with(|router| session.receive(bytes, router));
            }
        }
    }
    write(&mut stream, &mut session).await;
    // The connection is over either way.
    drop(stream.shutdown().await);
}

async fn wait_until_due(shared: &Shared, session: &Session) {
    match session.next_due() {
        Some(due) => {
            let span = (due - shared.clock.now()).to_std().unwrap_or_default();
            tokio::time::sleep(span).await;
        }
        None => std::future::pending().await,
    }
}

/// False when the client is gone or does not read.
async fn write<S: AsyncWrite + Unpin>(stream: &mut S, session: &mut Session) -> bool {
    let bytes = session.take_output();
    if bytes.is_empty() {
        return true;
    }
    let writing = async {
        stream.write_all(&bytes).await?;
        stream.flush().await
    };
    matches!(
        tokio::time::timeout(WRITE_PATIENCE, writing).await,
        Ok(Ok(()))
    )
}
