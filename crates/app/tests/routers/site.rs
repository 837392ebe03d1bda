//! A world whose routers are watched by the real client, and simulated routers for it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use app::{
    router_watch::RouterWatch,
    use_cases::routers::{CreateRouter, create_router, get_router, list_router_history},
};
use chrono::{DateTime, Utc};
use domain::network::outgoing::{Outgoing, parse_list};
use domain::{
    authz::RouterRef,
    clock::Clock as _,
    ids::IspId,
    network::router::{CheckCause, Fingerprint, RouterState},
    page::PageRequest,
};
use mikrotik::{api::Request, client::Settings, watch::WatchedRouters};
use persistence::{Backend, repo::routers::RouterRecord};
use simnet::router::{
    Account, FaultRule, Router, RouterConfig, User,
    server::{Listen, RouterServer},
};
use testkit::World;
use tokio_util::sync::CancellationToken;

pub(crate) const PASSWORD: &str = "a-router-password";

/// Settings with short limits.
pub(crate) fn quick() -> Settings {
    Settings {
        connect: Duration::from_millis(1500),
        login: Duration::from_millis(1500),
        command: Duration::from_millis(1500),
        cancel: Duration::from_millis(300),
        outgoing: Outgoing::new(parse_list("127.0.0.0/8").expect("a network"), Vec::new()),
        ..Settings::default()
    }
}

pub(crate) fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

pub(crate) fn fault(json: &str) -> FaultRule {
    serde_json::from_str(json).unwrap()
}

/// Runs a line as the router's administrator.
pub(crate) fn run(router: &mut Router, line: &str) {
    let mut words = line.split(' ');
    let mut request = Request::new(words.next().unwrap());
    for word in words {
        let (name, value) = word.split_once('=').unwrap();
        request = request.argument(name, value);
    }
    router.execute(&request, &User::system()).unwrap();
}

/// A simulated router with its ports.
pub(crate) struct Played {
    pub(crate) server: RouterServer,
}

impl Played {
    pub(crate) async fn plain(world: &World) -> Self {
        Self::at(world, 0, 0, None).await
    }

    pub(crate) async fn with_certificate(world: &World, name: &str) -> Self {
        Self::at(world, 0, 0, Some(name)).await
    }

    pub(crate) async fn at(
        world: &World,
        port: u16,
        tls_port: u16,
        certificate: Option<&str>,
    ) -> Self {
        let config = RouterConfig {
            users: vec![Account {
                name: "admin".to_owned(),
                password: PASSWORD.to_owned(),
                group: "full".to_owned(),
            }],
            setup: certificate.map_or_else(String::new, |name| {
                format!(
                    "/certificate add name=api common-name={name}\n/certificate sign api\n\
                     /ip service set api-ssl certificate=api"
                )
            }),
            ..RouterConfig::default()
        };
        let router = Router::new(&config, world.clock.now()).unwrap();
        let listen = Listen {
            plain: at(port),
            tls: Some(at(tls_port)),
        };
        let stop = CancellationToken::new();
        let clock = Arc::new(world.clock.clone());
        Self {
            server: RouterServer::start(router, listen, clock, stop)
                .await
                .unwrap(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.address().port()
    }

    pub(crate) fn tls_port(&self) -> u16 {
        self.server.tls_address().unwrap().port()
    }

    /// What `/certificate print` shows.
    pub(crate) fn fingerprint(&self) -> Option<Fingerprint> {
        let rows = self.server.with(|router| router.rows("/certificate"));
        let shown = rows.first()?.text("fingerprint")?;
        shown.to_shown().parse().ok()
    }
}

/// A world whose routers are watched.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) routers: Arc<WatchedRouters>,
    watch: RouterWatch,
}

pub(crate) fn cmd(name: &str, address: &str, port: u16, tls: bool) -> CreateRouter {
    CreateRouter {
        name: name.to_owned(),
        address: address.to_owned(),
        port: Some(port),
        tls,
        username: "admin".to_owned(),
        password: PASSWORD.to_owned().into(),
        nas: None,
    }
}

impl Site {
    pub(crate) fn new(world: World) -> Self {
        let routers = Arc::new(WatchedRouters::new(quick()));
        let watch = RouterWatch::new(world.ctx.clone(), Arc::<WatchedRouters>::clone(&routers));
        Self {
            world,
            routers,
            watch,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.world.clock.now()
    }

    pub(crate) async fn add(&self, name: &str, port: u16, tls: bool) -> RouterRef {
        self.add_at(name, "127.0.0.1", port, tls).await
    }

    pub(crate) async fn add_at(&self, name: &str, host: &str, port: u16, tls: bool) -> RouterRef {
        self.make(cmd(name, host, port, tls)).await
    }

    pub(crate) async fn add_with(&self, name: &str, port: u16, password: &str) -> RouterRef {
        let password = password.to_owned().into();
        self.make(CreateRouter {
            password,
            ..cmd(name, "127.0.0.1", port, false)
        })
        .await
    }

    async fn make(&self, cmd: CreateRouter) -> RouterRef {
        let proof = self.world.proof(self.world.isp());
        let made = create_router(&self.world.ctx, proof, cmd).await.unwrap();
        RouterRef {
            id: made.id,
            isp_id: made.isp_id,
        }
    }

    /// Makes so many of the one router there is.
    pub(crate) async fn multiply(&self, count: i64) {
        let id = match self.world.db().backend() {
            Backend::Sqlite => "randomblob(16)",
            Backend::Postgres => "gen_random_uuid()",
        };
        let sql = format!(
            "WITH RECURSIVE n (i) AS (SELECT CAST(2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
             INSERT INTO router (id, isp_id, name, name_key, host, port, tls, username, password, \
             watched, version, state, state_since, failures, next_check_at, created_at, updated_at) \
             SELECT {id}, isp_id, name || i, name_key || i, host || i, port, tls, username, password, \
             watched, version, state, state_since, failures, next_check_at, created_at, updated_at \
             FROM router, n"
        );
        self.world.sql(&sql, vec![count.into()]).await;
    }

    /// Gives the router at the address to an ISP of the same tenancy.
    pub(crate) async fn give_to_another_isp(&self, host: &str) {
        let other = IspId::generate().as_uuid();
        let made = "INSERT INTO isp (id, tenancy_id, name, currency, time_zone, country, created_at) \
            SELECT $1, tenancy_id, 'Other ISP', currency, time_zone, country, created_at FROM isp";
        self.world.sql(made, vec![other.into()]).await;
        let given = "UPDATE router SET isp_id = $1 WHERE host = $2";
        let given = self.world.sql(given, vec![other.into(), host.into()]);
        assert_eq!(given.await, 1);
    }

    /// Looks at what is due, and answers how much it was.
    pub(crate) async fn look(&self) -> usize {
        self.watch.drain().await.unwrap()
    }

    pub(crate) async fn get(&self, router: RouterRef) -> RouterRecord {
        let found = get_router(&self.world.ctx, &self.world.proof(router)).await;
        found.unwrap().unwrap()
    }

    /// Waits until the router is as wanted.
    pub(crate) async fn until(&self, router: RouterRef, is_so: impl Fn(&RouterRecord) -> bool) {
        while !is_so(&self.get(router).await) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Its history, latest first.
    pub(crate) async fn told(&self, router: RouterRef) -> Vec<(RouterState, Option<CheckCause>)> {
        let page = PageRequest::default();
        let proof = self.world.proof(router);
        let found = list_router_history(&self.world.ctx, &proof, &page)
            .await
            .unwrap();
        let rows = found.items.into_iter();
        rows.map(|row| (row.state, row.cause)).collect()
    }

    /// The names of the events, in order.
    pub(crate) async fn events(&self) -> Vec<String> {
        let sql = "SELECT name FROM domain_event WHERE name LIKE 'router.%' ORDER BY id";
        let rows = self.world.rows(sql, vec![]).await;
        rows.iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect()
    }
}
