//! What is committed is kept, and what could not be written is not said to be.

use std::sync::Arc;

use domain::{
    authz::{Actor, SystemActor},
    ids::ZoneId,
};
use persistence::{
    Db, DbOptions, Error, Tx,
    error::Constraint,
    repo::zones::{self, Zone},
};
use sea_orm::ConnectionTrait as _;
use testkit::{TestDatabase, World};

async fn begin(db: &Db) -> Result<Tx, Error> {
    let actor = Actor::System(SystemActor::Installation);
    db.begin_platform("test", &actor).await
}

async fn add(tx: &Tx, world: &World, name: &str) -> Result<(), Error> {
    let zone = Zone {
        id: ZoneId::generate(),
        isp_id: world.isp_id,
        name: name.to_owned(),
        created_at: tx.now(),
    };
    zones::insert(tx, &zone).await
}

async fn zones_of(world: &World) -> i64 {
    world.number("SELECT COUNT(*) FROM zone", vec![]).await
}

/// A unit of work one of whose statements nobody waited for.
async fn left_halfway(world: &World) -> Tx {
    for number in 0..1_000 {
        let tx = begin(world.db()).await.expect("begun");
        let name = number.to_string();
        let mut statement = Box::pin(add(&tx, world, &name));
        // A database may be done before it is asked twice.
        let is_halfway = futures::poll!(statement.as_mut()).is_pending();
        drop(statement);
        if is_halfway {
            return tx;
        }
        tx.rollback().await.expect("undone");
    }
    unreachable!("every statement was done at once");
}

testkit::on_each_database! {
    async fn after_a_failed_statement_nothing_is_committed(world: World) {
        let tx = begin(world.db()).await.expect("begun");
        add(&tx, &world, "North").await.expect("added");
        let twice = add(&tx, &world, "North").await.expect_err("taken");
        assert!(twice.conflicts_with(Constraint::ZoneName), "{twice}");
        // A caller that passes over the error learns of it here, not its customers later.
        assert!(matches!(add(&tx, &world, "South").await, Err(Error::Unexpected(_))));
        assert!(matches!(tx.commit().await, Err(Error::Unexpected(_))));
        assert_eq!(zones_of(&world).await, 0);
    }

    async fn a_statement_that_was_left_halfway_spoils_its_unit_of_work(world: World) {
        let tx = left_halfway(&world).await;
        assert!(tx.commit().await.is_err());
        assert_eq!(zones_of(&world).await, 0);
    }
}

/// One connection, so that what is told to it holds for all that is done.
async fn alone(world: &World) -> Db {
    let options = DbOptions {
        url: world.database.url.clone(),
        max_connections: 1,
        clock: Arc::new(world.clock.clone()),
    };
    Db::connect(&options).await.expect("opened")
}

/// SQLite's own limit stands for the disk: the database has no room beyond it.
async fn leave_no_room(db: &Db) {
    let pool = db.raw_pool();
    let ask = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, "PRAGMA page_count");
    let row = pool.query_one_raw(ask).await.expect("asked").expect("told");
    let pages: i64 = row.try_get_by_index(0).expect("a number");
    let limit = format!("PRAGMA max_page_count = {pages}");
    pool.execute_unprepared(&limit).await.expect("limited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_after_a_full_disk_is_kept() {
    let world = World::on(TestDatabase::sqlite().await).await;
    let db = alone(&world).await;
    for round in 0..3 {
        leave_no_room(&db).await;
        let full = fill(&db, &world).await;
        assert!(matches!(full, Err(Error::Storage(_))), "{full:?}");
        // The connection that was in doubt is gone, and the limit with it: as if there were room.
        let tx = begin(&db).await.expect("begun");
        add(&tx, &world, &format!("Zone {round}"))
            .await
            .expect("added");
        tx.commit().await.expect("committed");
        assert_eq!(zones_of(&world).await, round + 1, "seen by others");
    }
    db.prove_writable().await.expect("writable");
}

async fn fill(db: &Db, world: &World) -> Result<(), Error> {
    let tx = begin(db).await?;
    for number in 0..10_000 {
        add(&tx, world, &format!("{number} {}", "far away ".repeat(10))).await?;
    }
    tx.commit().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_seen_by_the_probe() {
    let world = World::on(TestDatabase::sqlite().await).await;
    let db = alone(&world).await;
    leave_no_room(&db).await;
    let full = db.prove_writable().await;
    assert!(matches!(full, Err(Error::Storage(_))), "{full:?}");
    db.prove_writable().await.expect("there is room again");
}
