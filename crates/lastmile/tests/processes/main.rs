//! The real binary as real processes: killed under load, and two at work on one database.

#![expect(
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking and spawns what it likes"
)]

mod demo;
mod files;
mod support;

use std::{collections::HashMap, time::Duration};

use chrono::TimeDelta;
use domain::{
    authz::{Actor, SystemActor},
    clock::Clock as _,
};
use persistence::jobs::{self, NewJob, Queue};
use support::{Acknowledged, Process, send_accounting};
use testkit::{TestDatabase, World};

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

#[tokio::test(flavor = "multi_thread")]
async fn what_freeradius_counts_is_measured_against_limits() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let world = World::on(database).await;
    // The processes go by the clock on the wall.
    let wall = "SELECT extract(epoch FROM now())::bigint";
    let ahead = world.number(wall, vec![]).await - world.clock.now().timestamp();
    world.clock.advance(TimeDelta::seconds(ahead));
    world.served("rahim", 10).await;
    let limited = serde_json::json!({ "volume_limit": {
        "octets": 1_000, "counts": "total", "window": "month", "on_reached": "suspend",
    } });
    let sell = "UPDATE package SET access = $1";
    world.sql(sell, vec![limited.into()]).await;

    let isp = [("LASTMILE_FREERADIUS_ISP", world.isp_id.to_string())];
    let mut process = Process::start_with(&world, "worker", &isp).await;
    let mirrored = "SELECT COUNT(*) FROM freeradius.mirrored_customer";
    until(&world, mirrored, 1).await;
    let report = "INSERT INTO freeradius.radacct (acctsessionid, acctuniqueid, username, \
        nasipaddress, acctstarttime, acctupdatetime, acctsessiontime, acctinputoctets, \
        acctoutputoctets) VALUES ('81000001', '000102030405060708090a0b0c0d0e0f', 'rahim', \
        '127.0.0.1', now() - interval '1 minute', now(), 60, 600, 600)";
    world.sql(report, vec![]).await;
    let looked = "SELECT COUNT(*) FROM job WHERE kind = 'evaluate_usage' AND state = 'done'";
    until(&world, looked, 1).await;
    let restricted = "SELECT COUNT(*) FROM restriction";
    assert_eq!(world.number(restricted, vec![]).await, 1);
    process.stop().await;
}

/// Waits until so many are counted.
async fn until(world: &World, sql: &str, wanted: i64) {
    for _ in 0..200 {
        if world.number(sql, vec![]).await >= wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not in time: {sql}");
}
