//! Times of the week at which a package may be used, by the ISP's clock.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::customer::named_status as named;
use crate::period::local_instant;

named! {
    /// A day of the week.
    Day {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

impl Day {
    const fn of(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Mon => Self::Monday,
            Weekday::Tue => Self::Tuesday,
            Weekday::Wed => Self::Wednesday,
            Weekday::Thu => Self::Thursday,
            Weekday::Fri => Self::Friday,
            Weekday::Sat => Self::Saturday,
            Weekday::Sun => Self::Sunday,
        }
    }
}

/// A stretch of the day on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeWindow {
    /// The days on which it begins.
    pub days: Vec<Day>,
    /// When it begins.
    pub from: NaiveTime,
    /// When it ends: the next day when that is not after `from`, so that equal times are 24 hours.
    pub to: NaiveTime,
}

/// Whether the clock is inside a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// No window says anything, or they leave no gap.
    Always,
    /// Inside, until that instant.
    Until(DateTime<Utc>),
    /// Outside.
    Closed,
}

/// Beyond a week without a gap there is none.
const WEEK: TimeDelta = TimeDelta::days(7);

/// Whether the windows are open at that instant, and until when without a gap.
#[must_use]
pub fn opening(windows: &[TimeWindow], zone: Tz, now: DateTime<Utc>) -> Opening {
    if windows.is_empty() {
        return Opening::Always;
    }
    let Some(mut end) = end_of_window(windows, zone, now) else {
        return Opening::Closed;
    };
    while let Some(later) = end_of_window(windows, zone, end) {
        if later - now >= WEEK {
            return Opening::Always;
        }
        end = later;
    }
    Opening::Until(end)
}

/// The latest end of the windows that hold the instant.
fn end_of_window(windows: &[TimeWindow], zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = at.with_timezone(&zone).date_naive();
    let yesterday = today.checked_sub_days(Days::new(1));
    // Clock changes are why instants are compared and not times on the wall.
    windows
        .iter()
        .flat_map(|window| {
            yesterday
                .into_iter()
                .chain([today])
                .filter_map(|date| window.on(date, zone))
        })
        .filter(|(from, to)| *from <= at && at < *to)
        .map(|(_, to)| to)
        .max()
}

impl TimeWindow {
    fn on(&self, date: NaiveDate, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        if !self.days.contains(&Day::of(date.weekday())) {
            return None;
        }
        let last = if self.to > self.from {
            date
        } else {
            date.checked_add_days(Days::new(1))?
        };
        Some((
            local_instant(date, self.from, zone),
            local_instant(last, self.to, zone),
        ))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Dhaka;
    use chrono_tz::Europe::Berlin;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn window(days: &[Day], from: &str, to: &str) -> TimeWindow {
        let time = |text| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        TimeWindow {
            days: days.to_vec(),
            from: time(from),
            to: time(to),
        }
    }

    #[test]
    fn a_window_across_midnight_belongs_to_the_day_it_begins_on() {
        let night = [window(&[Day::Friday], "22:00", "06:00")];
        // Dhaka is six hours ahead; 20 November 2026 is a Friday.
        let table = [
            ("2026-11-20T15:59:59Z", Opening::Closed),
            (
                "2026-11-20T16:00:00Z",
                Opening::Until(at("2026-11-21T00:00:00Z")),
            ),
            (
                "2026-11-20T23:59:59Z",
                Opening::Until(at("2026-11-21T00:00:00Z")),
            ),
            ("2026-11-21T00:00:00Z", Opening::Closed),
            // Saturday night is not Friday's.
            ("2026-11-21T17:00:00Z", Opening::Closed),
        ];
        for (now, expected) in table {
            assert_eq!(opening(&night, Dhaka, at(now)), expected, "{now}");
        }
    }

    #[test]
    fn windows_that_touch_are_one_and_a_full_week_has_no_end() {
        let touching = [
            window(&[Day::Friday], "08:00", "12:00"),
            window(&[Day::Friday], "12:00", "14:00"),
        ];
        assert_eq!(
            opening(&touching, Dhaka, at("2026-11-20T03:00:00Z")),
            Opening::Until(at("2026-11-20T08:00:00Z"))
        );
        let always = [window(Day::ALL, "00:00", "00:00")];
        assert_eq!(
            opening(&always, Dhaka, at("2026-11-20T03:00:00Z")),
            Opening::Always
        );
        assert_eq!(
            opening(&[], Dhaka, at("2026-11-20T03:00:00Z")),
            Opening::Always
        );
    }

    #[test]
    fn clocks_that_change_move_the_end() {
        // On 29 March 2026 Berlin jumps from 02:00 to 03:00, on 25 October it lives 02:30 twice.
        let table = [
            (
                "01:00",
                "02:30",
                "2026-03-29T00:30:00Z",
                "2026-03-29T01:00:00Z",
            ),
            (
                "22:00",
                "06:00",
                "2026-03-28T23:00:00Z",
                "2026-03-29T04:00:00Z",
            ),
            (
                "22:00",
                "06:00",
                "2026-10-24T23:00:00Z",
                "2026-10-25T05:00:00Z",
            ),
            (
                "01:00",
                "02:30",
                "2026-10-24T23:30:00Z",
                "2026-10-25T00:30:00Z",
            ),
        ];
        for (from, to, now, end) in table {
            let windows = [window(Day::ALL, from, to)];
            assert_eq!(
                opening(&windows, Berlin, at(now)),
                Opening::Until(at(end)),
                "{from}-{to} at {now}"
            );
        }
    }
}
