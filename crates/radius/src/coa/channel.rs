//! Sockets that many requests share.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use domain::network::ports::ControlOutcome;
use domain::network::secret::SecretBytes;
use parking_lot::Mutex;
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::client::SentRequest;
use crate::packet::builder::BuildError;
use crate::packet::codec::{Code, MAX_LEN};
use crate::packet::dictionary::attr;

/// Each has 256 identifiers for each router.
const SOCKETS: usize = 4;
const AFTER_ERROR: Duration = Duration::from_millis(50);

/// Which request: the router and the identifier.
type Key = (SocketAddr, u8);

#[derive(Debug)]
struct Channel {
    socket: UdpSocket,
    waiting: Mutex<HashMap<Key, Pending>>,
}

struct Pending {
    request: Arc<SentRequest>,
    secret: SecretBytes,
    answer: oneshot::Sender<ControlOutcome>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

/// The sockets of one address family and what reads them; dropping it closes all.
#[derive(Debug)]
pub(super) struct Channels {
    all: Vec<Arc<Channel>>,
    _readers: JoinSet<()>,
}

impl Channels {
    /// Opens sockets on ports that the system chooses.
    pub(super) async fn open(source: IpAddr) -> io::Result<Self> {
        let (mut all, mut readers) = (Vec::with_capacity(SOCKETS), JoinSet::new());
        for _ in 0..SOCKETS {
            let channel = Arc::new(Channel {
                socket: UdpSocket::bind((source, 0)).await?,
                waiting: Mutex::default(),
            });
            readers.spawn(read_answers(Arc::clone(&channel)));
            all.push(channel);
        }
        Ok(Self {
            all,
            _readers: readers,
        })
    }

    /// Builds a request under an identifier that is free for its router, at random.
    pub(super) fn register(
        &self,
        nas: SocketAddr,
        secret: &SecretBytes,
        build: impl Fn(u8) -> Result<SentRequest, BuildError>,
    ) -> io::Result<Waiting> {
        let first: usize = rand::random::<u8>().into();
        for index in 0..self.all.len() {
            let Some(channel) = self.all.get((first + index) % self.all.len()) else {
                continue;
            };
            if let Some(waiting) = channel.register(nas, secret, &build)? {
                return Ok(waiting);
            }
        }
        Err(io::Error::other(
            "every identifier for this router is in use",
        ))
    }
}

impl Channel {
    fn register(
        self: &Arc<Self>,
        nas: SocketAddr,
        secret: &SecretBytes,
        build: &impl Fn(u8) -> Result<SentRequest, BuildError>,
    ) -> io::Result<Option<Waiting>> {
        let start: u8 = rand::random();
        let mut waiting = self.waiting.lock();
        for step in 0..=u8::MAX {
            let key = (nas, start.wrapping_add(step));
            let Entry::Vacant(place) = waiting.entry(key) else {
                continue;
            };
            let request = Arc::new(build(key.1).map_err(io::Error::other)?);
            let (answer, arrives) = oneshot::channel();
            place.insert(Pending {
                request: Arc::clone(&request),
                secret: secret.clone(),
                answer,
            });
            return Ok(Some(Waiting {
                channel: Arc::clone(self),
                key,
                request,
                arrives,
            }));
        }
        Ok(None)
    }

    /// Hands an answer to whoever waits for it; what nobody waits for or what is forged is ignored.
    fn answered(&self, from: SocketAddr, datagram: &[u8]) {
        let Some(&id) = datagram.get(1) else { return };
        let mut waiting = self.waiting.lock();
        let Entry::Occupied(found) = waiting.entry((from, id)) else {
            return;
        };
        let pending = found.get();
        let Some(outcome) = read(datagram, &pending.request, pending.secret.expose()) else {
            return;
        };
        if found.remove().answer.send(outcome).is_err() {
            tracing::debug!(nas.address = %from, "an answer came when nobody waited any more");
        }
    }
}

async fn read_answers(channel: Arc<Channel>) {
    let mut buffer = vec![0; MAX_LEN];
    loop {
        match channel.socket.recv_from(&mut buffer).await {
            Ok((length, from)) => {
                channel.answered(from, buffer.get(..length).unwrap_or_default());
            }
            Err(error) => {
                tracing::debug!(%error, "an answer of a router could not be read");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
}

fn read(datagram: &[u8], request: &SentRequest, secret: &[u8]) -> Option<ControlOutcome> {
    let packet = request.verify(datagram, secret).ok()?;
    match packet.code() {
        Code::DisconnectAck | Code::CoaAck => Some(ControlOutcome::Acked),
        Code::DisconnectNak | Code::CoaNak => Some(ControlOutcome::Refused {
            error_cause: packet
                .attribute(attr::ERROR_CAUSE)
                .and_then(|found| found.as_u32()),
        }),
        _ => None,
    }
}

/// A request that holds its identifier until it is dropped.
pub(super) struct Waiting {
    channel: Arc<Channel>,
    key: Key,
    request: Arc<SentRequest>,
    arrives: oneshot::Receiver<ControlOutcome>,
}

impl Waiting {
    /// Sends the same bytes once more.
    pub(super) async fn send(&self) -> io::Result<usize> {
        let channel = &self.channel;
        channel
            .socket
            .send_to(&self.request.bytes, self.key.0)
            .await
    }
}

/// The answer to whichever request is answered first.
pub(super) async fn first_answer(waiting: &mut [Waiting]) -> ControlOutcome {
    poll_fn(|context| {
        for request in waiting.iter_mut() {
            if let Poll::Ready(answer) = Pin::new(&mut request.arrives).poll(context) {
                // Nobody reads any more: the client goes away.
                return Poll::Ready(answer.unwrap_or(ControlOutcome::NoAnswer));
            }
        }
        Poll::Pending
    })
    .await
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut waiting = self.channel.waiting.lock();
        // The identifier may be another's already.
        if let Entry::Occupied(found) = waiting.entry(self.key)
            && Arc::ptr_eq(&found.get().request, &self.request)
        {
            found.remove();
        }
    }
}
