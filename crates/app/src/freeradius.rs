//! A FreeRADIUS that an ISP keeps: its tables are held in step with ours, both ways.
//!
//! Customers, packages and routers go out as radcheck, radreply, radusergroup, radgroupcheck,
//! radgroupreply and nas; sessions and answers come back from radacct and radpostauth. Passwords
//! stand there in the clear, because FreeRADIUS must read them: so it is done for one ISP, and only
//! when the configuration names it.

mod answers;
mod mirror;
mod rows;
mod sessions;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    authz::{Actor, SystemActor},
    ids::IspId,
    network::ports::AccountingSink,
};
use persistence::{Backend, Error, Tx, repo::freeradius as tables};
use tokio_util::sync::CancellationToken;

use crate::{ctx::AppCtx, directory::Directory};

/// How often FreeRADIUS's tables are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// What changes by the clock alone is written this often.
const REFRESH: Duration = Duration::from_secs(60);

/// Holds the tables of one ISP in step.
pub struct Bridge {
    ctx: AppCtx,
    isp_id: IspId,
    directory: Arc<Directory>,
    sink: Arc<dyn AccountingSink>,
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge")
            .field("isp_id", &self.isp_id)
            .finish_non_exhaustive()
    }
}

/// What was written last, and how long that took.
struct Written {
    version: u64,
    at: Instant,
    took: Duration,
}

impl Bridge {
    /// A bridge for that ISP; the directory must be kept in step by somebody.
    #[must_use]
    pub fn new(
        ctx: AppCtx,
        isp_id: IspId,
        directory: Arc<Directory>,
        sink: Arc<dyn AccountingSink>,
    ) -> Self {
        Self {
            ctx,
            isp_id,
            directory,
            sink,
        }
    }

    /// Keeps both sides in step until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let mut written = None;
        loop {
            if let Err(error) = self.step(&mut written).await {
                tracing::warn!(%error, "FreeRADIUS's tables could not be kept in step");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn step(&self, written: &mut Option<Written>) -> Result<(), BridgeError> {
        let version = self.directory.version();
        let is_due = written.as_ref().is_none_or(|last| {
            // Many customers take a while to compare: that must not become all we do.
            let is_changed = last.version != version && last.at.elapsed() > last.took * 10;
            is_changed || last.at.elapsed() > REFRESH
        });
        if is_due {
            let begun = Instant::now();
            self.write_customers().await?;
            *written = Some(Written {
                version,
                at: Instant::now(),
                took: begun.elapsed(),
            });
        }
        while self.take_sessions().await? {}
        while self.take_answers().await? {}
        Ok(())
    }

    /// Brings both sides in step now and once; for tests.
    pub async fn catch_up(&self) -> Result<(), BridgeError> {
        self.step(&mut None).await
    }

    async fn begin(&self, name: &'static str) -> Result<Tx, Error> {
        let tx = begin(&self.ctx, name).await?;
        tables::lock(&tx).await?;
        Ok(tx)
    }
}

/// Why a step was not made.
#[derive(Debug, thiserror::Error)]
pub enum BridgeError {
    /// The database could not be used.
    #[error(transparent)]
    Database(#[from] Error),
    /// Accounting could not be stored.
    #[error(transparent)]
    Sink(#[from] domain::network::ports::SinkError),
}

/// Takes passwords and secrets out of FreeRADIUS's tables: nobody is mirrored any more.
pub async fn switch_off(ctx: &AppCtx) -> Result<(), Error> {
    if ctx.db.backend() == Backend::Sqlite {
        return Ok(());
    }
    let tx = begin(ctx, "clear_freeradius").await?;
    tables::lock(&tx).await?;
    tables::clear(&tx).await?;
    tx.commit().await
}

async fn begin(ctx: &AppCtx, name: &'static str) -> Result<Tx, Error> {
    let actor = Actor::System(SystemActor::Installation);
    ctx.db.begin_platform(name, &actor).await
}
