//! Takes Accounting-Requests: what is to be stored waits for [`crate::server::commit`].

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::network::ports::TraceDirection;
use domain::network::session::AccountingRecord;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use crate::acct::class::SessionClass;
use crate::acct::ingest::{IngestContext, Report, read_report};
use crate::counters::Discard;
use crate::packet::builder::{BuildError, PacketBuilder};
use crate::packet::codec::Code;
use crate::proxy::{ProxiedReport, ProxyQueue, count};
use crate::server::clients::{Channel, InFlight};
use crate::server::gate::{Known, admit, check_accounting, check_login};
use crate::server::open_sessions::counts_until;
use crate::server::origin::Origin;
use crate::server::reply_cache::{ReplyCache, RequestKey, Seen};
use crate::server::shared::Shared;
use crate::server::trace::Tracer;

/// How long a repetition of a report gets the stored acknowledgement.
const HOLD: Duration = Duration::from_secs(30);
const REMEMBERED_ANSWERS: usize = 131_072;

pub(crate) struct AccountingHandler {
    pub(super) shared: Arc<Shared>,
    proxy: ProxyQueue,
    pub(super) replies: ReplyCache,
}

/// What to do with a datagram.
pub(crate) enum Step {
    Answer(Arc<[u8]>),
    Store(PendingReport),
}

/// A report that waits to become durable.
pub(crate) struct PendingReport {
    pub(super) record: Arc<AccountingRecord>,
    pub(super) acknowledgement: Acknowledgement,
    _under_way: InFlight,
}

pub(super) struct Acknowledgement {
    pub(super) key: RequestKey,
    pub(super) bytes: Arc<[u8]>,
    pub(super) route: Option<Route>,
}

/// The way an acknowledgement leaves by.
pub(crate) enum Route {
    Udp(Arc<UdpSocket>),
    /// The answers of one RadSec connection.
    Stream(mpsc::Sender<Arc<[u8]>>),
}

impl Route {
    /// Sends an answer to the one who asked from `source`.
    pub(crate) async fn send(&self, answer: &Arc<[u8]>, source: SocketAddr) {
        let sent = match self {
            Self::Udp(socket) => match socket.send_to(answer, source).await {
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            },
            // Never waits: a connection that takes no answers must not hold up the others.
            Self::Stream(answers) => answers
                .try_send(Arc::clone(answer))
                .map_err(|error| error.to_string()),
        };
        if let Err(error) = sent {
            tracing::debug!(error, "an answer could not be sent");
        }
    }
}

impl AccountingHandler {
    pub(crate) fn new(shared: Arc<Shared>, proxy: ProxyQueue) -> Self {
        let replies = ReplyCache::new(HOLD, REMEMBERED_ANSWERS);
        Self {
            shared,
            proxy,
            replies,
        }
    }

    pub(crate) fn handle(&self, datagram: &[u8], origin: &Origin) -> Option<Step> {
        let known = admit(datagram, origin, &self.shared);
        let step = known.and_then(|mut known| {
            let step = match known.packet.code() {
                Code::StatusServer => self.answer_status(&mut known),
                Code::AccountingRequest => self.take_report(&mut known, origin),
                _ => Err(Discard::UnexpectedCode),
            };
            self.trace(&known, origin, step.as_ref().err());
            step.inspect_err(|reason| known.client.discarded(*reason))
        });
        step.inspect_err(|reason| self.shared.counters.discarded(*reason))
            .ok()
    }

    fn trace(&self, known: &Known<'_>, origin: &Origin, dropped: Option<&Discard>) {
        let tracer = Tracer {
            shared: &self.shared,
            known,
            origin,
        };
        let Some(of) = tracer.wanted_by(None) else {
            return;
        };
        match dropped {
            None => tracer.request(of, TraceDirection::Request, None),
            Some(reason) => {
                let note = Some(reason.as_str().to_owned());
                tracer.request(of, TraceDirection::Dropped, note);
            }
        }
    }

    /// A report found no room: a repetition is welcome.
    pub(crate) fn refuse(&self, pending: &PendingReport) {
        self.replies.forget(&pending.acknowledgement.key);
        self.shared.counters.discarded(Discard::Overload);
    }

    fn answer_status(&self, known: &mut Known<'_>) -> Result<Step, Discard> {
        check_login(known, self.shared.clock.now())?;
        let answer = PacketBuilder::signed(Code::AccountingResponse, known.packet.id());
        let bytes = finish(answer, known).map_err(|_| Discard::Unanswerable)?;
        self.shared.counters.status_answered();
        Ok(Step::Answer(bytes))
    }

    fn take_report(&self, known: &mut Known<'_>, origin: &Origin) -> Result<Step, Discard> {
        check_accounting(known, self.shared.clock.now())?;
        let (channel, limits) = (Channel::Reports, known.nas.limits);
        let under_way = known.client.admit(channel, limits, Instant::now())?;
        let key = RequestKey {
            source: origin.source,
            code: known.packet.code().as_u8(),
            id: known.packet.id(),
            authenticator: *known.packet.authenticator(),
        };
        match self.replies.begin(&key, Instant::now()) {
            Seen::New => {}
            Seen::InProgress => return Err(Discard::InProgress),
            Seen::Answered(answer) => {
                self.shared.counters.repeated();
                known.client.repeated();
                return Ok(Step::Answer(answer));
            }
        }
        known.client.reported();
        self.read(known, key, origin, under_way)
            .inspect_err(|_| self.replies.forget(&key))
    }

    fn read(
        &self,
        known: &Known<'_>,
        key: RequestKey,
        origin: &Origin,
        under_way: InFlight,
    ) -> Result<Step, Discard> {
        if self.shared.comes_back(known) {
            return self.acknowledge_circle(known, &key);
        }
        let context = IngestContext {
            nas: &known.nas,
            nas_address: origin.address(),
            directory: self.shared.directory.as_ref(),
            class_key: &self.shared.class_key,
            now: self.shared.clock.now(),
        };
        let report = read_report(&known.packet, context).map_err(|_| Discard::Malformed)?;
        let answer = PacketBuilder::new(Code::AccountingResponse, known.packet.id());
        let bytes = finish(answer, known).map_err(|_| Discard::Unanswerable)?;
        Ok(match report {
            Report::Record { record, class } => {
                self.note(&record, class, context.now);
                self.forward(known, &record);
                let acknowledgement = Acknowledgement {
                    key,
                    bytes,
                    route: None,
                };
                Step::Store(PendingReport {
                    record,
                    acknowledgement,
                    _under_way: under_way,
                })
            }
            Report::Ignored => {
                self.replies.answered(&key, &bytes);
                Step::Answer(bytes)
            }
        })
    }

    /// A report that comes back was stored when it came first: again, it would count twice.
    fn acknowledge_circle(&self, known: &Known<'_>, key: &RequestKey) -> Result<Step, Discard> {
        count("accounting", "loop");
        tracing::warn!(nas.id = %known.nas.id, "a report of ours came back through another proxy");
        let answer = PacketBuilder::new(Code::AccountingResponse, known.packet.id());
        let bytes = finish(answer, known).map_err(|_| Discard::Unanswerable)?;
        self.replies.answered(key, &bytes);
        Ok(Step::Answer(bytes))
    }

    fn forward(&self, known: &Known<'_>, record: &AccountingRecord) {
        let realm = self
            .shared
            .directory
            .realm(record.isp_id, &record.username)
            .filter(|realm| realm.accounting);
        if let Some(realm) = realm {
            self.proxy.report(ProxiedReport {
                datagram: known.packet.bytes().to_vec(),
                realm,
            });
        }
    }

    fn note(&self, record: &AccountingRecord, class: Option<SessionClass>, now: DateTime<Utc>) {
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
    /// Names the way the acknowledgement leaves by.
    pub(crate) fn via(mut self, route: Route) -> Self {
        self.acknowledgement.route = Some(route);
        self
    }
}

fn finish(mut answer: PacketBuilder, known: &Known<'_>) -> Result<Arc<[u8]>, BuildError> {
    answer.proxy_states(&known.packet);
    let bytes = answer.finish_response(known.packet.authenticator(), known.secret())?;
    Ok(bytes.into())
}
