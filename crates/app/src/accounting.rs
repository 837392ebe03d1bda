//! Where RADIUS accounting goes: one transaction for a batch, acknowledged after its commit.

use std::{collections::HashMap, fmt, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{Actor, SystemActor},
    ids::NasId,
    network::{
        ports::{AccountingSink, SinkUnavailable},
        session::AccountingRecord,
    },
    ports::PortFuture,
};
use parking_lot::Mutex;
use persistence::repo::sessions;

use crate::ctx::AppCtx;

/// A router's "last seen" is written at most this often.
const SEEN_EVERY: TimeDelta = TimeDelta::seconds(30);

/// Writes accounting into the database.
pub struct DatabaseSink {
    ctx: AppCtx,
    seen: Mutex<HashMap<NasId, DateTime<Utc>>>,
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
        Arc::new(Self {
            ctx,
            seen: Mutex::default(),
        })
    }

    async fn write(&self, records: &[AccountingRecord]) -> Result<(), persistence::Error> {
        let actor = Actor::System(SystemActor::Installation);
        let tx = self
            .ctx
            .db
            .begin_platform("record_accounting", &actor)
            .await?;
        sessions::apply(&tx, records).await?;
        let newly_seen = self.newly_seen(records, tx.now());
        for &nas_id in &newly_seen {
            sessions::touch_nas(&tx, nas_id, tx.now()).await?;
        }
        let now = tx.now();
        tx.commit().await?;
        self.seen
            .lock()
            .extend(newly_seen.into_iter().map(|nas_id| (nas_id, now)));
        Ok(())
    }

    fn newly_seen(&self, records: &[AccountingRecord], now: DateTime<Utc>) -> Vec<NasId> {
        let seen = self.seen.lock();
        let mut routers: Vec<NasId> = records.iter().map(|record| record.nas_id).collect();
        routers.sort();
        routers.dedup();
        routers.retain(|id| seen.get(id).is_none_or(|&at| at + SEEN_EVERY <= now));
        routers
    }
}

impl AccountingSink for DatabaseSink {
    fn record(
        &self,
        records: Vec<AccountingRecord>,
    ) -> PortFuture<'_, Result<(), SinkUnavailable>> {
        Box::pin(async move {
            self.write(&records).await.map_err(|error| {
                tracing::warn!(%error, records = records.len(), "accounting was not stored");
                SinkUnavailable(error.to_string())
            })
        })
    }
}
