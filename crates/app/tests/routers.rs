//! Routers that are watched: what a look at a simulated router makes of it, and that many looks get
//! in nobody's way.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "routers/control.rs"]
mod control;
#[path = "routers/site.rs"]
mod site;

use std::{sync::Arc, time::Duration};

use app::{
    router_watch::RouterWatch,
    use_cases::routers::{
        EditRouter, RouterError, check_router, confirm_router_fingerprint, create_router,
        delete_router, edit_router, get_router, list_routers,
    },
};
use chrono::TimeDelta;
use domain::{
    authz::{RoleLevel, Scope},
    network::router::{CheckCause, Fingerprint, RouterState},
    page::PageRequest,
    patch::Patch,
    tenancy::Reach,
};
use persistence::query::routers::RouterFilter;
use tokio::{io::AsyncWriteExt as _, net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use self::control::Scripted;
use self::site::{Played, Site, at};

/// A look that is held until it is let go, of all that is due.
async fn held(site: &Site, control: &Arc<Scripted>, host: &str) -> JoinSet<usize> {
    control.hold(host);
    let watch = RouterWatch::new(site.world.ctx.clone(), Arc::<Scripted>::clone(control));
    let mut looking = JoinSet::new();
    looking.spawn(async move { watch.drain().await.unwrap() });
    control.until_held(host).await;
    looking
}

/// A failed look at a router that was never looked at is told at once.
async fn first_cause(site: &Site, port: u16, tls: bool) -> Option<CheckCause> {
    let router = site.add(&format!("on-{port}"), port, tls).await;
    site.look().await;
    let found = site.get(router).await;
    assert_eq!(found.standing.state, RouterState::Unreachable);
    assert!(found.facts.is_none());
    found.standing.failure.map(|failure| failure.cause)
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind(at(0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

testkit::on_each_database! {
    async fn a_router_shows_itself_at_the_first_look(world: World) {
        let played = Played::plain(&world).await;
        played.server.with(|router| {
            for line in ["/ppp/secret/add name=rahim", "/system/identity/set name=POP-7"] {
                site::run(router, line);
            }
        });
        let site = Site::new(world);
        let router = site.add("core", played.port(), false).await;
        assert!(site.get(router).await.is_being_checked(site.now()));
        assert_eq!(site.look().await, 1);
        let found = site.get(router).await;
        assert_eq!(found.standing.state, RouterState::Reachable);
        assert!(!found.is_being_checked(site.now()));
        assert_eq!(found.last_seen_at, Some(site.now()));
        let facts = found.facts.unwrap();
        assert_eq!((facts.identity.as_str(), facts.ppp_sessions), ("POP-7", 0));
        assert!(facts.routeros.starts_with("7.20"), "{}", facts.routeros);
        assert!(facts.total_memory > facts.free_memory, "{facts:?}");
        assert!(facts.uptime_seconds.is_some() && facts.cpu_load.is_some(), "{facts:?}");
        assert_eq!(site.look().await, 0, "not before its time");
        site.world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(site.look().await, 1);
        assert_eq!(site.told(router).await, [(RouterState::Reachable, None)]);
        assert_eq!(site.events().await, ["router.changed", "router.reached"]);
    }

    async fn every_trouble_has_its_cause(world: World) {
        let site = Site::new(world);
        let (closed, port) = listener().await;
        drop(closed);
        assert_eq!(first_cause(&site, port, false).await, Some(CheckCause::ConnectionRefused));

        let (silent, port) = listener().await;
        assert_eq!(first_cause(&site, port, false).await, Some(CheckCause::NoAnswer));
        drop(silent);

        let (web, port) = listener().await;
        let mut served = JoinSet::new();
        served.spawn(async move {
            let (mut stream, _) = web.accept().await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        });
        assert_eq!(first_cause(&site, port, false).await, Some(CheckCause::NotRouterOs));

        let played = Played::plain(&site.world).await;
        assert_eq!(first_cause(&site, played.tls_port(), true).await, Some(CheckCause::NoCertificate));
        played.server.with(|router| router.faults().add(site::fault(
            r#"{"when":{"command":"/system/resource"},"fault":"hang"}"#,
        )));
        assert_eq!(first_cause(&site, played.port(), false).await, Some(CheckCause::Hangs));

        let played = Played::plain(&site.world).await;
        played.server.with(|router| router.faults().add(site::fault(
            r#"{"when":{"command":"/system/resource"},"fault":{"trap":{"message":"not enough permissions (9)"}}}"#,
        )));
        assert_eq!(first_cause(&site, played.port(), false).await, Some(CheckCause::NotPermitted));
        let named = site.add_at("named", "no-such-host.invalid", 8728, false).await;
        site.look().await;
        let failure = site.get(named).await.standing.failure.unwrap();
        assert_eq!(failure.cause, CheckCause::NameUnknown);
    }

    async fn a_wrong_password_is_told_and_the_right_one_mends_it(world: World) {
        let played = Played::plain(&world).await;
        let site = Site::new(world);
        let router = site.add_with("core", played.port(), "not-the-password").await;
        site.look().await;
        let found = site.get(router).await;
        let failure = found.standing.failure.clone().unwrap();
        assert_eq!(failure.cause, CheckCause::WrongLogin);
        assert!(failure.detail.is_some(), "the router's own words");
        site.world.clock.advance(TimeDelta::minutes(2));
        assert_eq!(site.look().await, 0, "each try is a line in the router's log");

        let edit = EditRouter {
            version: found.version,
            password: Some(site::PASSWORD.to_owned().into()),
            ..EditRouter::default()
        };
        let edited = edit_router(&site.world.ctx, site.world.proof(router), edit).await.unwrap();
        assert_eq!(edited.standing.state, RouterState::Unchecked);
        assert_eq!(site.look().await, 1, "at once");
        let found = site.get(router).await;
        assert_eq!(found.standing.state, RouterState::Reachable);
        assert!(found.facts.is_some() && found.last_seen_at.is_some());
        let edit = EditRouter {
            version: found.version,
            port: Some(1),
            password: Some(site::PASSWORD.to_owned().into()),
            ..EditRouter::default()
        };
        let moved = edit_router(&site.world.ctx, site.world.proof(router), edit).await.unwrap();
        assert_eq!((moved.facts, moved.last_seen_at, moved.checked_at), (None, None, None));
        let audited = "SELECT COUNT(*) FROM audit_log WHERE CAST(before AS TEXT) LIKE $1 OR CAST(after AS TEXT) LIKE $1";
        for secret in ["%not-the-password%", "%a-router-password%"] {
            assert_eq!(site.world.number(audited, vec![secret.into()]).await, 0, "{secret}");
        }
    }

    async fn nobody_logs_in_before_the_certificate_is_confirmed(world: World) {
        let played = Played::with_certificate(&world, "one").await;
        let site = Site::new(world);
        let router = site.add("core", played.tls_port(), true).await;
        site.look().await;
        let found = site.get(router).await;
        assert_eq!(found.standing.state, RouterState::Unconfirmed);
        let shown = found.presented.unwrap();
        assert_eq!(played.fingerprint(), Some(shown));
        assert_eq!((found.pinned, found.facts), (None, None));
        let confirm = async |fingerprint| {
            confirm_router_fingerprint(&site.world.ctx, site.world.proof(router), fingerprint).await
        };
        let other = confirm(Fingerprint([9; 32])).await;
        assert!(matches!(other, Err(RouterError::OtherFingerprint)), "{other:?}");
        confirm(shown).await.unwrap();
        assert_eq!(site.look().await, 1, "at once");
        let found = site.get(router).await;
        assert_eq!(found.standing.state, RouterState::Reachable);
        assert_eq!((found.pinned, found.presented), (Some(shown), None));

        // Somebody put another router in its place.
        let (port, tls_port) = (played.port(), played.tls_port());
        played.server.shut_down().await;
        let played = Played::at(&site.world, port, tls_port, Some("two")).await;
        site.world.clock.advance(TimeDelta::minutes(1));
        site.look().await;
        let found = site.get(router).await;
        assert_eq!(found.standing.state, RouterState::FingerprintChanged);
        assert_eq!(found.pinned, Some(shown));
        assert_eq!(found.presented, played.fingerprint());
        assert!(matches!(confirm(shown).await, Err(RouterError::OtherFingerprint)));
        confirm(found.presented.unwrap()).await.unwrap();
        site.look().await;
        assert_eq!(site.get(router).await.standing.state, RouterState::Reachable);
        let states: Vec<_> = site.told(router).await.into_iter().map(|(state, _)| state).collect();
        assert_eq!(states, [
            RouterState::Reachable,
            RouterState::FingerprintChanged,
            RouterState::Reachable,
            RouterState::Unconfirmed,
        ]);
    }

    async fn a_router_goes_away_and_comes_back(world: World) {
        let played = Played::plain(&world).await;
        let site = Site::new(world);
        let router = site.add("core", played.port(), false).await;
        site.look().await;
        let (port, tls_port) = (played.port(), played.tls_port());
        played.server.shut_down().await;
        site.world.clock.advance(TimeDelta::minutes(1));
        site.look().await;
        let found = site.get(router).await;
        assert_eq!((found.standing.state, found.standing.failures), (RouterState::Reachable, 1));
        assert!(found.facts.is_some(), "what it said stays");
        site.world.clock.advance(TimeDelta::seconds(15));
        assert_eq!(site.look().await, 1, "a doubt is looked into soon");
        let away_since = site.now();
        assert_eq!(site.get(router).await.standing.state, RouterState::Unreachable);
        for _minute in 0..3 {
            site.world.clock.advance(TimeDelta::minutes(1));
            assert_eq!(site.look().await, 1);
        }
        assert_eq!(site.get(router).await.standing.since, away_since);
        let played = Played::at(&site.world, port, tls_port, None).await;
        site.world.clock.advance(TimeDelta::minutes(1));
        site.look().await;
        assert_eq!(site.told(router).await, [
            (RouterState::Reachable, None),
            (RouterState::Unreachable, Some(CheckCause::ConnectionRefused)),
            (RouterState::Reachable, None),
        ]);
        assert_eq!(
            site.events().await,
            ["router.changed", "router.reached", "router.went_away", "router.reached"]
        );
        // A restart between two looks is no outage: a new connection is tried before it is doubted.
        played.server.shut_down().await;
        let _again = Played::at(&site.world, port, tls_port, None).await;
        site.world.clock.advance(TimeDelta::minutes(1));
        site.look().await;
        assert_eq!(site.get(router).await.standing.failures, 0);
    }

    async fn a_connection_goes_with_its_router(world: World) {
        let played = Played::plain(&world).await;
        let site = Site::new(world);
        let (first, second) = (
            site.add("one", played.port(), false).await,
            site.add_at("two", "localhost", played.port(), false).await,
        );
        site.look().await;
        let connected = |site: &Site| {
            let mut ids: Vec<_> = domain::network::ports::RouterControl::connected(&*site.routers)
                .into_iter()
                .map(|(id, _)| id)
                .collect();
            ids.sort();
            ids
        };
        assert_eq!(connected(&site).len(), 2);
        delete_router(&site.world.ctx, site.world.proof(first)).await.unwrap();
        let edit = EditRouter { version: 1, watched: Some(false), ..EditRouter::default() };
        edit_router(&site.world.ctx, site.world.proof(second), edit).await.unwrap();
        assert_eq!(site.look().await, 0, "nobody is watched");
        assert_eq!(connected(&site), []);
        assert!(get_router(&site.world.ctx, &site.world.proof(first)).await.unwrap().is_none());
        assert_eq!(site.world.number("SELECT COUNT(*) FROM router_history", vec![]).await, 1);

        check_router(&site.world.ctx, site.world.proof(second)).await.unwrap();
        assert_eq!(site.look().await, 1, "who asks for it is answered all the same");
        let found = site.get(second).await;
        assert_eq!(found.standing.state, RouterState::Reachable);
        assert_eq!(found.next_check_at, None);
        assert_eq!(connected(&site), []);
    }

    async fn an_edit_is_refused_when_somebody_was_faster(world: World) {
        let site = Site::new(world);
        let router = site.add("core", 1, false).await;
        let edit = |version, name: &str| EditRouter {
            version,
            name: Some(name.to_owned()),
            nas: Patch::Value(domain::authz::NasRef { id: site.world.nas_id, isp_id: site.world.isp_id }),
            ..EditRouter::default()
        };
        let ctx = &site.world.ctx;
        let edited = edit_router(ctx, site.world.proof(router), edit(1, "Core 2")).await.unwrap();
        assert_eq!(edited.nas_name.as_deref(), Some("core-1"));
        let stale = edit_router(ctx, site.world.proof(router), edit(1, "Core 3")).await;
        assert!(matches!(stale, Err(RouterError::StaleVersion)));
        let same_name = create_router(ctx, site.world.proof(site.world.isp()), site::cmd("CORE 2", "127.0.0.1", 2, false)).await;
        assert!(matches!(same_name, Err(RouterError::NameTaken)));
        let same_place = create_router(ctx, site.world.proof(site.world.isp()), site::cmd("other", "127.0.0.1", 1, false)).await;
        assert!(matches!(same_place, Err(RouterError::AddressTaken)));
        let bad = create_router(ctx, site.world.proof(site.world.isp()), site::cmd(" ", "1.2.3", 0, false)).await;
        let fields = |problem: &RouterError| match problem {
            RouterError::Invalid(fields) => fields.iter().map(|field| field.field).collect(),
            _ => Vec::new(),
        };
        assert_eq!(bad.as_ref().err().map(fields).unwrap(), ["name", "address", "port"]);
    }

    async fn lists_are_paged_filtered_and_not_for_resellers(world: World) {
        let site = Site::new(world);
        for number in 0..30 {
            site.add_at(&format!("POP {number:02}"), &format!("10.0.0.{number}"), 8728, false).await;
        }
        let list = async |scope: &Scope, filter: RouterFilter, cursor: Option<String>| {
            let page = PageRequest { limit: 25, cursor };
            list_routers(&site.world.ctx, scope, &filter, &page).await.unwrap()
        };
        let scope = site.world.scope();
        let first = list(&scope, RouterFilter::default(), None).await;
        assert_eq!((first.items.len(), first.total), (25, 30));
        let rest = list(&scope, RouterFilter::default(), first.next_cursor.clone()).await;
        assert_eq!((rest.items.len(), rest.next_cursor.is_none()), (5, true));
        assert_eq!(rest.items.first().map(|router| router.name.as_str()), Some("POP 25"));
        let search = |text: &str| RouterFilter { search: Some(text.to_owned()), ..RouterFilter::default() };
        for (text, found) in [("pop 2", 10), ("10.0.0.7", 1), ("%", 0), ("0.0_", 0), ("", 30)] {
            assert_eq!(list(&scope, search(text), None).await.total, found, "{text}");
        }
        let reachable = RouterFilter { state: Some(RouterState::Reachable), ..RouterFilter::default() };
        assert_eq!(list(&scope, reachable, None).await.total, 0);
        let own = site.world.insert_operator("reseller", None).await;
        let isp_id = site.world.isp_id;
        let reseller = site.world.person(site.world.admin_id, RoleLevel::Operator, Reach::Operators { isp_id, own, below: vec![] });
        assert_eq!(list(&Scope::own(&reseller), RouterFilter::default(), None).await.total, 0);
    }

    async fn two_processes_never_look_at_one_router_at_once(world: World) {
        let control = Arc::new(Scripted::default());
        let site = Site::new(world);
        for number in 0..40 {
            site.add_at(&format!("router {number}"), &format!("10.0.0.{number}"), 8728, false).await;
        }
        let watch = || RouterWatch::new(site.world.ctx.clone(), Arc::<Scripted>::clone(&control));
        let (first, second) = (watch(), watch());
        let (first, second) = tokio::join!(first.drain(), second.drain());
        assert_eq!(first.unwrap() + second.unwrap(), 40);
        assert_eq!(control.looks(), 40);
        assert_eq!(control.most_at_one_router(), 1);
    }

    async fn thousands_are_looked_at_in_batches_and_without_jobs(world: World) {
        let control = Arc::new(Scripted::default());
        let site = Site::new(world);
        site.add_at("first", "10.0.0.1", 8728, false).await;
        site.multiply(3_000).await;
        let units = "SELECT COUNT(*) FROM router WHERE last_seen_at IS NOT NULL";
        let watch = RouterWatch::new(site.world.ctx.clone(), Arc::<Scripted>::clone(&control));
        assert_eq!(watch.drain().await.unwrap(), 3_000);
        assert_eq!(site.world.number(units, vec![]).await, 3_000);
        assert_eq!(site.world.number("SELECT COUNT(*) FROM job", vec![]).await, 0);
        assert_eq!(control.looks(), 3_000);
        assert!(control.most_under_way() <= 256, "{}", control.most_under_way());
    }

    async fn a_look_that_breaks_off_is_taken_up_again(world: World) {
        let control = Arc::new(Scripted::default());
        let site = Site::new(world);
        let router = site.add_at("core", "10.0.0.1", 8728, false).await;
        control.break_off("10.0.0.1");
        let watch = RouterWatch::new(site.world.ctx.clone(), Arc::<Scripted>::clone(&control));
        assert_eq!(watch.drain().await.unwrap(), 0);
        site.world.clock.advance(TimeDelta::seconds(91));
        assert_eq!(watch.drain().await.unwrap(), 1);
        assert_eq!(site.get(router).await.standing.state, RouterState::Reachable);
    }

    async fn what_was_found_with_old_settings_is_not_kept(world: World) {
        let control = Arc::new(Scripted::default());
        let site = Site::new(world);
        let router = site.add_at("core", "10.0.0.1", 8728, false).await;
        let mut looking = held(&site, &control, "10.0.0.1").await;
        let edit = EditRouter {
            version: 1,
            address: Some("10.0.0.2".to_owned()),
            password: Some(site::PASSWORD.to_owned().into()),
            ..EditRouter::default()
        };
        edit_router(&site.world.ctx, site.world.proof(router), edit).await.unwrap();
        control.fail("10.0.0.2", CheckCause::WrongLogin);
        control.let_go("10.0.0.1");
        assert_eq!(looking.join_next().await.unwrap().unwrap(), 2, "looked at anew");
        let failure = site.get(router).await.standing.failure.unwrap();
        assert_eq!(failure.cause, CheckCause::WrongLogin);
        assert_eq!(site.told(router).await.len(), 1);
    }

    async fn who_is_deleted_during_a_look_stays_deleted(world: World) {
        let control = Arc::new(Scripted::default());
        let site = Site::new(world);
        let router = site.add_at("core", "10.0.0.1", 8728, false).await;
        let mut looking = held(&site, &control, "10.0.0.1").await;
        delete_router(&site.world.ctx, site.world.proof(router)).await.unwrap();
        control.let_go("10.0.0.1");
        assert_eq!(looking.join_next().await.unwrap().unwrap(), 1);
        for table in ["router", "router_history"] {
            assert_eq!(site.world.number(&format!("SELECT count(*) FROM {table}"), vec![]).await, 0);
        }
        assert_eq!(site.events().await, ["router.changed", "router.changed"], "made and deleted");
    }

    async fn who_is_unwatched_during_a_look_is_not_looked_at_again(world: World) {
        let control = Arc::new(Scripted::default());
        let site = Site::new(world);
        let router = site.add_at("core", "10.0.0.1", 8728, false).await;
        let mut looking = held(&site, &control, "10.0.0.1").await;
        let edit = EditRouter { version: 1, watched: Some(false), ..EditRouter::default() };
        edit_router(&site.world.ctx, site.world.proof(router), edit).await.unwrap();
        control.let_go("10.0.0.1");
        assert_eq!(looking.join_next().await.unwrap().unwrap(), 1);
        let found = site.get(router).await;
        assert_eq!(found.standing.state, RouterState::Unchecked);
        assert_eq!((found.facts.as_ref(), found.last_seen_at), (None, None));
        assert!(!found.is_being_checked(site.now()), "{found:?}");
        site.world.clock.advance(TimeDelta::minutes(5));
        assert_eq!(site.look().await, 0);
        assert_eq!(site.told(router).await, []);
    }

    async fn a_certificate_that_is_confirmed_during_a_look_stays_confirmed(world: World) {
        let control = Arc::new(Scripted::default());
        let site = Site::new(world);
        let router = site.add_at("core", "10.0.0.1", 8729, true).await;
        let shown = Fingerprint([7; 32]);
        control.show("10.0.0.1", shown);
        let watch = RouterWatch::new(site.world.ctx.clone(), Arc::<Scripted>::clone(&control));
        assert_eq!(watch.drain().await.unwrap(), 1);
        check_router(&site.world.ctx, site.world.proof(router)).await.unwrap();
        let mut looking = held(&site, &control, "10.0.0.1").await;
        confirm_router_fingerprint(&site.world.ctx, site.world.proof(router), shown).await.unwrap();
        let other = Fingerprint([8; 32]);
        control.show("10.0.0.1", other);
        control.let_go("10.0.0.1");
        assert_eq!(looking.join_next().await.unwrap().unwrap(), 2, "looked at anew");
        let found = site.get(router).await;
        assert_eq!(found.standing.state, RouterState::FingerprintChanged);
        assert_eq!((found.pinned, found.presented), (Some(shown), Some(other)));
        let told = [(RouterState::FingerprintChanged, None), (RouterState::Unconfirmed, None)];
        assert_eq!(site.told(router).await, told, "by the second look alone");
    }

    async fn one_that_hangs_delays_no_other_and_a_stop_gives_it_back(world: World) {
        let control = Arc::new(Scripted::default());
        let site = Site::new(world);
        let hanging = site.add_at("hangs", "10.0.0.1", 8728, false).await;
        control.hold("10.0.0.1");
        let stop = CancellationToken::new();
        let mut running = JoinSet::new();
        let watch = RouterWatch::new(site.world.ctx.clone(), Arc::<Scripted>::clone(&control));
        running.spawn(watch.run(stop.clone()));
        control.until_held("10.0.0.1").await;
        let other = site.add_at("answers", "10.0.0.2", 8728, false).await;
        site.until(other, |found| found.standing.state == RouterState::Reachable).await;
        assert!(site.get(hanging).await.lease_until.is_some());
        stop.cancel();
        while running.join_next().await.is_some() {}
        let found = site.get(hanging).await;
        assert_eq!((found.lease_until, found.standing.state), (None, RouterState::Unchecked));
        assert!(found.next_check_at <= Some(site.now()), "others look at it at once");
    }

    async fn a_worker_that_died_keeps_its_routers_no_longer_than_the_lease(world: World) {
        let control = Arc::new(Scripted::default());
        let site = Site::new(world);
        let router = site.add_at("core", "10.0.0.1", 8728, false).await;
        control.hold("10.0.0.1");
        let watch = || RouterWatch::new(site.world.ctx.clone(), Arc::<Scripted>::clone(&control));
        let died = tokio::time::timeout(Duration::from_millis(300), watch().drain()).await;
        assert!(died.is_err(), "it was at work");
        assert_eq!(watch().drain().await.unwrap(), 0, "leased still");
        control.let_go("10.0.0.1");
        site.world.clock.advance(TimeDelta::seconds(91));
        assert_eq!(watch().drain().await.unwrap(), 1);
        assert_eq!(site.get(router).await.standing.state, RouterState::Reachable);
    }

    async fn what_cannot_be_kept_of_one_isp_is_kept_of_the_others(world: World) {
        let control = Arc::new(Scripted::default());
        let site = Site::new(world);
        let first = site.add_at("refused before", "10.0.0.9", 8728, false).await;
        control.fail("10.0.0.9", CheckCause::WrongLogin);
        let watch = RouterWatch::new(site.world.ctx.clone(), Arc::<Scripted>::clone(&control));
        assert_eq!(watch.drain().await.unwrap(), 1);
        // From now on nobody's refused login can be kept.
        let sql = "CREATE UNIQUE INDEX refused_once ON router_history (cause) WHERE cause = 'wrong_login'";
        site.world.sql(sql, vec![]).await;
        site.add_at("ours", "10.0.0.1", 8728, false).await;
        site.add_at("theirs", "10.0.0.2", 8728, false).await;
        site.give_to_another_isp("10.0.0.2").await;
        let state = "SELECT count(*) FROM router WHERE host = $1 AND state = $2 AND leased_by IS NULL";
        let is = async |host: &str, word: &str| {
            site.world.number(state, vec![host.into(), word.into()]).await == 1
        };
        // Whichever of the two is kept first.
        for (broken, other) in [("10.0.0.1", "10.0.0.2"), ("10.0.0.2", "10.0.0.1")] {
            control.fail(broken, CheckCause::WrongLogin);
            control.mend(other);
            let anew = "UPDATE router SET state = 'unchecked', failures = 0, cause = NULL, \
                next_check_at = $1, lease_until = NULL, leased_by = NULL WHERE id <> $2";
            site.world.sql(anew, vec![site.now().into(), first.id.as_uuid().into()]).await;
            watch.drain().await.unwrap_err();
            assert!(is(other, "reachable").await, "{other}");
            assert!(!is(broken, "unreachable").await, "{broken}");
        }
        site.world.sql("DROP INDEX refused_once", vec![]).await;
        site.world.clock.advance(TimeDelta::seconds(91));
        assert_eq!(watch.drain().await.unwrap(), 2);
        assert!(is("10.0.0.2", "unreachable").await, "looked at again when its lease ended");
        let reached = "SELECT count(*) FROM domain_event WHERE name = 'router.reached'";
        assert_eq!(site.world.number(reached, vec![]).await, 2);
    }
}
