//! An Accounting-Request of a router that knows its secret and sends anything.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use chrono::DateTime;
use domain::ids::{IspId, NasId};
use domain::network::access::IspAccessSettings;
use domain::network::nas::Nas;
use domain::network::ports::SubscriberDirectory;
use domain::network::secret::SecretBytes;
use domain::network::subscriber::Subscriber;
use libfuzzer_sys::fuzz_target;
use radius::acct::class::ClassKey;
use radius::acct::ingest::{IngestContext, Report, read_report};
use radius::packet::codec::Packet;

struct Nobody;

impl SubscriberDirectory for Nobody {
    fn nas_by_address(&self, _: IpAddr) -> Option<Arc<Nas>> {
        None
    }
    fn subscriber(&self, _: IspId, _: &str) -> Option<Arc<Subscriber>> {
        None
    }
    fn isp_access(&self, _: IspId) -> IspAccessSettings {
        IspAccessSettings::default()
    }
}

fuzz_target!(|datagram: &[u8]| {
    let Ok(packet) = Packet::parse(datagram) else {
        return;
    };
    let network = "192.0.2.1/32".parse().expect("a network");
    let nas = Nas::new(
        NasId::generate(),
        IspId::generate(),
        "fuzzed".to_owned(),
        network,
        SecretBytes::new("secret"),
    );
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("an instant");
    let context = IngestContext {
        nas: &nas,
        nas_address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        directory: &Nobody,
        class_key: &ClassKey::new([7; 32]),
        now,
    };
    if let Ok(Report::Record { record, .. }) = read_report(&packet, context) {
        assert!(!record.username.contains('\0') && !record.acct_session_id.contains('\0'));
        assert!((record.event_time - now).num_hours().abs() <= 24);
    }
});
