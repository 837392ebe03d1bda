//! Why a customer is offline: facts in, findings in plain words out, the gravest first.
//!
//! Pure. What a login would be answered now is decided elsewhere and comes in as a fact, so that
//! this never disagrees with the RADIUS server.

use chrono::{DateTime, TimeDelta, Utc};

use crate::customer::{CustomerStatus, SuspensionReason};
use crate::network::service_policy::{Access, RejectCause};
use crate::network::session::TerminateCause;

mod words;

/// An answer that is older says nothing about now.
const RECENT: TimeDelta = TimeDelta::hours(24);
/// A Start follows its Accept within seconds.
const START_DUE: TimeDelta = TimeDelta::minutes(2);

/// What is known of a customer and of the network around it.
#[derive(Debug, Clone)]
pub struct ConnectionFacts {
    /// State of the customer.
    pub status: CustomerStatus,
    /// Why it is suspended, when it is.
    pub suspended_for: Option<SuspensionReason>,
    /// The paid time is over.
    pub paid_time_over: bool,
    /// What a login with the right password would get now; absent when it cannot log in at all.
    pub would_get: Option<Result<Access, RejectCause>>,
    /// Sessions that are live.
    pub live: Vec<LiveFact>,
    /// The last answers to logins, newest first.
    pub answers: Vec<AnswerFact>,
    /// How the last session ended.
    pub last_stop: Option<StopFact>,
    /// How many routers there are.
    pub routers: usize,
    /// How many of them were heard of lately.
    pub routers_heard: usize,
    /// Seconds between two interim updates.
    pub interim_seconds: u32,
}

/// A live session.
#[derive(Debug, Clone)]
pub struct LiveFact {
    /// The router it is on.
    pub nas_name: String,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// When it was heard of last.
    pub heard_at: DateTime<Utc>,
    /// Whether it is behind the wall.
    pub walled: bool,
}

/// An answer to a login.
#[derive(Debug, Clone)]
pub struct AnswerFact {
    /// When.
    pub at: DateTime<Utc>,
    /// The router that asked.
    pub nas_name: String,
    /// What was answered.
    pub outcome: Result<Access, RejectCause>,
}

/// The end of a session.
#[derive(Debug, Clone)]
pub struct StopFact {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub cause: TerminateCause,
}

/// How grave a finding is; the gravest sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It keeps the customer offline.
    Problem,
    /// It may be why, or will become one.
    Warning,
    /// Good to know.
    Info,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What was found; a closed set that screens can translate.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FindingCode { $($(#[$doc])* $name,)* }

        impl FindingCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The machine word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

codes! {
    /// Not activated yet.
    NotActivated = "not_activated",
    /// Closed.
    Closed = "closed",
    /// Suspended.
    Suspended = "suspended",
    /// The paid time is over.
    Expired = "expired",
    /// A limit or a rule keeps it off: the cause of the refusal says which.
    NotAllowedNow = "not_allowed_now",
    /// Online, but only to the payment pages.
    BehindTheWall = "behind_the_wall",
    /// Online.
    Online = "online",
    /// The router has not reported the session for too long.
    SessionSilent = "session_silent",
    /// The last login was refused.
    LastLoginRefused = "last_login_refused",
    /// The last login was accepted and no session followed.
    AcceptedWithoutSession = "accepted_without_session",
    /// No router asked about it lately.
    NeverAsked = "never_asked",
    /// No router is known.
    NoRouters = "no_routers",
    /// No router was heard of lately.
    RoutersSilent = "routers_silent",
    /// Some routers were not heard of lately.
    SomeRoutersSilent = "some_routers_silent",
    /// How the last session ended.
    LastSessionEnded = "last_session_ended",
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub code: FindingCode,
    /// How grave.
    pub severity: Severity,
    /// What it is, in one plain sentence.
    pub sentence: String,
    /// What to do about it.
    pub advice: String,
    /// The machine word of why: of a suspension, a refusal or the end of a session.
    pub cause: Option<&'static str>,
    /// The router that it is about.
    pub router: Option<String>,
    /// When it happened.
    pub at: Option<DateTime<Utc>>,
}

/// The cause of a finding that a login would reach only the payment pages.
const WALLED: &str = "walled";

impl Finding {
    fn new(code: FindingCode, severity: Severity, (sentence, advice): words::Words) -> Self {
        Self {
            code,
            severity,
            sentence: sentence.to_owned(),
            advice: advice.to_owned(),
            cause: None,
            router: None,
            at: None,
        }
    }
}

/// What keeps a customer offline, the gravest first.
#[must_use]
pub fn diagnose(facts: &ConnectionFacts, now: DateTime<Utc>) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(service(facts));
    found.extend(facts.live.iter().map(|live| session(facts, live, now)));
    if facts.live.is_empty() {
        found.extend(routers(facts));
        found.extend(last_answer(facts, now));
        found.extend(facts.last_stop.as_ref().map(last_stop));
    }
    // Stable: what was looked at first stays first among equals.
    found.sort_by_key(|finding| finding.severity);
    found
}

fn service(facts: &ConnectionFacts) -> Option<Finding> {
    let (code, words) = match facts.status {
        CustomerStatus::Pending => (FindingCode::NotActivated, words::NOT_ACTIVATED),
        CustomerStatus::Closed => (FindingCode::Closed, words::CLOSED),
        CustomerStatus::Suspended => (
            FindingCode::Suspended,
            words::suspended(facts.suspended_for),
        ),
        CustomerStatus::Expired => (FindingCode::Expired, words::EXPIRED),
        CustomerStatus::Active if facts.paid_time_over => (FindingCode::Expired, words::EXPIRED),
        CustomerStatus::Active => return not_allowed(facts),
    };
    let suspended_for = facts
        .suspended_for
        .filter(|_| facts.status == CustomerStatus::Suspended);
    Some(Finding {
        cause: suspended_for.map(SuspensionReason::as_str),
        ..Finding::new(code, Severity::Problem, words)
    })
}

fn not_allowed(facts: &ConnectionFacts) -> Option<Finding> {
    let (cause, words) = match facts.would_get? {
        Ok(Access::Open) => return None,
        Ok(Access::Walled) => (WALLED, words::WALLED_BY_LIMIT),
        Err(cause) => (cause.as_str(), words::refused(cause)),
    };
    Some(Finding {
        cause: Some(cause),
        ..Finding::new(FindingCode::NotAllowedNow, Severity::Problem, words)
    })
}

fn session(facts: &ConnectionFacts, live: &LiveFact, now: DateTime<Utc>) -> Finding {
    let silence = TimeDelta::seconds(i64::from(facts.interim_seconds) * 5 / 2 + 60);
    let (code, severity, state, advice) = if now - live.heard_at > silence {
        let state = "has a session that its router has not reported for too long";
        (
            FindingCode::SessionSilent,
            Severity::Warning,
            state,
            words::SILENT,
        )
    } else if live.walled {
        let state = "is online, but reaches only the payment pages";
        (
            FindingCode::BehindTheWall,
            Severity::Problem,
            state,
            words::WALLED,
        )
    } else {
        (
            FindingCode::Online,
            Severity::Info,
            "is online",
            words::ONLINE,
        )
    };
    Finding {
        code,
        severity,
        sentence: format!("The customer {state} (router {}).", live.nas_name),
        advice: advice.to_owned(),
        cause: None,
        router: Some(live.nas_name.clone()),
        at: Some(live.started_at),
    }
}

fn routers(facts: &ConnectionFacts) -> Option<Finding> {
    let (code, severity, words) = match (facts.routers, facts.routers_heard) {
        (0, _) => (FindingCode::NoRouters, Severity::Problem, words::NO_ROUTERS),
        (_, 0) => (
            FindingCode::RoutersSilent,
            Severity::Problem,
            words::ROUTERS_SILENT,
        ),
        (all, heard) if heard < all => (
            FindingCode::SomeRoutersSilent,
            Severity::Warning,
            words::SOME_ROUTERS_SILENT,
        ),
        _ => return None,
    };
    Some(Finding::new(code, severity, words))
}

fn last_answer(facts: &ConnectionFacts, now: DateTime<Utc>) -> Option<Finding> {
    let last = facts
        .answers
        .first()
        .filter(|answer| now - answer.at < RECENT);
    let Some(answer) = last else {
        let code = FindingCode::NeverAsked;
        return Some(Finding {
            at: facts.answers.first().map(|answer| answer.at),
            ..Finding::new(code, Severity::Problem, words::NEVER_ASKED)
        });
    };
    match answer.outcome {
        Err(cause) => {
            let (sentence, advice) = words::refused(cause);
            Some(Finding {
                code: FindingCode::LastLoginRefused,
                severity: Severity::Problem,
                sentence: format!("Router {} was refused: {sentence}", answer.nas_name),
                advice: advice.to_owned(),
                cause: Some(cause.as_str()),
                router: Some(answer.nas_name.clone()),
                at: Some(answer.at),
            })
        }
        Ok(_) => without_session(facts, answer, now),
    }
}

fn without_session(
    facts: &ConnectionFacts,
    answer: &AnswerFact,
    now: DateTime<Utc>,
) -> Option<Finding> {
    let has_ended = facts
        .last_stop
        .as_ref()
        .is_some_and(|stop| stop.at >= answer.at);
    if has_ended || now - answer.at < START_DUE {
        return None;
    }
    Some(Finding {
        code: FindingCode::AcceptedWithoutSession,
        severity: Severity::Problem,
        sentence: format!(
            "Router {} was told to let the customer in, and reported no session.",
            answer.nas_name
        ),
        advice: words::NO_SESSION.to_owned(),
        cause: None,
        router: Some(answer.nas_name.clone()),
        at: Some(answer.at),
    })
}

fn last_stop(stop: &StopFact) -> Finding {
    let code = FindingCode::LastSessionEnded;
    Finding {
        cause: Some(stop.cause.as_str()),
        at: Some(stop.at),
        ..Finding::new(code, Severity::Info, words::ended(stop.cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant")
    }

    fn minutes_ago(minutes: i64) -> DateTime<Utc> {
        now() - TimeDelta::minutes(minutes)
    }

    /// Everything in order, and offline.
    fn facts() -> ConnectionFacts {
        ConnectionFacts {
            status: CustomerStatus::Active,
            suspended_for: None,
            paid_time_over: false,
            would_get: Some(Ok(Access::Open)),
            live: Vec::new(),
            answers: vec![answered(30, Ok(Access::Open))],
            last_stop: Some(StopFact {
                at: minutes_ago(10),
                cause: TerminateCause::LostCarrier,
            }),
            routers: 2,
            routers_heard: 2,
            interim_seconds: 300,
        }
    }

    fn answered(minutes: i64, outcome: Result<Access, RejectCause>) -> AnswerFact {
        AnswerFact {
            at: minutes_ago(minutes),
            nas_name: "edge-1".to_owned(),
            outcome,
        }
    }

    fn live(heard_minutes_ago: i64, walled: bool) -> LiveFact {
        LiveFact {
            nas_name: "edge-1".to_owned(),
            started_at: minutes_ago(120),
            heard_at: minutes_ago(heard_minutes_ago),
            walled,
        }
    }

    fn codes(change: impl FnOnce(&mut ConnectionFacts)) -> Vec<&'static str> {
        let mut facts = facts();
        change(&mut facts);
        diagnose(&facts, now())
            .iter()
            .map(|finding| finding.code.as_str())
            .collect()
    }

    #[test]
    fn each_state_of_the_customer_is_named_first() {
        type Change = fn(&mut ConnectionFacts);
        let table: [(Change, &str); 7] = [
            (|f| f.status = CustomerStatus::Pending, "not_activated"),
            (|f| f.status = CustomerStatus::Closed, "closed"),
            (|f| f.status = CustomerStatus::Suspended, "suspended"),
            (|f| f.status = CustomerStatus::Expired, "expired"),
            (|f| f.paid_time_over = true, "expired"),
            (
                |f| f.would_get = Some(Ok(Access::Walled)),
                "not_allowed_now",
            ),
            (
                |f| f.would_get = Some(Err(RejectCause::NasNotAllowed)),
                "not_allowed_now",
            ),
        ];
        for (change, first) in table {
            assert_eq!(codes(change), [first, "last_session_ended"]);
        }
    }

    #[test]
    fn live_sessions_are_told_apart() {
        assert_eq!(codes(|f| f.live = vec![live(1, false)]), ["online"]);
        assert_eq!(codes(|f| f.live = vec![live(1, true)]), ["behind_the_wall"]);
        assert_eq!(
            codes(|f| f.live = vec![live(15, false)]),
            ["session_silent"]
        );
        let both = codes(|f| {
            f.status = CustomerStatus::Suspended;
            f.live = vec![live(1, true)];
        });
        assert_eq!(both, ["suspended", "behind_the_wall"]);
    }

    #[test]
    fn the_last_answer_counts_when_it_is_recent() {
        let refused = |f: &mut ConnectionFacts| {
            f.answers = vec![answered(5, Err(RejectCause::WrongPassword))];
        };
        assert_eq!(codes(refused), ["last_login_refused", "last_session_ended"]);
        let old = |f: &mut ConnectionFacts| {
            f.answers = vec![answered(60 * 25, Err(RejectCause::WrongPassword))];
        };
        assert_eq!(codes(old), ["never_asked", "last_session_ended"]);
        assert_eq!(
            codes(|f| f.answers.clear()),
            ["never_asked", "last_session_ended"]
        );
        assert_eq!(
            codes(|_| {}),
            ["last_session_ended"],
            "it ended after the Accept"
        );
        let lost = |f: &mut ConnectionFacts| f.answers = vec![answered(5, Ok(Access::Open))];
        assert_eq!(
            codes(lost),
            ["accepted_without_session", "last_session_ended"]
        );
        let coming = |f: &mut ConnectionFacts| f.answers = vec![answered(1, Ok(Access::Open))];
        assert_eq!(
            codes(coming),
            ["last_session_ended"],
            "its Start may still come"
        );
    }

    #[test]
    fn screens_learn_the_cause_and_the_router() {
        let of = |change: fn(&mut ConnectionFacts)| {
            let mut facts = facts();
            change(&mut facts);
            let found = diagnose(&facts, now()).into_iter().next().expect("found");
            (found.cause, found.router)
        };
        let suspended = of(|f| {
            f.status = CustomerStatus::Suspended;
            f.suspended_for = Some(SuspensionReason::NonPayment);
        });
        assert_eq!(suspended, (Some("non_payment"), None));
        let walled = of(|f| f.would_get = Some(Ok(Access::Walled)));
        assert_eq!(walled, (Some("walled"), None));
        let refused = of(|f| f.answers = vec![answered(1, Err(RejectCause::WrongPassword))]);
        let router = facts().answers[0].nas_name.clone();
        assert_eq!(refused, (Some("wrong_password"), Some(router)));
        assert_eq!(of(|_| {}), (Some("lost_carrier"), None));
    }

    #[test]
    fn silent_routers_explain_much() {
        assert_eq!(
            codes(|f| f.routers = 0),
            ["no_routers", "last_session_ended"]
        );
        assert_eq!(
            codes(|f| f.routers_heard = 0),
            ["routers_silent", "last_session_ended"]
        );
        assert_eq!(
            codes(|f| f.routers_heard = 1),
            ["some_routers_silent", "last_session_ended"]
        );
    }

    #[test]
    fn every_cause_has_words() {
        for cause in RejectCause::ALL {
            let (sentence, advice) = words::refused(cause);
            assert!(
                sentence.ends_with('.') && advice.ends_with('.'),
                "{cause:?}"
            );
        }
        for code in 0..20 {
            let (sentence, advice) = words::ended(TerminateCause::from_code(code));
            assert!(sentence.ends_with('.') && advice.ends_with('.'), "{code}");
        }
    }
}
