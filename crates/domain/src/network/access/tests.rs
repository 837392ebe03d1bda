use std::net::Ipv4Addr;
use std::sync::Arc;

use chrono::NaiveTime;
use uuid::Uuid;

use super::*;
use crate::ids::{CustomerId, IspId};
use crate::network::fup::Cause;
use crate::network::overrides::Overrides;
use crate::network::rate_limit::Burst;
use crate::network::restriction::Restriction;
use crate::network::secret::SecretBytes;
use crate::network::subscriber::{ServicePackage, SubscriberExtras};
use crate::network::time_window::{Day, TimeWindow};

mod limits;

/// A Friday, 09:20 in Dhaka.
fn now() -> DateTime<Utc> {
    "2026-11-20T03:20:00Z".parse().expect("a valid instant")
}

fn gold() -> ServicePackage {
    ServicePackage {
        rate: Some(RateLimit::new(5000, 10_000)),
        pool: Some("customers".into()),
        address_list: Some("paid".into()),
        router_profile: Some("gold".into()),
        simultaneous_use: 2,
        terms: AccessTerms {
            idle_timeout: Some(600),
            ..AccessTerms::default()
        },
    }
}

fn alice() -> Subscriber {
    Subscriber {
        package: Arc::new(gold()),
        ..Subscriber::new(
            CustomerId::from_uuid(Uuid::from_u128(7)),
            IspId::from_uuid(Uuid::from_u128(1)),
            "alice",
            SecretBytes::new("secret1"),
        )
    }
}

fn with_terms(change: impl FnOnce(&mut AccessTerms)) -> Subscriber {
    let mut package = gold();
    change(&mut package.terms);
    Subscriber {
        package: Arc::new(package),
        ..alice()
    }
}

fn with_extras(change: impl FnOnce(&mut SubscriberExtras)) -> Subscriber {
    let mut extras = SubscriberExtras::default();
    change(&mut extras);
    Subscriber {
        extras: Some(Box::new(extras)),
        ..alice()
    }
}

fn walling() -> IspAccessSettings {
    IspAccessSettings {
        zone: chrono_tz::Asia::Dhaka,
        ..IspAccessSettings::default()
    }
}

fn rejecting() -> IspAccessSettings {
    IspAccessSettings {
        unpaid: UnpaidAccess::Reject,
        ..walling()
    }
}

fn mac(last: u8) -> MacAddress {
    format!("AA:BB:CC:00:00:{last:02X}").parse().expect("a MAC")
}

fn restriction(cause: Cause, effect: LimitEffect) -> Restriction {
    Restriction {
        isp_id: IspId::from_uuid(Uuid::from_u128(1)),
        customer_id: CustomerId::from_uuid(Uuid::from_u128(7)),
        cause,
        effect,
        tier: None,
        rate: None,
        pool: None,
        address_list: None,
        since: now() - TimeDelta::hours(1),
        until: None,
        manual: false,
    }
}

fn opened(subscriber: &Subscriber, facts: &LoginFacts) -> ServicePolicy {
    let policy = decide_access(subscriber, &walling(), facts, now()).expect("accepted");
    assert_eq!((policy.access, policy.walled_for), (Access::Open, None));
    policy
}

type Answer = Result<(Access, Option<RejectCause>, Option<u32>), RejectCause>;

fn answer(subscriber: &Subscriber, settings: &IspAccessSettings, facts: &LoginFacts) -> Answer {
    decide_access(subscriber, settings, facts, now())
        .map(|policy| (policy.access, policy.walled_for, policy.session_timeout))
}

fn open(timeout: Option<u32>) -> Answer {
    Ok((Access::Open, None, timeout))
}

fn walled(cause: RejectCause) -> Answer {
    Ok((Access::Walled, Some(cause), Some(3600)))
}

#[test]
fn every_state_has_its_answer() {
    use CustomerStatus::{Active, Closed, Expired, Pending, Suspended};
    let day = Some(TimeDelta::days(1));
    let over = Some(TimeDelta::seconds(-1));
    // status, time left, answer when walled, answer when rejecting
    let table: [(CustomerStatus, Option<TimeDelta>, Answer, Answer); 9] = [
        (Active, day, open(Some(86_400)), open(Some(86_400))),
        (Active, None, open(None), open(None)),
        (
            Active,
            over,
            walled(RejectCause::Expired),
            Err(RejectCause::Expired),
        ),
        (
            Active,
            Some(TimeDelta::zero()),
            walled(RejectCause::Expired),
            Err(RejectCause::Expired),
        ),
        (
            Suspended,
            day,
            walled(RejectCause::Suspended),
            Err(RejectCause::Suspended),
        ),
        (
            Suspended,
            None,
            walled(RejectCause::Suspended),
            Err(RejectCause::Suspended),
        ),
        (
            Expired,
            over,
            walled(RejectCause::Expired),
            Err(RejectCause::Expired),
        ),
        (
            Pending,
            None,
            Err(RejectCause::Pending),
            Err(RejectCause::Pending),
        ),
        (
            Closed,
            day,
            Err(RejectCause::Closed),
            Err(RejectCause::Closed),
        ),
    ];
    for (status, left, when_walled, when_rejecting) in table {
        let subscriber = Subscriber {
            status,
            expires_at: left.map(|left| now() + left),
            ..alice()
        };
        for (settings, expected) in [(walling(), when_walled), (rejecting(), when_rejecting)] {
            let answer = answer(&subscriber, &settings, &LoginFacts::default());
            assert_eq!(answer, expected, "{status:?} {left:?}");
        }
    }
}

#[test]
fn only_known_devices_get_in_when_the_package_binds_them() {
    let facts = |last: Option<u8>| LoginFacts {
        mac: last.map(mac),
        ..LoginFacts::default()
    };
    let known = |binds: bool, macs: &[u8]| {
        let mut subscriber = with_terms(|terms| terms.bind_mac = binds);
        let macs = macs.iter().copied().map(mac).collect();
        subscriber.extras = Some(Box::new(SubscriberExtras {
            macs,
            ..SubscriberExtras::default()
        }));
        subscriber
    };
    let refused = Err(RejectCause::MacNotBound);
    let table = [
        // binds, known devices, device, answer: the device it binds
        (true, &[][..], Some(1), Ok(Some(mac(1)))),
        (true, &[], None, Ok(None)),
        (true, &[1], Some(1), Ok(None)),
        (true, &[1, 2], Some(2), Ok(None)),
        (true, &[1], Some(2), refused),
        (true, &[1], None, refused),
        (false, &[1], Some(2), Ok(None)),
    ];
    for (binds, macs, device, expected) in table {
        let subscriber = known(binds, macs);
        let answer = decide_access(&subscriber, &walling(), &facts(device), now())
            .map(|policy| policy.binds_mac);
        assert_eq!(answer, expected, "{binds} {macs:?} {device:?}");
        let suspended = Subscriber {
            status: CustomerStatus::Suspended,
            ..subscriber
        };
        let walled = decide_access(&suspended, &walling(), &facts(device), now());
        // A stranger's device is not even walled, and a walled login binds nothing.
        assert_eq!(
            walled.map(|policy| policy.binds_mac),
            expected.map(|_| None)
        );
    }
}

#[test]
fn a_package_may_be_served_by_some_routers_only() {
    let here = NasId::from_uuid(Uuid::from_u128(10));
    let there = NasId::from_uuid(Uuid::from_u128(11));
    let subscriber = with_terms(|terms| terms.nas_ids = vec![here]);
    let at = |nas_id| LoginFacts {
        nas_id: Some(nas_id),
        ..LoginFacts::default()
    };
    assert!(decide_access(&subscriber, &walling(), &at(here), now()).is_ok());
    let elsewhere = decide_access(&subscriber, &walling(), &at(there), now());
    assert_eq!(elsewhere, Err(RejectCause::NasNotAllowed));
    assert!(decide_access(&alice(), &walling(), &at(there), now()).is_ok());
}

fn business_hours() -> Vec<TimeWindow> {
    vec![TimeWindow {
        days: Day::ALL.to_vec(),
        from: NaiveTime::from_hms_opt(9, 0, 0).expect("a time"),
        to: NaiveTime::from_hms_opt(10, 0, 0).expect("a time"),
    }]
}

#[test]
fn outside_its_window_a_package_is_refused_and_inside_it_ends_with_it() {
    let subscriber = with_terms(|terms| terms.time_windows = business_hours());
    let policy = opened(&subscriber, &LoginFacts::default());
    assert_eq!(policy.session_timeout, Some(40 * 60));
    let late = now() + TimeDelta::minutes(40);
    for settings in [walling(), rejecting()] {
        let answer = decide_access(&subscriber, &settings, &LoginFacts::default(), late);
        assert_eq!(answer, Err(RejectCause::OutsideTimeWindow));
    }
}

#[test]
fn open_service_follows_the_package() {
    let policy = opened(&alice(), &LoginFacts::default());
    assert_eq!(policy.rate, alice().package.rate);
    assert_eq!(policy.pool.as_deref(), Some("customers"));
    assert_eq!(policy.address_list.as_deref(), Some("paid"));
    assert_eq!(policy.group.as_deref(), Some("gold"));
    assert_eq!(policy.idle_timeout, Some(600));
    assert_eq!((policy.interim_seconds, policy.simultaneous_use), (300, 2));
    let by_profile = Subscriber {
        package: Arc::new(ServicePackage {
            rate: None,
            ..gold()
        }),
        ..alice()
    };
    let policy = opened(&by_profile, &LoginFacts::default());
    assert_eq!((policy.rate, policy.group.as_deref()), (None, Some("gold")));
}

#[test]
fn overrides_count_until_they_end() {
    let burst = Burst {
        up_kbps: 40_000,
        down_kbps: 80_000,
        threshold_up_kbps: 15_000,
        threshold_down_kbps: 30_000,
        seconds: 8,
    };
    let terms = OverrideTerms {
        rate: Some(RateLimit::new(20_000, 40_000).with_burst(burst)),
        pool: Some("vip".into()),
        address_list: Some("vip".into()),
        router_profile: Some("vip".into()),
        simultaneous_use: Some(5),
        ipv6_prefix: Some("2001:db8:1::/64".parse().expect("a prefix")),
        delegated_ipv6_prefix: Some("2001:db8:2::/56".parse().expect("a prefix")),
    };
    let overridden = |left: Option<TimeDelta>| {
        let expires_at = left.map(|left| now() + left);
        let terms = terms.clone();
        with_extras(|extras| extras.overrides = Some(Overrides { terms, expires_at }))
    };
    for left in [None, Some(TimeDelta::seconds(1))] {
        let policy = opened(&overridden(left), &LoginFacts::default());
        assert_eq!(policy.rate, terms.rate);
        assert_eq!(policy.pool, terms.pool);
        assert_eq!(policy.address_list, terms.address_list);
        assert_eq!(policy.group, terms.router_profile);
        assert_eq!(policy.simultaneous_use, 5);
        assert_eq!(policy.ipv6.prefix, terms.ipv6_prefix);
        assert_eq!(policy.ipv6.delegated_prefix, terms.delegated_ipv6_prefix);
    }
    let over = opened(&overridden(Some(TimeDelta::zero())), &LoginFacts::default());
    assert_eq!(over, opened(&alice(), &LoginFacts::default()));
    let mut slowed = overridden(None);
    let extras = slowed.extras.as_mut().expect("it has overrides");
    extras.restrictions = vec![Restriction {
        rate: Some(RateLimit::new(1000, 1000)),
        ..restriction(Cause::FairUse, LimitEffect::Throttle)
    }];
    let policy = opened(&slowed, &LoginFacts::default());
    assert_eq!(policy.rate, Some(RateLimit::new(1000, 1000)));
}

#[test]
fn a_fixed_prefix_replaces_its_pool() {
    let pools = |subscriber: &Subscriber| {
        let ipv6 = opened(subscriber, &LoginFacts::default()).ipv6;
        (ipv6.pool, ipv6.delegated_pool)
    };
    let mut subscriber = with_terms(|terms| {
        terms.ipv6_pool = Some("link6".into());
        terms.delegated_ipv6_pool = Some("home6".into());
    });
    assert_eq!(
        pools(&subscriber),
        (Some("link6".into()), Some("home6".into()))
    );
    let terms = OverrideTerms {
        delegated_ipv6_prefix: Some("2001:db8:2::/56".parse().expect("a prefix")),
        ..OverrideTerms::default()
    };
    subscriber.extras = Some(Box::new(SubscriberExtras {
        overrides: Some(Overrides {
            terms,
            expires_at: None,
        }),
        ..SubscriberExtras::default()
    }));
    assert_eq!(pools(&subscriber), (Some("link6".into()), None));
}

#[test]
fn fixed_address_replaces_the_pool_but_not_behind_the_wall() {
    let address = Ipv4Addr::new(100, 64, 7, 7);
    let mut fixed = Subscriber {
        static_ipv4: Some(address),
        ..alice()
    };
    let open = opened(&fixed, &LoginFacts::default());
    assert_eq!((open.framed_ip, open.pool), (Some(address), None));
    fixed.status = CustomerStatus::Suspended;
    let walled = decide_access(&fixed, &walling(), &LoginFacts::default(), now()).expect("walled");
    assert_eq!(
        (walled.framed_ip, walled.pool.as_deref()),
        (None, Some("suspended"))
    );
    assert_eq!(walled.address_list.as_deref(), Some("suspended"));
    assert_eq!(walled.rate, Some(RateLimit::new(512, 512)));
    assert_eq!((walled.group, walled.idle_timeout), (None, None));
    assert_eq!(
        (walled.limits_left, walled.ipv6),
        (LimitsLeft::default(), Ipv6Policy::default())
    );
}

#[test]
fn the_last_fraction_of_a_second_is_one_second() {
    let ending = Subscriber {
        expires_at: Some(now() + TimeDelta::milliseconds(300)),
        ..alice()
    };
    assert_eq!(
        opened(&ending, &LoginFacts::default()).session_timeout,
        Some(1)
    );
}

#[test]
fn who_waits_for_a_person_to_cut_is_served_on() {
    let mut over = alice();
    over.expires_at = Some(now() - TimeDelta::hours(2));
    let holding = IspAccessSettings {
        holds_cuts: true,
        ..IspAccessSettings::default()
    };
    let decide = |subscriber: &Subscriber, settings: &IspAccessSettings| {
        decide_access(subscriber, settings, &LoginFacts::default(), now())
    };
    let served = decide(&over, &holding).expect("served");
    assert_eq!(served.rate, gold().rate);
    assert_eq!(served.session_timeout, None, "no end that has passed");
    let cut = decide(&over, &IspAccessSettings::default()).expect("walled");
    assert_ne!(cut.rate, gold().rate);
    over.status = CustomerStatus::Expired;
    let cut = decide(&over, &holding).expect("walled");
    assert_ne!(cut.rate, gold().rate, "who was cut stays cut");
}
