use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Asia::Dhaka;
use uuid::Uuid;

use super::*;
use crate::ids::CustomerId;

const GB: u64 = 1_000_000_000;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn now() -> DateTime<Utc> {
    at("2026-11-20T06:00:00Z")
}

fn rate(kbps: u32) -> TierEffect {
    TierEffect {
        up_kbps: Some(kbps),
        down_kbps: Some(kbps),
        ..TierEffect::default()
    }
}

fn data(gigabytes: u64, kbps: u32) -> Tier {
    Tier {
        after_octets: Some(gigabytes * GB),
        after_seconds: None,
        needs: Needs::Any,
        effect: rate(kbps),
    }
}

fn policy(tiers: Vec<Tier>) -> FairUsePolicy {
    FairUsePolicy {
        window: Window::Month,
        counts: Counts::Total,
        notify_percent: 80,
        tiers,
    }
}

fn three() -> FairUsePolicy {
    policy(vec![data(100, 5000), data(200, 2000), data(300, 512)])
}

fn used(gigabytes: u64) -> Used {
    Used {
        input_octets: 0,
        output_octets: gigabytes * GB,
        seconds: 0,
    }
}

fn plan_of(rules: &[Rule], standing: Standing, used: Used) -> Plan {
    let spent = |rule: &Rule| (rule.window.span(now(), Dhaka, 1), used);
    evaluate(rules, &standing, spent, now())
}

fn fair(standing: Standing, used: Used) -> Plan {
    plan_of(&[Rule::of_fair_use(&three())], standing, used)
}

fn month_end() -> DateTime<Utc> {
    at("2026-11-30T18:00:00Z") // Midnight in Dhaka.
}

#[test]
fn each_tier_begins_at_its_threshold_and_is_announced_at_its_share() {
    // gigabytes used, tier in force, tier announced, gigabytes until the next decision
    type Row = (u64, Option<u8>, Option<u8>, Option<u64>);
    let table: [Row; 11] = [
        (0, None, None, Some(80)),
        (79, None, None, Some(1)),
        (80, None, Some(1), Some(20)),
        (99, None, Some(1), Some(1)),
        (100, Some(1), None, Some(60)),
        (159, Some(1), None, Some(1)),
        (160, Some(1), Some(2), Some(40)),
        (200, Some(2), None, Some(40)),
        (240, Some(2), Some(3), Some(60)),
        (300, Some(3), None, None),
        (900, Some(3), None, None),
    ];
    for (gigabytes, tier, announced, left) in table {
        let plan = fair(Standing::default(), used(gigabytes));
        let found = plan.restrictions.first();
        assert_eq!(found.map(|verdict| verdict.tier), tier, "{gigabytes} GB");
        let notice = plan.notices.first().map(|notice| notice.tier);
        assert_eq!(notice, announced, "{gigabytes} GB");
        let mark = plan.marks.first().and_then(|mark| mark.octets_left);
        assert_eq!(mark, left.map(|left| left * GB), "{gigabytes} GB");
        if let Some(verdict) = found {
            assert_eq!(verdict.until, Some(month_end()));
            assert!(!verdict.manual);
        }
        assert_eq!(plan.next_at, Some(month_end()));
    }
}

#[test]
fn data_time_or_both() {
    let hours = |hours: u64| Used {
        seconds: hours * 3600,
        ..Used::default()
    };
    let both = |needs| {
        let tier = Tier {
            after_seconds: Some(36_000),
            needs,
            ..data(10, 512)
        };
        Rule::of_fair_use(&policy(vec![tier]))
    };
    // needs, gigabytes, hours, reached
    let table = [
        (Needs::Any, 10, 0, 1),
        (Needs::Any, 0, 10, 1),
        (Needs::Any, 9, 9, 0),
        (Needs::All, 10, 0, 0),
        (Needs::All, 0, 10, 0),
        (Needs::All, 10, 10, 1),
    ];
    for (needs, gigabytes, online, reached) in table {
        let spent = used(gigabytes).plus(hours(online));
        assert_eq!(
            both(needs).reached(spent),
            reached,
            "{needs:?} {gigabytes} {online}"
        );
    }
    let plan = plan_of(&[both(Needs::All)], Standing::default(), used(10));
    let mark = plan.marks.first().expect("time is still ahead");
    assert_eq!((mark.octets_left, mark.seconds_left), (None, Some(28_800)));
}

#[test]
fn a_stricter_step_of_time_does_not_wait_for_a_milder_one_of_data() {
    let time = Tier {
        after_octets: None,
        after_seconds: Some(3600),
        needs: Needs::Any,
        effect: rate(256),
    };
    let rule = Rule::of_fair_use(&policy(vec![data(100, 5000), time]));
    let hour = Used {
        seconds: 3600,
        ..used(1)
    };
    assert_eq!(rule.reached(hour), 2);
}

#[test]
fn only_the_direction_that_counts() {
    let spent = Used {
        input_octets: 3,
        output_octets: 5,
        seconds: 0,
    };
    assert_eq!(Counts::Total.octets(spent), 8);
    assert_eq!(Counts::Upload.octets(spent), 3);
    assert_eq!(Counts::Download.octets(spent), 5);
}

#[test]
fn what_people_decide_comes_first() {
    let soon = Some(now() + TimeDelta::days(2));
    let past = Some(now() - TimeDelta::seconds(1));
    let forced = |tier, until| Mode::Forced { tier, until };
    // mode, gigabytes, (tier, manual, until)
    type Expected = Option<(u8, bool, Option<DateTime<Utc>>)>;
    let table: [(Mode, u64, Expected); 10] = [
        (forced(1, soon), 0, Some((1, true, soon))),
        (forced(1, None), 0, Some((1, true, None))),
        (forced(2, soon), 150, Some((2, true, soon))),
        (forced(1, soon), 250, Some((2, false, Some(month_end())))),
        (forced(9, soon), 0, Some((3, true, soon))),
        (forced(2, past), 0, None),
        (forced(2, past), 100, Some((1, false, Some(month_end())))),
        (Mode::Exempt { until: soon }, 900, None),
        (Mode::Exempt { until: None }, 900, None),
        (
            Mode::Exempt { until: past },
            900,
            Some((3, false, Some(month_end()))),
        ),
    ];
    for (mode, gigabytes, expected) in table {
        let standing = Standing {
            mode,
            baseline: None,
        };
        let plan = fair(standing, used(gigabytes));
        let found = plan
            .restrictions
            .first()
            .map(|found| (found.tier, found.manual, found.until));
        assert_eq!(found, expected, "{mode:?} {gigabytes}");
    }
    let standing = Standing {
        mode: forced(1, soon),
        baseline: None,
    };
    assert_eq!(
        fair(standing, used(0)).next_at,
        soon,
        "looked at when it ends"
    );
}

#[test]
fn a_count_begun_anew_holds_for_its_window_alone() {
    let begun = |first_day| Standing {
        mode: Mode::Automatic,
        baseline: Some(Baseline {
            first_day: day(first_day),
            used: used(150),
        }),
    };
    assert_eq!(fair(begun("2026-11-01"), used(240)).restrictions, []);
    assert_eq!(fair(begun("2026-11-01"), used(250)).restrictions.len(), 1);
    assert_eq!(fair(begun("2026-10-01"), used(150)).restrictions.len(), 1);
}

#[test]
fn limits_are_rules_of_one_step_that_nobody_exempts() {
    let rules = [
        Rule::of_volume(Window::Month, Counts::Download, 10 * GB, Effect::Suspend),
        Rule::of_time(Window::Day, 7200, Effect::Disconnect),
    ];
    let standing = Standing {
        mode: Mode::Exempt { until: None },
        baseline: None,
    };
    let spent = Used {
        seconds: 7200,
        ..used(8)
    };
    let plan = plan_of(&rules, standing, spent);
    let causes: Vec<_> = plan
        .restrictions
        .iter()
        .map(|found| (found.cause, &found.effect))
        .collect();
    assert_eq!(causes, [(Cause::TimeLimit, &Effect::Disconnect)]);
    let notices: Vec<_> = plan.notices.iter().map(|notice| notice.cause).collect();
    assert_eq!(notices, [Cause::VolumeLimit]);
    assert_eq!(
        plan.next_at,
        Some(at("2026-11-20T18:00:00Z")),
        "the day ends first"
    );
    let plan = plan_of(&rules, standing, used(10));
    assert_eq!(
        plan.restrictions.first().map(|found| &found.effect),
        Some(&Effect::Suspend)
    );
}

#[test]
fn windows_follow_the_calendar_of_the_isp() {
    // window, anchor day, local day, first day, next day
    let table = [
        (Window::Day, 1, "2026-11-20", "2026-11-20", "2026-11-21"),
        (Window::Week, 1, "2026-11-20", "2026-11-16", "2026-11-23"),
        (Window::Week, 1, "2026-11-16", "2026-11-16", "2026-11-23"),
        (Window::Month, 15, "2026-11-20", "2026-11-01", "2026-12-01"),
        (Window::Period, 15, "2026-11-20", "2026-11-15", "2026-12-15"),
        (Window::Period, 25, "2026-11-20", "2026-10-25", "2026-11-25"),
        (Window::Period, 31, "2026-03-01", "2026-02-28", "2026-03-31"),
        (Window::Period, 31, "2026-02-28", "2026-02-28", "2026-03-31"),
        (Window::Period, 31, "2026-02-27", "2026-01-31", "2026-02-28"),
        (Window::Month, 1, "2026-12-31", "2026-12-01", "2027-01-01"),
    ];
    for (window, anchor, local, first, next) in table {
        let found = window.days(day(local), anchor);
        assert_eq!(
            found,
            (day(first), day(next)),
            "{window:?} {anchor} {local}"
        );
    }
    // 19:30 UTC is half past one on the next day in Dhaka.
    let span = Window::Day.span(at("2026-11-20T19:30:00Z"), Dhaka, 1);
    assert_eq!(span.first_day, day("2026-11-21"));
    assert_eq!(span.ends_at, at("2026-11-21T18:00:00Z"));
    assert_eq!(
        Window::Month.before(day("2026-11-01"), 1),
        (day("2026-10-01"), day("2026-11-01"))
    );
}

#[test]
fn windows_meet_without_gap_or_overlap() {
    for window in Window::ALL {
        for anchor in 1..=31 {
            let mut today = day("2026-01-01");
            while today < day("2028-03-02") {
                let (first, next) = window.days(today, anchor);
                assert!(
                    first <= today && today < next,
                    "{window:?} {anchor} {today}"
                );
                assert_eq!(
                    window.days(next, anchor).0,
                    next,
                    "{window:?} {anchor} {today}"
                );
                today = next;
            }
        }
    }
}

#[test]
fn bad_policies_are_refused_with_reasons() {
    let empty = Tier {
        effect: TierEffect::default(),
        ..data(1, 1)
    };
    let half = Tier {
        effect: TierEffect {
            up_kbps: Some(512),
            ..TierEffect::default()
        },
        ..data(1, 1)
    };
    let never = Tier {
        after_octets: None,
        ..data(1, 512)
    };
    let time = Tier {
        after_octets: None,
        after_seconds: Some(3600),
        ..data(1, 256)
    };
    let refused = |policy| {
        check_policy(policy).map_err(|problems| problems.first().map(|problem| problem.code))
    };
    let code = |tiers| refused(policy(tiers)).expect_err("refused");
    assert_eq!(code(vec![]), Some("out_of_range"));
    assert_eq!(code(vec![data(1, 512); 9]), Some("out_of_range"));
    assert_eq!(
        code(vec![data(2, 512), data(1, 256)]),
        Some("not_ascending")
    );
    assert_eq!(
        code(vec![data(2, 512), data(2, 256)]),
        Some("not_ascending")
    );
    assert_eq!(code(vec![data(0, 512)]), Some("out_of_range"));
    assert_eq!(code(vec![data(1, 0)]), Some("out_of_range"));
    assert_eq!(code(vec![empty]), Some("required"));
    assert_eq!(code(vec![half]), Some("required"));
    assert_eq!(code(vec![never]), Some("required"));
    assert!(refused(policy(vec![data(1, 512), time])).is_ok());
    assert!(refused(three()).is_ok());
    let loud = FairUsePolicy {
        notify_percent: 100,
        ..three()
    };
    assert_eq!(refused(loud).expect_err("refused"), Some("out_of_range"));
}

#[test]
fn a_policy_is_tried_on_what_was_used() {
    let customer = |id: u128, days: &[(&str, u64)]| Simulated {
        customer_id: CustomerId::from_uuid(Uuid::from_u128(id)),
        anchor_day: 1,
        days: days
            .iter()
            .map(|&(text, gigabytes)| DayUse {
                day: day(text),
                used: used(gigabytes),
            })
            .collect(),
    };
    let customers = [
        customer(
            1,
            &[("2026-10-01", 60), ("2026-10-02", 60), ("2026-10-05", 90)],
        ),
        customer(2, &[("2026-10-02", 350)]),
        customer(3, &[("2026-10-30", 99), ("2026-11-01", 99)]),
    ];
    let found = simulate(&three(), &customers);
    assert_eq!((found.customers, found.restricted), (3, 2));
    let tiers: Vec<_> = found
        .tiers
        .iter()
        .map(|tier| (tier.customers, tier.customer_days))
        .collect();
    assert_eq!(tiers, [(2, 1), (2, 1), (1, 1)]);
    let first: BTreeMap<_, _> = [(day("2026-10-02"), 2)].into();
    assert_eq!(
        found.tiers.first().map(|tier| &tier.first_days),
        Some(&first)
    );
    let second: BTreeMap<_, _> = [(day("2026-10-02"), 1), (day("2026-10-05"), 1)].into();
    assert_eq!(
        found.tiers.get(1).map(|tier| &tier.first_days),
        Some(&second)
    );
}
