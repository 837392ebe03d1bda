//! Accounting outlives its store: what the store does not take goes to disk, is acknowledged when
//! it is there, and reaches the store when that is back.
//!
//! While the spool holds anything, new reports queue behind it, so the store gets them in the order
//! in which they came. It would not need to: storing is idempotent and takes any order; for that
//! reason what a crash leaves half drained is simply drained again. A full spool means silence, and
//! the routers send again.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::network::ports::{AccountingSink, SinkError};
use domain::network::session::AccountingRecord;
use domain::ports::PortFuture;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

mod log;

use log::{Found, SpoolLog};

/// Reports drained at once.
const BATCH: usize = 1_024;
/// How often a report is tried alone before it is set aside.
const TRIES_ALONE: usize = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where the spool is and how it behaves.
#[derive(Debug, Clone)]
pub struct SpoolConfig {
    /// The directory; no other process may use it.
    pub directory: PathBuf,
    /// The most bytes it may hold.
    pub max_bytes: u64,
    /// How long the store may take before it counts as away.
    pub patience: Duration,
}

/// A store with a spool in front.
pub struct SpooledSink {
    store: Arc<dyn AccountingSink>,
    log: Arc<Mutex<SpoolLog>>,
    patience: Duration,
    is_spooling: AtomicBool,
    filled: Notify,
}

impl std::fmt::Debug for SpooledSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpooledSink")
            .field("is_spooling", &self.is_spooling)
            .finish_non_exhaustive()
    }
}

/// Why the store did not take a batch.
#[derive(Debug, thiserror::Error)]
enum NotTaken {
    #[error(transparent)]
    Answered(#[from] SinkError),
    #[error("the store does not answer in time")]
    TimedOut,
}

impl NotTaken {
    /// Whether it is about these reports: a store that is away or busy refuses nobody.
    const fn is_refusal(&self) -> bool {
        matches!(self, Self::Answered(SinkError::Refused(_)))
    }

    /// Whether fewer reports at once may fare better.
    const fn may_be_halved(&self) -> bool {
        match self {
            Self::Answered(SinkError::Unavailable(_)) => false,
            Self::Answered(SinkError::Refused(_)) | Self::TimedOut => true,
        }
    }
}

impl SpooledSink {
    /// Opens the spool; what a process before left in it waits for [`Self::drain`].
    ///
    /// # Errors
    /// The directory cannot be used, or another process uses it.
    pub fn open(config: &SpoolConfig, store: Arc<dyn AccountingSink>) -> io::Result<Arc<Self>> {
        let log = SpoolLog::open(&config.directory, config.max_bytes)?;
        let waiting = log.bytes();
        if waiting > 0 {
            tracing::info!(bytes = waiting, "the accounting spool is not empty");
        }
        Ok(Arc::new(Self {
            store,
            log: Arc::new(Mutex::new(log)),
            patience: config.patience,
            is_spooling: AtomicBool::new(waiting > 0),
            filled: Notify::new(),
        }))
    }

    /// Whether reports go to disk at present.
    #[must_use]
    pub fn is_spooling(&self) -> bool {
        self.is_spooling.load(Ordering::Acquire)
    }

    /// Brings what is spooled to the store until told to stop.
    pub async fn drain(self: Arc<Self>, stop: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            let wait = match self.drain_some().await {
                Ok(true) => {
                    pause = FIRST_PAUSE;
                    continue;
                }
                Ok(false) => Duration::from_secs(3_600),
                Err(error) => {
                    tell(&error);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    pause
                }
            };
            let emptied = wait > LONGEST_PAUSE;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                () = self.filled.notified(), if emptied => {}
            }
        }
    }

    async fn take(&self, records: &[Arc<AccountingRecord>]) -> Result<(), NotTaken> {
        match timeout(self.patience, self.store.record(records.to_vec())).await {
            Ok(stored) => Ok(stored?),
            Err(_) => Err(NotTaken::TimedOut),
        }
    }

    async fn spool(
        &self,
        log: OwnedMutexGuard<SpoolLog>,
        records: Vec<Arc<AccountingRecord>>,
    ) -> Result<(), SinkError> {
        let count = records.len();
        let bytes = on_disk(log, move |log| {
            log.append(&records)?;
            Ok(log.bytes())
        })
        .await
        .map_err(|error| SinkError::Unavailable(format!("the accounting spool: {error}")))?;
        note_bytes(bytes);
        metrics::counter!("lastmile_accounting_spooled_total")
            .increment(u64::try_from(count).unwrap_or(0));
        self.filled.notify_one();
        Ok(())
    }

    /// Drains one batch; answers false when there was none.
    async fn drain_some(&self) -> Result<bool, DrainError> {
        let log = Arc::clone(&self.log).lock_owned().await;
        let found = on_disk(log, |log| log.read(BATCH)).await?;
        let Found { records, until } = found;
        if records.is_empty() {
            let log = Arc::clone(&self.log).lock_owned().await;
            // Nobody can append between the look and the change: the log is held.
            if log.bytes() > 0 {
                return Ok(true);
            }
            if self.is_spooling.swap(false, Ordering::AcqRel) {
                tracing::info!("the accounting spool is drained");
            }
            return Ok(false);
        }
        let drained = u64::try_from(records.len()).unwrap_or(0);
        let refused = self.store_each(records).await?;
        let log = Arc::clone(&self.log).lock_owned().await;
        let bytes = on_disk(log, move |log| {
            log.set_aside(&refused)?;
            log.forget(until)?;
            Ok(log.bytes())
        })
        .await?;
        note_bytes(bytes);
        metrics::counter!("lastmile_accounting_drained_total").increment(drained);
        Ok(true)
    }

    /// Stores a batch; one report that the store refuses does not hold up the others and is
    /// answered. That the store takes nothing at all is an error.
    async fn store_each(
        &self,
        records: Vec<Arc<AccountingRecord>>,
    ) -> Result<Vec<Arc<AccountingRecord>>, DrainError> {
        let (mut refused, mut waiting) = (Vec::new(), vec![records]);
        while let Some(mut batch) = waiting.pop() {
            let Err(error) = self.take(&batch).await else {
                continue;
            };
            if !error.may_be_halved() {
                return Err(error.into());
            }
            // A store that takes nothing does not even take an empty batch.
            self.take(&[]).await?;
            if batch.len() > 1 {
                waiting.push(batch.split_off(batch.len() / 2));
                waiting.push(batch);
            } else if self.is_refused(&batch).await? {
                for record in &batch {
                    tracing::error!(
                        %error,
                        nas.id = %record.nas_id,
                        session.key = ?record.session_key,
                        "the store refuses an accounting report: it is set aside"
                    );
                }
                metrics::counter!("lastmile_accounting_set_aside_total").increment(1);
                refused.append(&mut batch);
            }
        }
        Ok(refused)
    }

    async fn is_refused(&self, alone: &[Arc<AccountingRecord>]) -> Result<bool, DrainError> {
        for _ in 1..TRIES_ALONE {
            tokio::time::sleep(FIRST_PAUSE).await;
            match self.take(alone).await {
                Ok(()) => return Ok(false),
                Err(error) if !error.is_refusal() => return Err(error.into()),
                Err(_) => {}
            }
            self.take(&[]).await?;
        }
        Ok(true)
    }
}

impl AccountingSink for SpooledSink {
    fn record(&self, records: Vec<Arc<AccountingRecord>>) -> PortFuture<'_, Result<(), SinkError>> {
        Box::pin(async move {
            if self.is_spooling() {
                let log = Arc::clone(&self.log).lock_owned().await;
                if self.is_spooling() {
                    return self.spool(log, records).await;
                }
            }
            let Err(error) = self.take(&records).await else {
                return Ok(());
            };
            let log = Arc::clone(&self.log).lock_owned().await;
            if !self.is_spooling.swap(true, Ordering::AcqRel) {
                tracing::warn!(%error, "accounting goes to the spool");
            }
            self.spool(log, records).await
        })
    }
}

#[derive(Debug, thiserror::Error)]
enum DrainError {
    #[error(transparent)]
    Away(#[from] NotTaken),
    #[error(transparent)]
    Disk(#[from] io::Error),
}

// That the store is away was said when the spool began to fill.
fn tell(error: &DrainError) {
    match error {
        DrainError::Away(error) => {
            tracing::debug!(%error, "the accounting spool waits for its store");
        }
        DrainError::Disk(error) => {
            tracing::error!(%error, "the accounting spool cannot be read or written");
        }
    }
}

async fn on_disk<T: Send + 'static>(
    mut log: OwnedMutexGuard<SpoolLog>,
    work: impl FnOnce(&mut SpoolLog) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(move || work(&mut log))
        .await
        .map_err(io::Error::other)?
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float, and a spool is smaller than 2^53 bytes"
)]
fn note_bytes(bytes: u64) {
    metrics::gauge!("lastmile_accounting_spool_bytes").set(bytes as f64);
}
