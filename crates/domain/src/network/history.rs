//! For how long ended sessions are kept.

use chrono::{DateTime, Months, Utc};

/// The longest time that can be named; without one they are kept for ever.
pub const MOST_KEPT_MONTHS: u32 = 240;

/// For how many months an ended session is kept at least; it is forgotten soon after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptMonths(u32);

impl KeptMonths {
    /// That many months: at least one, so that late reports find the session they speak of.
    #[must_use]
    pub fn new(months: u32) -> Option<Self> {
        (1..=MOST_KEPT_MONTHS)
            .contains(&months)
            .then_some(Self(months))
    }

    /// Sessions that ended before this instant are to be forgotten.
    ///
    /// Months are those of the calendar, in UTC: where the earlier one is shorter, its last day
    /// counts, so that nothing is forgotten early.
    #[must_use]
    pub fn forgets_before(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.checked_sub_months(Months::new(self.0))
            .unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        for (months, now, before) in [
            (1, "2026-11-20T06:00:00Z", "2026-10-20T06:00:00Z"),
            (1, "2027-03-31T06:00:00Z", "2027-02-28T06:00:00Z"),
            (12, "2028-02-29T00:00:00Z", "2027-02-28T00:00:00Z"),
            (6, "2026-05-31T23:59:59Z", "2025-11-30T23:59:59Z"),
        ] {
            let kept = KeptMonths::new(months).expect("a time");
            assert_eq!(kept.forgets_before(at(now)), at(before), "{months} {now}");
        }
    }

    #[test]
    fn less_than_a_month_is_no_time_to_keep_anything() {
        for months in [0, MOST_KEPT_MONTHS + 1, u32::MAX] {
            assert_eq!(KeptMonths::new(months), None, "{months}");
        }
        assert!(KeptMonths::new(MOST_KEPT_MONTHS).is_some());
    }
}
