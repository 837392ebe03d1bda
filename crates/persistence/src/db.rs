//! The connection pool, and the only place where units of work begin.

use std::{fmt, sync::Arc};

use domain::{
    authz::{Actor, PermissionMarker, Proof, Resource, Scope, SystemActor},
    clock::Clock,
    ids::UserId,
    tenancy::Reach,
};
use migrations::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::Mutex;

use crate::{
    error::Error,
    pools::Pools,
    sql,
    tx::{Origin, Read, Tx},
};

/// Which database is behind the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The embedded database: one process, one writer.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Backend {
    /// What a `SELECT` ends in to lock its rows; SQLite's writer is alone anyway.
    #[must_use]
    pub const fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// What a `SELECT` ends in to lock the rows that nobody else has locked.
    #[must_use]
    pub const fn for_update_skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    pub(crate) const fn sea_orm(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }
}

/// How to reach the database.
#[derive(Clone)]
pub struct DbOptions {
    /// `sqlite://path?mode=rwc` or `postgres://…`.
    pub url: String,
    /// The most connections the pool opens.
    pub max_connections: u32,
    /// Tells the instant of each unit of work.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for DbOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        f.debug_struct("DbOptions")
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

/// The migration that clears files which lay here in the clear.
const CLEARS_UPLOADS: &str = "m20261201_000022_sealed_uploads";

/// What a probe of SQLite writes: as much as a payment with all that hangs on it.
const PROBE_BYTES: usize = 128 * 1024;

/// The database of an installation.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    backend: Backend,
    clock: Arc<dyn Clock>,
    /// SQLite has one writer: waiting here is fair, waiting inside SQLite is not.
    writer: Arc<Mutex<()>>,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Opens the pool.
    pub async fn connect(options: &DbOptions) -> Result<Self, Error> {
        let backend = if options.url.starts_with("sqlite") {
            Backend::Sqlite
        } else {
            Backend::Postgres
        };
        let pools = Pools::connect(backend, &options.url, options.max_connections).await?;
        Ok(Self {
            pools,
            backend,
            clock: Arc::clone(&options.clock),
            writer: Arc::default(),
        })
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), Error> {
        let pool = self.pools.common();
        let pending = Migrator::get_pending_migrations(pool).await?;
        let clears = pending.iter().any(|one| one.name() == CLEARS_UPLOADS);
        Migrator::up(pool, None).await?;
        if clears && self.backend == Backend::Sqlite {
            self.wipe_freed_pages().await?;
        }
        Ok(())
    }

    /// What SQLite frees it leaves readable in the file: after passwords were cleared, the file is
    /// written anew. A new database has nothing to wipe.
    async fn wipe_freed_pages(&self) -> Result<(), Error> {
        let pool = self.pools.common();
        let ask = "SELECT 1 FROM import_run LIMIT 1";
        let ask = Statement::from_string(self.backend.sea_orm(), ask);
        if pool.query_one_raw(ask).await?.is_none() {
            return Ok(());
        }
        for statement in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
            pool.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// Takes the whole schema down again; for tests of the migrations.
    pub async fn migrate_down(&self) -> Result<(), Error> {
        Ok(Migrator::down(self.pools.common(), None).await?)
    }

    /// Which database this is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// Has PostgreSQL look at the tables that a large import filled. Its autovacuum does so within a
    /// minute or two; until then lists would be planned for the tables as they were.
    pub async fn look_at_imported(&self) -> Result<(), Error> {
        if self.backend == Backend::Postgres {
            let tables = "customer, customer_term, subscription, account";
            let statement = format!("VACUUM (ANALYZE, SKIP_LOCKED) {tables}");
            self.pools.common().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    /// Writes something and commits it: a database whose disk is full answers questions for long.
    pub async fn prove_writable(&self) -> Result<(), Error> {
        let actor = Actor::System(SystemActor::Installation);
        let tx = self.begin_platform("prove_writable", &actor).await?;
        // SQLite's log has room left over from before when the disk has none: the probe takes more
        // than a small change does. PostgreSQL keeps its log's room ahead of need.
        let filler = match self.backend {
            Backend::Sqlite => Some(vec![0_u8; PROBE_BYTES]),
            Backend::Postgres => None,
        };
        let update = "UPDATE write_probe SET at = $1, filler = $2 WHERE id = 1";
        sql::execute(&tx, update, sql::values![tx.now(), filler]).await?;
        tx.commit().await
    }

    /// Closes the pools once their work is done.
    pub async fn close(self) -> Result<(), Error> {
        self.pools.close().await
    }

    /// The pool itself, for tests that speak raw SQL to the schema.
    #[must_use]
    pub const fn raw_pool(&self) -> &DatabaseConnection {
        self.pools.common()
    }

    /// A consistent view of the rows in a scope, for lists and sums.
    pub async fn read(&self, scope: &Scope) -> Result<Read, Error> {
        let pool = self.pools.for_view();
        self.open_read(pool, &Fence::of(scope.reach()), PLANNED_FOR_VALUES)
            .await
    }

    /// A consistent view of the rows in a scope, for what is looked up by its id.
    pub async fn read_one(&self, scope: &Scope) -> Result<Read, Error> {
        let pool = self.pools.for_view();
        self.open_read(pool, &Fence::of(scope.reach()), PLANNED_ONCE)
            .await
    }

    /// A view without a fence, for what belongs to no ISP: sign-in, the RADIUS directory, jobs.
    pub async fn read_platform(&self) -> Result<Read, Error> {
        let pool = self.pools.common();
        self.open_read(pool, &Fence::Platform, PLANNED_FOR_VALUES)
            .await
    }

    /// A unit of work on what the proof is about; its audit line is written by `commit`.
    pub async fn begin<P: PermissionMarker, R: Resource>(
        &self,
        name: &'static str,
        proof: &Proof<P, R>,
    ) -> Result<Tx, Error> {
        let fence = match proof.resource().isp_id() {
            Some(isp_id) => Fence::Isp(isp_id.to_string()),
            None => Fence::of(&proof.actor().reach()),
        };
        self.open_tx(&fence, Origin::of_proof(name, proof)).await
    }

    /// A unit of work of the product itself, without fence and without a proof: tokens at sign-in,
    /// claimed jobs, accounting. Those who act for a person use [`Db::begin`], or
    /// [`Db::begin_own_account`] for what is their own.
    pub async fn begin_platform(&self, name: &'static str, actor: &Actor) -> Result<Tx, Error> {
        self.open_tx(&Fence::Platform, Origin::of_platform(name, actor))
            .await
    }

    /// A unit of work on somebody's own account, which needs no permission: coming in, going, a new
    /// password. Its audit line belongs where the account belongs.
    pub async fn begin_own_account(
        &self,
        name: &'static str,
        actor: &Actor,
        user_id: UserId,
    ) -> Result<Tx, Error> {
        let origin = Origin::of_own_account(name, actor, user_id);
        let mut tx = self.open_tx(&Fence::Platform, origin).await?;
        tx.find_home(user_id).await?;
        Ok(tx)
    }

    async fn open_read(
        &self,
        pool: &DatabaseConnection,
        fence: &Fence,
        settings: &str,
    ) -> Result<Read, Error> {
        let read = Read::new(begin_in(pool, None).await?, self.backend);
        fence.raise(&read, settings).await?;
        Ok(read)
    }

    async fn open_tx(&self, fence: &Fence, origin: Origin) -> Result<Tx, Error> {
        let turn = match self.backend {
            Backend::Sqlite => Some(Arc::clone(&self.writer).lock_owned().await),
            Backend::Postgres => None,
        };
        let mode = Some(SqliteTransactionMode::Immediate);
        let read = Read::new(begin_in(self.pools.common(), mode).await?, self.backend);
        fence.raise(&read, "").await?;
        Ok(Tx::new(read, origin, self.clock.now(), turn))
    }
}

/// The one place that begins a transaction. A deferred write on SQLite fails at once when
/// another writer is at work, so writes take the lock first.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that begins a transaction"
)]
async fn begin_in(
    pool: &DatabaseConnection,
    sqlite_transaction_mode: Option<SqliteTransactionMode>,
) -> Result<sea_orm::DatabaseTransaction, Error> {
    let options = TransactionOptions {
        sqlite_transaction_mode,
        ..Default::default()
    };
    Ok(pool.begin_with_options(options).await?)
}

/// How PostgreSQL plans what lists read: for the values at hand and not for values in general,
/// since one status holds ten customers and the next 90,000; with pages read one by one as cheap as
/// they are in memory and on solid state; without compiling statements that take milliseconds.
const PLANNED_FOR_VALUES: &str = ", set_config('plan_cache_mode', 'force_custom_plan', true), \
    set_config('random_page_cost', '1.1', true), set_config('jit', 'off', true)";

/// How PostgreSQL plans what is looked up by id: once for each connection, since no id is unlike
/// another and planning takes longer than reading. Such a plan outlives the size that tables had
/// when it was made: without `enable_seqscan` it does not read a table through that was empty then.
const PLANNED_ONCE: &str = ", set_config('plan_cache_mode', 'force_generic_plan', true), \
    set_config('enable_seqscan', 'off', true), set_config('random_page_cost', '1.1', true), \
    set_config('jit', 'off', true)";

/// What PostgreSQL lets a unit of work see, whatever its statements say.
enum Fence {
    Platform,
    Tenancy { id: String, isps: String },
    Isp(String),
}

impl Fence {
    fn of(reach: &Reach) -> Self {
        match reach {
            Reach::Platform => Self::Platform,
            Reach::Tenancy { id, isps } => Self::Tenancy {
                id: id.to_string(),
                isps: isps
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(","),
            },
            Reach::Isp(isp_id) | Reach::Operators { isp_id, .. } => Self::Isp(isp_id.to_string()),
            Reach::Nothing => Self::Isp(uuid::Uuid::nil().to_string()),
        }
    }

    /// Puts up the fence, and with it the settings that the view has for its time.
    async fn raise(&self, read: &Read, settings: &str) -> Result<(), Error> {
        if read.backend() == Backend::Sqlite {
            return Ok(());
        }
        let (fence, values) = match self {
            Self::Platform => (
                "SELECT set_config('role', 'lastmile_platform', true)",
                vec![],
            ),
            Self::Isp(isp_id) => (
                "SELECT set_config('role', 'lastmile_app', true), \
                 set_config('app.isp_id', $1, true)",
                sql::values![isp_id.as_str()],
            ),
            Self::Tenancy { id, isps } => (
                "SELECT set_config('role', 'lastmile_tenancy', true), \
                 set_config('app.tenancy_id', $1, true), set_config('app.isp_ids', $2, true)",
                sql::values![id.as_str(), isps.as_str()],
            ),
        };
        sql::row(read, &format!("{fence}{settings}"), values).await?;
        Ok(())
    }
}
