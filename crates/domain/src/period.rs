//! Billing periods, computed in the ISP's time zone and kept as instants.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// How often a service is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cycle {
    /// Every day.
    Daily,
    /// Every seven days.
    Weekly,
    /// Every month, on the anchor day.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every twelve months.
    Yearly,
}

impl Cycle {
    /// Every cycle, shortest first.
    pub const ALL: [Self; 5] = [
        Self::Daily,
        Self::Weekly,
        Self::Monthly,
        Self::Quarterly,
        Self::Yearly,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Yearly => "yearly",
        }
    }

    /// The cycle of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cycle| cycle.as_str() == name)
    }
}

/// A stretch of service: from an instant until just before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first instant.
    pub start: DateTime<Utc>,
    /// The instant after the last.
    pub end: DateTime<Utc>,
}

/// The end lies not after the start, or beyond the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the period must end after it starts")]
pub struct InvalidPeriod;

impl Period {
    /// A period that ends after it starts.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, InvalidPeriod> {
        if end > start {
            Ok(Self { start, end })
        } else {
            Err(InvalidPeriod)
        }
    }

    /// The period of one cycle that starts at that instant, by the calendar of the zone.
    ///
    /// `anchor_day` is the day of the month that months aim at: from 31 January a month ends on
    /// 28 February and the one after on 31 March.
    pub fn of_cycle(
        cycle: Cycle,
        start: DateTime<Utc>,
        anchor_day: u32,
        zone: Tz,
    ) -> Result<Self, InvalidPeriod> {
        let local = start.with_timezone(&zone);
        let date = local.date_naive();
        let next = match cycle {
            Cycle::Daily => date.checked_add_days(Days::new(1)),
            Cycle::Weekly => date.checked_add_days(Days::new(7)),
            Cycle::Monthly => months_on(date, 1, anchor_day),
            Cycle::Quarterly => months_on(date, 3, anchor_day),
            Cycle::Yearly => months_on(date, 12, anchor_day),
        }
        .ok_or(InvalidPeriod)?;
        Self::new(start, local_instant(next, meant_time(start, zone), zone))
    }

    /// Whether the two share an instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// The day of the month of an instant, in the zone: the anchor of cycles that start there.
#[must_use]
pub fn anchor_day(instant: DateTime<Utc>, zone: Tz) -> u32 {
    instant.with_timezone(&zone).day()
}

/// The first instant of the local day that holds the instant, and of the day after.
#[must_use]
pub fn day_bounds(instant: DateTime<Utc>, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let date = instant.with_timezone(&zone).date_naive();
    let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
    (
        local_instant(date, NaiveTime::MIN, zone),
        local_instant(next, NaiveTime::MIN, zone),
    )
}

/// The first instant of the local month that holds the instant, and of the month after.
#[must_use]
pub fn month_bounds(instant: DateTime<Utc>, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let date = instant.with_timezone(&zone).date_naive();
    let first = date.with_day(1).unwrap_or(date);
    let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
    (
        local_instant(first, NaiveTime::MIN, zone),
        local_instant(next, NaiveTime::MIN, zone),
    )
}

fn months_on(date: NaiveDate, months: u32, anchor_day: u32) -> Option<NaiveDate> {
    let first = date.with_day(1)?.checked_add_months(Months::new(months))?;
    (1..=anchor_day.clamp(1, 31))
        .rev()
        .find_map(|day| first.with_day(day))
}

/// The wall time that cycles from an instant aim at. Where the clock skips midnight the day begins
/// later: a cycle from its first instant still aims at midnight.
fn meant_time(start: DateTime<Utc>, zone: Tz) -> NaiveTime {
    if day_bounds(start, zone).0 == start {
        NaiveTime::MIN
    } else {
        start.with_timezone(&zone).time()
    }
}

/// The instant of a local wall time; where a clock change skips it, the next that exists.
pub(crate) fn local_instant(date: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let mut wall = date.and_time(time);
    loop {
        if let Some(instant) = zone.from_local_datetime(&wall).earliest() {
            return instant.with_timezone(&Utc);
        }
        wall += chrono::TimeDelta::minutes(15);
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Dhaka;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn months_do_not_drift_from_their_anchor() {
        let mut start = at("2026-01-30T20:00:00Z"); // 31 January, 02:00 in Dhaka
        let mut ends = Vec::new();
        for _ in 0..4 {
            let period = Period::of_cycle(Cycle::Monthly, start, 31, Dhaka).unwrap();
            ends.push(period.end.with_timezone(&Dhaka).date_naive().to_string());
            start = period.end;
        }
        assert_eq!(
            ends,
            ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
        );
    }

    #[test]
    fn a_skipped_midnight_moves_one_end_and_no_later_one() {
        use chrono_tz::America::Santiago;
        let mut start = at("2027-08-05T04:00:00Z");
        let ends: Vec<String> = std::iter::repeat_with(|| {
            start = Period::of_cycle(Cycle::Monthly, start, 5, Santiago)
                .unwrap()
                .end;
            start.with_timezone(&Santiago).naive_local().to_string()
        })
        .take(3)
        .collect();
        assert_eq!(
            ends,
            [
                "2027-09-05 01:00:00",
                "2027-10-05 00:00:00",
                "2027-11-05 00:00:00"
            ]
        );
    }

    #[test]
    fn the_day_is_the_local_day() {
        let (start, end) = day_bounds(at("2026-11-20T19:30:00Z"), Dhaka);
        assert_eq!(
            (start, end),
            (at("2026-11-20T18:00:00Z"), at("2026-11-21T18:00:00Z"))
        );
    }

    #[test]
    fn touching_periods_do_not_overlap() {
        let first = Period::of_cycle(Cycle::Weekly, at("2026-01-01T00:00:00Z"), 1, Dhaka).unwrap();
        let second = Period::of_cycle(Cycle::Weekly, first.end, 1, Dhaka).unwrap();
        assert!(!first.overlaps(&second));
        assert!(first.overlaps(&Period::new(first.start, second.end).unwrap()));
    }
}
