//! What the reports of a session add up to.
//!
//! Reports arrive twice, late, in any order, or never; counters wrap at 32 bits, start again, or
//! are missing. A tally takes each report once: taking it again, or after a newer one, changes
//! nothing. What it cannot know for certain it flags and never counts twice.

use chrono::{DateTime, TimeDelta, Utc};

use crate::network::session::{AccountingEvent, AccountingRecord, TerminateCause};
use crate::network::usage::Amount;

mod flags;

pub use flags::TallyFlags;

/// By so much the instants of two reports may disagree on when a session began.
const JITTER: TimeDelta = TimeDelta::seconds(3);
/// An unstamped Start so soon after the end is a late repetition: taken for a new session, it would
/// count every other late repetition again.
const LATE_START: TimeDelta = TimeDelta::days(1);
/// No session is believed to last longer.
const LONGEST: TimeDelta = TimeDelta::days(400);
/// 100 Gbit/s: what moves faster is a faulty counter.
const MOST_BYTES_PER_SECOND: u64 = 12_500_000_000;
/// Time by which a report may be early or late against the traffic it reports.
const GRACE_SECONDS: u64 = 60;
const WRAP: u64 = 1 << 32;

/// Everything counted of one session, and what the next report is measured against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// The latest instant a report spoke of.
    pub updated_at: DateTime<Utc>,
    /// Upload of the customer in bytes.
    pub input_octets: u64,
    /// Download of the customer in bytes.
    pub output_octets: u64,
    /// Seconds online.
    pub session_time: u64,
    /// What was odd about it.
    pub flags: TallyFlags,
    /// The counters as the router gave them last.
    pub reported: Reported,
    /// When the router began to count, by its present counters.
    pub counted_from: DateTime<Utc>,
    /// Seconds before it began to count anew.
    pub earlier_time: u64,
    /// Speeds between the last two reports.
    pub speed: Speed,
    /// How it ended, if it did.
    pub ending: Option<Ending>,
}

/// Counters as a router gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    /// Upload in bytes.
    pub input: u64,
    /// Download in bytes.
    pub output: u64,
    /// Seconds the session had lasted.
    pub time: u32,
    /// When.
    pub at: DateTime<Utc>,
}

/// Average speeds in bits per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Speed {
    /// From the customer.
    pub input_bps: u64,
    /// To the customer.
    pub output_bps: u64,
}

/// The end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub cause: TerminateCause,
    /// Nobody said so: a report of a later instant than this opens the session again.
    pub presumed_until: Option<DateTime<Utc>>,
}

/// What a report moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// By how much.
    pub amount: Amount,
    /// From when on it was used.
    pub since: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// How a report relates to a tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It belongs to the session; what it moved, if anything.
    Counted(Option<Step>),
    /// It is of another session to which the router gave the same name later.
    Another,
}

impl Tally {
    /// Begins with the first report that is heard of a session.
    #[must_use]
    pub fn begin(record: &AccountingRecord) -> (Self, Option<Step>) {
        let starts = starts_at(record);
        let mut tally = Self {
            started_at: starts,
            updated_at: starts,
            input_octets: 0,
            output_octets: 0,
            session_time: 0,
            flags: TallyFlags::default(),
            reported: Reported::nothing(starts),
            counted_from: starts,
            earlier_time: 0,
            speed: Speed::default(),
            ending: None,
        };
        let step = tally.count(record);
        tally.end_by(record);
        (tally, step)
    }

    /// Takes one more report.
    pub fn take(&mut self, record: &AccountingRecord) -> Taken {
        if self.is_another(record) {
            return Taken::Another;
        }
        if self.is_of_earlier_counters(record) {
            return Taken::Counted(None);
        }
        if self.counts_anew(record) {
            self.earlier_time = self.session_time;
            self.counted_from = starts_at(record);
            self.reported = Reported::nothing(self.counted_from);
            self.flags.set(TallyFlags::RESTARTED);
        }
        let speaks_on = self.speaks_on(record);
        let step = self.count(record);
        self.reopen_by(record, speaks_on);
        self.end_by(record);
        Taken::Counted(step)
    }

    /// Ends a session whose end nobody reported; a report of a later instant opens it again.
    pub fn presume_ended(&mut self, cause: TerminateCause, until: DateTime<Utc>) {
        self.flags.set(TallyFlags::PRESUMED);
        self.ending = Some(Ending {
            at: self.updated_at,
            cause,
            presumed_until: Some(until.max(self.updated_at)),
        });
    }

    // Routers use a session's name again, after a restart for example.
    fn is_another(&self, record: &AccountingRecord) -> bool {
        let Some(ending) = self.ending else {
            return false;
        };
        let over = ending
            .presumed_until
            .map_or(ending.at, |until| until.max(ending.at));
        if record.stamped {
            let goes_on = ending.presumed_until.is_some() && self.continues(record);
            return !goes_on && starts_at(record) > over + JITTER;
        }
        record.event == AccountingEvent::Start && record.event_time > over + LATE_START
    }

    // The clock of a router may jump: seconds and counters that go on are of the same session.
    fn continues(&self, record: &AccountingRecord) -> bool {
        record
            .usage
            .session_time
            .is_some_and(|time| u64::from(time) > self.stretch_time())
            && !self.drops(record)
    }

    fn counts_anew(&self, record: &AccountingRecord) -> bool {
        record.stamped
            && self.ending.is_none()
            && starts_at(record) > self.updated_at
            && starts_at(record) > self.counted_from + JITTER
            && (record.event == AccountingEvent::Start || !self.continues(record))
            && (record.event == AccountingEvent::Start || record.usage.session_time.is_some())
    }

    fn is_of_earlier_counters(&self, record: &AccountingRecord) -> bool {
        self.flags.has(TallyFlags::RESTARTED)
            && record.stamped
            && starts_at(record) < self.counted_from - JITTER
            && record.event_time <= self.counted_from + JITTER
    }

    /// Seconds of the session since the router began to count.
    const fn stretch_time(&self) -> u64 {
        self.session_time.saturating_sub(self.earlier_time)
    }

    fn drops(&self, record: &AccountingRecord) -> bool {
        let less = |now: Option<u64>, before: u64| now.is_some_and(|now| now < before);
        less(record.usage.input_octets, self.reported.input)
            || less(record.usage.output_octets, self.reported.output)
    }

    // Whether the report speaks of the session after all that is known of it.
    fn speaks_on(&self, record: &AccountingRecord) -> bool {
        match record.usage.session_time {
            Some(time) => u64::from(time) > self.stretch_time(),
            None => record.event_time > self.updated_at,
        }
    }

    fn reopen_by(&mut self, record: &AccountingRecord, speaks_on: bool) {
        let Some(until) = self.ending.and_then(|ending| ending.presumed_until) else {
            return;
        };
        if record.event == AccountingEvent::Interim && speaks_on && record.event_time > until {
            self.ending = None;
        }
    }

    fn end_by(&mut self, record: &AccountingRecord) {
        let AccountingEvent::Stop { cause } = record.event else {
            return;
        };
        if self
            .ending
            .is_none_or(|ending| ending.presumed_until.is_some())
        {
            self.ending = Some(Ending {
                at: record.event_time.max(self.started_at),
                cause,
                presumed_until: None,
            });
        }
    }

    fn count(&mut self, record: &AccountingRecord) -> Option<Step> {
        let (heard_until, counted_until) = (self.updated_at, self.reported.at);
        if !self.flags.has(TallyFlags::RESTARTED) {
            self.begin_at(starts_at(record), record.stamped);
        }
        let seconds = self.count_time(record);
        let (input_octets, output_octets) = self.count_octets(record, seconds);
        self.updated_at = self.updated_at.max(record.event_time);
        let amount = Amount {
            input_octets,
            output_octets,
            seconds,
        };
        if amount.is_nothing() {
            return None;
        }
        let moved_octets = input_octets > 0 || output_octets > 0;
        let since = if moved_octets {
            counted_until
        } else {
            heard_until
        };
        let until = record.event_time;
        // After a jump of the router's clock its seconds say how long the step was.
        let back = TimeDelta::seconds(i64::try_from(seconds).unwrap_or(0)).min(LONGEST);
        let since = if since < until { since } else { until - back };
        Some(Step {
            amount,
            since,
            until,
        })
    }

    fn begin_at(&mut self, starts: DateTime<Utc>, stamped: bool) {
        if starts < self.started_at && stamped {
            self.started_at = starts;
            self.counted_from = starts;
            if self.reported == Reported::nothing(self.reported.at) {
                self.reported.at = starts;
            }
        }
    }

    fn count_time(&mut self, record: &AccountingRecord) -> u64 {
        let Some(time) = record.usage.session_time else {
            return 0;
        };
        if TimeDelta::seconds(time.into()) > LONGEST {
            self.flags.set(TallyFlags::TIME_TRAVEL);
            return 0;
        }
        let moved = (self.earlier_time + u64::from(time)).saturating_sub(self.session_time);
        let passed = (record.event_time - self.started_at)
            .num_seconds()
            .unsigned_abs();
        // More seconds than have passed since the session began were never online.
        if moved > 0 && self.session_time + moved > passed + 86_400 {
            self.flags.set(TallyFlags::TIME_TRAVEL);
            return 0;
        }
        self.session_time += moved;
        moved
    }

    fn count_octets(&mut self, record: &AccountingRecord, seconds: u64) -> (u64, u64) {
        let usage = &record.usage;
        if usage.input_octets.is_none() && usage.output_octets.is_none() {
            return (0, 0);
        }
        if !self.is_newer(record) {
            return (0, 0);
        }
        let now = Reported {
            input: usage.input_octets.unwrap_or(self.reported.input),
            output: usage.output_octets.unwrap_or(self.reported.output),
            time: usage
                .session_time
                .unwrap_or(self.reported.time)
                .max(self.reported.time),
            at: record.event_time.max(self.reported.at),
        };
        if usage.gigawords {
            self.flags.set(TallyFlags::GIGAWORDS);
        }
        let (input, output) = self.moved(now);
        let passed = elapsed(self.reported, now).max(seconds);
        let most = MOST_BYTES_PER_SECOND.saturating_mul(passed + GRACE_SECONDS);
        if input > most || output > most {
            self.flags.set(TallyFlags::IMPOSSIBLE_RATE);
            return (0, 0);
        }
        self.input_octets = self.input_octets.saturating_add(input);
        self.output_octets = self.output_octets.saturating_add(output);
        let per_second = |octets: u64| octets.saturating_mul(8).checked_div(passed);
        if let (Some(input_bps), Some(output_bps)) = (per_second(input), per_second(output)) {
            self.speed = Speed {
                input_bps,
                output_bps,
            };
        }
        self.reported = now;
        (input, output)
    }

    fn is_newer(&self, record: &AccountingRecord) -> bool {
        let grew = !self.drops(record);
        match record.usage.session_time {
            Some(time) if time == self.reported.time => grew,
            Some(time) => time > self.reported.time,
            None => grew || (record.stamped && record.event_time > self.reported.at),
        }
    }

    /// By how much counters moved that may have wrapped or begun again.
    fn moved(&mut self, now: Reported) -> (u64, u64) {
        let before = self.reported;
        let fell = |now: u64, before: u64| now < before;
        let (input_fell, output_fell) = (
            fell(now.input, before.input),
            fell(now.output, before.output),
        );
        if !input_fell && !output_fell {
            return (now.input - before.input, now.output - before.output);
        }
        // A router that counts beyond 32 bits does not wrap. One that does wraps one direction at
        // a time, mostly; counters that begin again do so in both.
        let both = (input_fell || before.input == 0) && (output_fell || before.output == 0);
        let begins_again = self.flags.has(TallyFlags::GIGAWORDS)
            || both
            || before.input >= WRAP
            || before.output >= WRAP;
        self.flags.set(if begins_again {
            TallyFlags::COUNTER_RESET
        } else {
            TallyFlags::COUNTER_WRAPPED
        });
        let step = |now: u64, before: u64| match (now < before, begins_again) {
            (false, _) => now - before,
            (true, true) => now,
            (true, false) => now + WRAP - before,
        };
        (
            step(now.input, before.input),
            step(now.output, before.output),
        )
    }
}

impl Reported {
    const fn nothing(at: DateTime<Utc>) -> Self {
        Self {
            input: 0,
            output: 0,
            time: 0,
            at,
        }
    }
}

fn starts_at(record: &AccountingRecord) -> DateTime<Utc> {
    let lasted = TimeDelta::seconds(record.usage.session_time.unwrap_or(0).into());
    if lasted > LONGEST {
        return record.event_time;
    }
    record.event_time - lasted
}

fn elapsed(before: Reported, now: Reported) -> u64 {
    let by_clock = (now.at - before.at).num_seconds().unsigned_abs();
    u64::from(now.time.saturating_sub(before.time)).max(by_clock)
}

#[cfg(test)]
mod tests;
