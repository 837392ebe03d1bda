//! From any state to any other, and the truth about every way in which that fails.
#![expect(clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod router;

use std::collections::BTreeMap;
use std::time::Duration;

use mikrotik::actual::{Actual, Item, read_actual};
use mikrotik::apply::{Report, StepResult, apply};
use mikrotik::desired::{Desired, InvalidDesired};
use mikrotik::diff::{Change, Plan, Step, diff};
use mikrotik::model::{
    AddressListEntry, Identity, Menu, NatAction, NatRule, OnlyOne, Pool, PppAaa, PppProfile,
    Protocol, RadiusClient, RadiusIncoming, RadiusService, RequireMessageAuth,
};
use mikrotik::schema::Version;
use proptest::prelude::*;

use self::router::{Fault, MemoryRouter};

/// Numbers from which an item is made: small ones, so that items meet.
type Seed = (u8, u8, bool, bool);

/// Keys with their seeds, in the order they are wanted.
type Seeds = Vec<(u8, Seed)>;

#[derive(Debug, Clone)]
struct Wish {
    pools: Seeds,
    profiles: Seeds,
    servers: Seeds,
    entries: Seeds,
    rules: Seeds,
    aaa: Seed,
}

fn seeds() -> impl Strategy<Value = Seeds> {
    let item = (0_u8..5, (0_u8..4, 0_u8..4, any::<bool>(), any::<bool>()));
    proptest::collection::vec(item, 0..5).prop_map(|items| {
        let mut kept: Seeds = Vec::new();
        for (key, seed) in items {
            if kept.iter().all(|(held, _)| *held != key) {
                kept.push((key, seed));
            }
        }
        kept
    })
}

fn wish() -> impl Strategy<Value = Wish> {
    let aaa = (0_u8..4, 0_u8..4, any::<bool>(), any::<bool>());
    (seeds(), seeds(), seeds(), seeds(), seeds(), aaa).prop_map(
        |(pools, profiles, servers, entries, rules, aaa)| Wish {
            pools,
            profiles,
            servers,
            entries,
            rules,
            aaa,
        },
    )
}

fn version() -> impl Strategy<Value = Version> {
    proptest::sample::select(&Version::ALL[..])
}

fn fault() -> impl Strategy<Value = Fault> {
    proptest::sample::select(vec![
        Fault::Refused,
        Fault::RefusedThoughDone,
        Fault::Ignored,
        Fault::Half,
        Fault::HalfThenRefused,
        Fault::SilentDone,
        Fault::Silent,
        Fault::SilentLate,
        Fault::LostDone,
        Fault::Lost,
        Fault::NotSent,
        Fault::GoneDone,
        Fault::Gone,
    ])
}

fn desired(wish: &Wish) -> Desired {
    let mut desired = Desired::new();
    let menus = [
        Menu::Pool,
        Menu::PppProfile,
        Menu::Radius,
        Menu::AddressList,
        Menu::Nat,
    ];
    menus.into_iter().for_each(|menu| desired.manage(menu));
    fill(&mut desired, wish).expect("valid wishes");
    desired
}

fn fill(desired: &mut Desired, wish: &Wish) -> Result<(), InvalidDesired> {
    let key = |number: u8| format!("k{number}");
    // Names move from key to key, so that one item takes the name another had.
    for (place, (number, (a, b, ..))) in wish.pools.iter().enumerate() {
        let pool = Pool {
            name: format!("pool{}", (place + usize::from(wish.aaa.0)) % 7),
            ranges: format!("10.{a}.0.2-10.{a}.0.{}", 9 + b),
            next_pool: None,
        };
        desired.item(&key(*number), &pool)?;
    }
    for (place, (number, seed)) in wish.profiles.iter().enumerate() {
        let name = format!("profile{}", (place + usize::from(wish.aaa.1)) % 7);
        desired.item(&key(*number), &profile(name, *seed))?;
    }
    for (number, seed) in &wish.servers {
        desired.item(&key(*number), &server(*seed))?;
    }
    for (number, (a, b, disabled, _)) in &wish.entries {
        let entry = AddressListEntry {
            list: format!("list{a}"),
            address: format!("192.0.2.{b}"),
            disabled: *disabled,
        };
        desired.item(&key(*number), &entry)?;
    }
    for (number, seed) in &wish.rules {
        desired.item(&key(*number), &rule(*seed))?;
    }
    let (minutes, _, use_radius, accounting) = wish.aaa;
    desired.singleton(&PppAaa {
        use_radius,
        accounting,
        interim_update: Duration::from_secs(u64::from(minutes) * 150),
        ipv6_accounting: accounting,
    })?;
    desired.singleton(&RadiusIncoming {
        accept: use_radius,
        port: if accounting { 3799 } else { 1700 },
    })
}

fn profile(name: String, (a, b, flag, other): Seed) -> PppProfile {
    PppProfile {
        name,
        local_address: flag.then(|| "10.0.0.1".to_owned()),
        remote_address: other.then(|| format!("pool{a}")),
        rate_limit: (b > 0).then(|| format!("{b}M/{b}M")),
        only_one: OnlyOne::ALL[usize::from(a) % 3],
        session_timeout: (b > 1).then(|| Duration::from_secs(u64::from(b) * 60)),
        on_up: flag.then(|| ":log info \"up = 1\"".to_owned()),
        ..PppProfile::default()
    }
}

fn server((a, b, flag, other): Seed) -> RadiusClient {
    RadiusClient {
        address: [192, 0, 2, a].into(),
        secret: format!("secret{b}"),
        services: if flag {
            vec![RadiusService::Ppp, RadiusService::Hotspot]
        } else {
            vec![RadiusService::Ppp]
        },
        authentication_port: 1812,
        accounting_port: if other { 1813 } else { 11813 },
        timeout: Duration::from_millis(300 * (u64::from(b) + 1)),
        src_address: None,
        require_message_auth: RequireMessageAuth::ALL[usize::from(other)],
    }
}

fn rule((a, b, flag, disabled): Seed) -> NatRule {
    NatRule {
        chain: if flag { "dstnat" } else { "srcnat" }.to_owned(),
        action: NatAction::ALL[usize::from(a)],
        protocol: (b > 0).then_some(Protocol::Tcp),
        src_address: None,
        src_address_list: flag.then(|| "suspended".to_owned()),
        dst_address: None,
        dst_address_list: None,
        dst_port: (b > 0).then(|| "80".to_owned()),
        in_interface: None,
        in_interface_list: None,
        out_interface: (b == 0).then(|| "ether1".to_owned()),
        out_interface_list: None,
        to_addresses: None,
        to_ports: None,
        disabled,
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}

fn read(router: &MemoryRouter, version: Version, desired: &Desired) -> Actual {
    run(read_actual(router, version, desired)).expect("a readable router")
}

fn carry_out(router: &MemoryRouter, version: Version, desired: &Desired) -> (Plan, Report) {
    let plan = diff(desired, &read(router, version, desired));
    let report = run(apply(router, version, &plan));
    (plan, report)
}

/// A router as somebody else left it.
fn lived_in(version: Version) -> MemoryRouter {
    let router = MemoryRouter::new(version);
    router.put(
        "/ip/pool/add",
        &[("name", "theirs"), ("ranges", "172.16.0.2-172.16.0.9")],
    );
    router.put("/ppp/profile/add", &[("name", "default")]);
    let rule = [
        ("chain", "srcnat"),
        ("action", "masquerade"),
        ("comment", "their rule"),
    ];
    router.put("/ip/firewall/nat/add", &rule);
    let entry = [("list", "list1"), ("address", "192.0.2.1")];
    router.put("/ip/firewall/address-list/add", &entry);
    router
}

/// The items of ours in a menu, in their order.
fn ours(actual: &Actual, menu: Menu) -> Vec<&Item> {
    let items = actual.menus.get(&menu).map_or(&[][..], Vec::as_slice);
    items.iter().filter(|item| item.key.is_some()).collect()
}

fn is_as_desired(desired: &Desired, actual: &Actual) -> Result<(), TestCaseError> {
    for (menu, wanted) in desired.menus() {
        let held = ours(actual, menu);
        let by_name = menu.identity(actual.version) == Identity::Name;
        let mut found = BTreeMap::new();
        for item in wanted {
            let settings = item.settings.clone().of_version(menu, actual.version);
            let key = if by_name {
                settings.get("name").map(ToString::to_string)
            } else {
                Some(item.key.clone())
            };
            let place = held.iter().position(|held| held.key == key);
            prop_assert!(place.is_some(), "{menu:?} {key:?} is missing");
            let place = place.unwrap_or_default();
            prop_assert_eq!(&held[place].settings, &settings);
            found.insert(place, ());
            if menu.is_ordered() {
                prop_assert_eq!(found.keys().last(), Some(&place), "out of order");
            }
        }
        prop_assert!(by_name || held.len() == wanted.len(), "{menu:?} has more");
    }
    Ok(())
}

/// What a step changes, as the router has it now.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Before,
    After,
    Neither,
}

fn seen(step: &Step, actual: &Actual) -> Seen {
    let held = actual.menus.get(&step.menu).expect("a menu that was read");
    let keyed = |key: &str| {
        held.iter()
            .position(|item| item.key.as_deref() == Some(key))
    };
    let is = |truth: bool, other: Seen| if truth { Seen::After } else { other };
    match &step.change {
        Change::Remove { id, before } => {
            match held.iter().find(|item| item.id.as_ref() == Some(id)) {
                None => Seen::After,
                Some(item) if item.settings == *before => Seen::Before,
                Some(_) => Seen::Neither,
            }
        }
        Change::Set { id, before, after } => match held.iter().find(|item| item.id == *id) {
            Some(item) if item.settings == *after => Seen::After,
            Some(item) if item.settings == *before => Seen::Before,
            _ => Seen::Neither,
        },
        Change::Add { settings } => match keyed(&step.key) {
            Some(place) => is(held[place].settings == *settings, Seen::Neither),
            None => Seen::Before,
        },
        Change::MoveBefore { other } => is(keyed(&step.key) < keyed(other), Seen::Before),
    }
}

fn is_true(step: &Step, result: &StepResult, actual: &Actual) -> Result<(), TestCaseError> {
    let seen = seen(step, actual);
    match result {
        StepResult::Done => prop_assert_eq!(seen, Seen::After, "{:?}", step),
        StepResult::NotDone(cause) => prop_assert_eq!(seen, Seen::Before, "{:?} {}", step, cause),
        StepResult::Partly(cause) => prop_assert_eq!(seen, Seen::Neither, "{:?} {}", step, cause),
        StepResult::Unknown(_) => {}
        StepResult::NotAttempted => match &step.change {
            Change::Set { .. } | Change::Remove { .. } => {
                prop_assert_eq!(seen, Seen::Before, "{:?}", step);
            }
            // What was to be removed first may hold the key still.
            Change::Add { .. } | Change::MoveBefore { .. } => {}
        },
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_wanted_is_read_back_and_a_second_plan_is_empty(
        version in version(),
        first in wish(),
        second in wish(),
    ) {
        let router = lived_in(version);
        let theirs = |menu: &str| {
            let items = router.items(menu);
            let marked = |item: &&BTreeMap<String, Vec<u8>>| {
                item.get("comment").is_none_or(|comment| !comment.starts_with(b"lastmile:"))
            };
            items.iter().filter(marked).cloned().collect::<Vec<_>>()
        };
        let before = (theirs("/ppp/profile"), theirs("/ip/firewall/nat"));
        for wish in [first, second] {
            let desired = desired(&wish);
            let (plan, report) = carry_out(&router, version, &desired);
            prop_assert!(plan.conflicts.is_empty());
            prop_assert!(report.is_done(), "{:?} {:?}", plan, report);
            let actual = read(&router, version, &desired);
            is_as_desired(&desired, &actual)?;
            let again = diff(&desired, &actual);
            prop_assert!(again.is_empty(), "{:?}", again);
        }
        prop_assert_eq!(before, (theirs("/ppp/profile"), theirs("/ip/firewall/nat")));
    }

    #[test]
    fn whatever_fails_the_report_is_true_and_the_next_run_mends_it(
        version in version(),
        first in wish(),
        second in wish(),
        nth in 0_usize..12,
        fault in fault(),
    ) {
        let mut router = lived_in(version);
        let (_, report) = carry_out(&router, version, &desired(&first));
        prop_assert!(report.is_done());
        let desired = desired(&second);
        let plan = diff(&desired, &read(&router, version, &desired));
        router.fail(nth, fault);
        let writes = router.writes();
        let report = run(apply(&router, version, &plan));
        let failed = router.writes() > writes + nth;
        prop_assert_eq!(report.results.len(), plan.steps.len());
        router.settle();
        let actual = read(&router, version, &desired);
        for (step, result) in plan.steps.iter().zip(&report.results) {
            is_true(step, result, &actual)?;
        }
        let harmless = matches!(fault, Fault::RefusedThoughDone | Fault::SilentDone | Fault::LostDone | Fault::Half | Fault::HalfThenRefused);
        prop_assert!(!failed || harmless || !report.is_done(), "{:?} went unnoticed", fault);
        let (plan, report) = carry_out(&router, version, &desired);
        prop_assert!(report.is_done(), "{:?} {:?}", plan, report);
        is_as_desired(&desired, &read(&router, version, &desired))?;
    }
}

fn pool(name: &str) -> Pool {
    Pool {
        name: name.to_owned(),
        ranges: "10.0.0.2-10.0.0.9".to_owned(),
        next_pool: None,
    }
}

#[test]
fn a_name_that_others_hold_is_a_conflict_and_not_taken() {
    let router = lived_in(Version::V7_20);
    let mut desired = Desired::new();
    desired.item("main", &pool("theirs")).unwrap();
    let (plan, _) = carry_out(&router, Version::V7_20, &desired);
    assert!(plan.steps.is_empty());
    assert_eq!(plan.conflicts.len(), 1);
    assert_eq!(router.items("/ip/pool").len(), 1);
}

#[test]
fn a_router_that_was_changed_since_the_plan_is_left_alone() {
    let router = lived_in(Version::V7_20);
    let mut desired = Desired::new();
    desired.item("main", &pool("main")).unwrap();
    carry_out(&router, Version::V7_20, &desired);
    let mut wider = Desired::new();
    let mut changed = pool("main");
    changed.ranges = "10.0.0.2-10.0.0.99".to_owned();
    wider.item("main", &changed).unwrap();
    let plan = diff(&wider, &read(&router, Version::V7_20, &wider));
    router.put(
        "/ip/pool/set",
        &[(".id", "*5"), ("ranges", "10.9.9.1-10.9.9.9")],
    );
    let report = run(apply(&router, Version::V7_20, &plan));
    assert!(matches!(
        report.results[..],
        [StepResult::NotDone(mikrotik::apply::Cause::Changed)]
    ));
    let pools = router.items("/ip/pool");
    assert_eq!(pools[1].get("ranges").unwrap(), b"10.9.9.1-10.9.9.9");
}

#[test]
fn an_item_made_twice_by_a_lost_answer_is_made_single() {
    let router = lived_in(Version::V7_20);
    let entry = AddressListEntry {
        list: "suspended".to_owned(),
        address: "192.0.2.7".to_owned(),
        disabled: false,
    };
    let mut desired = Desired::new();
    desired.item("seven", &entry).unwrap();
    for _ in 0..2 {
        let add = [
            ("list", "suspended"),
            ("address", "192.0.2.7"),
            ("comment", "lastmile:seven"),
        ];
        router.put("/ip/firewall/address-list/add", &add);
    }
    let (plan, report) = carry_out(&router, Version::V7_20, &desired);
    assert_eq!((plan.steps.len(), report.is_done()), (1, true));
    assert_eq!(
        router.items("/ip/firewall/address-list").len(),
        2,
        "theirs and ours"
    );
}

#[test]
fn a_router_that_cannot_be_read_has_not_nothing() {
    let mut router = lived_in(Version::V7_20);
    let mut desired = Desired::new();
    desired.item("main", &pool("main")).unwrap();
    router.fail(0, Fault::Gone);
    let plan = diff(&desired, &read(&router, Version::V7_20, &desired));
    let report = run(apply(&router, Version::V7_20, &plan));
    assert!(matches!(report.results[..], [StepResult::Unknown(_)]));
    assert!(run(read_actual(&router, Version::V7_20, &desired)).is_err());
}

#[test]
fn what_cannot_be_wanted_is_refused() {
    let mut desired = Desired::new();
    desired.item("one", &pool("a")).unwrap();
    for (key, name) in [
        ("one", "b"),
        ("two", "a"),
        ("", "c"),
        ("Ä", "c"),
        ("a b", "c"),
    ] {
        assert!(desired.item(key, &pool(name)).is_err(), "{key} {name}");
    }
    let nul = desired.item("three", &pool("a\0b"));
    assert!(matches!(nul, Err(InvalidDesired::Value(_))));
}
