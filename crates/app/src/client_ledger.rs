//! Keeps what a RADIUS server sees and counts of its clients and realms, where other processes can
//! read it.

use std::{fmt, sync::Arc, time::Duration};

use domain::{
    authz::{Actor, SystemActor},
    network::ports::{ClientReport, ClientReports, RealmReport},
};
use persistence::{
    change_feed::{self, Change, ChangeKind},
    repo::{nas_reports, realm_reports},
};
use tokio_util::sync::CancellationToken;

use crate::ctx::AppCtx;

/// How often reports are written.
const EVERY: Duration = Duration::from_secs(10);

/// Writes the reports of one server.
pub struct ClientLedger {
    ctx: AppCtx,
    reports: Arc<dyn ClientReports>,
}

impl fmt::Debug for ClientLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientLedger").finish_non_exhaustive()
    }
}

impl ClientLedger {
    /// A ledger for a server.
    #[must_use]
    pub fn new(ctx: AppCtx, reports: Arc<dyn ClientReports>) -> Self {
        Self { ctx, reports }
    }

    /// Writes now and then until told to stop, and a last time then.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let is_last = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(EVERY) => false,
            };
            if let Err(error) = self.write().await {
                tracing::warn!(%error, "what RADIUS clients did was not written, and is kept");
            }
            if is_last {
                return;
            }
        }
    }

    /// Writes what came together; what cannot be written is kept for the next time.
    pub async fn write(&self) -> Result<(), persistence::Error> {
        let (reports, realms) = (self.reports.take(), self.reports.take_realms());
        if reports.is_empty() && realms.is_empty() {
            return Ok(());
        }
        let written = self.try_write(&reports, &realms).await;
        if written.is_err() {
            self.reports.put_back(reports);
            self.reports.put_back_realms(realms);
        }
        written
    }

    async fn try_write(
        &self,
        reports: &[ClientReport],
        realms: &[RealmReport],
    ) -> Result<(), persistence::Error> {
        let actor = Actor::System(SystemActor::Installation);
        let db = &self.ctx.db;
        let tx = db.begin_platform("keep_client_reports", &actor).await?;
        nas_reports::apply(&tx, reports).await?;
        realm_reports::apply(&tx, realms).await?;
        // What one server learnt counts for all of them.
        let news = reports
            .iter()
            .find(|report| report.sources.iter().any(|source| source.is_news));
        if let Some(report) = news {
            let change = Change {
                kind: ChangeKind::Nas,
                isp_id: report.isp_id,
                subject_id: report.nas_id.as_uuid(),
            };
            change_feed::note(&tx, change).await?;
        }
        tx.commit().await?;
        if news.is_some() {
            self.ctx.signals.committed();
        }
        Ok(())
    }
}
