//! A simulated router as the RADIUS server sees it: a client that logs subscribers in, reports
//! their sessions, and takes Disconnect- and CoA-Requests.
//!
//! Everything below this module is sans-IO: datagrams and the time come in, datagrams go out.

pub(crate) mod accounting;
pub(crate) mod admission;
pub(crate) mod control;
pub(crate) mod core;
pub(crate) mod exchange;
pub(crate) mod limits;
pub(crate) mod lines;
pub(crate) mod logins;
pub(crate) mod notes;
pub(crate) mod pool;
pub(crate) mod power;
pub(crate) mod reports;
pub(crate) mod settings;
pub(crate) mod status;
#[cfg(test)]
mod tests;
pub(crate) mod timers;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// One router to simulate.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NasConfig {
    /// NAS-Identifier, and the name by which scenarios mean this router.
    pub name: String,
    /// Address it sends from and listens on.
    pub bind: IpAddr,
    /// Port for Disconnect- and CoA-Requests; 0 lets the system choose.
    pub coa_port: u16,
    /// Where logins go.
    pub auth_server: SocketAddr,
    /// Where accounting goes.
    pub acct_server: SocketAddr,
    /// Secret shared with the server.
    pub secret: String,
    /// Called-Station-Id: the PPPoE service name.
    pub service: String,
    /// NAS-Port-Id: the interface of the PPPoE server.
    pub interface: String,
    /// Address pools by name.
    pub pools: BTreeMap<String, Ipv4Net>,
    /// Pool of logins that get neither an address nor a pool from the server.
    pub default_pool: String,
    /// Most unanswered requests per server port, at most 256; the answers to more than 150 do not
    /// fit into the receive buffer that Linux gives a socket.
    pub window: usize,
}

impl Default for NasConfig {
    fn default() -> Self {
        let network = |a: u8, b: u8, c: u8, length: u8| {
            Ipv4Net::new(Ipv4Addr::new(a, b, c, 0), length).expect("the length is at most 32")
        };
        Self {
            name: "SIM-1".to_owned(),
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            coa_port: 0,
            auth_server: SocketAddr::from((Ipv4Addr::LOCALHOST, 1812)),
            acct_server: SocketAddr::from((Ipv4Addr::LOCALHOST, 1813)),
            secret: String::new(),
            service: "internet".to_owned(),
            interface: "ether2".to_owned(),
            pools: BTreeMap::from([
                ("customers".to_owned(), network(100, 64, 0, 16)),
                ("suspended".to_owned(), network(10, 255, 255, 24)),
            ]),
            default_pool: "customers".to_owned(),
            window: 128,
        }
    }
}

/// Leaves the secret out.
impl fmt::Debug for NasConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NasConfig")
            .field("name", &self.name)
            .field("bind", &self.bind)
            .field("auth_server", &self.auth_server)
            .field("acct_server", &self.acct_server)
            .finish_non_exhaustive()
    }
}

/// How fast things happen, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timing {
    /// Wait for an answer before the request is repeated.
    pub reply_timeout_ms: u64,
    /// How often a request is sent before it is given up.
    pub attempts: u32,
    /// How often Start and Stop are begun anew after they were given up.
    pub accounting_rounds: u32,
    /// Pause after the first failed login; it doubles with each further one.
    pub first_back_off_ms: u64,
    /// Longest pause after a failed login.
    pub max_back_off_ms: u64,
    /// Pause after a session was ended by the server or by its time limit.
    pub redial_ms: u64,
    /// Time over which subscribers dial when the network starts; 0 is a storm.
    pub dial_spread_ms: u64,
    /// Interim interval instead of the one that the server gives.
    pub interim_ms: Option<u64>,
    /// How much faster than the wall's the clock of the network runs; a network sets it.
    #[serde(skip)]
    pub speed: Speed,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            reply_timeout_ms: 3_000,
            attempts: 3,
            accounting_rounds: 5,
            first_back_off_ms: 5_000,
            max_back_off_ms: 60_000,
            redial_ms: 2_000,
            dial_spread_ms: 10_000,
            interim_ms: None,
            speed: Speed::default(),
        }
    }
}

/// How much faster than the wall's a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed(u32);

impl Default for Speed {
    fn default() -> Self {
        Self(1)
    }
}

impl Speed {
    /// So many times as fast, at least once.
    pub(crate) fn times(factor: u32) -> Self {
        Self(factor.max(1))
    }

    /// A span of the wall's clock on the clock of the network.
    pub(crate) fn stretched(self, span: Duration) -> Duration {
        span.saturating_mul(self.0)
    }

    /// A span of the network's clock on that of the wall.
    pub(crate) fn shrunk(self, span: Duration) -> Duration {
        span.checked_div(self.0).unwrap_or(span)
    }
}

impl Timing {
    pub(crate) fn reply_timeout(&self) -> Duration {
        self.speed
            .stretched(Duration::from_millis(self.reply_timeout_ms))
    }

    /// The wait for an answer of a server that has its own.
    pub(crate) fn reply_timeout_of(&self, server: &settings::Server) -> Duration {
        let own = server.timeout.map(|timeout| self.speed.stretched(timeout));
        own.unwrap_or_else(|| self.reply_timeout())
    }

    pub(crate) fn first_back_off(&self) -> Duration {
        Duration::from_millis(self.first_back_off_ms)
    }

    pub(crate) fn max_back_off(&self) -> Duration {
        Duration::from_millis(self.max_back_off_ms)
    }

    pub(crate) fn redial(&self) -> Duration {
        Duration::from_millis(self.redial_ms)
    }

    pub(crate) fn dial_spread(&self) -> Duration {
        Duration::from_millis(self.dial_spread_ms)
    }

    pub(crate) fn interim(&self) -> Option<Duration> {
        self.interim_ms
            .filter(|interval| *interval > 0)
            .map(Duration::from_millis)
    }
}

/// How a router names itself in requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identifiers {
    pub(crate) name: String,
    pub(crate) address: Option<Ipv4Addr>,
    pub(crate) service: String,
    pub(crate) interface: String,
}

impl Identifiers {
    pub(crate) fn of(config: &NasConfig) -> Self {
        let address = match config.bind {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        };
        Self {
            name: config.name.clone(),
            address,
            service: config.service.clone(),
            interface: config.interface.clone(),
        }
    }
}
