//! Logins that a home server decides: what goes to it, and what becomes of its answer.

use std::sync::Arc;

use domain::network::ports::TraceDirection;
use domain::network::realm::Realm;
use domain::network::service_policy::{Access, RejectCause};

use super::{AccessHandler, Told, finish};
use crate::acct::class::SessionClass;
use crate::auth::credentials::Credentials;
use crate::auth::pipeline::write_error;
use crate::packet::builder::PacketBuilder;
use crate::packet::codec::{Code, Packet};
use crate::packet::dictionary::attr;
use crate::proxy::answer::{HomeAnswer, Towards};
use crate::proxy::{ProxiedLogin, count};
use crate::server::clients::InFlight;
use crate::server::gate::{Known, Sender};
use crate::server::origin::Origin;
use crate::server::reply_cache::RequestKey;

impl AccessHandler {
    /// The realm of another provider that is to decide about a login. What comes back from there is
    /// refused here, whose ever the name is: it would go round again.
    pub(super) fn realm_to_ask(&self, known: &Known<'_>) -> Option<Arc<Realm>> {
        let realm = self.realm_of(known)?;
        (!self.shared.comes_back(known)).then_some(realm)
    }

    fn realm_of(&self, known: &Known<'_>) -> Option<Arc<Realm>> {
        let username = known.packet.attribute(attr::USER_NAME)?;
        let username = std::str::from_utf8(username.value).ok()?;
        let realm = self.shared.directory.realm(known.nas.isp_id, username)?;
        realm.authentication.then_some(realm)
    }

    /// Counts a login that came back.
    pub(super) fn count_circle(&self, known: &Known<'_>) {
        count("login", "loop");
        if let Some(realm) = self.realm_of(known) {
            let counted = counted_as(Some(RejectCause::ProxyLoop));
            self.shared.clients.realms.count(&realm, counted);
        }
    }

    /// Turns what the home server said, or why it was not heard, into the answer for the router.
    pub(crate) fn conclude(
        &self,
        login: &ProxiedLogin,
        answer: Result<&HomeAnswer, RejectCause>,
    ) -> Option<Arc<[u8]>> {
        let known = login.sender.known(Packet::parse(&login.datagram).ok()?);
        let said = answer
            .ok()
            .and_then(|answer| Packet::parse(&answer.bytes).ok());
        let code = said.map_or(Code::AccessReject, |said| said.code());
        let mut builder = PacketBuilder::signed(code, known.packet.id());
        match answer {
            Ok(answer) => self.relay(&mut builder, &known, answer, code),
            Err(cause) => write_failure(&mut builder, &known.packet, cause),
        }
        builder.proxy_states(&known.packet);
        let Ok(bytes) = finish(builder, &known) else {
            tracing::error!(
                realm = login.realm.name,
                "a home server's answer does not fit"
            );
            self.replies.forget(&login.key);
            return None;
        };
        self.replies.answered(&login.key, &bytes);
        let outcome = outcome_of(code, answer.err());
        let counted = counted_as(answer.err());
        self.shared.clients.realms.count(&login.realm, counted);
        self.trace_relayed(&known, &login.origin, outcome, &bytes);
        if let Some(outcome) = outcome {
            let credentials = Credentials::find(&known.packet).unwrap_or(Credentials::None);
            let told = Told {
                binds_mac: None,
                nas_address: login.origin.address(),
                customer_id: None,
                method: credentials.method(),
                outcome,
            };
            self.tell_outcome(&known, &told);
        }
        Some(bytes)
    }

    fn trace_relayed(
        &self,
        known: &Known<'_>,
        origin: &Origin,
        outcome: Option<Result<Access, RejectCause>>,
        bytes: &[u8],
    ) {
        let tracer = self.tracer(known, origin);
        let Some(of) = tracer.wanted_by(None) else {
            return;
        };
        let note = "decided by the home server of a realm".to_owned();
        tracer.request(of, TraceDirection::Request, Some(note));
        let note = match outcome {
            Some(Ok(_)) => "accepted".to_owned(),
            Some(Err(cause)) => format!("refused: {}", cause.as_str()),
            None => "asked for more".to_owned(),
        };
        tracer.answer(of, bytes, Some(note));
    }

    fn relay(
        &self,
        builder: &mut PacketBuilder,
        known: &Known<'_>,
        answer: &HomeAnswer,
        code: Code,
    ) {
        let towards = Towards {
            authenticator: known.packet.authenticator(),
            secret: known.secret(),
        };
        let isp_id = known.nas.isp_id;
        let class_key = &self.shared.class_key;
        answer.relay(builder, towards, |class| {
            SessionClass::decode(class, class_key, isp_id).is_some()
        });
        if code == Code::AccessAccept && !answer.has(attr::ACCT_INTERIM_INTERVAL) {
            let settings = self.shared.directory.isp_access(isp_id);
            builder.u32(attr::ACCT_INTERIM_INTERVAL, settings.interim_seconds);
        }
    }
}

/// The login to forward.
pub(super) fn proxied(
    known: &Known<'_>,
    origin: &Origin,
    realm: Arc<Realm>,
    key: RequestKey,
    under_way: InFlight,
) -> ProxiedLogin {
    ProxiedLogin {
        datagram: known.packet.bytes().to_vec(),
        sender: Sender::of(known),
        origin: origin.clone(),
        realm,
        key,
        _under_way: under_way,
    }
}

/// What is told; a challenge is no end.
const fn outcome_of(
    code: Code,
    failure: Option<RejectCause>,
) -> Option<Result<Access, RejectCause>> {
    match (failure, code) {
        (Some(cause), _) => Some(Err(cause)),
        (None, Code::AccessAccept) => Some(Ok(Access::Open)),
        (None, Code::AccessChallenge) => None,
        (None, _) => Some(Err(RejectCause::HomeRejected)),
    }
}

/// The name under which a login is counted for its realm.
const fn counted_as(failure: Option<RejectCause>) -> &'static str {
    match failure {
        None => "logins.answered",
        Some(RejectCause::RealmBusy) => "logins.busy",
        Some(RejectCause::ProxyLoop) => "logins.loop",
        Some(_) => "logins.unanswered",
    }
}

fn write_failure(builder: &mut PacketBuilder, request: &Packet<'_>, cause: RejectCause) {
    builder.text(attr::REPLY_MESSAGE, cause.reply_message());
    let credentials = Credentials::find(request).unwrap_or(Credentials::None);
    write_error(builder, &credentials, cause, &rand::random());
}
