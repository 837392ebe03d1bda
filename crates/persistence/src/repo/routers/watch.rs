//! Which routers are to be looked at, by whom, and what was found.
//!
//! A router that is looked at is leased: nobody else looks at it before the lease ends. Its next check
//! then stands at the end of the lease, so that it is due again should the worker die; a check that
//! somebody asks for meanwhile moves it, and is kept.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ids::{IspId, RouterId},
    network::router::{Change, Fingerprint, RouterFacts, Standing},
};
use rustc_hash::FxHashSet;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::row;
use crate::{
    Error, Read, Tx,
    bulk::{self, Cell, Column, cells_of},
    sql::{self, values},
    statement::Sql,
};

/// A router to be looked at.
#[derive(Debug, Clone)]
pub struct DueRouter {
    /// Which one.
    pub id: RouterId,
    /// Whose.
    pub isp_id: IspId,
    /// Its address or name.
    pub host: String,
    /// The port of its API.
    pub port: u16,
    /// Whether the API is spoken to in TLS.
    pub tls: bool,
    /// The user that we are to it.
    pub username: String,
    /// That user's sealed password.
    pub password: Vec<u8>,
    /// The version of these settings.
    pub version: i64,
    /// The certificate that was confirmed.
    pub pinned: Option<Fingerprint>,
    /// The certificate that it showed last, where that was the question.
    pub presented: Option<Fingerprint>,
    /// How it fared.
    pub standing: Standing,
}

#[derive(FromQueryResult)]
struct DueRow {
    id: Uuid,
    isp_id: Uuid,
    host: String,
    port: i64,
    tls: bool,
    username: String,
    password: Vec<u8>,
    version: i64,
    pinned_fingerprint: Option<String>,
    presented_fingerprint: Option<String>,
    state: String,
    state_since: DateTime<Utc>,
    failures: i64,
    cause: Option<String>,
    detail: Option<String>,
}

impl DueRow {
    fn into_due(self) -> Result<DueRouter, Error> {
        Ok(DueRouter {
            id: RouterId::from_uuid(self.id),
            isp_id: IspId::from_uuid(self.isp_id),
            host: self.host,
            port: row::port(self.port)?,
            tls: self.tls,
            username: self.username,
            password: self.password,
            version: self.version,
            pinned: row::fingerprint(self.pinned_fingerprint)?,
            presented: row::fingerprint(self.presented_fingerprint)?,
            standing: row::standing(
                (&self.state, self.state_since, self.failures),
                self.cause.as_deref(),
                self.detail,
            )?,
        })
    }
}

/// Which routers take their turn together: one that answers must never wait for those that do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// That answer, as far as is known, and those that were not looked at yet.
    Answering,
    /// That count as away.
    Away,
}

impl Lane {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Answering, Self::Away];

    const fn condition(self) -> &'static str {
        match self {
            Self::Answering => "state <> 'unreachable'",
            Self::Away => "state = 'unreachable'",
        }
    }
}

const DUE: &str = "next_check_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)";

/// Whether there is anything to look at in a lane.
pub async fn any_due(read: &Read, lane: Lane, now: DateTime<Utc>) -> Result<bool, Error> {
    let lane = lane.condition();
    let statement = format!("SELECT 1 FROM router WHERE {DUE} AND {lane} LIMIT 1");
    Ok(sql::row(read, &statement, values![now]).await?.is_some())
}

/// Leases up to `limit` routers of a lane that are due, those that wait longest first.
pub async fn claim(
    tx: &Tx,
    lane: Lane,
    worker: &str,
    lease: TimeDelta,
    limit: i64,
) -> Result<Vec<DueRouter>, Error> {
    let skip = tx.backend().for_update_skip_locked();
    let lane = lane.condition();
    let statement = format!(
        "UPDATE router SET lease_until = $2, next_check_at = $2, leased_by = $3 \
         WHERE id IN (SELECT id FROM router WHERE {DUE} AND {lane} \
         ORDER BY next_check_at, id LIMIT $4{skip}) \
         RETURNING id, isp_id, host, port, tls, username, password, version, pinned_fingerprint, \
         presented_fingerprint, state, state_since, failures, cause, detail"
    );
    let until = tx.now() + lease;
    let rows: Vec<DueRow> =
        sql::all(tx, &statement, values![tx.now(), until, worker, limit]).await?;
    rows.into_iter().map(DueRow::into_due).collect()
}

/// What a check found, judged.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Of which router.
    pub id: RouterId,
    /// Whose.
    pub isp_id: IspId,
    /// The version of the settings that it was looked at with.
    pub version: i64,
    /// How it fares now.
    pub standing: Standing,
    /// What is worth telling.
    pub change: Option<Change>,
    /// The certificate it showed, where that is the question.
    pub presented: Option<Fingerprint>,
    /// What it said of itself.
    pub facts: Option<RouterFacts>,
    /// When it was looked at.
    pub checked_at: DateTime<Utc>,
    /// When it is looked at again.
    pub next_check_at: DateTime<Utc>,
}

const COLUMNS: [Column; 22] = [
    ("router_id", "uuid"),
    ("seen_version", "bigint"),
    ("new_state", "text"),
    ("new_since", "timestamptz"),
    ("new_failures", "bigint"),
    ("new_cause", "text"),
    ("new_detail", "text"),
    ("new_presented", "text"),
    ("looked_at", "timestamptz"),
    ("look_again_at", "timestamptz"),
    ("has_facts", "boolean"),
    ("new_identity", "text"),
    ("new_routeros", "text"),
    ("new_board", "text"),
    ("new_architecture", "text"),
    ("new_cpu_load", "bigint"),
    ("new_free_memory", "bigint"),
    ("new_total_memory", "bigint"),
    ("new_uptime", "bigint"),
    ("new_ppp", "bigint"),
    ("new_hotspot", "bigint"),
    ("worker", "text"),
];

fn cells(finding: &Finding, worker: &str) -> Vec<Cell> {
    let failure = finding.standing.failure.as_ref();
    let facts = finding.facts.clone();
    let has_facts = facts.is_some();
    let facts = facts.unwrap_or_default();
    cells_of![
        finding.id.as_uuid(),
        finding.version,
        finding.standing.state.as_str(),
        finding.standing.since,
        i64::from(finding.standing.failures),
        failure.map(|failure| failure.cause.as_str().to_owned()),
        failure.and_then(|failure| failure.detail.clone()),
        finding.presented.map(|shown| shown.to_string()),
        finding.checked_at,
        finding.next_check_at,
        has_facts,
        facts.identity,
        facts.routeros,
        facts.board,
        facts.architecture,
        facts.cpu_load.map(i64::from),
        facts.free_memory,
        facts.total_memory,
        facts.uptime_seconds,
        i64::from(facts.ppp_sessions),
        i64::from(facts.hotspot_sessions),
        worker,
    ]
}

/// Who is reached tells its facts; those of before stay until then, and so does the question which
/// certificate is right. Who is not watched is not looked at again.
const KEEP: &str = "UPDATE router SET state = r.new_state, state_since = r.new_since, \
    failures = r.new_failures, cause = r.new_cause, detail = r.new_detail, \
    checked_at = r.looked_at, \
    presented_at = CASE WHEN r.has_facts THEN NULL WHEN r.new_presented IS NULL THEN presented_at \
        WHEN r.new_presented = presented_fingerprint THEN presented_at ELSE r.looked_at END, \
    presented_fingerprint = CASE WHEN r.has_facts THEN NULL \
        ELSE COALESCE(r.new_presented, presented_fingerprint) END, \
    last_seen_at = CASE WHEN r.has_facts THEN r.looked_at ELSE last_seen_at END, \
    next_check_at = CASE WHEN next_check_at <> lease_until THEN next_check_at \
        WHEN watched THEN r.look_again_at ELSE NULL END, \
    lease_until = NULL, leased_by = NULL, \
    identity = CASE WHEN r.has_facts THEN r.new_identity ELSE identity END, \
    routeros = CASE WHEN r.has_facts THEN r.new_routeros ELSE routeros END, \
    board = CASE WHEN r.has_facts THEN r.new_board ELSE board END, \
    architecture = CASE WHEN r.has_facts THEN r.new_architecture ELSE architecture END, \
    cpu_load = CASE WHEN r.has_facts THEN r.new_cpu_load ELSE cpu_load END, \
    free_memory = CASE WHEN r.has_facts THEN r.new_free_memory ELSE free_memory END, \
    total_memory = CASE WHEN r.has_facts THEN r.new_total_memory ELSE total_memory END, \
    uptime_seconds = CASE WHEN r.has_facts THEN r.new_uptime ELSE uptime_seconds END, \
    ppp_sessions = CASE WHEN r.has_facts THEN r.new_ppp ELSE ppp_sessions END, \
    hotspot_sessions = CASE WHEN r.has_facts THEN r.new_hotspot ELSE hotspot_sessions END \
    FROM r WHERE router.id = r.router_id AND router.leased_by = r.worker \
    AND router.version = r.seen_version RETURNING id";

/// Keeps what was found of routers that are leased to the worker and whose settings are still those
/// that they were looked at with, and answers which those are. Their history is kept with it.
pub async fn keep(
    tx: &Tx,
    worker: &str,
    findings: &[Finding],
) -> Result<FxHashSet<RouterId>, Error> {
    let rows = findings.iter().map(|finding| cells(finding, worker));
    let kept = bulk::query(tx, &COLUMNS, rows.collect(), KEEP).await?;
    let kept: FxHashSet<RouterId> = kept
        .iter()
        .map(|row| Ok(RouterId::from_uuid(row.try_get("", "id")?)))
        .collect::<Result<_, Error>>()?;
    let outdated = findings
        .iter()
        .filter(|finding| !kept.contains(&finding.id));
    release(
        tx,
        worker,
        &outdated.map(|finding| finding.id).collect::<Vec<_>>(),
    )
    .await?;
    let told = findings
        .iter()
        .filter(|finding| finding.change.is_some() && kept.contains(&finding.id));
    keep_history(tx, told).await?;
    Ok(kept)
}

async fn keep_history(tx: &Tx, findings: impl Iterator<Item = &Finding>) -> Result<(), Error> {
    const COLUMNS: [Column; 8] = [
        ("id", "uuid"),
        ("isp_id", "uuid"),
        ("router_id", "uuid"),
        ("state", "text"),
        ("cause", "text"),
        ("detail", "text"),
        ("fingerprint", "text"),
        ("at", "timestamptz"),
    ];
    let rows = findings.map(|finding| {
        let failure = finding.standing.failure.as_ref();
        cells_of![
            Uuid::now_v7(),
            finding.isp_id.as_uuid(),
            finding.id.as_uuid(),
            finding.standing.state.as_str(),
            failure.map(|failure| failure.cause.as_str().to_owned()),
            failure.and_then(|failure| failure.detail.clone()),
            finding.presented.map(|shown| shown.to_string()),
            finding.checked_at,
        ]
    });
    let statement = "INSERT INTO router_history (id, isp_id, router_id, state, cause, detail, \
        fingerprint, at) SELECT id, isp_id, router_id, state, cause, detail, fingerprint, at FROM r";
    bulk::execute(tx, &COLUMNS, rows.collect(), statement).await?;
    Ok(())
}

/// Gives leases back; who was to be looked at meanwhile is due at once.
pub async fn release(tx: &Tx, worker: &str, ids: &[RouterId]) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    let mut sql =
        Sql::new("UPDATE router SET next_check_at = CASE WHEN next_check_at = lease_until THEN ");
    sql.bind(tx.now());
    sql.push(" ELSE next_check_at END, lease_until = NULL, leased_by = NULL WHERE leased_by = ")
        .bind(worker);
    sql.push(" AND ").among("id", &ids, tx.backend());
    sql.execute(tx).await.map(drop)
}

/// The version of the settings of those of the routers that are still watched.
pub async fn watched_versions(
    read: &Read,
    ids: &[RouterId],
) -> Result<Vec<(RouterId, i64)>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        version: i64,
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    let mut sql = Sql::new("SELECT id, version FROM router WHERE watched AND ");
    sql.among("id", &ids, read.backend());
    let rows = sql.all::<Row>(read).await?;
    let pair = |row: Row| (RouterId::from_uuid(row.id), row.version);
    Ok(rows.into_iter().map(pair).collect())
}
