//! From what customers use to what they get: tiers, limits, windows, people's decisions, and what
//! routers are asked for it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use app::{
    accounting::{DatabaseSink, UsageListener},
    jobs::evaluate_usage,
    meter::Meter,
    use_cases::{
        customers::{SuspendCustomer, suspend_customer},
        fair_use::{
            Decision, FairUseError, Until, decide_fair_use, fair_use_log, get_fair_use,
            list_live_changes, remove_fair_use_policy, set_fair_use_policy, simulate_fair_use,
        },
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::CustomerRef,
    clock::Clock as _,
    customer::SuspensionReason,
    network::{
        fup::{Counts, FairUsePolicy, Needs, Tier, TierEffect, Window},
        ports::{AccountingSink as _, ControlOutcome},
        session::{AccountingEvent, AccountingRecord, SessionUsage, TerminateCause},
    },
    page::PageRequest,
};
use persistence::change_feed::Position;
use testkit::{World, routers::Asked};

const MB: u64 = 1_000_000;

fn tier(megabytes: u64, kbps: u32) -> Tier {
    Tier {
        after_octets: Some(megabytes * MB),
        after_seconds: None,
        needs: Needs::Any,
        effect: TierEffect {
            up_kbps: Some(kbps),
            down_kbps: Some(kbps),
            ..TierEffect::default()
        },
    }
}

fn daily(tiers: Vec<Tier>) -> FairUsePolicy {
    FairUsePolicy {
        window: Window::Day,
        counts: Counts::Total,
        notify_percent: 80,
        tiers,
    }
}

async fn policy(world: &World, policy: FairUsePolicy) {
    set_fair_use_policy(&world.ctx, world.proof(world.package()), policy)
        .await
        .expect("set");
    world.run_jobs().await;
    drop(world.routers.take_asked());
}

/// One RADIUS node: its sink, and the meter that hears it.
struct Node {
    sink: Arc<DatabaseSink>,
    meter: Arc<Meter>,
    position: Position,
    /// When the session began: reports say how long it has lasted.
    began: DateTime<Utc>,
}

impl Node {
    async fn start(world: &World) -> Self {
        let (meter, position) = Meter::load(world.ctx.clone()).await.expect("loaded");
        let listener: Arc<dyn UsageListener> = Arc::<Meter>::clone(&meter);
        let sink = DatabaseSink::heard_by(world.ctx.clone(), Some(listener));
        Self {
            sink,
            meter,
            position,
            began: "2026-11-20T06:00:00Z".parse().unwrap(),
        }
    }

    async fn report(
        &mut self,
        world: &World,
        customer: CustomerRef,
        event: AccountingEvent,
        megabytes: u64,
    ) {
        let lasted = world.clock.now() - self.began;
        let seconds = u32::try_from(lasted.num_seconds()).unwrap();
        self.position = self
            .meter
            .catch_up(&self.position)
            .await
            .expect("caught up");
        let sent = AccountingRecord {
            event,
            usage: SessionUsage {
                input_octets: Some(0),
                output_octets: Some(megabytes * MB),
                session_time: Some(seconds),
                gigawords: true,
            },
            ..world.start_of(customer, 1)
        };
        self.sink
            .record(vec![Arc::new(sent)])
            .await
            .expect("stored");
        world.run_jobs().await;
    }

    /// The session has used so much in all, five minutes later.
    async fn interim(&mut self, world: &World, customer: CustomerRef, megabytes: u64) {
        world.clock.advance(TimeDelta::minutes(5));
        self.report(world, customer, AccountingEvent::Interim, megabytes)
            .await;
    }

    async fn online(&mut self, world: &World, customer: CustomerRef) {
        self.report(world, customer, AccountingEvent::Start, 0)
            .await;
        drop(world.routers.take_asked());
    }
}

/// The rates that routers were asked to set since the last look.
fn rates(world: &World) -> Vec<String> {
    let asked = world.routers.take_asked().into_iter();
    asked
        .map(|asked| match asked {
            Asked::Change(_, change) => change
                .rate
                .map_or("none".to_owned(), |rate| rate.to_string()),
            Asked::Disconnect(_) => "ended".to_owned(),
        })
        .collect()
}

async fn actions(world: &World, customer: CustomerRef) -> Vec<(String, Option<i64>)> {
    let page = fair_use_log(&world.ctx, &world.proof(customer), &PageRequest::default())
        .await
        .expect("read");
    let mut lines: Vec<_> = page
        .items
        .into_iter()
        .map(|row| (row.action, row.tier))
        .collect();
    lines.reverse();
    lines
}

fn lines(expected: &[(&str, i64)]) -> Vec<(String, Option<i64>)> {
    let tier = |tier| (tier > 0).then_some(tier);
    expected
        .iter()
        .map(|&(action, number)| (action.to_owned(), tier(number)))
        .collect()
}

async fn tick(world: &World) {
    app::schedule::tick(&world.ctx).await.expect("scheduled");
    world.run_jobs().await;
}

async fn outcomes(world: &World, customer: CustomerRef) -> Vec<(String, String)> {
    let found = list_live_changes(&world.ctx, &world.proof(customer))
        .await
        .unwrap();
    let mut found: Vec<_> = found
        .into_iter()
        .map(|row| (row.kind, row.outcome))
        .collect();
    found.reverse();
    found
}

fn pair(kind: &str, outcome: &str) -> (String, String) {
    (kind.to_owned(), outcome.to_owned())
}

testkit::on_each_database! {
    async fn tiers_come_with_use_and_go_with_the_window(world: World) {
        let customer = world.served("rahim", 60).await;
        policy(&world, daily(vec![tier(100, 2000), tier(200, 512)])).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;

        node.interim(&world, customer, 79).await;
        assert_eq!(rates(&world), Vec::<String>::new());
        node.interim(&world, customer, 85).await;
        node.interim(&world, customer, 90).await;
        assert_eq!(rates(&world), Vec::<String>::new(), "told, and left in peace");
        node.interim(&world, customer, 110).await;
        assert_eq!(rates(&world), ["2M/2M"]);
        node.interim(&world, customer, 170).await;
        node.interim(&world, customer, 250).await;
        assert_eq!(rates(&world), ["512k/512k"]);
        let told = [("notified", 1), ("applied", 1), ("notified", 2), ("changed", 2)];
        assert_eq!(actions(&world, customer).await, lines(&told));
        let now = get_fair_use(&world.ctx, &world.proof::<domain::authz::perm::ViewCustomers, _>(customer)).await.unwrap();
        assert_eq!(now.in_force.len(), 1);
        assert_eq!(now.in_force[0].tier, Some(2));

        // Midnight in Dhaka: it lifts itself, and the session is fast again without a login.
        world.clock.advance(TimeDelta::hours(12));
        node.interim(&world, customer, 252).await;
        tick(&world).await;
        assert_eq!(rates(&world), ["5M/10M"]);
        assert_eq!(actions(&world, customer).await.last().unwrap().0, "lifted");
        let left = world.number("SELECT COUNT(*) FROM restriction", vec![]).await;
        assert_eq!(left, 0);
        node.interim(&world, customer, 260).await;
        assert_eq!(rates(&world), Vec::<String>::new(), "a new window counts anew");
    }

    async fn what_a_meter_asks_for_is_the_jobs_of_the_isp(world: World) {
        let customer = world.served("rahim", 60).await;
        policy(&world, daily(vec![tier(100, 2000)])).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        node.interim(&world, customer, 110).await;
        let own = "SELECT COUNT(*) FROM job WHERE kind = 'evaluate_usage' AND isp_id = $1";
        assert_eq!(world.number(own, vec![world.isp_id.as_uuid().into()]).await, 1);
        let nobodys = "SELECT COUNT(*) FROM job WHERE isp_id IS NULL";
        assert_eq!(world.number(nobodys, vec![]).await, 0);
    }

    async fn a_node_that_restarts_measures_on(world: World) {
        let customer = world.served("rahim", 60).await;
        policy(&world, daily(vec![tier(100, 2000)])).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        node.interim(&world, customer, 90).await;
        drop(node);
        let mut node = Node::start(&world).await;
        assert_eq!(node.meter.len(), 1);
        node.interim(&world, customer, 101).await;
        assert_eq!(rates(&world), ["2M/2M"]);
    }

    async fn what_no_meter_heard_of_is_swept(world: World) {
        let customer = world.served("rahim", 60).await;
        policy(&world, daily(vec![tier(100, 2000)])).await;
        let mut deaf = Node::start(&world).await;
        deaf.sink = DatabaseSink::new(world.ctx.clone());
        deaf.online(&world, customer).await;
        deaf.interim(&world, customer, 500).await;
        assert_eq!(rates(&world), Vec::<String>::new());
        tick(&world).await;
        assert_eq!(rates(&world), ["2M/2M"]);
        world.clock.advance(TimeDelta::minutes(5));
        tick(&world).await;
        assert_eq!(actions(&world, customer).await.len(), 1, "once");
    }

    async fn two_that_look_at_once_do_it_once(world: World) {
        let customer = world.served("rahim", 60).await;
        policy(&world, daily(vec![tier(100, 2000), tier(200, 512)])).await;
        let mut deaf = Node::start(&world).await;
        deaf.sink = DatabaseSink::new(world.ctx.clone());
        deaf.online(&world, customer).await;
        deaf.interim(&world, customer, 170).await;
        let look = || evaluate_usage::customer(&world.ctx, customer.id);
        let (one, two, three) = tokio::join!(look(), look(), look());
        for looked in [one, two, three] {
            looked.expect("evaluated");
        }
        let once = [("applied", 1), ("notified", 2)];
        assert_eq!(actions(&world, customer).await, lines(&once));
        world.run_jobs().await;
        assert_eq!(rates(&world), ["2M/2M"], "and the router is asked once");
    }

    async fn people_decide_first(world: World) {
        let customer = world.served("rahim", 60).await;
        let none = decide_fair_use(&world.ctx, &world.proof(customer), Decision::Reset, None).await;
        assert!(matches!(none, Err(FairUseError::NoPolicy)));
        policy(&world, daily(vec![tier(100, 2000), tier(200, 512)])).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        let decide = async |decision| {
            let note = Some("asked by phone".to_owned());
            let decided = decide_fair_use(&world.ctx, &world.proof(customer), decision, note).await;
            world.run_jobs().await;
            decided
        };
        let until = Until::WindowEnds;
        let wrong = decide(Decision::Activate { tier: 3, until }).await;
        assert!(matches!(wrong, Err(FairUseError::NoSuchTier { tiers: 2 })));
        decide(Decision::Activate { tier: 1, until }).await.unwrap();
        assert_eq!(rates(&world), ["2M/2M"], "without any use");
        node.interim(&world, customer, 210).await;
        assert_eq!(rates(&world), ["512k/512k"], "use brings a stricter one");
        decide(Decision::Deactivate { until }).await.unwrap();
        assert_eq!(rates(&world), ["5M/10M"]);
        node.interim(&world, customer, 400).await;
        assert_eq!(rates(&world), Vec::<String>::new(), "exempt");
        decide(Decision::Reset).await.unwrap();
        assert_eq!(rates(&world), Vec::<String>::new(), "counted from now on");
        node.interim(&world, customer, 510).await;
        assert_eq!(rates(&world), ["2M/2M"]);
        let said: Vec<_> = actions(&world, customer).await.into_iter().map(|line| line.0).collect();
        let expected = [
            "activated", "applied", "changed", "deactivated", "lifted", "reset", "applied",
        ];
        assert_eq!(said, expected);
        let audited = "SELECT COUNT(*) FROM audit_log WHERE action = 'decide_fair_use'";
        assert_eq!(world.number(audited, vec![]).await, 3);
    }

    async fn an_exemption_ends_by_itself(world: World) {
        let customer = world.served("rahim", 60).await;
        policy(&world, daily(vec![tier(100, 2000)])).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        let until = Until::Then(world.clock.now() + TimeDelta::minutes(30));
        let decision = Decision::Deactivate { until };
        decide_fair_use(&world.ctx, &world.proof(customer), decision, None).await.unwrap();
        node.interim(&world, customer, 150).await;
        assert_eq!(rates(&world), Vec::<String>::new());
        world.clock.advance(TimeDelta::minutes(26));
        node.interim(&world, customer, 151).await;
        tick(&world).await;
        assert_eq!(rates(&world), ["2M/2M"]);
    }

    async fn another_policy_is_applied_to_those_online_and_none_lifts(world: World) {
        let customer = world.served("rahim", 60).await;
        policy(&world, daily(vec![tier(100, 2000)])).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        node.interim(&world, customer, 150).await;
        assert_eq!(rates(&world), ["2M/2M"]);
        let stricter = daily(vec![tier(50, 1000), tier(120, 256)]);
        set_fair_use_policy(&world.ctx, world.proof(world.package()), stricter).await.unwrap();
        world.run_jobs().await;
        assert_eq!(rates(&world), ["256k/256k"]);
        remove_fair_use_policy(&world.ctx, world.proof(world.package())).await.unwrap();
        world.run_jobs().await;
        assert_eq!(rates(&world), ["5M/10M"]);
        let again = remove_fair_use_policy(&world.ctx, world.proof(world.package())).await;
        assert!(matches!(again, Err(FairUseError::Missing)));
        node.position = node.meter.catch_up(&node.position).await.unwrap();
        assert!(node.meter.is_empty(), "nobody is measured any more");
    }

    async fn limits_of_the_package_go_the_same_way(world: World) {
        let customer = world.served("rahim", 60).await;
        let limited = serde_json::json!({"volume_limit": {"octets": 100 * MB, "counts": "total",
            "window": "day", "on_reached": "suspend"}});
        world.sql("UPDATE package SET access = $1", vec![limited.into()]).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        node.interim(&world, customer, 60).await;
        assert_eq!(node.meter.quota_left(customer.id).unwrap().octets, Some(40 * MB));
        node.interim(&world, customer, 85).await;
        node.interim(&world, customer, 105).await;
        assert_eq!(rates(&world), ["ended"], "behind the wall a session comes by a login alone");
        assert_eq!(actions(&world, customer).await, lines(&[("notified", 1), ("applied", 1)]));
        node.position = node.meter.catch_up(&node.position).await.unwrap();
        assert_eq!(node.meter.quota_left(customer.id).unwrap().octets, Some(0));
    }

    async fn a_pool_moves_by_a_login_and_a_rate_without_one(world: World) {
        let customer = world.served("rahim", 60).await;
        let moved = Tier {
            effect: TierEffect { pool: Some("slow".to_owned()), ..TierEffect::default() },
            ..tier(100, 1)
        };
        policy(&world, daily(vec![moved])).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        // The Class of a login before the move: its fingerprint is that of the package.
        let class = format!("ai:{:032x}:{:032x}:o:{:08x}:{:016x}", 1, 2, 0xdead_beef_u32, 3);
        world.sql("UPDATE session SET class = $1", vec![class.into_bytes().into()]).await;
        node.interim(&world, customer, 150).await;
        assert_eq!(rates(&world), ["ended"]);
        assert_eq!(outcomes(&world, customer).await, [pair("disconnect", "waiting_for_stop")]);
    }

    async fn success_is_claimed_when_the_stop_came(world: World) {
        let customer = world.served("rahim", 60).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        suspend(&world, customer).await;
        assert_eq!(rates(&world), ["ended"]);
        assert_eq!(outcomes(&world, customer).await, [pair("disconnect", "waiting_for_stop")]);
        world.clock.advance(TimeDelta::seconds(5));
        world.run_jobs().await;
        assert_eq!(rates(&world), Vec::<String>::new(), "not asked again while it waits");
        let cause = TerminateCause::AdminReset;
        node.report(&world, customer, AccountingEvent::Stop { cause }, 1).await;
        assert_eq!(outcomes(&world, customer).await, [pair("disconnect", "done")]);
        world.clock.advance(TimeDelta::seconds(26));
        world.run_jobs().await;
        let settled = "SELECT COUNT(*) FROM live_change WHERE outcome = 'done' AND settled_at IS NOT NULL";
        assert_eq!(world.number(settled, vec![]).await, 1);
    }

    async fn a_stop_that_does_not_come_is_said_and_asked_for_again(world: World) {
        let customer = world.served("rahim", 60).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        suspend(&world, customer).await;
        for _ in 0..10 {
            world.clock.advance(TimeDelta::seconds(31));
            world.run_jobs().await;
        }
        let ends = rates(&world);
        assert_eq!(ends, ["ended"; 3], "a person must look");
        assert_eq!(outcomes(&world, customer).await, vec![pair("disconnect", "no_stop"); 3]);
    }

    async fn a_router_that_cannot_change_is_asked_to_end(world: World) {
        let customer = world.served("rahim", 60).await;
        policy(&world, daily(vec![tier(100, 2000)])).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        world.routers.answer(ControlOutcome::Refused { error_cause: Some(401) });
        node.interim(&world, customer, 150).await;
        assert_eq!(rates(&world), ["2M/2M", "ended"]);
        let refused = [pair("change", "refused"), pair("disconnect", "refused")];
        assert_eq!(outcomes(&world, customer).await, refused);
        let found = list_live_changes(&world.ctx, &world.proof(customer)).await.unwrap();
        assert_eq!(found[0].error_cause, Some(401));
        assert_eq!(found[1].requested["rate"], "2M/2M");
    }

    async fn a_router_that_is_away_is_tried_again(world: World) {
        let customer = world.served("rahim", 60).await;
        policy(&world, daily(vec![tier(100, 2000)])).await;
        let mut node = Node::start(&world).await;
        node.online(&world, customer).await;
        world.routers.answer(ControlOutcome::NoAnswer);
        node.interim(&world, customer, 150).await;
        assert_eq!(rates(&world), ["2M/2M", "ended"]);
        assert_eq!(outcomes(&world, customer).await, [pair("disconnect", "unreachable")]);
        world.routers.answer(ControlOutcome::Acked);
        world.clock.advance(TimeDelta::seconds(3));
        world.run_jobs().await;
        assert_eq!(rates(&world), ["2M/2M"]);
        assert_eq!(outcomes(&world, customer).await.last(), Some(&pair("change", "done")));
    }

    async fn a_policy_is_tried_on_last_month(world: World) {
        let customer = world.served("rahim", 60).await;
        for (day, octets) in [("2026-10-03", 80), ("2026-10-09", 80), ("2026-11-01", 900)] {
            let octets = i64::try_from(octets * MB).unwrap();
            let day: chrono::NaiveDate = day.parse().unwrap();
            world
                .sql(
                    "INSERT INTO usage_day (isp_id, customer_id, day, input_octets, output_octets, \
                     session_seconds, updated_at) VALUES ($1, $2, $3, 0, $4, 0, $5)",
                    vec![
                        world.isp_id.as_uuid().into(),
                        customer.id.as_uuid().into(),
                        day.into(),
                        octets.into(),
                        world.clock.now().into(),
                    ],
                )
                .await;
        }
        let wanted = FairUsePolicy {
            window: Window::Month,
            ..daily(vec![tier(100, 2000), tier(200, 512)])
        };
        let found = simulate_fair_use(&world.ctx, &world.proof(world.package()), wanted).await.unwrap();
        assert_eq!(found.0.to_string(), "2026-10-01");
        assert_eq!((found.1.customers, found.1.restricted), (1, 1));
        assert_eq!(found.1.reached.len(), 1);
        assert_eq!(found.1.reached[0].day.to_string(), "2026-10-09");
        let nothing = world.number("SELECT COUNT(*) FROM fair_use_policy", vec![]).await;
        assert_eq!(nothing, 0, "nothing is changed");
    }
}

async fn suspend(world: &World, customer: CustomerRef) {
    let cmd = SuspendCustomer {
        reason: SuspensionReason::NonPayment,
        note: None,
    };
    suspend_customer(&world.ctx, world.proof(customer), cmd)
        .await
        .expect("suspended");
    world.run_jobs().await;
}
