use chrono_tz::Asia::Dhaka;
use proptest::prelude::*;

use super::*;
use crate::money::Currency;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn taka(minor: i64) -> Money {
    Money::from_minor(minor, Currency::BDT)
}

fn offer(cycle: Cycle) -> Offer {
    Offer {
        package_id: PackageId::generate(),
        name: "Home 20".to_owned(),
        price: taka(80_000),
        cycle,
    }
}

fn service(expires_at: Option<&str>, status: CustomerStatus) -> ServiceState {
    ServiceState {
        customer_id: CustomerId::generate(),
        isp_id: IspId::generate(),
        package_id: PackageId::generate(),
        status,
        status_reason: None,
        billing_type: BillingType::Prepaid,
        expires_at: expires_at.map(at),
        anchor_day: 5,
        auto_renew: true,
    }
}

#[test]
fn the_next_period_follows_paid_time() {
    let now = at("2026-03-01T00:00:00Z");
    let of = |service: &ServiceState, billed: Option<&str>| {
        next_period(service, &offer(Cycle::Monthly), billed.map(at), now, Dhaka).unwrap()
    };
    let paid = service(Some("2026-03-05T10:00:00Z"), CustomerStatus::Active);
    assert_eq!(of(&paid, None).start, at("2026-03-05T10:00:00Z"));
    let billed = of(&paid, Some("2026-04-05T10:00:00Z"));
    assert_eq!(billed.start, at("2026-04-05T10:00:00Z"));

    let served = service(Some("2026-02-28T23:00:00Z"), CustomerStatus::Active);
    assert_eq!(of(&served, None).start, at("2026-02-28T23:00:00Z"));
    let cut = service(Some("2026-02-28T23:00:00Z"), CustomerStatus::Expired);
    assert_eq!(of(&cut, None).start, now);
    let forgotten = service(Some("2025-02-28T23:00:00Z"), CustomerStatus::Active);
    assert_eq!(of(&forgotten, None).start, now);
}

#[test]
fn prepaid_is_due_before_and_postpaid_after() {
    let period = Period::new(at("2026-03-01T00:00:00Z"), at("2026-04-01T00:00:00Z")).unwrap();
    let due = |billing_type, issued| due_date(billing_type, period, at(issued));
    assert_eq!(
        due(BillingType::Prepaid, "2026-02-20T00:00:00Z"),
        period.start
    );
    assert_eq!(
        due(BillingType::Postpaid, "2026-03-01T00:00:00Z"),
        period.end
    );
    let late = "2026-05-01T00:00:00Z";
    assert_eq!(due(BillingType::Prepaid, late), at(late));
    assert_eq!(due(BillingType::Postpaid, late), at(late));
}

#[test]
fn expiry_decisions_as_a_table() {
    let now = at("2026-03-01T00:00:00Z");
    let grace = TimeDelta::days(3);
    let decide = |service: &ServiceState, credit: i64, due: Option<&str>| {
        decide_expiry(service, taka(80_000), taka(credit), due.map(at), grace, now)
    };
    let mut over = service(Some("2026-03-01T00:00:00Z"), CustomerStatus::Active);
    assert_eq!(decide(&over, 80_000, None), ExpiryDecision::Renew);
    assert_eq!(decide(&over, 79_999, None), ExpiryDecision::Expire);
    over.auto_renew = false;
    assert_eq!(decide(&over, 80_000, None), ExpiryDecision::Renew);
    let left = service(Some("2026-03-01T00:00:01Z"), CustomerStatus::Active);
    assert_eq!(decide(&left, 0, None), ExpiryDecision::Keep);
    let cut = service(Some("2026-02-01T00:00:00Z"), CustomerStatus::Suspended);
    assert_eq!(decide(&cut, 0, None), ExpiryDecision::Keep);

    let mut later = service(None, CustomerStatus::Active);
    later.billing_type = BillingType::Postpaid;
    let suspend = ExpiryDecision::Suspend(SuspensionReason::NonPayment);
    assert_eq!(decide(&later, 0, Some("2026-02-26T00:00:00Z")), suspend);
    assert_eq!(
        decide(&later, 0, Some("2026-02-26T00:00:01Z")),
        ExpiryDecision::Keep
    );
    assert_eq!(decide(&later, 0, None), ExpiryDecision::Keep);
}

#[test]
fn many_cuts_are_left_to_a_person_unless_the_day_is_known_for_them() {
    let trips = |cuts, active| brake_trips(cuts, active, 0, 0);
    assert!(!trips(10, 10));
    assert!(trips(11, 54));
    assert!(!trips(11, 55));
    assert!(!trips(20_000, 100_000));
    assert!(trips(20_001, 100_000));
    assert!(trips(u64::MAX, 1));
    // As many as on the due day of the month before, and a tenth more.
    assert!(!brake_trips(50, 100, 0, 50));
    assert!(!brake_trips(55, 100, 0, 50));
    assert!(brake_trips(56, 100, 0, 50));
    assert!(brake_trips(50, 100, 6, 50), "with those of earlier runs");
    assert!(brake_trips(50, 100, u64::MAX, 50));
}

proptest! {
    #[test]
    fn renewing_moves_on_without_gap_or_overlap(cycle in 0_usize..5, renewals in 1_usize..30) {
        let offer = offer(Cycle::ALL[cycle]);
        let mut service = service(Some("2026-01-31T20:00:00Z"), CustomerStatus::Active);
        let now = at("2026-01-31T19:00:00Z");
        for _ in 0..renewals {
            let period = next_period(&service, &offer, None, now, Dhaka).unwrap();
            prop_assert_eq!(Some(period.start), service.expires_at);
            prop_assert!(period.end > period.start);
            service.expires_at = extended_expiry(BillingType::Prepaid, service.expires_at, Some(period.end));
        }
    }

    #[test]
    fn paid_time_is_never_shortened(had in prop::option::of(0_i64..1_000_000), paid in prop::option::of(0_i64..1_000_000)) {
        let instant = |seconds: Option<i64>| seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let extended = extended_expiry(BillingType::Prepaid, instant(had), instant(paid));
        prop_assert!(extended >= instant(had));
        prop_assert!(extended >= instant(paid));
    }
}
