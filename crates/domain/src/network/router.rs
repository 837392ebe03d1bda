//! A router that is managed over its API: where it is, what it says of itself, and how it fares.

mod cause;
mod fingerprint;
mod host;
mod standing;

pub use self::cause::CheckCause;
pub use self::fingerprint::{Fingerprint, InvalidFingerprint};
pub use self::host::{InvalidHost, parse_host};
pub use self::standing::{Change, Judged, RouterState, Standing, judge};

/// The port of the API in the clear.
pub const API_PORT: u16 = 8728;
/// The port of the API in TLS.
pub const API_TLS_PORT: u16 = 8729;
/// The longest name of a router's user.
pub const MAX_USERNAME: usize = 64;
/// The longest password of a router's user.
pub const MAX_PASSWORD: usize = 128;

/// What a router says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RouterFacts {
    /// The name it has.
    pub identity: String,
    /// Its version: `7.16.2 (stable)`.
    pub routeros: String,
    /// What it is built on: `RB5009UG+S+`.
    pub board: String,
    /// What its processor is: `arm64`.
    pub architecture: String,
    /// How busy its processor is, in percent.
    pub cpu_load: Option<u8>,
    /// How many bytes of memory are free.
    pub free_memory: Option<i64>,
    /// How many bytes of memory it has.
    pub total_memory: Option<i64>,
    /// For how many seconds it has been running.
    pub uptime_seconds: Option<i64>,
    /// How many PPP sessions it has.
    pub ppp_sessions: u32,
    /// How many hotspot sessions it has.
    pub hotspot_sessions: u32,
}

/// Why a check found no router that can be managed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFailure {
    /// What to tell people about it.
    pub cause: CheckCause,
    /// The router's own words, when it said any.
    pub detail: Option<String>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// It answered.
    Answered(RouterFacts),
    /// It showed a certificate that nobody has confirmed yet; nothing was sent.
    Unconfirmed(Fingerprint),
    /// It showed another certificate than the confirmed one; nothing was sent.
    FingerprintChanged(Fingerprint),
    /// It cannot be managed.
    Failed(CheckFailure),
}
