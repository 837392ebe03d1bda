//! Reads an Accounting-Request into an [`AccountingRecord`].

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::CustomerId;
use domain::network::nas::Nas;
use domain::network::ports::SubscriberDirectory;
use domain::network::service_policy::Access;
use domain::network::session::{AccountingEvent, AccountingRecord, SessionUsage, TerminateCause};

use crate::acct::class::{ClassKey, SessionClass};
use crate::acct::session::SessionIdentity;
use crate::auth::pipeline::without_domain;
use crate::packet::codec::Packet;
use crate::packet::dictionary::{acct_status, attr};

/// The clock of a router may be ahead of ours by so much.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// What a report is read with.
#[derive(Clone, Copy)]
pub struct IngestContext<'a> {
    /// The router it came from.
    pub nas: &'a Nas,
    /// The address it came from.
    pub nas_address: IpAddr,
    /// Finds customers by name where no Class came back.
    pub directory: &'a dyn SubscriberDirectory,
    /// Key of our Class.
    pub class_key: &'a ClassKey,
    /// When it arrived.
    pub now: DateTime<Utc>,
}

/// What an Accounting-Request is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// To be stored, then acknowledged.
    Record {
        /// What the router reports.
        record: Arc<AccountingRecord>,
        /// Our Class, when it came back.
        class: Option<SessionClass>,
    },
    /// Of a kind nobody needs (tunnels, failures): acknowledged, not stored.
    Ignored,
}

/// The request names no event or no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the accounting request names no event or no session")]
pub struct MalformedReport;

/// Reads a report whose authenticator was verified.
///
/// # Errors
/// It lacks what every report must have.
pub fn read_report(
    packet: &Packet<'_>,
    context: IngestContext<'_>,
) -> Result<Report, MalformedReport> {
    let status = number(packet, attr::ACCT_STATUS_TYPE).ok_or(MalformedReport)?;
    let event = match status {
        acct_status::START => AccountingEvent::Start,
        acct_status::INTERIM_UPDATE => AccountingEvent::Interim,
        acct_status::STOP => AccountingEvent::Stop {
            cause: TerminateCause::from_code(
                number(packet, attr::ACCT_TERMINATE_CAUSE).unwrap_or_default(),
            ),
        },
        acct_status::ACCOUNTING_ON => AccountingEvent::NasOn,
        acct_status::ACCOUNTING_OFF => AccountingEvent::NasOff,
        _ => return Ok(Report::Ignored),
    };
    let is_session = !matches!(event, AccountingEvent::NasOn | AccountingEvent::NasOff);
    if is_session && value(packet, attr::ACCT_SESSION_ID).is_empty() {
        return Err(MalformedReport);
    }
    let class = packet
        .all(attr::CLASS)
        .find_map(|found| SessionClass::decode(found.value, context.class_key, context.nas.isp_id));
    let record = Arc::new(record(packet, context, event, class));
    Ok(Report::Record { record, class })
}

fn record(
    packet: &Packet<'_>,
    context: IngestContext<'_>,
    event: AccountingEvent,
    class: Option<SessionClass>,
) -> AccountingRecord {
    let nas = context.nas;
    let username = text(packet, attr::USER_NAME).unwrap_or_default();
    let station = match value(packet, attr::CALLING_STATION_ID) {
        [] => value(packet, attr::FRAMED_IP_ADDRESS),
        station => station,
    };
    let (event_time, stamped) = event_time(packet, context.now);
    let identity = SessionIdentity {
        nas_id: nas.id,
        acct_session_id: value(packet, attr::ACCT_SESSION_ID),
        class,
        username: username.as_bytes(),
        nas_port: value(packet, attr::NAS_PORT),
        station,
    };
    AccountingRecord {
        isp_id: nas.isp_id,
        nas_id: nas.id,
        nas_address: context.nas_address,
        customer_id: class
            .map(|class| class.customer_id)
            .or_else(|| customer_by_name(context, &username)),
        session_key: identity.key(),
        event,
        acct_session_id: text(packet, attr::ACCT_SESSION_ID).unwrap_or_default(),
        framed_ip: packet
            .attribute(attr::FRAMED_IP_ADDRESS)
            .and_then(|found| found.as_ipv4()),
        calling_station_id: text(packet, attr::CALLING_STATION_ID),
        nas_port_id: text(packet, attr::NAS_PORT_ID),
        class: packet
            .attribute(attr::CLASS)
            .map(|found| found.value.to_vec()),
        usage: usage(packet, nas.swap_octets),
        event_time,
        stamped,
        walled: class.is_some_and(|class| class.access == Access::Walled),
        username,
    }
}

fn customer_by_name(context: IngestContext<'_>, username: &str) -> Option<CustomerId> {
    let isp_id = context.nas.isp_id;
    // Another provider's subscriber is not ours, whatever the name without the realm is here.
    let realm = context.directory.realm(isp_id, username);
    if realm.is_some_and(|realm| realm.authentication) {
        return None;
    }
    let find = |name: &str| context.directory.subscriber(isp_id, name);
    let subscriber = find(username).or_else(|| {
        let bare = without_domain(username.as_bytes());
        (bare.len() < username.len())
            .then(|| find(std::str::from_utf8(bare).ok()?))
            .flatten()
    })?;
    Some(subscriber.customer_id)
}

fn usage(packet: &Packet<'_>, swap: bool) -> SessionUsage {
    let input = octets(packet, attr::ACCT_INPUT_OCTETS, attr::ACCT_INPUT_GIGAWORDS);
    let output = octets(
        packet,
        attr::ACCT_OUTPUT_OCTETS,
        attr::ACCT_OUTPUT_GIGAWORDS,
    );
    let (input_octets, output_octets) = if swap {
        (output, input)
    } else {
        (input, output)
    };
    SessionUsage {
        input_octets,
        output_octets,
        session_time: number(packet, attr::ACCT_SESSION_TIME),
        gigawords: packet.attribute(attr::ACCT_INPUT_GIGAWORDS).is_some()
            || packet.attribute(attr::ACCT_OUTPUT_GIGAWORDS).is_some(),
    }
}

fn octets(packet: &Packet<'_>, low: u8, high: u8) -> Option<u64> {
    let (low, high) = (number(packet, low), number(packet, high));
    (low.is_some() || high.is_some())
        .then(|| (u64::from(high.unwrap_or_default()) << 32) | u64::from(low.unwrap_or_default()))
}

// A router without a set clock says 1970, and one whose clock is ahead speaks of what has not
// happened yet; the delay is then all we know. Without either, or with a delay of zero, a report
// that was sent again does not tell that it is old.
fn event_time(packet: &Packet<'_>, now: DateTime<Utc>) -> (DateTime<Utc>, bool) {
    let day = TimeDelta::days(1);
    let stamped = number(packet, attr::EVENT_TIMESTAMP)
        .and_then(|seconds| DateTime::from_timestamp(i64::from(seconds), 0))
        .filter(|stamped| now - *stamped <= day && *stamped - now <= AHEAD);
    if let Some(stamped) = stamped {
        return (stamped.min(now), true);
    }
    let delay = number(packet, attr::ACCT_DELAY_TIME).unwrap_or_default();
    let ago = TimeDelta::seconds(i64::from(delay)).min(day);
    (now - ago, delay > 0)
}

fn number(packet: &Packet<'_>, kind: u8) -> Option<u32> {
    packet.attribute(kind)?.as_u32()
}

fn text(packet: &Packet<'_>, kind: u8) -> Option<String> {
    packet
        .attribute(kind)
        .map(|found| found.as_text().into_owned())
}

fn value<'a>(packet: &Packet<'a>, kind: u8) -> &'a [u8] {
    packet
        .attribute(kind)
        .map(|found| found.value)
        .unwrap_or_default()
}
