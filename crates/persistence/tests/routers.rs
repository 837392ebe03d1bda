//! Watched routers in their tables: leases, findings, and the fence around another ISP's.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::TimeDelta;
use domain::{
    authz::{Actor, RoleLevel, RouterRef, Scope, SystemActor, perm},
    clock::Clock as _,
    ids::{IspId, RouterId},
    network::router::{
        Change, CheckCause, CheckFailure, Fingerprint, RouterFacts, RouterState, Standing,
    },
    page::PageRequest,
    tenancy::Reach,
};
use persistence::{
    Backend, Tx, lookup,
    repo::routers::{
        self, RouterRecord, history,
        watch::{self, DueRouter, Finding, Lane},
    },
};
use testkit::World;

const LEASE: TimeDelta = TimeDelta::seconds(90);
const MANY: i64 = 100;

async fn insert(world: &World, host: &str) -> RouterRef {
    let now = world.clock.now();
    let tx = world
        .db()
        .begin(
            "insert",
            &world.proof::<perm::ManageRouters, _>(world.isp()),
        )
        .await
        .unwrap();
    let router = RouterRecord {
        id: RouterId::generate(),
        isp_id: world.isp_id,
        name: host.to_owned(),
        host: host.to_owned(),
        port: 8729,
        tls: true,
        username: "lastmile".to_owned(),
        nas_id: Some(world.nas_id),
        nas_name: Some("core-1".to_owned()),
        watched: true,
        version: 1,
        pinned: None,
        presented: None,
        presented_at: None,
        standing: Standing::unchecked(now),
        facts: None,
        checked_at: None,
        last_seen_at: None,
        next_check_at: Some(now),
        lease_until: None,
        created_at: now,
    };
    routers::insert(&tx, &router, b"sealed".to_vec())
        .await
        .unwrap();
    let router_ref = RouterRef {
        id: router.id,
        isp_id: router.isp_id,
    };
    assert_eq!(routers::find(&tx, &router_ref).await.unwrap(), Some(router));
    tx.commit().await.unwrap();
    router_ref
}

async fn platform(world: &World) -> Tx {
    let actor = Actor::System(SystemActor::Installation);
    world.db().begin_platform("watch", &actor).await.unwrap()
}

async fn claim(world: &World, worker: &str, lane: Lane) -> Vec<DueRouter> {
    let tx = platform(world).await;
    let due = watch::claim(&tx, lane, worker, LEASE, MANY).await.unwrap();
    tx.commit().await.unwrap();
    due
}

async fn any_due(world: &World, lane: Lane) -> bool {
    let read = world.db().read_platform().await.unwrap();
    let any = watch::any_due(&read, lane, world.clock.now())
        .await
        .unwrap();
    read.done().await.unwrap();
    any
}

async fn keep(world: &World, worker: &str, findings: &[Finding]) -> usize {
    let tx = platform(world).await;
    let kept = watch::keep(&tx, worker, findings).await.unwrap();
    tx.commit().await.unwrap();
    kept.len()
}

async fn get(world: &World, router: RouterRef) -> RouterRecord {
    let read = world.db().read(&world.scope()).await.unwrap();
    routers::find(&read, &router).await.unwrap().unwrap()
}

fn finding(world: &World, due: &DueRouter, state: RouterState) -> Finding {
    let now = world.clock.now();
    Finding {
        id: due.id,
        isp_id: due.isp_id,
        version: due.version,
        standing: Standing {
            state,
            ..Standing::unchecked(now)
        },
        change: Some(Change::Reached),
        presented: None,
        facts: (state == RouterState::Reachable).then(RouterFacts::default),
        checked_at: now,
        next_check_at: now + TimeDelta::minutes(1),
    }
}

testkit::on_each_database! {
    async fn a_router_is_leased_to_one_worker(world: World) {
        let router = insert(&world, "10.0.0.1").await;
        assert_eq!((any_due(&world, Lane::Answering).await, any_due(&world, Lane::Away).await), (true, false));
        assert!(claim(&world, "one", Lane::Away).await.is_empty(), "not of that lane");
        let due = claim(&world, "one", Lane::Answering).await;
        assert_eq!(due.iter().map(|due| due.id).collect::<Vec<_>>(), [router.id]);
        assert_eq!(due[0].password, b"sealed");
        assert!(claim(&world, "two", Lane::Answering).await.is_empty());
        assert!(!any_due(&world, Lane::Answering).await, "leased");
        let found = finding(&world, &due[0], RouterState::Reachable);
        assert_eq!(keep(&world, "two", std::slice::from_ref(&found)).await, 0, "not two's");
        assert_eq!(keep(&world, "one", std::slice::from_ref(&found)).await, 1);
        assert_eq!(keep(&world, "one", std::slice::from_ref(&found)).await, 0, "once");
        let kept = get(&world, router).await;
        assert_eq!((kept.lease_until, kept.next_check_at), (None, Some(found.next_check_at)));
        assert_eq!(kept.last_seen_at, Some(found.checked_at));

        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(claim(&world, "one", Lane::Answering).await.len(), 1);
        world.clock.advance(LEASE);
        assert_eq!(claim(&world, "two", Lane::Answering).await.len(), 1, "one is not heard of");
    }

    async fn a_check_that_is_asked_for_meanwhile_is_not_lost(world: World) {
        let router = insert(&world, "10.0.0.1").await;
        let due = claim(&world, "one", Lane::Answering).await;
        world.clock.advance(TimeDelta::seconds(1));
        let tx = platform(&world).await;
        assert!(routers::ask_for_check(&tx, &router).await.unwrap());
        tx.commit().await.unwrap();
        let asked_at = world.clock.now();
        assert!(claim(&world, "two", Lane::Answering).await.is_empty(), "one is at it");
        keep(&world, "one", &[finding(&world, &due[0], RouterState::Reachable)]).await;
        assert_eq!(get(&world, router).await.next_check_at, Some(asked_at));
        assert_eq!(claim(&world, "two", Lane::Answering).await.len(), 1);
    }

    async fn what_was_found_is_kept_whole(world: World) {
        let router = insert(&world, "10.0.0.1").await;
        let due = claim(&world, "one", Lane::Answering).await;
        let facts = RouterFacts {
            identity: "a \"quoted\\ name, {with} everything'; নাম".to_owned(),
            routeros: "7.16.2 (stable)".to_owned(),
            cpu_load: Some(0),
            free_memory: None,
            total_memory: Some(1 << 33),
            ppp_sessions: 7,
            ..RouterFacts::default()
        };
        let found = Finding {
            facts: Some(facts.clone()),
            ..finding(&world, &due[0], RouterState::Reachable)
        };
        keep(&world, "one", &[found]).await;
        assert_eq!(get(&world, router).await.facts, Some(facts.clone()));

        world.clock.advance(TimeDelta::minutes(1));
        let due = claim(&world, "one", Lane::Answering).await;
        let failure = CheckFailure { cause: CheckCause::WrongLogin, detail: Some("cannot log in".to_owned()) };
        let mut found = finding(&world, &due[0], RouterState::Unreachable);
        found.standing.failure = Some(failure.clone());
        found.standing.failures = 2;
        found.change = Some(Change::WentAway(CheckCause::WrongLogin));
        keep(&world, "one", std::slice::from_ref(&found)).await;
        let kept = get(&world, router).await;
        assert_eq!((&kept.standing, kept.facts), (&found.standing, Some(facts)), "facts of before stay");

        world.clock.advance(TimeDelta::minutes(1));
        let due = claim(&world, "one", Lane::Away).await;
        let shown = Fingerprint([7; 32]);
        let mut found = finding(&world, &due[0], RouterState::FingerprintChanged);
        found.presented = Some(shown);
        keep(&world, "one", &[found]).await;
        let first = get(&world, router).await;
        assert_eq!((first.presented, first.presented_at), (Some(shown), Some(world.clock.now())));

        let read = world.db().read(&world.scope()).await.unwrap();
        let page = history(&read, &router, &PageRequest { limit: 25, cursor: None }).await.unwrap();
        let told: Vec<_> = page.items.iter().map(|row| (row.state, row.cause, row.fingerprint)).collect();
        assert_eq!(told, [
            (RouterState::FingerprintChanged, None, Some(shown)),
            (RouterState::Unreachable, Some(CheckCause::WrongLogin), None),
            (RouterState::Reachable, None, None),
        ]);
        assert_eq!(page.items[1].detail, failure.detail);
        read.done().await.unwrap();
        let tx = platform(&world).await;
        assert_eq!(routers::prune(&tx, world.clock.now()).await.unwrap(), 2);
        tx.rollback().await.unwrap();
    }

    async fn another_isps_routers_are_out_of_sight(world: World) {
        let router = insert(&world, "10.0.0.1").await;
        let due = claim(&world, "one", Lane::Answering).await;
        keep(&world, "one", &[finding(&world, &due[0], RouterState::Reachable)]).await;
        let reach = Reach::Isp(IspId::generate());
        let stranger = Scope::own(&world.person(world.admin_id, RoleLevel::Admin, reach));
        let theirs = world.db().read(&stranger).await.unwrap();
        assert!(lookup::router(&theirs, &stranger, router.id).await.unwrap().is_none());
        // Were the typed scope forgotten, PostgreSQL would still show nothing.
        let fenced = world.db().backend() == Backend::Postgres;
        assert_eq!(routers::find(&theirs, &router).await.unwrap().is_none(), fenced);
        let page = history(&theirs, &router, &PageRequest { limit: 25, cursor: None }).await.unwrap();
        assert_eq!(page.items.is_empty(), fenced);
    }
}
