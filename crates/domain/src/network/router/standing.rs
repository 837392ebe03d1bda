//! How a router fares: what one check after the other makes of it, and when it is looked at again.
//!
//! A single failed check is no news, since packets get lost; the second in a row is. What somebody
//! must confirm is told at once.

use chrono::{DateTime, TimeDelta, Utc};

use super::{CheckCause, CheckFailure, CheckOutcome, Fingerprint};

/// How long after a check the next one is due.
const EVERY: TimeDelta = TimeDelta::minutes(1);
/// How soon a first failure is looked at again.
const DOUBT: TimeDelta = TimeDelta::seconds(15);
/// How long what only a person can mend is left alone: each login is a line in the router's log.
const HOPELESS: TimeDelta = TimeDelta::minutes(10);
/// How long a router waits for a person to confirm its certificate before it is looked at again.
const UNCONFIRMED: TimeDelta = TimeDelta::minutes(5);
/// So many failures in a row are needed before a router counts as away.
const FAILURES: u32 = 2;

/// Whether a router can be managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RouterState {
    /// Not looked at since it was made or its settings changed.
    Unchecked,
    /// It answers.
    Reachable,
    /// It shows a certificate that a person has to confirm before anybody logs in.
    Unconfirmed,
    /// It shows another certificate than the confirmed one; nobody logs in.
    FingerprintChanged,
    /// It cannot be managed.
    Unreachable,
}

impl RouterState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Unchecked,
        Self::Reachable,
        Self::Unconfirmed,
        Self::FingerprintChanged,
        Self::Unreachable,
    ];

    /// The word used in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Reachable => "reachable",
            Self::Unconfirmed => "unconfirmed",
            Self::FingerprintChanged => "fingerprint_changed",
            Self::Unreachable => "unreachable",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// How a router fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether it can be managed.
    pub state: RouterState,
    /// Since when.
    pub since: DateTime<Utc>,
    /// How many checks failed in a row.
    pub failures: u32,
    /// Why the last check failed, when it did.
    pub failure: Option<CheckFailure>,
}

impl Standing {
    /// Nothing is known yet.
    #[must_use]
    pub const fn unchecked(now: DateTime<Utc>) -> Self {
        Self {
            state: RouterState::Unchecked,
            since: now,
            failures: 0,
            failure: None,
        }
    }

    fn cause(&self) -> Option<CheckCause> {
        self.failure.as_ref().map(|failure| failure.cause)
    }
}

/// What is worth telling about a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It answers, and did not before.
    Reached,
    /// It shows a certificate to be confirmed.
    FingerprintPresented,
    /// It cannot be managed, or for another reason than before.
    WentAway(CheckCause),
}

/// What a check makes of a router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// How it fares now.
    pub standing: Standing,
    /// What is worth telling.
    pub change: Option<Change>,
    /// The certificate it showed, where that is the question.
    pub presented: Option<Fingerprint>,
    /// When it is looked at again.
    pub next_in: TimeDelta,
}

/// What a check makes of a router that fared like this, and showed that certificate last.
#[must_use]
pub fn judge(
    before: &Standing,
    shown: Option<Fingerprint>,
    outcome: &CheckOutcome,
    now: DateTime<Utc>,
) -> Judged {
    match outcome {
        CheckOutcome::Answered(_) => {
            let reached = before.state != RouterState::Reachable;
            Judged {
                standing: moved(before, RouterState::Reachable, now),
                change: reached.then_some(Change::Reached),
                presented: None,
                next_in: EVERY,
            }
        }
        CheckOutcome::Unconfirmed(presented) => {
            confirm(before, RouterState::Unconfirmed, shown, *presented, now)
        }
        CheckOutcome::FingerprintChanged(presented) => {
            let state = RouterState::FingerprintChanged;
            confirm(before, state, shown, *presented, now)
        }
        CheckOutcome::Failed(failure) => failed(before, failure, now),
    }
}

fn moved(before: &Standing, state: RouterState, now: DateTime<Utc>) -> Standing {
    Standing {
        state,
        since: if before.state == state {
            before.since
        } else {
            now
        },
        failures: 0,
        failure: None,
    }
}

fn confirm(
    before: &Standing,
    state: RouterState,
    shown: Option<Fingerprint>,
    presented: Fingerprint,
    now: DateTime<Utc>,
) -> Judged {
    let is_news = before.state != state || shown != Some(presented);
    Judged {
        standing: moved(before, state, now),
        change: is_news.then_some(Change::FingerprintPresented),
        presented: Some(presented),
        next_in: UNCONFIRMED,
    }
}

fn failed(before: &Standing, failure: &CheckFailure, now: DateTime<Utc>) -> Judged {
    let failures = before.failures.saturating_add(1);
    // Nor does one lost look hide that somebody has to compare a certificate.
    let is_settled = match before.state {
        RouterState::Reachable | RouterState::Unconfirmed | RouterState::FingerprintChanged => true,
        RouterState::Unchecked | RouterState::Unreachable => false,
    };
    let doubted = is_settled && failures < FAILURES;
    let state = if doubted {
        before.state
    } else {
        RouterState::Unreachable
    };
    let standing = Standing {
        failures,
        failure: Some(failure.clone()),
        ..moved(before, state, now)
    };
    let change =
        (!doubted && is_news(before, failure.cause)).then_some(Change::WentAway(failure.cause));
    Judged {
        standing,
        change,
        presented: None,
        next_in: match failure.cause.passes_by_itself() {
            _ if doubted => DOUBT,
            true => EVERY,
            false => HOPELESS,
        },
    }
}

/// A router that starts is silent, refuses and drops connections in turn: that is one outage.
fn is_news(before: &Standing, cause: CheckCause) -> bool {
    if before.state != RouterState::Unreachable {
        return true;
    }
    before.cause().is_none_or(|known| {
        known != cause && !(known.passes_by_itself() && cause.passes_by_itself())
    })
}

#[cfg(test)]
mod tests;
