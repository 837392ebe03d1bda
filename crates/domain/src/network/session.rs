//! What routers report about sessions.

use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{CustomerId, IspId, NasId};

/// Identity of one session: the same for every report of it, however often it is sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionKey([u8; 16]);

impl SessionKey {
    /// Takes the bytes of a key.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SessionKey({:032x})", u128::from_be_bytes(self.0))
    }
}

/// Why a session ended, with the numbers of RFC 2866.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TerminateCause {
    /// The customer hung up.
    UserRequest,
    /// The line went away.
    LostCarrier,
    /// The service went away.
    LostService,
    /// No traffic for too long.
    IdleTimeout,
    /// The allowed time is over.
    SessionTimeout,
    /// Staff disconnected the session.
    AdminReset,
    /// The router is being shut down.
    AdminReboot,
    /// An error on the port.
    PortError,
    /// An error in the router.
    NasError,
    /// The router asked for the end.
    NasRequest,
    /// The router restarted.
    NasReboot,
    /// Any other number; zero when the router named no cause.
    Other(u32),
}

impl TerminateCause {
    /// Reads the number of `Acct-Terminate-Cause`.
    #[must_use]
    pub const fn from_code(code: u32) -> Self {
        match code {
            1 => Self::UserRequest,
            2 => Self::LostCarrier,
            3 => Self::LostService,
            4 => Self::IdleTimeout,
            5 => Self::SessionTimeout,
            6 => Self::AdminReset,
            7 => Self::AdminReboot,
            8 => Self::PortError,
            9 => Self::NasError,
            10 => Self::NasRequest,
            11 => Self::NasReboot,
            other => Self::Other(other),
        }
    }

    /// The number of `Acct-Terminate-Cause`.
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::UserRequest => 1,
            Self::LostCarrier => 2,
            Self::LostService => 3,
            Self::IdleTimeout => 4,
            Self::SessionTimeout => 5,
            Self::AdminReset => 6,
            Self::AdminReboot => 7,
            Self::PortError => 8,
            Self::NasError => 9,
            Self::NasRequest => 10,
            Self::NasReboot => 11,
            Self::Other(code) => code,
        }
    }

    /// The cause of a machine word; the number of an unnamed cause is not in it.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        (1..=11)
            .map(Self::from_code)
            .find(|cause| cause.as_str() == word)
            .unwrap_or(Self::Other(0))
    }

    /// The machine word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserRequest => "user_request",
            Self::LostCarrier => "lost_carrier",
            Self::LostService => "lost_service",
            Self::IdleTimeout => "idle_timeout",
            Self::SessionTimeout => "session_timeout",
            Self::AdminReset => "admin_reset",
            Self::AdminReboot => "admin_reboot",
            Self::PortError => "port_error",
            Self::NasError => "nas_error",
            Self::NasRequest => "nas_request",
            Self::NasReboot => "nas_reboot",
            Self::Other(_) => "other",
        }
    }
}

/// What a report says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AccountingEvent {
    /// The session began.
    Start,
    /// The session goes on.
    Interim,
    /// The session ended.
    Stop {
        /// Why it ended.
        cause: TerminateCause,
    },
    /// The router came up: whatever it had open is over.
    NasOn,
    /// The router goes down: whatever it has open ends.
    NasOff,
}

/// Totals a report carried; a report without them must not lower what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionUsage {
    /// Upload of the customer in bytes, with the gigawords.
    pub input_octets: Option<u64>,
    /// Download of the customer in bytes, with the gigawords.
    pub output_octets: Option<u64>,
    /// Seconds the session has lasted.
    pub session_time: Option<u32>,
    /// The report carried gigawords, so its totals do not wrap at 32 bits.
    pub gigawords: bool,
}

/// One accounting report, ready to be made durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountingRecord {
    /// ISP of the router.
    pub isp_id: IspId,
    /// The router.
    pub nas_id: NasId,
    /// Address the report came from: where a Disconnect-Request must go.
    pub nas_address: IpAddr,
    /// The customer, when the session was accepted by us or the name is known.
    pub customer_id: Option<CustomerId>,
    /// Identity of the session.
    pub session_key: SessionKey,
    /// What happened.
    pub event: AccountingEvent,
    /// The router's own id of the session; needed to disconnect it.
    pub acct_session_id: String,
    /// Name the subscriber logged in with.
    pub username: String,
    /// Address the session was given.
    pub framed_ip: Option<Ipv4Addr>,
    /// MAC address or number of the caller.
    pub calling_station_id: Option<String>,
    /// Interface or circuit.
    pub nas_port_id: Option<String>,
    /// The Class the router echoed, as sent.
    pub class: Option<Vec<u8>>,
    /// Totals so far.
    pub usage: SessionUsage,
    /// When it happened, by the router's clock if that is sane, else by ours.
    pub event_time: DateTime<Utc>,
    /// The router said when it happened or how long ago; otherwise it is when the report arrived.
    pub stamped: bool,
    /// The session is behind the wall; known only when our Class came back.
    pub walled: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminate_causes_keep_their_numbers() {
        for code in 0..40 {
            let cause = TerminateCause::from_code(code);
            assert_eq!(cause.code(), code);
            assert_eq!(
                TerminateCause::parse(cause.as_str()).as_str(),
                cause.as_str()
            );
        }
    }
}
