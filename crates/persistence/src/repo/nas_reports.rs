//! What the RADIUS servers learn and count of their clients.

use std::{collections::HashMap, net::IpAddr};

use chrono::{DateTime, Utc};
use domain::{
    authz::NasRef,
    network::{nas::Learnt, ports::ClientReport},
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    sql::{self, groups, values},
    statement::corrupt,
};

/// An address that a RADIUS client was heard from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NasSource {
    /// The address.
    pub address: IpAddr,
    /// When it was heard first.
    pub first_seen_at: DateTime<Utc>,
    /// When it was heard last; written at most every few seconds.
    pub last_seen_at: DateTime<Utc>,
    /// When it proved that it signs; from then on `auto` asks for it.
    pub message_authenticator_seen_at: Option<DateTime<Utc>>,
    /// What `auto` decided for requests with Proxy-State.
    pub limits_proxy_state: Option<bool>,
}

#[derive(FromQueryResult)]
struct SourceRow {
    nas_id: Uuid,
    address: String,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    message_authenticator_seen_at: Option<DateTime<Utc>>,
    limits_proxy_state: Option<bool>,
    proven_at: Option<DateTime<Utc>>,
}

impl SourceRow {
    fn address(&self) -> Result<IpAddr, Error> {
        let text = &self.address;
        text.parse().map_err(|_| corrupt("nas_source", text))
    }
}

const SOURCES: &str = "SELECT nas_id, address, first_seen_at, last_seen_at, \
    message_authenticator_seen_at, limits_proxy_state, proven_at FROM nas_source";

/// The addresses a RADIUS client was heard from, latest first.
pub async fn sources(read: &Read, nas_ref: &NasRef) -> Result<Vec<NasSource>, Error> {
    let statement = format!(
        "{SOURCES} WHERE nas_id = $1 AND isp_id = $2 ORDER BY last_seen_at DESC, address LIMIT 100"
    );
    let bound = values![nas_ref.id.as_uuid(), nas_ref.isp_id.as_uuid()];
    let rows: Vec<SourceRow> = sql::all(read, &statement, bound).await?;
    rows.into_iter()
        .map(|row| {
            Ok(NasSource {
                address: row.address()?,
                first_seen_at: row.first_seen_at,
                last_seen_at: row.last_seen_at,
                message_authenticator_seen_at: row.message_authenticator_seen_at,
                limits_proxy_state: row.limits_proxy_state,
            })
        })
        .collect()
}

/// What was learnt of every RADIUS client.
pub async fn learnt(read: &Read) -> Result<HashMap<Uuid, Vec<(IpAddr, Learnt)>>, Error> {
    let statement = format!(
        "{SOURCES} WHERE message_authenticator_seen_at IS NOT NULL OR limits_proxy_state IS NOT NULL \
         OR proven_at IS NOT NULL"
    );
    let rows: Vec<SourceRow> = sql::all(read, &statement, vec![]).await?;
    let mut learnt: HashMap<Uuid, Vec<(IpAddr, Learnt)>> = HashMap::new();
    for row in rows {
        let what = Learnt {
            signs: row.message_authenticator_seen_at.is_some(),
            limits_proxy_state: row.limits_proxy_state,
            proven_at: row.proven_at,
        };
        learnt
            .entry(row.nas_id)
            .or_default()
            .push((row.address()?, what));
    }
    Ok(learnt)
}

/// A number that is counted for a RADIUS client.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct NasCounter {
    /// What is counted.
    pub counter: String,
    /// How often it happened.
    pub value: i64,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it was written last.
    pub updated_at: DateTime<Utc>,
}

/// What was counted for a RADIUS client.
pub async fn counters(read: &Read, nas_ref: &NasRef) -> Result<Vec<NasCounter>, Error> {
    let statement = "SELECT counter, value, since, updated_at FROM nas_counter \
        WHERE nas_id = $1 AND isp_id = $2 ORDER BY counter";
    let bound = values![nas_ref.id.as_uuid(), nas_ref.isp_id.as_uuid()];
    sql::all(read, statement, bound).await
}

/// Adds what a server counted and saw since its last report; a client that is gone is left out.
pub async fn apply(tx: &Tx, reports: &[ClientReport]) -> Result<(), Error> {
    let known = known(tx, reports).await?;
    let reports: Vec<&ClientReport> = reports
        .iter()
        .filter(|report| known.contains(&report.nas_id.as_uuid()))
        .collect();
    for some in reports.chunks(200) {
        add_counters(tx, some).await?;
    }
    for report in reports {
        see(tx, report).await?;
    }
    Ok(())
}

async fn known(tx: &Tx, reports: &[ClientReport]) -> Result<Vec<Uuid>, Error> {
    let mut known = Vec::new();
    for some in reports.chunks(1_000) {
        let marks = groups(1, some.len());
        let ids = some.iter().map(|report| report.nas_id.as_uuid().into());
        let statement = format!("SELECT id FROM nas WHERE id IN {marks} ORDER BY id");
        for row in sql::rows(tx, &statement, ids.collect()).await? {
            known.push(row.try_get_by_index(0)?);
        }
    }
    Ok(known)
}

const COUNTER_COLUMNS: usize = 6;

async fn add_counters(tx: &Tx, reports: &[&ClientReport]) -> Result<(), Error> {
    let mut rows = Vec::new();
    for report in reports {
        for (counter, by) in &report.counted {
            rows.push((
                report.nas_id.as_uuid(),
                report.isp_id.as_uuid(),
                counter,
                *by,
            ));
        }
    }
    // Every server takes the rows in one order, so that no two wait for each other.
    rows.sort_by(|a, b| (a.0, a.2).cmp(&(b.0, b.2)));
    if rows.is_empty() {
        return Ok(());
    }
    let statement = format!(
        "INSERT INTO nas_counter (nas_id, isp_id, counter, value, since, updated_at) VALUES {} \
         ON CONFLICT (nas_id, counter) DO UPDATE SET value = nas_counter.value + excluded.value, \
         updated_at = excluded.updated_at",
        groups(rows.len(), COUNTER_COLUMNS)
    );
    let bound = rows
        .into_iter()
        .flat_map(|(nas_id, isp_id, counter, by)| {
            let by = i64::try_from(by).unwrap_or(i64::MAX);
            values![nas_id, isp_id, counter.as_str(), by, tx.now(), tx.now()]
        })
        .collect();
    sql::execute(tx, &statement, bound).await?;
    Ok(())
}

async fn see(tx: &Tx, report: &ClientReport) -> Result<(), Error> {
    for source in &report.sources {
        let signed_at = source.learnt.signs.then(|| tx.now());
        let statement = "INSERT INTO nas_source (nas_id, isp_id, address, first_seen_at, \
            last_seen_at, message_authenticator_seen_at, limits_proxy_state, proven_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (nas_id, address) DO UPDATE SET \
            last_seen_at = excluded.last_seen_at, message_authenticator_seen_at = \
            COALESCE(nas_source.message_authenticator_seen_at, excluded.message_authenticator_seen_at), \
            limits_proxy_state = COALESCE(nas_source.limits_proxy_state, excluded.limits_proxy_state), \
            proven_at = COALESCE(nas_source.proven_at, excluded.proven_at)";
        let bound = values![
            report.nas_id.as_uuid(),
            report.isp_id.as_uuid(),
            source.address.to_string(),
            source.seen_at,
            source.seen_at,
            signed_at,
            source.learnt.limits_proxy_state,
            source.learnt.proven_at,
        ];
        sql::execute(tx, statement, bound).await?;
    }
    let latest = report.sources.iter().map(|source| source.seen_at).max();
    if let Some(at) = latest {
        let statement = "UPDATE nas SET last_seen_at = $2 \
            WHERE id = $1 AND (last_seen_at IS NULL OR last_seen_at < $3)";
        sql::execute(tx, statement, values![report.nas_id.as_uuid(), at, at]).await?;
    }
    Ok(())
}
