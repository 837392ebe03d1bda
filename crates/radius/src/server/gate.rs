//! What every datagram must pass before anybody looks at its content.

use std::net::IpAddr;
use std::sync::Arc;

use domain::ids::NasId;
use domain::network::nas::{Nas, RequireMessageAuthenticator};
use domain::network::ports::SubscriberDirectory;
use parking_lot::RwLock;
use rustc_hash::FxHashSet;

use crate::counters::Discard;
use crate::packet::codec::{Code, Packet};
use crate::packet::dictionary::attr;
use crate::packet::integrity::{
    MessageAuthenticator, check_message_authenticator, is_accounting_style_authentic,
};
use crate::server::origin::Origin;

/// A packet from a NAS we know.
pub(crate) struct Known<'a> {
    pub(crate) packet: Packet<'a>,
    pub(crate) nas: Arc<Nas>,
}

/// Finds the NAS first: strangers cost no parsing.
pub(crate) fn admit<'a>(
    datagram: &'a [u8],
    origin: &Origin,
    directory: &dyn SubscriberDirectory,
) -> Result<Known<'a>, Discard> {
    let nas = match &origin.certified {
        Some(nas) => Arc::clone(nas),
        None => directory
            .nas_by_address(origin.address())
            .ok_or(Discard::UnknownClient)?,
    };
    let packet = Packet::parse(datagram).map_err(|_| Discard::Malformed)?;
    Ok(Known { packet, nas })
}

/// Sources that have proven that they can sign (CVE-2024-3596): from then on they must.
#[derive(Default)]
pub(crate) struct SigningSources(RwLock<FxHashSet<(NasId, IpAddr)>>);

impl SigningSources {
    /// Checks Message-Authenticator of an Access-Request or Status-Server against the NAS's rule.
    pub(crate) fn check(&self, known: &Known<'_>, source: IpAddr) -> Result<(), Discard> {
        let Known { packet, nas } = known;
        let place = (nas.id, source);
        let found =
            check_message_authenticator(packet, packet.authenticator(), nas.secret.expose());
        match found {
            MessageAuthenticator::Invalid => Err(Discard::BadMessageAuthenticator),
            MessageAuthenticator::Valid => {
                let is_auto =
                    nas.require_message_authenticator == RequireMessageAuthenticator::Auto;
                if is_auto && !self.0.read().contains(&place) {
                    self.0.write().insert(place);
                }
                Ok(())
            }
            MessageAuthenticator::Absent if self.may_be_unsigned(known, place) => Ok(()),
            MessageAuthenticator::Absent => Err(Discard::NoMessageAuthenticator),
        }
    }

    fn may_be_unsigned(&self, known: &Known<'_>, place: (NasId, IpAddr)) -> bool {
        let Known { packet, nas } = known;
        if packet.code() == Code::StatusServer || packet.attribute(attr::EAP_MESSAGE).is_some() {
            return false;
        }
        match nas.require_message_authenticator {
            RequireMessageAuthenticator::Yes => false,
            RequireMessageAuthenticator::No => true,
            // Proxy-State is where the attacker hides the collision; routers never send it.
            RequireMessageAuthenticator::Auto => {
                packet.attribute(attr::PROXY_STATE).is_none() && !self.0.read().contains(&place)
            }
        }
    }
}

/// Checks both authenticators of an Accounting-Request.
pub(crate) fn check_accounting(known: &Known<'_>) -> Result<(), Discard> {
    let Known { packet, nas } = known;
    if !is_accounting_style_authentic(packet, nas.secret.expose()) {
        return Err(Discard::BadAuthenticator);
    }
    match check_message_authenticator(packet, &[0; 16], nas.secret.expose()) {
        MessageAuthenticator::Invalid => Err(Discard::BadMessageAuthenticator),
        MessageAuthenticator::Valid | MessageAuthenticator::Absent => Ok(()),
    }
}
