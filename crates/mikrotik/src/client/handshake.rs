//! From an address to a connection that is logged in.

use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::endpoint::{Credentials, Endpoint, Security};
use super::error::{ClientError, Loss};
use super::{Settings, tls};
use crate::api::{Challenge, Decoder, Reply, ReplyKind, Request, Row, challenge_response};

/// A connection in the clear or in TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send {}

impl<S: AsyncRead + AsyncWrite + Send> Stream for S {}

/// A connection, and what was read from it beyond the login.
pub(super) struct Ready {
    pub(super) stream: Pin<Box<dyn Stream>>,
    pub(super) decoder: Decoder,
    pub(super) unread: Vec<u8>,
}

/// Connects and logs in, each within its time.
pub(super) async fn open(
    endpoint: &Endpoint,
    credentials: &Credentials,
    settings: &Settings,
) -> Result<Ready, ClientError> {
    let connected = tokio::time::timeout(settings.connect, connect(endpoint, settings)).await;
    let stream = connected.map_err(|_| ClientError::ConnectTimeout)??;
    let mut ready = Ready {
        stream,
        decoder: Decoder::new(settings.limits),
        unread: Vec::new(),
    };
    let logged_in = tokio::time::timeout(settings.login, ready.log_in(credentials)).await;
    logged_in.map_err(|_| ClientError::LoginTimeout)??;
    Ok(ready)
}

/// Opens a socket to the first address of a host that may be called and takes it. The name is looked
/// up once: another look might find another address.
pub(super) async fn dial(
    host: &str,
    port: u16,
    settings: &Settings,
) -> Result<TcpStream, ClientError> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found: Vec<SocketAddr> = found.map_err(ClientError::Connect)?.collect();
    let is_allowed = |address: &&SocketAddr| settings.outgoing.allows(address.ip());
    let allowed: Vec<SocketAddr> = found.iter().filter(is_allowed).copied().collect();
    if allowed.is_empty() && !found.is_empty() {
        return Err(ClientError::NotAllowed);
    }
    let socket = TcpStream::connect(allowed.as_slice()).await;
    let socket = socket.map_err(ClientError::Connect)?;
    socket.set_nodelay(true).map_err(ClientError::Connect)?;
    Ok(socket)
}

async fn connect(
    endpoint: &Endpoint,
    settings: &Settings,
) -> Result<Pin<Box<dyn Stream>>, ClientError> {
    let socket = dial(&endpoint.host, endpoint.port, settings).await?;
    Ok(match endpoint.security {
        Security::Plain => Box::pin(socket),
        Security::Pinned(fingerprint) => {
            Box::pin(tls::connect(socket, &endpoint.host, Some(fingerprint)).await?)
        }
    })
}

impl Ready {
    /// Logs in as since 6.43, and by challenge where the router answers with one.
    async fn log_in(&mut self, credentials: &Credentials) -> Result<(), ClientError> {
        let request = Request::new("/login")
            .argument("name", &*credentials.name)
            .argument("password", &**credentials.password);
        let returned = self.ask(&request).await?;
        let Some(challenge) = returned.get("ret") else {
            return Ok(());
        };
        let challenge = Challenge::from_hex(challenge);
        let challenge = challenge
            .ok_or_else(|| ClientError::LoginRefused("an unreadable challenge was sent".into()))?;
        let response = challenge_response(challenge, credentials.password.as_bytes());
        let request = Request::new("/login")
            .argument("name", &*credentials.name)
            .argument("response", response);
        self.ask(&request).await.map(drop)
    }

    async fn ask(&mut self, request: &Request) -> Result<Row, ClientError> {
        let mut bytes = Zeroizing::new(Vec::new());
        request.to_sentence()?.encode(&mut bytes);
        let sent = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        sent.await.map_err(|error| broken(&error))?;
        let mut refused = None;
        loop {
            match self.next_reply().await?.kind {
                ReplyKind::Trap(trap) => refused = Some(trap.message),
                ReplyKind::Fatal(reason) => return Err(ClientError::LoginRefused(reason)),
                ReplyKind::Row(_) | ReplyKind::Empty => {}
                ReplyKind::Done(returned) => {
                    return match refused {
                        Some(message) => Err(ClientError::LoginRefused(message)),
                        None => Ok(returned),
                    };
                }
            }
        }
    }

    async fn next_reply(&mut self) -> Result<Reply, ClientError> {
        loop {
            let mut input = &self.unread[..];
            let sentence = self.decoder.decode(&mut input);
            let rest = input.to_vec();
            self.unread = rest;
            if let Some(sentence) = sentence.map_err(|error| ClientError::Login(error.into()))? {
                let reply = Reply::from_sentence(&sentence);
                return reply.map_err(|error| ClientError::Login(error.into()));
            }
            let mut buffer = [0; 2048];
            let read = self
                .stream
                .read(&mut buffer)
                .await
                .map_err(|error| broken(&error))?;
            if read == 0 {
                return Err(ClientError::Login(Loss::Closed));
            }
            self.unread
                .extend_from_slice(buffer.get(..read).unwrap_or_default());
        }
    }
}

fn broken(error: &std::io::Error) -> ClientError {
    ClientError::Login(Loss::Broken(error.to_string()))
}
