//! How many accounting reports a second become durable: interims of many live sessions, in batches,
//! with their usage. `TEST_DATABASE_URL` names a PostgreSQL server; without it, SQLite alone.
//!
//! `cargo run --release --workspace --example accounting_speed [sessions] [batch] [in flight]`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints and may fail"
)]

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{Actor, SystemActor},
    ids::{CustomerId, IspId, NasId},
    network::session::{AccountingEvent, AccountingRecord, SessionKey, SessionUsage},
};
use persistence::{
    Db,
    repo::sessions::{self, Memory},
};
use testkit::{TestDatabase, World};

const ROUNDS: u32 = 4;

#[derive(Clone, Copy)]
struct Load {
    sessions: u32,
    batch: usize,
    in_flight: usize,
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse().ok());
    let sessions: u32 = arguments.next().unwrap_or(50_000);
    let mut size = |usual: u32| usize::try_from(arguments.next().unwrap_or(usual)).unwrap();
    let load = Load {
        sessions,
        batch: size(2_000),
        in_flight: size(1),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        measure("SQLite", TestDatabase::sqlite().await, load).await;
        if let Some(database) = TestDatabase::postgres().await {
            measure("PostgreSQL", database, load).await;
        }
    });
}

async fn measure(name: &str, database: TestDatabase, load: Load) {
    let world = World::on(database).await;
    let customers: Vec<CustomerId> = (0..load.sessions).map(|_| CustomerId::generate()).collect();
    let customers = Arc::new(customers);
    let memory = Arc::new(Memory::default());
    for round in 0..=ROUNDS {
        let began = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for lane in 0..load.in_flight {
            let (db, customers) = (world.db().clone(), Arc::clone(&customers));
            let memory = Arc::clone(&memory);
            let (isp_id, nas_id) = (world.isp_id, world.nas_id);
            tasks.spawn(async move {
                report(
                    (&db, &memory),
                    (isp_id, nas_id),
                    &customers,
                    round,
                    (lane, load),
                )
                .await;
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
        let each = f64::from(load.sessions) / began.elapsed().as_secs_f64();
        let what = if round == 0 { "starts" } else { "interims" };
        println!(
            "{name}: {each:.0} {what}/s, batches of {}, {} at once",
            load.batch, load.in_flight
        );
    }
}

/// The sessions of one lane: each belongs to one, as to one committing task.
async fn report(
    (db, memory): (&Db, &Memory),
    (isp_id, nas_id): (IspId, NasId),
    customers: &[CustomerId],
    round: u32,
    (lane, load): (usize, Load),
) {
    let begun: DateTime<Utc> = "2026-11-20T05:00:00Z".parse().unwrap();
    let records: Vec<AccountingRecord> = customers
        .iter()
        .enumerate()
        .filter(|(index, _)| index % load.in_flight == lane)
        .map(|(index, customer_id)| AccountingRecord {
            isp_id,
            nas_id,
            nas_address: "127.0.0.1".parse().unwrap(),
            customer_id: Some(*customer_id),
            // Spread as hashes are.
            session_key: SessionKey::from_bytes(
                (u128::try_from(index).unwrap() + 1)
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
                    .to_be_bytes(),
            ),
            event: if round == 0 {
                AccountingEvent::Start
            } else {
                AccountingEvent::Interim
            },
            acct_session_id: format!("81{index:06x}"),
            username: format!("user{index}"),
            framed_ip: None,
            calling_station_id: Some(format!("AA:BB:{index:08X}")),
            nas_port_id: Some("ether5".to_owned()),
            class: Some(vec![7; 87]),
            usage: SessionUsage {
                input_octets: Some(u64::from(round) * 70_000_000),
                output_octets: Some(u64::from(round) * 900_000_000),
                session_time: Some(round * 300),
                gigawords: true,
            },
            event_time: begun + TimeDelta::seconds(i64::from(round) * 300),
            stamped: true,
            walled: false,
        })
        .collect();
    let actor = Actor::System(SystemActor::Installation);
    for batch in records.chunks(load.batch) {
        let tx = db.begin_platform("measure", &actor).await.unwrap();
        let applied = sessions::apply(&tx, memory, batch).await.unwrap();
        tx.commit().await.unwrap();
        applied.keep_in(memory);
    }
}
