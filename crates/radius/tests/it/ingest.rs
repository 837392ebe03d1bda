//! Accounting-Requests become records.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use chrono::TimeDelta;
use domain::network::nas::{Nas, RequireMessageAuthenticator};
use domain::network::service_policy::{Access, ServicePolicy};
use domain::network::session::{AccountingEvent, AccountingRecord, TerminateCause};
use radius::acct::class::SessionClass;
use radius::acct::ingest::{IngestContext, Report, read_report};
use radius::client::accounting_request;
use radius::packet::builder::PacketBuilder;
use radius::packet::codec::Packet;
use radius::packet::dictionary::{acct_status, attr};

use crate::support::{Directory, SECRET, class_key, now};

fn read(
    directory: &Directory,
    nas: &Nas,
    status_type: u32,
    extra: impl FnOnce(&mut PacketBuilder),
) -> AccountingRecord {
    let sent = accounting_request(1, SECRET, status_type, |builder| {
        builder
            .text(attr::ACCT_SESSION_ID, "81000001")
            .text(attr::USER_NAME, "alice");
        extra(builder);
    })
    .expect("it fits");
    let packet = Packet::parse(&sent.bytes).expect("valid");
    let class_key = class_key();
    let context = IngestContext {
        nas,
        nas_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        directory,
        class_key: &class_key,
        now: now(),
    };
    match read_report(&packet, context).expect("well formed") {
        Report::Record { record, .. } => Arc::unwrap_or_clone(record),
        Report::Ignored => unreachable!("a report of a session is a record"),
    }
}

fn interim(extra: impl FnOnce(&mut PacketBuilder)) -> AccountingRecord {
    let directory = Directory::new(RequireMessageAuthenticator::Auto);
    read(
        &directory,
        &directory.nas,
        acct_status::INTERIM_UPDATE,
        extra,
    )
}

#[test]
fn gigawords_make_64_bit_counters() {
    let none = interim(|_| {}).usage;
    assert_eq!(
        (none.input_octets, none.output_octets, none.session_time),
        (None, None, None)
    );
    let count = |builder: &mut PacketBuilder| {
        builder
            .u32(attr::ACCT_INPUT_OCTETS, 5)
            .u32(attr::ACCT_INPUT_GIGAWORDS, 1)
            .u32(attr::ACCT_OUTPUT_OCTETS, u32::MAX)
            .u32(attr::ACCT_SESSION_TIME, 60);
    };
    let usage = interim(count).usage;
    assert_eq!(usage.input_octets, Some((1 << 32) + 5));
    assert_eq!(usage.output_octets, Some(u64::from(u32::MAX)));
    assert_eq!(usage.session_time, Some(60));
    let directory = Directory::new(RequireMessageAuthenticator::Auto);
    let swapping = Nas {
        swap_octets: true,
        ..(*directory.nas).clone()
    };
    let swapped = read(&directory, &swapping, acct_status::INTERIM_UPDATE, count).usage;
    assert_eq!(swapped.output_octets, usage.input_octets);
    assert_eq!(swapped.input_octets, usage.output_octets);
}

#[test]
fn sane_clocks_are_believed() {
    let seconds = |delta: i64| u32::try_from(now().timestamp() + delta).expect("before 2106");
    let table = [
        (Some(seconds(-600)), None, -600),
        (Some(seconds(-600)), Some(5), -600),
        (Some(12_345), Some(5), -5),
        (Some(seconds(200_000)), None, 0),
        (None, Some(30), -30),
        (None, Some(u32::MAX), -86_400),
        (None, None, 0),
    ];
    for (stamp, delay, expected) in table {
        let record = interim(|builder| {
            if let Some(stamp) = stamp {
                builder.u32(attr::EVENT_TIMESTAMP, stamp);
            }
            if let Some(delay) = delay {
                builder.u32(attr::ACCT_DELAY_TIME, delay);
            }
        });
        let expected = now() + TimeDelta::seconds(expected);
        assert_eq!(record.event_time, expected, "{stamp:?} {delay:?}");
    }
}

#[test]
fn the_class_names_customer_and_wall_even_after_a_rename() {
    let directory = Directory::new(RequireMessageAuthenticator::Auto);
    let class = SessionClass::fresh(&ServicePolicy {
        access: Access::Walled,
        ..ServicePolicy::open(directory.customer("sam"), 300)
    });
    let class = class.encode(&class_key(), directory.nas.isp_id);
    let with_class = |status_type| {
        read(&directory, &directory.nas, status_type, |builder| {
            builder
                .text(attr::CLASS, "someone else's")
                .text(attr::CLASS, &class);
        })
    };
    let record = with_class(acct_status::START);
    assert_eq!(record.customer_id, Some(directory.customer("sam")));
    assert!(record.walled);
    let later = with_class(acct_status::STOP);
    assert_eq!(record.session_key, later.session_key);
    let without = read(&directory, &directory.nas, acct_status::START, |_| {});
    assert_eq!(without.customer_id, Some(directory.customer("alice")));
    assert!(!without.walled);
    assert_ne!(without.session_key, record.session_key);
}

#[test]
fn a_session_is_told_apart_by_its_address_where_no_caller_is_named() {
    let at = |last| {
        interim(move |builder| {
            builder.ipv4(attr::FRAMED_IP_ADDRESS, Ipv4Addr::new(100, 64, 0, last));
        })
    };
    assert_eq!(at(9).framed_ip, Some(Ipv4Addr::new(100, 64, 0, 9)));
    assert_ne!(at(9).session_key, at(10).session_key);
}

#[test]
fn every_event_is_recognised() {
    let directory = Directory::new(RequireMessageAuthenticator::Auto);
    let event = |status_type| {
        read(&directory, &directory.nas, status_type, |builder| {
            builder.u32(attr::ACCT_TERMINATE_CAUSE, 5);
        })
        .event
    };
    assert_eq!(event(acct_status::START), AccountingEvent::Start);
    assert_eq!(event(acct_status::INTERIM_UPDATE), AccountingEvent::Interim);
    let cause = TerminateCause::SessionTimeout;
    assert_eq!(event(acct_status::STOP), AccountingEvent::Stop { cause });
    assert_eq!(event(acct_status::ACCOUNTING_ON), AccountingEvent::NasOn);
    assert_eq!(event(acct_status::ACCOUNTING_OFF), AccountingEvent::NasOff);
}

#[test]
fn hostile_text_cannot_reach_the_database() {
    let record = interim(|builder| {
        builder
            .attribute(attr::CALLING_STATION_ID, b"AA\0BB\n")
            .attribute(attr::NAS_PORT_ID, b"\xff");
    });
    assert_eq!(
        record.calling_station_id.as_deref(),
        Some("AA\u{fffd}BB\u{fffd}")
    );
    assert_eq!(record.nas_port_id.as_deref(), Some("\u{fffd}"));
}
