//! A load generator: as many logins and reports as a server takes, with the time each one took.
//!
//! Unlike a simulated network it keeps no sessions alive; it measures.

pub mod floor;
mod lane;
mod pace;
mod tally;
mod work;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use self::tally::{Exchanges, Latency, LoadReport};
use crate::load::lane::Lane;
use crate::load::tally::Tally;
use crate::load::work::Work;
use crate::subscribers::{Method, SubscriberConfig};

/// Requests in flight that one socket serves.
const LANE_WINDOW: usize = 64;

/// What to send.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoadConfig {
    /// Where logins go.
    pub auth_server: SocketAddr,
    /// Where accounting goes.
    pub acct_server: SocketAddr,
    /// Secret shared with the server.
    pub secret: String,
    /// Address to send from; the server must know it as a NAS.
    pub bind: IpAddr,
    /// Who logs in, in turn.
    pub subscribers: Vec<SubscriberConfig>,
    /// Logins in total.
    pub logins: u64,
    /// When they are sent.
    pub arrival: Arrival,
    /// No new login after this time, in milliseconds.
    pub duration_ms: Option<u64>,
    /// Most requests in flight.
    pub window: usize,
    /// What follows a granted login.
    pub sessions: Sessions,
    /// An answer counts as late after this time, in milliseconds.
    pub late_after_ms: u64,
    /// Whether answers to logins are believed without Message-Authenticator, as routers before
    /// `RouterOS` 7.15 do and older servers need it.
    pub unsigned_answers: bool,
    /// Wait for an answer before a request is repeated, in milliseconds.
    pub reply_timeout_ms: u64,
    /// How often a request is sent before it counts as lost.
    pub attempts: u32,
}

impl Default for LoadConfig {
    fn default() -> Self {
        Self {
            auth_server: SocketAddr::from((Ipv4Addr::LOCALHOST, 1812)),
            acct_server: SocketAddr::from((Ipv4Addr::LOCALHOST, 1813)),
            secret: String::new(),
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            subscribers: Vec::new(),
            logins: 10_000,
            arrival: Arrival::Unpaced,
            duration_ms: None,
            window: 256,
            sessions: Sessions::None,
            late_after_ms: 3_000,
            unsigned_answers: false,
            reply_timeout_ms: 3_000,
            attempts: 3,
        }
    }
}

/// When logins are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// The next as soon as the window has room: what the server can take.
    #[default]
    Unpaced,
    /// So many per second, whether the server keeps up or not.
    PerSecond(u32),
    /// All of them within so many milliseconds, most of them early: everybody dials again after a
    /// power cut.
    Storm {
        /// Time between the first and the last login.
        within_ms: u64,
    },
}

/// What follows a granted login.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sessions {
    /// Nothing.
    #[default]
    None,
    /// A Start; the session stays open.
    Open,
    /// A Start, so many interims at once, and a Stop.
    Brief {
        /// Interims between Start and Stop.
        interims: u32,
    },
    /// A Start; once every session is open, interims of all in turn for a time; then the Stops.
    Steady {
        /// How long interims are sent, in milliseconds.
        for_ms: u64,
        /// Interims per second; as many as go through when absent.
        rate: Option<u32>,
    },
}

/// Leaves the secret out.
impl fmt::Debug for LoadConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoadConfig")
            .field("auth_server", &self.auth_server)
            .field("acct_server", &self.acct_server)
            .field("logins", &self.logins)
            .field("arrival", &self.arrival)
            .field("sessions", &self.sessions)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

impl LoadConfig {
    /// Fills in numbered subscribers, their methods in turn.
    #[must_use]
    pub fn with_numbered_subscribers(mut self, numbered: &Numbered<'_>) -> Self {
        let methods = numbered.methods.iter().copied().cycle();
        let methods = methods.chain(std::iter::repeat(Method::Pap));
        self.subscribers = (numbered.first..)
            .take(numbered.count)
            .zip(methods)
            .map(|(number, method)| numbered.subscriber(number, method))
            .collect();
        self
    }

    fn late_after(&self) -> Duration {
        Duration::from_millis(self.late_after_ms)
    }
}

/// Subscribers whose names end in a number.
#[derive(Clone, Copy)]
pub struct Numbered<'a> {
    /// Their names without the number.
    pub prefix: &'a str,
    /// The first number.
    pub first: u64,
    /// How many there are.
    pub count: usize,
    /// Their password; `{n}` in it stands for the number.
    pub password: &'a str,
    /// How they prove it, in turn.
    pub methods: &'a [Method],
}

impl Numbered<'_> {
    fn subscriber(&self, number: u64, method: Method) -> SubscriberConfig {
        let name = format!("{}{number}", self.prefix);
        let password = self.password.replace("{n}", &number.to_string());
        SubscriberConfig::new(&name, &password, method)
    }
}

/// Leaves the password out.
impl fmt::Debug for Numbered<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Numbered")
            .field("prefix", &self.prefix)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

/// Why no load was made.
#[derive(Debug, Error)]
pub enum LoadError {
    /// Nobody can log in.
    #[error("the load has no subscribers; name at least one")]
    NoSubscribers,
    /// A socket could not be opened.
    #[error("cannot send from {bind}: choose an address of this machine")]
    Socket {
        /// The address.
        bind: IpAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// Sends the load and reports when the last answer arrived or was given up.
///
/// # Errors
/// Nobody can log in, or the address cannot be used.
pub async fn run(config: LoadConfig) -> Result<LoadReport, LoadError> {
    if config.subscribers.is_empty() {
        return Err(LoadError::NoSubscribers);
    }
    let lanes = config.window.div_ceil(LANE_WINDOW).max(1);
    let config = Arc::new(config);
    let begun = Instant::now();
    let work = Arc::new(Work::new(&config, lanes, begun));
    let mut running = JoinSet::new();
    for _ in 0..lanes {
        let lane = Lane::open(
            Arc::clone(&config),
            Arc::clone(&work),
            config.window / lanes,
        )
        .await;
        let lane = lane.map_err(|source| LoadError::Socket {
            bind: config.bind,
            source,
        })?;
        running.spawn(lane.run());
    }
    let mut total = Tally::new(config.late_after());
    for tally in running.join_all().await {
        total.add(tally);
    }
    Ok(total.report(begun.elapsed()))
}
