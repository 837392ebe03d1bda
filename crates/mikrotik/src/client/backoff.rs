//! How long a router that cannot be reached is left alone.

use std::time::Duration;

use tokio::time::Instant;

/// The wait after failures: doubled by each, up to a limit, and spread so that routers do not come in step.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    /// No failures so far.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            failures: 0,
            until: None,
        }
    }

    /// How long to wait still; none when it may be tried.
    pub fn remaining(&self) -> Option<Duration> {
        let left = self.until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Counts a failure.
    pub fn failed(&mut self) {
        let doubled = self.first.saturating_mul(1 << self.failures.min(16));
        let wait = doubled.min(self.longest);
        let spread = rand::random_range(80..=100_u32);
        self.until = Some(Instant::now() + wait * spread / 100);
        self.failures = self.failures.saturating_add(1);
    }

    /// Forgets the failures.
    pub fn succeeded(&mut self) {
        self.failures = 0;
        self.until = None;
    }
}
