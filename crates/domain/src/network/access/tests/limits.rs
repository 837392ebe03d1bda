//! Volumes, times and fair use: what is left of them, and when a session ends by them.

use super::*;
use crate::network::access_terms::{TimeLimit, VolumeLimit};

fn volume(on_reached: LimitEffect, counts: Counts, window: Window) -> VolumeLimit {
    VolumeLimit {
        octets: 10_000_000_000,
        counts,
        window,
        on_reached,
        throttled: Some(RateLimit::new(256, 512)),
        rollover: false,
    }
}

fn time(on_reached: LimitEffect, window: Window) -> TimeLimit {
    TimeLimit {
        seconds: 36_000,
        window,
        on_reached,
        throttled: Some(RateLimit::new(128, 128)),
    }
}

fn left(octets: Option<u64>, seconds: Option<u64>) -> LoginFacts {
    LoginFacts {
        quota_left: Some(QuotaLeft { octets, seconds }),
        ..LoginFacts::default()
    }
}

#[test]
fn limits_that_stop_are_answered_like_unpaid_and_those_that_throttle_slow() {
    use LimitEffect::{Disconnect, Suspend, Throttle};
    let used = |octets: Option<u64>, seconds: Option<u64>| left(octets, seconds);
    let counts = Counts::Total;
    for effect in [Suspend, Disconnect, Throttle] {
        let by_volume = with_terms(|terms| {
            terms.volume_limit = Some(volume(effect, counts, Window::Month));
        });
        let by_time = with_terms(|terms| terms.time_limit = Some(time(effect, Window::Month)));
        let by_row = with_extras(|extras| {
            extras.restrictions = vec![Restriction {
                rate: (effect == Throttle).then_some(RateLimit::new(256, 512)),
                ..restriction(Cause::VolumeLimit, effect)
            }];
        });
        let table = [
            (by_volume, used(Some(0), None), RateLimit::new(256, 512)),
            (by_time, used(None, Some(0)), RateLimit::new(128, 128)),
            (by_row, LoginFacts::default(), RateLimit::new(256, 512)),
        ];
        for (subscriber, facts, slow) in table {
            if effect == Throttle {
                assert_eq!(opened(&subscriber, &facts).rate, Some(slow));
                continue;
            }
            let walled = Ok((Access::Walled, Some(RejectCause::QuotaUsed), Some(3600)));
            assert_eq!(answer(&subscriber, &walling(), &facts), walled);
            let refused = Err(RejectCause::QuotaUsed);
            assert_eq!(answer(&subscriber, &rejecting(), &facts), refused);
        }
    }
}

#[test]
fn a_count_without_its_limit_and_a_restriction_that_is_over_change_nothing() {
    let facts = left(Some(0), Some(0));
    assert_eq!(
        opened(&alice(), &facts),
        opened(&alice(), &LoginFacts::default())
    );
    let over = with_extras(|extras| {
        extras.restrictions = vec![Restriction {
            until: Some(now()),
            ..restriction(Cause::VolumeLimit, LimitEffect::Suspend)
        }];
    });
    assert_eq!(
        opened(&over, &LoginFacts::default()),
        opened(&alice(), &LoginFacts::default())
    );
}

#[test]
fn fair_use_takes_the_rate_of_its_tier_or_moves_the_customer() {
    let fair_use = |change: fn(&mut Restriction)| {
        let mut found = restriction(Cause::FairUse, LimitEffect::Throttle);
        change(&mut found);
        let mut subscriber = with_extras(|extras| extras.restrictions = vec![found]);
        subscriber.static_ipv4 = Some(Ipv4Addr::new(100, 64, 7, 7));
        opened(&subscriber, &LoginFacts::default())
    };
    let slowed = fair_use(|found| found.rate = Some(RateLimit::new(1000, 2000)));
    assert_eq!(slowed.rate, Some(RateLimit::new(1000, 2000)));
    assert_eq!(slowed.framed_ip, Some(Ipv4Addr::new(100, 64, 7, 7)));
    // Never faster than the package, in neither direction.
    let mixed = fair_use(|found| found.rate = Some(RateLimit::new(0, 2000)));
    assert_eq!(mixed.rate, Some(RateLimit::new(5000, 2000)));
    let moved = fair_use(|found| {
        found.pool = Some("slow".into());
        found.address_list = Some("slow".into());
    });
    assert_eq!(
        (moved.framed_ip, moved.pool.as_deref()),
        (None, Some("slow"))
    );
    assert_eq!(moved.address_list.as_deref(), Some("slow"));
    assert_eq!(moved.rate, Some(RateLimit::new(5000, 10_000)));
}

#[test]
fn a_session_ends_at_the_earliest_of_its_ends() {
    use LimitEffect::{Suspend, Throttle};
    let hour = TimeDelta::hours(1);
    // Dhaka's day ends 14 h 40 min later.
    let day_end: u32 = (14 * 60 + 40) * 60;
    // expiry, time window, time limit with seconds left, expected seconds
    type Row = (
        Option<TimeDelta>,
        bool,
        Option<(LimitEffect, Window, u64)>,
        Option<u32>,
    );
    let table: [Row; 9] = [
        (None, false, None, None),
        (Some(hour), false, None, Some(3600)),
        (Some(hour), true, None, Some(2400)),
        (Some(TimeDelta::minutes(5)), true, None, Some(300)),
        (
            Some(hour),
            true,
            Some((Suspend, Window::Month, 60)),
            Some(60),
        ),
        (
            None,
            false,
            Some((Suspend, Window::Month, 90_000)),
            Some(90_000),
        ),
        (
            None,
            false,
            Some((Suspend, Window::Day, 90_000)),
            Some(day_end),
        ),
        (None, false, Some((Throttle, Window::Day, 60)), None),
        (
            Some(hour),
            false,
            Some((Throttle, Window::Day, 60)),
            Some(3600),
        ),
    ];
    for (expiry, window, limit, expected) in table {
        let mut subscriber = with_terms(|terms| {
            terms.time_limit = limit.map(|(effect, window, _)| time(effect, window));
            terms.time_windows = if window { business_hours() } else { vec![] };
        });
        subscriber.expires_at = expiry.map(|left| now() + left);
        let policy = opened(&subscriber, &left(None, limit.map(|(.., seconds)| seconds)));
        assert_eq!(
            policy.session_timeout, expected,
            "{expiry:?} {window} {limit:?}"
        );
        let end = expected.map(|seconds| now() + TimeDelta::seconds(seconds.into()));
        assert_eq!(policy.ends_at, end);
    }
}

#[test]
fn a_daily_volume_ends_with_the_day() {
    let day_end: u32 = (14 * 60 + 40) * 60;
    let daily = with_terms(|terms| {
        terms.volume_limit = Some(volume(LimitEffect::Suspend, Counts::Total, Window::Day));
    });
    assert_eq!(
        opened(&daily, &left(Some(1), None)).session_timeout,
        Some(day_end)
    );
}

#[test]
fn the_router_is_told_what_it_can_count() {
    use Counts::{Download, Total, Upload};
    let bytes = 5_000_000_000;
    let table = [
        (Total, ServiceKind::Hotspot, [Some(bytes), None, None]),
        (Total, ServiceKind::Ppp, [None; 3]),
        (Upload, ServiceKind::Ppp, [None, Some(bytes), None]),
        (Upload, ServiceKind::Hotspot, [None, Some(bytes), None]),
        (Download, ServiceKind::Ppp, [None, None, Some(bytes)]),
    ];
    for (counts, service, expected) in table {
        for effect in [
            LimitEffect::Suspend,
            LimitEffect::Disconnect,
            LimitEffect::Throttle,
        ] {
            let subscriber = with_terms(|terms| {
                terms.volume_limit = Some(volume(effect, counts, Window::Month));
            });
            let facts = LoginFacts {
                service,
                ..left(Some(bytes), None)
            };
            let told = opened(&subscriber, &facts).limits_left;
            let told = [told.total, told.upload, told.download];
            // A router that cuts at the limit could not throttle after it.
            let expected = if effect == LimitEffect::Throttle {
                [None; 3]
            } else {
                expected
            };
            assert_eq!(told, expected, "{counts:?} {service:?} {effect:?}");
        }
    }
}
