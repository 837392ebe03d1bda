//! What every datagram must pass before anybody looks at its content.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::network::nas::{Claims, Learnt, LimitProxyState, Nas, RequireMessageAuthenticator};

use crate::counters::Discard;
use crate::packet::codec::{Code, Packet};
use crate::packet::dictionary::attr;
use crate::packet::integrity::{
    MessageAuthenticator, check_message_authenticator, is_accounting_style_authentic,
};
use crate::server::claims;
use crate::server::clients::{Client, Source};
use crate::server::origin::Origin;
use crate::server::shared::Shared;

/// A packet from a NAS we know.
pub(crate) struct Known<'a> {
    pub(crate) packet: Packet<'a>,
    pub(crate) nas: Arc<Nas>,
    pub(crate) client: Arc<Client>,
    pub(crate) source: Arc<Source>,
    uses_old_secret: bool,
}

impl Known<'_> {
    /// The secret that the sender uses, as far as it has proven one.
    pub(crate) fn secret(&self) -> &[u8] {
        match &self.nas.old_secret {
            Some(old) if self.uses_old_secret => old.secret.expose(),
            _ => self.nas.secret.expose(),
        }
    }

    /// Remembers which of two secrets the sender proved.
    fn proved(&mut self, with_old_secret: bool, now: DateTime<Utc>) {
        self.uses_old_secret = with_old_secret;
        self.source.set_uses_old_secret(with_old_secret);
        self.source.proved(now);
    }

    fn has_old_secret(&self, now: DateTime<Utc>) -> bool {
        self.nas.secrets(now).nth(1).is_some()
    }
}

/// Who sent a packet, and how its answer is signed, while somebody else decides about it.
pub(crate) struct Sender {
    nas: Arc<Nas>,
    client: Arc<Client>,
    source: Arc<Source>,
    uses_old_secret: bool,
}

impl Sender {
    /// Who sent that packet.
    pub(crate) fn of(known: &Known<'_>) -> Self {
        Self {
            nas: Arc::clone(&known.nas),
            client: Arc::clone(&known.client),
            source: Arc::clone(&known.source),
            uses_old_secret: known.uses_old_secret,
        }
    }

    /// Its packet again.
    pub(crate) fn known<'a>(&self, packet: Packet<'a>) -> Known<'a> {
        Known {
            packet,
            nas: Arc::clone(&self.nas),
            client: Arc::clone(&self.client),
            source: Arc::clone(&self.source),
            uses_old_secret: self.uses_old_secret,
        }
    }
}

/// Finds the NAS first: strangers cost no parsing.
pub(crate) fn admit<'a>(
    datagram: &'a [u8],
    origin: &Origin,
    shared: &Shared,
) -> Result<Known<'a>, Discard> {
    let nas = match &origin.certified {
        Some(nas) => Arc::clone(nas),
        None => match shared.directory.nas_by_address(origin.address()) {
            Claims::Nobody => return Err(Discard::UnknownClient),
            Claims::One(nas) => nas,
            Claims::Several(claims) => claims::settle(&claims, datagram, origin.address(), shared)?,
        },
    };
    let client = shared.clients.of(&nas);
    let packet = Packet::parse(datagram).map_err(|_| {
        client.discarded(Discard::Malformed);
        Discard::Malformed
    })?;
    let source = client.source(&nas, origin.address());
    Ok(Known {
        packet,
        nas,
        client,
        source,
        uses_old_secret: false,
    })
}

/// Checks Message-Authenticator of an Access-Request or Status-Server against the NAS's rules
/// (CVE-2024-3596), and learns from it.
pub(crate) fn check_login(known: &mut Known<'_>, now: DateTime<Utc>) -> Result<(), Discard> {
    let is_signed = match find_signature(known, known.packet.authenticator(), now) {
        MessageAuthenticator::Invalid => return Err(Discard::BadMessageAuthenticator),
        MessageAuthenticator::Valid => true,
        MessageAuthenticator::Absent => {
            may_be_unsigned(known)?;
            known.uses_old_secret = known.source.uses_old_secret() && known.has_old_secret(now);
            false
        }
    };
    learn(known, is_signed);
    known.source.heard(now);
    Ok(())
}

fn find_signature(
    known: &mut Known<'_>,
    authenticator: &[u8; 16],
    now: DateTime<Utc>,
) -> MessageAuthenticator {
    let check = |secret: &[u8]| check_message_authenticator(&known.packet, authenticator, secret);
    let found = check(known.nas.secret.expose());
    if found != MessageAuthenticator::Invalid || !known.has_old_secret(now) {
        if found == MessageAuthenticator::Valid {
            known.proved(false, now);
        }
        return found;
    }
    let old = known.nas.old_secret.as_ref();
    let found = old.map_or(found, |old| check(old.secret.expose()));
    if found == MessageAuthenticator::Valid {
        known.proved(true, now);
    }
    found
}

fn may_be_unsigned(known: &Known<'_>) -> Result<(), Discard> {
    let Known { packet, nas, .. } = known;
    let must_sign = packet.code() == Code::StatusServer
        || packet.attribute(attr::EAP_MESSAGE).is_some()
        || match nas.require_message_authenticator {
            RequireMessageAuthenticator::Yes => true,
            RequireMessageAuthenticator::No => false,
            RequireMessageAuthenticator::Auto => known.source.learnt().signs,
        };
    // Proxy-State is where the attacker hides the collision.
    if must_sign || (has_proxy_state(packet) && limits_proxy_state(known)) {
        return Err(Discard::NoMessageAuthenticator);
    }
    Ok(())
}

fn has_proxy_state(packet: &Packet<'_>) -> bool {
    packet.attribute(attr::PROXY_STATE).is_some()
}

fn limits_proxy_state(known: &Known<'_>) -> bool {
    match known.nas.limit_proxy_state {
        LimitProxyState::Yes => true,
        LimitProxyState::No => false,
        // Undecided: this request decides, and a proxy that cannot sign is taken for what it is.
        LimitProxyState::Auto => known.source.learnt().limits_proxy_state.unwrap_or(false),
    }
}

/// The first Access-Request of an address says what it is, as with `FreeRADIUS`: a router, which
/// never sends Proxy-State, or a proxy, which does.
fn learn(known: &Known<'_>, is_signed: bool) {
    let before = known.source.learnt();
    let is_first = known.packet.code() == Code::AccessRequest
        && before.limits_proxy_state.is_none()
        && !(is_signed && has_proxy_state(&known.packet));
    let is_proxy = has_proxy_state(&known.packet);
    let learnt = Learnt {
        signs: is_signed,
        limits_proxy_state: is_first.then_some(!is_proxy),
        proven_at: None,
    };
    let says_nothing_new = (before.signs || !is_signed) && !is_first;
    if says_nothing_new || !known.source.learn(learnt) {
        return;
    }
    if is_first && is_proxy {
        tracing::warn!(
            nas.id = %known.nas.id,
            "a proxy does not sign its requests and can be attacked: bring it up to date"
        );
    }
}

/// Checks both authenticators of an Accounting-Request.
pub(crate) fn check_accounting(known: &mut Known<'_>, now: DateTime<Utc>) -> Result<(), Discard> {
    let is_new = is_accounting_style_authentic(&known.packet, known.nas.secret.expose());
    let is_old =
        !is_new
            && known.has_old_secret(now)
            && known.nas.old_secret.as_ref().is_some_and(|old| {
                is_accounting_style_authentic(&known.packet, old.secret.expose())
            });
    if !is_new && !is_old {
        return Err(Discard::BadAuthenticator);
    }
    known.proved(is_old, now);
    match check_message_authenticator(&known.packet, &[0; 16], known.secret()) {
        MessageAuthenticator::Invalid => return Err(Discard::BadMessageAuthenticator),
        MessageAuthenticator::Valid | MessageAuthenticator::Absent => {}
    }
    known.source.heard(now);
    Ok(())
}
