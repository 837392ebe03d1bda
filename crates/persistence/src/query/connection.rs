//! What support looks at when a customer is offline.

use chrono::{DateTime, Utc};
use domain::authz::CustomerRef;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Error, Read,
    sql::{self, values},
};

/// An answer to one login.
#[derive(Debug, Clone, FromQueryResult)]
pub struct LoginAnswerRow {
    /// When.
    pub at: DateTime<Utc>,
    /// `accept`, `accept_walled`, or the cause of the refusal.
    pub answer: String,
    /// The router that asked.
    pub nas_id: Uuid,
    /// Its name; absent when it is gone.
    pub nas_name: Option<String>,
    /// The address it asked from.
    pub nas_address: Option<String>,
    /// The name that was sent.
    pub username: String,
    /// MAC address or number of the caller.
    pub calling_station_id: Option<String>,
    /// How the password was to be proven.
    pub method: Option<String>,
}

/// The last answers to logins of a customer, newest first.
pub async fn login_answers(
    read: &Read,
    customer: &CustomerRef,
    limit: i64,
) -> Result<Vec<LoginAnswerRow>, Error> {
    let statement = "SELECT a.at, a.answer, a.nas_id, n.name AS nas_name, a.nas_address, a.username, \
        a.calling_station_id, a.method FROM login_answer a LEFT JOIN nas n ON n.id = a.nas_id \
        WHERE a.customer_id = $1 AND a.isp_id = $2 ORDER BY a.at DESC, a.id DESC LIMIT $3";
    let bound = values![customer.id.as_uuid(), customer.isp_id.as_uuid(), limit];
    sql::all(read, statement, bound).await
}

/// A live session, as far as support asks.
#[derive(Debug, Clone, FromQueryResult)]
pub struct LiveRow {
    /// The router's name.
    pub nas_name: String,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// When it was heard of last.
    pub updated_at: DateTime<Utc>,
    /// Whether it is behind the wall.
    pub walled: bool,
}

/// The live sessions of a customer, latest first.
pub async fn live(read: &Read, customer: &CustomerRef) -> Result<Vec<LiveRow>, Error> {
    let statement = "SELECT n.name AS nas_name, s.started_at, s.updated_at, s.walled \
        FROM session s JOIN nas n ON n.id = s.nas_id \
        WHERE s.isp_id = $1 AND s.customer_id = $2 ORDER BY s.started_at DESC LIMIT 20";
    let bound = values![customer.isp_id.as_uuid(), customer.id.as_uuid()];
    sql::all(read, statement, bound).await
}

/// The end of a session.
#[derive(Debug, Clone, FromQueryResult)]
pub struct StopRow {
    /// When.
    pub stopped_at: DateTime<Utc>,
    /// Why, by name.
    pub terminate_cause: String,
}

/// How the last session of a customer ended.
pub async fn last_stop(read: &Read, customer: &CustomerRef) -> Result<Option<StopRow>, Error> {
    let statement = "SELECT stopped_at, terminate_cause FROM session_history \
        WHERE customer_id = $1 AND isp_id = $2 ORDER BY stopped_at DESC LIMIT 1";
    let bound = values![customer.id.as_uuid(), customer.isp_id.as_uuid()];
    sql::one(read, statement, bound).await
}

/// When each router in service was heard of last.
pub async fn routers(
    read: &Read,
    customer: &CustomerRef,
) -> Result<Vec<Option<DateTime<Utc>>>, Error> {
    let statement = "SELECT last_seen_at FROM nas WHERE isp_id = $1 AND status = 'active'";
    let rows = sql::rows(read, statement, values![customer.isp_id.as_uuid()]).await?;
    rows.iter()
        .map(|row| Ok(row.try_get_by_index(0)?))
        .collect()
}
