//! Claims jobs and carries them out: any number of processes on one database, each job once.

use std::{fmt, time::Duration};

use chrono::TimeDelta;
use domain::{
    authz::{Actor, SystemActor},
    ids::{IspId, JobId},
};
use persistence::jobs::{self as queue, Ended, JobRow, Queue};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    ctx::{AppCtx, WorkerCtx},
    jobs::{self, Job, JobError, Running},
};

/// How often the queue is looked at when nobody in this process rings.
const POLL: Duration = Duration::from_secs(1);
/// For how long a job belongs to a worker that was not heard of.
const LEASE: TimeDelta = TimeDelta::seconds(60);
const HEARTBEAT: Duration = Duration::from_secs(20);

/// How many jobs of a queue one process carries out at once.
const fn concurrency(queue: Queue) -> usize {
    match queue {
        Queue::Network => 16,
        Queue::Money => 1,
        Queue::Reports => 2,
    }
}

/// One process's worker.
#[derive(Clone)]
pub struct Worker {
    ctx: WorkerCtx,
    name: String,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker with a name that no other process has.
    #[must_use]
    pub fn new(ctx: WorkerCtx) -> Self {
        Self {
            ctx,
            name: JobId::generate().to_string(),
        }
    }

    /// Works on every queue until told to stop, then finishes what is running.
    pub async fn run(self, stop: CancellationToken) {
        let mut queues = JoinSet::new();
        for queue in Queue::ALL {
            queues.spawn(self.clone().work_on(queue, stop.clone()));
        }
        while queues.join_next().await.is_some() {}
    }

    async fn work_on(self, queue: Queue, stop: CancellationToken) {
        let mut running = JoinSet::new();
        while !stop.is_cancelled() {
            let free = concurrency(queue) - running.len();
            let claimed = self.claim(queue, free).await;
            let found = !claimed.is_empty();
            for row in claimed {
                let worker = self.clone();
                running.spawn(async move { worker.carry_out(row).await });
            }
            let full = running.len() >= concurrency(queue);
            tokio::select! {
                () = stop.cancelled() => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
                () = self.ctx.app.signals.work(), if !full => {}
                () = tokio::time::sleep(POLL), if !full && !found => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Carries out everything that is due now and answers how much it was; for tests.
    pub async fn drain(&self) -> usize {
        let mut done = 0;
        loop {
            let mut found = 0;
            for queue in Queue::ALL {
                for row in self.claim(queue, 16).await {
                    found += 1;
                    self.carry_out(row).await;
                }
            }
            if found == 0 {
                return done;
            }
            done += found;
        }
    }

    async fn claim(&self, queue: Queue, limit: usize) -> Vec<JobRow> {
        let limit = i64::try_from(limit).unwrap_or(1);
        match self.try_claim(queue, limit).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, queue = queue.as_str(), "jobs could not be claimed");
                Vec::new()
            }
        }
    }

    async fn try_claim(&self, queue: Queue, limit: i64) -> Result<Vec<JobRow>, persistence::Error> {
        if limit == 0 || !self.has_ready(queue).await? {
            return Ok(Vec::new());
        }
        let tx = begin(&self.ctx.app, "claim_jobs").await?;
        let rows = queue::claim(&tx, queue, &self.name, LEASE, limit).await?;
        tx.commit().await?;
        Ok(rows)
    }

    /// Looking is cheap; claiming takes the writer's turn.
    async fn has_ready(&self, queue: Queue) -> Result<bool, persistence::Error> {
        let read = self.ctx.app.db.read_platform().await?;
        let ready = queue::any_ready(&read, queue, self.ctx.app.clock.now()).await?;
        read.done().await?;
        Ok(ready)
    }

    async fn carry_out(&self, row: JobRow) {
        let id = JobId::from_uuid(row.id);
        let started = std::time::Instant::now();
        let outcome = match Job::of_row(&row) {
            Ok(job) => self.run_with_heartbeat(&row, job).await,
            Err(error) => Err(error),
        };
        let ended = self.ended(&row, outcome);
        let state = match &ended {
            Ended::Done(_) => "done",
            Ended::Retry { error, .. } | Ended::Dead(error) => {
                tracing::warn!(job.id = %id, job.kind = row.kind, attempt = row.attempts, error, "a job failed");
                if matches!(ended, Ended::Dead(_)) {
                    "dead"
                } else {
                    "retry"
                }
            }
        };
        metrics::counter!("lastmile_jobs_total", "kind" => row.kind.clone(), "outcome" => state)
            .increment(1);
        metrics::histogram!("lastmile_job_seconds", "kind" => row.kind.clone())
            .record(started.elapsed());
        self.note_end_in_time(id, &ended).await;
        self.ctx.app.signals.committed();
    }

    /// Notes the end as long as the job is ours. A database that takes nothing for that long leaves
    /// it to another worker, who does it again: jobs are idempotent.
    async fn note_end_in_time(&self, id: JobId, ended: &Ended) {
        let lease = LEASE.to_std().unwrap_or_default();
        let deadline = std::time::Instant::now() + lease;
        loop {
            let Err(error) = self.note_end(id, ended.clone()).await else {
                return;
            };
            if !error.is_passing() || std::time::Instant::now() > deadline {
                tracing::warn!(job.id = %id, %error, "the end of a job could not be noted");
                return;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn run_with_heartbeat(
        &self,
        row: &JobRow,
        job: Job,
    ) -> Result<serde_json::Value, JobError> {
        let running = Running {
            id: JobId::from_uuid(row.id),
            attempt: row.attempts,
            isp_id: row.isp_id.map(IspId::from_uuid),
        };
        // Both go on together: a job that holds the writer's turn keeps a heartbeat waiting, and
        // must not wait for it.
        tokio::select! {
            outcome = jobs::run(&self.ctx, job, running) => outcome,
            () = self.heartbeat(running.id) => {
                Err(JobError::Later("another worker took the job over".to_owned()))
            }
        }
    }

    /// Keeps the job ours, and returns when it is no longer.
    async fn heartbeat(&self, id: JobId) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            match self.extend(id).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(job.id = %id, %error, "a heartbeat was missed"),
            }
        }
    }

    fn ended(&self, row: &JobRow, outcome: Result<serde_json::Value, JobError>) -> Ended {
        match outcome {
            Ok(result) => Ended::Done(result),
            Err(JobError::Later(error)) if row.attempts < row.max_attempts => {
                let at = self.ctx.app.clock.now() + jobs::backoff(row.attempts);
                Ended::Retry { at, error }
            }
            Err(JobError::Later(error) | JobError::Final(error)) => Ended::Dead(error),
        }
    }

    async fn note_end(&self, id: JobId, ended: Ended) -> Result<(), persistence::Error> {
        let tx = begin(&self.ctx.app, "end_job").await?;
        queue::end(&tx, id, &self.name, ended).await?;
        tx.commit().await
    }

    async fn extend(&self, id: JobId) -> Result<bool, persistence::Error> {
        let tx = begin(&self.ctx.app, "extend_job").await?;
        let ours = queue::extend(&tx, id, &self.name, LEASE).await?;
        tx.commit().await?;
        Ok(ours)
    }
}

/// Tells those who watch a job how far it is.
pub async fn report_progress(
    ctx: &AppCtx,
    id: JobId,
    done: i64,
    total: i64,
    failures: i64,
) -> Result<(), persistence::Error> {
    let tx = begin(ctx, "report_progress").await?;
    queue::progress(&tx, id, done, total, failures).await?;
    tx.commit().await
}

async fn begin(ctx: &AppCtx, name: &'static str) -> Result<persistence::Tx, persistence::Error> {
    ctx.db
        .begin_platform(name, &Actor::System(SystemActor::Installation))
        .await
}
