//! One router's sockets, and the one task that serves them.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::UdpSocket;
use tokio::time::Instant;

use super::StartError;
use super::schedule::Schedule;
use crate::nas::core::{Channel, Core};
use crate::router::Router;
use crate::router::server::{RouterServer, Shared};

/// Longest RADIUS packet.
const MAX_PACKET: usize = 4096;

/// How many datagrams are read before the answers to them are sent.
const BATCH: usize = 32;

/// Pause before a port that was taken is tried again.
const AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Edge {
    pub(super) shared: Arc<Shared>,
    pub(super) name: String,
    bind: IpAddr,
    auth: UdpSocket,
    acct: UdpSocket,
    /// Where requests of servers are heard, as long as the router listens.
    control: Mutex<Option<Arc<UdpSocket>>>,
    pub(super) api: Option<RouterServer>,
    schedule: Arc<Schedule>,
    index: usize,
}

impl Edge {
    /// Opens the sockets of a router, which is looked at by its number in the schedule.
    pub(super) async fn open(
        shared: Arc<Shared>,
        name: &str,
        bind: IpAddr,
        (schedule, index): (Arc<Schedule>, usize),
    ) -> Result<Self, StartError> {
        let refused =
            |port: u16| move |source| StartError::bind(name, SocketAddr::new(bind, port), source);
        let auth = UdpSocket::bind((bind, 0)).await.map_err(refused(0))?;
        let acct = UdpSocket::bind((bind, 0)).await.map_err(refused(0))?;
        let edge = Self {
            shared,
            name: name.to_owned(),
            bind,
            auth,
            acct,
            control: Mutex::new(None),
            api: None,
            schedule,
            index,
        };
        let port = edge.shared.with(|router| router.incoming_port());
        let listening = edge.listen(port).await;
        listening.map_err(refused(port.unwrap_or_default()))?;
        Ok(edge)
    }

    /// Where requests of servers are heard.
    pub(super) fn control_address(&self) -> Option<SocketAddr> {
        let control = self.control.lock();
        control.as_ref().and_then(|socket| socket.local_addr().ok())
    }

    /// Changes the lines from outside; the task sends what follows from it.
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut Core, Instant) -> T) -> T {
        self.shared.with(|router| router.on_lines(act))
    }

    /// Serves until it is dropped.
    pub(super) async fn serve(&self) {
        let mut buffer = vec![0; MAX_PACKET];
        let mut again = None;
        loop {
            self.flush().await;
            self.follow_configuration(&mut again).await;
            let control = self.control.lock().clone();
            let channel = tokio::select! {
                _ = self.auth.readable() => Some(Channel::Auth),
                _ = self.acct.readable() => Some(Channel::Acct),
                () = readable(control.as_deref()) => Some(Channel::Control),
                () = self.shared.stirred() => None,
                () = due(again) => None,
            };
            match (channel, control) {
                (Some(Channel::Auth), _) => self.drain(Channel::Auth, &self.auth, &mut buffer),
                (Some(Channel::Acct), _) => self.drain(Channel::Acct, &self.acct, &mut buffer),
                (Some(Channel::Control), Some(socket)) => {
                    self.drain(Channel::Control, &socket, &mut buffer);
                }
                (Some(Channel::Control), None) | (None, _) => {}
            }
        }
    }

    fn drain(&self, channel: Channel, socket: &UdpSocket, buffer: &mut [u8]) {
        for _ in 0..BATCH {
            // Other errors are ICMP messages about an earlier datagram: the peer is away, and the
            // repetition of requests deals with that.
            let (length, from) = match socket.try_recv_from(buffer) {
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => continue,
            };
            let datagram = buffer.get(..length).unwrap_or_default();
            self.shared
                .with(|router| router.receive(channel, datagram, from));
        }
    }

    /// Opens or closes the port of requests as the router is configured now; `again` is when a
    /// port that was taken is tried again.
    async fn follow_configuration(&self, again: &mut Option<Instant>) {
        let (wanted, tried) = self
            .shared
            .with(|router| (router.incoming_port(), router.heard_port()));
        let is_due = again.is_some_and(|at| at <= Instant::now());
        if wanted == tried && !is_due {
            return;
        }
        *again = None;
        if let Err(error) = self.listen(wanted).await {
            *again = Some(Instant::now() + AGAIN);
            if wanted != tried {
                tracing::warn!(
                    nas.name = self.name, nas.port = wanted, %error,
                    "The port of requests cannot be opened; it is tried until it can"
                );
            }
        }
    }

    async fn listen(&self, port: Option<u16>) -> io::Result<()> {
        // Closed before the new one is opened: it may be the same port again.
        *self.control.lock() = None;
        self.shared.with(|router| router.hears_on(port));
        if let Some(port) = port {
            let socket = UdpSocket::bind((self.bind, port)).await?;
            *self.control.lock() = Some(Arc::new(socket));
        }
        Ok(())
    }

    async fn flush(&self) {
        loop {
            let (transmit, deadline) = self.shared.with(Router::next_output);
            if let Some((epoch, deadline)) = deadline {
                let since = deadline.saturating_duration_since(epoch);
                self.schedule.add(since, self.index);
            }
            let Some(transmit) = transmit else { return };
            let control = self.control.lock().clone();
            let socket = match transmit.channel {
                Channel::Auth => Some(&self.auth),
                Channel::Acct => Some(&self.acct),
                Channel::Control => control.as_deref(),
            };
            let Some(socket) = socket else { continue };
            if let Err(error) = socket.send_to(&transmit.bytes, transmit.to).await {
                tracing::debug!(%error, "A datagram could not be sent");
            }
        }
    }
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn readable(socket: Option<&UdpSocket>) {
    match socket {
        // What is wrong with it shows when it is read.
        Some(socket) => drop(socket.readable().await),
        None => std::future::pending().await,
    }
}
