//! Counting answers and their times.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use crate::subscribers::session::Event;

/// What a load did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoadReport {
    /// Logins.
    pub logins: Exchanges,
    /// Logins that were granted.
    pub accepted: u64,
    /// Logins that were refused.
    pub rejected: u64,
    /// Reports of sessions that begin.
    pub starts: Exchanges,
    /// Reports of sessions that go on.
    pub interims: Exchanges,
    /// Reports of sessions that end.
    pub stops: Exchanges,
    /// Time from the first request to the last answer.
    pub elapsed_ms: u64,
}

/// Requests of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchanges {
    /// Requests, without repetitions.
    pub sent: u64,
    /// Answers.
    pub answered: u64,
    /// Answers that came late.
    pub late: u64,
    /// Requests without an answer.
    pub lost: u64,
    /// Repetitions.
    pub retransmissions: u64,
    /// Answers that were not believed.
    pub bad_replies: u64,
    /// Answers per second between the first request of the kind and its last answer.
    pub per_second: u64,
    /// Time between these two.
    pub elapsed_ms: u64,
    /// Requests that the generator sent over a millisecond after they were due, though there was
    /// room: so often did the machine stand still for it.
    pub sent_late: u64,
    /// To the answer, from when the request was sent, or was due where it waited for room.
    pub latency_us: Latency,
}

/// How long answers took, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// Half of them were faster.
    pub p50: u64,
    /// 95 of 100 were faster.
    pub p95: u64,
    /// 99 of 100 were faster.
    pub p99: u64,
    /// 999 of 1000 were faster.
    pub p999: u64,
    /// The slowest.
    pub max: u64,
}

pub(crate) struct Tally {
    pub(crate) logins: Kind,
    pub(crate) starts: Kind,
    pub(crate) interims: Kind,
    pub(crate) stops: Kind,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    late_after: Duration,
}

#[derive(Default)]
pub(crate) struct Kind {
    pub(crate) lost: u64,
    pub(crate) retransmissions: u64,
    pub(crate) bad_replies: u64,
    pub(crate) sent_late: u64,
    sent: u64,
    latencies: Vec<u64>,
    span: Option<(Instant, Instant)>,
}

impl Kind {
    /// A request whose answer is waited for from then on.
    pub(crate) fn sent(&mut self, from: Instant) {
        self.sent += 1;
        self.cover(from, from);
    }

    /// The answer to a request that was counted from then.
    pub(crate) fn answered(&mut self, from: Instant) {
        let now = Instant::now();
        let after = now.saturating_duration_since(from);
        self.cover(from, now);
        self.latencies
            .push(u64::try_from(after.as_micros()).unwrap_or(u64::MAX));
    }

    fn cover(&mut self, from: Instant, to: Instant) {
        self.span = Some(match self.span {
            Some((first, last)) => (first.min(from), last.max(to)),
            None => (from, to),
        });
    }

    fn add(&mut self, other: Self) {
        let Self {
            sent,
            lost,
            retransmissions,
            bad_replies,
            sent_late,
            latencies,
            span,
        } = other;
        self.sent += sent;
        self.lost += lost;
        self.retransmissions += retransmissions;
        self.bad_replies += bad_replies;
        self.sent_late += sent_late;
        self.latencies.extend(latencies);
        if let Some((from, to)) = span {
            self.cover(from, to);
        }
    }

    fn exchanges(mut self, late_after: Duration) -> Exchanges {
        self.latencies.sort_unstable();
        let per_mille = |share: usize| {
            let index = (self.latencies.len() * share)
                .div_ceil(1000)
                .saturating_sub(1);
            self.latencies.get(index).copied().unwrap_or_default()
        };
        let late_after = u64::try_from(late_after.as_micros()).unwrap_or(u64::MAX);
        let in_time = self.latencies.partition_point(|after| *after <= late_after);
        let elapsed = self
            .span
            .map_or(Duration::ZERO, |(first, last)| last.duration_since(first));
        Exchanges {
            sent: self.sent,
            answered: count(self.latencies.len()),
            late: count(self.latencies.len() - in_time),
            lost: self.lost,
            retransmissions: self.retransmissions,
            bad_replies: self.bad_replies,
            sent_late: self.sent_late,
            per_second: per_second(self.latencies.len(), elapsed),
            elapsed_ms: millis(elapsed),
            latency_us: Latency {
                p50: per_mille(500),
                p95: per_mille(950),
                p99: per_mille(990),
                p999: per_mille(999),
                max: per_mille(1000),
            },
        }
    }
}

impl Tally {
    pub(crate) fn new(late_after: Duration) -> Self {
        Self {
            logins: Kind::default(),
            starts: Kind::default(),
            interims: Kind::default(),
            stops: Kind::default(),
            accepted: 0,
            rejected: 0,
            late_after,
        }
    }

    /// Where reports of that kind are counted.
    pub(crate) fn of(&mut self, event: Event) -> &mut Kind {
        match event {
            Event::Start => &mut self.starts,
            Event::Interim => &mut self.interims,
            Event::Stop(_) => &mut self.stops,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.logins.add(other.logins);
        self.starts.add(other.starts);
        self.interims.add(other.interims);
        self.stops.add(other.stops);
        self.accepted += other.accepted;
        self.rejected += other.rejected;
    }

    pub(crate) fn report(self, elapsed: Duration) -> LoadReport {
        LoadReport {
            logins: self.logins.exchanges(self.late_after),
            accepted: self.accepted,
            rejected: self.rejected,
            starts: self.starts.exchanges(self.late_after),
            interims: self.interims.exchanges(self.late_after),
            stops: self.stops.exchanges(self.late_after),
            elapsed_ms: millis(elapsed),
        }
    }
}

fn per_second(count: usize, elapsed: Duration) -> u64 {
    let micros = elapsed.as_micros().max(1);
    let count = u128::try_from(count).unwrap_or(u128::MAX);
    u64::try_from(count.saturating_mul(1_000_000) / micros).unwrap_or(u64::MAX)
}

fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_taken_from_sorted_times() {
        let mut tally = Tally::new(Duration::from_micros(990));
        tally.logins.latencies = (1..=1000).rev().collect();
        let begun = Instant::now();
        tally
            .logins
            .cover(begun, begun + Duration::from_millis(500));
        let report = tally.report(Duration::from_millis(700));
        let expected = Latency {
            p50: 500,
            p95: 950,
            p99: 990,
            p999: 999,
            max: 1000,
        };
        assert_eq!(report.logins.latency_us, expected);
        assert_eq!((report.logins.per_second, report.logins.late), (2000, 10));
        assert_eq!(report.interims.latency_us, Latency::default());
    }
}
