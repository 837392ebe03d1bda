//! When many subscribers dial: all at once after a power cut, or spread out on a quiet start.

use std::time::Duration;

/// Delay before the dial of one subscriber of many.
///
/// Zero spread is the storm: everybody dials at the same moment.
pub(crate) fn delay(index: usize, count: usize, spread: Duration) -> Duration {
    let share = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    if count < 2 {
        return Duration::ZERO;
    }
    spread / share(count) * share(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dials_are_spread_evenly() {
        let spread = Duration::from_secs(10);
        assert_eq!(delay(0, 1, spread), Duration::ZERO);
        assert_eq!(delay(0, 100, spread), Duration::ZERO);
        assert_eq!(delay(50, 100, spread), Duration::from_secs(5));
        assert_eq!(delay(99, 100, Duration::ZERO), Duration::ZERO);
    }
}
