//! Accounting-Requests as a RouterOS PPPoE server sends them.

use std::time::Duration;

use domain::network::session::TerminateCause;
use radius::client::{SentRequest, accounting_request};
use radius::packet::builder::{BuildError, PacketBuilder};
use radius::packet::dictionary::{acct_status, attr};

use crate::nas::Identifiers;
use crate::subscribers::dialer::describe;
use crate::subscribers::session::{Event, Report};

/// Acct-Authentic: the session was granted by RADIUS.
const AUTHENTIC_RADIUS: u32 = 1;

/// Bytes of an average packet, from which packets are counted.
const PACKET_BYTES: u64 = 900;

/// Builds the packet of a report.
pub(crate) fn request(
    report: &Report,
    id: u8,
    nas: &Identifiers,
    secret: &[u8],
    delay: Duration,
) -> Result<SentRequest, BuildError> {
    let identity = &report.identity;
    accounting_request(id, secret, status(report.event), |packet| {
        describe(packet, identity.service);
        packet
            .u32(attr::NAS_PORT, identity.port)
            .text(attr::USER_NAME, &identity.username)
            .text(attr::CALLING_STATION_ID, &identity.calling_station)
            .text(attr::CALLED_STATION_ID, &nas.service)
            .text(attr::NAS_PORT_ID, &nas.interface)
            .text(attr::ACCT_SESSION_ID, &identity.session_id)
            .ipv4(attr::FRAMED_IP_ADDRESS, identity.framed_ip)
            .u32(attr::ACCT_AUTHENTIC, AUTHENTIC_RADIUS);
        for class in &identity.class {
            packet.attribute(attr::CLASS, class);
        }
        counters(packet, report);
        packet.text(attr::NAS_IDENTIFIER, &nas.name).u32(
            attr::ACCT_DELAY_TIME,
            u32::try_from(delay.as_secs()).unwrap_or(u32::MAX),
        );
        if let Some(address) = nas.address {
            packet.ipv4(attr::NAS_IP_ADDRESS, address);
        }
    })
}

fn status(event: Event) -> u32 {
    match event {
        Event::Start => acct_status::START,
        Event::Interim => acct_status::INTERIM_UPDATE,
        Event::Stop(_) => acct_status::STOP,
    }
}

fn counters(packet: &mut PacketBuilder, report: &Report) {
    if report.event == Event::Start {
        return;
    }
    let (upload, download) = (report.moved.upload, report.moved.download);
    let lasted = u32::try_from(report.lasted.as_secs()).unwrap_or(u32::MAX);
    packet
        .u32(attr::ACCT_SESSION_TIME, lasted)
        .u32(attr::ACCT_INPUT_OCTETS, low(upload))
        .u32(attr::ACCT_INPUT_GIGAWORDS, high(upload))
        .u32(attr::ACCT_OUTPUT_OCTETS, low(download))
        .u32(attr::ACCT_OUTPUT_GIGAWORDS, high(download))
        .u32(attr::ACCT_INPUT_PACKETS, low(upload.div_ceil(PACKET_BYTES)))
        .u32(
            attr::ACCT_OUTPUT_PACKETS,
            low(download.div_ceil(PACKET_BYTES)),
        );
    if let Event::Stop(cause) = report.event {
        packet.u32(attr::ACCT_TERMINATE_CAUSE, TerminateCause::code(cause));
    }
}

fn low(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

fn high(value: u64) -> u32 {
    u32::try_from(value >> 32).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use radius::packet::codec::Packet;
    use tokio::time::Instant;

    use super::*;
    use crate::subscribers::Service;
    use crate::subscribers::session::Identity;
    use crate::subscribers::traffic::Moved;

    fn report(event: Event) -> Report {
        Report {
            subscriber: 0,
            session: 0,
            identity: Arc::new(Identity {
                service: Service::Pppoe,
                server: Some(0),
                username: "rahim".to_owned(),
                session_id: "81000001".to_owned(),
                calling_station: "02:00:00:00:00:01".to_owned(),
                port: 1,
                framed_ip: Ipv4Addr::new(100, 64, 0, 2),
                class: vec![b"one".to_vec(), b"two".to_vec()],
            }),
            event,
            moved: Moved {
                upload: 5 * (1 << 32) + 7,
                download: 9,
            },
            lasted: Duration::from_secs(300),
            happened: Instant::now(),
            to: None,
            rounds: 0,
        }
    }

    fn nas() -> Identifiers {
        let (name, service) = ("SIM-1".to_owned(), "internet".to_owned());
        Identifiers {
            name,
            address: None,
            service,
            interface: "ether2".to_owned(),
        }
    }

    #[test]
    fn counters_have_64_bits() {
        let report = report(Event::Stop(TerminateCause::AdminReset));
        let delay = Duration::from_secs(4);
        let request = request(&report, 1, &nas(), b"secret", delay).expect("it fits");
        let packet = Packet::parse(&request.bytes).expect("valid");
        let number = |kind: u8| packet.attribute(kind).and_then(|found| found.as_u32());
        assert_eq!(number(attr::ACCT_INPUT_OCTETS), Some(7));
        assert_eq!(number(attr::ACCT_INPUT_GIGAWORDS), Some(5));
        assert_eq!(number(attr::ACCT_OUTPUT_OCTETS), Some(9));
        assert_eq!(number(attr::ACCT_OUTPUT_GIGAWORDS), Some(0));
        assert_eq!(number(attr::ACCT_TERMINATE_CAUSE), Some(6));
        assert_eq!(number(attr::ACCT_DELAY_TIME), Some(4));
        let classes: Vec<&[u8]> = packet.all(attr::CLASS).map(|class| class.value).collect();
        assert_eq!(classes, [b"one", b"two"]);
    }

    #[test]
    fn a_start_has_no_counters() {
        let report = report(Event::Start);
        let request = request(&report, 1, &nas(), b"secret", Duration::ZERO).expect("it fits");
        let packet = Packet::parse(&request.bytes).expect("valid");
        assert_eq!(packet.attribute(attr::ACCT_INPUT_OCTETS), None);
        assert_eq!(packet.attribute(attr::ACCT_TERMINATE_CAUSE), None);
    }
}
