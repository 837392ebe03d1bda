//! Packets in words, for people who trace a customer; whatever is or hides a secret stays hidden.

use std::fmt::Write as _;

use crate::packet::attribute::{Attribute, VendorAttributes};
use crate::packet::codec::{Code, Packet};
use crate::packet::dictionary::attr;

mod names;

use names::{Kind, Named};

/// What stands in place of a secret.
const HIDDEN: &str = "(hidden)";
/// Longer values are cut: a trace is read by people.
const MAX_VALUE: usize = 253;

/// The kind of a packet and its id, for example `Access-Request 17`.
#[must_use]
pub fn title(packet: &Packet<'_>) -> String {
    let name = match packet.code() {
        Code::AccessRequest => "Access-Request",
        Code::AccessAccept => "Access-Accept",
        Code::AccessReject => "Access-Reject",
        Code::AccessChallenge => "Access-Challenge",
        Code::AccountingRequest => "Accounting-Request",
        Code::AccountingResponse => "Accounting-Response",
        Code::StatusServer => "Status-Server",
        Code::DisconnectRequest => "Disconnect-Request",
        Code::DisconnectAck => "Disconnect-ACK",
        Code::DisconnectNak => "Disconnect-NAK",
        Code::CoaRequest => "CoA-Request",
        Code::CoaAck => "CoA-ACK",
        Code::CoaNak => "CoA-NAK",
    };
    format!("{name} {}", packet.id())
}

/// Names and values of every attribute, in order.
#[must_use]
pub fn attributes(packet: &Packet<'_>) -> Vec<(String, String)> {
    let mut words = Vec::new();
    for attribute in packet.attributes() {
        if attribute.kind == attr::VENDOR_SPECIFIC {
            describe_vendor(attribute, &mut words);
        } else {
            words.push(describe(names::standard(attribute.kind), attribute, || {
                format!("Attr-{}", attribute.kind)
            }));
        }
    }
    words
}

fn describe_vendor(attribute: Attribute<'_>, words: &mut Vec<(String, String)>) {
    let Some(group) = VendorAttributes::read(attribute) else {
        words.push(("Vendor-Specific".to_owned(), hex(attribute.value)));
        return;
    };
    let vendor = group.vendor;
    let before = words.len();
    for inner in group.attributes {
        words.push(describe(names::vendor(vendor, inner.kind), inner, || {
            format!("Attr-26.{vendor}.{}", inner.kind)
        }));
    }
    if words.len() == before {
        words.push((format!("Attr-26.{vendor}"), hex(attribute.value)));
    }
}

fn describe(
    named: Option<Named>,
    attribute: Attribute<'_>,
    number: impl FnOnce() -> String,
) -> (String, String) {
    let Some(Named { name, kind }) = named else {
        return (number(), hex(attribute.value));
    };
    (name.to_owned(), value(kind, attribute))
}

fn value(kind: Kind, attribute: Attribute<'_>) -> String {
    let known = match kind {
        Kind::Text => Some(attribute.as_text().chars().take(MAX_VALUE).collect()),
        Kind::Number => attribute.as_u32().map(|number| number.to_string()),
        Kind::Word(words) => attribute.as_u32().map(|number| word(words, number)),
        Kind::Ipv4 => attribute.as_ipv4().map(|address| address.to_string()),
        Kind::Ipv6 => <[u8; 16]>::try_from(attribute.value)
            .ok()
            .map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
        Kind::Prefix => prefix(attribute.value),
        Kind::Seconds => attribute.as_u32().map(|seconds| format!("{seconds} s")),
        Kind::Instant => attribute.as_u32().and_then(|seconds| {
            let instant = chrono::DateTime::from_timestamp(i64::from(seconds), 0)?;
            Some(instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
        }),
        Kind::Bytes => None,
        Kind::Secret => Some(HIDDEN.to_owned()),
    };
    known.unwrap_or_else(|| hex(attribute.value))
}

fn word(words: &[(u32, &str)], number: u32) -> String {
    words
        .iter()
        .find(|(known, _)| *known == number)
        .map_or_else(|| number.to_string(), |(_, word)| (*word).to_owned())
}

// reserved byte, length in bits, as many bytes of the prefix as are needed
fn prefix(value: &[u8]) -> Option<String> {
    let ([_, bits], rest) = value.split_first_chunk::<2>()?;
    let mut address = [0; 16];
    if rest.len() > address.len() {
        return None;
    }
    for (to, from) in address.iter_mut().zip(rest) {
        *to = *from;
    }
    Some(format!("{}/{bits}", std::net::Ipv6Addr::from(address)))
}

fn hex(value: &[u8]) -> String {
    let mut text = String::with_capacity(2 + value.len() * 2);
    text.push_str("0x");
    for byte in value.iter().take(MAX_VALUE) {
        write!(text, "{byte:02x}").expect("writing to a String does not fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::builder::PacketBuilder;
    use crate::packet::{vendor_microsoft as microsoft, vendor_mikrotik as mikrotik};

    #[test]
    fn every_kind_is_put_into_words_and_secrets_are_not() {
        let mut builder = PacketBuilder::signed(Code::AccessRequest, 17);
        builder
            .text(attr::USER_NAME, "alice")
            .attribute(attr::USER_PASSWORD, &[7; 16])
            .attribute(attr::CHAP_PASSWORD, &[7; 17])
            .ipv4(attr::NAS_IP_ADDRESS, [10, 0, 0, 1].into())
            .u32(attr::NAS_PORT_TYPE, 15)
            .u32(attr::SESSION_TIMEOUT, 3600)
            .u32(attr::EVENT_TIMESTAMP, 1_800_000_000)
            .attribute(97, &[0, 64, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1])
            .attribute(250, &[1, 2]);
        builder.vendor(mikrotik::VENDOR, mikrotik::RATE_LIMIT, b"5M/10M");
        builder.vendor(microsoft::VENDOR, microsoft::CHAP2_RESPONSE, &[9; 50]);
        builder.vendor(microsoft::VENDOR, microsoft::MPPE_SEND_KEY, &[9; 34]);
        builder.vendor(4242, 3, &[0xab]);
        let bytes = builder
            .finish_with_authenticator(&[0; 16], b"secret")
            .expect("it fits");
        let packet = Packet::parse(&bytes).expect("valid");
        assert_eq!(title(&packet), "Access-Request 17");
        let words = attributes(&packet);
        let of = |name: &str| {
            words
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        for (name, value) in [
            ("User-Name", "alice"),
            ("User-Password", HIDDEN),
            ("CHAP-Password", HIDDEN),
            ("NAS-IP-Address", "10.0.0.1"),
            ("NAS-Port-Type", "Ethernet"),
            ("Session-Timeout", "3600 s"),
            ("Event-Timestamp", "2027-01-15T08:00:00Z"),
            ("Framed-IPv6-Prefix", "2001:db8:0:1::/64"),
            ("Attr-250", "0x0102"),
            ("Mikrotik-Rate-Limit", "5M/10M"),
            ("MS-CHAP2-Response", HIDDEN),
            ("MS-MPPE-Send-Key", HIDDEN),
            ("Attr-26.4242.3", "0xab"),
        ] {
            assert_eq!(of(name), Some(value), "{name}");
        }
    }
}
