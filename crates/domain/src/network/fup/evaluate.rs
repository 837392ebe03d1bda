//! From what was used to what is restricted.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Cause, Counts, Effect, Rule, Span, Step, Used, rule::share};

/// What people decided about a customer's fair use; limits are not touched by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Usage decides.
    #[default]
    Automatic,
    /// At least that tier, whatever was used; more use may still bring a stricter one.
    Forced {
        /// Which tier, counted from one.
        tier: u8,
        /// Until when; absent until somebody ends it.
        until: Option<DateTime<Utc>>,
    },
    /// No tier, whatever was used.
    Exempt {
        /// Until when; absent until somebody ends it.
        until: Option<DateTime<Utc>>,
    },
}

impl Mode {
    /// The mode at an instant: one that is over is automatic.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>) -> Self {
        match self {
            Self::Forced { until, .. } | Self::Exempt { until }
                if until.is_some_and(|until| until <= now) =>
            {
                Self::Automatic
            }
            Self::Automatic | Self::Forced { .. } | Self::Exempt { .. } => self,
        }
    }

    /// When it ends by itself.
    #[must_use]
    pub const fn until(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Automatic => None,
            Self::Forced { until, .. } | Self::Exempt { until } => until,
        }
    }
}

/// The mode at an instant, by its name.
#[must_use]
pub const fn fair_use_mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Automatic => "automatic",
        Mode::Forced { .. } => "forced",
        Mode::Exempt { .. } => "exempt",
    }
}

/// What had been used when a person began the count of a window anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Baseline {
    /// The window it belongs to; in another it counts for nothing.
    pub first_day: NaiveDate,
    /// What had been used.
    pub used: Used,
}

/// What is kept of a customer's fair use between evaluations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// What people decided.
    pub mode: Mode,
    /// From where fair use counts.
    pub baseline: Option<Baseline>,
}

impl Standing {
    /// What counts against fair use of what a window saw.
    #[must_use]
    pub fn counted(&self, span: Span, used: Used) -> Used {
        match self.baseline {
            Some(baseline) if baseline.first_day == span.first_day => used.since(baseline.used),
            Some(_) | None => used,
        }
    }
}

/// One restriction that must be in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Which rule restricts.
    pub cause: Cause,
    /// Which of its steps, counted from one.
    pub tier: u8,
    /// What it does.
    pub effect: Effect,
    /// When it ends by itself.
    pub until: Option<DateTime<Utc>>,
    /// Whether a person asked for it.
    pub manual: bool,
    /// What was used.
    pub used: Used,
}

/// The customer is near a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Of which rule.
    pub cause: Cause,
    /// Of which of its steps, counted from one.
    pub tier: u8,
    /// The first day of the window: one notice is given in each.
    pub first_day: NaiveDate,
    /// What was used.
    pub used: Used,
}

/// How far a customer is from the next thing to decide, in one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Of which rule.
    pub cause: Cause,
    /// Which direction counts.
    pub counts: Counts,
    /// Octets left until something must be decided.
    pub octets_left: Option<u64>,
    /// Seconds left until something must be decided.
    pub seconds_left: Option<u64>,
}

/// What must be so now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Every restriction that must be in force; any other is lifted.
    pub restrictions: Vec<Verdict>,
    /// What the customer must have been told; each once in a window.
    pub notices: Vec<Notice>,
    /// What further use must be watched for.
    pub marks: Vec<Mark>,
    /// When the first window or decision of a person ends.
    pub next_at: Option<DateTime<Utc>>,
}

/// Decides what must be so; `spent` answers the window of a rule and what was used in it.
#[must_use]
pub fn evaluate(
    rules: &[Rule],
    standing: &Standing,
    spent: impl Fn(&Rule) -> (Span, Used),
    now: DateTime<Utc>,
) -> Plan {
    let mut plan = Plan::default();
    for rule in rules {
        let (span, used) = spent(rule);
        let (used, mode) = match rule.cause {
            Cause::FairUse => (standing.counted(span, used), standing.mode.at(now)),
            Cause::VolumeLimit | Cause::TimeLimit => (used, Mode::Automatic),
        };
        plan.restrictions.extend(verdict(rule, span, used, mode));
        plan.notices.extend(notices(rule, span, used, mode));
        plan.marks.extend(mark(rule, used));
        let ends = [Some(span.ends_at), mode.until(), plan.next_at];
        plan.next_at = ends.into_iter().flatten().min();
    }
    plan
}

fn verdict(rule: &Rule, span: Span, used: Used, mode: Mode) -> Option<Verdict> {
    let reached = rule.reached(used);
    let (number, until, manual) = match mode {
        Mode::Exempt { .. } => return None,
        Mode::Automatic => (reached, Some(span.ends_at), false),
        Mode::Forced { tier, until } => {
            // A policy that lost tiers since then still has its strictest.
            let forced = usize::from(tier).min(rule.steps.len());
            if reached > forced {
                (reached, Some(span.ends_at), false)
            } else {
                (forced, until, true)
            }
        }
    };
    let step = rule.steps.get(number.checked_sub(1)?)?;
    Some(Verdict {
        cause: rule.cause,
        tier: u8::try_from(number).unwrap_or(u8::MAX),
        effect: step.effect.clone(),
        until,
        manual,
        used,
    })
}

/// Only the next step is worth a notice: whoever is past one is told of what follows.
fn notices(rule: &Rule, span: Span, used: Used, mode: Mode) -> Option<Notice> {
    if rule.notify_percent == 0 || matches!(mode, Mode::Exempt { .. }) {
        return None;
    }
    let reached = rule.reached(used);
    let step = rule.steps.get(reached)?;
    step.is_reached(rule.counts, used, rule.notify_percent)
        .then(|| Notice {
            cause: rule.cause,
            tier: u8::try_from(reached + 1).unwrap_or(u8::MAX),
            first_day: span.first_day,
            used,
        })
}

/// The least further use after which the answer may be another one.
fn mark(rule: &Rule, used: Used) -> Option<Mark> {
    let ahead = |limit: fn(&Step) -> Option<u64>, now: u64| {
        rule.steps
            .iter()
            .filter_map(limit)
            .flat_map(|limit| [share(limit, rule.notify_percent), limit])
            .filter(|&threshold| threshold > now)
            .min()
            .map(|threshold| threshold - now)
    };
    let mark = Mark {
        cause: rule.cause,
        counts: rule.counts,
        octets_left: ahead(|step| step.after_octets, rule.counts.octets(used)),
        seconds_left: ahead(|step| step.after_seconds, used.seconds),
    };
    (mark.octets_left.is_some() || mark.seconds_left.is_some()).then_some(mark)
}
