//! A served installation with two ISPs and somebody of every role.

use std::{collections::BTreeMap, net::SocketAddr};

use actix_web::dev::ServerHandle;
use api::{ApiConfig, RateLimits};
use app::use_cases::{platform, users};
use domain::{
    authz::{Actor, PlatformRef, RoleLevel, Scope, SystemActor, authorize, perm},
    ids::{IspId, OperatorId, TenancyId},
};
use persistence::lookup;
use serde_json::{Value, json};
use testkit::{TestDatabase, World};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "seven green boats";
const SYSTEM: Actor = Actor::System(SystemActor::Installation);

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// Status line and headers.
    pub(crate) head: String,
    /// The body as it came.
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

/// How somebody proves who they are.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    None,
    Token(String),
    Key(String),
}

/// One of the two ISPs: the ids of its things by their kind.
pub(crate) struct Isp {
    pub(crate) id: Uuid,
    pub(crate) ids: BTreeMap<&'static str, Uuid>,
}

/// The installation.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) ours: Isp,
    pub(crate) theirs: Isp,
    /// By role name, and `anonymous` and `api_key`.
    pub(crate) callers: BTreeMap<String, Credential>,
    address: SocketAddr,
    handle: ServerHandle,
}

impl Site {
    /// Builds and serves it.
    pub(crate) async fn start(database: TestDatabase) -> Self {
        Self::start_with(database, RateLimits::UNLIMITED).await
    }

    /// The same with those limits.
    pub(crate) async fn start_with(database: TestDatabase, rates: RateLimits) -> Self {
        let world = World::on(database).await;
        let config = ApiConfig {
            rates,
            workers: Some(1),
            // Without the header of a proxy, the caller is whoever connects.
            behind_proxy: true,
            ..ApiConfig::new("127.0.0.1:0".parse().unwrap(), vec![9; 32])
        };
        let api = api::start(&config, world.ctx.clone(), None).unwrap();
        let (address, handle) = (api.address, api.server.handle());
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(api.server);
        tasks.detach_all();
        let empty = || Isp {
            id: Uuid::nil(),
            ids: BTreeMap::new(),
        };
        let mut site = Self {
            world,
            ours: empty(),
            theirs: empty(),
            callers: BTreeMap::new(),
            address,
            handle,
        };
        site.populate().await;
        site
    }

    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
    }

    async fn populate(&mut self) {
        let ctx = &self.world.ctx;
        let owner = |login: &str| platform::Owner {
            login: login.to_owned(),
            name: "Somebody".to_owned(),
            password: PASSWORD.to_owned(),
            must_change_password: false,
        };
        let proof = authorize::<perm::ManagePlatform, _>(&SYSTEM, PlatformRef).unwrap();
        platform::create_developer(ctx, proof, owner("developer"))
            .await
            .unwrap();
        let mut tenancies = Vec::new();
        for name in ["ours", "theirs"] {
            let login = if name == "ours" {
                "super_admin"
            } else {
                "their_super_admin"
            };
            let proof = authorize::<perm::ManageTenancies, _>(&SYSTEM, PlatformRef).unwrap();
            let cmd = platform::CreateTenancy {
                name: name.to_owned(),
                super_admin: owner(login),
            };
            tenancies.push(platform::create_tenancy(ctx, proof, cmd).await.unwrap());
        }
        let ours = self.make_isp(tenancies[0], "admin", owner("admin")).await;
        let theirs = self
            .make_isp(tenancies[1], "their_admin", owner("their_admin"))
            .await;
        self.ours = self.fill(ours, "admin", "10.1.0.1").await;
        self.theirs = self.fill(theirs, "their_admin", "10.2.0.1").await;
        self.make_callers().await;
    }

    async fn make_isp(&self, tenancy: TenancyId, name: &str, admin: platform::Owner) -> IspId {
        let ctx = &self.world.ctx;
        let read = ctx.db.read_platform().await.unwrap();
        let found = lookup::tenancy(&read, &Scope::own(&SYSTEM), tenancy)
            .await
            .unwrap()
            .unwrap();
        read.done().await.unwrap();
        let proof = authorize::<perm::ManageIsps, _>(&SYSTEM, found).unwrap();
        let cmd = platform::CreateIsp {
            name: name.to_owned(),
            currency: "BDT".to_owned(),
            time_zone: "Asia/Dhaka".to_owned(),
            country: "BD".to_owned(),
            admin,
        };
        platform::create_isp(ctx, proof, cmd).await.unwrap()
    }

    /// Makes one thing of every kind, through the API.
    #[expect(
        clippy::too_many_lines,
        reason = "a list: a few lines for each kind of thing"
    )]
    async fn fill(&self, id: IspId, admin: &str, address: &str) -> Isp {
        let token = self.sign_in(admin).await;
        let mut ids = BTreeMap::new();
        let prefix = admin;
        let zone = self
            .make(&token, "/zones", json!({"name": format!("{prefix} zone")}))
            .await;
        let package = self
            .make(&token, "/packages", crate::probes::package(prefix))
            .await;
        let operator = json!({"name": format!("{prefix} operator"), "kind": "operator"});
        let operator = self.make(&token, "/operators", operator).await;
        let sub =
            json!({"name": format!("{prefix} sub"), "kind": "sub_operator", "parent_id": operator});
        let sub = self.make(&token, "/operators", sub).await;
        let nas = json!({"name": format!("{prefix} nas"), "address": address});
        let nas = self.call("POST", "/nas", &token, Some(nas), &[]).await;
        let realm = json!({"name": format!("{prefix}.example"),
            "home_servers": [{"address": "192.0.2.9", "secret": "between-providers"}]});
        let realm = self.make(&token, "/realms", realm).await;
        let router = json!({"name": format!("{prefix} router"), "address": address,
            "username": "lastmile", "password": "secret-1", "nas_id": nas.body["nas"]["id"]});
        let router = self.make(&token, "/routers", router).await;
        let customer = json!({"name": format!("{prefix} customer"), "username": format!("{prefix}-user"),
            "password": "secret-1", "connection_type": "pppoe", "package_id": package,
            "zone_id": zone, "operator_id": operator, "mobile": "01712345678"});
        let customer = self.make(&token, "/customers", customer).await;
        let key = [("Idempotency-Key", "first-of-this-isp")];
        let bill = format!("/customers/{customer}/invoices");
        let invoice = self
            .call("POST", &bill, &token, Some(json!({})), &key)
            .await;
        let pay = format!("/customers/{customer}/advance-payments");
        let money = json!({"amount": {"amount": "100.00", "currency": "BDT"}, "method": "cash"});
        let payment = self.call("POST", &pay, &token, Some(money), &key).await;
        let upload = json!({"file_name": "c.csv", "content": format!("username,password,name\n{prefix}-1,pw-1,One\n")});
        let import = self.make(&token, "/imports", upload).await;
        let user = crate::probes::user(&format!("{prefix}-staff"), "staff");
        let user = self.make(&token, "/users", user).await;
        let api_key = json!({"name": "key", "permissions": ["view_customers", "view_invoices"]});
        let api_key = self
            .call("POST", "/api-keys", &token, Some(api_key), &[])
            .await;
        let job = self.make_job(id).await;
        let own = |answer: &Value| answer["id"].as_str().unwrap().parse::<Uuid>().unwrap();
        ids.extend([
            ("zone", zone),
            ("package", package),
            ("operator", operator),
            ("realm", realm),
            ("router", router),
            ("sub", sub),
        ]);
        ids.extend([
            ("customer", customer),
            ("import", import),
            ("user", user),
            ("job", job),
        ]);
        ids.extend([
            ("nas", own(&nas.body["nas"])),
            ("invoice", own(&invoice.body)),
        ]);
        ids.extend([
            ("payment", own(&payment.body)),
            ("api_key", own(&api_key.body["api_key"])),
        ]);
        ids.insert("isp", id.as_uuid());
        Isp {
            id: id.as_uuid(),
            ids,
        }
    }

    async fn make_job(&self, isp_id: IspId) -> Uuid {
        let actor = Actor::System(SystemActor::Worker(isp_id));
        let tx = self
            .world
            .ctx
            .db
            .begin_platform("probe", &actor)
            .await
            .unwrap();
        let job = persistence::jobs::NewJob {
            kind: "prune",
            queue: persistence::jobs::Queue::Reports,
            payload: json!({"kind": "prune"}),
            run_at: None,
            dedup_key: None,
            max_attempts: 1,
            isp_id: Some(isp_id),
        };
        let id = persistence::jobs::enqueue(&tx, job).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        id.as_uuid()
    }

    pub(crate) async fn make(&self, token: &Credential, path: &str, body: Value) -> Uuid {
        let answer = self.call("POST", path, token, Some(body), &[]).await;
        assert_eq!(answer.status, 201, "{path}: {:?}", answer.body);
        answer.body["id"].as_str().unwrap().parse().unwrap()
    }

    async fn make_callers(&mut self) {
        let read = self.world.ctx.db.read_platform().await.unwrap();
        let scope = Scope::own(&SYSTEM);
        let isp = IspId::from_uuid(self.ours.id);
        let isp = lookup::isp(&read, &scope, isp).await.unwrap().unwrap();
        let mut operators = BTreeMap::new();
        for (role, kind) in [
            (RoleLevel::Operator, "operator"),
            (RoleLevel::SubOperator, "sub"),
        ] {
            let id = OperatorId::from_uuid(self.ours.ids[kind]);
            let found = lookup::operator(&read, &scope, id).await.unwrap().unwrap();
            operators.insert(role.as_str(), found);
        }
        read.done().await.unwrap();
        for role in RoleLevel::ALL {
            let above = matches!(
                role,
                RoleLevel::Developer | RoleLevel::SuperAdmin | RoleLevel::Admin
            );
            if role == RoleLevel::Customer {
                self.insert_portal_user().await;
            } else if !above {
                let proof = authorize::<perm::ManageStaff, _>(&SYSTEM, isp).unwrap();
                let cmd = users::CreateUser {
                    login: role.as_str().to_owned(),
                    name: "Somebody".to_owned(),
                    role,
                    password: PASSWORD.to_owned(),
                    must_change_password: false,
                    email: None,
                    mobile: None,
                    operator: operators.get(role.as_str()).copied(),
                };
                users::create_user(&self.world.ctx, proof, cmd)
                    .await
                    .unwrap();
            }
            let credential = self.sign_in(role.as_str()).await;
            self.callers.insert(role.as_str().to_owned(), credential);
        }
        let admin = self.callers["admin"].clone();
        let body = json!({"name": "probe", "permissions": crate::probes::KEY_PERMISSIONS});
        let made = self
            .call("POST", "/api-keys", &admin, Some(body), &[])
            .await;
        let key = made.body["key"].as_str().unwrap().to_owned();
        self.callers
            .insert("api_key".to_owned(), Credential::Key(key));
        self.callers
            .insert("anonymous".to_owned(), Credential::None);
    }

    async fn insert_portal_user(&self) {
        let hash = app::use_cases::auth::hash_password(PASSWORD).await.unwrap();
        let tx = self
            .world
            .ctx
            .db
            .begin_platform("probe", &SYSTEM)
            .await
            .unwrap();
        let user = persistence::repo::identity::users::NewUser {
            id: domain::ids::UserId::generate(),
            tenancy_id: None,
            isp_id: Some(IspId::from_uuid(self.ours.id)),
            operator_id: None,
            role: RoleLevel::Customer,
            login: "customer".to_owned(),
            name: "Somebody".to_owned(),
            email: None,
            mobile: None,
            password_hash: Some(hash),
            must_change_password: false,
        };
        persistence::repo::identity::users::insert(&tx, &user)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Sends a body.
    pub(crate) async fn post(&self, path: &str, credential: &Credential, body: Value) -> Answer {
        self.call("POST", path, credential, Some(body), &[]).await
    }

    /// Asks for something.
    pub(crate) async fn get(&self, path: &str, credential: &Credential) -> Answer {
        self.call("GET", path, credential, None, &[]).await
    }

    /// The lines of the audit trail of one action, as the admin sees them.
    pub(crate) async fn audited(&self, action: &str) -> Vec<Value> {
        let admin = self.sign_in("admin").await;
        let page = self.get("/audit-log?limit=200", &admin).await;
        let lines = page.body["items"].as_array().unwrap().iter();
        lines
            .filter(|line| line["action"] == action)
            .cloned()
            .collect()
    }

    /// Signs somebody in by the login that is the role's name.
    pub(crate) async fn sign_in(&self, login: &str) -> Credential {
        let body = json!({"login": login, "password": PASSWORD});
        let answer = self
            .call("POST", "/auth/sign-ins", &Credential::None, Some(body), &[])
            .await;
        assert_eq!(answer.status, 200, "{login}: {:?}", answer.body);
        Credential::Token(answer.body["access_token"].as_str().unwrap().to_owned())
    }

    /// Opens a stream of events and hears the first one.
    pub(crate) async fn stream(&self, path: &str, credential: &Credential) -> OpenStream {
        let Credential::Token(token) = credential else {
            panic!("streams are watched by people");
        };
        let text = format!(
            "GET /api/v1{path} HTTP/1.1\r\nHost: probe\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains("data: ") {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "{bytes:?}");
        }
        OpenStream(stream)
    }

    /// One request, by hand: no client library decides what is sent.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        credential: &Credential,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let mut text = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        match credential {
            Credential::None => {}
            Credential::Token(token) => {
                text.push_str(&format!("Authorization: Bearer {token}\r\n"));
            }
            Credential::Key(key) => text.push_str(&format!("X-Api-Key: {key}\r\n")),
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(&body);
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let wait = std::time::Duration::from_secs(60);
        let _in_time = tokio::time::timeout(wait, async {
            while stream.read_buf(&mut bytes).await.unwrap() > 0 {
                // A stream of events stays open: its first event is enough.
                if path.ends_with("/events") && bytes.windows(2).any(|pair| pair == b"\n\n") {
                    break;
                }
            }
        })
        .await;
        answer(&bytes)
    }
}

/// A stream of events that somebody watches.
pub(crate) struct OpenStream(TcpStream);

impl OpenStream {
    /// Waits until the server ends it: the last chunk of its body is empty.
    pub(crate) async fn ended(mut self) {
        let mut bytes = Vec::new();
        while self.0.read_buf(&mut bytes).await.unwrap_or(0) > 0 {
            if bytes.ends_with(b"0\r\n\r\n") {
                return;
            }
        }
    }
}

fn answer(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    let body = if head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked")
    {
        dechunked(body)
    } else {
        body.to_owned()
    };
    Answer {
        status,
        body: serde_json::from_str(&body).unwrap_or(Value::Null),
        head: head.to_owned(),
        text: body,
    }
}

fn dechunked(mut text: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || rest.len() < size {
            break;
        }
        whole.push_str(&rest[..size]);
        text = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

/// The same test on a site on each database.
macro_rules! on_each_database {
    ($(async fn $name:ident($site:ident: &Site) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn check(database: testkit::TestDatabase) {
                let site = Site::start(database).await;
                let $site = &site;
                $body
                site.stop().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                check(testkit::TestDatabase::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(database) = testkit::TestDatabase::postgres().await {
                    check(database).await;
                }
            }
        }
    )*};
}

pub(crate) use on_each_database;
