//! What customers use, as the steps in which it is learnt.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::ids::{CustomerId, IspId};
use crate::period::day_bounds;

/// What was used before is counted where the interval begins to be believable.
const LONGEST: TimeDelta = TimeDelta::days(400);

/// By how much one report moved what a customer has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageDelta {
    /// Whose customer.
    pub isp_id: IspId,
    /// The customer.
    pub customer_id: CustomerId,
    /// When it was used up: the instant of the report.
    pub at: DateTime<Utc>,
    /// Upload of the customer in bytes.
    pub input_octets: u64,
    /// Download of the customer in bytes.
    pub output_octets: u64,
    /// Seconds online.
    pub seconds: u64,
}

/// What was used between two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Upload of the customer in bytes.
    pub input_octets: u64,
    /// Download of the customer in bytes.
    pub output_octets: u64,
    /// Seconds online.
    pub seconds: u64,
}

impl Amount {
    /// Whether nothing was used.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.input_octets == 0 && self.output_octets == 0 && self.seconds == 0
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            input_octets: self.input_octets.saturating_add(other.input_octets),
            output_octets: self.output_octets.saturating_add(other.output_octets),
            seconds: self.seconds.saturating_add(other.seconds),
        }
    }
}

/// Shares out what was used from `since` to `until` over the days of the ISP.
///
/// A router reports totals and not when within the interval they grew, so each day gets its share
/// by time; the last day gets the rest, so that nothing is lost to rounding.
#[must_use]
pub fn by_day(
    amount: Amount,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    zone: Tz,
) -> Vec<(NaiveDate, Amount)> {
    let since = since.clamp(until - LONGEST, until);
    let whole = (until - since).num_milliseconds();
    let (mut days, mut taken, mut from) = (Vec::with_capacity(1), Amount::default(), since);
    loop {
        let ends = day_bounds(from, zone).1;
        if ends >= until {
            // An interval that ends at midnight belongs to the day before it.
            days.push((day_of(from, zone), less(amount, taken)));
            return days;
        }
        let until_then = share(amount, (ends - since).num_milliseconds(), whole);
        days.push((day_of(from, zone), less(until_then, taken)));
        taken = until_then;
        from = ends;
    }
}

/// The ISP's day of an instant.
#[must_use]
pub fn day_of(instant: DateTime<Utc>, zone: Tz) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}

fn share(amount: Amount, passed: i64, whole: i64) -> Amount {
    let part = |value: u64| {
        let (passed, whole) = (passed.unsigned_abs(), whole.unsigned_abs().max(1));
        let part = u128::from(value) * u128::from(passed) / u128::from(whole);
        u64::try_from(part).unwrap_or(value).min(value)
    };
    Amount {
        input_octets: part(amount.input_octets),
        output_octets: part(amount.output_octets),
        seconds: part(amount.seconds),
    }
}

const fn less(amount: Amount, other: Amount) -> Amount {
    Amount {
        input_octets: amount.input_octets.saturating_sub(other.input_octets),
        output_octets: amount.output_octets.saturating_sub(other.output_octets),
        seconds: amount.seconds.saturating_sub(other.seconds),
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Dhaka;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn used(octets: u64, seconds: u64) -> Amount {
        Amount {
            input_octets: octets,
            output_octets: octets * 3,
            seconds,
        }
    }

    #[test]
    fn midnight_of_the_isp_divides_by_time() {
        // 18:00 UTC is midnight in Dhaka.
        let days = by_day(
            used(300, 300),
            at("2026-11-20T17:59:00Z"),
            at("2026-11-20T18:04:00Z"),
            Dhaka,
        );
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(
            days,
            [
                (day("2026-11-20"), used(60, 60)),
                (day("2026-11-21"), used(240, 240))
            ]
        );
        let ends_at_midnight = by_day(
            used(9, 9),
            at("2026-11-20T17:55:00Z"),
            at("2026-11-20T18:00:00Z"),
            Dhaka,
        );
        assert_eq!(ends_at_midnight, [(day("2026-11-20"), used(9, 9))]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_made(octets in 0_u64..1 << 45, start in 0_i64..400_000_000, length in 0_i64..900_000) {
            let since = DateTime::from_timestamp(1_700_000_000 + start, 0).expect("an instant");
            let until = since + TimeDelta::seconds(length);
            let amount = used(octets, length.unsigned_abs());
            let days = by_day(amount, since, until, chrono_tz::Europe::Berlin);
            let sum = days.iter().fold(Amount::default(), |sum, (_, part)| sum.plus(*part));
            prop_assert_eq!(sum, amount);
            prop_assert!(days.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
