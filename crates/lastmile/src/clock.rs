//! The wall clock.

use chrono::{DateTime, Utc};
use domain::clock::{Clock, to_micros};

/// Reads the machine's time: the one place that does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> DateTime<Utc> {
        to_micros(Utc::now())
    }
}
