//! What is asked for while the same work waits, runs or failed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::TimeDelta;
use domain::{
    authz::{Actor, SystemActor},
    ids::JobId,
};
use persistence::{
    Tx,
    jobs::{self, Ended, JobRow, NewJob, Queue},
};
use serde_json::json;
use testkit::World;

const LEASE: TimeDelta = TimeDelta::minutes(1);

async fn begin(world: &World) -> Tx {
    let actor = Actor::System(SystemActor::Worker(world.isp_id));
    world.db().begin_platform("jobs", &actor).await.unwrap()
}

async fn ask(world: &World) -> Option<JobId> {
    let tx = begin(world).await;
    let job = NewJob {
        kind: "check_stop",
        queue: Queue::Network,
        payload: json!({}),
        run_at: None,
        dedup_key: Some("stop:1".to_owned()),
        max_attempts: 3,
        isp_id: Some(world.isp_id),
    };
    let id = jobs::enqueue(&tx, job).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn claim(world: &World) -> Vec<JobId> {
    let tx = begin(world).await;
    let ready = jobs::any_ready(&tx, Queue::Network, tx.now())
        .await
        .unwrap();
    let claimed = jobs::claim(&tx, Queue::Network, "w", LEASE, 16)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ready, !claimed.is_empty());
    claimed.iter().map(|row| JobId::from_uuid(row.id)).collect()
}

async fn end(world: &World, id: JobId, ended: Ended) {
    let tx = begin(world).await;
    assert!(jobs::end(&tx, id, "w", ended).await.unwrap());
    tx.commit().await.unwrap();
}

async fn again(world: &World, id: JobId) -> bool {
    let tx = begin(world).await;
    let found = jobs::retry(&tx, id).await.unwrap();
    tx.commit().await.unwrap();
    found
}

async fn row(world: &World, id: JobId) -> JobRow {
    let tx = begin(world).await;
    jobs::get(&tx, id).await.unwrap().unwrap()
}

fn failed(world: &World) -> Ended {
    Ended::Retry {
        at: domain::clock::Clock::now(&world.clock),
        error: "the router is away".to_owned(),
    }
}

testkit::on_each_database! {
    async fn what_waits_stands_for_what_is_asked_for(world: World) {
        assert!(ask(&world).await.is_some());
        assert_eq!(ask(&world).await, None);
        assert_eq!(claim(&world).await.len(), 1);
    }

    async fn what_runs_does_not_and_the_next_waits_for_its_end(world: World) {
        let first = ask(&world).await.unwrap();
        assert_eq!(claim(&world).await, [first]);
        let second = ask(&world).await.unwrap();
        assert_eq!(claim(&world).await, [], "never two at once");
        end(&world, first, Ended::Done(json!({}))).await;
        assert_eq!(claim(&world).await, [second]);
    }

    async fn a_failure_leaves_the_work_to_the_one_that_waits(world: World) {
        let first = ask(&world).await.unwrap();
        claim(&world).await;
        let second = ask(&world).await.unwrap();
        end(&world, first, failed(&world)).await;
        assert_eq!(row(&world, first).await.state, "cancelled");
        assert!(!again(&world, first).await, "the same waits already");
        assert_eq!(claim(&world).await, [second]);
        end(&world, second, failed(&world)).await;
        assert_eq!(row(&world, second).await.state, "queued");
        assert_eq!(claim(&world).await, [second]);
        end(&world, second, Ended::Done(json!({}))).await;
        assert!(again(&world, first).await);
    }
}
