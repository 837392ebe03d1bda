//! Rows of watched routers.

use chrono::{DateTime, Utc};
use domain::{
    ids::{IspId, NasId, RouterId},
    network::router::{CheckCause, CheckFailure, Fingerprint, RouterFacts, RouterState, Standing},
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::RouterRecord;
use crate::{Error, statement::corrupt};

/// What is read of a router; the table is `r`.
pub(crate) const COLUMNS: &str = "r.id, r.isp_id, r.name, r.host, r.port, r.tls, r.username, \
    r.nas_id, (SELECT n.name FROM nas n WHERE n.id = r.nas_id) AS nas_name, r.watched, r.version, \
    r.pinned_fingerprint, r.presented_fingerprint, r.presented_at, r.state, r.state_since, \
    r.failures, r.cause, r.detail, r.checked_at, r.last_seen_at, r.next_check_at, r.lease_until, \
    r.identity, r.routeros, r.board, r.architecture, r.cpu_load, r.free_memory, r.total_memory, \
    r.uptime_seconds, r.ppp_sessions, r.hotspot_sessions, r.created_at";

#[derive(FromQueryResult)]
pub(crate) struct RouterRow {
    id: Uuid,
    isp_id: Uuid,
    name: String,
    host: String,
    port: i64,
    tls: bool,
    username: String,
    nas_id: Option<Uuid>,
    nas_name: Option<String>,
    watched: bool,
    version: i64,
    pinned_fingerprint: Option<String>,
    presented_fingerprint: Option<String>,
    presented_at: Option<DateTime<Utc>>,
    state: String,
    state_since: DateTime<Utc>,
    failures: i64,
    cause: Option<String>,
    detail: Option<String>,
    checked_at: Option<DateTime<Utc>>,
    last_seen_at: Option<DateTime<Utc>>,
    next_check_at: Option<DateTime<Utc>>,
    lease_until: Option<DateTime<Utc>>,
    identity: Option<String>,
    routeros: Option<String>,
    board: Option<String>,
    architecture: Option<String>,
    cpu_load: Option<i64>,
    free_memory: Option<i64>,
    total_memory: Option<i64>,
    uptime_seconds: Option<i64>,
    ppp_sessions: Option<i64>,
    hotspot_sessions: Option<i64>,
    created_at: DateTime<Utc>,
}

impl RouterRow {
    pub(crate) fn into_router(self) -> Result<RouterRecord, Error> {
        let standing = standing(
            (&self.state, self.state_since, self.failures),
            self.cause.as_deref(),
            self.detail.clone(),
        )?;
        let facts = self.facts();
        Ok(RouterRecord {
            id: RouterId::from_uuid(self.id),
            isp_id: IspId::from_uuid(self.isp_id),
            name: self.name,
            host: self.host,
            port: port(self.port)?,
            tls: self.tls,
            username: self.username,
            nas_id: self.nas_id.map(NasId::from_uuid),
            nas_name: self.nas_name,
            watched: self.watched,
            version: self.version,
            pinned: fingerprint(self.pinned_fingerprint)?,
            presented: fingerprint(self.presented_fingerprint)?,
            presented_at: self.presented_at,
            standing,
            facts,
            checked_at: self.checked_at,
            last_seen_at: self.last_seen_at,
            next_check_at: self.next_check_at,
            lease_until: self.lease_until,
            created_at: self.created_at,
        })
    }

    fn facts(&self) -> Option<RouterFacts> {
        let count = |number: Option<i64>| number.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        Some(RouterFacts {
            identity: self.identity.clone()?,
            routeros: self.routeros.clone().unwrap_or_default(),
            board: self.board.clone().unwrap_or_default(),
            architecture: self.architecture.clone().unwrap_or_default(),
            cpu_load: self.cpu_load.and_then(|load| u8::try_from(load).ok()),
            free_memory: self.free_memory,
            total_memory: self.total_memory,
            uptime_seconds: self.uptime_seconds,
            ppp_sessions: count(self.ppp_sessions),
            hotspot_sessions: count(self.hotspot_sessions),
        })
    }
}

pub(super) fn port(port: i64) -> Result<u16, Error> {
    u16::try_from(port).map_err(|_| corrupt("router", "port"))
}

pub(super) fn fingerprint(text: Option<String>) -> Result<Option<Fingerprint>, Error> {
    text.map(|text| text.parse().map_err(|_| corrupt("router", &text)))
        .transpose()
}

pub(super) fn state(word: &str) -> Result<RouterState, Error> {
    RouterState::parse(word).ok_or_else(|| corrupt("router", word))
}

pub(super) fn cause(word: Option<&str>) -> Result<Option<CheckCause>, Error> {
    word.map(|word| CheckCause::parse(word).ok_or_else(|| corrupt("router", word)))
        .transpose()
}

/// State, since when, and failures; then why the last check failed.
pub(super) fn standing(
    (word, since, failures): (&str, DateTime<Utc>, i64),
    cause_word: Option<&str>,
    detail: Option<String>,
) -> Result<Standing, Error> {
    let failure = cause(cause_word)?.map(|cause| CheckFailure { cause, detail });
    Ok(Standing {
        state: state(word)?,
        since,
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        failure,
    })
}
