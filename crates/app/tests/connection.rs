//! What RADIUS servers learn and count, what support sees of a customer's logins, and why a
//! customer is offline.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{net::IpAddr, sync::Arc};

use app::{
    client_ledger::ClientLedger,
    directory::Directory,
    login_log::LoginLog,
    use_cases::{
        connection::{
            diagnose_connection, get_radius_trace, login_answers, start_radius_trace,
            stop_radius_trace,
        },
        customers::{SuspendCustomer, suspend_customer},
        nas::{
            EditNas, drops_unsigned, edit_nas, forget_learnt_nas, list_nas, nas_counters,
            nas_sources,
        },
    },
};
use chrono::TimeDelta;
use domain::{
    authz::{CustomerRef, perm},
    clock::Clock as _,
    customer::SuspensionReason,
    network::{
        nas::Learnt,
        ports::{
            ClientReport, ClientReports, LoginAnswer, LoginMethod, LoginObserver as _,
            SourceReport, SubscriberDirectory as _, TraceDirection, TracedPacket,
        },
        service_policy::{Access, RejectCause},
    },
    patch::Patch,
};
use parking_lot::Mutex;
use testkit::World;
use tokio_util::sync::CancellationToken;

const ADDRESS: &str = "127.0.0.1";

fn address() -> IpAddr {
    ADDRESS.parse().unwrap()
}

fn answer(
    world: &World,
    customer: CustomerRef,
    outcome: Result<Access, RejectCause>,
) -> LoginAnswer {
    LoginAnswer {
        isp_id: world.isp_id,
        nas_id: world.nas_id,
        customer_id: Some(customer.id),
        username: "rahim".to_owned(),
        nas_address: address(),
        calling_station_id: Some("AA:BB:CC:00:00:01".to_owned()),
        method: LoginMethod::MsChapV2,
        answered_at: world.clock.now(),
        outcome,
        binds_mac: None,
    }
}

/// Has what was told written: the writer empties its queues when it is told to stop.
async fn keep(world: &World, tell: impl FnOnce(&LoginLog)) {
    let (log, writer) = LoginLog::new(world.ctx.clone());
    tell(&log);
    let stop = CancellationToken::new();
    stop.cancel();
    writer.run(stop).await;
}

#[derive(Default)]
struct Reports(Mutex<Vec<ClientReport>>);

impl ClientReports for Reports {
    fn take(&self) -> Vec<ClientReport> {
        std::mem::take(&mut *self.0.lock())
    }

    fn put_back(&self, reports: Vec<ClientReport>) {
        self.0.lock().extend(reports);
    }
}

fn report(world: &World, learnt: Learnt) -> ClientReport {
    ClientReport {
        nas_id: world.nas_id,
        isp_id: world.isp_id,
        counted: vec![("accepts".to_owned(), 2), ("rejects.expired".to_owned(), 1)],
        sources: vec![SourceReport {
            address: address(),
            seen_at: world.clock.now(),
            learnt,
            is_news: true,
        }],
    }
}

testkit::on_each_database! {
    async fn what_servers_learn_and_count_is_kept_and_heard_by_all(world: World) {
        let (directory, position) = Directory::load(world.ctx.clone()).await.unwrap();
        let learnt = || directory.nas_by_address(address()).of(world.isp_id).unwrap().learnt.get(&address()).copied();
        assert_eq!(learnt(), None);
        let reports = Arc::new(Reports::default());
        let ledger = ClientLedger::new(world.ctx.clone(), Arc::<Reports>::clone(&reports));
        let signs = Learnt { signs: true, limits_proxy_state: Some(true), proven_at: None };
        for _ in 0..2 {
            reports.put_back(vec![report(&world, signs)]);
            ledger.write().await.unwrap();
        }
        let position = directory.catch_up(&position).await.unwrap();
        assert_eq!(learnt(), Some(signs), "fed back by the change feed");
        let (fresh, _) = Directory::load(world.ctx.clone()).await.unwrap();
        let known = fresh.nas_by_address(address()).of(world.isp_id).unwrap();
        assert_eq!(known.learnt.get(&address()), Some(&signs), "a restart forgets nothing");

        let proof = world.proof::<perm::ManageRouters, _>(world.nas());
        let counted: Vec<_> = nas_counters(&world.ctx, &proof).await.unwrap()
            .into_iter().map(|counter| (counter.counter, counter.value)).collect();
        assert_eq!(counted, [("accepts".to_owned(), 4), ("rejects.expired".to_owned(), 2)]);
        let [source] = nas_sources(&world.ctx, &proof).await.unwrap().try_into().unwrap();
        assert_eq!((source.address, source.limits_proxy_state), (address(), Some(true)));
        assert!(source.message_authenticator_seen_at.is_some());

        forget_learnt_nas(&world.ctx, proof).await.unwrap();
        directory.catch_up(&position).await.unwrap();
        let known = directory.nas_by_address(address()).of(world.isp_id).unwrap();
        assert!(known.learnt.is_empty() && known.forgotten_at.is_some());
    }

    async fn a_client_whose_unsigned_requests_are_dropped_says_so_until_it_is_mended(world: World) {
        let reports = Arc::new(Reports::default());
        let ledger = ClientLedger::new(world.ctx.clone(), Arc::<Reports>::clone(&reports));
        let dropped = async || {
            let [nas] = list_nas(&world.ctx, &world.scope()).await.unwrap().try_into().unwrap();
            drops_unsigned(&nas, world.clock.now()).map(|dropped| (dropped.count, dropped.last_at))
        };
        let drop_three = async || {
            let counted = vec![("discards.no_message_authenticator".to_owned(), 3)];
            reports.put_back(vec![ClientReport { counted, ..report(&world, Learnt::default()) }]);
            ledger.write().await.unwrap();
        };
        assert_eq!(dropped().await, None);
        drop_three().await;
        assert_eq!(dropped().await, Some((3, world.clock.now())));

        let proof = world.proof::<perm::ManageRouters, _>(world.nas());
        forget_learnt_nas(&world.ctx, proof).await.unwrap();
        assert_eq!(dropped().await, None, "begun anew");
        world.clock.advance(TimeDelta::minutes(1));
        drop_three().await;
        assert_eq!(dropped().await, Some((6, world.clock.now())));
        world.clock.advance(TimeDelta::hours(25));
        assert_eq!(dropped().await, None, "long ago");
    }

    async fn clients_are_reloaded_without_a_restart(world: World) {
        let (directory, mut position) = Directory::load(world.ctx.clone()).await.unwrap();
        let edits = [
            EditNas { address: Some("10.20.0.0/16".to_owned()), ..EditNas::default() },
            EditNas {
                secret: Some(String::from("an0ther-g00d-one").into()),
                keep_old_secret_hours: Some(24),
                swap_octets: Some(true),
                max_requests_per_second: Patch::Value(500),
                ..EditNas::default()
            },
        ];
        for edit in edits {
            edit_nas(&world.ctx, world.proof(world.nas()), edit).await.unwrap();
            position = directory.catch_up(&position).await.unwrap();
        }
        assert!(directory.nas_by_address(address()).of(world.isp_id).is_none());
        let known = directory.nas_by_address("10.20.30.40".parse().unwrap()).of(world.isp_id).expect("in the network");
        assert_eq!(known.secret.expose(), b"an0ther-g00d-one");
        let old = known.old_secret.as_ref().expect("taken too");
        assert_eq!(old.until, world.clock.now() + TimeDelta::hours(24));
        assert!(known.swap_octets);
        assert_eq!(known.limits.max_requests_per_second, Some(500));

        world.sql(
            "INSERT INTO nas (id, isp_id, name, address, secret, coa_port, require_message_authenticator, \
             status, created_at, updated_at) SELECT $1, isp_id, 'one of them', '10.20.30.0/24', secret, \
             coa_port, 'auto', status, created_at, updated_at FROM nas",
            vec![uuid::Uuid::now_v7().into()],
        ).await;
        let (fresh, _) = Directory::load(world.ctx.clone()).await.unwrap();
        let of = |text: &str| fresh.nas_by_address(text.parse().unwrap()).of(world.isp_id).unwrap().name.clone();
        assert_eq!(of("10.20.30.40"), "one of them", "the longest prefix wins");
        assert_ne!(of("10.20.31.40"), "one of them");
    }

    async fn the_last_answers_explain_why_somebody_is_offline(world: World) {
        let customer = world.served("rahim", 10).await;
        world.run_jobs().await;
        keep(&world, |log| {
            log.login_answered(answer(&world, customer, Ok(Access::Open)));
        }).await;
        world.clock.advance(TimeDelta::minutes(5));
        keep(&world, |log| {
            log.login_answered(answer(&world, customer, Err(RejectCause::WrongPassword)));
        }).await;
        let proof = world.proof::<perm::ViewSessions, _>(customer);
        let answers = login_answers(&world.ctx, &proof).await.unwrap();
        let words: Vec<_> = answers.iter().map(|row| row.answer.as_str()).collect();
        assert_eq!(words, ["wrong_password", "accept"]);
        assert_eq!(answers[0].method.as_deref(), Some("mschapv2"));
        assert_eq!(answers[0].nas_address.as_deref(), Some(ADDRESS));

        let codes = async || {
            let found = diagnose_connection(&world.ctx, &proof).await.unwrap().unwrap();
            found.into_iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>()
        };
        assert!(codes().await.contains(&"last_login_refused"));
        let cmd = SuspendCustomer { reason: SuspensionReason::NonPayment, note: None };
        if suspend_customer(&world.ctx, world.proof(customer), cmd).await.is_ok() {
            assert_eq!(codes().await.first(), Some(&"suspended"));
        }
    }

    async fn of_each_customer_twenty_answers_are_kept(world: World) {
        let customer = world.served("rahim", 10).await;
        keep(&world, |log| {
            for _ in 0..30 {
                log.login_answered(answer(&world, customer, Err(RejectCause::Expired)));
                let stranger = LoginAnswer {
                    customer_id: None,
                    username: "nobody".to_owned(),
                    ..answer(&world, customer, Err(RejectCause::UnknownUser))
                };
                log.login_answered(stranger);
            }
        }).await;
        let count = "SELECT COUNT(*) FROM login_answer";
        assert_eq!(world.number(count, vec![]).await, 60);
        world.clock.advance(TimeDelta::hours(1));
        app::schedule::tick(&world.ctx).await.unwrap();
        world.run_jobs().await;
        assert_eq!(world.number(count, vec![]).await, 40);
    }

    async fn a_trace_runs_for_ten_minutes_and_is_bounded(world: World) {
        let customer = world.served("rahim", 10).await;
        let (directory, position) = Directory::load(world.ctx.clone()).await.unwrap();
        assert!(!directory.is_tracing());
        let proof = || world.proof::<perm::ViewSessions, _>(customer);
        assert!(!get_radius_trace(&world.ctx, &proof(), None).await.unwrap().active);
        start_radius_trace(&world.ctx, proof()).await.unwrap();
        let position = directory.catch_up(&position).await.unwrap();
        assert!(directory.is_tracing());
        let traced = |name: &str| directory.traced(world.isp_id, name, None);
        assert_eq!(traced("RAHIM"), Some(customer.id));
        assert_eq!(traced("karim"), None);
        assert_eq!(directory.traced(world.isp_id, "AA:BB", Some(customer.id)), Some(customer.id));

        let packet = |number: usize| TracedPacket {
            isp_id: world.isp_id,
            customer_id: customer.id,
            nas_id: world.nas_id,
            nas_address: address(),
            direction: TraceDirection::Request,
            packet: format!("Access-Request {number}"),
            attributes: vec![("User-Name".to_owned(), "rahim\0".to_owned())],
            note: None,
            at: world.clock.now(),
        };
        let (log, writer) = LoginLog::new(world.ctx.clone());
        for number in 0..600 {
            log.packet_traced(packet(number));
        }
        let stop = CancellationToken::new();
        stop.cancel();
        writer.run(stop).await;
        let kept = get_radius_trace(&world.ctx, &proof(), None).await.unwrap();
        assert_eq!(kept.packets.len(), 500);
        assert_eq!(kept.packets[499].packet, "Access-Request 599");
        let after = Some(kept.packets[497].id);
        assert_eq!(get_radius_trace(&world.ctx, &proof(), after).await.unwrap().packets.len(), 2);

        world.clock.advance(TimeDelta::minutes(10));
        assert_eq!(traced("rahim"), None, "its time is over");
        assert!(!get_radius_trace(&world.ctx, &proof(), None).await.unwrap().active);
        stop_radius_trace(&world.ctx, proof()).await.unwrap();
        directory.catch_up(&position).await.unwrap();
        assert!(!directory.is_tracing());
        assert!(get_radius_trace(&world.ctx, &proof(), None).await.unwrap().packets.is_empty());
    }
}
