//! Answers Access-Requests; pure computing, so a receiving task never waits inside.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::clock::Clock;
use domain::network::access::decide_access;
use domain::network::nas::Nas;
use domain::network::ports::{LoginAnswer, LoginObserver, SubscriberDirectory};
use domain::network::service_policy::{RejectCause, ServicePolicy};
use domain::network::subscriber::Subscriber;

use crate::acct::class::{ClassKey, SessionClass};
use crate::auth::credentials::Credentials;
use crate::auth::pipeline::{CheckContext, Proof, check, without_domain, write_error};
use crate::counters::{Counters, Discard};
use crate::packet::builder::{BuildError, PacketBuilder};
use crate::packet::codec::{Code, Packet};
use crate::packet::dictionary::attr;
use crate::policy::write_policy;
use crate::server::gate::{Known, SigningSources, admit};
use crate::server::reply_cache::{ReplyCache, RequestKey, Seen};

/// How long a repetition of a login gets the stored answer.
const HOLD: Duration = Duration::from_secs(10);
const REMEMBERED_ANSWERS: usize = 65_536;

pub(crate) struct AccessHandler {
    pub(crate) directory: Arc<dyn SubscriberDirectory>,
    pub(crate) observer: Option<Arc<dyn LoginObserver>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) class_key: ClassKey,
    signing: SigningSources,
    replies: ReplyCache,
}

struct Granted {
    policy: ServicePolicy,
    proof: Proof,
}

struct Judged<'a> {
    credentials: Credentials<'a>,
    subscriber: Option<Arc<Subscriber>>,
    outcome: Result<Granted, RejectCause>,
}

impl AccessHandler {
    pub(crate) fn new(
        directory: Arc<dyn SubscriberDirectory>,
        observer: Option<Arc<dyn LoginObserver>>,
        clock: Arc<dyn Clock>,
        counters: Arc<Counters>,
        class_key: ClassKey,
    ) -> Self {
        let replies = ReplyCache::new(HOLD, REMEMBERED_ANSWERS);
        let signing = SigningSources::default();
        Self {
            directory,
            observer,
            clock,
            counters,
            class_key,
            signing,
            replies,
        }
    }

    /// The bytes to send back, or nothing.
    pub(crate) fn handle(&self, datagram: &[u8], source: SocketAddr) -> Option<Arc<[u8]>> {
        let answer = admit(datagram, source, self.directory.as_ref()).and_then(|known| {
            self.signing_is_sound(&known, source)?;
            match known.packet.code() {
                Code::StatusServer => self.answer_status(&known),
                _ => self.answer_access(&known, source),
            }
        });
        answer
            .inspect_err(|reason| self.counters.discarded(*reason))
            .ok()
    }

    fn signing_is_sound(&self, known: &Known<'_>, source: SocketAddr) -> Result<(), Discard> {
        if !matches!(
            known.packet.code(),
            Code::AccessRequest | Code::StatusServer
        ) {
            return Err(Discard::UnexpectedCode);
        }
        self.signing.check(known, source.ip().to_canonical())
    }

    fn answer_status(&self, known: &Known<'_>) -> Result<Arc<[u8]>, Discard> {
        let mut answer = PacketBuilder::signed(Code::AccessAccept, known.packet.id());
        answer.proxy_states(&known.packet);
        let bytes = finish(answer, &known.packet, &known.nas).map_err(|_| Discard::Unanswerable)?;
        self.counters.status_answered();
        Ok(bytes)
    }

    fn answer_access(&self, known: &Known<'_>, source: SocketAddr) -> Result<Arc<[u8]>, Discard> {
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
                self.counters.repeated();
                return Ok(answer);
            }
        }
        let judged = self.judge(known);
        let Ok(bytes) = self.write_answer(known, &judged) else {
            tracing::error!(nas.id = %known.nas.id, "the answer to a login does not fit a packet");
            self.replies.forget(&key);
            return Err(Discard::Unanswerable);
        };
        self.replies.answered(&key, &bytes);
        self.tell(known, judged);
        Ok(bytes)
    }

    fn judge<'a>(&self, known: &Known<'a>) -> Judged<'a> {
        let refused = |credentials, cause| Judged {
            credentials,
            subscriber: None,
            outcome: Err(cause),
        };
        let Some(username) = known.packet.attribute(attr::USER_NAME) else {
            return refused(Credentials::None, RejectCause::Malformed);
        };
        let credentials = match Credentials::find(&known.packet) {
            Ok(Credentials::Eap) => return refused(Credentials::Eap, RejectCause::EapUnsupported),
            Ok(Credentials::None) => return refused(Credentials::None, RejectCause::NoCredentials),
            Ok(credentials) => credentials,
            Err(_) => return refused(Credentials::None, RejectCause::Malformed),
        };
        let Some(subscriber) = self.find_subscriber(&known.nas, username.value) else {
            return refused(credentials, RejectCause::UnknownUser);
        };
        let context = check_context(known, username.value);
        let outcome = match check(&credentials, subscriber.password.expose(), context) {
            None => Err(RejectCause::WrongPassword),
            Some(proof) => {
                let settings = self.directory.isp_access(known.nas.isp_id);
                decide_access(&subscriber, &settings, self.clock.now())
                    .map(|policy| Granted { policy, proof })
            }
        };
        Judged {
            credentials,
            subscriber: Some(subscriber),
            outcome,
        }
    }

    fn find_subscriber(&self, nas: &Nas, username: &[u8]) -> Option<Arc<Subscriber>> {
        let find = |name: &[u8]| {
            self.directory
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
        let Known { packet, nas } = known;
        let mut answer;
        match &judged.outcome {
            Ok(granted) => {
                answer = PacketBuilder::signed(Code::AccessAccept, packet.id());
                write_policy(&mut answer, &granted.policy);
                let class = SessionClass::fresh(granted.policy.customer_id, granted.policy.access);
                answer.text(attr::CLASS, &class.encode(&self.class_key, nas.isp_id));
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
        finish(answer, packet, nas)
    }

    fn tell(&self, known: &Known<'_>, judged: Judged<'_>) {
        let outcome = judged.outcome.map(|granted| granted.policy.access);
        match outcome {
            Ok(access) => self.counters.accepted(access),
            Err(cause) => self.counters.rejected(cause),
        }
        let Some(observer) = &self.observer else {
            return;
        };
        let text = |kind| Some(known.packet.attribute(kind)?.as_text().into_owned());
        observer.login_answered(LoginAnswer {
            isp_id: known.nas.isp_id,
            nas_id: known.nas.id,
            customer_id: judged.subscriber.map(|subscriber| subscriber.customer_id),
            username: text(attr::USER_NAME).unwrap_or_default(),
            calling_station_id: text(attr::CALLING_STATION_ID),
            answered_at: self.clock.now(),
            outcome,
        });
    }
}

fn check_context<'a>(known: &'a Known<'_>, username: &'a [u8]) -> CheckContext<'a> {
    CheckContext {
        username,
        authenticator: known.packet.authenticator(),
        secret: known.nas.secret.expose(),
    }
}

fn finish(answer: PacketBuilder, request: &Packet<'_>, nas: &Nas) -> Result<Arc<[u8]>, BuildError> {
    Ok(answer
        .finish_response(request.authenticator(), nas.secret.expose())?
        .into())
}
