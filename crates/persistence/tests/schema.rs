//! The schema itself: it goes up and down, keeps the books balanced whatever SQL says, and fences
//! one ISP from another.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::{
    authz::Scope,
    ids::{CustomerId, IspId},
    tenancy::Reach,
};
use persistence::lookup;
use testkit::World;

testkit::on_each_database! {
    async fn goes_up_down_and_up_again(world: World) {
        world.db().migrate_down().await.expect("down");
        world.db().migrate().await.expect("up again");
        assert_eq!(world.number("SELECT COUNT(*) FROM isp", vec![]).await, 0);
    }

    async fn refuses_an_entry_that_does_not_balance(world: World) {
        let fund = async |left: i64, right: i64| {
            let pool = world.db().raw_pool();
            use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
            #[expect(clippy::disallowed_methods, reason = "raw SQL is the point of this test")]
            let tx = pool.begin().await.expect("begin");
            let id = |n: u8| uuid::Uuid::from_u128(u128::from(n) + (u128::from(left.unsigned_abs()) << 32));
            let backend = tx.get_database_backend();
            let run = async |sql: &str, values: Vec<sea_orm::Value>| {
                tx.execute_raw(sea_orm::Statement::from_sql_and_values(backend, sql, values)).await
            };
            let isp = world.isp_id.as_uuid();
            let now = "2026-11-20T06:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
            for n in [1, 2] {
                run("INSERT INTO account (id, isp_id, kind, name, currency) VALUES ($1, $2, 'cash', $3, 'BDT')",
                    vec![id(n).into(), isp.into(), id(n).to_string().into()]).await.expect("account");
            }
            run("INSERT INTO journal_entry (id, isp_id, cause, description, at) VALUES ($1, $2, 'payment', 'x', $3)",
                vec![id(9).into(), isp.into(), now.into()]).await.expect("entry");
            for (n, amount) in [(1, left), (2, right)] {
                run("INSERT INTO posting (entry_id, position, isp_id, account_id, amount_minor, balance_after_minor, at) VALUES ($1, $2, $3, $4, $5, 0, $6)",
                    vec![id(9).into(), i64::from(n).into(), isp.into(), id(n).into(), amount.into(), now.into()]).await.expect("posting");
            }
            tx.commit().await
        };
        assert!(fund(500, -499).await.is_err(), "does not balance");
        fund(700, -700).await.expect("balances");
        for change in [
            "UPDATE posting SET amount_minor = 1",
            "DELETE FROM posting",
            "UPDATE journal_entry SET description = 'y'",
            "UPDATE journal_entry SET imbalance = 5",
            "DELETE FROM journal_entry",
        ] {
            assert!(world.try_sql(change, vec![]).await.is_err(), "{change}");
        }
    }

    async fn another_isp_is_out_of_sight(world: World) {
        let stranger = Scope::own(&world.person(
            world.admin_id,
            domain::authz::RoleLevel::Admin,
            Reach::Isp(IspId::generate()),
        ));
        let ours = world.db().read(&world.scope()).await.unwrap();
        assert!(lookup::package(&ours, &world.scope(), world.package_id).await.unwrap().is_some());
        let theirs = world.db().read(&stranger).await.unwrap();
        assert!(lookup::package(&theirs, &stranger, world.package_id).await.unwrap().is_none());
        // Were the typed scope forgotten, PostgreSQL would still show nothing.
        let unscoped = lookup::package(&theirs, &world.scope(), world.package_id).await.unwrap();
        let fenced = world.db().backend() == persistence::Backend::Postgres;
        assert_eq!(unscoped.is_none(), fenced);
        let nobody = CustomerId::from_uuid(World::nobody());
        assert!(lookup::customer(&ours, &world.scope(), nobody).await.unwrap().is_none());
    }
}
