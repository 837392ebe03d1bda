//! What an ISP says of its routers is no other ISP's business; the schema came to that by a table
//! made anew, which keeps every row.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use migrations::{Migrator, MigratorTrait as _};
use sea_orm::Value;
use testkit::World;
use uuid::Uuid;

const CLAIMS: &str = "m20261201_000016_claims";

/// Another ISP of the same tenancy.
async fn another_isp(world: &World) -> Uuid {
    let id = Uuid::now_v7();
    let copy = "INSERT INTO isp (id, tenancy_id, name, currency, time_zone, country, created_at) \
        SELECT $1, tenancy_id, 'Another ISP', currency, time_zone, country, created_at FROM isp \
        WHERE id = $2";
    let bound = vec![id.into(), world.isp_id.as_uuid().into()];
    world.sql(copy, bound).await;
    id
}

/// A router like that of the world, with its address.
async fn twin(world: &World, isp_id: Uuid, name: &str) -> Result<(), String> {
    let copy = "INSERT INTO nas (id, isp_id, name, address, secret, coa_port, \
        require_message_authenticator, radsec_identity, status, created_at, updated_at) \
        SELECT $1, $2, $3, address, secret, coa_port, require_message_authenticator, \
        radsec_identity, status, created_at, updated_at FROM nas WHERE id = $4";
    let bound: Vec<Value> = vec![
        Uuid::now_v7().into(),
        isp_id.into(),
        name.into(),
        world.nas_id.as_uuid().into(),
    ];
    let stored = world.try_sql(copy, bound).await;
    stored.map(drop).map_err(|error| error.to_string())
}

/// The migrations from the one of the claims on.
fn steps() -> u32 {
    let all = Migrator::migrations();
    let since = all
        .iter()
        .skip_while(|migration| migration.name() != CLAIMS);
    u32::try_from(since.count()).expect("there are not many")
}

testkit::on_each_database! {
    async fn isps_may_name_one_router_and_no_isp_twice(world: World) {
        world.sql("UPDATE nas SET radsec_identity = 'tower7.example'", vec![]).await;
        let theirs = another_isp(&world).await;
        twin(&world, theirs, "theirs").await.expect("another ISP's own claim");
        let again = twin(&world, world.isp_id.as_uuid(), "ours again").await;
        assert!(again.is_err(), "one ISP has one router at an address");
    }

    async fn making_the_table_of_routers_anew_keeps_all_that_hangs_on_it(world: World) {
        let nas = || Value::from(world.nas_id.as_uuid());
        let isp = || Value::from(world.isp_id.as_uuid());
        let pool = world.db().raw_pool();
        Migrator::down(pool, Some(steps())).await.expect("down");
        world.sql(
            "INSERT INTO nas_counter (nas_id, isp_id, counter, value, since, updated_at) \
             SELECT id, isp_id, 'accepts', 7, created_at, created_at FROM nas",
            vec![],
        ).await;
        world.sql(
            "INSERT INTO nas_source (nas_id, isp_id, address, first_seen_at, last_seen_at, \
             message_authenticator_seen_at) \
             SELECT id, isp_id, '127.0.0.1', created_at, created_at, created_at FROM nas",
            vec![],
        ).await;
        world.sql(
            "INSERT INTO session (id, isp_id, nas_id, session_key, acct_session_id, username, \
             nas_address, walled, input_octets, output_octets, session_time, started_at, updated_at) \
             SELECT $1, isp_id, id, $2, '81000001', 'rahim', '127.0.0.1', false, 0, 0, 0, \
             created_at, created_at FROM nas",
            vec![Uuid::now_v7().into(), vec![7_u8; 16].into()],
        ).await;
        let theirs = another_isp(&world).await;
        assert!(twin(&world, theirs, "theirs").await.is_err(), "the older rule held over all ISPs");

        Migrator::up(pool, None).await.expect("up");
        for (kept, count) in [
            ("nas WHERE id = $1 AND isp_id = $2 AND claimed_at = created_at", 1),
            ("nas_counter WHERE nas_id = $1 AND isp_id = $2 AND value = 7", 1),
            ("nas_source WHERE nas_id = $1 AND isp_id = $2 AND proven_at = first_seen_at", 1),
            ("session WHERE nas_id = $1 AND isp_id = $2", 1),
        ] {
            let sql = format!("SELECT COUNT(*) FROM {kept}");
            assert_eq!(world.number(&sql, vec![nas(), isp()]).await, count, "{kept}");
        }
        twin(&world, theirs, "theirs").await.expect("the newer rule");
        let gone = world.try_sql("DELETE FROM nas WHERE id = $1", vec![nas()]).await;
        assert!(gone.is_err(), "its session still points at it");
    }
}
