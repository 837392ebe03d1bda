//! Authenticators: the MD5 ones of RFC 2865/2866 and Message-Authenticator of RFC 2869.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

use crate::packet::codec::{HEADER_LEN, Packet};
use crate::packet::dictionary::attr;

const BEFORE_AUTHENTICATOR: usize = 4;

/// What a packet's Message-Authenticator says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageAuthenticator {
    /// There is none.
    Absent,
    /// It proves that the sender knows the secret.
    Valid,
    /// It is wrong, has a wrong length, or there are several.
    Invalid,
}

/// Checks Message-Authenticator with the authenticator that belongs into the digest: the
/// packet's own for Access-Request and Status-Server, zeros for Accounting- and CoA-Requests,
/// the request's for answers.
#[must_use]
pub fn check_message_authenticator(
    packet: &Packet<'_>,
    authenticator: &[u8; 16],
    secret: &[u8],
) -> MessageAuthenticator {
    let mut offset = HEADER_LEN;
    let mut found = None;
    for attribute in packet.attributes() {
        if attribute.kind == attr::MESSAGE_AUTHENTICATOR {
            if found.is_some() || attribute.value.len() != 16 {
                return MessageAuthenticator::Invalid;
            }
            found = Some((offset, attribute.value));
        }
        offset += attribute.value.len() + 2;
    }
    let Some((offset, value)) = found else {
        return MessageAuthenticator::Absent;
    };
    let expected = message_authenticator(packet.bytes(), authenticator, offset, secret);
    if expected.ct_eq(value).into() {
        MessageAuthenticator::Valid
    } else {
        MessageAuthenticator::Invalid
    }
}

/// Checks the authenticator of an Accounting-, `CoA`- or Disconnect-Request.
#[must_use]
pub fn is_accounting_style_authentic(packet: &Packet<'_>, secret: &[u8]) -> bool {
    is_response_authentic(packet, &[0; 16], secret)
}

/// Checks the authenticator of an answer to the request with that authenticator.
#[must_use]
pub fn is_response_authentic(
    packet: &Packet<'_>,
    request_authenticator: &[u8; 16],
    secret: &[u8],
) -> bool {
    authenticator_digest(packet.bytes(), request_authenticator, secret)
        .ct_eq(packet.authenticator())
        .into()
}

/// MD5(code ‖ id ‖ length ‖ authenticator ‖ attributes ‖ secret).
pub(crate) fn authenticator_digest(
    packet: &[u8],
    authenticator: &[u8; 16],
    secret: &[u8],
) -> [u8; 16] {
    let (head, attributes) = halves(packet);
    Md5::new()
        .chain_update(head)
        .chain_update(authenticator)
        .chain_update(attributes)
        .chain_update(secret)
        .finalize()
        .into()
}

/// HMAC-MD5 over the packet with that authenticator and the attribute at `offset` zeroed.
pub(crate) fn message_authenticator(
    packet: &[u8],
    authenticator: &[u8; 16],
    offset: usize,
    secret: &[u8],
) -> [u8; 16] {
    let (head, _) = halves(packet);
    let before = packet.get(HEADER_LEN..offset + 2).unwrap_or_default();
    let after = packet.get(offset + 18..).unwrap_or_default();
    let mut hmac = Hmac::<Md5>::new_from_slice(secret).expect("HMAC takes keys of any length");
    hmac.update(head);
    hmac.update(authenticator);
    hmac.update(before);
    hmac.update(&[0; 16]);
    hmac.update(after);
    hmac.finalize().into_bytes().into()
}

fn halves(packet: &[u8]) -> (&[u8], &[u8]) {
    let head = packet.get(..BEFORE_AUTHENTICATOR).unwrap_or_default();
    (head, packet.get(HEADER_LEN..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::builder::PacketBuilder;
    use crate::packet::codec::Code;

    #[test]
    fn message_authenticator_is_checked_wherever_it_stands() {
        let mut packet = PacketBuilder::new(Code::AccessRequest, 1);
        packet
            .text(attr::USER_NAME, "alice")
            .attribute(attr::MESSAGE_AUTHENTICATOR, &[0; 16]);
        packet.text(attr::NAS_IDENTIFIER, "r1");
        let mut bytes = packet
            .finish_with_authenticator(&[7; 16], b"secret")
            .expect("it fits");
        let digest = message_authenticator(&bytes, &[7; 16], HEADER_LEN + 7, b"secret");
        bytes[HEADER_LEN + 9..HEADER_LEN + 25].copy_from_slice(&digest);
        let check = |bytes: &[u8], secret: &[u8]| {
            let packet = Packet::parse(bytes).expect("valid");
            check_message_authenticator(&packet, packet.authenticator(), secret)
        };
        assert_eq!(check(&bytes, b"secret"), MessageAuthenticator::Valid);
        assert_eq!(check(&bytes, b"wrong"), MessageAuthenticator::Invalid);
        bytes[HEADER_LEN + 3] ^= 1;
        assert_eq!(check(&bytes, b"secret"), MessageAuthenticator::Invalid);
    }

    #[test]
    fn two_message_authenticators_are_none() {
        let mut packet = PacketBuilder::signed(Code::AccessRequest, 1);
        packet.attribute(attr::MESSAGE_AUTHENTICATOR, &[0; 16]);
        let bytes = packet
            .finish_with_authenticator(&[7; 16], b"secret")
            .expect("it fits");
        let packet = Packet::parse(&bytes).expect("valid");
        assert_eq!(
            check_message_authenticator(&packet, packet.authenticator(), b"secret"),
            MessageAuthenticator::Invalid
        );
    }

    #[test]
    fn accounting_requests_prove_the_secret() {
        let mut packet = PacketBuilder::new(Code::AccountingRequest, 1);
        packet.text(attr::ACCT_SESSION_ID, "81000001");
        let bytes = packet.finish_accounting_style(b"secret").expect("it fits");
        let packet = Packet::parse(&bytes).expect("valid");
        assert!(is_accounting_style_authentic(&packet, b"secret"));
        assert!(!is_accounting_style_authentic(&packet, b"Secret"));
    }
}
