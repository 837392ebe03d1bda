//! Where RADIUS accounting goes: one transaction for a batch, acknowledged after its commit.

use std::{collections::HashMap, fmt, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{Actor, SystemActor},
    ids::{IspId, NasId},
    network::{
        ports::{AccountingSink, SinkError},
        session::AccountingRecord,
        usage::UsageDelta,
    },
    ports::PortFuture,
};
use parking_lot::Mutex;
use persistence::{
    Tx, jobs,
    repo::sessions::{self, Memory},
};

use crate::{ctx::AppCtx, jobs::Job};

/// A router's "last seen" is written at most this often.
const SEEN_EVERY: TimeDelta = TimeDelta::seconds(30);

/// How often a batch is tried that others got in the way of.
const TRIES: usize = 5;

/// Hears of what customers use before it is committed.
///
/// A batch whose commit fails is stored again, so the same step may be heard twice: what must be
/// exact is read from the database by the job that is asked for here.
pub trait UsageListener: Send + Sync {
    /// What customers used moved by these steps; the answered jobs of ISPs are queued with the commit.
    fn moved(&self, deltas: &[UsageDelta]) -> Vec<(IspId, Job)>;
}

/// Writes accounting into the database.
pub struct DatabaseSink {
    ctx: AppCtx,
    listener: Option<Arc<dyn UsageListener>>,
    seen: Mutex<HashMap<NasId, DateTime<Utc>>>,
    memory: Memory,
}

impl fmt::Debug for DatabaseSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseSink").finish_non_exhaustive()
    }
}

impl DatabaseSink {
    /// A sink over the database of this process.
    #[must_use]
    pub fn new(ctx: AppCtx) -> Arc<Self> {
        Self::heard_by(ctx, None)
    }

    /// A sink whose steps of usage are heard.
    #[must_use]
    pub fn heard_by(ctx: AppCtx, listener: Option<Arc<dyn UsageListener>>) -> Arc<Self> {
        Arc::new(Self {
            ctx,
            listener,
            seen: Mutex::default(),
            memory: Memory::default(),
        })
    }

    /// Two processes may hear of one session at once; the later one looks again at what is stored.
    async fn write_in_turn(
        &self,
        records: &[Arc<AccountingRecord>],
    ) -> Result<(), persistence::Error> {
        for _ in 1..TRIES {
            match self.write(records).await {
                Err(persistence::Error::Contention) => {}
                settled => return settled,
            }
        }
        self.write(records).await
    }

    async fn write(&self, records: &[Arc<AccountingRecord>]) -> Result<(), persistence::Error> {
        let actor = Actor::System(SystemActor::Installation);
        let tx = self
            .ctx
            .db
            .begin_platform("record_accounting", &actor)
            .await?;
        let applied = sessions::apply(&tx, &self.memory, records).await?;
        let queued = self.tell(&tx, &applied.deltas).await?;
        let newly_seen = self.newly_seen(records, tx.now());
        for &nas_id in &newly_seen {
            sessions::touch_nas(&tx, nas_id, tx.now()).await?;
        }
        let now = tx.now();
        tx.commit().await?;
        applied.keep_in(&self.memory);
        if queued {
            self.ctx.signals.committed();
        }
        self.seen
            .lock()
            .extend(newly_seen.into_iter().map(|nas_id| (nas_id, now)));
        Ok(())
    }

    async fn tell(&self, tx: &Tx, deltas: &[UsageDelta]) -> Result<bool, persistence::Error> {
        let Some(listener) = self.listener.as_deref().filter(|_| !deltas.is_empty()) else {
            return Ok(false);
        };
        let wanted = listener.moved(deltas);
        for (isp_id, job) in &wanted {
            jobs::enqueue(tx, job.to_new_in(*isp_id)).await?;
        }
        Ok(!wanted.is_empty())
    }

    fn newly_seen(&self, records: &[Arc<AccountingRecord>], now: DateTime<Utc>) -> Vec<NasId> {
        let seen = self.seen.lock();
        let mut routers: Vec<NasId> = records.iter().map(|record| record.nas_id).collect();
        routers.sort();
        routers.dedup();
        routers.retain(|id| seen.get(id).is_none_or(|&at| at + SEEN_EVERY <= now));
        routers
    }
}

impl AccountingSink for DatabaseSink {
    fn record(&self, records: Vec<Arc<AccountingRecord>>) -> PortFuture<'_, Result<(), SinkError>> {
        Box::pin(async move {
            self.write_in_turn(&records).await.map_err(|error| {
                tracing::warn!(%error, records = records.len(), "accounting was not stored");
                if error.is_passing() {
                    SinkError::Unavailable(error.to_string())
                } else {
                    SinkError::Refused(error.to_string())
                }
            })
        })
    }
}
