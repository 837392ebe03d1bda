//! The client's side of RADIUS without I/O: build requests, verify answers, read what they grant.
//!
//! A router emulator, a proxy or a test sends the bytes itself; retransmissions send the same
//! bytes again.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

use zeroize::Zeroizing;

use crate::auth::mppe::{MppeKeys, open_key};
use crate::auth::{chap, mschap, pap};
use crate::packet::builder::{BuildError, PacketBuilder};
use crate::packet::codec::{Code, Packet, ParseError};
use crate::packet::dictionary::attr;
use crate::packet::integrity::{
    MessageAuthenticator, check_message_authenticator, is_response_authentic,
};
use crate::packet::vendor_microsoft as microsoft;

/// How a subscriber proves the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginMethod {
    /// The password travels hidden by the shared secret.
    Pap,
    /// MD5 over a challenge.
    Chap,
    /// Microsoft's first version.
    MsChapV1,
    /// Microsoft's second version, which also proves the server.
    MsChapV2,
}

/// One subscriber's attempt to log in.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// User name as it is sent.
    pub username: &'a str,
    /// Clear password.
    pub password: &'a [u8],
    /// How it is proven.
    pub method: LoginMethod,
}

/// A request as sent, with what is needed to believe the answer.
pub struct SentRequest {
    /// The datagram.
    pub bytes: Vec<u8>,
    /// Identifier of the request.
    pub id: u8,
    /// Request Authenticator.
    pub authenticator: [u8; 16],
    exchange: Option<MsChapV2Exchange>,
}

struct MsChapV2Exchange {
    nt_hash: Zeroizing<[u8; 16]>,
    nt_response: [u8; 24],
    challenge_hash: [u8; 8],
}

/// What a client demands of answers to logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// Message-Authenticator, without which an answer can be forged (CVE-2024-3596).
    Signed,
    /// The response authenticator alone: servers older than 2024 send no more.
    MayBeUnsigned,
}

/// Why an answer is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// It is no RADIUS packet.
    #[error("the answer is malformed: {0}")]
    Malformed(#[from] ParseError),
    /// It answers another request.
    #[error("the answer belongs to another request")]
    OtherRequest,
    /// Its authenticator is wrong: the secrets differ or it is forged.
    #[error("the response authenticator is wrong: the secrets differ or the answer is forged")]
    BadAuthenticator,
    /// Its Message-Authenticator is wrong.
    #[error("the message authenticator is wrong")]
    BadMessageAuthenticator,
    /// An answer to an Access-Request came without Message-Authenticator.
    #[error("the answer carries no message authenticator")]
    NoMessageAuthenticator,
}

/// Builds a signed Access-Request; `extra` adds NAS and port attributes.
///
/// # Errors
/// The attributes do not fit.
pub fn access_request(
    id: u8,
    secret: &[u8],
    login: Login<'_>,
    extra: impl FnOnce(&mut PacketBuilder),
) -> Result<SentRequest, BuildError> {
    let authenticator: [u8; 16] = rand::random();
    let mut builder = PacketBuilder::signed(Code::AccessRequest, id);
    builder.text(attr::USER_NAME, login.username);
    let exchange = write_login(&mut builder, login, &authenticator, secret);
    extra(&mut builder);
    let bytes = builder.finish_with_authenticator(&authenticator, secret)?;
    Ok(SentRequest {
        bytes,
        id,
        authenticator,
        exchange,
    })
}

/// Builds a Status-Server request (RFC 5997).
///
/// # Errors
/// Never, in practice: the packet is short.
pub fn status_server(id: u8, secret: &[u8]) -> Result<SentRequest, BuildError> {
    let authenticator: [u8; 16] = rand::random();
    let bytes = PacketBuilder::signed(Code::StatusServer, id)
        .finish_with_authenticator(&authenticator, secret)?;
    Ok(SentRequest {
        bytes,
        id,
        authenticator,
        exchange: None,
    })
}

/// Builds an Accounting-Request of that Acct-Status-Type; `extra` adds the rest.
///
/// # Errors
/// The attributes do not fit.
pub fn accounting_request(
    id: u8,
    secret: &[u8],
    status_type: u32,
    extra: impl FnOnce(&mut PacketBuilder),
) -> Result<SentRequest, BuildError> {
    let mut builder = PacketBuilder::new(Code::AccountingRequest, id);
    builder.u32(attr::ACCT_STATUS_TYPE, status_type);
    extra(&mut builder);
    finish_accounting_style(builder, id, secret)
}

pub(crate) fn finish_accounting_style(
    builder: PacketBuilder,
    id: u8,
    secret: &[u8],
) -> Result<SentRequest, BuildError> {
    let bytes = builder.finish_accounting_style(secret)?;
    let authenticator = bytes
        .get(4..)
        .and_then(|rest| rest.first_chunk::<16>())
        .copied()
        .expect("a finished packet has a header");
    Ok(SentRequest {
        bytes,
        id,
        authenticator,
        exchange: None,
    })
}

fn write_login(
    builder: &mut PacketBuilder,
    login: Login<'_>,
    authenticator: &[u8; 16],
    secret: &[u8],
) -> Option<MsChapV2Exchange> {
    match login.method {
        LoginMethod::Pap => {
            builder.attribute(
                attr::USER_PASSWORD,
                &pap::hide(login.password, authenticator, secret),
            );
            None
        }
        LoginMethod::Chap => {
            let (identifier, challenge) = (rand::random::<u8>(), rand::random::<[u8; 16]>());
            let mut value = vec![identifier];
            value.extend(chap::response(identifier, login.password, &challenge));
            builder
                .attribute(attr::CHAP_PASSWORD, &value)
                .attribute(attr::CHAP_CHALLENGE, &challenge);
            None
        }
        LoginMethod::MsChapV1 => {
            write_ms_chap_v1(builder, login.password);
            None
        }
        LoginMethod::MsChapV2 => Some(write_ms_chap_v2(builder, login)),
    }
}

fn write_ms_chap_v1(builder: &mut PacketBuilder, password: &[u8]) {
    let challenge: [u8; 8] = rand::random();
    let hash = mschap::nt_password_hash(password);
    let mut value = vec![rand::random(), 1];
    value.extend([0; 24]);
    value.extend(mschap::challenge_response(&challenge, &hash));
    builder
        .vendor(microsoft::VENDOR, microsoft::CHAP_CHALLENGE, &challenge)
        .vendor(microsoft::VENDOR, microsoft::CHAP_RESPONSE, &value);
}

fn write_ms_chap_v2(builder: &mut PacketBuilder, login: Login<'_>) -> MsChapV2Exchange {
    let (ours, peers): ([u8; 16], [u8; 16]) = (rand::random(), rand::random());
    let nt_hash = mschap::nt_password_hash(login.password);
    let challenge_hash = mschap::challenge_hash(&peers, &ours, login.username.as_bytes());
    let nt_response = mschap::challenge_response(&challenge_hash, &nt_hash);
    let mut value = vec![rand::random(), 0];
    value.extend(peers);
    value.extend([0; 8]);
    value.extend(nt_response);
    builder
        .vendor(microsoft::VENDOR, microsoft::CHAP_CHALLENGE, &ours)
        .vendor(microsoft::VENDOR, microsoft::CHAP2_RESPONSE, &value);
    MsChapV2Exchange {
        nt_hash,
        nt_response,
        challenge_hash,
    }
}

impl SentRequest {
    /// Verifies an answer; Access answers without Message-Authenticator are not believed.
    ///
    /// # Errors
    /// Why the answer must be ignored.
    pub fn verify<'d>(
        &self,
        datagram: &'d [u8],
        secret: &[u8],
    ) -> Result<Packet<'d>, ResponseError> {
        self.verify_as(datagram, secret, Answers::Signed)
    }

    /// Verifies an answer, by choice without demanding Message-Authenticator.
    ///
    /// # Errors
    /// Why the answer must be ignored.
    pub fn verify_as<'d>(
        &self,
        datagram: &'d [u8],
        secret: &[u8],
        answers: Answers,
    ) -> Result<Packet<'d>, ResponseError> {
        let packet = Packet::parse(datagram)?;
        if packet.id() != self.id {
            return Err(ResponseError::OtherRequest);
        }
        if !is_response_authentic(&packet, &self.authenticator, secret) {
            return Err(ResponseError::BadAuthenticator);
        }
        match check_message_authenticator(&packet, &self.authenticator, secret) {
            MessageAuthenticator::Valid => Ok(packet),
            MessageAuthenticator::Invalid => Err(ResponseError::BadMessageAuthenticator),
            MessageAuthenticator::Absent
                if answers == Answers::Signed && is_access_answer(packet.code()) =>
            {
                Err(ResponseError::NoMessageAuthenticator)
            }
            MessageAuthenticator::Absent => Ok(packet),
        }
    }

    /// Whether an Access-Accept to MS-CHAPv2 proves that the server knows the password; true for
    /// the methods that prove nothing.
    #[must_use]
    pub fn server_is_proven(&self, accept: &Packet<'_>) -> bool {
        let Some(exchange) = &self.exchange else {
            return true;
        };
        let expected = mschap::authenticator_response(
            &exchange.nt_hash,
            &exchange.nt_response,
            &exchange.challenge_hash,
        );
        accept
            .vendor_attribute(microsoft::VENDOR, microsoft::CHAP2_SUCCESS)
            .and_then(|found| found.value.get(1..))
            .is_some_and(|text| text.starts_with(expected.as_bytes()))
    }

    /// The MPPE keys an Access-Accept carries.
    #[must_use]
    pub fn mppe_keys(&self, accept: &Packet<'_>, secret: &[u8]) -> Option<MppeKeys> {
        let open = |kind| {
            let sealed = accept.vendor_attribute(microsoft::VENDOR, kind)?;
            open_key(sealed.value, &self.authenticator, secret)
        };
        Some(MppeKeys {
            send: open(microsoft::MPPE_SEND_KEY)?,
            recv: open(microsoft::MPPE_RECV_KEY)?,
        })
    }

    /// The MPPE keys both sides should have derived from an MS-CHAPv2 login.
    #[must_use]
    pub fn expected_mppe_keys(&self) -> Option<MppeKeys> {
        let exchange = self.exchange.as_ref()?;
        Some(MppeKeys::derive(&exchange.nt_hash, &exchange.nt_response))
    }
}

const fn is_access_answer(code: Code) -> bool {
    matches!(
        code,
        Code::AccessAccept | Code::AccessReject | Code::AccessChallenge
    )
}

/// A `CoA`- or Disconnect-Request that arrived at a NAS.
#[derive(Clone, Copy)]
pub struct ControlRequest<'a> {
    /// The verified packet.
    pub packet: Packet<'a>,
}

impl<'a> ControlRequest<'a> {
    /// Reads and verifies a request that a server sent to the NAS; `None` means drop it silently.
    #[must_use]
    pub fn read(datagram: &'a [u8], secret: &[u8]) -> Option<Self> {
        let packet = Packet::parse(datagram).ok()?;
        let is_control = matches!(packet.code(), Code::CoaRequest | Code::DisconnectRequest);
        let is_signed = crate::packet::integrity::is_accounting_style_authentic(&packet, secret)
            && check_message_authenticator(&packet, &[0; 16], secret)
                != MessageAuthenticator::Invalid;
        (is_control && is_signed).then_some(Self { packet })
    }

    /// Builds the ACK.
    ///
    /// # Errors
    /// The attributes do not fit.
    pub fn acknowledge(&self, secret: &[u8]) -> Result<Vec<u8>, BuildError> {
        let code = match self.packet.code() {
            Code::DisconnectRequest => Code::DisconnectAck,
            _ => Code::CoaAck,
        };
        self.answer(PacketBuilder::new(code, self.packet.id()), secret)
    }

    /// Builds the NAK with that Error-Cause.
    ///
    /// # Errors
    /// The attributes do not fit.
    pub fn refuse(&self, error_cause: u32, secret: &[u8]) -> Result<Vec<u8>, BuildError> {
        let code = match self.packet.code() {
            Code::DisconnectRequest => Code::DisconnectNak,
            _ => Code::CoaNak,
        };
        let mut builder = PacketBuilder::new(code, self.packet.id());
        builder.u32(attr::ERROR_CAUSE, error_cause);
        self.answer(builder, secret)
    }

    fn answer(&self, mut builder: PacketBuilder, secret: &[u8]) -> Result<Vec<u8>, BuildError> {
        builder.proxy_states(&self.packet);
        builder.finish_response(self.packet.authenticator(), secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::credentials::Credentials;
    use crate::auth::pipeline::{CheckContext, Proof, check};

    const SECRET: &[u8] = b"a shared secret";

    fn request(method: LoginMethod) -> SentRequest {
        let login = Login {
            username: "alice",
            password: b"secret1",
            method,
        };
        access_request(5, SECRET, login, |builder| {
            builder.text(attr::NAS_IDENTIFIER, "r1");
        })
        .expect("it fits")
    }

    fn proof(sent: &SentRequest, password: &[u8]) -> Option<Proof> {
        let packet = Packet::parse(&sent.bytes).expect("valid");
        let context = CheckContext {
            username: b"alice",
            authenticator: &sent.authenticator,
            secret: SECRET,
        };
        check(
            &Credentials::find(&packet).expect("well formed"),
            password,
            context,
        )
    }

    #[test]
    fn every_method_proves_the_password() {
        for method in [
            LoginMethod::Pap,
            LoginMethod::Chap,
            LoginMethod::MsChapV1,
            LoginMethod::MsChapV2,
        ] {
            let sent = request(method);
            assert!(proof(&sent, b"secret1").is_some(), "{method:?}");
            assert!(proof(&sent, b"secret2").is_none(), "{method:?}");
        }
    }

    #[test]
    fn an_accept_of_ms_chap_v2_proves_the_server_and_carries_the_keys() {
        let sent = request(LoginMethod::MsChapV2);
        let context = CheckContext {
            username: b"alice",
            authenticator: &sent.authenticator,
            secret: SECRET,
        };
        let mut accept = PacketBuilder::signed(Code::AccessAccept, 5);
        proof(&sent, b"secret1")
            .expect("right")
            .write(&mut accept, context, 1);
        let bytes = accept
            .finish_response(&sent.authenticator, SECRET)
            .expect("it fits");
        let packet = sent.verify(&bytes, SECRET).expect("authentic");
        assert!(sent.server_is_proven(&packet));
        assert_eq!(sent.mppe_keys(&packet, SECRET), sent.expected_mppe_keys());
        assert!(!request(LoginMethod::MsChapV2).server_is_proven(&packet));
    }

    #[test]
    fn answers_that_prove_nothing_are_not_believed() {
        let sent = request(LoginMethod::Pap);
        let answer = |builder: PacketBuilder, secret: &[u8]| {
            builder
                .finish_response(&sent.authenticator, secret)
                .expect("it fits")
        };
        let signed = |id| PacketBuilder::signed(Code::AccessReject, id);
        let table = [
            (answer(signed(6), SECRET), ResponseError::OtherRequest),
            (answer(signed(5), b"other"), ResponseError::BadAuthenticator),
            (
                answer(PacketBuilder::new(Code::AccessReject, 5), SECRET),
                ResponseError::NoMessageAuthenticator,
            ),
            (vec![0; 10], ResponseError::Malformed(ParseError::BadLength)),
        ];
        for (bytes, error) in table {
            assert_eq!(sent.verify(&bytes, SECRET).err(), Some(error));
        }
    }
}
