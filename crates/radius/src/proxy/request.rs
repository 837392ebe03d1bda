//! What a home server gets to see of a request: what it needs, and nothing of our network.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

use std::time::Duration;

use domain::network::realm::{Realm, RealmPosition};
use domain::network::secret::SecretBytes;

use crate::auth::pap;
use crate::packet::attribute::{Attribute, VendorAttributes};
use crate::packet::builder::PacketBuilder;
use crate::packet::codec::{Code, Packet};
use crate::packet::dictionary::attr;
use crate::packet::vendor_microsoft as microsoft;
use crate::proxy::MAX_PROXIES;

/// A request as sent to a home server.
pub struct Outgoing {
    /// The datagram.
    pub bytes: Vec<u8>,
    /// Its identifier.
    pub id: u8,
    /// Its Request Authenticator.
    pub authenticator: [u8; 16],
}

/// Attributes of both kinds of requests that say who and where.
const PLACE: [u8; 12] = [
    attr::NAS_IP_ADDRESS,
    attr::NAS_PORT,
    attr::SERVICE_TYPE,
    attr::FRAMED_PROTOCOL,
    attr::FRAMED_IP_ADDRESS,
    attr::CALLED_STATION_ID,
    attr::CALLING_STATION_ID,
    attr::NAS_IDENTIFIER,
    attr::NAS_PORT_TYPE,
    attr::NAS_PORT_ID,
    attr::EVENT_TIMESTAMP,
    attr::PROXY_STATE,
];

const LOGIN: [u8; 4] = [
    attr::CHAP_PASSWORD,
    attr::CHAP_CHALLENGE,
    attr::STATE,
    attr::EAP_MESSAGE,
];

const REPORT: [u8; 14] = [
    attr::CLASS,
    attr::SESSION_TIMEOUT,
    attr::IDLE_TIMEOUT,
    attr::ACCT_STATUS_TYPE,
    attr::ACCT_INPUT_OCTETS,
    attr::ACCT_OUTPUT_OCTETS,
    attr::ACCT_SESSION_ID,
    attr::ACCT_AUTHENTIC,
    attr::ACCT_SESSION_TIME,
    attr::ACCT_INPUT_PACKETS,
    attr::ACCT_OUTPUT_PACKETS,
    attr::ACCT_TERMINATE_CAUSE,
    attr::ACCT_INPUT_GIGAWORDS,
    attr::ACCT_OUTPUT_GIGAWORDS,
];

/// Rewrites an Access-Request; `None` when it goes in circles or cannot be rewritten.
#[must_use]
pub fn forwarded_login(
    request: &Packet<'_>,
    nas_secret: &[u8],
    realm: &Realm,
    secret: &SecretBytes,
    mark: &[u8],
) -> Option<Outgoing> {
    refuse_circles(request, mark)?;
    let (id, authenticator): (u8, [u8; 16]) = (rand::random(), rand::random());
    let mut builder = PacketBuilder::signed(Code::AccessRequest, id);
    for attribute in request.attributes() {
        match attribute.kind {
            attr::USER_NAME => {
                builder.attribute(attr::USER_NAME, user_name(request, attribute.value, realm));
            }
            attr::USER_PASSWORD => {
                let clear = pap::reveal(attribute.value, request.authenticator(), nas_secret)?;
                let hidden = pap::hide(&clear, &authenticator, secret.expose());
                builder.attribute(attr::USER_PASSWORD, &hidden);
            }
            attr::VENDOR_SPECIFIC => copy_microsoft(&mut builder, attribute),
            kind if LOGIN.contains(&kind) || PLACE.contains(&kind) => {
                builder.attribute(kind, attribute.value);
            }
            _ => {}
        }
    }
    // Without a challenge of its own, CHAP answered the authenticator, which is another one now.
    let has_chap = request.attribute(attr::CHAP_PASSWORD).is_some();
    if has_chap && request.attribute(attr::CHAP_CHALLENGE).is_none() {
        builder.attribute(attr::CHAP_CHALLENGE, request.authenticator());
    }
    builder.attribute(attr::PROXY_STATE, mark);
    let bytes = builder.finish_with_authenticator(&authenticator, secret.expose());
    Some(Outgoing {
        bytes: bytes.ok()?,
        id,
        authenticator,
    })
}

/// Rewrites an Accounting-Request that has waited for so long.
#[must_use]
pub fn forwarded_report(
    request: &Packet<'_>,
    realm: &Realm,
    secret: &SecretBytes,
    mark: &[u8],
    waited: Duration,
) -> Option<Outgoing> {
    refuse_circles(request, mark)?;
    let id = rand::random();
    let mut builder = PacketBuilder::new(Code::AccountingRequest, id);
    for attribute in request.attributes() {
        match attribute.kind {
            attr::USER_NAME => {
                builder.attribute(attr::USER_NAME, user_name(request, attribute.value, realm));
            }
            kind if REPORT.contains(&kind) || PLACE.contains(&kind) => {
                builder.attribute(kind, attribute.value);
            }
            _ => {}
        }
    }
    let delay = request
        .attribute(attr::ACCT_DELAY_TIME)
        .and_then(|found| found.as_u32())
        .unwrap_or_default();
    let waited = u32::try_from(waited.as_secs()).unwrap_or(u32::MAX);
    builder.u32(attr::ACCT_DELAY_TIME, delay.saturating_add(waited));
    builder.attribute(attr::PROXY_STATE, mark);
    let bytes = builder.finish_accounting_style(secret.expose()).ok()?;
    outgoing(bytes, id)
}

/// A Status-Server request (RFC 5997).
#[must_use]
pub fn status_server(secret: &SecretBytes) -> Option<Outgoing> {
    let id = rand::random();
    let builder = PacketBuilder::signed(Code::StatusServer, id);
    let bytes = builder.finish_with_authenticator(&rand::random(), secret.expose());
    outgoing(bytes.ok()?, id)
}

fn outgoing(bytes: Vec<u8>, id: u8) -> Option<Outgoing> {
    let authenticator = *bytes.get(4..)?.first_chunk::<16>()?;
    Some(Outgoing {
        bytes,
        id,
        authenticator,
    })
}

fn refuse_circles(request: &Packet<'_>, mark: &[u8]) -> Option<()> {
    let passed = request.all(attr::PROXY_STATE).count();
    let was_here = request
        .all(attr::PROXY_STATE)
        .any(|state| state.value == mark);
    (passed < MAX_PROXIES && !was_here).then_some(())
}

fn user_name<'a>(request: &Packet<'_>, name: &'a [u8], realm: &Realm) -> &'a [u8] {
    // MS-CHAPv2 hashes the name as it was typed, all but a domain before it (RFC 2759 §4).
    let is_hashed = realm.position == RealmPosition::Suffix
        && request
            .vendor_attribute(microsoft::VENDOR, microsoft::CHAP2_RESPONSE)
            .is_some();
    if !realm.strip || is_hashed {
        return name;
    }
    std::str::from_utf8(name)
        .ok()
        .and_then(|text| realm.position.split(text))
        .map_or(name, |(user, _)| user.as_bytes())
}

fn copy_microsoft(builder: &mut PacketBuilder, attribute: Attribute<'_>) {
    const CHAP: [u8; 3] = [
        microsoft::CHAP_RESPONSE,
        microsoft::CHAP_CHALLENGE,
        microsoft::CHAP2_RESPONSE,
    ];
    let Some(group) = VendorAttributes::read(attribute) else {
        return;
    };
    if group.vendor == microsoft::VENDOR {
        for found in group.attributes.filter(|found| CHAP.contains(&found.kind)) {
            builder.vendor(microsoft::VENDOR, found.kind, found.value);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{IspId, RealmId};
    use domain::network::realm::WAITING_LOGINS;

    use super::*;
    use crate::auth::chap;
    use crate::client::{Login, LoginMethod, access_request};
    use crate::packet::vendor_mikrotik as mikrotik;

    const NAS: &[u8] = b"between nas and us";
    const MARK: &[u8] = b"our mark";

    fn home_secret() -> SecretBytes {
        SecretBytes::new("between providers")
    }

    fn realm(strip: bool) -> Realm {
        Realm {
            id: RealmId::generate(),
            isp_id: IspId::generate(),
            name: "partner".into(),
            position: RealmPosition::Suffix,
            strip,
            authentication: true,
            accounting: true,
            max_waiting_logins: WAITING_LOGINS,
            home_servers: Vec::new(),
        }
    }

    fn request(method: LoginMethod, states: &[&[u8]]) -> Vec<u8> {
        let login = Login {
            username: "bob@partner",
            password: b"secret1",
            method,
        };
        access_request(9, NAS, login, |builder| {
            builder.text(attr::NAS_IDENTIFIER, "r1");
            builder.vendor(mikrotik::VENDOR, mikrotik::RATE_LIMIT, b"1M/1M");
            builder.text(11, "a filter");
            for state in states {
                builder.attribute(attr::PROXY_STATE, state);
            }
        })
        .expect("it fits")
        .bytes
    }

    fn forward(bytes: &[u8], strip: bool) -> Option<Outgoing> {
        let request = Packet::parse(bytes).expect("valid");
        forwarded_login(&request, NAS, &realm(strip), &home_secret(), MARK)
    }

    #[test]
    fn passwords_are_hidden_anew_and_our_network_stays_ours() {
        let sent = forward(&request(LoginMethod::Pap, &[b"theirs"]), true).expect("forwarded");
        let packet = Packet::parse(&sent.bytes).expect("valid");
        let hidden = packet.attribute(attr::USER_PASSWORD).expect("there").value;
        let clear = pap::reveal(hidden, &sent.authenticator, b"between providers").expect("clear");
        assert_eq!(clear.as_slice(), b"secret1");
        assert_eq!(
            packet.attribute(attr::USER_NAME).expect("there").value,
            b"bob"
        );
        assert!(packet.attribute(attr::NAS_IDENTIFIER).is_some());
        assert!(packet.attribute(11).is_none());
        assert!(packet.attribute(attr::VENDOR_SPECIFIC).is_none());
        let states: Vec<_> = packet.all(attr::PROXY_STATE).map(|s| s.value).collect();
        assert_eq!(states, [b"theirs".as_slice(), MARK]);
    }

    #[test]
    fn chap_keeps_the_challenge_that_was_answered() {
        let mut builder = PacketBuilder::signed(Code::AccessRequest, 1);
        let mut value = vec![5];
        value.extend(chap::response(5, b"secret1", &[8; 16]));
        builder.attribute(attr::CHAP_PASSWORD, &value);
        let bytes = builder
            .finish_with_authenticator(&[8; 16], NAS)
            .expect("it fits");
        let sent = forward(&bytes, false).expect("forwarded");
        let packet = Packet::parse(&sent.bytes).expect("valid");
        let challenge = packet.attribute(attr::CHAP_CHALLENGE).expect("added");
        assert_eq!(challenge.value, [8; 16]);
    }

    #[test]
    fn a_name_that_was_hashed_is_not_stripped() {
        for (method, name) in [
            (LoginMethod::MsChapV2, b"bob@partner".as_slice()),
            (LoginMethod::MsChapV1, b"bob"),
        ] {
            let sent = forward(&request(method, &[]), true).expect("forwarded");
            let packet = Packet::parse(&sent.bytes).expect("valid");
            assert_eq!(
                packet.attribute(attr::USER_NAME).expect("there").value,
                name
            );
        }
    }

    #[test]
    fn circles_are_broken() {
        assert!(forward(&request(LoginMethod::Pap, &[b"a", MARK]), true).is_none());
        let four: [&[u8]; 4] = [b"a", b"b", b"c", b"d"];
        assert!(forward(&request(LoginMethod::Pap, &four), true).is_some());
        let five: [&[u8]; 5] = [b"a", b"b", b"c", b"d", b"e"];
        assert!(forward(&request(LoginMethod::Pap, &five), true).is_none());
    }

    #[test]
    fn reports_say_how_long_they_waited() {
        let mut builder = PacketBuilder::new(Code::AccountingRequest, 1);
        builder
            .u32(attr::ACCT_STATUS_TYPE, 1)
            .u32(attr::ACCT_DELAY_TIME, 5);
        let bytes = builder.finish_accounting_style(NAS).expect("it fits");
        let request = Packet::parse(&bytes).expect("valid");
        let waited = Duration::from_secs(10);
        let sent = forwarded_report(&request, &realm(true), &home_secret(), MARK, waited);
        let sent = sent.expect("forwarded");
        let packet = Packet::parse(&sent.bytes).expect("valid");
        let delay = packet.attribute(attr::ACCT_DELAY_TIME).expect("there");
        assert_eq!(delay.as_u32(), Some(15));
    }
}
