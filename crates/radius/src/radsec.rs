//! RADIUS over TLS (RFC 6614): routers that come over networks nobody should trust.
//!
//! Both sides show certificates. The router's certificate names the NAS, whatever address it comes
//! from; the shared secret inside is always `radsec`. Logins, accounting and Status-Server share
//! one connection. Disconnect- and CoA-Requests still go to the NAS over UDP.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::network::ports::SubscriberDirectory;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::radsec::connection::{Connection, Handlers};
use crate::radsec::peer::Peer;
use crate::radsec::tls::TlsSource;

pub(crate) mod connection;
pub mod frame;
pub mod identity;
mod peer;
mod tls;

pub use tls::{TlsFiles, UnusableTls};

/// The port of RFC 6614.
pub const PORT: u16 = 2083;
/// The shared secret of RFC 6614 §2.3: TLS protects, the secret only keeps the format.
pub const SECRET: &[u8] = b"radsec";

const HANDSHAKE: Duration = Duration::from_secs(10);
/// Strangers may only hold so many connections that have shown no certificate yet.
const MAX_HANDSHAKES: usize = 128;

/// How RadSec is served.
#[derive(Debug, Clone)]
pub struct RadSecConfig {
    /// Addresses to listen on.
    pub addresses: Vec<SocketAddr>,
    /// Certificate, key, and who signs the routers' certificates.
    pub files: TlsFiles,
    /// How long a connection may be silent.
    pub idle: Duration,
    /// How many connections there may be.
    pub max_connections: usize,
}

impl RadSecConfig {
    /// The usual limits.
    #[must_use]
    pub const fn new(addresses: Vec<SocketAddr>, files: TlsFiles) -> Self {
        Self {
            addresses,
            files,
            idle: Duration::from_mins(15),
            max_connections: 1024,
        }
    }
}

/// Bound sockets that take RadSec connections.
pub(crate) struct RadSecListener {
    sockets: Vec<TcpListener>,
    tls: Arc<TlsSource>,
    idle: Duration,
    max_connections: usize,
}

impl RadSecListener {
    /// Binds every socket and reads the certificates; must be called inside a tokio runtime.
    pub(crate) fn bind(config: &RadSecConfig) -> io::Result<Self> {
        let tls = TlsSource::open(config.files.clone())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let sockets = config.addresses.iter().map(|address| bind(*address));
        Ok(Self {
            sockets: sockets.collect::<io::Result<_>>()?,
            tls: Arc::new(tls),
            idle: config.idle,
            max_connections: config.max_connections,
        })
    }

    pub(crate) fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.sockets.iter().map(TcpListener::local_addr).collect()
    }

    /// Adds the tasks that take and serve connections until `stop`.
    pub(crate) fn start(
        self,
        handlers: &Handlers,
        tasks: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) {
        let rooms = Rooms {
            connections: Arc::new(Semaphore::new(self.max_connections)),
            handshakes: Arc::new(Semaphore::new(MAX_HANDSHAKES)),
        };
        for socket in self.sockets {
            let reception = Reception {
                tls: Arc::clone(&self.tls),
                idle: self.idle,
                rooms: rooms.clone(),
                handlers: handlers.clone(),
            };
            tasks.spawn(reception.take_connections(socket, stop.clone()));
        }
        tasks.spawn(tls::follow_files(self.tls, stop.clone()));
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = std::net::TcpListener::bind(address)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket)
}

#[derive(Clone)]
struct Rooms {
    connections: Arc<Semaphore>,
    handshakes: Arc<Semaphore>,
}

#[derive(Clone)]
struct Reception {
    tls: Arc<TlsSource>,
    idle: Duration,
    rooms: Rooms,
    handlers: Handlers,
}

impl Reception {
    async fn take_connections(self, socket: TcpListener, stop: CancellationToken) {
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                _ = connections.join_next(), if !connections.is_empty() => continue,
                accepted = socket.accept() => accepted,
            };
            match accepted {
                Ok((tcp, source)) => {
                    connections.spawn(self.clone().serve(tcp, source, stop.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a RadSec connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        // Nothing more is read; what was taken is answered before the connections close.
        while connections.join_next().await.is_some() {}
    }

    async fn serve(self, tcp: TcpStream, source: SocketAddr, stop: CancellationToken) {
        let Ok(_room) = Arc::clone(&self.rooms.connections).try_acquire_owned() else {
            return refused("too_many_connections", source);
        };
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            stream = self.shake_hands(tcp, source) => stream,
        };
        let Some(stream) = stream else { return };
        let directory = Arc::clone(&self.handlers.directory);
        let Some(peer) = recognise(&stream, directory, source) else {
            return;
        };
        metrics::gauge!("lastmile_radius_radsec_connections").increment(1.0);
        let connection = Connection {
            peer,
            source,
            idle: self.idle,
            handlers: self.handlers,
        };
        connection.run(stream, stop).await;
        metrics::gauge!("lastmile_radius_radsec_connections").decrement(1.0);
    }

    async fn shake_hands(
        &self,
        tcp: TcpStream,
        source: SocketAddr,
    ) -> Option<TlsStream<TcpStream>> {
        let Ok(_room) = Arc::clone(&self.rooms.handshakes).try_acquire_owned() else {
            refused("too_many_handshakes", source);
            return None;
        };
        // Answers are single small packets: waiting for company only delays logins.
        tcp.set_nodelay(true).ok()?;
        let acceptor = TlsAcceptor::from(self.tls.current());
        match timeout(HANDSHAKE, acceptor.accept(tcp)).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                tracing::info!(%source, %error, "a RadSec handshake failed");
                count_refusal("handshake");
                None
            }
            Err(_) => {
                refused("handshake_timeout", source);
                None
            }
        }
    }
}

fn recognise(
    stream: &TlsStream<TcpStream>,
    directory: Arc<dyn SubscriberDirectory>,
    source: SocketAddr,
) -> Option<Peer> {
    let (_, session) = stream.get_ref();
    let certificate = session.peer_certificates()?.first()?;
    let names = identity::names_of(certificate);
    let peer = Peer::find(names.clone(), directory);
    if peer.is_none() {
        tracing::info!(%source, ?names, "a RadSec certificate belongs to no NAS");
        count_refusal("unknown_certificate");
    }
    peer
}

fn refused(reason: &'static str, source: SocketAddr) {
    tracing::debug!(%source, reason, "a RadSec connection was refused");
    count_refusal(reason);
}

fn count_refusal(reason: &'static str) {
    metrics::counter!("lastmile_radius_radsec_refusals_total", "reason" => reason).increment(1);
}
