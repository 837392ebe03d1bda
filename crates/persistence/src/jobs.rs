//! Durable background work: rows written with the change that asks for it, claimed by workers.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{IspId, JobId, OperatorId};
use sea_orm::FromQueryResult;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    error::Error,
    sql::{self, values},
    tx::{Read, Tx},
};

/// What kind of work shares a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Talks to routers.
    Network,
    /// Moves money.
    Money,
    /// Long reading and writing: imports, reports.
    Reports,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 3] = [Self::Network, Self::Money, Self::Reports];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Money => "money",
            Self::Reports => "reports",
        }
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for its time and a worker.
    Queued,
    /// A worker is at it.
    Running,
    /// Done.
    Done,
    /// Failed as often as it may; a person decides.
    Dead,
    /// Called off before it was done.
    Cancelled,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Done,
        Self::Dead,
        Self::Cancelled,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Work to be done.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Which job, by its name.
    pub kind: &'static str,
    /// Which workers do it.
    pub queue: Queue,
    /// Ids of what it is about, nothing else.
    pub payload: Value,
    /// Not before this instant; now when absent.
    pub run_at: Option<DateTime<Utc>>,
    /// While a job with this key waits, another is not added. One that runs already may have looked
    /// before what is asked for now came about, so then another waits for its end.
    pub dedup_key: Option<String>,
    /// After so many failures it is dead.
    pub max_attempts: i64,
    /// Whose; the unit of work's own ISP when absent.
    pub isp_id: Option<IspId>,
}

/// A job as the database keeps it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct JobRow {
    /// Its identifier.
    pub id: Uuid,
    /// Whose.
    pub isp_id: Option<Uuid>,
    /// Which job.
    pub kind: String,
    /// Ids of what it is about.
    pub payload: Value,
    /// Where it stands, by name.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// How often it may be tried.
    pub max_attempts: i64,
    /// How much is done.
    pub progress_done: i64,
    /// How much there is; zero while unknown.
    pub progress_total: i64,
    /// How much went wrong.
    pub failures: i64,
    /// What came of it.
    pub result: Option<Value>,
    /// Why the last try failed.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, isp_id, kind, payload, state, attempts, max_attempts, progress_done, \
    progress_total, failures, result, error, created_at, finished_at";

/// Adds work to be done when the unit of work commits. Answers nothing when the same is waiting.
pub async fn enqueue(tx: &Tx, job: NewJob) -> Result<Option<JobId>, Error> {
    let id = JobId::generate();
    let isp_id = job.isp_id.or_else(|| tx.isp_id());
    let inserted = sql::execute(
        tx,
        "INSERT INTO job (id, isp_id, operator_id, created_by, kind, queue, payload, state, attempts, \
         max_attempts, run_at, dedup_key, progress_done, progress_total, failures, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', 0, $8, $9, $10, 0, 0, 0, $11) \
         ON CONFLICT DO NOTHING",
        values![
            id.as_uuid(),
            isp_id.map(IspId::as_uuid),
            tx.actor().operator_id().map(OperatorId::as_uuid),
            tx.actor().user_id().map(domain::ids::UserId::as_uuid),
            job.kind,
            job.queue.as_str(),
            job.payload,
            job.max_attempts,
            job.run_at.unwrap_or_else(|| tx.now()),
            job.dedup_key,
            tx.now(),
        ],
    )
    .await?;
    Ok((inserted == 1).then_some(id))
}

/// The job that waits under a key.
pub async fn waiting(read: &Read, dedup_key: &str) -> Result<Option<JobId>, Error> {
    let id: Option<Uuid> = sql::scalar(
        read,
        "SELECT id FROM job WHERE dedup_key = $1 AND state = 'queued'",
        values![dedup_key],
    )
    .await?;
    Ok(id.map(JobId::from_uuid))
}

/// Whether no other job with the key of `job` is running.
const ALONE: &str = "NOT EXISTS (SELECT 1 FROM job other WHERE other.dedup_key = job.dedup_key \
    AND other.state = 'running')";

/// Takes up to `limit` jobs whose time has come, also those whose worker went silent.
pub async fn claim(
    tx: &Tx,
    queue: Queue,
    worker: &str,
    lease: TimeDelta,
    limit: i64,
) -> Result<Vec<JobRow>, Error> {
    let skip = tx.backend().for_update_skip_locked();
    sql::all(
        tx,
        &format!(
            "UPDATE job SET state = 'running', locked_by = $1, locked_until = $2, \
             attempts = attempts + 1 \
             WHERE id IN (SELECT id FROM job WHERE queue = $3 AND ((state = 'queued' AND run_at <= $4 AND {ALONE}) \
             OR (state = 'running' AND locked_until < $4)) ORDER BY run_at, id LIMIT $5{skip}) \
             RETURNING {COLUMNS}"
        ),
        values![worker, tx.now() + lease, queue.as_str(), tx.now(), limit],
    )
    .await
}

/// Whether there is anything to claim.
pub async fn any_ready(read: &Read, queue: Queue, now: DateTime<Utc>) -> Result<bool, Error> {
    let found = sql::row(
        read,
        &format!(
            "SELECT 1 FROM job WHERE (queue = $1 AND state = 'queued' AND run_at <= $2 AND {ALONE}) \
             OR (state = 'running' AND locked_until < $2 AND queue = $1) LIMIT 1"
        ),
        values![queue.as_str(), now],
    )
    .await?;
    Ok(found.is_some())
}

/// Keeps a running job for its worker a while longer; false when it is no longer the worker's.
pub async fn extend(tx: &Tx, id: JobId, worker: &str, lease: TimeDelta) -> Result<bool, Error> {
    let touched = sql::execute(
        tx,
        "UPDATE job SET locked_until = $3 WHERE id = $1 AND locked_by = $2 AND state = 'running'",
        values![id.as_uuid(), worker, tx.now() + lease],
    )
    .await?;
    Ok(touched == 1)
}

/// How a try ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// Done, with what came of it.
    Done(Value),
    /// Failed; to be tried again at that instant.
    Retry {
        /// When.
        at: DateTime<Utc>,
        /// Why it failed.
        error: String,
    },
    /// Failed for good.
    Dead(String),
}

/// Notes how a try ended, where another that waits takes the place of trying again; false when the job was no longer the worker's.
pub async fn end(tx: &Tx, id: JobId, worker: &str, ended: Ended) -> Result<bool, Error> {
    let (state, run_at, result, error, finished_at) = match ended {
        Ended::Done(result) => ("done", None, Some(result), None, Some(tx.now())),
        Ended::Retry { error, .. } if same_waits(tx, id).await? => {
            ("cancelled", None, None, Some(error), Some(tx.now()))
        }
        Ended::Retry { at, error } => ("queued", Some(at), None, Some(error), None),
        Ended::Dead(error) => ("dead", None, None, Some(error), Some(tx.now())),
    };
    let touched = sql::execute(
        tx,
        "UPDATE job SET state = $3, run_at = COALESCE($4, run_at), result = $5, error = $6, \
         finished_at = $7, locked_by = NULL, locked_until = NULL \
         WHERE id = $1 AND locked_by = $2 AND state = 'running'",
        values![
            id.as_uuid(),
            worker,
            state,
            run_at,
            result,
            error,
            finished_at
        ],
    )
    .await?;
    Ok(touched == 1)
}

/// Whether another job with the key of this one waits, and so does its work.
async fn same_waits(read: &Read, id: JobId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM job JOIN job other ON other.dedup_key = job.dedup_key \
        WHERE job.id = $1 AND other.id <> job.id AND other.state = 'queued'";
    Ok(sql::row(read, sql, values![id.as_uuid()]).await?.is_some())
}

/// Notes how far a job is, for those who watch it.
pub async fn progress(
    tx: &Tx,
    id: JobId,
    done: i64,
    total: i64,
    failures: i64,
) -> Result<(), Error> {
    sql::execute(
        tx,
        "UPDATE job SET progress_done = $2, progress_total = $3, failures = $4 WHERE id = $1",
        values![id.as_uuid(), done, total, failures],
    )
    .await?;
    Ok(())
}

/// One job.
pub async fn get(read: &Read, id: JobId) -> Result<Option<JobRow>, Error> {
    sql::one(
        read,
        &format!("SELECT {COLUMNS} FROM job WHERE id = $1"),
        values![id.as_uuid()],
    )
    .await
}

/// Puts a dead or cancelled job back into its queue; false when it is neither, or when the same
/// waits there already.
pub async fn retry(tx: &Tx, id: JobId) -> Result<bool, Error> {
    if same_waits(tx, id).await? {
        return Ok(false);
    }
    let touched = sql::execute(
        tx,
        "UPDATE job SET state = 'queued', attempts = 0, run_at = $2, error = NULL, finished_at = NULL \
         WHERE id = $1 AND state IN ('dead', 'cancelled')",
        values![id.as_uuid(), tx.now()],
    )
    .await?;
    Ok(touched == 1)
}

/// Calls a waiting job off; false when it is not waiting.
pub async fn cancel(tx: &Tx, id: JobId) -> Result<bool, Error> {
    let touched = sql::execute(
        tx,
        "UPDATE job SET state = 'cancelled', finished_at = $2 WHERE id = $1 AND state = 'queued'",
        values![id.as_uuid(), tx.now()],
    )
    .await?;
    Ok(touched == 1)
}

/// How many jobs stand where, for the metrics.
pub async fn counts(read: &Read) -> Result<Vec<(String, i64)>, Error> {
    let sql = "SELECT state, COUNT(*) FROM job WHERE state <> 'done' GROUP BY state";
    sql::rows(read, sql, vec![])
        .await?
        .iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// Whether a slot of a schedule is taken already.
pub async fn slot_taken(read: &Read, name: &str, slot: DateTime<Utc>) -> Result<bool, Error> {
    let statement = "SELECT 1 FROM schedule_slot WHERE name = $1 AND slot = $2";
    Ok(sql::row(read, statement, values![name, slot])
        .await?
        .is_some())
}

/// Claims one slot of a schedule; false when another process has it.
pub async fn claim_slot(tx: &Tx, name: &str, slot: DateTime<Utc>) -> Result<bool, Error> {
    let inserted = sql::execute(
        tx,
        "INSERT INTO schedule_slot (name, slot) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        values![name, slot],
    )
    .await?;
    Ok(inserted == 1)
}

/// Forgets finished jobs and slots older than the instant.
pub async fn prune(tx: &Tx, before: DateTime<Utc>) -> Result<u64, Error> {
    sql::execute(
        tx,
        "DELETE FROM schedule_slot WHERE slot < $1",
        values![before],
    )
    .await?;
    sql::execute(
        tx,
        "DELETE FROM job WHERE state IN ('done', 'cancelled') AND finished_at < $1",
        values![before],
    )
    .await
}
