//! When the next request of a kind is due, shared by all lanes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::load::Arrival;

/// What a lane may do now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Send the request of that number, which was due then.
    Go(u64, Instant),
    /// Nothing is due before that moment.
    At(Instant),
    /// Nothing will be due any more.
    Done,
}

/// Deals out requests in order.
pub(crate) struct Pace {
    next: AtomicU64,
    total: u64,
    arrival: Arrival,
    begun: Instant,
    /// By how many microseconds a steady rate was put off.
    put_off: AtomicU64,
    until: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(
        total: u64,
        arrival: Arrival,
        begun: Instant,
        until: Option<Instant>,
    ) -> Self {
        Self {
            next: AtomicU64::new(0),
            total,
            arrival,
            begun,
            put_off: AtomicU64::new(0),
            until,
        }
    }

    pub(crate) fn take(&self, now: Instant) -> Next {
        if self.until.is_some_and(|until| now >= until) {
            return Next::Done;
        }
        let due = self.due(self.next.load(Ordering::Relaxed));
        if due.is_some_and(|due| due > now) && self.next.load(Ordering::Relaxed) < self.total {
            return Next::At(due.unwrap_or(now));
        }
        match self.next.fetch_add(1, Ordering::Relaxed) {
            index if index < self.total => Next::Go(index, self.due(index).unwrap_or(now)),
            _ => Next::Done,
        }
    }

    /// A steady rate goes on from now: what was due while the generator was kept from its work must
    /// not meet the server all at once.
    pub(crate) fn put_off(&self, late: Duration) {
        if matches!(self.arrival, Arrival::PerSecond(_)) {
            let micros = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
            self.put_off.fetch_add(micros, Ordering::Relaxed);
        }
    }

    /// How many were dealt out.
    pub(crate) fn dealt(&self) -> u64 {
        self.next.load(Ordering::Relaxed).min(self.total)
    }

    fn due(&self, index: u64) -> Option<Instant> {
        let micros = match self.arrival {
            Arrival::Unpaced | Arrival::PerSecond(0) => return None,
            Arrival::PerSecond(rate) => {
                let due = index.saturating_mul(1_000_000) / u64::from(rate);
                due.saturating_add(self.put_off.load(Ordering::Relaxed))
            }
            Arrival::Storm { within_ms } => storm_micros(index, self.total, within_ms),
        };
        Some(self.begun + Duration::from_micros(micros))
    }
}

/// The n-th of N is due at T · (n/N)²: half of them in the first quarter of the time.
fn storm_micros(index: u64, total: u64, within_ms: u64) -> u64 {
    let (index, total) = (u128::from(index), u128::from(total.max(1)));
    let micros = u128::from(within_ms) * 1_000 * index * index / (total * total);
    u64::try_from(micros).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_spreads_requests_and_remembers_when_they_were_due() {
        let begun = Instant::now();
        let pace = Pace::new(3, Arrival::PerSecond(100), begun, None);
        assert_eq!(pace.take(begun), Next::Go(0, begun));
        let second = begun + Duration::from_millis(10);
        assert_eq!(pace.take(begun), Next::At(second));
        let late = begun + Duration::from_secs(1);
        assert_eq!(pace.take(late), Next::Go(1, second));
        assert_eq!(
            pace.take(late),
            Next::Go(2, begun + Duration::from_millis(20))
        );
        assert_eq!(pace.take(late), Next::Done);
        assert_eq!(pace.dealt(), 3);
    }

    #[test]
    fn a_steady_rate_is_put_off_and_a_storm_is_not() {
        let begun = Instant::now();
        let late = Duration::from_millis(30);
        let pace = Pace::new(10, Arrival::PerSecond(100), begun, None);
        pace.take(begun + late);
        pace.put_off(late);
        let next = begun + Duration::from_millis(40);
        assert_eq!(pace.take(begun + late), Next::At(next));
        let storm = Pace::new(10, Arrival::Storm { within_ms: 1_000 }, begun, None);
        storm.take(begun + late);
        storm.put_off(late);
        let next = begun + Duration::from_millis(10);
        assert_eq!(storm.take(begun + late), Next::Go(1, next));
    }

    #[test]
    fn a_storm_begins_hard_and_ends_in_time() {
        let within = |share: u64| storm_micros(50_000 * share / 100, 50_000, 60_000) / 1_000;
        assert_eq!((within(0), within(50)), (0, 15_000));
        assert!(within(99) < 60_000);
    }

    #[test]
    fn time_ends_what_has_no_number() {
        let begun = Instant::now();
        let until = begun + Duration::from_secs(1);
        let pace = Pace::new(u64::MAX, Arrival::Unpaced, begun, Some(until));
        assert_eq!(pace.take(begun), Next::Go(0, begun));
        assert_eq!(pace.take(until), Next::Done);
        assert_eq!(pace.dealt(), 1);
    }
}
