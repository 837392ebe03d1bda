//! The real binary as real processes: killed under load, and two at work on one database.

#![expect(
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking and spawns what it likes"
)]

mod support;

use std::{collections::HashMap, time::Duration};

use domain::authz::{Actor, SystemActor};
use persistence::jobs::{self, NewJob, Queue};
use support::{Acknowledged, Process, send_accounting};
use testkit::World;

testkit::on_each_database! {
    async fn a_kill_loses_no_acknowledged_accounting(world: World) {
        let mut process = Process::start(&world, "radius").await;
        process.answers_radius().await;
        let router = process.acct_address;
        let load = tokio::spawn(send_accounting(router, Duration::from_secs(20)));
        tokio::time::sleep(Duration::from_millis(1500)).await;
        process.kill().await;
        let acknowledged: HashMap<String, Acknowledged> = load.await.expect("the load ran");
        assert!(acknowledged.len() > 100, "only {} sessions were acknowledged", acknowledged.len());

        let stored: HashMap<String, i64> = world
            .rows("SELECT acct_session_id, input_octets FROM session", vec![])
            .await
            .iter()
            .map(|row| {
                let id = row.try_get_by_index::<String>(0).expect("an id");
                (id, row.try_get_by_index::<i64>(1).expect("octets"))
            })
            .collect();
        for (session, acknowledged) in acknowledged {
            let octets = stored.get(&session).unwrap_or_else(|| panic!("{session} is lost"));
            assert!(*octets >= acknowledged.octets, "{session} lost octets");
        }
    }
}

/// SQLite is for one process; PostgreSQL is for many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_do_each_job_once() {
    let Some(database) = testkit::TestDatabase::postgres().await else {
        return;
    };
    let world = World::on(database).await;
    let mut first = Process::start(&world, "worker").await;
    let mut second = Process::start(&world, "worker").await;
    let actor = Actor::System(SystemActor::Worker(world.isp_id));
    let tx = world
        .db()
        .begin_platform("enqueue", &actor)
        .await
        .expect("begin");
    for _ in 0..200 {
        let customer_id = World::nobody();
        let job = NewJob {
            kind: "apply_access",
            queue: Queue::Network,
            payload: serde_json::json!({ "kind": "apply_access", "customer_id": customer_id }),
            run_at: None,
            dedup_key: None,
            max_attempts: 3,
            isp_id: Some(world.isp_id),
        };
        jobs::enqueue(&tx, job).await.expect("enqueued");
    }
    tx.commit().await.expect("committed");

    let count = async |condition: &str| {
        let sql = format!("SELECT COUNT(*) FROM job WHERE kind = 'apply_access' AND {condition}");
        world.number(&sql, vec![]).await
    };
    for _ in 0..150 {
        if count("state = 'done'").await == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(count("state = 'done' AND attempts = 1").await, 200);

    // Both keep the schedule, and each slot is taken by one of them.
    let expiries = "SELECT COUNT(*) FROM job WHERE kind = 'expire_subscriptions'";
    let slots = "SELECT COUNT(*) FROM schedule_slot WHERE name = 'expire_subscriptions'";
    for _ in 0..100 {
        if world.number(slots, vec![]).await > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(
        world.number(expiries, vec![]).await,
        world.number(slots, vec![]).await
    );
    first.stop().await;
    second.stop().await;
}
