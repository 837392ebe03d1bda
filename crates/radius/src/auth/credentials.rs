//! What an Access-Request offers as proof.

use domain::network::ports::LoginMethod;

use crate::packet::codec::Packet;
use crate::packet::dictionary::attr;
use crate::packet::vendor_microsoft as microsoft;

/// The proof in an Access-Request; borrows the packet.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// User-Password, still hidden.
    Pap {
        /// The hidden bytes.
        hidden: &'a [u8],
    },
    /// CHAP-Password.
    Chap {
        /// Identifier of the exchange.
        identifier: u8,
        /// The response.
        response: &'a [u8; 16],
        /// The challenge it answers.
        challenge: &'a [u8],
    },
    /// MS-CHAP-Response.
    MsChapV1 {
        /// Identifier of the exchange.
        identifier: u8,
        /// The challenge it answers.
        challenge: &'a [u8; 8],
        /// The NT response.
        nt_response: &'a [u8; 24],
    },
    /// MS-CHAP2-Response.
    MsChapV2 {
        /// Identifier of the exchange.
        identifier: u8,
        /// The challenge of the NAS.
        authenticator_challenge: &'a [u8; 16],
        /// The challenge of the subscriber.
        peer_challenge: &'a [u8; 16],
        /// The NT response.
        nt_response: &'a [u8; 24],
    },
    /// EAP-Message.
    Eap,
    /// Nothing we check.
    None,
}

/// A password attribute has a shape its RFC does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password attribute is malformed")]
pub struct MalformedCredentials;

impl<'a> Credentials<'a> {
    /// How the login is to be proven.
    #[must_use]
    pub const fn method(&self) -> LoginMethod {
        match self {
            Self::Pap { .. } => LoginMethod::Pap,
            Self::Chap { .. } => LoginMethod::Chap,
            Self::MsChapV1 { .. } => LoginMethod::MsChapV1,
            Self::MsChapV2 { .. } => LoginMethod::MsChapV2,
            Self::Eap => LoginMethod::Eap,
            Self::None => LoginMethod::None,
        }
    }

    /// Finds the proof in an Access-Request.
    ///
    /// # Errors
    /// A password attribute is there but malformed.
    pub fn find(packet: &Packet<'a>) -> Result<Self, MalformedCredentials> {
        if packet.attribute(attr::EAP_MESSAGE).is_some() {
            return Ok(Self::Eap);
        }
        if let Some(found) = packet.vendor_attribute(microsoft::VENDOR, microsoft::CHAP2_RESPONSE) {
            return ms_chap_v2(packet, found.value).ok_or(MalformedCredentials);
        }
        if let Some(found) = packet.vendor_attribute(microsoft::VENDOR, microsoft::CHAP_RESPONSE) {
            return ms_chap_v1(packet, found.value).ok_or(MalformedCredentials);
        }
        if let Some(found) = packet.attribute(attr::CHAP_PASSWORD) {
            return chap(packet, found.value).ok_or(MalformedCredentials);
        }
        Ok(match packet.attribute(attr::USER_PASSWORD) {
            Some(found) => Self::Pap {
                hidden: found.value,
            },
            None => Self::None,
        })
    }
}

fn chap<'a>(packet: &Packet<'a>, value: &'a [u8]) -> Option<Credentials<'a>> {
    let (identifier, response) = value.split_first()?;
    let challenge = match packet.attribute(attr::CHAP_CHALLENGE) {
        Some(found) => found.value,
        None => packet.authenticator(),
    };
    Some(Credentials::Chap {
        identifier: *identifier,
        response: response.try_into().ok()?,
        challenge,
    })
}

// identifier, flags, LM response 24, NT response 24; flag 1 says that the NT response counts
fn ms_chap_v1<'a>(packet: &Packet<'a>, value: &'a [u8]) -> Option<Credentials<'a>> {
    let value: &[u8; 50] = value.try_into().ok()?;
    let [identifier, flags, ..] = value;
    if flags & 1 == 0 {
        return None;
    }
    Some(Credentials::MsChapV1 {
        identifier: *identifier,
        challenge: challenge(packet)?.try_into().ok()?,
        nt_response: value.last_chunk()?,
    })
}

// identifier, flags, peer challenge 16, reserved 8, NT response 24
fn ms_chap_v2<'a>(packet: &Packet<'a>, value: &'a [u8]) -> Option<Credentials<'a>> {
    let value: &[u8; 50] = value.try_into().ok()?;
    let ([identifier, _flags], rest) = value.split_first_chunk()?;
    Some(Credentials::MsChapV2 {
        identifier: *identifier,
        authenticator_challenge: challenge(packet)?.try_into().ok()?,
        peer_challenge: rest.first_chunk()?,
        nt_response: value.last_chunk()?,
    })
}

fn challenge<'a>(packet: &Packet<'a>) -> Option<&'a [u8]> {
    packet
        .vendor_attribute(microsoft::VENDOR, microsoft::CHAP_CHALLENGE)
        .map(|found| found.value)
}
