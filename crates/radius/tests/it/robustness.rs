//! Whatever a NAS with the right secret sends, nothing panics and texts stay safe.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use domain::network::nas::RequireMessageAuthenticator;
use proptest::prelude::*;
use radius::acct::ingest::{IngestContext, Report, read_report};
use radius::auth::credentials::Credentials;
use radius::auth::pipeline::{CheckContext, check, write_error};
use radius::client::ControlRequest;
use radius::packet::builder::PacketBuilder;
use radius::packet::codec::{Code, Packet};
use radius::packet::vendor_microsoft as microsoft;

use crate::support::{Directory, SECRET, class_key, now};

#[derive(Debug, Clone)]
enum Added {
    Plain(u8, Vec<u8>),
    Microsoft(u8, Vec<u8>),
}

/// Attributes the server looks into, with lengths around those it expects.
fn added() -> impl Strategy<Value = Vec<Added>> {
    let kind = prop_oneof![
        Just(1_u8),
        Just(2),
        Just(3),
        Just(8),
        Just(25),
        40..=46_u8,
        Just(49),
        Just(52),
        Just(55),
        Just(60),
        Just(79),
        any::<u8>()
    ];
    let length = prop_oneof![0..6_usize, 15..20_usize, 48..52_usize, 0..200_usize];
    let value = length.prop_flat_map(|length| proptest::collection::vec(any::<u8>(), length));
    let vendor_kind = prop_oneof![Just(1_u8), Just(11), Just(25), any::<u8>()];
    let one = prop_oneof![
        (kind, value.clone()).prop_map(|(kind, value)| Added::Plain(kind, value)),
        (vendor_kind, value).prop_map(|(kind, value)| Added::Microsoft(kind, value)),
    ];
    proptest::collection::vec(one, 0..16)
}

fn build(code: Code, attributes: &[Added]) -> Vec<u8> {
    let mut builder = PacketBuilder::new(code, 1);
    for attribute in attributes {
        match attribute {
            Added::Plain(kind, value) => builder.attribute(*kind, value),
            Added::Microsoft(kind, value) => builder.vendor(microsoft::VENDOR, *kind, value),
        };
    }
    builder.finish_accounting_style(SECRET).expect("it fits")
}

proptest! {
    #[test]
    fn logins(attributes in added()) {
        let bytes = build(Code::AccessRequest, &attributes);
        let packet = Packet::parse(&bytes).expect("valid");
        let context = CheckContext {
            username: b"DOMAIN\\alice",
            authenticator: packet.authenticator(),
            secret: SECRET,
        };
        if let Ok(credentials) = Credentials::find(&packet) {
            prop_assert!(check(&credentials, b"a password nobody guesses", context).is_none());
            let mut answer = PacketBuilder::signed(Code::AccessReject, 1);
            let cause = domain::network::service_policy::RejectCause::WrongPassword;
            write_error(&mut answer, &credentials, cause, &[0; 16]);
            prop_assert!(answer.finish_response(packet.authenticator(), SECRET).is_ok());
        }
    }

    #[test]
    fn reports(attributes in added()) {
        let bytes = build(Code::AccountingRequest, &attributes);
        let packet = Packet::parse(&bytes).expect("valid");
        let directory = Directory::new(RequireMessageAuthenticator::Auto);
        let class_key = class_key();
        let context = IngestContext {
            nas: &directory.nas,
            nas_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            directory: &directory,
            class_key: &class_key,
            now: now(),
        };
        if let Ok(Report::Record { record, .. }) = read_report(&packet, context) {
            let record = Arc::unwrap_or_clone(record);
            let texts = [
                Some(record.username),
                Some(record.acct_session_id),
                record.calling_station_id,
                record.nas_port_id,
            ];
            for text in texts.into_iter().flatten() {
                prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
            }
            let age = (now() - record.event_time).abs();
            prop_assert!(age <= chrono::TimeDelta::days(1));
        }
    }

    #[test]
    fn session_requests(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(ControlRequest::read(&bytes, SECRET).is_none());
    }
}
