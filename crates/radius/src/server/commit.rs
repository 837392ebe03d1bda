//! Makes reports durable, then acknowledges them.
//!
//! Group commit: what waits is stored in one batch, then every report of it is acknowledged. What
//! could not be stored is met with silence, so that the routers send it again.

use std::sync::Arc;
use std::time::Duration;

use domain::network::ports::{AccountingSink, SinkError};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::server::accounting::{AccountingHandler, Acknowledgement, PendingReport};
use crate::server::reply_cache::ReplyCache;

/// How reports are gathered into batches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batching {
    pub(crate) records: usize,
    pub(crate) wait: Duration,
    pub(crate) sink_timeout: Duration,
}

/// Stores batches until every receiving task is gone and the queue is empty.
pub(crate) async fn commit_batches(
    mut queue: mpsc::Receiver<PendingReport>,
    sink: Arc<dyn AccountingSink>,
    handler: Arc<AccountingHandler>,
    batching: Batching,
) {
    let mut batch = Vec::with_capacity(batching.records);
    let mut was_stored = true;
    while queue.recv_many(&mut batch, batching.records).await > 0 {
        fill(&mut queue, &mut batch, batching).await;
        let reports = std::mem::take(&mut batch);
        let settled = settle(sink.as_ref(), reports, batching.sink_timeout).await;
        handler
            .shared
            .counters
            .batch_done(settled.stored.len(), settled.failed.len());
        report_change(was_stored, settled.error.as_ref());
        was_stored = settled.error.is_none();
        for report in &settled.stored {
            acknowledge(&handler.replies, &report.acknowledgement).await;
        }
        for report in &settled.failed {
            handler.replies.forget(&report.acknowledgement.key);
        }
    }
}

async fn fill(
    queue: &mut mpsc::Receiver<PendingReport>,
    batch: &mut Vec<PendingReport>,
    batching: Batching,
) {
    let gather = async {
        while batch.len() < batching.records {
            if queue.recv_many(batch, batching.records - batch.len()).await == 0 {
                break;
            }
        }
    };
    // Running out of time is the ordinary end: the batch is what came until then.
    timeout(batching.wait, gather).await.unwrap_or_default();
}

#[derive(Default)]
struct Settled {
    stored: Vec<PendingReport>,
    failed: Vec<PendingReport>,
    error: Option<StoreFailure>,
}

#[derive(Debug, thiserror::Error)]
enum StoreFailure {
    #[error(transparent)]
    Answered(#[from] SinkError),
    #[error("the store does not answer in time")]
    TimedOut,
}

fn is_refusal(error: Option<&StoreFailure>) -> bool {
    matches!(error, Some(StoreFailure::Answered(SinkError::Refused(_))))
}

/// Stores a batch. One report the store cannot take must not hold up the others, so a batch that
/// failed is halved until the bad report stands alone; two bad halves mean that the store is away.
async fn settle(
    sink: &dyn AccountingSink,
    reports: Vec<PendingReport>,
    patience: Duration,
) -> Settled {
    let mut settled = Settled {
        stored: Vec::with_capacity(reports.len()),
        ..Settled::default()
    };
    let mut suspects = reports;
    settled.error = store(sink, &suspects, patience).await.err();
    while suspects.len() > 1 && is_refusal(settled.error.as_ref()) {
        let second = suspects.split_off(suspects.len() / 2);
        let outcomes = (
            store(sink, &suspects, patience).await,
            store(sink, &second, patience).await,
        );
        match outcomes {
            (Ok(()), Ok(())) => {
                settled.stored.append(&mut suspects);
                settled.stored.extend(second);
                settled.error = None;
            }
            (Ok(()), Err(error)) => {
                settled.stored.append(&mut suspects);
                suspects = second;
                settled.error = Some(error);
            }
            (Err(error), Ok(())) => {
                settled.stored.extend(second);
                settled.error = Some(error);
            }
            (Err(_), Err(_)) => {
                suspects.extend(second);
                break;
            }
        }
    }
    match &settled.error {
        None => settled.stored.append(&mut suspects),
        Some(error) => blame(&suspects, !settled.stored.is_empty(), error),
    }
    settled.failed = suspects;
    settled
}

async fn store(
    sink: &dyn AccountingSink,
    reports: &[PendingReport],
    patience: Duration,
) -> Result<(), StoreFailure> {
    let records = reports
        .iter()
        .map(|report| Arc::clone(&report.record))
        .collect();
    match timeout(patience, sink.record(records)).await {
        Ok(stored) => Ok(stored?),
        Err(_) => Err(StoreFailure::TimedOut),
    }
}

fn blame(suspects: &[PendingReport], others_were_stored: bool, error: &StoreFailure) {
    let [suspect] = suspects else { return };
    if others_were_stored {
        tracing::error!(
            %error,
            nas.id = %suspect.record.nas_id,
            session.key = ?suspect.record.session_key,
            "the store refuses one accounting report and takes the others"
        );
    }
}

async fn acknowledge(replies: &ReplyCache, acknowledgement: &Acknowledgement) {
    let Acknowledgement { key, bytes, route } = acknowledgement;
    replies.answered(key, bytes);
    if let Some(route) = route {
        route.send(bytes, key.source).await;
    }
}

// Once per change: a store that is away must not fill the log with what the counters say.
fn report_change(was_stored: bool, error: Option<&StoreFailure>) {
    match (was_stored, error) {
        (true, Some(error)) => tracing::error!(%error, "accounting is not stored, routers retry"),
        (false, None) => tracing::info!("accounting is stored again"),
        _ => {}
    }
}
