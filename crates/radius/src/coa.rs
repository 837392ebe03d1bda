//! Disconnect- and CoA-Requests to routers (RFC 5176).
//!
//! An ACK says what the router says; whoever needs certainty waits for the Stop.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use domain::network::ports::{ControlOutcome, SessionChange, SessionControl, SessionTarget};
use domain::ports::PortFuture;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use crate::client::{SentRequest, finish_accounting_style};
use crate::packet::builder::{BuildError, PacketBuilder};
use crate::packet::codec::{Code, MAX_LEN};
use crate::packet::dictionary::attr;
use crate::packet::vendor_mikrotik as mikrotik;

/// Sends requests about live sessions to their routers.
#[derive(Debug, Clone)]
pub struct CoaClient {
    /// Address to send from: routers take requests only from the RADIUS server they know.
    pub source: Option<IpAddr>,
    /// How long each attempt waits for the answer.
    pub timeout: Duration,
    /// How often the same bytes are sent.
    pub attempts: u32,
}

impl Default for CoaClient {
    fn default() -> Self {
        Self {
            source: None,
            timeout: Duration::from_secs(3),
            attempts: 3,
        }
    }
}

impl SessionControl for CoaClient {
    fn disconnect<'a>(&'a self, session: &'a SessionTarget) -> PortFuture<'a, ControlOutcome> {
        Box::pin(async move {
            let request = build(Code::DisconnectRequest, session, SessionChange::default());
            self.deliver("disconnect", session, request).await
        })
    }

    fn change<'a>(
        &'a self,
        session: &'a SessionTarget,
        change: SessionChange,
    ) -> PortFuture<'a, ControlOutcome> {
        Box::pin(async move {
            let request = build(Code::CoaRequest, session, change);
            self.deliver("change", session, request).await
        })
    }
}

impl CoaClient {
    async fn deliver(
        &self,
        kind: &'static str,
        session: &SessionTarget,
        request: Result<SentRequest, BuildError>,
    ) -> ControlOutcome {
        let exchanged = match request {
            Ok(request) => self.exchange(session, &request).await,
            Err(error) => Err(io::Error::other(error)),
        };
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
        request: &SentRequest,
    ) -> io::Result<ControlOutcome> {
        // A fresh port per request, and connected: only the router itself can answer.
        let socket = UdpSocket::bind((self.source_for(session.nas), 0)).await?;
        socket.connect(session.nas).await?;
        for _ in 0..self.attempts {
            let deadline = Instant::now() + self.timeout;
            // A refused port shows as an error of the next call; the retry is the answer to it.
            if let Err(error) = socket.send(&request.bytes).await {
                tracing::debug!(%error, nas.address = %session.nas, "a session request failed");
            }
            if let Some(outcome) = await_answer(&socket, session, request, deadline).await {
                return Ok(outcome);
            }
        }
        Ok(ControlOutcome::NoAnswer)
    }

    fn source_for(&self, nas: SocketAddr) -> IpAddr {
        match (self.source, nas) {
            (Some(source), _) => source,
            (None, SocketAddr::V4(_)) => Ipv4Addr::UNSPECIFIED.into(),
            (None, SocketAddr::V6(_)) => Ipv6Addr::UNSPECIFIED.into(),
        }
    }
}

fn build(
    code: Code,
    session: &SessionTarget,
    change: SessionChange,
) -> Result<SentRequest, BuildError> {
    let id = rand::random();
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
    if let Some(rate) = change.rate {
        builder.vendor(
            mikrotik::VENDOR,
            mikrotik::RATE_LIMIT,
            rate.to_string().as_bytes(),
        );
    }
    finish_accounting_style(builder, id, session.secret.expose())
}

/// The first believable answer before the deadline; forged ones are ignored.
async fn await_answer(
    socket: &UdpSocket,
    session: &SessionTarget,
    request: &SentRequest,
    deadline: Instant,
) -> Option<ControlOutcome> {
    let mut buffer = vec![0; MAX_LEN];
    loop {
        let length = match timeout_at(deadline, socket.recv(&mut buffer)).await {
            Ok(Ok(length)) => length,
            Ok(Err(error)) => {
                tracing::debug!(%error, nas.address = %session.nas, "no answer from a router");
                tokio::time::sleep_until(deadline).await;
                return None;
            }
            Err(_) => return None,
        };
        let Some(datagram) = buffer.get(..length) else {
            continue;
        };
        let Ok(packet) = request.verify(datagram, session.secret.expose()) else {
            continue;
        };
        match packet.code() {
            Code::DisconnectAck | Code::CoaAck => return Some(ControlOutcome::Acked),
            Code::DisconnectNak | Code::CoaNak => {
                let error_cause = packet
                    .attribute(attr::ERROR_CAUSE)
                    .and_then(|found| found.as_u32());
                return Some(ControlOutcome::Refused { error_cause });
            }
            _ => {}
        }
    }
}
