//! Sessions as rows: read before a batch is counted, written after.

use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, Utc};
use domain::{
    ids::CustomerId,
    network::{
        session::{AccountingRecord, SessionKey},
        tally::{Speed, Tally},
    },
};
use uuid::Uuid;

use super::usage::number;
use crate::bulk::{Cell, Column, cells_of};

mod reading;
mod writing;

pub(super) use reading::{live, past};
pub(super) use writing::{end_found, write};

/// What a session is besides its counters.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) isp_id: Uuid,
    pub(super) nas_id: Uuid,
    pub(super) customer_id: Option<Uuid>,
    pub(super) key: SessionKey,
    pub(super) acct_session_id: String,
    pub(super) username: String,
    pub(super) framed_ip: Option<String>,
    pub(super) calling_station_id: Option<String>,
    pub(super) nas_port_id: Option<String>,
    pub(super) nas_address: String,
    pub(super) class: Option<Vec<u8>>,
    pub(super) walled: bool,
}

/// A live row, as far as a batch looks at it.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) id: Uuid,
    pub(super) version: i64,
    pub(super) customer_id: Option<Uuid>,
    pub(super) walled: bool,
    pub(super) framed_ip: Option<Ipv4Addr>,
    pub(super) nas_address: Option<IpAddr>,
    pub(super) has_class: bool,
    /// What is new besides counters.
    pub(super) renamed: Option<Renamed>,
}

/// What a live row is to be told besides its counters.
#[derive(Debug, Default)]
pub(super) struct Renamed {
    pub(super) class: Option<Vec<u8>>,
}

/// A row of the history.
pub(super) struct Past {
    pub(super) head: Head,
    pub(super) id: Uuid,
    pub(super) version: i64,
    pub(super) stopped_at: DateTime<Utc>,
}

impl Head {
    pub(super) fn of(record: &AccountingRecord) -> Self {
        Self {
            isp_id: record.isp_id.as_uuid(),
            nas_id: record.nas_id.as_uuid(),
            customer_id: record.customer_id.map(CustomerId::as_uuid),
            key: record.session_key,
            acct_session_id: without_nul(&record.acct_session_id),
            username: without_nul(&record.username),
            framed_ip: record.framed_ip.map(|ip| ip.to_string()),
            calling_station_id: record.calling_station_id.as_deref().map(without_nul),
            nas_port_id: record.nas_port_id.as_deref().map(without_nul),
            nas_address: record.nas_address.to_string(),
            class: record.class.clone(),
            walled: record.walled,
        }
    }

    /// The live row that was inserted with it.
    pub(super) fn begun(&self, id: Uuid) -> Live {
        Live {
            id,
            version: 0,
            customer_id: self.customer_id,
            walled: self.walled,
            framed_ip: parsed(self.framed_ip.as_deref()),
            nas_address: parsed(Some(&self.nas_address)),
            has_class: self.class.is_some(),
            renamed: None,
        }
    }
}

impl Live {
    /// Takes what a report says besides its counters.
    pub(super) fn learn(&mut self, record: &AccountingRecord) {
        if self.customer_id.is_none()
            && let Some(customer_id) = record.customer_id
        {
            self.customer_id = Some(customer_id.as_uuid());
            self.renamed.get_or_insert_default();
        }
        let has_moved = record.framed_ip.is_some() && record.framed_ip != self.framed_ip;
        let is_marked = record.class.is_some() && !self.has_class;
        if has_moved || is_marked || self.nas_address != Some(record.nas_address) {
            self.framed_ip = record.framed_ip.or(self.framed_ip);
            self.nas_address = Some(record.nas_address);
            self.has_class |= record.class.is_some();
            let renamed = self.renamed.get_or_insert_default();
            renamed.class = record.class.clone().or(renamed.class.take());
        }
    }

    /// As it is once it is written, with its counters moved so often.
    pub(super) fn written(self, moved: i64) -> Self {
        Self {
            version: self.version + moved + i64::from(self.renamed.is_some()),
            renamed: None,
            ..self
        }
    }
}

fn parsed<T: std::str::FromStr>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| text.parse().ok())
}

/// PostgreSQL keeps no NUL in text, and a router may send one.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Which version of which row.
const ROW: [Column; 2] = [("id", "uuid"), ("version", "bigint")];

const KEY: Column = ("session_key", "bytea");

/// Columns of a tally in both tables, with what they are called in the statements.
const TALLY: [Column; 12] = [
    ("input_octets", "bigint"),
    ("output_octets", "bigint"),
    ("session_time", "bigint"),
    ("started_at", "timestamptz"),
    ("updated_at", "timestamptz"),
    ("flags", "bigint"),
    ("reported_input", "bigint"),
    ("reported_output", "bigint"),
    ("reported_time", "bigint"),
    ("reported_at", "timestamptz"),
    ("counted_from", "timestamptz"),
    ("earlier_time", "bigint"),
];

const SPEED: [Column; 2] = [("input_bps", "bigint"), ("output_bps", "bigint")];

const HEAD: [Column; 11] = [
    ("isp_id", "uuid"),
    ("nas_id", "uuid"),
    ("customer_id", "uuid"),
    KEY,
    ("acct_session_id", "text"),
    ("username", "text"),
    ("framed_ip", "text"),
    ("calling_station_id", "text"),
    ("nas_port_id", "text"),
    ("walled", "boolean"),
    ("id", "uuid"),
];

fn list(columns: &[Column], alias: &str) -> String {
    let names: Vec<_> = columns
        .iter()
        .map(|(name, _)| format!("{alias}{name}"))
        .collect();
    names.join(", ")
}

fn tally_cells(tally: &Tally) -> Vec<Cell> {
    cells_of![
        number(tally.input_octets),
        number(tally.output_octets),
        number(tally.session_time),
        tally.started_at,
        tally.updated_at,
        i64::from(tally.flags.bits()),
        number(tally.reported.input),
        number(tally.reported.output),
        i64::from(tally.reported.time),
        tally.reported.at,
        tally.counted_from,
        number(tally.earlier_time),
    ]
}

fn head_cells(head: &Head, id: Uuid) -> Vec<Cell> {
    cells_of![
        head.isp_id,
        head.nas_id,
        head.customer_id,
        head.key.as_bytes().to_vec(),
        head.acct_session_id.clone(),
        head.username.clone(),
        head.framed_ip.clone(),
        head.calling_station_id.clone(),
        head.nas_port_id.clone(),
        head.walled,
        id,
    ]
}

fn speed_cells(speed: Speed) -> Vec<Cell> {
    cells_of![number(speed.input_bps), number(speed.output_bps)]
}
