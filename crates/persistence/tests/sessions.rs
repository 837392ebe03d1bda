//! Accounting as routers really send it: twice, late, in the wrong order, or not at all.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{Actor, SystemActor},
    network::session::{
        AccountingEvent, AccountingRecord, SessionKey, SessionUsage, TerminateCause,
    },
    page::PageRequest,
};
use persistence::{
    query::sessions::{HistoryFilter, list_history},
    repo::sessions::{self, Memory},
};
use testkit::World;

struct Router<'w> {
    world: &'w World,
    begun: DateTime<Utc>,
    memory: Memory,
}

impl<'w> Router<'w> {
    fn on(world: &'w World, begun: &str) -> Self {
        Self {
            world,
            begun: begun.parse().unwrap(),
            memory: Memory::default(),
        }
    }

    fn report(
        &self,
        session: u8,
        event: AccountingEvent,
        seconds: u32,
        octets: u64,
    ) -> AccountingRecord {
        AccountingRecord {
            isp_id: self.world.isp_id,
            nas_id: self.world.nas_id,
            nas_address: "127.0.0.1".parse().unwrap(),
            customer_id: None,
            session_key: SessionKey::from_bytes([session; 16]),
            event,
            acct_session_id: format!("8100{session:04}"),
            username: "rahim\0x".to_owned(),
            framed_ip: Some("100.64.0.9".parse().unwrap()),
            calling_station_id: Some("AA:BB:CC:00:11:22".to_owned()),
            nas_port_id: None,
            class: Some(vec![1, 2, 3]),
            usage: SessionUsage {
                input_octets: Some(octets),
                output_octets: Some(octets * 2),
                session_time: Some(seconds),
                gigawords: true,
            },
            event_time: self.begun + TimeDelta::seconds(seconds.into()),
            stamped: true,
            walled: false,
        }
    }

    /// What the memory holds of a session may be out of date: then it is read.
    async fn send(&self, records: &[AccountingRecord]) {
        while let Err(error) = self.try_send(records).await {
            assert!(matches!(error, persistence::Error::Contention), "{error}");
        }
    }

    async fn try_send(&self, records: &[AccountingRecord]) -> Result<(), persistence::Error> {
        let actor = Actor::System(SystemActor::Installation);
        let tx = self.world.db().begin_platform("test", &actor).await?;
        let applied = sessions::apply(&tx, &self.memory, records).await?;
        tx.commit().await?;
        applied.keep_in(&self.memory);
        Ok(())
    }

    async fn live(&self) -> Vec<i64> {
        self.octets("SELECT input_octets FROM session ORDER BY acct_session_id")
            .await
    }

    async fn past(&self) -> Vec<i64> {
        self.octets("SELECT input_octets FROM session_history ORDER BY acct_session_id")
            .await
    }

    async fn octets(&self, sql: &str) -> Vec<i64> {
        let rows = self.world.rows(sql, vec![]).await;
        rows.iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect()
    }
}

const STOP: AccountingEvent = AccountingEvent::Stop {
    cause: TerminateCause::UserRequest,
};
use AccountingEvent::{Interim, NasOn, Start};

testkit::on_each_database! {
    async fn the_same_report_twice_changes_nothing(world: World) {
        let router = Router::on(&world, "2026-11-20T05:00:00Z");
        let all = [
            router.report(1, Start, 0, 0),
            router.report(1, Interim, 300, 5_000_000_000),
            router.report(1, STOP, 600, 9_000_000_000),
        ];
        for _ in 0..3 {
            for report in &all {
                router.send(std::slice::from_ref(report)).await;
            }
            router.send(&all).await;
        }
        assert_eq!((router.live().await, router.past().await), (vec![], vec![9_000_000_000]));
    }

    async fn order_does_not_matter(world: World) {
        let router = Router::on(&world, "2026-11-20T05:00:00Z");
        router.send(&[router.report(1, Interim, 600, 700), router.report(1, Interim, 300, 300)]).await;
        router.send(&[router.report(1, Start, 0, 0)]).await;
        assert_eq!(router.live().await, [700]);
        router.send(&[router.report(1, STOP, 900, 900), router.report(1, Interim, 700, 800)]).await;
        assert_eq!((router.live().await, router.past().await), (vec![], vec![900]));
        let begun = world.rows("SELECT started_at FROM session_history", vec![]).await;
        let begun: DateTime<Utc> = begun[0].try_get_by_index(0).unwrap();
        assert_eq!(begun, router.begun);
    }

    async fn a_stop_alone_is_a_whole_session(world: World) {
        let router = Router::on(&world, "2026-11-20T05:00:00Z");
        router.send(&[router.report(1, STOP, 900, 900)]).await;
        assert_eq!((router.live().await, router.past().await), (vec![], vec![900]));
    }

    async fn a_router_that_comes_up_ends_what_it_had(world: World) {
        let router = Router::on(&world, "2026-11-20T05:00:00Z");
        let reboot = router.report(0, NasOn, 50, 0);
        let mut after = router.report(3, Start, 0, 0);
        after.event_time = router.begun + TimeDelta::seconds(60);
        let batch = [router.report(1, Start, 0, 0), router.report(2, Interim, 40, 7), reboot, after];
        router.send(&batch).await;
        assert_eq!((router.live().await, router.past().await), (vec![0], vec![0, 7]));
    }

    async fn silence_is_presumed_to_be_the_end_until_the_router_speaks(world: World) {
        let begun = "2026-11-20T05:00:00Z".parse().unwrap();
        let router = Router { world: &world, begun, memory: Memory::default() };
        router.send(&[router.report(1, Interim, 300, 500)]).await;
        let actor = Actor::System(SystemActor::Installation);
        let sweep = async |at: DateTime<Utc>| {
            let tx = world.db().begin_platform("test", &actor).await.unwrap();
            let closed = sessions::sweep_stale(&tx, at).await.unwrap();
            tx.commit().await.unwrap();
            closed
        };
        // 2.5 × 300 s + 60 s after the last report, and not before.
        assert_eq!(sweep(begun + TimeDelta::seconds(300 + 810)).await, 0);
        assert_eq!(sweep(begun + TimeDelta::seconds(300 + 811)).await, 1);
        assert_eq!((router.live().await, router.past().await), (vec![], vec![500]));
        router.send(&[router.report(1, Interim, 1500, 700)]).await;
        assert_eq!((router.live().await, router.past().await), (vec![700], vec![]));
    }

    async fn a_late_repetition_does_not_wake_what_a_restart_ended(world: World) {
        let router = Router::on(&world, "2026-11-20T05:00:00Z");
        let mut off = router.report(0, NasOn, 0, 0);
        off.event_time = router.begun + TimeDelta::seconds(400);
        let start = router.report(1, Start, 0, 0);
        router.send(&[start.clone(), router.report(1, Interim, 300, 500)]).await;
        router.send(&[off.clone()]).await;
        for late in [start, router.report(1, Interim, 300, 500), router.report(1, Interim, 390, 600), off] {
            router.send(&[late]).await;
        }
        assert_eq!((router.live().await, router.past().await), (vec![], vec![600]));
        // It did survive, after all.
        router.send(&[router.report(1, Interim, 600, 900)]).await;
        assert_eq!((router.live().await, router.past().await), (vec![900], vec![]));
    }

    async fn a_new_session_of_the_same_caller_and_port_ends_the_old_one(world: World) {
        let router = Router::on(&world, "2026-11-20T05:00:00Z");
        let other_device = |mut record: AccountingRecord| {
            record.calling_station_id = Some("AA:BB:CC:00:11:33".to_owned());
            record
        };
        router.send(&[router.report(1, Interim, 300, 500), other_device(router.report(2, Interim, 300, 7))]).await;
        let mut again = router.report(3, Start, 0, 0);
        again.event_time = router.begun + TimeDelta::seconds(320);
        router.send(&[again]).await;
        assert_eq!((router.live().await, router.past().await), (vec![7, 0], vec![500]));
        let presumed = "SELECT COUNT(*) FROM session_history WHERE presumed AND terminate_cause = 'lost_service'";
        assert_eq!(world.number(presumed, vec![]).await, 1);
    }

    async fn a_router_that_counts_its_restarts_ends_what_it_had(world: World) {
        let router = Router::on(&world, "2026-11-20T05:00:00Z");
        let named = |mut record: AccountingRecord, name: &str, user: &str| {
            record.acct_session_id = name.to_owned();
            record.username = user.to_owned();
            record
        };
        router.send(&[
            named(router.report(1, Interim, 300, 1), "81000001", "a"),
            named(router.report(2, Interim, 300, 2), "80000001", "b"),
        ]).await;
        let mut after = named(router.report(3, Start, 0, 0), "81100000", "c");
        after.event_time = router.begun + TimeDelta::seconds(500);
        router.send(&[after]).await;
        assert_eq!((router.live().await, router.past().await), (vec![2, 0], vec![1]), "of that service");
    }

    async fn who_had_an_address_is_found_among_live_and_past(world: World) {
        let router = Router::on(&world, "2026-11-20T05:00:00Z");
        let later = |mut record: AccountingRecord, seconds: i64| {
            record.event_time += TimeDelta::seconds(seconds);
            record.username = "karim".to_owned();
            record.calling_station_id = Some("AA:BB:CC:00:11:44".to_owned());
            record
        };
        router.send(&[router.report(1, STOP, 600, 5)]).await;
        router.send(&[later(router.report(2, Start, 0, 0), 1_000)]).await;
        router.send(&[later(router.report(2, Interim, 300, 9), 1_000)]).await;
        let ask = async |filter: HistoryFilter| {
            let read = world.db().read(&world.scope()).await.unwrap();
            let page = PageRequest::default();
            let found = list_history(&read, &world.scope(), &filter, &page).await.unwrap();
            found.items.into_iter().map(|row| row.username.replace('\u{fffd}', "")).collect::<Vec<_>>()
        };
        let at = |seconds: i64| HistoryFilter {
            address: Some("100.64.0.9".to_owned()),
            from: Some(router.begun + TimeDelta::seconds(seconds)),
            to: Some(router.begun + TimeDelta::seconds(seconds)),
            ..HistoryFilter::default()
        };
        assert_eq!(ask(at(300)).await, ["rahimx"]);
        assert_eq!(ask(at(800)).await, [""; 0]);
        assert_eq!(ask(at(1_200)).await, ["karim"]);
        assert_eq!(ask(HistoryFilter::default()).await, ["karim", "rahimx"]);
        let of_device = HistoryFilter { station: Some("AA:BB:CC:00:11:44".to_owned()), nas_id: Some(world.nas_id.as_uuid()), ..HistoryFilter::default() };
        assert_eq!(ask(of_device).await, ["karim"]);
        let nobody = HistoryFilter { username: Some("rahi".to_owned()), ..HistoryFilter::default() };
        assert_eq!(ask(nobody).await, [""; 0]);
    }

    async fn months_of_history_have_their_place(world: World) {
        let actor = Actor::System(SystemActor::Installation);
        let tx = world.db().begin_platform("test", &actor).await.unwrap();
        sessions::prepare_history(&tx).await.unwrap();
        let again = sessions::prepare_history(&tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(again, 0);
        let router = Router::on(&world, "2019-01-20T05:00:00Z");
        router.send(&[router.report(1, STOP, 600, 5)]).await;
        assert_eq!(router.past().await, [5], "an old month has the rest to go to");
    }
}
