//! What all lanes of a load share: who may send what, and when the sessions are all open.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::load::pace::{Next, Pace};
use crate::load::{Arrival, LoadConfig, Sessions};

pub(crate) struct Work {
    logins: Pace,
    sessions: Sessions,
    lanes: usize,
    /// Lanes that will send no further login.
    done: AtomicUsize,
    /// Logins that came to nothing, and sessions whose Start was answered.
    settled: AtomicU64,
    steady: OnceLock<Pace>,
}

impl Work {
    pub(crate) fn new(config: &LoadConfig, lanes: usize, begun: Instant) -> Self {
        let until = config
            .duration_ms
            .map(|millis| begun + Duration::from_millis(millis));
        Self {
            logins: Pace::new(config.logins, config.arrival, begun, until),
            sessions: config.sessions,
            lanes,
            done: AtomicUsize::new(0),
            settled: AtomicU64::new(0),
            steady: OnceLock::new(),
        }
    }

    pub(crate) fn next_login(&self, now: Instant) -> Next {
        self.logins.take(now)
    }

    /// The generator was late by so much.
    pub(crate) fn put_logins_off(&self, late: Duration) {
        self.logins.put_off(late);
    }

    /// A lane got its last login.
    pub(crate) fn lane_done(&self) {
        self.done.fetch_add(1, Ordering::AcqRel);
    }

    /// A login will bring no further Start.
    pub(crate) fn settled(&self) {
        self.settled.fetch_add(1, Ordering::AcqRel);
    }

    /// The pace of interims, once every session is open.
    pub(crate) fn steady(&self, now: Instant) -> Option<&Pace> {
        if let Some(pace) = self.steady.get() {
            return Some(pace);
        }
        let Sessions::Steady { for_ms, rate } = self.sessions else {
            return None;
        };
        let all_dealt = self.done.load(Ordering::Acquire) == self.lanes;
        if !all_dealt || self.settled.load(Ordering::Acquire) < self.logins.dealt() {
            return None;
        }
        let arrival = rate.map_or(Arrival::Unpaced, Arrival::PerSecond);
        let until = now + Duration::from_millis(for_ms);
        Some(
            self.steady
                .get_or_init(|| Pace::new(u64::MAX, arrival, now, Some(until))),
        )
    }
}
