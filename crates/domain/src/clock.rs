//! Time as an input.

use chrono::{DateTime, SubsecRound, Utc};

/// Tells the time. The one implementation that reads the wall clock lives at the composition root.
pub trait Clock: Send + Sync {
    /// The present instant, in whole microseconds so that both databases keep it unchanged.
    fn now(&self) -> DateTime<Utc>;
}

/// A clock that stands still, for decisions replayed and for tests.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub DateTime<Utc>);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        to_micros(self.0)
    }
}

/// Cuts an instant to the microseconds that both databases keep.
#[must_use]
pub fn to_micros(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.trunc_subsecs(6)
}
