//! A small world on a fresh database: one ISP with its admin, a package and a router, and whatever
//! a test adds. Rows are written as the schema has them, so that no use case is needed to test
//! another.

use std::sync::Arc;

use app::{AppCtx, WorkerCtx, secrets::Keyring, signals::Signals, worker::Worker};
use domain::{
    authz::{
        Actor, CustomerRef, IspRef, Origin, PermissionMarker, Person, Proof, Resource, RoleLevel,
        Scope, Via, authorize, default_permissions,
    },
    clock::Clock,
    ids::{CustomerId, IspId, NasId, OperatorId, PackageId, TenancyId, UserId},
    network::outgoing::{Outgoing, parse_list},
    tenancy::Reach,
};
use gateways::shared::MemoryStore;
use persistence::{Backend, Db};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::{clock::TestClock, database::TestDatabase, routers::ScriptedRouters};

/// One ISP and what a test needs around it.
pub struct World {
    /// What use cases work with.
    pub ctx: AppCtx,
    /// The time.
    pub clock: TestClock,
    /// The routers.
    pub routers: ScriptedRouters,
    /// The ISP's owner of owners.
    pub tenancy_id: TenancyId,
    /// The ISP.
    pub isp_id: IspId,
    /// Its admin's account.
    pub admin_id: UserId,
    /// A monthly prepaid package for 700.00 BDT with 5M/10M.
    pub package_id: PackageId,
    /// A router at 127.0.0.1 with the secret `a-shared-secret`.
    pub nas_id: NasId,
    /// The database, which goes away with the world.
    pub database: TestDatabase,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("isp_id", &self.isp_id)
            .finish_non_exhaustive()
    }
}

/// A test key; never one of an installation.
#[must_use]
pub fn keyring() -> Arc<Keyring> {
    let key = zeroize::Zeroizing::new(vec![7; 32]);
    Arc::new(Keyring::new(&[(1, key)]).expect("invariant: a 32-byte key"))
}

fn loopback() -> Outgoing {
    let opened = parse_list("127.0.0.0/8").expect("invariant: a network");
    Outgoing::new(opened, Vec::new())
}

impl World {
    /// Builds the world on a fresh database.
    pub async fn on(database: TestDatabase) -> Self {
        let clock = TestClock::default();
        let db = database.open(clock.clone()).await;
        let ctx = AppCtx {
            db,
            clock: Arc::new(clock.clone()),
            keyring: keyring(),
            shared: Arc::new(MemoryStore::default()),
            // Simulated routers are on this machine.
            outgoing: loopback(),
            signals: Signals::default(),
        };
        let world = Self {
            ctx,
            clock,
            routers: ScriptedRouters::default(),
            tenancy_id: TenancyId::generate(),
            isp_id: IspId::generate(),
            admin_id: UserId::generate(),
            package_id: PackageId::generate(),
            nas_id: NasId::generate(),
            database,
        };
        world.insert_isp().await;
        world
    }

    async fn insert_isp(&self) {
        let (now, isp) = (self.clock.now(), self.isp_id.as_uuid());
        self.sql(
            "INSERT INTO tenancy (id, name, created_at) VALUES ($1, 'Tenancy', $2)",
            vec![self.tenancy_id.as_uuid().into(), now.into()],
        )
        .await;
        self.sql(
            "INSERT INTO isp (id, tenancy_id, name, currency, time_zone, country, created_at) \
             VALUES ($1, $2, 'Test ISP', 'BDT', 'Asia/Dhaka', 'BD', $3)",
            vec![isp.into(), self.tenancy_id.as_uuid().into(), now.into()],
        )
        .await;
        self.sql(
            "INSERT INTO isp_settings (isp_id, updated_at) VALUES ($1, $2)",
            vec![isp.into(), now.into()],
        )
        .await;
        self.insert_user(self.admin_id, RoleLevel::Admin, None)
            .await;
        self.sql(
            "INSERT INTO package (id, isp_id, name, up_kbps, down_kbps, rate_managed_by_router, \
             price_minor, cycle, billing_type, simultaneous_use, status, created_at, updated_at) \
             VALUES ($1, $2, 'Home 10M', 5000, 10000, $3, 70000, 'monthly', 'prepaid', 1, 'active', $4, $4)",
            vec![self.package_id.as_uuid().into(), isp.into(), false.into(), now.into()],
        )
        .await;
        let secret = self.ctx.keyring.seal(b"a-shared-secret").expect("sealed");
        self.sql(
            "INSERT INTO nas (id, isp_id, name, address, secret, coa_port, \
             require_message_authenticator, status, created_at, updated_at) \
             VALUES ($1, $2, 'core-1', '127.0.0.1', $3, 3799, 'auto', 'active', $4, $4)",
            vec![
                self.nas_id.as_uuid().into(),
                isp.into(),
                secret.into(),
                now.into(),
            ],
        )
        .await;
    }

    /// Adds a person.
    pub async fn insert_user(&self, id: UserId, role: RoleLevel, operator: Option<OperatorId>) {
        let now = self.clock.now();
        self.sql(
            "INSERT INTO app_user (id, tenancy_id, isp_id, operator_id, role, login, login_key, name, \
             must_change_password, totp_enabled, status, hidden_menus, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, 'Somebody', $7, $7, 'active', $8, $9, $9)",
            vec![
                id.as_uuid().into(),
                self.tenancy_id.as_uuid().into(),
                self.isp_id.as_uuid().into(),
                operator.map(OperatorId::as_uuid).into(),
                role.as_str().into(),
                id.to_string().into(),
                false.into(),
                serde_json::json!([]).into(),
                now.into(),
            ],
        )
        .await;
    }

    /// Adds an operator.
    pub async fn insert_operator(&self, name: &str, parent: Option<OperatorId>) -> OperatorId {
        let id = OperatorId::generate();
        self.sql(
            "INSERT INTO operator (id, isp_id, parent_id, name, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $5)",
            vec![
                id.as_uuid().into(),
                self.isp_id.as_uuid().into(),
                parent.map(OperatorId::as_uuid).into(),
                name.into(),
                self.clock.now().into(),
            ],
        )
        .await;
        id
    }

    /// The ISP's admin.
    #[must_use]
    pub fn admin(&self) -> Actor {
        self.person(self.admin_id, RoleLevel::Admin, Reach::Isp(self.isp_id))
    }

    /// Somebody of any role and reach, with the role's default permissions.
    #[must_use]
    pub fn person(&self, user_id: UserId, role: RoleLevel, reach: Reach) -> Actor {
        Actor::Person(Person {
            user_id,
            role,
            reach,
            permissions: default_permissions(role),
            via: Via::CommandLine,
            impersonator: None,
            origin: Origin::default(),
        })
    }

    /// The admin's scope.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::own(&self.admin())
    }

    /// The ISP as something to act upon.
    #[must_use]
    pub const fn isp(&self) -> IspRef {
        IspRef {
            id: self.isp_id,
            tenancy_id: self.tenancy_id,
        }
    }

    /// The admin's proof for anything of the ISP.
    pub fn proof<P: PermissionMarker, R: Resource>(&self, resource: R) -> Proof<P, R> {
        authorize(&self.admin(), resource).expect("invariant: an admin may act in the ISP")
    }

    /// A customer of the ISP itself as something to act upon.
    #[must_use]
    pub const fn customer(&self, id: CustomerId) -> CustomerRef {
        CustomerRef {
            id,
            isp_id: self.isp_id,
            operator_id: None,
        }
    }

    /// What jobs work with.
    #[must_use]
    pub fn worker_ctx(&self) -> WorkerCtx {
        WorkerCtx {
            app: self.ctx.clone(),
            sessions: Arc::new(self.routers.clone()),
        }
    }

    /// Carries out every job that is due.
    pub async fn run_jobs(&self) -> usize {
        Worker::new(self.worker_ctx()).drain().await
    }

    /// The database.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.ctx.db
    }

    /// Runs raw SQL as the owner of the schema and answers the rows touched.
    pub async fn sql(&self, sql: &str, values: Vec<Value>) -> u64 {
        self.try_sql(sql, values).await.expect("the statement runs")
    }

    /// Runs raw SQL that the schema may refuse.
    pub async fn try_sql(&self, sql: &str, values: Vec<Value>) -> Result<u64, sea_orm::DbErr> {
        let statement = self.statement(sql, values);
        Ok(self
            .db()
            .raw_pool()
            .execute_raw(statement)
            .await?
            .rows_affected())
    }

    /// Reads rows with raw SQL.
    pub async fn rows(&self, sql: &str, values: Vec<Value>) -> Vec<QueryResult> {
        let statement = self.statement(sql, values);
        self.db()
            .raw_pool()
            .query_all_raw(statement)
            .await
            .expect("the query runs")
    }

    /// Reads one number with raw SQL.
    pub async fn number(&self, sql: &str, values: Vec<Value>) -> i64 {
        let rows = self.rows(sql, values).await;
        let row = rows.first().expect("a row");
        row.try_get_by_index::<i64>(0).expect("a number")
    }

    fn statement(&self, sql: &str, values: Vec<Value>) -> Statement {
        let backend = match self.db().backend() {
            Backend::Sqlite => sea_orm::DbBackend::Sqlite,
            Backend::Postgres => sea_orm::DbBackend::Postgres,
        };
        Statement::from_sql_and_values(backend, sql, values)
    }

    /// An id that names nothing.
    #[must_use]
    pub fn nobody() -> Uuid {
        Uuid::now_v7()
    }
}
