//! Answers Access-Requests; pure computing, so a receiving task never waits inside.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::network::access::decide_access;
use domain::network::nas::Nas;
use domain::network::ports::{LoginAnswer, LoginObserver};
use domain::network::service_policy::{RejectCause, ServicePolicy};
use domain::network::subscriber::Subscriber;

use crate::acct::class::SessionClass;
use crate::auth::credentials::Credentials;
use crate::auth::pipeline::{CheckContext, Proof, check, without_domain, write_error};
use crate::counters::Discard;
use crate::packet::builder::{BuildError, PacketBuilder};
use crate::packet::codec::{Code, Packet};
use crate::packet::dictionary::attr;
use crate::policy::{login_facts, write_policy};
use crate::server::gate::{Known, SigningSources, admit};
use crate::server::open_sessions::Attempt;
use crate::server::origin::Origin;
use crate::server::reply_cache::{ReplyCache, RequestKey, Seen};
use crate::server::shared::Shared;

/// How long a repetition of a login gets the stored answer.
const HOLD: Duration = Duration::from_secs(10);
const REMEMBERED_ANSWERS: usize = 65_536;

pub(crate) struct AccessHandler {
    pub(crate) shared: Arc<Shared>,
    observer: Option<Arc<dyn LoginObserver>>,
    signing: SigningSources,
    replies: ReplyCache,
}

struct Granted {
    policy: ServicePolicy,
    proof: Proof,
    class: SessionClass,
}

struct Judged<'a> {
    credentials: Credentials<'a>,
    subscriber: Option<Arc<Subscriber>>,
    outcome: Result<Granted, RejectCause>,
}

impl AccessHandler {
    pub(crate) fn new(shared: Arc<Shared>, observer: Option<Arc<dyn LoginObserver>>) -> Self {
        let replies = ReplyCache::new(HOLD, REMEMBERED_ANSWERS);
        Self {
            shared,
            observer,
            signing: SigningSources::default(),
            replies,
        }
    }

    /// The bytes to send back, or nothing.
    pub(crate) fn handle(&self, datagram: &[u8], origin: &Origin) -> Option<Arc<[u8]>> {
        let answer = admit(datagram, origin, self.shared.directory.as_ref()).and_then(|known| {
            self.signing_is_sound(&known, origin)?;
            match known.packet.code() {
                Code::StatusServer => self.answer_status(&known),
                _ => self.answer_access(&known, origin),
            }
        });
        answer
            .inspect_err(|reason| self.shared.counters.discarded(*reason))
            .ok()
    }

    fn signing_is_sound(&self, known: &Known<'_>, origin: &Origin) -> Result<(), Discard> {
        if !matches!(
            known.packet.code(),
            Code::AccessRequest | Code::StatusServer
        ) {
            return Err(Discard::UnexpectedCode);
        }
        self.signing.check(known, origin.address())
    }

    fn answer_status(&self, known: &Known<'_>) -> Result<Arc<[u8]>, Discard> {
        let mut answer = PacketBuilder::signed(Code::AccessAccept, known.packet.id());
        answer.proxy_states(&known.packet);
        let bytes = finish(answer, &known.packet, &known.nas).map_err(|_| Discard::Unanswerable)?;
        self.shared.counters.status_answered();
        Ok(bytes)
    }

    fn answer_access(&self, known: &Known<'_>, origin: &Origin) -> Result<Arc<[u8]>, Discard> {
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
        self.tell(known, origin, judged);
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
            Some(proof) => self.grant(known, &subscriber, proof),
        };
        Judged {
            credentials,
            subscriber: Some(subscriber),
            outcome,
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
        let class = SessionClass::fresh(policy.customer_id, policy.access);
        let station = known
            .packet
            .attribute(attr::CALLING_STATION_ID)
            .map(|found| found.as_text());
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
        let Known { packet, nas } = known;
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
        finish(answer, packet, nas)
    }

    fn tell(&self, known: &Known<'_>, origin: &Origin, judged: Judged<'_>) {
        let granted = judged.outcome.as_ref().ok();
        let binds_mac = granted.and_then(|granted| granted.policy.binds_mac);
        let outcome = judged.outcome.map(|granted| granted.policy.access);
        match outcome {
            Ok(access) => self.shared.counters.accepted(access),
            Err(cause) => self.shared.counters.rejected(cause),
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
            nas_address: origin.address(),
            calling_station_id: text(attr::CALLING_STATION_ID),
            method: judged.credentials.method(),
            answered_at: self.shared.clock.now(),
            outcome,
            binds_mac,
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
