//! Disconnect- and CoA-Requests to routers (RFC 5176).
//!
//! A few sockets serve every router, however many sessions must change at once; a request is told
//! apart by router and identifier. An ACK says what the router says; whoever needs certainty waits
//! for the Stop.

mod channel;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::ids::IspId;
use domain::network::ports::{ControlOutcome, SessionChange, SessionControl, SessionTarget};
use domain::network::secret::SecretBytes;
use domain::ports::PortFuture;
use parking_lot::Mutex;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, timeout};

use self::channel::{Channels, Waiting, first_answer};
use crate::client::{SentRequest, finish_accounting_style};
use crate::packet::builder::{BuildError, PacketBuilder};
use crate::packet::codec::Code;
use crate::packet::dictionary::attr;
use crate::packet::vendor_mikrotik as mikrotik;
use crate::policy::write_limits;

/// How requests about sessions are sent.
#[derive(Debug, Clone)]
pub struct CoaSettings {
    /// Address to send from: routers take requests only from the RADIUS server they know.
    pub source: Option<IpAddr>,
    /// How long each attempt waits for the answer.
    pub timeout: Duration,
    /// How often the same bytes are sent.
    pub attempts: u32,
    /// How many requests are on their way at once; others wait their turn.
    pub in_flight: usize,
    /// After so many requests in a row that a router left without an answer it is left in peace…
    pub silent_after: u32,
    /// …for so long, so that one router that is away does not hold up all others.
    pub silent_for: Duration,
}

impl Default for CoaSettings {
    fn default() -> Self {
        Self {
            source: None,
            timeout: Duration::from_secs(3),
            attempts: 3,
            in_flight: 256,
            silent_after: 3,
            silent_for: Duration::from_secs(20),
        }
    }
}

/// Sends requests about live sessions to their routers; clones share sockets.
#[derive(Debug, Clone)]
pub struct CoaClient {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: CoaSettings,
    turns: Semaphore,
    ipv4: OnceCell<Channels>,
    ipv6: OnceCell<Channels>,
    /// By owner too: a router that does not know the secret of one ISP may know another's.
    silent: Mutex<HashMap<(IspId, SocketAddr), Silent>>,
}

/// A router that did not answer.
#[derive(Debug)]
struct Silent {
    requests: u32,
    since: Instant,
}

impl Default for CoaClient {
    fn default() -> Self {
        Self::new(CoaSettings::default())
    }
}

impl SessionControl for CoaClient {
    fn disconnect<'a>(&'a self, session: &'a SessionTarget) -> PortFuture<'a, ControlOutcome> {
        Box::pin(self.deliver("disconnect", session, Code::DisconnectRequest, None))
    }

    fn change<'a>(
        &'a self,
        session: &'a SessionTarget,
        change: SessionChange,
    ) -> PortFuture<'a, ControlOutcome> {
        Box::pin(self.deliver("change", session, Code::CoaRequest, Some(change)))
    }
}

impl CoaClient {
    /// A client; sockets are opened when they are needed first.
    #[must_use]
    pub fn new(settings: CoaSettings) -> Self {
        let shared = Shared {
            turns: Semaphore::new(settings.in_flight.max(1)),
            settings,
            ipv4: OnceCell::new(),
            ipv6: OnceCell::new(),
            silent: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    async fn deliver(
        &self,
        kind: &'static str,
        session: &SessionTarget,
        code: Code,
        change: Option<SessionChange>,
    ) -> ControlOutcome {
        let exchanged = self.exchange(session, code, change).await;
        let outcome = exchanged.unwrap_or_else(|error| {
            tracing::warn!(%error, nas.address = %session.nas, "a session request was not sent");
            ControlOutcome::NoAnswer
        });
        let label = match outcome {
            ControlOutcome::Acked => "acked",
            ControlOutcome::Refused { .. } => "refused",
            ControlOutcome::NoAnswer => "no_answer",
        };
        metrics::counter!(
            "lastmile_radius_session_requests_total", "kind" => kind, "outcome" => label
        )
        .increment(1);
        outcome
    }

    async fn exchange(
        &self,
        session: &SessionTarget,
        code: Code,
        change: Option<SessionChange>,
    ) -> io::Result<ControlOutcome> {
        let shared = &self.shared;
        let _turn = shared.turns.acquire().await.map_err(io::Error::other)?;
        if shared.is_silent(session) {
            return Ok(ControlOutcome::NoAnswer);
        }
        let channels = shared.channels(session.nas).await?;
        let change = change.unwrap_or_default();
        // A router drops what is signed with a secret it does not use, so both take turns.
        let mut waiting = Vec::with_capacity(2);
        for secret in std::iter::once(&session.secret).chain(&session.old_secret) {
            let build = |id| build(code, id, secret, session, &change);
            waiting.push(channels.register(session.nas, secret, build)?);
        }
        for _ in 0..shared.settings.attempts {
            for turn in 0..waiting.len() {
                if let Some(answer) = shared.ask(&mut waiting, turn).await {
                    shared.heard_of(session);
                    return Ok(answer);
                }
            }
        }
        shared.missed(session);
        Ok(ControlOutcome::NoAnswer)
    }
}

impl Shared {
    /// Sends one of the requests once more; the answer to any of them.
    async fn ask(&self, waiting: &mut [Waiting], turn: usize) -> Option<ControlOutcome> {
        // What cannot be sent now is sent again like what was lost.
        if let Err(error) = waiting.get(turn)?.send().await {
            tracing::debug!(%error, "a session request failed");
        }
        timeout(self.settings.timeout, first_answer(waiting))
            .await
            .ok()
    }

    async fn channels(&self, nas: SocketAddr) -> io::Result<&Channels> {
        let (cell, any): (_, IpAddr) = match nas {
            SocketAddr::V4(_) => (&self.ipv4, Ipv4Addr::UNSPECIFIED.into()),
            SocketAddr::V6(_) => (&self.ipv6, Ipv6Addr::UNSPECIFIED.into()),
        };
        let source = self.settings.source;
        let source = source.filter(|source| source.is_ipv4() == nas.is_ipv4());
        cell.get_or_try_init(|| Channels::open(source.unwrap_or(any)))
            .await
    }

    fn is_silent(&self, session: &SessionTarget) -> bool {
        let silent = self.silent.lock();
        silent.get(&router(session)).is_some_and(|found| {
            found.requests >= self.settings.silent_after
                && found.since.elapsed() < self.settings.silent_for
        })
    }

    fn heard_of(&self, session: &SessionTarget) {
        let mut silent = self.silent.lock();
        silent.remove(&router(session));
    }

    fn missed(&self, session: &SessionTarget) {
        let mut silent = self.silent.lock();
        let now = Instant::now();
        let found = silent.entry(router(session)).or_insert(Silent {
            requests: 0,
            since: now,
        });
        found.requests = found.requests.saturating_add(1);
        found.since = now;
    }
}

const fn router(session: &SessionTarget) -> (IspId, SocketAddr) {
    (session.isp_id, session.nas)
}

fn build(
    code: Code,
    id: u8,
    secret: &SecretBytes,
    session: &SessionTarget,
    change: &SessionChange,
) -> Result<SentRequest, BuildError> {
    let mut builder = PacketBuilder::new(code, id);
    // All three: PPPoE is found by the first two, a hotspot session only by its address.
    builder.text(attr::USER_NAME, &session.username);
    builder.text(attr::ACCT_SESSION_ID, &session.acct_session_id);
    if let Some(address) = session.framed_ip {
        builder.ipv4(attr::FRAMED_IP_ADDRESS, address);
    }
    if let Some(seconds) = change.session_timeout {
        builder.u32(attr::SESSION_TIMEOUT, seconds);
    }
    if let Some(seconds) = change.idle_timeout {
        builder.u32(attr::IDLE_TIMEOUT, seconds);
    }
    if let Some(rate) = change.rate {
        builder.vendor(
            mikrotik::VENDOR,
            mikrotik::RATE_LIMIT,
            rate.to_string().as_bytes(),
        );
    }
    if let Some(group) = &change.group {
        builder.vendor(mikrotik::VENDOR, mikrotik::GROUP, group.as_bytes());
    }
    write_limits(&mut builder, change.limits);
    finish_accounting_style(builder, id, secret.expose())
}
