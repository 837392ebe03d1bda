//! A datagram from anybody: parsed, walked, and read as a login.
#![no_main]

use std::hint::black_box;

use libfuzzer_sys::fuzz_target;
use radius::auth::credentials::Credentials;
use radius::auth::pipeline::{CheckContext, check};
use radius::packet::attribute::VendorAttributes;
use radius::packet::codec::Packet;
use radius::packet::integrity::{
    check_message_authenticator, is_accounting_style_authentic, is_response_authentic,
};

fuzz_target!(|datagram: &[u8]| {
    let Ok(packet) = Packet::parse(datagram) else {
        return;
    };
    let mut length = 20;
    for attribute in packet.attributes() {
        length += attribute.value.len() + 2;
        let text = attribute.as_text();
        assert!(!text.chars().any(char::is_control));
        if let Some(group) = VendorAttributes::read(attribute) {
            group.attributes.for_each(drop);
        }
    }
    assert_eq!(length, packet.bytes().len(), "every byte belongs to an attribute");
    black_box(check_message_authenticator(&packet, packet.authenticator(), b"secret"));
    black_box(is_accounting_style_authentic(&packet, b"secret"));
    black_box(is_response_authentic(&packet, &[0; 16], b"secret"));
    if let Ok(credentials) = Credentials::find(&packet) {
        let context = CheckContext {
            username: b"alice",
            authenticator: packet.authenticator(),
            secret: b"secret",
        };
        black_box(check(&credentials, b"secret1", context));
    }
});
