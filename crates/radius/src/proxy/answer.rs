//! What of a home server's answer reaches the router: limits of the session and proofs of the
//! login, never addresses, routes, profiles or lists, which mean something else in our network.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

use domain::network::secret::SecretBytes;

use crate::auth::pap::{mask, unmask};
use crate::packet::attribute::{Attribute, VendorAttributes};
use crate::packet::builder::PacketBuilder;
use crate::packet::codec::{Code, Packet};
use crate::packet::dictionary::attr;
use crate::packet::{vendor_microsoft as microsoft, vendor_mikrotik as mikrotik};

const TERMINATION_ACTION: u8 = 29;
const CHARGEABLE_USER_IDENTITY: u8 = 89;
const WISPR: u32 = 14_122;
const WISPR_BANDWIDTH_MAX: [u8; 2] = [7, 8];
/// pppd and RFC 2869 §5.16 take no less.
const SHORTEST_INTERIM: u32 = 60;

/// A verified answer and what its hidden values were hidden with.
pub struct HomeAnswer {
    /// The datagram.
    pub bytes: Vec<u8>,
    /// Authenticator of the request it answers.
    pub authenticator: [u8; 16],
    /// Secret shared with the home server.
    pub secret: SecretBytes,
}

/// What the answer to the router is hidden with.
#[derive(Clone, Copy)]
pub struct Towards<'a> {
    /// Authenticator of the router's request.
    pub authenticator: &'a [u8; 16],
    /// Secret shared with the router.
    pub secret: &'a [u8],
}

impl HomeAnswer {
    /// Writes what the router may have; `is_ours` knows a Class that we made, which no other may
    /// give.
    pub fn relay(
        &self,
        builder: &mut PacketBuilder,
        towards: Towards<'_>,
        is_ours: impl Fn(&[u8]) -> bool,
    ) {
        let Ok(packet) = Packet::parse(&self.bytes) else {
            return;
        };
        for attribute in packet.attributes() {
            let Attribute { kind, value } = attribute;
            match kind {
                attr::VENDOR_SPECIFIC => self.relay_vendor(builder, attribute, towards),
                attr::CLASS if is_ours(value) => {}
                attr::ACCT_INTERIM_INTERVAL => {
                    let seconds = attribute.as_u32().unwrap_or_default();
                    builder.u32(kind, seconds.max(SHORTEST_INTERIM));
                }
                _ if allowed(packet.code()).contains(&kind) => {
                    builder.attribute(kind, value);
                }
                _ => {}
            }
        }
    }

    /// Whether it carries an attribute of that type.
    #[must_use]
    pub fn has(&self, kind: u8) -> bool {
        Packet::parse(&self.bytes).is_ok_and(|packet| packet.attribute(kind).is_some())
    }

    fn relay_vendor(
        &self,
        builder: &mut PacketBuilder,
        attribute: Attribute<'_>,
        towards: Towards<'_>,
    ) {
        let Some(group) = VendorAttributes::read(attribute) else {
            return;
        };
        for Attribute { kind, value } in group.attributes {
            let value = match (group.vendor, kind) {
                (microsoft::VENDOR, microsoft::MPPE_SEND_KEY | microsoft::MPPE_RECV_KEY) => {
                    self.hidden_anew(value, 2, towards)
                }
                (microsoft::VENDOR, microsoft::CHAP_MPPE_KEYS) => {
                    self.hidden_anew(value, 0, towards)
                }
                (microsoft::VENDOR, kind) if MICROSOFT.contains(&kind) => Some(value.to_vec()),
                (mikrotik::VENDOR, kind) if MIKROTIK.contains(&kind) => Some(value.to_vec()),
                (WISPR, kind) if WISPR_BANDWIDTH_MAX.contains(&kind) => Some(value.to_vec()),
                _ => None,
            };
            if let Some(value) = value {
                builder.vendor(group.vendor, kind, &value);
            }
        }
    }

    fn hidden_anew(&self, value: &[u8], salt: usize, towards: Towards<'_>) -> Option<Vec<u8>> {
        let (salt, hidden) = value.split_at_checked(salt)?;
        if hidden.is_empty() || !hidden.len().is_multiple_of(16) {
            return None;
        }
        let clear = unmask(hidden, &self.authenticator, salt, self.secret.expose());
        let clear = zeroize::Zeroizing::new(clear);
        let mut anew = salt.to_vec();
        anew.extend(mask(&clear, towards.authenticator, salt, towards.secret));
        Some(anew)
    }
}

const MICROSOFT: [u8; 4] = [
    microsoft::CHAP_ERROR,
    microsoft::MPPE_ENCRYPTION_POLICY,
    microsoft::MPPE_ENCRYPTION_TYPES,
    microsoft::CHAP2_SUCCESS,
];

/// They only narrow the session.
const MIKROTIK: [u8; 7] = [
    mikrotik::RATE_LIMIT,
    mikrotik::RECV_LIMIT,
    mikrotik::XMIT_LIMIT,
    mikrotik::RECV_LIMIT_GIGAWORDS,
    mikrotik::XMIT_LIMIT_GIGAWORDS,
    mikrotik::TOTAL_LIMIT,
    mikrotik::TOTAL_LIMIT_GIGAWORDS,
];

const fn allowed(code: Code) -> &'static [u8] {
    match code {
        Code::AccessAccept => &[
            attr::USER_NAME,
            attr::REPLY_MESSAGE,
            attr::CLASS,
            attr::SESSION_TIMEOUT,
            attr::IDLE_TIMEOUT,
            TERMINATION_ACTION,
            attr::EAP_MESSAGE,
            CHARGEABLE_USER_IDENTITY,
        ],
        Code::AccessChallenge => &[
            attr::REPLY_MESSAGE,
            attr::STATE,
            attr::SESSION_TIMEOUT,
            attr::IDLE_TIMEOUT,
            attr::EAP_MESSAGE,
        ],
        _ => &[attr::REPLY_MESSAGE, attr::EAP_MESSAGE],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::mppe::{open_key, seal_key};

    const HOME: &[u8] = b"between providers";

    fn relayed(code: Code, write: impl FnOnce(&mut PacketBuilder)) -> Vec<u8> {
        let mut builder = PacketBuilder::signed(code, 1);
        write(&mut builder);
        let answer = HomeAnswer {
            bytes: builder.finish_response(&[3; 16], HOME).expect("it fits"),
            authenticator: [3; 16],
            secret: SecretBytes::new(HOME),
        };
        let mut builder = PacketBuilder::signed(code, 2);
        let towards = Towards {
            authenticator: &[4; 16],
            secret: b"nas",
        };
        answer.relay(&mut builder, towards, |class| class == b"ours");
        builder.finish_response(&[4; 16], b"nas").expect("it fits")
    }

    #[test]
    fn only_what_narrows_the_session_passes() {
        let bytes = relayed(Code::AccessAccept, |builder| {
            builder
                .u32(attr::SESSION_TIMEOUT, 3600)
                .u32(attr::ACCT_INTERIM_INTERVAL, 5)
                .u32(attr::SERVICE_TYPE, 6)
                .text(attr::FILTER_ID, "open")
                .text(22, "0.0.0.0/0 10.0.0.1 1")
                .ipv4(attr::FRAMED_IP_ADDRESS, [10, 0, 0, 1].into())
                .text(attr::FRAMED_POOL, "public")
                .attribute(attr::CLASS, b"ours")
                .attribute(attr::CLASS, b"theirs")
                .attribute(attr::PROXY_STATE, b"mark")
                .vendor(mikrotik::VENDOR, mikrotik::GROUP, b"full")
                .vendor(mikrotik::VENDOR, mikrotik::ADDRESS_LIST, b"vip")
                .vendor(mikrotik::VENDOR, mikrotik::RATE_LIMIT, b"1M/2M");
        });
        let packet = Packet::parse(&bytes).expect("valid");
        let kinds: Vec<u8> = packet.attributes().map(|found| found.kind).collect();
        assert_eq!(
            kinds,
            [
                attr::MESSAGE_AUTHENTICATOR,
                attr::SESSION_TIMEOUT,
                attr::ACCT_INTERIM_INTERVAL,
                attr::CLASS,
                attr::VENDOR_SPECIFIC
            ]
        );
        let interim = packet
            .attribute(attr::ACCT_INTERIM_INTERVAL)
            .expect("there");
        assert_eq!(interim.as_u32(), Some(60));
        assert_eq!(
            packet.attribute(attr::CLASS).expect("there").value,
            b"theirs"
        );
        let rate = packet.vendor_attribute(mikrotik::VENDOR, mikrotik::RATE_LIMIT);
        assert_eq!(rate.expect("there").value, b"1M/2M");
    }

    #[test]
    fn keys_are_hidden_anew() {
        let bytes = relayed(Code::AccessAccept, |builder| {
            let sealed = seal_key(&[7; 16], 99, &[3; 16], HOME);
            builder.vendor(microsoft::VENDOR, microsoft::MPPE_SEND_KEY, &sealed);
            builder.vendor(microsoft::VENDOR, microsoft::MPPE_RECV_KEY, b"short");
        });
        let packet = Packet::parse(&bytes).expect("valid");
        let sealed = packet.vendor_attribute(microsoft::VENDOR, microsoft::MPPE_SEND_KEY);
        let key = open_key(sealed.expect("there").value, &[4; 16], b"nas").expect("opens");
        assert_eq!(*key, [7; 16]);
        let short = packet.vendor_attribute(microsoft::VENDOR, microsoft::MPPE_RECV_KEY);
        assert!(short.is_none());
    }

    #[test]
    fn a_challenge_keeps_its_state_and_a_reject_its_reason() {
        let write = |builder: &mut PacketBuilder| {
            builder
                .attribute(attr::STATE, b"state")
                .u32(attr::SESSION_TIMEOUT, 30)
                .text(attr::REPLY_MESSAGE, "no");
        };
        let kinds = |bytes: &[u8]| -> Vec<u8> {
            let packet = Packet::parse(bytes).expect("valid");
            packet
                .attributes()
                .skip(1)
                .map(|found| found.kind)
                .collect()
        };
        assert_eq!(kinds(&relayed(Code::AccessChallenge, write)), [24, 27, 18]);
        assert_eq!(kinds(&relayed(Code::AccessReject, write)), [18]);
    }
}
