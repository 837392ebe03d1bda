//! Routers that are watched over their API.

use chrono::{DateTime, Utc};
use domain::{
    ids::NasId,
    network::router::{CheckCause, CheckFailure, RouterFacts as Facts, RouterState as State},
};
use persistence::repo::routers::{RouterHistoryRow, RouterRecord};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::NamedView;
use crate::{extract::cursor_page, wire::wire_enum};

wire_enum! {
    /// Whether a router can be managed. `unchecked`: it was not looked at since its settings changed.
    /// `unconfirmed`, `fingerprint_changed`: it shows a certificate that a person has to confirm;
    /// nobody logs in before that. `unreachable`: see `cause`.
    RouterState = State { Unchecked, Reachable, Unconfirmed, FingerprintChanged, Unreachable }
}

wire_enum! {
    /// Why a router cannot be managed. `no_answer` is silence: a firewall, or an address that
    /// `/ip service` does not serve. `hangs`: it let us in and then said nothing.
    RouterCause = CheckCause {
        NameUnknown, NoRoute, ConnectionRefused, NoAnswer, Lost, Hangs, NotRouterOs, NoCertificate,
        WrongLogin, NotPermitted, NotSupported, PasswordUnreadable, NotAllowed,
    }
}

/// Why a check failed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RouterFailureView {
    cause: RouterCause,
    /// The router's own words, when it said any.
    detail: Option<String>,
}

impl From<CheckFailure> for RouterFailureView {
    fn from(failure: CheckFailure) -> Self {
        Self {
            cause: failure.cause.into(),
            detail: failure.detail,
        }
    }
}

/// What a router said of itself when it last answered.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RouterFactsView {
    identity: String,
    #[schema(example = "7.16.2 (stable)")]
    version: String,
    #[schema(example = "RB5009UG+S+")]
    board: String,
    #[schema(example = "arm64")]
    architecture: String,
    /// In percent.
    cpu_load: Option<u8>,
    /// In bytes.
    free_memory: Option<i64>,
    /// In bytes.
    total_memory: Option<i64>,
    uptime_seconds: Option<i64>,
    ppp_sessions: u32,
    hotspot_sessions: u32,
}

impl From<Facts> for RouterFactsView {
    fn from(facts: Facts) -> Self {
        Self {
            identity: facts.identity,
            version: facts.routeros,
            board: facts.board,
            architecture: facts.architecture,
            cpu_load: facts.cpu_load,
            free_memory: facts.free_memory,
            total_memory: facts.total_memory,
            uptime_seconds: facts.uptime_seconds,
            ppp_sessions: facts.ppp_sessions,
            hotspot_sessions: facts.hotspot_sessions,
        }
    }
}

/// A router that is watched over its API.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct RouterView {
    pub(crate) id: Uuid,
    name: String,
    /// Its address or name in the network.
    #[schema(example = "203.0.113.7")]
    address: String,
    port: u16,
    tls: bool,
    username: String,
    /// The RADIUS client that it is.
    nas: Option<NamedView>,
    /// Whether it is looked at every minute.
    watched: bool,
    state: RouterState,
    state_since: DateTime<Utc>,
    /// Why the last check failed. With another `state` than `unreachable` it is a single failure, which
    /// is looked at again before the router counts as unreachable.
    failure: Option<RouterFailureView>,
    /// How many checks failed in a row.
    failures: u32,
    /// Whether it is being looked at, or about to be.
    is_being_checked: bool,
    checked_at: Option<DateTime<Utc>>,
    next_check_at: Option<DateTime<Utc>>,
    /// When it last answered.
    last_seen_at: Option<DateTime<Utc>>,
    /// SHA-256 of the certificate that a person confirmed.
    confirmed_fingerprint: Option<String>,
    /// SHA-256 of the certificate that waits for a person to confirm it.
    presented_fingerprint: Option<String>,
    presented_at: Option<DateTime<Utc>>,
    facts: Option<RouterFactsView>,
    created_at: DateTime<Utc>,
}

cursor_page! {
    /// A page of routers.
    RouterPage of RouterView
}

impl RouterView {
    pub(crate) fn new(router: RouterRecord, now: DateTime<Utc>) -> Self {
        let is_being_checked = router.is_being_checked(now);
        let text = |fingerprint: domain::network::router::Fingerprint| fingerprint.to_string();
        Self {
            id: router.id.as_uuid(),
            name: router.name,
            address: router.host,
            port: router.port,
            tls: router.tls,
            username: router.username,
            nas: NamedView::maybe(router.nas_id.map(NasId::as_uuid), router.nas_name),
            watched: router.watched,
            state: router.standing.state.into(),
            state_since: router.standing.since,
            failure: router.standing.failure.map(Into::into),
            failures: router.standing.failures,
            is_being_checked,
            checked_at: router.checked_at,
            next_check_at: router.next_check_at,
            last_seen_at: router.last_seen_at,
            confirmed_fingerprint: router.pinned.map(text),
            presented_fingerprint: router.presented.map(text),
            presented_at: router.presented_at,
            facts: router.facts.map(Into::into),
            created_at: router.created_at,
        }
    }
}

/// How a router fared from an instant on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RouterHistoryView {
    id: Uuid,
    state: RouterState,
    /// Why it could not be managed.
    failure: Option<RouterFailureView>,
    /// The certificate that waited for a person.
    fingerprint: Option<String>,
    at: DateTime<Utc>,
}

cursor_page! {
    /// A page of how a router fared.
    RouterHistoryPage of RouterHistoryView
}

impl From<RouterHistoryRow> for RouterHistoryView {
    fn from(row: RouterHistoryRow) -> Self {
        let detail = row.detail;
        Self {
            id: row.id,
            state: row.state.into(),
            failure: row.cause.map(|cause| RouterFailureView {
                cause: cause.into(),
                detail,
            }),
            fingerprint: row.fingerprint.map(|shown| shown.to_string()),
            at: row.at,
        }
    }
}
