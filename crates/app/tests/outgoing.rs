//! Nothing that an ISP enters makes this server call itself, its link or the metadata of its cloud.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use app::{
    directory::Directory,
    use_cases::{
        customers::{SuspendCustomer, suspend_customer},
        nas::{CreateNas, EditNas, NasError, create_nas, edit_nas},
        realms::{CreateRealm, NamedHomeServer, RealmError, create_realm},
        routers::{CreateRouter, EditRouter, RouterError, create_router, edit_router},
    },
};
use domain::{
    authz::RouterRef,
    customer::SuspensionReason,
    field::FieldProblem,
    network::{outgoing::Outgoing, ports::SubscriberDirectory as _, realm::RealmPosition},
};
use testkit::World;

const CLOSED: [&str; 6] = [
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "169.254.169.254",
    "fe80::1",
    "64:ff9b::a9fe:a9fe",
];

fn router(address: &str) -> CreateRouter {
    CreateRouter {
        name: format!("at {address}"),
        address: address.to_owned(),
        port: None,
        tls: true,
        username: "lastmile".to_owned(),
        password: String::from("a-router-password").into(),
        nas: None,
    }
}

fn client(address: &str) -> CreateNas {
    CreateNas {
        name: format!("at {address}"),
        address: address.to_owned(),
        ..CreateNas::default()
    }
}

fn realm(address: &str) -> CreateRealm {
    CreateRealm {
        name: "partner.example".to_owned(),
        position: RealmPosition::Suffix,
        strip: false,
        authentication: true,
        accounting: true,
        max_waiting_logins: None,
        home_servers: vec![NamedHomeServer {
            address: address.to_owned(),
            auth_port: None,
            acct_port: None,
            secret: Some(String::from("between-providers").into()),
            require_message_authenticator: None,
        }],
    }
}

fn codes(problems: &[FieldProblem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.code).collect()
}

/// The same installation with nothing opened.
fn closed(world: &mut World) {
    world.ctx.outgoing = Outgoing::default();
}

testkit::on_each_database! {
    async fn addresses_of_nobodys_router_are_refused_where_they_are_entered(world: World) {
        let mut world = world;
        closed(&mut world);
        for address in CLOSED.iter().chain(&["localhost", "db.localhost"]) {
            let made = create_router(&world.ctx, world.proof(world.isp()), router(address)).await;
            let Err(RouterError::Invalid(problems)) = made else { panic!("{address} was taken") };
            assert_eq!(codes(&problems), ["address_not_allowed"], "{address}");
        }
        for address in CLOSED.iter().chain(&["127.0.0.0/24", "168.63.0.0/16"]) {
            let made = create_nas(&world.ctx, world.proof(world.isp()), client(address)).await;
            let Err(NasError::Invalid(problems)) = made.map(drop) else { panic!("{address} was taken") };
            assert_eq!(codes(&problems), ["address_not_allowed"], "{address}");
        }
        for address in CLOSED {
            let made = create_realm(&world.ctx, world.proof(world.isp()), realm(address)).await;
            let Err(RealmError::Invalid(problems)) = made.map(drop) else { panic!("{address} was taken") };
            assert_eq!(codes(&problems), ["address_not_allowed"], "{address}");
        }

        let made = create_router(&world.ctx, world.proof(world.isp()), router("10.0.0.1")).await.unwrap();
        let edit = EditRouter {
            version: made.version,
            address: Some("127.0.0.1".to_owned()),
            password: Some(String::from("a-router-password").into()),
            ..EditRouter::default()
        };
        let router_ref = RouterRef { id: made.id, isp_id: made.isp_id };
        let edited = edit_router(&world.ctx, world.proof(router_ref), edit).await;
        assert!(matches!(edited, Err(RouterError::Invalid(_))));
        let edit = EditNas { address: Some("127.0.0.7".to_owned()), ..EditNas::default() };
        let edited = edit_nas(&world.ctx, world.proof(world.nas()), edit).await;
        assert!(matches!(edited, Err(NasError::Invalid(_))));
    }

    async fn home_servers_that_were_entered_before_are_not_asked(world: World) {
        let mut world = world;
        create_realm(&world.ctx, world.proof(world.isp()), realm("127.0.0.9")).await.unwrap();
        let (open, _) = Directory::load(world.ctx.clone()).await.unwrap();
        closed(&mut world);
        let (shut, _) = Directory::load(world.ctx.clone()).await.unwrap();
        for (directory, servers) in [(open, 1), (shut, 0)] {
            let realm = directory.realm(world.isp_id, "rahim@partner.example").unwrap();
            assert_eq!(realm.home_servers.len(), servers);
        }
    }

    async fn a_router_at_such_an_address_is_sent_no_requests(world: World) {
        let mut world = world;
        let customer = world.served("rahim", 10).await;
        world.report(world.start_of(customer, 1)).await;
        world.run_jobs().await;
        closed(&mut world);
        let cmd = SuspendCustomer { reason: SuspensionReason::NonPayment, note: None };
        suspend_customer(&world.ctx, world.proof(customer), cmd).await.unwrap();
        world.run_jobs().await;
        assert_eq!(world.routers.take_asked(), [], "the NAS is at 127.0.0.1");
    }
}
