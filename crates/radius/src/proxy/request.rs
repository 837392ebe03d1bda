//! What a home server gets to see of a request: what it needs, and nothing of our network.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

use std::time::Duration;

use domain::network::operator_name::OperatorName;
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

/// How requests are marked that go through this server.
#[derive(Debug, Clone, Copy)]
pub struct Marks<'a> {
    /// Our Proxy-State.
    pub state: &'a [u8],
    /// What the ISP is called by others, when it has said so.
    pub operator_name: Option<&'a OperatorName>,
}

impl Marks<'_> {
    /// Whether a request was here before or went through too many proxies.
    #[must_use]
    pub fn show_circle(&self, request: &Packet<'_>) -> bool {
        let mut states = request.all(attr::PROXY_STATE);
        let was_here = states.any(|state| state.value == self.state);
        was_here
            || request.all(attr::PROXY_STATE).count() >= MAX_PROXIES
            || self
                .operator_name
                .is_some_and(|name| comes_back(request, name))
    }
}

/// Whether a request that was sent under this name comes back through another proxy (RFC 5580).
///
/// A router of ours may say our name, too: it sends no Proxy-State.
#[must_use]
pub fn comes_back(request: &Packet<'_>, name: &OperatorName) -> bool {
    let mut names = request.all(attr::OPERATOR_NAME);
    request.attribute(attr::PROXY_STATE).is_some() && names.any(|found| name.is_in(found.value))
}

/// Attributes of both kinds of requests that say who and where.
const PLACE: [u8; 13] = [
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
    attr::OPERATOR_NAME,
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
    marks: Marks<'_>,
) -> Option<Outgoing> {
    if marks.show_circle(request) {
        return None;
    }
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
    mark(&mut builder, request, marks);
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
    marks: Marks<'_>,
    waited: Duration,
) -> Option<Outgoing> {
    if marks.show_circle(request) {
        return None;
    }
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
    mark(&mut builder, request, marks);
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

/// Says who sends the request, unless somebody before us said who did, and where it went through.
fn mark(builder: &mut PacketBuilder, request: &Packet<'_>, marks: Marks<'_>) {
    let is_named = request.attribute(attr::OPERATOR_NAME).is_some();
    if let Some(name) = marks.operator_name.filter(|_| !is_named) {
        builder.attribute(attr::OPERATOR_NAME, &name.to_attribute());
    }
    builder.attribute(attr::PROXY_STATE, marks.state);
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
    /// Values of Operator-Name.
    type Names<'a> = &'a [&'a [u8]];
    const UNNAMED: Marks<'_> = Marks {
        state: MARK,
        operator_name: None,
    };

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
        forwarded_login(&request, NAS, &realm(strip), &home_secret(), UNNAMED)
    }

    /// A login that carries these operators' names and went through so many proxies.
    fn named(names: &[&[u8]], proxies: u8) -> Vec<u8> {
        let mut builder = PacketBuilder::signed(Code::AccessRequest, 1);
        builder.text(attr::USER_NAME, "bob@partner");
        for name in names {
            builder.attribute(attr::OPERATOR_NAME, name);
        }
        for proxy in 0..proxies {
            builder.attribute(attr::PROXY_STATE, &[proxy]);
        }
        let bytes = builder.finish_with_authenticator(&[8; 16], NAS);
        bytes.expect("it fits")
    }

    #[test]
    fn a_request_says_once_who_sends_it() {
        let ours = OperatorName::parse("isp.example").expect("a name");
        let (us, other) = (b"1isp.example".as_slice(), b"1other.example".as_slice());
        let table: [(_, Names<'_>, u8, Names<'_>); 6] = [
            (Some(&ours), &[], 0, &[us]),
            (Some(&ours), &[], 2, &[us]),
            (Some(&ours), &[other], 2, &[other]),
            (Some(&ours), &[us], 0, &[us]),
            (None, &[], 0, &[]),
            (None, &[other], 1, &[other]),
        ];
        for (operator_name, came, proxies, goes) in table {
            let marks = Marks {
                operator_name,
                ..UNNAMED
            };
            let bytes = named(came, proxies);
            let request = Packet::parse(&bytes).expect("valid");
            let (realm, secret) = (realm(true), home_secret());
            let login = forwarded_login(&request, NAS, &realm, &secret, marks);
            let report = forwarded_report(&request, &realm, &secret, marks, Duration::ZERO);
            for sent in [login, report] {
                let sent = sent.expect("forwarded").bytes;
                let packet = Packet::parse(&sent).expect("valid");
                let names: Vec<_> = packet.all(attr::OPERATOR_NAME).map(|n| n.value).collect();
                assert_eq!(names, goes, "{operator_name:?} {came:?}");
            }
        }
    }

    #[test]
    fn our_name_through_a_proxy_is_a_circle() {
        let ours = OperatorName::parse("isp.example").expect("a name");
        let (us, other) = (b"1ISP.example".as_slice(), b"1other.example".as_slice());
        let table: [(Names<'_>, u8, bool); 7] = [
            (&[us], 1, true),
            (&[other, us], 3, true),
            (&[us], 0, false),
            (&[other], 1, false),
            (&[b"0ISP.example"], 1, false),
            (&[], 4, false),
            (&[], 5, true),
        ];
        for (names, proxies, is_circle) in table {
            let marks = Marks {
                operator_name: Some(&ours),
                ..UNNAMED
            };
            let bytes = named(names, proxies);
            let request = Packet::parse(&bytes).expect("valid");
            assert_eq!(
                marks.show_circle(&request),
                is_circle,
                "{names:?} {proxies}"
            );
            let sent = forwarded_login(&request, NAS, &realm(true), &home_secret(), marks);
            assert_eq!(sent.is_none(), is_circle, "{names:?} {proxies}");
        }
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
        let sent = forwarded_report(&request, &realm(true), &home_secret(), UNNAMED, waited);
        let sent = sent.expect("forwarded");
        let packet = Packet::parse(&sent.bytes).expect("valid");
        let delay = packet.attribute(attr::ACCT_DELAY_TIME).expect("there");
        assert_eq!(delay.as_u32(), Some(15));
    }
}
