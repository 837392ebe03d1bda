//! Stretches of time after which counting begins anew, by the ISP's calendar.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::period::local_instant;

/// After what time counting begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// At midnight.
    Day,
    /// On Monday at midnight.
    Week,
    /// On the first of the month at midnight.
    Month,
    /// Every month, at midnight of the customer's own day of billing.
    Period,
}

impl Window {
    /// Every window, shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Period];

    /// The longest window in seconds: 31 days.
    pub const LONGEST_SECONDS: u64 = 31 * 86_400;

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Period => "period",
        }
    }

    /// The window of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|window| window.as_str() == name)
    }

    /// The window that holds a local day; `anchor_day` is the customer's day of billing.
    #[must_use]
    pub fn days(self, day: NaiveDate, anchor_day: u32) -> (NaiveDate, NaiveDate) {
        let on = |date: NaiveDate, days| date.checked_add_days(Days::new(days)).unwrap_or(date);
        match self {
            Self::Day => (day, on(day, 1)),
            Self::Week => {
                let back = u64::from(day.weekday().num_days_from_monday());
                let first = day.checked_sub_days(Days::new(back)).unwrap_or(day);
                (first, on(first, 7))
            }
            Self::Month => anchored(day, 1),
            Self::Period => anchored(day, anchor_day),
        }
    }

    /// The window that holds an instant.
    #[must_use]
    pub fn span(self, now: DateTime<Utc>, zone: Tz, anchor_day: u32) -> Span {
        let today = now.with_timezone(&zone).date_naive();
        let (first_day, next_day) = self.days(today, anchor_day);
        Span {
            first_day,
            next_day,
            ends_at: local_instant(next_day, NaiveTime::MIN, zone),
        }
    }

    /// The window before the one that begins on that day.
    #[must_use]
    pub fn before(self, first_day: NaiveDate, anchor_day: u32) -> (NaiveDate, NaiveDate) {
        let eve = first_day.pred_opt().unwrap_or(first_day);
        self.days(eve, anchor_day)
    }
}

/// One window of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first local day.
    pub first_day: NaiveDate,
    /// The local day after its last.
    pub next_day: NaiveDate,
    /// The instant at which it is over.
    pub ends_at: DateTime<Utc>,
}

/// The month from anchor day to anchor day that holds a day; short months end on their last day.
fn anchored(day: NaiveDate, anchor_day: u32) -> (NaiveDate, NaiveDate) {
    let in_month = |months: i32| {
        let first = day.with_day(1).unwrap_or(day);
        let count = Months::new(months.unsigned_abs());
        let month = if months < 0 {
            first.checked_sub_months(count)
        } else {
            first.checked_add_months(count)
        }
        .unwrap_or(first);
        (1..=anchor_day.clamp(1, 31))
            .rev()
            .find_map(|number| month.with_day(number))
            .unwrap_or(month)
    };
    let this = in_month(0);
    if this <= day {
        (this, in_month(1))
    } else {
        (in_month(-1), this)
    }
}
