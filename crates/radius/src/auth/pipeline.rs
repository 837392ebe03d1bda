//! Checks credentials against a password and prepares what the answer must say about them.

use subtle::ConstantTimeEq;

use crate::auth::credentials::Credentials;
use crate::auth::mppe::{MppeKeys, seal_key};
use crate::auth::{chap, mschap, pap};
use crate::packet::builder::PacketBuilder;
use crate::packet::vendor_microsoft as microsoft;
use domain::network::service_policy::RejectCause;

/// A password that was proven, with what the answer owes the method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// PAP and CHAP owe nothing.
    Plain,
    /// MS-CHAPv1 owes the session key.
    MsChapV1 {
        /// MD4 of the hash of the password.
        key: zeroize::Zeroizing<[u8; 16]>,
    },
    /// MS-CHAPv2 owes the counter-proof and the keys.
    MsChapV2 {
        /// Identifier of the exchange.
        identifier: u8,
        /// The `S=` text.
        success: String,
        /// Keys for MPPE.
        keys: MppeKeys,
    },
}

/// What the check needs besides the credentials.
#[derive(Clone, Copy)]
pub struct CheckContext<'a> {
    /// User-Name as it was sent.
    pub username: &'a [u8],
    /// Request Authenticator.
    pub authenticator: &'a [u8; 16],
    /// Secret of the NAS.
    pub secret: &'a [u8],
}

/// Checks credentials; `None` means that they do not prove the password.
#[must_use]
pub fn check(
    credentials: &Credentials<'_>,
    password: &[u8],
    context: CheckContext<'_>,
) -> Option<Proof> {
    match *credentials {
        Credentials::Pap { hidden } => {
            let clear = pap::reveal(hidden, context.authenticator, context.secret)?;
            bool::from(clear.ct_eq(password)).then_some(Proof::Plain)
        }
        Credentials::Chap {
            identifier,
            response,
            challenge,
        } => chap::is_proof(identifier, response, password, challenge).then_some(Proof::Plain),
        Credentials::MsChapV1 {
            challenge,
            nt_response,
            ..
        } => {
            let hash = mschap::nt_password_hash(password);
            let expected = mschap::challenge_response(challenge, &hash);
            mschap::is_same(&expected, nt_response).then(|| Proof::MsChapV1 {
                key: mschap::hash_of_hash(&hash),
            })
        }
        Credentials::MsChapV2 {
            identifier,
            authenticator_challenge,
            peer_challenge,
            nt_response,
        } => {
            let hash = mschap::nt_password_hash(password);
            // Windows hashes the name without its domain; others hash what they send.
            [context.username, without_domain(context.username)]
                .iter()
                .find_map(|username| {
                    let challenge =
                        mschap::challenge_hash(peer_challenge, authenticator_challenge, username);
                    let expected = mschap::challenge_response(&challenge, &hash);
                    mschap::is_same(&expected, nt_response).then(|| Proof::MsChapV2 {
                        identifier,
                        success: mschap::authenticator_response(&hash, nt_response, &challenge),
                        keys: MppeKeys::derive(&hash, nt_response),
                    })
                })
        }
        Credentials::Eap | Credentials::None => None,
    }
}

/// The name after `DOMAIN\`, or the whole name.
#[must_use]
pub fn without_domain(username: &[u8]) -> &[u8] {
    match username.iter().position(|byte| *byte == b'\\') {
        Some(at) => username.get(at + 1..).unwrap_or_default(),
        None => username,
    }
}

impl Proof {
    /// Adds to an Access-Accept what the method owes.
    pub fn write(&self, answer: &mut PacketBuilder, context: CheckContext<'_>, salt: u16) {
        match self {
            Self::Plain => {}
            Self::MsChapV1 { key } => {
                // LM key 8 (zero: it is never known here), NT key 16, padding 8.
                let mut keys = zeroize::Zeroizing::new([0; 32]);
                for (to, from) in keys.iter_mut().skip(8).zip(key.iter()) {
                    *to = *from;
                }
                let hidden = pap::mask(keys.as_slice(), context.authenticator, &[], context.secret);
                answer.vendor(microsoft::VENDOR, microsoft::CHAP_MPPE_KEYS, &hidden);
                write_encryption(answer);
            }
            Self::MsChapV2 {
                identifier,
                success,
                keys,
            } => {
                let mut value = vec![*identifier];
                value.extend_from_slice(success.as_bytes());
                answer.vendor(microsoft::VENDOR, microsoft::CHAP2_SUCCESS, &value);
                write_encryption(answer);
                for (kind, key, salt) in [
                    (microsoft::MPPE_SEND_KEY, &keys.send, salt),
                    (microsoft::MPPE_RECV_KEY, &keys.recv, salt.wrapping_add(1)),
                ] {
                    let sealed = seal_key(key, salt, context.authenticator, context.secret);
                    answer.vendor(microsoft::VENDOR, kind, &sealed);
                }
            }
        }
    }
}

fn write_encryption(answer: &mut PacketBuilder) {
    answer
        .vendor_u32(
            microsoft::VENDOR,
            microsoft::MPPE_ENCRYPTION_POLICY,
            microsoft::ENCRYPTION_ALLOWED,
        )
        .vendor_u32(
            microsoft::VENDOR,
            microsoft::MPPE_ENCRYPTION_TYPES,
            microsoft::ENCRYPTION_TYPES_40_AND_128,
        );
}

/// Adds MS-CHAP-Error to an Access-Reject when the login was MS-CHAP; `challenge` is fresh.
pub fn write_error(
    answer: &mut PacketBuilder,
    credentials: &Credentials<'_>,
    cause: RejectCause,
    challenge: &[u8; 16],
) {
    let (identifier, challenge, version) = match credentials {
        Credentials::MsChapV1 { identifier, .. } => (identifier, challenge.split_at(8).0, 2),
        Credentials::MsChapV2 { identifier, .. } => (identifier, challenge.as_slice(), 3),
        Credentials::Pap { .. } | Credentials::Chap { .. } => return,
        Credentials::Eap | Credentials::None => return,
    };
    let mut text = format!("E={} R=0 C=", error_code(cause));
    mschap::push_hex(&mut text, challenge);
    text.push_str(&format!(" V={version}"));
    if version == 3 {
        text.push_str(" M=");
        text.push_str(match cause {
            RejectCause::WrongPassword | RejectCause::UnknownUser => "Authentication failed",
            other => other.reply_message(),
        });
    }
    let mut value = vec![*identifier];
    value.extend_from_slice(text.as_bytes());
    answer.vendor(microsoft::VENDOR, microsoft::CHAP_ERROR, &value);
}

// R=0 and no password-change version: clients do not offer to change the password on 648.
const fn error_code(cause: RejectCause) -> u32 {
    match cause {
        RejectCause::Suspended | RejectCause::Closed | RejectCause::Pending => 647,
        RejectCause::OutsideTimeWindow => 646,
        RejectCause::Expired => 648,
        RejectCause::NasNotAllowed
        | RejectCause::MacNotBound
        | RejectCause::QuotaUsed
        | RejectCause::TooManySessions => 649,
        RejectCause::UnknownUser
        | RejectCause::WrongPassword
        | RejectCause::Blocked
        | RejectCause::EapUnsupported
        | RejectCause::NoCredentials
        | RejectCause::ProxyFailed
        | RejectCause::HomeRejected
        | RejectCause::RealmBusy
        | RejectCause::ProxyLoop
        | RejectCause::Malformed => 691,
    }
}
