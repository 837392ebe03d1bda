//! Answers Access-Requests; pure computing, so a receiving task never waits inside.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ids::CustomerId;
use domain::mac::MacAddress;
use domain::network::access::decide_access;
use domain::network::nas::Nas;
use domain::network::ports::{LoginAnswer, LoginMethod, TraceDirection};
use domain::network::service_policy::{Access, RejectCause, ServicePolicy};
use domain::network::subscriber::Subscriber;

use crate::acct::class::SessionClass;
use crate::auth::credentials::Credentials;
use crate::auth::mac;
use crate::auth::pipeline::{CheckContext, Proof, check, without_domain, write_error};
use crate::counters::Discard;
use crate::packet::builder::{BuildError, PacketBuilder};
use crate::packet::codec::{Code, Packet};
use crate::packet::dictionary::attr;
use crate::policy::{login_facts, write_policy};
use crate::proxy::ProxiedLogin;
use crate::server::access::relayed::proxied;
use crate::server::backoff::{Backoff, Guesser};
use crate::server::clients::Channel;
use crate::server::gate::{Known, admit, check_login};
use crate::server::open_sessions::Attempt;
use crate::server::origin::Origin;
use crate::server::reply_cache::{ReplyCache, RequestKey, Seen};
use crate::server::shared::Shared;
use crate::server::trace::Tracer;

mod relayed;

/// How long a repetition of a login gets the stored answer.
const HOLD: Duration = Duration::from_secs(10);
const REMEMBERED_ANSWERS: usize = 65_536;

pub(crate) struct AccessHandler {
    pub(crate) shared: Arc<Shared>,
    replies: ReplyCache,
    backoff: Backoff,
    reject_delay: Duration,
}

/// What to do about a datagram.
pub(crate) enum Reply {
    Now(Arc<[u8]>),
    Later(Held),
    /// A home server decides.
    Proxy(Box<ProxiedLogin>),
}

/// A refusal that shall leave a little late. It is decided and no longer under way: wrong passwords
/// take no places that good logins need.
pub(crate) struct Held {
    pub(crate) wait: Duration,
    key: RequestKey,
    bytes: Arc<[u8]>,
}

impl Held {
    /// Where it goes.
    pub(crate) const fn source(&self) -> SocketAddr {
        self.key.source
    }
}

struct Granted {
    policy: ServicePolicy,
    proof: Proof,
    class: SessionClass,
}

struct Judged<'a> {
    credentials: Credentials<'a>,
    method: LoginMethod,
    subscriber: Option<Arc<Subscriber>>,
    outcome: Result<Granted, RejectCause>,
}

/// What the observer and the counters hear of an answer.
struct Told {
    binds_mac: Option<MacAddress>,
    nas_address: IpAddr,
    customer_id: Option<CustomerId>,
    method: LoginMethod,
    outcome: Result<Access, RejectCause>,
}

impl Judged<'_> {
    fn outcome(&self) -> Result<Access, RejectCause> {
        let granted = self.outcome.as_ref();
        granted
            .map(|granted| granted.policy.access)
            .map_err(|cause| *cause)
    }
}

impl AccessHandler {
    pub(crate) fn new(shared: Arc<Shared>, reject_delay: Duration) -> Self {
        Self {
            shared,
            replies: ReplyCache::new(HOLD, REMEMBERED_ANSWERS),
            backoff: Backoff::default(),
            reject_delay,
        }
    }

    /// What to do about a datagram; nothing when it is dropped.
    pub(crate) fn take(&self, datagram: &[u8], origin: &Origin) -> Option<Reply> {
        let known = admit(datagram, origin, &self.shared);
        let reply = known.and_then(|mut known| {
            self.consider(&mut known, origin)
                .inspect_err(|reason| self.dropped(&known, origin, *reason))
        });
        reply
            .inspect_err(|reason| self.shared.counters.discarded(*reason))
            .ok()
    }

    /// The bytes of a refusal whose time has come.
    pub(crate) fn release(&self, held: Held) -> Arc<[u8]> {
        self.replies.answered(&held.key, &held.bytes);
        held.bytes
    }

    /// How many answers are remembered.
    pub(crate) fn remembered(&self) -> usize {
        self.replies.len()
    }

    fn dropped(&self, known: &Known<'_>, origin: &Origin, reason: Discard) {
        known.client.discarded(reason);
        let tracer = self.tracer(known, origin);
        if let Some(of) = tracer.wanted_by(None) {
            let note = Some(reason.as_str().to_owned());
            tracer.request(of, TraceDirection::Dropped, note);
        }
    }

    fn tracer<'a>(&'a self, known: &'a Known<'a>, origin: &'a Origin) -> Tracer<'a> {
        Tracer {
            shared: &self.shared,
            known,
            origin,
        }
    }

    fn consider(&self, known: &mut Known<'_>, origin: &Origin) -> Result<Reply, Discard> {
        let code = known.packet.code();
        if !matches!(code, Code::AccessRequest | Code::StatusServer) {
            return Err(Discard::UnexpectedCode);
        }
        check_login(known, self.shared.clock.now())?;
        let now = Instant::now();
        let under_way = known.client.admit(Channel::Logins, known.nas.limits, now)?;
        if code == Code::StatusServer {
            return self.answer_status(known).map(Reply::Now);
        }
        let key = RequestKey {
            source: origin.source,
            code: code.as_u8(),
            id: known.packet.id(),
            authenticator: *known.packet.authenticator(),
        };
        match self.replies.begin(&key, now) {
            Seen::New => match self.realm_to_ask(known) {
                Some(realm) => {
                    let login = proxied(known, origin, realm, key, under_way);
                    Ok(Reply::Proxy(Box::new(login)))
                }
                None => self.answer_access(known, origin, key),
            },
            Seen::InProgress => Err(Discard::InProgress),
            Seen::Answered(answer) => {
                self.shared.counters.repeated();
                known.client.repeated();
                Ok(Reply::Now(answer))
            }
        }
    }

    fn answer_status(&self, known: &Known<'_>) -> Result<Arc<[u8]>, Discard> {
        let mut answer = PacketBuilder::signed(Code::AccessAccept, known.packet.id());
        answer.proxy_states(&known.packet);
        let bytes = finish(answer, known).map_err(|_| Discard::Unanswerable)?;
        self.shared.counters.status_answered();
        Ok(bytes)
    }

    fn answer_access(
        &self,
        known: &Known<'_>,
        origin: &Origin,
        key: RequestKey,
    ) -> Result<Reply, Discard> {
        let started = Instant::now();
        let judged = self.judge(known);
        let Ok(bytes) = self.write_answer(known, &judged) else {
            tracing::error!(nas.id = %known.nas.id, "the answer to a login does not fit a packet");
            self.replies.forget(&key);
            return Err(Discard::Unanswerable);
        };
        let wait = match &judged.outcome {
            Ok(_) => None,
            Err(_) => self.wait(),
        };
        self.trace(known, origin, &judged, &bytes);
        self.tell(known, origin, &judged, started);
        Ok(match wait {
            Some(wait) => Reply::Later(Held { wait, key, bytes }),
            None => {
                self.replies.answered(&key, &bytes);
                Reply::Now(bytes)
            }
        })
    }

    /// How late a refusal leaves: never later than what is set, which is below the routers' patience.
    fn wait(&self) -> Option<Duration> {
        let percent = 75 + rand::random::<u32>() % 26;
        let wait = self.reject_delay.checked_mul(percent)? / 100;
        (!wait.is_zero()).then_some(wait)
    }

    fn trace(&self, known: &Known<'_>, origin: &Origin, judged: &Judged<'_>, bytes: &[u8]) {
        let tracer = self.tracer(known, origin);
        let customer_id = judged.subscriber.as_ref().map(|found| found.customer_id);
        let Some(of) = tracer.wanted_by(customer_id) else {
            return;
        };
        let note = format!("method: {}", judged.method.as_str());
        tracer.request(of, TraceDirection::Request, Some(note));
        let note = match judged.outcome() {
            Ok(Access::Open) => "accepted".to_owned(),
            Ok(Access::Walled) => "accepted, only the payment pages".to_owned(),
            Err(cause) => format!("refused: {}", cause.as_str()),
        };
        tracer.answer(of, bytes, Some(note));
    }

    fn judge<'a>(&self, known: &Known<'a>) -> Judged<'a> {
        let refused = |credentials: Credentials<'a>, cause| Judged {
            method: credentials.method(),
            credentials,
            subscriber: None,
            outcome: Err(cause),
        };
        if self.shared.comes_back(known) {
            self.count_circle(known);
            let credentials = Credentials::find(&known.packet).unwrap_or(Credentials::None);
            return refused(credentials, RejectCause::ProxyLoop);
        }
        let Some(username) = known.packet.attribute(attr::USER_NAME) else {
            return refused(Credentials::None, RejectCause::Malformed);
        };
        let credentials = match Credentials::find(&known.packet) {
            Ok(Credentials::Eap) => return refused(Credentials::Eap, RejectCause::EapUnsupported),
            Ok(credentials) => credentials,
            Err(_) => return refused(Credentials::None, RejectCause::Malformed),
        };
        if let Some(judged) = self.judge_device(known, username.value, credentials) {
            return judged;
        }
        if matches!(credentials, Credentials::None) {
            return refused(credentials, RejectCause::NoCredentials);
        }
        let subscriber = self.find_subscriber(&known.nas, username.value);
        Judged {
            method: credentials.method(),
            credentials,
            outcome: self.judge_password(known, username.value, &credentials, subscriber.as_ref()),
            subscriber,
        }
    }

    /// A login by the hardware address alone; nothing when it is none, or a password was right.
    fn judge_device<'a>(
        &self,
        known: &Known<'a>,
        username: &[u8],
        credentials: Credentials<'a>,
    ) -> Option<Judged<'a>> {
        let address: MacAddress = mac::of_name(username)?;
        if self.find_subscriber(&known.nas, username).is_some() {
            return None;
        }
        let context = check_context(known, username);
        if !mac::is_asked(&known.packet, address, &credentials, context) {
            return None;
        }
        let isp_id = known.nas.isp_id;
        let subscriber = self.shared.directory.subscriber_by_mac(isp_id, address);
        let outcome = match &subscriber {
            Some(subscriber) => self.grant(known, subscriber, Proof::Plain),
            None => Err(RejectCause::UnknownUser),
        };
        Some(Judged {
            credentials,
            method: LoginMethod::Mac,
            subscriber,
            outcome,
        })
    }

    fn judge_password(
        &self,
        known: &Known<'_>,
        username: &[u8],
        credentials: &Credentials<'_>,
        subscriber: Option<&Arc<Subscriber>>,
    ) -> Result<Granted, RejectCause> {
        let station = known.packet.attribute(attr::CALLING_STATION_ID);
        let station = station.map(|found| found.value);
        let guesser = Guesser::new(known.nas.id, username, station);
        // The entry is made anew whenever the customer changes.
        let version = subscriber.map_or(0, |found| Arc::as_ptr(found).addr());
        let now = Instant::now();
        if guesser.is_some_and(|guesser| self.backoff.is_blocked(guesser, version, now)) {
            return Err(RejectCause::Blocked);
        }
        let Some(subscriber) = subscriber else {
            self.failed(guesser, version, now);
            return Err(RejectCause::UnknownUser);
        };
        let context = check_context(known, username);
        let Some(proof) = check(credentials, subscriber.password.expose(), context) else {
            self.failed(guesser, version, now);
            return Err(RejectCause::WrongPassword);
        };
        if let Some(guesser) = guesser {
            self.backoff.succeeded(guesser);
        }
        self.grant(known, subscriber, proof)
    }

    fn failed(&self, guesser: Option<Guesser>, version: usize, now: Instant) {
        if let Some(guesser) = guesser {
            self.backoff.failed(guesser, version, now);
        }
    }

    fn grant(
        &self,
        known: &Known<'_>,
        subscriber: &Subscriber,
        proof: Proof,
    ) -> Result<Granted, RejectCause> {
        let now = self.shared.clock.now();
        let settings = self.shared.directory.isp_access(known.nas.isp_id);
        let quota_left = self.shared.directory.quota_left(subscriber.customer_id);
        let facts = login_facts(&known.packet, known.nas.id, quota_left);
        let policy = decide_access(subscriber, &settings, &facts, now)?;
        let class = SessionClass::fresh(&policy);
        let station = station(&known.packet);
        let has_place = self.shared.sessions.reserve(&Attempt {
            customer_id: policy.customer_id,
            limit: policy.simultaneous_use,
            nas_id: known.nas.id,
            station: station.as_deref(),
            nonce: class.nonce,
            now,
        });
        if !has_place {
            return Err(RejectCause::TooManySessions);
        }
        Ok(Granted {
            policy,
            proof,
            class,
        })
    }

    fn find_subscriber(&self, nas: &Nas, username: &[u8]) -> Option<Arc<Subscriber>> {
        let find = |name: &[u8]| {
            self.shared
                .directory
                .subscriber(nas.isp_id, std::str::from_utf8(name).ok()?)
        };
        let bare = without_domain(username);
        find(username).or_else(|| (bare.len() < username.len()).then(|| find(bare)).flatten())
    }

    fn write_answer(
        &self,
        known: &Known<'_>,
        judged: &Judged<'_>,
    ) -> Result<Arc<[u8]>, BuildError> {
        let Known { packet, nas, .. } = known;
        let mut answer;
        match &judged.outcome {
            Ok(granted) => {
                answer = PacketBuilder::signed(Code::AccessAccept, packet.id());
                write_policy(&mut answer, &granted.policy);
                answer.text(
                    attr::CLASS,
                    &granted.class.encode(&self.shared.class_key, nas.isp_id),
                );
                granted
                    .proof
                    .write(&mut answer, check_context(known, &[]), rand::random());
            }
            Err(cause) => {
                answer = PacketBuilder::signed(Code::AccessReject, packet.id());
                answer.text(attr::REPLY_MESSAGE, cause.reply_message());
                write_error(&mut answer, &judged.credentials, *cause, &rand::random());
            }
        }
        answer.proxy_states(packet);
        finish(answer, known)
    }

    fn tell(&self, known: &Known<'_>, origin: &Origin, judged: &Judged<'_>, started: Instant) {
        let granted = judged.outcome.as_ref().ok();
        let told = Told {
            binds_mac: granted.and_then(|granted| granted.policy.binds_mac),
            nas_address: origin.address(),
            customer_id: judged.subscriber.as_ref().map(|found| found.customer_id),
            method: judged.method,
            outcome: judged.outcome(),
        };
        self.shared.counters.worked(told.method, started.elapsed());
        self.tell_outcome(known, &told);
    }

    fn tell_outcome(&self, known: &Known<'_>, told: &Told) {
        match told.outcome {
            Ok(access) => self.shared.counters.accepted(access),
            Err(cause) => self.shared.counters.rejected(cause),
        }
        known.client.requested(told.method);
        known.client.answered(told.outcome);
        let Some(observer) = &self.shared.observer else {
            return;
        };
        let text = |kind| Some(known.packet.attribute(kind)?.as_text().into_owned());
        observer.login_answered(LoginAnswer {
            isp_id: known.nas.isp_id,
            nas_id: known.nas.id,
            customer_id: told.customer_id,
            username: text(attr::USER_NAME).unwrap_or_default(),
            nas_address: told.nas_address,
            calling_station_id: text(attr::CALLING_STATION_ID),
            method: told.method,
            answered_at: self.shared.clock.now(),
            outcome: told.outcome,
            binds_mac: told.binds_mac,
        });
    }
}

/// The caller; a device that logs in by its address is named by that when nothing else is said.
fn station<'a>(packet: &Packet<'a>) -> Option<Cow<'a, str>> {
    if let Some(found) = packet.attribute(attr::CALLING_STATION_ID) {
        return Some(found.as_text());
    }
    let address = mac::of_name(packet.attribute(attr::USER_NAME)?.value)?;
    Some(Cow::Owned(address.to_string()))
}

fn check_context<'a>(known: &'a Known<'_>, username: &'a [u8]) -> CheckContext<'a> {
    CheckContext {
        username,
        authenticator: known.packet.authenticator(),
        secret: known.secret(),
    }
}

fn finish(answer: PacketBuilder, known: &Known<'_>) -> Result<Arc<[u8]>, BuildError> {
    Ok(answer
        .finish_response(known.packet.authenticator(), known.secret())?
        .into())
}
