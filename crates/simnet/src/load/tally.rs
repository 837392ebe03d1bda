//! Counting answers and their times.

use std::time::Duration;

use serde::Serialize;

/// What a load did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoadReport {
    /// Logins.
    pub logins: Exchanges,
    /// Logins that were granted.
    pub accepted: u64,
    /// Logins that were refused.
    pub rejected: u64,
    /// Accounting reports.
    pub accounting: Exchanges,
    /// Time from the first request to the last answer.
    pub elapsed_ms: u64,
    /// Logins answered per second.
    pub logins_per_second: u64,
    /// Reports answered per second.
    pub reports_per_second: u64,
}

/// Requests of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchanges {
    /// Requests, without repetitions.
    pub sent: u64,
    /// Answers.
    pub answered: u64,
    /// Requests without an answer.
    pub lost: u64,
    /// Repetitions.
    pub retransmissions: u64,
    /// Answers that were not believed.
    pub bad_replies: u64,
    /// From the first sending to the answer.
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

#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) logins: Kind,
    pub(crate) reports: Kind,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
}

#[derive(Default)]
pub(crate) struct Kind {
    pub(crate) sent: u64,
    pub(crate) lost: u64,
    pub(crate) retransmissions: u64,
    pub(crate) bad_replies: u64,
    latencies: Vec<u64>,
}

impl Kind {
    pub(crate) fn answered(&mut self, after: Duration) {
        self.latencies
            .push(u64::try_from(after.as_micros()).unwrap_or(u64::MAX));
    }

    fn add(&mut self, other: Self) {
        let Self {
            sent,
            lost,
            retransmissions,
            bad_replies,
            latencies,
        } = other;
        self.sent += sent;
        self.lost += lost;
        self.retransmissions += retransmissions;
        self.bad_replies += bad_replies;
        self.latencies.extend(latencies);
    }

    fn exchanges(mut self) -> Exchanges {
        self.latencies.sort_unstable();
        let per_mille = |share: usize| {
            let index = (self.latencies.len() * share)
                .div_ceil(1000)
                .saturating_sub(1);
            self.latencies.get(index).copied().unwrap_or_default()
        };
        Exchanges {
            sent: self.sent,
            answered: count(&self.latencies),
            lost: self.lost,
            retransmissions: self.retransmissions,
            bad_replies: self.bad_replies,
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
    pub(crate) fn add(&mut self, other: Self) {
        let Self {
            logins,
            reports,
            accepted,
            rejected,
        } = other;
        self.logins.add(logins);
        self.reports.add(reports);
        self.accepted += accepted;
        self.rejected += rejected;
    }

    pub(crate) fn report(self, elapsed: Duration) -> LoadReport {
        let per_second = |count: u64| {
            let micros = elapsed.as_micros().max(1);
            u64::try_from(u128::from(count) * 1_000_000 / micros).unwrap_or(u64::MAX)
        };
        let (logins, accounting) = (self.logins.exchanges(), self.reports.exchanges());
        LoadReport {
            accepted: self.accepted,
            rejected: self.rejected,
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            logins_per_second: per_second(logins.answered),
            reports_per_second: per_second(accounting.answered),
            logins,
            accounting,
        }
    }
}

fn count(latencies: &[u64]) -> u64 {
    u64::try_from(latencies.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_taken_from_sorted_times() {
        let mut tally = Tally::default();
        for micros in (1..=1000).rev() {
            tally.logins.answered(Duration::from_micros(micros));
        }
        let report = tally.report(Duration::from_millis(500));
        let expected = Latency {
            p50: 500,
            p95: 950,
            p99: 990,
            p999: 999,
            max: 1000,
        };
        assert_eq!(report.logins.latency_us, expected);
        assert_eq!(report.logins_per_second, 2000);
        assert_eq!(report.accounting.latency_us, Latency::default());
    }
}
