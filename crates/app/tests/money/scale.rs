//! The first screen of an ISP with 100,000 customers. By hand:
//! `script/with-services cargo nextest run --workspace --run-ignored only -E 'test(scale)' --success-output final`

use std::time::{Duration, Instant};

use app::use_cases::billing::get_overview;
use chrono::TimeDelta;
use domain::{
    authz::{RoleLevel, Scope},
    clock::Clock as _,
    ids::OperatorId,
    tenancy::Reach,
};
use testkit::{TestDatabase, World};
use uuid::Uuid;

use crate::support::*;

const CUSTOMERS: i64 = 100_000;
const ROWS: i64 = 500;

/// `($1, …, $k), …` for so many rows.
fn groups(rows: i64, columns: i64) -> String {
    let group = |row: i64| {
        let list: Vec<_> = (1..=columns)
            .map(|c| format!("${}", row * columns + c))
            .collect();
        format!("({})", list.join(", "))
    };
    (0..rows).map(group).collect::<Vec<_>>().join(", ")
}

/// The values of the rows and, behind them, those that all rows share.
fn with<V>(mut rows: Vec<V>, shared: impl IntoIterator<Item = V>) -> Vec<V> {
    rows.extend(shared);
    rows
}

#[expect(clippy::too_many_lines, reason = "one table of what is measured")]
async fn fill(world: &World, operator: OperatorId) {
    let seed = customer(world, Given::default()).await;
    pay(world, seed, "seed", cash(100)).await.unwrap();
    let now = world.clock.now();
    let entry: Uuid = world.rows("SELECT entry_id FROM payment", vec![]).await[0]
        .try_get_by_index(0)
        .unwrap();
    let statuses = [
        "active",
        "active",
        "active",
        "active",
        "suspended",
        "expired",
    ];
    for chunk in 0..CUSTOMERS / ROWS {
        let (mut customers, mut payments, mut sessions) = (Vec::new(), Vec::new(), Vec::new());
        for n in chunk * ROWS..(chunk + 1) * ROWS {
            let (id, isp) = (Uuid::now_v7(), world.isp_id.as_uuid());
            let name = format!("c{n}");
            let status = statuses[usize::try_from(n).unwrap() % statuses.len()];
            let expires = now + TimeDelta::minutes(n % 43_200 - 1_000);
            let owner = (n % 20 == 0).then_some(operator.as_uuid());
            customers.extend([
                id.into(),
                isp.into(),
                (n + 10).into(),
                name.clone().into(),
                name.into(),
                status.into(),
                world.package_id.as_uuid().into(),
                owner.into(),
                expires.into(),
                (now - TimeDelta::hours(n % 10_000)).into(),
            ]);
            for month in 0..2 {
                payments.extend([
                    Uuid::now_v7().into(),
                    isp.into(),
                    id.into(),
                    format!("R-{month}-{n}").into(),
                    (now - TimeDelta::minutes(n % 28_000 + month * 30_000)).into(),
                    entry.into(),
                ]);
            }
            sessions.extend([
                Uuid::now_v7().into(),
                isp.into(),
                world.nas_id.as_uuid().into(),
                id.into(),
                id.as_bytes().to_vec().into(),
                now.into(),
            ]);
        }
        world.sql(&format!("INSERT INTO customer (id, isp_id, number, name, name_key, status, package_id, operator_id, \
            expires_at, created_at, connection_type, username, username_key, password, billing_type, status_changed_at, \
            anchor_day, auto_renew, version, updated_at) SELECT v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, \
            v.column7, v.column8, v.column9, v.column10, 'pppoe', v.column4, v.column4, ${}, 'prepaid', v.column10, 1, \
            ${}, 1, v.column10 FROM (VALUES {}) v", ROWS * 10 + 1, ROWS * 10 + 2, groups(ROWS, 10)), with(customers, [vec![0_u8].into(), false.into()])).await;
        world.sql(&format!("INSERT INTO payment (id, isp_id, customer_id, receipt_number, received_at, entry_id, method, currency, \
            amount_minor, credited_minor, reactivated, customer_balance_minor, created_at) SELECT v.column1, v.column2, v.column3, \
            v.column4, v.column5, v.column6, 'cash', 'BDT', 70000, 0, ${}, 0, v.column5 FROM (VALUES {}) v", ROWS * 12 + 1, groups(ROWS * 2, 6)), with(payments, [false.into()])).await;
        world.sql(&format!("INSERT INTO session (id, isp_id, nas_id, customer_id, session_key, started_at, updated_at, acct_session_id, \
            username, nas_address, walled, input_octets, output_octets, session_time) SELECT v.column1, v.column2, v.column3, v.column4, \
            v.column5, v.column6, v.column6, 's', 'u', '127.0.0.1', ${}, 0, 0, 0 FROM (VALUES {}) v",
            ROWS * 6 + 1, groups(ROWS, 6)), with(sessions, [false.into()])).await;
    }
    world.sql("ANALYZE", vec![]).await;
}

async fn slowest_of(world: &World, scope: &Scope) -> Duration {
    let mut worst = Duration::ZERO;
    for _ in 0..10 {
        // Behind what is remembered: counted anew.
        world.clock.advance(TimeDelta::seconds(6));
        let start = Instant::now();
        get_overview(&world.ctx, scope).await.unwrap();
        worst = worst.max(start.elapsed());
    }
    worst
}

async fn check(world: World) {
    let operator = world.insert_operator("Reseller", None).await;
    fill(&world, operator).await;
    let reach = Reach::Operators {
        isp_id: world.isp_id,
        own: operator,
        below: vec![],
    };
    let reseller = Scope::own(&world.person(world.admin_id, RoleLevel::Operator, reach));
    let seen = get_overview(&world.ctx, &world.scope()).await.unwrap();
    assert_eq!(seen.online_now, CUSTOMERS);
    let admin = slowest_of(&world, &world.scope()).await;
    let reseller = slowest_of(&world, &reseller).await;
    println!("slowest of 10: admin {admin:?}, reseller {reseller:?}; {seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "fills a database for a minute"]
async fn the_overview_answers_at_scale_on_sqlite() {
    check(World::on(TestDatabase::sqlite().await).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "fills a database for a minute"]
async fn the_overview_answers_at_scale_on_postgres() {
    if let Some(database) = TestDatabase::postgres().await {
        check(World::on(database).await).await;
    }
}
