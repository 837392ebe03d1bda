//! One live session: its address, its limits, its counters and its reports.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use domain::network::rate_limit::RateLimit;
use domain::network::session::TerminateCause;
use tokio::time::Instant;

use crate::nas::settings::Server;
use crate::subscribers::Service;
use crate::subscribers::dialer::{Grant, Limits};
use crate::subscribers::traffic::{LineRate, Moved, moved};

/// What every report of a session repeats.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) service: Service,
    /// The RADIUS server that let it in, by its number in the router's list; none for a user of
    /// the router's own.
    pub(crate) server: Option<u32>,
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
    /// Where it was sent last.
    pub(crate) to: Option<Arc<Server>>,
    /// How often the report was begun anew, with a new identifier.
    pub(crate) rounds: u32,
}

/// A session as the NAS keeps it.
pub(crate) struct Session {
    pub(crate) number: u64,
    pub(crate) identity: Arc<Identity>,
    pub(crate) pool: Option<String>,
    pub(crate) local_address: Option<Ipv4Addr>,
    pub(crate) rate: Option<RateLimit>,
    pub(crate) address_list: Option<String>,
    pub(crate) interim: Option<Duration>,
    pub(crate) ends_at: Option<Instant>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) limits: Limits,
    pub(crate) moved: Moved,
    /// When bytes were last seen to move.
    pub(crate) active_at: Instant,
    /// An interim waits for its answer.
    pub(crate) interim_outstanding: bool,
    started: Instant,
    counted_until_ms: u64,
    seed: u64,
    quiet: bool,
}

/// How a line behaves while it is up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Behaviour {
    pub(crate) seed: u64,
    pub(crate) quiet: bool,
}

impl Session {
    pub(crate) fn new(
        number: u64,
        identity: Identity,
        grant: Grant,
        behaviour: Behaviour,
        now: Instant,
    ) -> Self {
        Self {
            number,
            identity: Arc::new(identity),
            pool: None,
            local_address: None,
            rate: grant.rate,
            address_list: grant.address_list,
            interim: grant.interim,
            ends_at: grant.session_timeout.map(|timeout| now + timeout),
            idle_timeout: grant.idle_timeout,
            limits: grant.limits,
            moved: Moved::default(),
            active_at: now,
            interim_outstanding: false,
            started: now,
            counted_until_ms: 0,
            seed: behaviour.seed,
            quiet: behaviour.quiet,
        }
    }

    /// Moves traffic up to now; must come before the rate changes.
    pub(crate) fn advance(&mut self, now: Instant) {
        let before = self.moved;
        self.moved = self.moved_at(now);
        let until = u64::try_from(self.lasted(now).as_millis()).unwrap_or(u64::MAX);
        self.counted_until_ms = until.max(self.counted_until_ms);
        if self.moved != before {
            self.active_at = now;
        }
    }

    /// What has moved at a moment; nothing goes on beyond a limit.
    pub(crate) fn moved_at(&self, now: Instant) -> Moved {
        if self.quiet {
            return self.moved;
        }
        let until = u64::try_from(self.lasted(now).as_millis()).unwrap_or(u64::MAX);
        let rate = LineRate {
            up_kbps: self.rate.map_or(0, |rate| rate.up_kbps),
            down_kbps: self.rate.map_or(0, |rate| rate.down_kbps),
        };
        let more = moved(self.seed, self.counted_until_ms, until, rate);
        let capped = |bytes: u64, limit: Option<u64>| bytes.min(limit.unwrap_or(u64::MAX));
        let upload = capped(self.moved.upload + more.upload, self.limits.upload);
        let download = capped(self.moved.download + more.download, self.limits.download);
        // A limit may have come down below what has moved.
        let upload = upload.max(self.moved.upload);
        let download = download.max(self.moved.download);
        let Some(total) = self.limits.total else {
            return Moved { upload, download };
        };
        // The upload of the last moment comes first.
        let upload = upload.min(total.saturating_sub(self.moved.download));
        let upload = upload.max(self.moved.upload);
        let download = download.min(total.saturating_sub(upload));
        Moved {
            upload,
            download: download.max(self.moved.download),
        }
    }

    /// Whether a limit of bytes is reached.
    pub(crate) fn is_used_up(&self) -> bool {
        let reached = |bytes: u64, limit: Option<u64>| limit.is_some_and(|limit| bytes >= limit);
        reached(self.moved.upload, self.limits.upload)
            || reached(self.moved.download, self.limits.download)
            || reached(self.moved.upload + self.moved.download, self.limits.total)
    }

    /// Whether somebody has to look at it now and then: something may end it that is not the
    /// time alone.
    pub(crate) fn is_watched(&self) -> bool {
        self.idle_timeout.is_some() || self.limits != Limits::default()
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
            to: None,
            rounds: 0,
        }
    }
}
