//! One live session: its address, its limits, its counters and its reports.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use domain::network::rate_limit::RateLimit;
use domain::network::session::TerminateCause;
use tokio::time::Instant;

use crate::subscribers::dialer::Grant;
use crate::subscribers::traffic::{LineRate, Moved, moved};

/// What every report of a session repeats.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) username: String,
    pub(crate) session_id: String,
    pub(crate) calling_station: String,
    pub(crate) port: u32,
    pub(crate) framed_ip: Ipv4Addr,
    /// The server's cookies, echoed unchanged and in order.
    pub(crate) class: Vec<Vec<u8>>,
}

/// What a report says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Start,
    Interim,
    Stop(TerminateCause),
}

/// One accounting report before it becomes a packet.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// The subscriber's key within the NAS.
    pub(crate) subscriber: u64,
    /// Number of the session within the NAS.
    pub(crate) session: u64,
    pub(crate) identity: Arc<Identity>,
    pub(crate) event: Event,
    pub(crate) moved: Moved,
    pub(crate) lasted: Duration,
    pub(crate) happened: Instant,
    /// How often the report was begun anew, with a new identifier.
    pub(crate) rounds: u32,
}

/// A session as the NAS keeps it.
pub(crate) struct Session {
    pub(crate) number: u64,
    pub(crate) identity: Arc<Identity>,
    pub(crate) pool: Option<String>,
    pub(crate) rate: Option<RateLimit>,
    pub(crate) address_list: Option<String>,
    pub(crate) interim: Option<Duration>,
    pub(crate) ends_at: Option<Instant>,
    pub(crate) moved: Moved,
    /// An interim waits for its answer.
    pub(crate) interim_outstanding: bool,
    started: Instant,
    counted_until_ms: u64,
    seed: u64,
}

impl Session {
    pub(crate) fn new(
        number: u64,
        identity: Identity,
        grant: Grant,
        seed: u64,
        now: Instant,
    ) -> Self {
        Self {
            number,
            identity: Arc::new(identity),
            pool: grant.pool,
            rate: grant.rate,
            address_list: grant.address_list,
            interim: grant.interim,
            ends_at: grant.session_timeout.map(|timeout| now + timeout),
            moved: Moved::default(),
            interim_outstanding: false,
            started: now,
            counted_until_ms: 0,
            seed,
        }
    }

    /// Moves traffic up to now; must come before the rate changes.
    pub(crate) fn advance(&mut self, now: Instant) {
        let until = u64::try_from(self.lasted(now).as_millis()).unwrap_or(u64::MAX);
        let rate = self.rate.map_or(
            LineRate {
                up_kbps: 0,
                down_kbps: 0,
            },
            |rate| LineRate {
                up_kbps: rate.up_kbps,
                down_kbps: rate.down_kbps,
            },
        );
        let more = moved(self.seed, self.counted_until_ms, until, rate);
        self.moved.upload += more.upload;
        self.moved.download += more.download;
        self.counted_until_ms = until.max(self.counted_until_ms);
    }

    pub(crate) fn lasted(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }

    /// Begins a report with the counters of this moment.
    pub(crate) fn report(&mut self, subscriber: u64, event: Event, now: Instant) -> Report {
        self.advance(now);
        Report {
            subscriber,
            session: self.number,
            identity: Arc::clone(&self.identity),
            event,
            moved: self.moved,
            lasted: self.lasted(now),
            happened: now,
            rounds: 0,
        }
    }
}
