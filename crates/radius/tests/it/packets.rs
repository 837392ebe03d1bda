//! What is built is read back; what was changed on the way is not believed; nothing panics.

use proptest::prelude::*;
use radius::auth::credentials::Credentials;
use radius::client::{Login, LoginMethod, SentRequest, access_request};
use radius::packet::builder::PacketBuilder;
use radius::packet::codec::{Code, Packet};
use radius::packet::dictionary::attr;
use radius::packet::integrity::{
    MessageAuthenticator, check_message_authenticator, is_accounting_style_authentic,
};
use radius::packet::vendor_mikrotik as mikrotik;

use crate::support::SECRET;

fn attributes() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    let kind = any::<u8>().prop_filter("these have a meaning for the builder", |kind| {
        ![attr::MESSAGE_AUTHENTICATOR, attr::VENDOR_SPECIFIC].contains(kind)
    });
    let value = prop::collection::vec(any::<u8>(), 0..=40);
    prop::collection::vec((kind, value), 0..60)
}

fn signed(attributes: &[(u8, Vec<u8>)], authenticator: &[u8; 16]) -> Vec<u8> {
    let mut builder = PacketBuilder::signed(Code::AccessRequest, 9);
    for (kind, value) in attributes {
        builder.attribute(*kind, value);
    }
    builder.vendor(mikrotik::VENDOR, mikrotik::RATE_LIMIT, b"1M/2M");
    builder
        .finish_with_authenticator(authenticator, SECRET)
        .expect("it fits")
}

fn walk(bytes: &[u8]) {
    let Ok(packet) = Packet::parse(bytes) else {
        return;
    };
    for attribute in packet.attributes() {
        assert!(!attribute.as_text().contains('\0'));
        assert_eq!(attribute.as_u32().is_some(), attribute.value.len() == 4);
    }
    for vendor in [mikrotik::VENDOR, 311] {
        packet.vendor_attributes(vendor).for_each(drop);
    }
    Credentials::find(&packet).ok();
    let check = check_message_authenticator(&packet, packet.authenticator(), SECRET);
    let is_signed = packet.attribute(attr::MESSAGE_AUTHENTICATOR).is_some();
    assert_eq!(check != MessageAuthenticator::Absent, is_signed);
}

fn login(method: LoginMethod) -> SentRequest {
    let login = Login {
        username: "alice",
        password: b"secret1",
        method,
    };
    access_request(9, SECRET, login, |_| {}).expect("it fits")
}

proptest! {
    #[test]
    fn what_is_built_is_read_back(sent in attributes(), authenticator in any::<[u8; 16]>()) {
        let bytes = signed(&sent, &authenticator);
        let packet = Packet::parse(&bytes).expect("valid");
        prop_assert_eq!((packet.code(), packet.id()), (Code::AccessRequest, 9));
        prop_assert_eq!(packet.authenticator(), &authenticator);
        let read: Vec<(u8, Vec<u8>)> = packet
            .attributes()
            .skip(1)
            .map(|found| (found.kind, found.value.to_vec()))
            .collect();
        prop_assert_eq!(&read[..sent.len()], &sent[..]);
        let rate = packet.vendor_attribute(mikrotik::VENDOR, mikrotik::RATE_LIMIT);
        prop_assert_eq!(rate.expect("there").value, b"1M/2M");
        let check = check_message_authenticator(&packet, &authenticator, SECRET);
        prop_assert_eq!(check, MessageAuthenticator::Valid);
    }

    #[test]
    fn a_flipped_bit_is_noticed(
        sent in attributes(),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut bytes = signed(&sent, &[5; 16]);
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        if let Ok(packet) = Packet::parse(&bytes) {
            let check = check_message_authenticator(&packet, packet.authenticator(), SECRET);
            prop_assert_ne!(check, MessageAuthenticator::Valid);
        }
    }

    #[test]
    fn a_flipped_bit_of_a_report_is_noticed(
        sent in attributes(),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut builder = PacketBuilder::new(Code::AccountingRequest, 3);
        for (kind, value) in &sent {
            builder.attribute(*kind, value);
        }
        let mut bytes = builder.finish_accounting_style(SECRET).expect("it fits");
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        if let Ok(packet) = Packet::parse(&bytes) {
            prop_assert!(!is_accounting_style_authentic(&packet, SECRET));
        }
    }

    #[test]
    fn mutated_packets_never_panic(
        method in prop_oneof![
            Just(LoginMethod::Pap),
            Just(LoginMethod::Chap),
            Just(LoginMethod::MsChapV1),
            Just(LoginMethod::MsChapV2),
        ],
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
        tail in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut bytes = login(method).bytes;
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        walk(&bytes);
        walk(&bytes[..cut.index(bytes.len())]);
        bytes.extend(tail);
        walk(&bytes);
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        walk(&bytes);
    }
}
