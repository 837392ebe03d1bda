//! A clock that runs as fast as the simulation is wanted to.

use chrono::{DateTime, Utc};
use domain::clock::{Clock, to_micros};
use tokio::time::Instant;

use crate::nas::Speed;

/// Begins at a given moment and runs so many times as fast as the wall's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FastClock {
    begins: DateTime<Utc>,
    began: Instant,
    speed: Speed,
}

impl FastClock {
    pub(crate) fn new(begins: DateTime<Utc>, speed: Speed) -> Self {
        Self {
            begins: to_micros(begins),
            began: Instant::now(),
            speed,
        }
    }

    /// What it said at the beginning.
    pub(crate) fn begins(&self) -> DateTime<Utc> {
        self.begins
    }

    /// When on the wall's clock a span after the beginning has passed here.
    pub(crate) fn on_the_wall(&self, since_beginning: std::time::Duration) -> Instant {
        self.began + self.speed.shrunk(since_beginning)
    }

    /// What has passed since the beginning.
    pub(crate) fn passed(&self) -> std::time::Duration {
        self.speed.stretched(self.began.elapsed())
    }
}

impl Clock for FastClock {
    fn now(&self) -> DateTime<Utc> {
        let passed = chrono::Duration::from_std(self.passed()).unwrap_or_default();
        to_micros(self.begins + passed)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_thousand_times_as_fast() {
        let begins = DateTime::from_timestamp(1_800_000_000, 0).expect("a moment");
        let clock = FastClock::new(begins, Speed::times(1000));
        let wall = clock.on_the_wall(Duration::from_secs(20));
        tokio::time::sleep_until(wall).await;
        let passed = clock.now() - begins;
        assert!(passed >= chrono::Duration::seconds(20), "{passed}");
        assert!(clock.passed() >= Duration::from_secs(20));
    }
}
