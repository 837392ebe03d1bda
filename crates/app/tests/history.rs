//! For how long ended sessions are kept, as an ISP sets it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use app::{
    jobs::housekeeping,
    use_cases::settings::{EditSettings, SettingsError, edit_settings, get_settings},
};
use chrono::{DateTime, Months, TimeDelta, Utc};
use domain::{
    authz::{Actor, CustomerRef, SystemActor},
    clock::Clock as _,
    ids::IspId,
    network::session::{AccountingEvent, AccountingRecord, SessionUsage, TerminateCause},
    patch::Patch,
};
use persistence::{Backend, repo::sessions};
use serde_json::Value;
use testkit::World;

const STOP: AccountingEvent = AccountingEvent::Stop {
    cause: TerminateCause::UserRequest,
};

async fn keep(world: &World, months: Patch<u32>) -> Result<(), SettingsError> {
    let cmd = EditSettings {
        keep_sessions_months: months,
        ..EditSettings::default()
    };
    edit_settings(&world.ctx, world.proof(world.isp()), cmd)
        .await
        .map(drop)
}

async fn prune(world: &World) -> Value {
    housekeeping::prune(&world.worker_ctx()).await.unwrap()
}

/// What a session of the customer that lasted an hour and ended so long ago would have told.
fn told(world: &World, customer: CustomerRef, session: u8, ended: TimeDelta) -> AccountingRecord {
    AccountingRecord {
        event: STOP,
        usage: SessionUsage {
            input_octets: Some(1_000),
            output_octets: Some(2_000),
            session_time: Some(3_600),
            gigawords: true,
        },
        event_time: world.clock.now() - ended,
        ..world.start_of(customer, session)
    }
}

/// A session of some ISP in the history, as it stands there.
async fn insert_past(world: &World, isp_id: IspId, name: &str, stopped_at: DateTime<Utc>) {
    let started_at = stopped_at - TimeDelta::hours(1);
    world
        .sql(
            "INSERT INTO session_history (id, isp_id, nas_id, session_key, acct_session_id, username, \
             walled, input_octets, output_octets, session_time, started_at, stopped_at, \
             terminate_cause, presumed) \
             VALUES ($1, $2, $3, $4, $5, 'rahim', $6, 1, 2, 3600, $7, $8, 'user_request', $6)",
            vec![
                World::nobody().into(),
                isp_id.as_uuid().into(),
                world.nas_id.as_uuid().into(),
                World::nobody().as_bytes().to_vec().into(),
                name.into(),
                false.into(),
                started_at.into(),
                stopped_at.into(),
            ],
        )
        .await;
}

async fn remembered(world: &World) -> Vec<String> {
    let sql = "SELECT acct_session_id FROM session_history ORDER BY acct_session_id";
    let rows = world.rows(sql, vec![]).await;
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

async fn partitions(world: &World) -> Vec<String> {
    let sql = "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relispartition \
        AND relkind = 'r' AND relname LIKE 'session_history%' ORDER BY relname";
    let rows = world.rows(sql, vec![]).await;
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Has the history of a past month in a partition, as it is where the server ran in that month.
async fn make_month(world: &World, month: DateTime<Utc>) {
    if world.db().backend() == Backend::Postgres {
        let sql = "SELECT CAST(make_session_history_partitions($1, 1) AS BIGINT)";
        world.number(sql, vec![month.date_naive().into()]).await;
    }
}

fn months_ago(world: &World, months: u32) -> DateTime<Utc> {
    world.clock.now() - Months::new(months)
}

testkit::on_each_database! {
    async fn nothing_is_forgotten_until_an_isp_says_so(world: World) {
        insert_past(&world, world.isp_id, "ancient", months_ago(&world, 200)).await;
        assert_eq!(prune(&world).await["sessions"], 0);
        assert_eq!(remembered(&world).await, ["ancient"]);
        let settings = get_settings(&world.ctx, &world.scope(), world.isp_id).await.unwrap();
        assert_eq!(settings.keep_sessions_months, None, "for ever, as it was");
    }

    async fn only_what_the_isp_has_kept_for_long_enough_is_forgotten(world: World) {
        let (now, other) = (world.clock.now(), IspId::generate());
        let second = TimeDelta::seconds(1);
        make_month(&world, months_ago(&world, 14)).await;
        for (isp_id, name, stopped_at) in [
            (world.isp_id, "older", months_ago(&world, 14)),
            (world.isp_id, "just older", months_ago(&world, 6) - second),
            (world.isp_id, "just newer", months_ago(&world, 6)),
            (world.isp_id, "newer", now - TimeDelta::days(1)),
            (other, "another's", months_ago(&world, 14)),
        ] {
            insert_past(&world, isp_id, name, stopped_at).await;
        }
        keep(&world, Patch::Value(6)).await.unwrap();
        assert_eq!(prune(&world).await["sessions"], 2);
        assert_eq!(remembered(&world).await, ["another's", "just newer", "newer"]);
        assert_eq!(prune(&world).await["sessions"], 0, "again is harmless");

        keep(&world, Patch::Absent).await.unwrap();
        let settings = get_settings(&world.ctx, &world.scope(), world.isp_id).await.unwrap();
        assert_eq!(settings.keep_sessions_months, Some(6), "another edit leaves it");
        world.clock.advance(TimeDelta::days(1));
        keep(&world, Patch::Null).await.unwrap();
        assert_eq!(prune(&world).await["sessions"], 0, "for ever again");
        keep(&world, Patch::Value(6)).await.unwrap();
        assert_eq!(prune(&world).await["sessions"], 1);
        let audited = "SELECT COUNT(*) FROM audit_log WHERE action = 'edit_settings' \
            AND CAST(after AS TEXT) LIKE '%\"keep_sessions_months\"%'";
        assert_eq!(world.number(audited, vec![]).await, 4);
    }

    async fn times_that_make_no_sense_are_refused(world: World) {
        for months in [0, 241, u32::MAX] {
            let refused = keep(&world, Patch::Value(months)).await;
            let field = matches!(refused, Err(SettingsError::Field("/keep_sessions_months", _)));
            assert!(field, "{months}: {refused:?}");
        }
        for months in [0_i64, 241] {
            let sql = "UPDATE isp_settings SET keep_sessions_months = $1";
            assert!(world.try_sql(sql, vec![months.into()]).await.is_err(), "{months}");
        }
    }

    async fn much_is_forgotten_a_little_at_a_time(world: World) {
        for number in 0..5_i64 {
            let stopped_at = months_ago(&world, 3) - TimeDelta::days(number);
            insert_past(&world, world.isp_id, &format!("{number} days older"), stopped_at).await;
        }
        keep(&world, Patch::Value(2)).await.unwrap();
        let actor = Actor::System(SystemActor::Installation);
        let forget = async || {
            let tx = world.db().begin_platform("test", &actor).await.unwrap();
            let gone = sessions::forget_ended(&tx, world.isp_id, 2).await.unwrap();
            tx.commit().await.unwrap();
            gone
        };
        assert_eq!(forget().await, 2);
        assert_eq!(remembered(&world).await, ["0 days older", "1 days older", "2 days older"]);
        assert_eq!((forget().await, forget().await, forget().await), (2, 1, 0));
    }

    async fn a_session_that_came_back_is_kept_and_so_is_what_was_used(world: World) {
        let customer = world.served("rahim", 365).await;
        let hour = TimeDelta::hours(1);
        let interim = |record: AccountingRecord| AccountingRecord {
            event: AccountingEvent::Interim,
            ..record
        };
        world.report(told(&world, customer, 1, hour)).await;
        world.report(interim(told(&world, customer, 2, hour))).await;
        world.clock.advance(hour);
        housekeeping::sweep_sessions(&world.worker_ctx()).await.unwrap();
        assert_eq!(remembered(&world).await, ["81000001", "81000002"], "one of them presumed");
        let used = "SELECT CAST(SUM(input_octets) AS BIGINT) FROM usage_day";
        assert_eq!(world.number(used, vec![]).await, 2_000);

        // Its router speaks of the second again, just before it would be forgotten.
        world.clock.advance(TimeDelta::days(20));
        let days = TimeDelta::days(20) + hour * 2;
        let mut back = interim(told(&world, customer, 2, TimeDelta::zero()));
        back.usage.session_time = back.usage.session_time.map(|seconds| {
            seconds + u32::try_from(days.num_seconds()).unwrap()
        });
        world.report(back).await;
        world.clock.advance(TimeDelta::days(15));
        keep(&world, Patch::Value(1)).await.unwrap();
        assert_eq!(prune(&world).await["sessions"], 1);
        assert_eq!(remembered(&world).await, [""; 0]);
        assert_eq!(world.number("SELECT COUNT(*) FROM session", vec![]).await, 1, "it goes on");
        assert_eq!(world.number(used, vec![]).await, 2_000, "usage is not touched");
    }

    async fn past_months_that_hold_nothing_leave(world: World) {
        if world.db().backend() == Backend::Sqlite {
            return; // One table there.
        }
        let (ours, theirs) = (months_ago(&world, 30), months_ago(&world, 40));
        for month in [ours, theirs] {
            make_month(&world, month).await;
        }
        insert_past(&world, world.isp_id, "ours", ours).await;
        insert_past(&world, IspId::generate(), "theirs", theirs).await;
        let before = partitions(&world).await;
        assert!(before.contains(&"session_history_202405".to_owned()), "{before:?}");
        keep(&world, Patch::Value(12)).await.unwrap();
        let done = prune(&world).await;
        assert_eq!(done["months_dropped"], 1, "{done}");
        let after = partitions(&world).await;
        assert!(!after.contains(&"session_history_202405".to_owned()), "{after:?}");
        assert!(after.contains(&"session_history_202307".to_owned()), "it holds another's");
        assert!(after.contains(&"session_history_202611".to_owned()), "the present month");
        assert_eq!(remembered(&world).await, ["theirs"]);
        insert_past(&world, world.isp_id, "late", ours).await;
        assert_eq!(remembered(&world).await, ["late", "theirs"], "the rest takes what comes late");
    }
}
