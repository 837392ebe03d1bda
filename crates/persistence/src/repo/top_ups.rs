//! Top-ups: what customers were given beyond the limits of their package.

use chrono::{DateTime, Utc};
use domain::ids::{CustomerId, IspId, UserId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    sql::{self, values},
};

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct TopUp {
    /// Its identifier.
    pub id: Uuid,
    /// Extra bytes.
    pub octets: i64,
    /// Extra seconds.
    pub seconds: i64,
    /// Why.
    pub reason: Option<String>,
    /// Who granted it.
    pub granted_by: Option<Uuid>,
    /// The name of that person; not looked at when a grant is stored.
    pub granted_by_name: Option<String>,
    /// When.
    pub granted_at: DateTime<Utc>,
    /// When what is left of it ends.
    pub valid_until: Option<DateTime<Utc>>,
}

/// The grants of a customer that count at an instant, newest first.
pub async fn of_customer(
    read: &Read,
    id: CustomerId,
    now: DateTime<Utc>,
) -> Result<Vec<TopUp>, Error> {
    sql::all(
        read,
        "SELECT t.id, t.octets, t.seconds, t.reason, t.granted_by, u.name AS granted_by_name, \
         t.granted_at, t.valid_until \
         FROM top_up t LEFT JOIN app_user u ON u.id = t.granted_by \
         WHERE t.customer_id = $1 AND (t.valid_until IS NULL OR t.valid_until > $2) \
         ORDER BY t.granted_at DESC, t.id DESC",
        values![id.as_uuid(), now],
    )
    .await
}

/// Stores a grant.
pub async fn insert(
    tx: &Tx,
    isp_id: IspId,
    customer_id: CustomerId,
    grant: &TopUp,
) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO top_up (id, isp_id, customer_id, octets, seconds, reason, granted_by, granted_at, \
         valid_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        values![
            grant.id,
            isp_id.as_uuid(),
            customer_id.as_uuid(),
            grant.octets,
            grant.seconds,
            grant.reason.clone(),
            tx.actor().user_id().map(UserId::as_uuid),
            grant.granted_at,
            grant.valid_until,
        ],
    )
    .await
    .map(drop)
}
