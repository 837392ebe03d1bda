//! A view of the database, and a unit of work over it.
//!
//! A unit of work is a value and not a closure: futures of async closures that borrow are not
//! `Send` for every lifetime, which background jobs need. Dropping it rolls back.

use std::{
    fmt,
    ops::Deref,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, Utc};
use domain::{
    authz::{Actor, PermissionMarker, Proof, Resource},
    ids::{IspId, UserId},
};
use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, DbErr, ExecResult, QueryResult, Statement,
};
use serde_json::Value;
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use crate::{
    audit,
    db::Backend,
    error::Error,
    sql::{self, values},
};

/// A consistent view of the database.
///
/// It goes on only while every statement succeeds. After one that did not, PostgreSQL refuses the
/// others and answers a COMMIT by undoing all without an error; SQLite may have undone all by
/// itself, and would keep each further statement as a unit of work of its own.
pub struct Read {
    transaction: DatabaseTransaction,
    backend: Backend,
    failed: AtomicBool,
}

/// Marks the view as failed unless its statement came to a good end: one that is dropped halfway
/// leaves nobody to say what became of it.
struct Attempt<'a> {
    failed: &'a AtomicBool,
    succeeded: bool,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.succeeded {
            self.failed.store(true, Ordering::Release);
        }
    }
}

impl fmt::Debug for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Read")
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}

impl Read {
    pub(crate) const fn new(transaction: DatabaseTransaction, backend: Backend) -> Self {
        Self {
            transaction,
            backend,
            failed: AtomicBool::new(false),
        }
    }

    pub(crate) async fn execute(&self, statement: Statement) -> Result<ExecResult, Error> {
        self.attempt(self.transaction.execute_raw(statement)).await
    }

    pub(crate) async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        self.attempt(self.transaction.query_all_raw(statement))
            .await
    }

    pub(crate) async fn query_one(
        &self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, Error> {
        self.attempt(self.transaction.query_one_raw(statement))
            .await
    }

    async fn attempt<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, Error> {
        self.still_whole()?;
        let mut attempt = Attempt {
            failed: &self.failed,
            succeeded: false,
        };
        let outcome = statement.await?;
        attempt.succeeded = true;
        Ok(outcome)
    }

    fn still_whole(&self) -> Result<(), Error> {
        if self.failed.load(Ordering::Acquire) {
            let why = "a statement of this unit of work failed before: it cannot go on";
            return Err(Error::Unexpected(why.to_owned()));
        }
        Ok(())
    }

    /// Which database this is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// From here on PostgreSQL plans each statement once for its connection, as it does for what is
    /// looked up by its id.
    pub(crate) async fn plan_once(&self) -> Result<(), Error> {
        if self.backend == Backend::Postgres {
            let settings = "SET LOCAL plan_cache_mode = force_generic_plan; \
                            SET LOCAL enable_seqscan = off";
            self.attempt(self.transaction.execute_unprepared(settings))
                .await?;
        }
        Ok(())
    }

    /// Ends the view; dropping it does the same a little later.
    pub async fn done(self) -> Result<(), Error> {
        Ok(self.transaction.rollback().await?)
    }
}

/// A unit of work: all of it happens at `commit`, or nothing.
#[must_use = "a unit of work that is not committed is rolled back"]
pub struct Tx {
    read: Read,
    origin: Origin,
    now: DateTime<Utc>,
    change: Mutex<Change>,
    /// Held until the end on SQLite, which has one writer.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx")
            .field("name", &self.origin.name)
            .finish_non_exhaustive()
    }
}

/// Whose unit of work it is and what permits it.
pub(crate) struct Origin {
    pub(crate) name: &'static str,
    pub(crate) actor: Actor,
    pub(crate) isp_id: Option<IspId>,
    pub(crate) tenancy_id: Option<Uuid>,
    pub(crate) audited: Option<Audited>,
}

/// What the audit line says besides who and when.
pub(crate) struct Audited {
    pub(crate) permission: &'static str,
    pub(crate) resource_type: &'static str,
    pub(crate) resource_id: Option<Uuid>,
}

#[derive(Default)]
pub(crate) struct Change {
    pub(crate) resource_type: Option<&'static str>,
    pub(crate) resource_id: Option<Uuid>,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

impl Origin {
    pub(crate) fn of_proof<P: PermissionMarker, R: Resource>(
        name: &'static str,
        proof: &Proof<P, R>,
    ) -> Self {
        let resource = proof.resource();
        Self {
            name,
            actor: proof.actor().clone(),
            isp_id: resource.isp_id(),
            tenancy_id: resource.tenancy_id().map(domain::ids::TenancyId::as_uuid),
            audited: Some(Audited {
                permission: proof.permission().as_str(),
                resource_type: R::KIND,
                resource_id: resource.audit_id(),
            }),
        }
    }

    pub(crate) fn of_own_account(name: &'static str, actor: &Actor, user_id: UserId) -> Self {
        Self {
            audited: Some(Audited {
                permission: "own_account",
                resource_type: "user",
                resource_id: Some(user_id.as_uuid()),
            }),
            ..Self::of_platform(name, actor)
        }
    }

    pub(crate) fn of_platform(name: &'static str, actor: &Actor) -> Self {
        Self {
            name,
            actor: actor.clone(),
            isp_id: actor.isp_id(),
            tenancy_id: None,
            audited: None,
        }
    }
}

impl Deref for Tx {
    type Target = Read;

    fn deref(&self) -> &Read {
        &self.read
    }
}

impl Tx {
    pub(crate) fn new(
        read: Read,
        origin: Origin,
        now: DateTime<Utc>,
        turn: Option<OwnedMutexGuard<()>>,
    ) -> Self {
        Self {
            read,
            origin,
            now,
            change: Mutex::default(),
            _turn: turn,
        }
    }

    /// Finds the ISP and the tenancy of an account, so that its admins see the audit line.
    pub(crate) async fn find_home(&mut self, user_id: UserId) -> Result<(), Error> {
        let home = "SELECT u.isp_id, COALESCE(u.tenancy_id, i.tenancy_id) AS tenancy_id \
                    FROM app_user u LEFT JOIN isp i ON i.id = u.isp_id WHERE u.id = $1";
        if let Some(row) = sql::row(&self.read, home, values![user_id.as_uuid()]).await? {
            let isp_id: Option<Uuid> = row.try_get("", "isp_id")?;
            self.origin.isp_id = isp_id.map(IspId::from_uuid);
            self.origin.tenancy_id = row.try_get("", "tenancy_id")?;
        }
        Ok(())
    }

    /// The instant of this unit of work.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Who does it.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.origin.actor
    }

    /// The ISP whose rows it changes.
    #[must_use]
    pub const fn isp_id(&self) -> Option<IspId> {
        self.origin.isp_id
    }

    /// What the audit line shows as before and after. Secrets never go in.
    pub fn record_change(&self, before: Option<Value>, after: Option<Value>) {
        let mut change = self
            .change
            .lock()
            .expect("invariant: nothing panics while it is held");
        change.before = before;
        change.after = after;
    }

    /// Names the thing that was made, so that the audit line points at it and not at its owner.
    pub fn set_resource(&self, kind: &'static str, id: Uuid) {
        let mut change = self
            .change
            .lock()
            .expect("invariant: nothing panics while it is held");
        change.resource_type = Some(kind);
        change.resource_id = Some(id);
    }

    /// Writes the audit line and makes everything happen.
    pub async fn commit(self) -> Result<(), Error> {
        let change = std::mem::take(
            &mut *self
                .change
                .lock()
                .expect("invariant: nothing panics while it is held"),
        );
        audit::write(&self.read, &self.origin, change, self.now).await?;
        let name = self.origin.name;
        self.read.still_whole()?;
        let outcome = self.read.transaction.commit().await.map_err(Error::from);
        metrics::counter!("lastmile_units_of_work_total", "name" => name, "outcome" => if outcome.is_ok() { "committed" } else { "failed" }).increment(1);
        outcome
    }

    /// Undoes everything.
    pub async fn rollback(self) -> Result<(), Error> {
        Ok(self.read.transaction.rollback().await?)
    }
}
