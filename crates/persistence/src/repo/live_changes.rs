//! What routers were asked about live sessions, and what became of it.

use chrono::{DateTime, Utc};
use domain::ids::{CustomerId, IspId, LiveChangeId, NasId, SessionId};
use sea_orm::FromQueryResult;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    sql::{self, values},
};

/// What became of a request about a live session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveOutcome {
    /// Changed, says the router; or ended, says its Stop.
    Done,
    /// The router will end the session; its Stop has not come yet.
    WaitingForStop,
    /// The router said that it ended the session, and no Stop came.
    NoStop,
    /// The router knows no such session; it is closed in the books.
    SessionUnknown,
    /// The router refused.
    Refused,
    /// The router did not answer; it is tried again.
    Unreachable,
}

impl LiveOutcome {
    /// Every outcome.
    pub const ALL: [Self; 6] = [
        Self::Done,
        Self::WaitingForStop,
        Self::NoStop,
        Self::SessionUnknown,
        Self::Refused,
        Self::Unreachable,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::WaitingForStop => "waiting_for_stop",
            Self::NoStop => "no_stop",
            Self::SessionUnknown => "session_unknown",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
        }
    }

    /// Whether nothing more is to come of it.
    const fn is_final(self) -> bool {
        match self {
            Self::Done | Self::NoStop | Self::SessionUnknown | Self::Refused => true,
            Self::WaitingForStop | Self::Unreachable => false,
        }
    }
}

/// A request about a live session.
#[derive(Debug, Clone)]
pub struct LiveChange {
    /// Its identifier.
    pub id: LiveChangeId,
    /// Whose customer.
    pub isp_id: IspId,
    /// Which customer.
    pub customer_id: CustomerId,
    /// Which session.
    pub session_id: SessionId,
    /// On which router.
    pub nas_id: NasId,
    /// The name that logged in.
    pub username: String,
    /// The router's own id of the session.
    pub acct_session_id: String,
    /// Whether it was to end, and not to change.
    pub disconnect: bool,
    /// What was asked for.
    pub requested: Value,
    /// What became of it.
    pub outcome: LiveOutcome,
    /// The Error-Cause of a refusal.
    pub error_cause: Option<u32>,
}

/// Writes what became of requests.
pub async fn record(tx: &Tx, change: &LiveChange) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO live_change (id, isp_id, customer_id, session_id, nas_id, username, \
         acct_session_id, kind, requested, outcome, error_cause, at, settled_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        values![
            change.id.as_uuid(),
            change.isp_id.as_uuid(),
            change.customer_id.as_uuid(),
            change.session_id.as_uuid(),
            change.nas_id.as_uuid(),
            change.username.clone(),
            change.acct_session_id.clone(),
            if change.disconnect {
                "disconnect"
            } else {
                "change"
            },
            change.requested.clone(),
            change.outcome.as_str(),
            change.error_cause.map(i64::from),
            tx.now(),
            change.outcome.is_final().then(|| tx.now()),
        ],
    )
    .await?;
    Ok(())
}

/// Sessions of a customer that a router said it would end, asked for since that instant.
pub async fn waiting_for_stop(
    read: &Read,
    customer_id: CustomerId,
    since: DateTime<Utc>,
) -> Result<Vec<SessionId>, Error> {
    let sql = "SELECT session_id FROM live_change WHERE customer_id = $1 \
        AND outcome = 'waiting_for_stop' AND at > $2";
    sql::rows(read, sql, values![customer_id.as_uuid(), since])
        .await?
        .iter()
        .map(|row| Ok(SessionId::from_uuid(row.try_get_by_index(0)?)))
        .collect()
}

/// Live sessions of a customer whose rate was set since they began.
pub async fn with_rate_set(read: &Read, customer_id: CustomerId) -> Result<Vec<SessionId>, Error> {
    let sql = "SELECT l.session_id, l.requested FROM live_change l \
        JOIN session s ON s.id = l.session_id \
        WHERE l.customer_id = $1 AND l.kind = 'change' AND l.outcome = 'done'";
    let rows: Vec<RequestedRow> = sql::all(read, sql, values![customer_id.as_uuid()]).await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.requested.get(RATE).is_some())
        .map(|row| SessionId::from_uuid(row.session_id))
        .collect())
}

/// The name under which a request keeps the rate it sets.
pub const RATE: &str = "rate";

#[derive(FromQueryResult)]
struct RequestedRow {
    session_id: Uuid,
    requested: Value,
}

/// Whether a router said that it would end a session of the customer, and nobody settled it.
pub async fn any_waiting(read: &Read, customer_id: CustomerId) -> Result<bool, Error> {
    let sql =
        "SELECT 1 FROM live_change WHERE customer_id = $1 AND outcome = 'waiting_for_stop' LIMIT 1";
    Ok(sql::row(read, sql, values![customer_id.as_uuid()])
        .await?
        .is_some())
}

/// Settles what waits for a Stop since that instant or longer; answers the sessions still live.
pub async fn settle_stops(
    tx: &Tx,
    customer_id: CustomerId,
    asked_until: DateTime<Utc>,
) -> Result<Vec<SessionId>, Error> {
    let live = "SELECT l.session_id FROM live_change l JOIN session s ON s.id = l.session_id \
        WHERE l.customer_id = $1 AND l.outcome = 'waiting_for_stop' AND l.at <= $2";
    let key = || values![customer_id.as_uuid(), asked_until];
    let missing: Vec<SessionId> = sql::rows(tx, live, key())
        .await?
        .iter()
        .map(|row| Ok::<_, Error>(SessionId::from_uuid(row.try_get_by_index(0)?)))
        .collect::<Result<_, _>>()?;
    let settle = "UPDATE live_change SET settled_at = $3, outcome = CASE WHEN EXISTS \
        (SELECT 1 FROM session s WHERE s.id = live_change.session_id) THEN 'no_stop' ELSE 'done' END \
        WHERE customer_id = $1 AND outcome = 'waiting_for_stop' AND at <= $2";
    sql::execute(
        tx,
        settle,
        values![customer_id.as_uuid(), asked_until, tx.now()],
    )
    .await?;
    Ok(missing)
}

/// How often a session was asked to end and did not.
pub async fn failed_ends(read: &Read, session_id: SessionId) -> Result<i64, Error> {
    let sql = "SELECT COUNT(*) FROM live_change WHERE session_id = $1 AND outcome = 'no_stop'";
    let found: Option<i64> = sql::scalar(read, sql, values![session_id.as_uuid()]).await?;
    Ok(found.unwrap_or(0))
}

/// Forgets requests older than the instant.
pub async fn prune(tx: &Tx, before: DateTime<Utc>) -> Result<u64, Error> {
    sql::execute(tx, "DELETE FROM live_change WHERE at < $1", values![before]).await
}

/// A request as a page shows it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct LiveChangeRow {
    /// Its identifier.
    pub id: Uuid,
    /// Which session.
    pub session_id: Uuid,
    /// On which router.
    pub nas_id: Uuid,
    /// The name of that router.
    pub nas_name: String,
    /// The name that logged in.
    pub username: String,
    /// The router's own id of the session.
    pub acct_session_id: String,
    /// `change` or `disconnect`.
    pub kind: String,
    /// What was asked for.
    pub requested: Value,
    /// What became of it, by name.
    pub outcome: String,
    /// The Error-Cause of a refusal.
    pub error_cause: Option<i64>,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// When nothing more was to come of it.
    pub settled_at: Option<DateTime<Utc>>,
}

/// The latest requests about a customer's sessions, newest first.
///
/// What waits for a Stop is done as soon as the session is over, before anybody settles it.
pub async fn of_customer(
    read: &Read,
    isp_id: IspId,
    customer_id: CustomerId,
    limit: i64,
) -> Result<Vec<LiveChangeRow>, Error> {
    sql::all(
        read,
        "SELECT l.id, l.session_id, l.nas_id, n.name AS nas_name, l.username, l.acct_session_id, \
         l.kind, l.requested, CASE WHEN l.outcome = 'waiting_for_stop' AND NOT EXISTS \
         (SELECT 1 FROM session s WHERE s.id = l.session_id) THEN 'done' ELSE l.outcome END AS outcome, \
         l.error_cause, l.at, l.settled_at \
         FROM live_change l JOIN nas n ON n.id = l.nas_id \
         WHERE l.customer_id = $1 AND l.isp_id = $2 ORDER BY l.id DESC LIMIT $3",
        values![customer_id.as_uuid(), isp_id.as_uuid(), limit],
    )
    .await
}
