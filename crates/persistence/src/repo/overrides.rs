//! Overrides: what one customer has instead of what the package says.

use chrono::{DateTime, Utc};
use domain::{
    ids::{CustomerId, IspId, UserId},
    network::overrides::{OverrideTerms, Overrides},
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    sql::{self, values},
    statement::corrupt,
};

/// Overrides and who set them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerOverrides {
    /// Whose.
    pub customer_id: CustomerId,
    /// What they are.
    pub overrides: Overrides,
    /// Why.
    pub reason: Option<String>,
    /// Who set them.
    pub set_by: Option<UserId>,
    /// When.
    pub set_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct OverrideRow {
    customer_id: Uuid,
    terms: serde_json::Value,
    reason: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    set_by: Option<Uuid>,
    set_at: DateTime<Utc>,
}

impl OverrideRow {
    fn into_overrides(self) -> Result<CustomerOverrides, Error> {
        let terms: OverrideTerms = serde_json::from_value(self.terms)
            .map_err(|error| corrupt("customer_override", &error.to_string()))?;
        Ok(CustomerOverrides {
            customer_id: CustomerId::from_uuid(self.customer_id),
            overrides: Overrides {
                terms,
                expires_at: self.expires_at,
            },
            reason: self.reason,
            set_by: self.set_by.map(UserId::from_uuid),
            set_at: self.set_at,
        })
    }
}

const COLUMNS: &str = "customer_id, terms, reason, expires_at, set_by, set_at";

/// The overrides of one customer, those that are over included.
pub async fn find(read: &Read, id: CustomerId) -> Result<Option<CustomerOverrides>, Error> {
    Ok(between(read, id, id).await?.pop())
}

/// The overrides of customers whose ids lie between two, both included.
pub(crate) async fn between(
    read: &Read,
    first: CustomerId,
    last: CustomerId,
) -> Result<Vec<CustomerOverrides>, Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM customer_override WHERE customer_id >= $1 AND customer_id <= $2"
    );
    let bounds = values![first.as_uuid(), last.as_uuid()];
    sql::all::<OverrideRow>(read, &statement, bounds)
        .await?
        .into_iter()
        .map(OverrideRow::into_overrides)
        .collect()
}

/// Sets the overrides of a customer in place of earlier ones.
pub async fn put(tx: &Tx, isp_id: IspId, set: &CustomerOverrides) -> Result<(), Error> {
    let terms = serde_json::to_value(&set.overrides.terms)
        .expect("invariant: terms are plain numbers and texts");
    sql::execute(
        tx,
        "INSERT INTO customer_override (isp_id, customer_id, terms, reason, expires_at, set_by, set_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (customer_id) DO UPDATE SET \
         terms = excluded.terms, reason = excluded.reason, expires_at = excluded.expires_at, \
         set_by = excluded.set_by, set_at = excluded.set_at",
        values![
            isp_id.as_uuid(),
            set.customer_id.as_uuid(),
            terms,
            set.reason.clone(),
            set.overrides.expires_at,
            set.set_by.map(UserId::as_uuid),
            set.set_at,
        ],
    )
    .await
    .map(drop)
}

/// Ends the overrides of a customer; answers whether there were any.
pub async fn remove(tx: &Tx, isp_id: IspId, id: CustomerId) -> Result<bool, Error> {
    let removed = sql::execute(
        tx,
        "DELETE FROM customer_override WHERE isp_id = $1 AND customer_id = $2",
        values![isp_id.as_uuid(), id.as_uuid()],
    )
    .await?;
    Ok(removed > 0)
}

/// Customers of an ISP whose overrides are over, at most so many.
pub async fn over(
    read: &Read,
    isp_id: IspId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<CustomerId>, Error> {
    sql::rows(
        read,
        "SELECT customer_id FROM customer_override WHERE isp_id = $1 AND expires_at <= $2 \
         ORDER BY expires_at LIMIT $3",
        values![isp_id.as_uuid(), now, limit],
    )
    .await?
    .iter()
    .map(|row| Ok(CustomerId::from_uuid(row.try_get_by_index(0)?)))
    .collect()
}
