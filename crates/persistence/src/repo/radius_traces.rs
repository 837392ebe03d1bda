//! Traces of one customer's RADIUS packets, for some minutes and of bounded length.

use chrono::{DateTime, Utc};
use domain::{
    authz::CustomerRef,
    ids::{CustomerId, IspId, UserId},
    network::ports::TracedPacket,
};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    sql::{self, groups, values},
};

/// The most packets kept of one trace.
pub const MAX_PACKETS: i64 = 500;

/// A trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Trace {
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// The trace of a customer, running or over.
pub async fn find(read: &Read, customer: &CustomerRef) -> Result<Option<Trace>, Error> {
    let statement = "SELECT started_at, until FROM radius_trace \
        WHERE customer_id = $1 AND isp_id = $2";
    let bound = values![customer.id.as_uuid(), customer.isp_id.as_uuid()];
    sql::one(read, statement, bound).await
}

/// Begins a trace anew; what an earlier one kept is forgotten.
pub async fn start(
    tx: &Tx,
    customer: &CustomerRef,
    by: Option<UserId>,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    forget_packets(tx, customer).await?;
    let statement = "INSERT INTO radius_trace (customer_id, isp_id, started_by, started_at, until) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (customer_id) DO UPDATE SET \
        started_by = excluded.started_by, started_at = excluded.started_at, until = excluded.until";
    let bound = values![
        customer.id.as_uuid(),
        customer.isp_id.as_uuid(),
        by.map(UserId::as_uuid),
        tx.now(),
        until
    ];
    sql::execute(tx, statement, bound).await?;
    Ok(())
}

/// Ends a trace and forgets what it kept.
pub async fn remove(tx: &Tx, customer: &CustomerRef) -> Result<(), Error> {
    forget_packets(tx, customer).await?;
    let statement = "DELETE FROM radius_trace WHERE customer_id = $1 AND isp_id = $2";
    let bound = values![customer.id.as_uuid(), customer.isp_id.as_uuid()];
    sql::execute(tx, statement, bound).await?;
    Ok(())
}

async fn forget_packets(tx: &Tx, customer: &CustomerRef) -> Result<(), Error> {
    let statement = "DELETE FROM radius_trace_packet WHERE customer_id = $1 AND isp_id = $2";
    let bound = values![customer.id.as_uuid(), customer.isp_id.as_uuid()];
    sql::execute(tx, statement, bound).await?;
    Ok(())
}

/// A customer who is traced now.
#[derive(Debug, Clone)]
pub struct ActiveTrace {
    /// Who.
    pub customer_id: CustomerId,
    /// Whose.
    pub isp_id: IspId,
    /// The login name.
    pub username: String,
    /// Until when.
    pub until: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct ActiveRow {
    customer_id: Uuid,
    isp_id: Uuid,
    username: String,
    until: DateTime<Utc>,
}

/// Everybody who is traced.
pub async fn active(read: &Read, now: DateTime<Utc>) -> Result<Vec<ActiveTrace>, Error> {
    let statement = "SELECT t.customer_id, t.isp_id, c.username, t.until FROM radius_trace t \
        JOIN customer c ON c.id = t.customer_id WHERE t.until > $1";
    let rows: Vec<ActiveRow> = sql::all(read, statement, values![now]).await?;
    Ok(rows
        .into_iter()
        .map(|row| ActiveTrace {
            customer_id: CustomerId::from_uuid(row.customer_id),
            isp_id: IspId::from_uuid(row.isp_id),
            username: row.username,
            until: row.until,
        })
        .collect())
}

/// A packet as it was kept.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PacketRow {
    /// Its identifier; later packets have greater ones.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// `request`, `answer` or `dropped`.
    pub direction: String,
    /// What kind of packet.
    pub packet: String,
    /// The router.
    pub nas_id: Uuid,
    /// The router's name.
    pub nas_name: Option<String>,
    /// The address it came from or went to.
    pub nas_address: String,
    /// Pairs of name and value.
    pub attributes: serde_json::Value,
    /// What the server thought of it.
    pub note: Option<String>,
}

/// What a trace kept, oldest first, after one of its packets.
pub async fn packets(
    read: &Read,
    customer: &CustomerRef,
    after: Option<Uuid>,
) -> Result<Vec<PacketRow>, Error> {
    let statement = "SELECT p.id, p.at, p.direction, p.packet, p.nas_id, n.name AS nas_name, \
        p.nas_address, p.attributes, p.note FROM radius_trace_packet p \
        LEFT JOIN nas n ON n.id = p.nas_id \
        WHERE p.customer_id = $1 AND p.isp_id = $2 AND p.id > $3 ORDER BY p.id LIMIT $4";
    let bound = values![
        customer.id.as_uuid(),
        customer.isp_id.as_uuid(),
        after.unwrap_or_else(Uuid::nil),
        MAX_PACKETS
    ];
    sql::all(read, statement, bound).await
}

const COLUMNS: usize = 10;

/// Keeps packets, and of each customer only the newest.
pub async fn insert(tx: &Tx, packets: &[TracedPacket]) -> Result<(), Error> {
    for some in packets.chunks(500) {
        let statement = format!(
            "INSERT INTO radius_trace_packet (id, isp_id, customer_id, nas_id, nas_address, \
             direction, packet, attributes, note, at) VALUES {}",
            groups(some.len(), COLUMNS)
        );
        let bound = some.iter().flat_map(row).collect();
        sql::execute(tx, &statement, bound).await?;
    }
    let mut customers: Vec<Uuid> = packets
        .iter()
        .map(|packet| packet.customer_id.as_uuid())
        .collect();
    customers.sort_unstable();
    customers.dedup();
    for customer in customers {
        let statement = "DELETE FROM radius_trace_packet WHERE customer_id = $1 AND id < \
            (SELECT id FROM radius_trace_packet WHERE customer_id = $2 \
             ORDER BY id DESC LIMIT 1 OFFSET $3)";
        sql::execute(tx, statement, values![customer, customer, MAX_PACKETS - 1]).await?;
    }
    Ok(())
}

fn row(packet: &TracedPacket) -> Vec<sea_orm::Value> {
    let clean = |text: &str| text.replace('\0', "\u{fffd}");
    let attributes: Vec<_> = packet
        .attributes
        .iter()
        .map(|(name, value)| json!({ "name": clean(name), "value": clean(value) }))
        .collect();
    values![
        Uuid::now_v7(),
        packet.isp_id.as_uuid(),
        packet.customer_id.as_uuid(),
        packet.nas_id.as_uuid(),
        packet.nas_address.to_string(),
        packet.direction.as_str(),
        clean(&packet.packet),
        json!(attributes),
        packet.note.as_deref().map(clean),
        packet.at,
    ]
}

/// Forgets traces that were over before the instant.
pub async fn prune(tx: &Tx, before: DateTime<Utc>) -> Result<u64, Error> {
    let packets = "DELETE FROM radius_trace_packet WHERE at < $1";
    let packets = sql::execute(tx, packets, values![before]).await?;
    let traces = "DELETE FROM radius_trace WHERE until < $1";
    Ok(packets + sql::execute(tx, traces, values![before]).await?)
}
