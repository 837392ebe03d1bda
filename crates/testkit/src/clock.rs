//! Time under the test's control.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use domain::clock::{Clock, to_micros};

/// Stands still until told to go on.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<Mutex<DateTime<Utc>>>);

impl Default for TestClock {
    /// Noon of 20 November 2026 in Dhaka.
    fn default() -> Self {
        Self::at(
            "2026-11-20T06:00:00Z"
                .parse()
                .expect("invariant: a valid instant"),
        )
    }
}

impl TestClock {
    /// Stands at that instant.
    #[must_use]
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(instant)))
    }

    /// Goes on by so much.
    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().expect("invariant: never poisoned") += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        to_micros(*self.0.lock().expect("invariant: never poisoned"))
    }
}
