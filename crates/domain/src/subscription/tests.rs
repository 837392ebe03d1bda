use chrono_tz::Asia::Dhaka;
use proptest::prelude::*;

use super::*;
use crate::{
    catalog::{PackageStatus, PackageTerms, RateLimit},
    customer::ConnectionType,
    ids::{CustomerId, IspId, PackageId},
    money::Currency,
    period::Cycle,
    username::Username,
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn taka(minor: i64) -> Money {
    Money::from_minor(minor, Currency::BDT)
}

fn package(cycle: Cycle) -> Package {
    let now = at("2026-01-01T00:00:00Z");
    Package {
        id: PackageId::generate(),
        isp_id: IspId::generate(),
        created_at: now,
        updated_at: now,
        status: PackageStatus::Active,
        terms: PackageTerms {
            name: "Home 20".to_owned(),
            rate: RateLimit::new(20_000, 20_000),
            rate_managed_by_router: false,
            price: taka(80_000),
            cycle,
            billing_type: BillingType::Prepaid,
            pool: None,
            address_list: None,
            router_profile: None,
            simultaneous_use: 1,
        },
    }
}

fn customer(expires_at: Option<&str>, status: CustomerStatus) -> Customer {
    let now = at("2026-01-01T00:00:00Z");
    Customer {
        id: CustomerId::generate(),
        isp_id: IspId::generate(),
        number: 1,
        name: "Rahim".to_owned(),
        mobile: None,
        email: None,
        national_id: None,
        connection_type: ConnectionType::Pppoe,
        username: Username::parse("rahim").unwrap(),
        billing_type: BillingType::Prepaid,
        status,
        status_reason: None,
        status_changed_at: now,
        package_id: PackageId::generate(),
        zone_id: None,
        operator_id: None,
        address: None,
        device_type: None,
        static_ipv4: None,
        expires_at: expires_at.map(at),
        anchor_day: 5,
        auto_renew: true,
        notes: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

#[test]
fn the_next_period_follows_paid_time() {
    let now = at("2026-03-01T00:00:00Z");
    let of = |customer: &Customer, billed: Option<&str>| {
        next_period(
            customer,
            &package(Cycle::Monthly),
            billed.map(at),
            now,
            Dhaka,
        )
        .unwrap()
    };
    let paid = customer(Some("2026-03-05T10:00:00Z"), CustomerStatus::Active);
    assert_eq!(of(&paid, None).start, at("2026-03-05T10:00:00Z"));
    let billed = of(&paid, Some("2026-04-05T10:00:00Z"));
    assert_eq!(billed.start, at("2026-04-05T10:00:00Z"));

    let served = customer(Some("2026-02-28T23:00:00Z"), CustomerStatus::Active);
    assert_eq!(of(&served, None).start, at("2026-02-28T23:00:00Z"));
    let cut = customer(Some("2026-02-28T23:00:00Z"), CustomerStatus::Expired);
    assert_eq!(of(&cut, None).start, now);
    let forgotten = customer(Some("2025-02-28T23:00:00Z"), CustomerStatus::Active);
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
    let decide = |customer: &Customer, credit: i64, due: Option<&str>| {
        decide_expiry(
            customer,
            taka(80_000),
            taka(credit),
            due.map(at),
            grace,
            now,
        )
    };
    let mut over = customer(Some("2026-03-01T00:00:00Z"), CustomerStatus::Active);
    assert_eq!(decide(&over, 80_000, None), ExpiryDecision::Renew);
    assert_eq!(decide(&over, 79_999, None), ExpiryDecision::Expire);
    over.auto_renew = false;
    assert_eq!(decide(&over, 80_000, None), ExpiryDecision::Expire);
    let left = customer(Some("2026-03-01T00:00:01Z"), CustomerStatus::Active);
    assert_eq!(decide(&left, 0, None), ExpiryDecision::Keep);
    let cut = customer(Some("2026-02-01T00:00:00Z"), CustomerStatus::Suspended);
    assert_eq!(decide(&cut, 0, None), ExpiryDecision::Keep);

    let mut later = customer(None, CustomerStatus::Active);
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
fn a_run_that_would_cut_many_stops() {
    assert!(!brake_trips(10, 10));
    assert!(brake_trips(11, 54));
    assert!(!brake_trips(11, 55));
    assert!(!brake_trips(20_000, 100_000));
    assert!(brake_trips(20_001, 100_000));
    assert!(brake_trips(u64::MAX, 1));
}

proptest! {
    #[test]
    fn renewing_moves_on_without_gap_or_overlap(cycle in 0_usize..5, renewals in 1_usize..30) {
        let package = package(Cycle::ALL[cycle]);
        let mut customer = customer(Some("2026-01-31T20:00:00Z"), CustomerStatus::Active);
        let now = at("2026-01-31T19:00:00Z");
        for _ in 0..renewals {
            let period = next_period(&customer, &package, None, now, Dhaka).unwrap();
            prop_assert_eq!(Some(period.start), customer.expires_at);
            prop_assert!(period.end > period.start);
            customer.expires_at = extended_expiry(BillingType::Prepaid, customer.expires_at, Some(period.end));
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
