//! Takes Accounting-Requests and acknowledges them once they are durable.
//!
//! Group commit: what waits is stored in one batch, then every report of it is acknowledged. A
//! batch that could not be stored is met with silence, so that the routers send it again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::network::ports::{AccountingSink, SinkUnavailable};
use domain::network::session::AccountingRecord;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::acct::class::SessionClass;
use crate::acct::ingest::{IngestContext, Report, read_report};
use crate::counters::Discard;
use crate::packet::builder::{BuildError, PacketBuilder};
use crate::packet::codec::Code;
use crate::server::gate::{Known, SigningSources, admit, check_accounting};
use crate::server::open_sessions::counts_until;
use crate::server::reply_cache::{ReplyCache, RequestKey, Seen};
use crate::server::shared::Shared;

/// How long a repetition of a report gets the stored acknowledgement.
const HOLD: Duration = Duration::from_secs(30);
const REMEMBERED_ANSWERS: usize = 131_072;

pub(crate) struct AccountingHandler {
    shared: Arc<Shared>,
    signing: SigningSources,
    replies: ReplyCache,
}

/// What to do with a datagram.
pub(crate) enum Step {
    Answer(Arc<[u8]>),
    Store(PendingReport),
}

/// A report that waits to become durable.
pub(crate) struct PendingReport {
    record: Box<AccountingRecord>,
    acknowledgement: Acknowledgement,
}

struct Acknowledgement {
    key: RequestKey,
    bytes: Arc<[u8]>,
    socket: Option<Arc<UdpSocket>>,
}

impl AccountingHandler {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let replies = ReplyCache::new(HOLD, REMEMBERED_ANSWERS);
        Self {
            shared,
            signing: SigningSources::default(),
            replies,
        }
    }

    pub(crate) fn handle(&self, datagram: &[u8], source: SocketAddr) -> Option<Step> {
        let step = admit(datagram, source, self.shared.directory.as_ref()).and_then(|known| {
            match known.packet.code() {
                Code::StatusServer => self.answer_status(&known, source),
                Code::AccountingRequest => self.take_report(&known, source),
                _ => Err(Discard::UnexpectedCode),
            }
        });
        step.inspect_err(|reason| self.shared.counters.discarded(*reason))
            .ok()
    }

    /// A report found no room: a repetition is welcome.
    pub(crate) fn refuse(&self, pending: &PendingReport) {
        self.replies.forget(&pending.acknowledgement.key);
        self.shared.counters.discarded(Discard::Overload);
    }

    fn answer_status(&self, known: &Known<'_>, source: SocketAddr) -> Result<Step, Discard> {
        self.signing.check(known, source.ip().to_canonical())?;
        let answer = PacketBuilder::signed(Code::AccountingResponse, known.packet.id());
        let bytes = finish(answer, known).map_err(|_| Discard::Unanswerable)?;
        self.shared.counters.status_answered();
        Ok(Step::Answer(bytes))
    }

    fn take_report(&self, known: &Known<'_>, source: SocketAddr) -> Result<Step, Discard> {
        check_accounting(known)?;
        let key = RequestKey {
            source,
            code: known.packet.code().as_u8(),
            id: known.packet.id(),
            authenticator: *known.packet.authenticator(),
        };
        match self.replies.begin(&key, Instant::now()) {
            Seen::New => {}
            Seen::InProgress => return Err(Discard::InProgress),
            Seen::Answered(answer) => {
                self.shared.counters.repeated();
                return Ok(Step::Answer(answer));
            }
        }
        self.read(known, key, source)
            .inspect_err(|_| self.replies.forget(&key))
    }

    fn read(
        &self,
        known: &Known<'_>,
        key: RequestKey,
        source: SocketAddr,
    ) -> Result<Step, Discard> {
        let context = IngestContext {
            nas: &known.nas,
            nas_address: source.ip().to_canonical(),
            directory: self.shared.directory.as_ref(),
            class_key: &self.shared.class_key,
            now: self.shared.clock.now(),
        };
        let report = read_report(&known.packet, context).map_err(|_| Discard::Malformed)?;
        let answer = PacketBuilder::new(Code::AccountingResponse, known.packet.id());
        let bytes = finish(answer, known).map_err(|_| Discard::Unanswerable)?;
        Ok(match report {
            Report::Record(record) => {
                self.note(&record, context.now);
                let acknowledgement = Acknowledgement {
                    key,
                    bytes,
                    socket: None,
                };
                Step::Store(PendingReport {
                    record,
                    acknowledgement,
                })
            }
            Report::Ignored => {
                self.replies.answered(&key, &bytes);
                Step::Answer(bytes)
            }
        })
    }

    fn note(&self, record: &AccountingRecord, now: DateTime<Utc>) {
        let class = record
            .class
            .as_deref()
            .and_then(|class| SessionClass::decode(class, &self.shared.class_key, record.isp_id));
        let interim = self
            .shared
            .directory
            .isp_access(record.isp_id)
            .interim_seconds;
        let nonce = class.map(|class| class.nonce);
        self.shared
            .sessions
            .note(record, nonce, counts_until(now, interim));
    }
}

impl PendingReport {
    /// Names the socket the acknowledgement leaves by.
    pub(crate) fn via(mut self, socket: &Arc<UdpSocket>) -> Self {
        self.acknowledgement.socket = Some(Arc::clone(socket));
        self
    }
}

fn finish(mut answer: PacketBuilder, known: &Known<'_>) -> Result<Arc<[u8]>, BuildError> {
    answer.proxy_states(&known.packet);
    let bytes = answer.finish_response(known.packet.authenticator(), known.nas.secret.expose())?;
    Ok(bytes.into())
}

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
        let reports = batch.drain(..).collect();
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
    Refused(#[from] SinkUnavailable),
    #[error("the store does not answer in time")]
    TimedOut,
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
    while suspects.len() > 1 && matches!(settled.error, Some(StoreFailure::Refused(_))) {
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
        .map(|report| (*report.record).clone())
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
    let Acknowledgement { key, bytes, socket } = acknowledgement;
    replies.answered(key, bytes);
    let Some(socket) = socket else { return };
    if let Err(error) = socket.send_to(bytes, key.source).await {
        tracing::debug!(%error, "an acknowledgement could not be sent");
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
