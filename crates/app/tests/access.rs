//! What a customer has beyond its package, from the write to the login decision, on both databases.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use app::{
    directory::Directory,
    jobs::{Job, run as run_job},
    login_log::LoginLog,
    use_cases::{
        access::{
            AccessError, AddDevice, GrantTopUp, LimitKind, SetOverrides, add_device, devices,
            get_limits, get_overrides, grant_top_up, remove_device, remove_overrides,
            set_overrides,
        },
        customers::{StatusError, activate_customer},
        packages::{EditAccessTerms, EditPackage, PackageError, edit_package},
    },
};
use chrono::TimeDelta;
use domain::{
    authz::{Actor, CustomerRef, PackageRef, Proof, SystemActor, perm},
    clock::Clock as _,
    customer::StatusRefusal,
    ids::NasId,
    mac::MacAddress,
    network::{
        access::{LoginFacts, QuotaLeft, decide_access},
        access_terms::{TimeLimit, VolumeLimit},
        fup::{Cause, Counts, Window},
        overrides::OverrideTerms,
        ports::{LoginAnswer, LoginMethod, LoginObserver as _, SubscriberDirectory as _},
        rate_limit::RateLimit,
        restriction::{LimitEffect, Restriction},
        service_policy::{Access, RejectCause, ServicePolicy},
        session::AccountingRecord,
        subscriber::Subscriber,
    },
    patch::Patch,
};
use persistence::{change_feed::Position, repo::restrictions};
use testkit::{World, routers::Asked};
use tokio_util::sync::CancellationToken;

async fn goes_online(world: &World, customer: CustomerRef, station: &str) {
    let start = AccountingRecord {
        calling_station_id: Some(station.to_owned()),
        ..world.start_of(customer, 1)
    };
    world.report(start).await;
}

/// A directory and where it stands in the feed.
struct Known {
    directory: Arc<Directory>,
    position: Position,
}

impl Known {
    async fn load(world: &World) -> Self {
        let (directory, position) = Directory::load(world.ctx.clone()).await.unwrap();
        Self {
            directory,
            position,
        }
    }

    async fn catch_up(&mut self) {
        self.position = self.directory.catch_up(&self.position).await.unwrap();
    }

    fn subscriber(&self, world: &World, username: &str) -> Arc<Subscriber> {
        self.directory
            .subscriber(world.isp_id, username)
            .expect("known")
    }

    fn decide(&self, world: &World, facts: &LoginFacts) -> Result<ServicePolicy, RejectCause> {
        let settings = self.directory.isp_access(world.isp_id);
        let now = world.clock.now();
        decide_access(&self.subscriber(world, "rahim"), &settings, facts, now)
    }

    fn open(&self, world: &World) -> ServicePolicy {
        self.decide(world, &LoginFacts::default())
            .expect("accepted")
    }
}

fn from(mac: &str) -> LoginFacts {
    LoginFacts {
        mac: mac.parse().ok(),
        ..LoginFacts::default()
    }
}

fn package(world: &World) -> Proof<perm::ManagePackages, PackageRef> {
    world.proof(world.package())
}

async fn sell(world: &World, access: EditAccessTerms) {
    let edit = EditPackage {
        access,
        ..EditPackage::default()
    };
    edit_package(&world.ctx, package(world), edit)
        .await
        .expect("edited");
    world.run_jobs().await;
}

fn volume(octets: u64, window: Window, on_reached: LimitEffect) -> VolumeLimit {
    VolumeLimit {
        octets,
        counts: Counts::Total,
        window,
        on_reached,
        throttled: None,
        rollover: false,
    }
}

const OLD: &str = "AA:BB:CC:00:00:01";
const NEW: &str = "AA:BB:CC:00:00:02";

testkit::on_each_database! {
    async fn overrides_reach_the_login_and_end_by_themselves(world: World) {
        let rahim = world.served("rahim", 30).await;
        let mut known = Known::load(&world).await;
        goes_online(&world, rahim, OLD).await;
        let cmd = SetOverrides {
            terms: OverrideTerms {
                rate: Some(RateLimit::new(20_000, 40_000)),
                simultaneous_use: Some(3),
                delegated_ipv6_prefix: "2001:db8:2::/56".parse().ok(),
                ..OverrideTerms::default()
            },
            expires_at: Some(world.clock.now() + TimeDelta::hours(1)),
            reason: Some("a week of thanks".to_owned()),
        };
        set_overrides(&world.ctx, world.proof(rahim), cmd).await.expect("set");
        known.catch_up().await;
        let policy = known.open(&world);
        assert_eq!(policy.rate, Some(RateLimit::new(20_000, 40_000)));
        assert_eq!(policy.simultaneous_use, 3);
        assert!(policy.ipv6.delegated_prefix.is_some());
        world.run_jobs().await;
        let asked = world.routers.take_asked();
        assert!(matches!(&asked[..], [Asked::Change(..)]), "{asked:?}");
        let shown = get_overrides(&world.ctx, &world.proof::<perm::ViewCustomers, _>(rahim)).await;
        assert_eq!(shown.unwrap().unwrap().reason.as_deref(), Some("a week of thanks"));

        world.clock.advance(TimeDelta::hours(1));
        // Over is over, whoever has swept already.
        assert_eq!(known.open(&world).rate, Some(RateLimit::new(5_000, 10_000)));
        let job = Job::EndOverrides { isp_id: world.isp_id };
        let running = app::jobs::Running { id: domain::ids::JobId::generate(), attempt: 1, isp_id: None };
        run_job(&world.worker_ctx(), job, running).await.expect("ended");
        let rows = "SELECT COUNT(*) FROM customer_override";
        assert_eq!(world.number(rows, vec![]).await, 0);
        world.run_jobs().await;
        let asked = world.routers.take_asked();
        assert!(matches!(&asked[..], [Asked::Change(..)]), "the session follows: {asked:?}");
        let again = remove_overrides(&world.ctx, world.proof(rahim)).await;
        assert!(matches!(again, Err(AccessError::Missing)), "{again:?}");
    }

    async fn the_first_device_is_bound_and_others_are_refused(world: World) {
        sell(&world, EditAccessTerms {
            bind_mac: Some(true),
            mac_authentication: Some(true),
            ..EditAccessTerms::default()
        }).await;
        let rahim = world.served("rahim", 30).await;
        let mut known = Known::load(&world).await;
        let policy = known.decide(&world, &from(OLD)).expect("the first device");
        let bound: MacAddress = OLD.parse().unwrap();
        assert_eq!(policy.binds_mac, Some(bound));

        let (log, writer) = LoginLog::new(world.ctx.clone());
        for mac in [OLD, NEW] {
            log.login_answered(LoginAnswer {
                isp_id: world.isp_id,
                nas_id: world.nas_id,
                customer_id: Some(rahim.id),
                username: "rahim".to_owned(),
                nas_address: "127.0.0.1".parse().unwrap(),
                calling_station_id: Some(mac.to_owned()),
                method: LoginMethod::Pap,
                answered_at: world.clock.now(),
                outcome: Ok(Access::Open),
                binds_mac: mac.parse().ok(),
            });
        }
        drop(log);
        writer.run(CancellationToken::new()).await;
        known.catch_up().await;
        let found = devices(&world.ctx, &world.proof::<perm::ViewCustomers, _>(rahim)).await;
        let found = found.unwrap();
        assert_eq!(found.iter().map(|device| (device.mac, device.learnt)).collect::<Vec<_>>(), [(bound, true)]);
        assert!(known.decide(&world, &from(OLD)).is_ok());
        let stranger = known.decide(&world, &from(NEW));
        assert_eq!(stranger, Err(RejectCause::MacNotBound));
        let by_mac = known.directory.subscriber_by_mac(world.isp_id, bound);
        assert_eq!(by_mac.map(|found| found.customer_id), Some(rahim.id));

        let cmd = AddDevice { mac: "aabb.cc00.0002".to_owned(), label: Some("phone".to_owned()) };
        add_device(&world.ctx, world.proof(rahim), cmd).await.expect("added");
        remove_device(&world.ctx, world.proof(rahim), OLD).await.expect("removed");
        known.catch_up().await;
        assert!(known.decide(&world, &from(NEW)).is_ok());
        assert_eq!(known.decide(&world, &from(OLD)), Err(RejectCause::MacNotBound));
        assert!(known.directory.subscriber_by_mac(world.isp_id, bound).is_none());

        // A device of two customers lets neither in by itself.
        let karim = world.served("karim", 30).await;
        let cmd = AddDevice { mac: NEW.to_owned(), label: None };
        add_device(&world.ctx, world.proof(karim), cmd).await.expect("added");
        known.catch_up().await;
        let shared = known.directory.subscriber_by_mac(world.isp_id, NEW.parse().unwrap());
        assert!(shared.is_none());
    }

    async fn restrictions_reach_the_login_and_lift(world: World) {
        let rahim = world.served("rahim", 30).await;
        let mut known = Known::load(&world).await;
        let slow = Restriction {
            isp_id: world.isp_id,
            customer_id: rahim.id,
            cause: Cause::FairUse,
            effect: LimitEffect::Throttle,
            tier: Some(2),
            rate: Some(RateLimit::new(1_000, 2_000)),
            pool: None,
            address_list: Some("slow".to_owned()),
            since: world.clock.now(),
            until: Some(world.clock.now() + TimeDelta::hours(1)),
            manual: false,
        };
        let stop = Restriction {
            cause: Cause::VolumeLimit,
            effect: LimitEffect::Suspend,
            tier: None,
            rate: None,
            address_list: None,
            until: None,
            ..slow.clone()
        };
        let actor = Actor::System(SystemActor::Worker(world.isp_id));
        let put = async |restriction: &Restriction| {
            let tx = world.db().begin_platform("restrict", &actor).await.unwrap();
            restrictions::put(&tx, restriction).await.unwrap();
            let stored = restrictions::of_customer(&tx, rahim.id).await.unwrap();
            assert!(stored.contains(restriction), "{stored:?}");
            tx.commit().await.unwrap();
        };
        put(&slow).await;
        known.catch_up().await;
        let policy = known.open(&world);
        assert_eq!(policy.rate, Some(RateLimit::new(1_000, 2_000)));
        assert_eq!(policy.address_list.as_deref(), Some("slow"));
        put(&stop).await;
        known.catch_up().await;
        let policy = known.open(&world);
        assert_eq!(policy.walled_for, Some(RejectCause::QuotaUsed));
        let (fresh, _) = Directory::load(world.ctx.clone()).await.unwrap();
        let loaded = fresh.subscriber(world.isp_id, "rahim").unwrap();
        assert_eq!(loaded.extras.as_ref().unwrap().restrictions.len(), 2);

        let tx = world.db().begin_platform("lift", &actor).await.unwrap();
        let lift = restrictions::remove(&tx, world.isp_id, rahim.id, Cause::VolumeLimit);
        assert!(lift.await.unwrap());
        tx.commit().await.unwrap();
        known.catch_up().await;
        assert_eq!(known.open(&world).walled_for, None);
        world.clock.advance(TimeDelta::hours(2));
        assert_eq!(known.open(&world).rate, Some(RateLimit::new(5_000, 10_000)));
    }

    async fn limits_are_shown_with_what_is_used_and_granted(world: World) {
        sell(&world, EditAccessTerms {
            volume_limit: Patch::Value(volume(10_000, Window::Day, LimitEffect::Suspend)),
            time_limit: Patch::Value(TimeLimit {
                seconds: 3_600,
                window: Window::Month,
                on_reached: LimitEffect::Throttle,
                throttled: Some(RateLimit::new(256, 256)),
            }),
            ..EditAccessTerms::default()
        }).await;
        let rahim = world.served("rahim", 30).await;
        let zone = chrono_tz::Asia::Dhaka;
        let today = world.clock.now().with_timezone(&zone).date_naive();
        for (day, octets) in [(today, 1_500_i64), (today.pred_opt().unwrap(), 9_000)] {
            world.sql(
                "INSERT INTO usage_day (isp_id, customer_id, day, input_octets, output_octets, \
                 session_seconds, updated_at) VALUES ($1, $2, $3, $4, $5, 600, $6)",
                vec![world.isp_id.as_uuid().into(), rahim.id.as_uuid().into(), day.into(),
                    octets.into(), 1_000_i64.into(), world.clock.now().into()],
            ).await;
        }
        let grant = |octets, seconds| GrantTopUp { octets, seconds, reason: None };
        grant_top_up(&world.ctx, world.proof(rahim), grant(5_000, 0)).await.expect("granted");
        let nothing = grant_top_up(&world.ctx, world.proof(rahim), grant(0, 0)).await;
        assert!(matches!(nothing, Err(AccessError::Invalid(_))), "{nothing:?}");

        let proof = world.proof::<perm::ViewCustomers, _>(rahim);
        let found = get_limits(&world.ctx, &proof).await.unwrap().unwrap();
        let (data, time) = (&found.limits[0], &found.limits[1]);
        assert_eq!(data.kind, LimitKind::Volume(Counts::Total));
        assert_eq!((data.used, data.total(), data.left()), (2_500, 15_000, 12_500));
        assert_eq!(time.kind, LimitKind::Time);
        assert_eq!(time.of_package, 3_600);
        let (_, midnight) = domain::period::day_bounds(world.clock.now(), zone);
        assert_eq!(data.resets_at, midnight);
        assert_eq!(found.top_ups.len(), 1);
        assert_eq!(found.top_ups[0].granted_by_name.as_deref(), Some("Somebody"));

        world.clock.advance(TimeDelta::days(1));
        let later = get_limits(&world.ctx, &proof).await.unwrap().unwrap();
        assert_eq!((later.limits[0].used, later.limits[0].total()), (0, 10_000));
    }

    async fn a_package_carries_its_terms_to_every_login(world: World) {
        let rahim = world.served("rahim", 30).await;
        let mut known = Known::load(&world).await;
        goes_online(&world, rahim, OLD).await;
        sell(&world, EditAccessTerms {
            idle_timeout: Patch::Value(600),
            volume_limit: Patch::Value(volume(1 << 40, Window::Month, LimitEffect::Disconnect)),
            nas_ids: Some(vec![world.nas_id]),
            ipv6_pool: Patch::Value("link6".to_owned()),
            ..EditAccessTerms::default()
        }).await;
        assert!(!world.routers.take_asked().is_empty(), "live sessions are looked at again");
        known.catch_up().await;
        let policy = known.open(&world);
        assert_eq!((policy.idle_timeout, policy.ipv6.pool.as_deref()), (Some(600), Some("link6")));
        let used_up = LoginFacts {
            quota_left: Some(QuotaLeft { octets: Some(0), seconds: None }),
            nas_id: Some(world.nas_id),
            ..LoginFacts::default()
        };
        let walled = known.decide(&world, &used_up).expect("walled");
        assert_eq!(walled.walled_for, Some(RejectCause::QuotaUsed));
        let elsewhere = LoginFacts { nas_id: Some(NasId::generate()), ..LoginFacts::default() };
        assert_eq!(known.decide(&world, &elsewhere), Err(RejectCause::NasNotAllowed));

        let foreign = EditPackage {
            access: EditAccessTerms {
                nas_ids: Some(vec![NasId::generate()]),
                ..EditAccessTerms::default()
            },
            ..EditPackage::default()
        };
        let refused = edit_package(&world.ctx, package(&world), foreign).await;
        assert!(matches!(refused, Err(PackageError::Invalid(_))), "{refused:?}");
    }

    async fn who_has_never_paid_is_not_activated_for_ever(world: World) {
        let rahim = world.create(world.subscriber("rahim")).await;
        let refused = activate_customer(&world.ctx, world.proof(rahim)).await;
        let no_paid_time = StatusError::Refused(StatusRefusal::NoPaidTime).to_string();
        assert_eq!(refused.map_err(|error| error.to_string()), Err(no_paid_time));
        // Who was taken over as active without an end keeps it through a suspension.
        let unlimited = "UPDATE customer SET status = 'suspended', status_reason = 'other'";
        world.sql(unlimited, vec![]).await;
        activate_customer(&world.ctx, world.proof(rahim)).await.expect("activated");
    }
}
