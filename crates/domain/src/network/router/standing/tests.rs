use super::*;
use crate::network::router::RouterFacts;

const A: Fingerprint = Fingerprint([1; 32]);
const B: Fingerprint = Fingerprint([2; 32]);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn fails(cause: CheckCause) -> CheckOutcome {
    CheckOutcome::Failed(CheckFailure {
        cause,
        detail: None,
    })
}

fn answers() -> CheckOutcome {
    CheckOutcome::Answered(RouterFacts::default())
}

/// Runs checks a minute apart and answers what each of them told.
fn told(outcomes: &[CheckOutcome]) -> (Standing, Vec<Option<Change>>) {
    let mut standing = Standing::unchecked(at(0));
    let mut shown = None;
    let mut changes = Vec::new();
    for (minute, outcome) in (1..).zip(outcomes) {
        let judged = judge(&standing, shown, outcome, at(60 * minute));
        shown = judged.presented.or(shown);
        standing = judged.standing;
        changes.push(judged.change);
    }
    (standing, changes)
}

#[test]
fn one_lost_check_is_no_news_and_two_are() {
    let lost = || fails(CheckCause::NoAnswer);
    let (standing, changes) = told(&[answers(), lost(), answers(), lost(), lost(), lost()]);
    let away = Some(Change::WentAway(CheckCause::NoAnswer));
    let expected = [Some(Change::Reached), None, None, None, away, None];
    assert_eq!(changes, expected);
    assert_eq!(standing.state, RouterState::Unreachable);
    assert_eq!((standing.since, standing.failures), (at(300), 3));
}

#[test]
fn a_doubted_router_is_reachable_with_the_failure_beside_it() {
    let before = told(&[answers()]).0;
    let judged = judge(&before, None, &fails(CheckCause::Lost), at(120));
    assert_eq!(judged.standing.state, RouterState::Reachable);
    assert_eq!(judged.standing.since, before.since);
    assert_eq!(judged.standing.cause(), Some(CheckCause::Lost));
    assert_eq!(judged.next_in, DOUBT);
}

#[test]
fn a_lost_look_does_not_hide_that_a_certificate_changed() {
    let (changed, lost) = (
        || CheckOutcome::FingerprintChanged(B),
        || fails(CheckCause::Lost),
    );
    let outcomes = [answers(), changed(), lost(), changed(), lost(), lost()];
    let (standing, changes) = told(&outcomes[..5]);
    assert_eq!(standing.state, RouterState::FingerprintChanged);
    assert_eq!(standing.since, at(120));
    let shown = Some(Change::FingerprintPresented);
    assert_eq!(changes, [Some(Change::Reached), shown, None, None, None]);
    let (standing, changes) = told(&outcomes);
    assert_eq!(standing.state, RouterState::Unreachable);
    assert_eq!(
        changes.last(),
        Some(&Some(Change::WentAway(CheckCause::Lost)))
    );
}

#[test]
fn the_first_check_tells_at_once() {
    let (standing, changes) = told(&[fails(CheckCause::WrongLogin)]);
    assert_eq!(changes, [Some(Change::WentAway(CheckCause::WrongLogin))]);
    assert_eq!(standing.state, RouterState::Unreachable);
}

#[test]
fn an_outage_is_told_once_and_another_trouble_again() {
    let (standing, changes) = told(&[
        fails(CheckCause::NoAnswer),
        fails(CheckCause::ConnectionRefused),
        fails(CheckCause::WrongLogin),
        fails(CheckCause::WrongLogin),
        answers(),
    ]);
    let expected = [
        Some(Change::WentAway(CheckCause::NoAnswer)),
        None,
        Some(Change::WentAway(CheckCause::WrongLogin)),
        None,
        Some(Change::Reached),
    ];
    assert_eq!(changes, expected);
    assert_eq!((standing.failures, standing.cause()), (0, None));
}

#[test]
fn a_certificate_is_told_at_once_and_once() {
    let (standing, changes) = told(&[
        CheckOutcome::Unconfirmed(A),
        CheckOutcome::Unconfirmed(A),
        answers(),
        CheckOutcome::FingerprintChanged(B),
        CheckOutcome::FingerprintChanged(B),
        CheckOutcome::FingerprintChanged(A),
    ]);
    let shown = Some(Change::FingerprintPresented);
    let expected = [shown, None, Some(Change::Reached), shown, None, shown];
    assert_eq!(changes, expected);
    assert_eq!(standing.state, RouterState::FingerprintChanged);
    assert_eq!(standing.since, at(240));
}

#[test]
fn the_certificate_in_question_is_the_one_that_was_shown() {
    let before = Standing::unchecked(at(0));
    for (outcome, shown) in [
        (CheckOutcome::Unconfirmed(A), Some(A)),
        (CheckOutcome::FingerprintChanged(B), Some(B)),
        (answers(), None),
        (fails(CheckCause::Lost), None),
    ] {
        assert_eq!(judge(&before, Some(A), &outcome, at(60)).presented, shown);
    }
}

#[test]
fn what_only_a_person_mends_is_left_alone_for_longer() {
    let next =
        |outcome: CheckOutcome| judge(&Standing::unchecked(at(0)), None, &outcome, at(1)).next_in;
    assert_eq!(next(answers()), EVERY);
    assert_eq!(next(CheckOutcome::Unconfirmed(A)), UNCONFIRMED);
    for cause in CheckCause::ALL {
        let expected = if cause.passes_by_itself() {
            EVERY
        } else {
            HOPELESS
        };
        assert_eq!(next(fails(cause)), expected, "{cause:?}");
    }
}

#[test]
fn words_are_read_back() {
    for cause in CheckCause::ALL {
        assert_eq!(CheckCause::parse(cause.as_str()), Some(cause));
    }
    for state in RouterState::ALL {
        assert_eq!(RouterState::parse(state.as_str()), Some(state));
    }
    assert_eq!(RouterState::parse("away"), None);
}
