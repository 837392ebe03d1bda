//! What a change of a customer does to live sessions, and what the RADIUS directory makes of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use app::{
    client_ledger::ClientLedger,
    directory::Directory,
    jobs::Job,
    use_cases::{
        customers::{SuspendCustomer, activate_customer, suspend_customer},
        nas::{EditNas, edit_nas},
        realms::{
            CreateRealm, EditRealm, NamedHomeServer, RealmError, create_realm, delete_realm,
            edit_realm, get_realm, list_realms,
        },
        settings::{EditSettings, SettingsError, edit_settings},
    },
};
use chrono::TimeDelta;
use domain::{
    authz::{Actor, CustomerRef, NasRef, RealmRef, SystemActor},
    clock::Clock as _,
    customer::{CustomerStatus, SuspensionReason},
    ids::{IspId, RealmId},
    network::{
        operator_name::OperatorName,
        ports::{
            ClientReport, ClientReports, ControlOutcome, RealmReport, SubscriberDirectory as _,
        },
        realm::{MOST_WAITING_LOGINS, RealmPosition, WAITING_LOGINS},
        secret::SecretBytes,
        session::AccountingRecord,
    },
    patch::Patch,
};
use parking_lot::Mutex;
use persistence::{jobs, repo::realms::RealmStatus};
use testkit::{World, routers::Asked};

async fn goes_online(world: &World, customer: CustomerRef, session: u8, walled: bool) {
    let start = world.start_of(customer, session);
    world.report(AccountingRecord { walled, ..start }).await;
}

async fn suspend(world: &World, customer: CustomerRef) {
    let cmd = SuspendCustomer {
        reason: SuspensionReason::NonPayment,
        note: None,
    };
    suspend_customer(&world.ctx, world.proof(customer), cmd)
        .await
        .expect("suspended");
}

fn home_server(address: &str, secret: Option<&str>) -> NamedHomeServer {
    NamedHomeServer {
        address: address.to_owned(),
        auth_port: None,
        acct_port: Some(11_813),
        secret: secret.map(|secret| secret.to_owned().into()),
        require_message_authenticator: None,
    }
}

fn partner() -> CreateRealm {
    CreateRealm {
        name: "Partner.Example".to_owned(),
        position: RealmPosition::Suffix,
        strip: false,
        authentication: true,
        accounting: true,
        max_waiting_logins: None,
        home_servers: vec![home_server("192.0.2.1", Some("between-providers"))],
    }
}

/// A server that tells of realms alone.
#[derive(Default)]
struct RealmsOnly(Mutex<Vec<RealmReport>>);

impl ClientReports for RealmsOnly {
    fn take(&self) -> Vec<ClientReport> {
        Vec::new()
    }

    fn put_back(&self, _: Vec<ClientReport>) {}

    fn take_realms(&self) -> Vec<RealmReport> {
        std::mem::take(&mut *self.0.lock())
    }

    fn put_back_realms(&self, reports: Vec<RealmReport>) {
        self.0.lock().extend(reports);
    }
}

testkit::on_each_database! {
    async fn a_suspension_ends_the_open_session_and_looks_again(world: World) {
        let customer = world.served("rahim", 10).await;
        goes_online(&world, customer, 1, false).await;
        suspend(&world, customer).await;
        world.run_jobs().await;
        assert_eq!(world.routers.take_asked(), [Asked::Disconnect("81000001".to_owned())]);

        // It dialled in again before its RADIUS node had heard of the suspension.
        goes_online(&world, customer, 2, false).await;
        world.run_jobs().await;
        assert_eq!(world.routers.take_asked(), [], "not before its time");
        world.clock.advance(TimeDelta::seconds(5));
        world.run_jobs().await;
        let asked = world.routers.take_asked();
        assert!(asked.contains(&Asked::Disconnect("81000002".to_owned())), "{asked:?}");
    }

    async fn a_session_on_the_right_side_of_the_wall_is_left_in_peace(world: World) {
        let customer = world.served("rahim", 10).await;
        suspend(&world, customer).await;
        world.run_jobs().await;
        goes_online(&world, customer, 1, true).await;
        activate_customer(&world.ctx, world.proof(customer)).await.expect("activated");
        suspend(&world, customer).await;
        world.run_jobs().await;
        for asked in world.routers.take_asked() {
            assert!(matches!(asked, Asked::Change(..)), "{asked:?}");
        }
    }

    async fn a_router_that_is_away_delays_and_never_blocks(world: World) {
        let customer = world.served("rahim", 10).await;
        goes_online(&world, customer, 1, false).await;
        world.routers.answer(ControlOutcome::NoAnswer);
        suspend(&world, customer).await;
        world.run_jobs().await;
        let waiting = "SELECT COUNT(*) FROM job WHERE kind = 'apply_access' AND state = 'queued' AND attempts = 1";
        assert_eq!(world.number(waiting, vec![]).await, 1);

        world.routers.answer(ControlOutcome::Acked);
        world.clock.advance(TimeDelta::seconds(3));
        drop(world.routers.take_asked());
        world.run_jobs().await;
        assert_eq!(world.routers.take_asked(), [Asked::Disconnect("81000001".to_owned())]);
    }

    async fn a_router_is_asked_with_both_secrets_while_both_are_good(world: World) {
        let customer = world.served("rahim", 10).await;
        let nas = NasRef { id: world.nas_id, isp_id: world.isp_id };
        for secret in ["an-older-secret-1", "a-newer-secret-1"] {
            let cmd = EditNas {
                secret: Some(secret.to_owned().into()),
                keep_old_secret_hours: Some(1),
                ..EditNas::default()
            };
            edit_nas(&world.ctx, world.proof(nas), cmd).await.expect("edited");
        }
        let both = ["a-newer-secret-1", "an-older-secret-1"].map(SecretBytes::new);
        for good in [&both[..], &both[..1]] {
            goes_online(&world, customer, 1, false).await;
            suspend(&world, customer).await;
            world.run_jobs().await;
            assert_eq!(world.routers.secrets(), good);
            activate_customer(&world.ctx, world.proof(customer)).await.expect("activated");
            world.run_jobs().await;
            world.clock.advance(TimeDelta::hours(2));
        }
    }

    async fn a_session_its_router_does_not_know_is_closed(world: World) {
        let customer = world.served("rahim", 10).await;
        goes_online(&world, customer, 1, false).await;
        world.routers.answer(ControlOutcome::Refused { error_cause: Some(503) });
        suspend(&world, customer).await;
        world.run_jobs().await;
        assert_eq!(world.number("SELECT COUNT(*) FROM session", vec![]).await, 0);
        assert_eq!(world.number("SELECT COUNT(*) FROM session_history", vec![]).await, 1);
    }

    async fn a_job_that_keeps_failing_is_dead_and_can_be_put_back(world: World) {
        let customer = world.served("rahim", 10).await;
        goes_online(&world, customer, 1, false).await;
        world.routers.answer(ControlOutcome::NoAnswer);
        suspend(&world, customer).await;
        for _ in 0..10 {
            world.run_jobs().await;
            world.clock.advance(TimeDelta::minutes(20));
        }
        let dead = "SELECT COUNT(*) FROM job WHERE kind = 'apply_access' AND state = 'dead' AND attempts = 8";
        assert_eq!(world.number(dead, vec![]).await, 1);

        let rows = world.rows("SELECT id FROM job WHERE state = 'dead'", vec![]).await;
        let id = domain::ids::JobId::from_uuid(rows[0].try_get_by_index(0).unwrap());
        let actor = Actor::System(SystemActor::Worker(world.isp_id));
        let tx = world.db().begin_platform("retry", &actor).await.unwrap();
        assert!(jobs::retry(&tx, id).await.unwrap());
        tx.commit().await.unwrap();
        world.routers.answer(ControlOutcome::Acked);
        world.run_jobs().await;
        assert_eq!(world.number(dead, vec![]).await, 0);
    }

    async fn the_directory_follows_what_is_committed(world: World) {
        let (directory, position) = Directory::load(world.ctx.clone()).await.unwrap();
        assert!(directory.is_empty());
        let customer = world.served("rahim", 10).await;
        let position = directory.catch_up(&position).await.unwrap();
        let known = directory.subscriber(world.isp_id, "RAHIM").expect("known by any case");
        assert_eq!(known.password.expose(), b"secret1");
        assert_eq!(known.status, CustomerStatus::Active);
        assert_eq!(known.package.rate.unwrap().to_string(), "5M/10M");

        suspend(&world, customer).await;
        let position = directory.catch_up(&position).await.unwrap();
        let known = directory.subscriber(world.isp_id, "rahim").expect("known");
        assert_eq!(known.status, CustomerStatus::Suspended);

        world.sql("UPDATE customer SET username = 'karim', username_key = 'karim'", vec![]).await;
        activate_customer(&world.ctx, world.proof(customer)).await.expect("activated");
        directory.catch_up(&position).await.unwrap();
        assert!(directory.subscriber(world.isp_id, "rahim").is_none());
        assert!(directory.subscriber(world.isp_id, "karim").is_some());
        let (fresh, _) = Directory::load(world.ctx.clone()).await.unwrap();
        assert_eq!(fresh.len(), 1);
        assert!(fresh.nas_by_address("127.0.0.1".parse().unwrap()).of(world.isp_id).is_some());
        assert!(fresh.nas_by_address("127.0.0.9".parse().unwrap()).of(world.isp_id).is_none());
    }

    async fn realms_are_kept_and_the_directory_follows(world: World) {
        let (directory, position) = Directory::load(world.ctx.clone()).await.unwrap();
        let made = create_realm(&world.ctx, world.proof(world.isp()), partner()).await.expect("made");
        let again = create_realm(&world.ctx, world.proof(world.isp()), partner()).await;
        assert!(matches!(again, Err(RealmError::NameTaken)), "{again:?}");
        let realm = RealmRef { id: made.id, isp_id: world.isp_id };
        let kept = get_realm(&world.ctx, &world.proof(realm)).await.unwrap();
        assert_eq!(kept.as_ref(), Some(&made));
        assert_eq!(list_realms(&world.ctx, &world.scope()).await.unwrap(), [made]);

        let position = directory.catch_up(&position).await.unwrap();
        let known = directory.realm(world.isp_id, "bob@PARTNER.example").expect("known by any case");
        let server = known.home_servers.first().expect("one server");
        assert_eq!(server.secret.expose(), b"between-providers");
        assert_eq!((server.auth_port, server.acct_port), (1812, 11_813));
        assert!(server.require_message_authenticator);
        for other in ["bob", "bob@other.example", "partner.example/bob"] {
            assert!(directory.realm(world.isp_id, other).is_none(), "{other}");
        }
        assert!(directory.realm(IspId::generate(), "bob@partner.example").is_none());

        let cmd = EditRealm {
            position: Some(RealmPosition::Prefix),
            home_servers: Some(vec![
                home_server("2001:db8::1", Some("another-secret")),
                home_server("192.0.2.1", None),
            ]),
            ..EditRealm::default()
        };
        let edited = edit_realm(&world.ctx, world.proof(realm), cmd).await.expect("edited");
        let kept = get_realm(&world.ctx, &world.proof(realm)).await.unwrap();
        assert_eq!(kept.as_ref(), Some(&edited));
        let position = directory.catch_up(&position).await.unwrap();
        assert!(directory.realm(world.isp_id, "bob@partner.example").is_none());
        let known = directory.realm(world.isp_id, "partner.example\\bob").expect("known");
        let secrets = known.home_servers.iter().map(|server| server.secret.expose());
        assert_eq!(secrets.collect::<Vec<_>>(), [b"another-secret".as_slice(), b"between-providers"]);

        assert_eq!(known.max_waiting_logins, WAITING_LOGINS);
        let waiting = |most| EditRealm { max_waiting_logins: Some(most), ..EditRealm::default() };
        for most in [0, MOST_WAITING_LOGINS + 1] {
            let refused = edit_realm(&world.ctx, world.proof(realm), waiting(most)).await;
            assert!(matches!(refused, Err(RealmError::Invalid(_))), "{most}: {refused:?}");
        }
        edit_realm(&world.ctx, world.proof(realm), waiting(5)).await.expect("edited");
        let position = directory.catch_up(&position).await.unwrap();
        let known = directory.realm(world.isp_id, "partner.example/bob").expect("known");
        assert_eq!(known.max_waiting_logins, 5);

        let cmd = EditRealm { status: Some(RealmStatus::Disabled), ..EditRealm::default() };
        edit_realm(&world.ctx, world.proof(realm), cmd).await.expect("disabled");
        let position = directory.catch_up(&position).await.unwrap();
        assert!(directory.realm(world.isp_id, "partner.example/bob").is_none());
        let cmd = EditRealm { status: Some(RealmStatus::Active), ..EditRealm::default() };
        edit_realm(&world.ctx, world.proof(realm), cmd).await.expect("in use again");
        let (fresh, _) = Directory::load(world.ctx.clone()).await.unwrap();
        assert!(fresh.realm(world.isp_id, "partner.example/bob").is_some());

        delete_realm(&world.ctx, world.proof(realm)).await.expect("deleted");
        directory.catch_up(&position).await.unwrap();
        assert!(directory.realm(world.isp_id, "partner.example/bob").is_none());
        assert_eq!(list_realms(&world.ctx, &world.scope()).await.unwrap(), []);
        assert_eq!(world.number("SELECT COUNT(*) FROM home_server", vec![]).await, 0);
        let gone = delete_realm(&world.ctx, world.proof(realm)).await;
        assert!(matches!(gone, Err(RealmError::Missing)), "{gone:?}");
    }

    async fn the_name_of_the_isp_to_others_is_a_domain_and_known_at_once(world: World) {
        let (directory, position) = Directory::load(world.ctx.clone()).await.unwrap();
        let called = || directory.isp_access(world.isp_id).operator_name;
        let name = async |name: Patch<String>| {
            let cmd = EditSettings { radius_operator_name: name, ..EditSettings::default() };
            edit_settings(&world.ctx, world.proof(world.isp()), cmd).await
        };
        assert_eq!(called(), None, "nothing is said unless it is set");
        let wrong = name(Patch::Value("isp".to_owned())).await;
        assert!(matches!(wrong, Err(SettingsError::OperatorName(_))), "{wrong:?}");
        let set = name(Patch::Value(" ISP.example. ".to_owned())).await.unwrap();
        assert_eq!(set.radius_operator_name.as_deref(), Some("isp.example"));
        let position = directory.catch_up(&position).await.unwrap();
        assert_eq!(called(), OperatorName::parse("isp.example").ok());
        let kept = name(Patch::Absent).await.unwrap();
        assert_eq!(kept, set, "another edit leaves it");
        name(Patch::Null).await.unwrap();
        directory.catch_up(&position).await.unwrap();
        assert_eq!(called(), None);
        let audited = "SELECT COUNT(*) FROM audit_log WHERE CAST(after AS TEXT) LIKE '%isp.example%'";
        assert_eq!(world.number(audited, vec![]).await, 2);
    }

    async fn what_became_of_the_logins_of_a_realm_is_shown(world: World) {
        let made = create_realm(&world.ctx, world.proof(world.isp()), partner()).await.expect("made");
        let reports = Arc::new(RealmsOnly::default());
        let told = |realm_id, by| RealmReport {
            realm_id,
            isp_id: world.isp_id,
            counted: vec![("logins.busy".to_owned(), by), ("logins.answered".to_owned(), 1)],
        };
        let ledger = ClientLedger::new(world.ctx.clone(), Arc::<RealmsOnly>::clone(&reports));
        let since = world.clock.now();
        for by in [3, 4] {
            world.clock.advance(TimeDelta::minutes(1));
            reports.put_back_realms(vec![told(made.id, by), told(RealmId::generate(), by)]);
            ledger.write().await.unwrap();
        }
        let realm = RealmRef { id: made.id, isp_id: world.isp_id };
        let shown = get_realm(&world.ctx, &world.proof(realm)).await.unwrap().expect("there");
        let listed = list_realms(&world.ctx, &world.scope()).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&shown));
        let counted: Vec<_> = shown.counters.iter().map(|c| (c.counter.as_str(), c.value)).collect();
        assert_eq!(counted, [("logins.answered", 2), ("logins.busy", 7)]);
        let busy = shown.counters.last().expect("two");
        assert_eq!((busy.since, busy.last_at), (since + TimeDelta::minutes(1), world.clock.now()));
        delete_realm(&world.ctx, world.proof(realm)).await.expect("deleted with its counters");
        assert_eq!(world.number("SELECT COUNT(*) FROM realm_counter", vec![]).await, 0);
    }

    async fn a_slow_writer_is_not_passed_over(world: World) {
        // Begun first and committed last: on PostgreSQL its number in the feed is the lower one.
        if world.db().backend() == persistence::Backend::Sqlite {
            return; // One writer: there is no overlap to be passed over in.
        }
        let (directory, position) = Directory::load(world.ctx.clone()).await.unwrap();
        let customer = world.served("rahim", 10).await;
        let position = directory.catch_up(&position).await.unwrap();
        let actor = Actor::System(SystemActor::Worker(world.isp_id));
        let slow = world.db().begin_platform("slow", &actor).await.unwrap();
        let change = persistence::change_feed::Change {
            kind: persistence::change_feed::ChangeKind::Customer,
            isp_id: world.isp_id,
            subject_id: customer.id.as_uuid(),
        };
        persistence::change_feed::note(&slow, change).await.unwrap();
        jobs::enqueue(&slow, Job::Prune.to_new()).await.unwrap();
        // Another commits meanwhile, and the reader moves on.
        suspend(&world, customer).await;
        let position = directory.catch_up(&position).await.unwrap();
        world.sql("UPDATE customer SET status = 'closed'", vec![]).await;
        slow.commit().await.unwrap();
        directory.catch_up(&position).await.unwrap();
        let known = directory.subscriber(world.isp_id, "rahim").expect("known");
        assert_eq!(known.status, CustomerStatus::Closed);
    }
}
