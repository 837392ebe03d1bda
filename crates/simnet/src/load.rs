//! A load generator: as many logins and reports as a server takes, with the time each one took.
//!
//! Unlike a simulated network it keeps no sessions alive; it measures.

mod lane;
mod tally;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use self::tally::{Exchanges, Latency, LoadReport};
use crate::load::lane::{Lane, Work};
use crate::load::tally::Tally;
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
    /// Logins per second; as many as go through when absent.
    pub rate: Option<u32>,
    /// Most requests in flight.
    pub window: usize,
    /// Whether each granted login is followed by a Start and a Stop.
    pub accounting: bool,
    /// Interims between Start and Stop.
    pub interims: u32,
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
            rate: None,
            window: 256,
            accounting: false,
            interims: 0,
            reply_timeout_ms: 3_000,
            attempts: 3,
        }
    }
}

/// Leaves the secret out.
impl fmt::Debug for LoadConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoadConfig")
            .field("auth_server", &self.auth_server)
            .field("acct_server", &self.acct_server)
            .field("logins", &self.logins)
            .field("rate", &self.rate)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

impl LoadConfig {
    /// Fills in subscribers `prefix1` … `prefixN`, all with one password, their methods in turn.
    #[must_use]
    pub fn with_numbered_subscribers(
        mut self,
        prefix: &str,
        count: usize,
        password: &str,
        methods: &[Method],
    ) -> Self {
        let methods = methods.iter().copied().cycle();
        let methods = methods.chain(std::iter::repeat(Method::Pap));
        self.subscribers = (1..=count)
            .zip(methods)
            .map(|(number, method)| {
                SubscriberConfig::new(&format!("{prefix}{number}"), password, method)
            })
            .collect();
        self
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
    let work = Arc::new(Work::new(config.logins, config.rate, begun));
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
    let mut total = Tally::default();
    for tally in running.join_all().await {
        total.add(tally);
    }
    Ok(total.report(begun.elapsed()))
}
