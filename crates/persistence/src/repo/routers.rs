//! Routers that are watched over their API. Passwords are sealed and never listed; what checks found
//! is written by [`watch`].

mod history;
mod row;
pub mod watch;

pub use self::history::{RouterHistoryRow, history, prune};
pub(crate) use self::row::{COLUMNS, RouterRow};
use chrono::{DateTime, Utc};
use domain::{
    authz::RouterRef,
    ids::{IspId, NasId, RouterId},
    network::router::{Fingerprint, RouterFacts, Standing},
};
use sea_orm::Value;

use crate::{
    Error, Read, Tx,
    statement::{Sql, opt_uuid},
};

/// A watched router as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterRecord {
    /// Its identifier.
    pub id: RouterId,
    /// Whose.
    pub isp_id: IspId,
    /// Its name, unique inside the ISP.
    pub name: String,
    /// Its address or name in the network.
    pub host: String,
    /// The port of its API.
    pub port: u16,
    /// Whether the API is spoken to in TLS.
    pub tls: bool,
    /// The user that we are to it.
    pub username: String,
    /// The RADIUS client that it is.
    pub nas_id: Option<NasId>,
    /// The name of that RADIUS client.
    pub nas_name: Option<String>,
    /// Whether it is looked at every minute.
    pub watched: bool,
    /// The version of its settings.
    pub version: i64,
    /// The certificate that was confirmed.
    pub pinned: Option<Fingerprint>,
    /// The certificate that it showed, where that is the question.
    pub presented: Option<Fingerprint>,
    /// When it first showed it.
    pub presented_at: Option<DateTime<Utc>>,
    /// How it fares.
    pub standing: Standing,
    /// What it last said of itself.
    pub facts: Option<RouterFacts>,
    /// When it was last looked at.
    pub checked_at: Option<DateTime<Utc>>,
    /// When it last answered.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When it is to be looked at.
    pub next_check_at: Option<DateTime<Utc>>,
    /// Until when somebody looks at it.
    pub lease_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl RouterRecord {
    /// Whether somebody looks at it, or is about to.
    #[must_use]
    pub fn is_being_checked(&self, now: DateTime<Utc>) -> bool {
        let comes = |instant: DateTime<Utc>| instant <= now;
        self.next_check_at.is_some_and(comes) || self.lease_until.is_some_and(|until| until > now)
    }
}

/// One router.
pub async fn find(read: &Read, router_ref: &RouterRef) -> Result<Option<RouterRecord>, Error> {
    let row = by_ref(router_ref).one::<RouterRow>(read).await?;
    row.map(RouterRow::into_router).transpose()
}

/// One router, locked until the transaction ends.
pub async fn lock(tx: &Tx, router_ref: &RouterRef) -> Result<Option<RouterRecord>, Error> {
    let row = by_ref(router_ref)
        .for_update(tx)
        .one::<RouterRow>(tx)
        .await?;
    row.map(RouterRow::into_router).transpose()
}

fn by_ref(router_ref: &RouterRef) -> Sql {
    Sql::new(&format!("SELECT {COLUMNS} FROM router r WHERE "))
        .with("r.id = ", router_ref.id.as_uuid())
        .with(" AND r.isp_id = ", router_ref.isp_id.as_uuid())
}

/// Stores a new router with its sealed password.
pub async fn insert(tx: &Tx, router: &RouterRecord, sealed: Vec<u8>) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO router (id, isp_id, name, name_key, host, port, tls, username, password, \
         nas_id, watched, version, state, state_since, failures, next_check_at, created_at, \
         updated_at) VALUES ",
    );
    sql.list([
        router.id.as_uuid().into(),
        router.isp_id.as_uuid().into(),
        router.name.clone().into(),
        domain::text::folded(&router.name).into(),
        router.host.clone().into(),
        i64::from(router.port).into(),
        router.tls.into(),
        router.username.clone().into(),
        sealed.into(),
        opt_uuid(router.nas_id.map(NasId::as_uuid)),
        router.watched.into(),
        router.version.into(),
        router.standing.state.as_str().into(),
        router.standing.since.into(),
        i64::from(router.standing.failures).into(),
        router.next_check_at.into(),
        router.created_at.into(),
        Value::from(router.created_at),
    ]);
    sql.execute(tx).await.map(drop)
}

const NO_FACTS: &str = ", identity = NULL, routeros = NULL, board = NULL, architecture = NULL, \
    cpu_load = NULL, free_memory = NULL, total_memory = NULL, uptime_seconds = NULL, \
    ppp_sessions = NULL, hotspot_sessions = NULL";

/// Stores what a person changed; the row is locked by the caller. A check under way goes on, and what
/// it finds is not kept.
pub async fn update(tx: &Tx, router: &RouterRecord, sealed: Option<Vec<u8>>) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE router SET name = ");
    sql.bind(router.name.clone());
    sql.push(", name_key = ")
        .bind(domain::text::folded(&router.name));
    sql.push(", host = ").bind(router.host.clone());
    sql.push(", port = ").bind(i64::from(router.port));
    sql.push(", tls = ").bind(router.tls);
    sql.push(", username = ").bind(router.username.clone());
    sql.push(", nas_id = ")
        .bind(opt_uuid(router.nas_id.map(NasId::as_uuid)));
    sql.push(", watched = ").bind(router.watched);
    sql.push(", version = ").bind(router.version);
    sql.push(", pinned_fingerprint = ")
        .bind(router.pinned.map(|shown| shown.to_string()));
    sql.push(", presented_fingerprint = ")
        .bind(router.presented.map(|shown| shown.to_string()));
    sql.push(", presented_at = ").bind(router.presented_at);
    set_standing(&mut sql, &router.standing);
    sql.push(", next_check_at = ").bind(router.next_check_at);
    sql.push(", checked_at = ").bind(router.checked_at);
    sql.push(", last_seen_at = ").bind(router.last_seen_at);
    if router.facts.is_none() {
        sql.push(NO_FACTS);
    }
    if let Some(sealed) = sealed {
        sql.push(", password = ").bind(sealed);
    }
    sql.push(", updated_at = ").bind(tx.now());
    sql.push(" WHERE id = ").bind(router.id.as_uuid());
    sql.push(" AND isp_id = ").bind(router.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

fn set_standing(sql: &mut Sql, standing: &Standing) {
    let failure = standing.failure.as_ref();
    sql.push(", state = ").bind(standing.state.as_str());
    sql.push(", state_since = ").bind(standing.since);
    sql.push(", failures = ").bind(i64::from(standing.failures));
    sql.push(", cause = ")
        .bind(failure.map(|failure| failure.cause.as_str()));
    sql.push(", detail = ")
        .bind(failure.and_then(|failure| failure.detail.clone()));
}

/// Has a router looked at now.
pub async fn ask_for_check(tx: &Tx, router_ref: &RouterRef) -> Result<bool, Error> {
    let mut sql = Sql::new("UPDATE router SET next_check_at = ");
    sql.bind(tx.now());
    sql.push(" WHERE id = ").bind(router_ref.id.as_uuid());
    sql.push(" AND isp_id = ").bind(router_ref.isp_id.as_uuid());
    Ok(sql.execute(tx).await? == 1)
}

/// Deletes a router; its history goes with it (`ON DELETE CASCADE`).
pub async fn delete(tx: &Tx, router_ref: &RouterRef) -> Result<(), Error> {
    let sql = Sql::new("DELETE FROM router")
        .with(" WHERE id = ", router_ref.id.as_uuid())
        .with(" AND isp_id = ", router_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}
