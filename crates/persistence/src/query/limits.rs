//! What limits a customer, and what was used of it.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    authz::CustomerRef,
    ids::CustomerId,
    network::{access_terms::AccessTerms, fup::Used},
};
use sea_orm::FromQueryResult;

use crate::{
    Error, Read,
    sql::{self, values},
    statement::corrupt,
};

#[derive(FromQueryResult)]
struct SubjectRow {
    access: serde_json::Value,
    anchor_day: i64,
    time_zone: String,
    created_at: DateTime<Utc>,
}

/// A customer as its limits are computed.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The terms of the package.
    pub terms: AccessTerms,
    /// The customer's day of billing.
    pub anchor_day: u32,
    /// The ISP's time zone, by name.
    pub time_zone: String,
    /// Since when the customer is known.
    pub created_at: DateTime<Utc>,
}

/// What a customer's limits are computed from.
pub async fn subject(read: &Read, customer: &CustomerRef) -> Result<Option<Subject>, Error> {
    let row: Option<SubjectRow> = sql::one(
        read,
        "SELECT p.access, c.anchor_day, i.time_zone, c.created_at FROM customer c \
         JOIN package p ON p.id = c.package_id JOIN isp i ON i.id = c.isp_id \
         WHERE c.id = $1 AND c.isp_id = $2",
        values![customer.id.as_uuid(), customer.isp_id.as_uuid()],
    )
    .await?;
    row.map(|row| {
        Ok(Subject {
            terms: serde_json::from_value(row.access)
                .map_err(|error| corrupt("package", &error.to_string()))?,
            anchor_day: u32::try_from(row.anchor_day).unwrap_or(1),
            time_zone: row.time_zone,
            created_at: row.created_at,
        })
    })
    .transpose()
}

/// What a customer used from a local day on until before another.
pub async fn used(
    read: &Read,
    id: CustomerId,
    first_day: NaiveDate,
    next_day: NaiveDate,
) -> Result<Used, Error> {
    let sums = sql::row(
        read,
        "SELECT CAST(COALESCE(SUM(input_octets), 0) AS BIGINT), \
         CAST(COALESCE(SUM(output_octets), 0) AS BIGINT), \
         CAST(COALESCE(SUM(session_seconds), 0) AS BIGINT) \
         FROM usage_day WHERE customer_id = $1 AND day >= $2 AND day < $3",
        values![id.as_uuid(), first_day, next_day],
    )
    .await?;
    let Some(row) = sums else {
        return Ok(Used::default());
    };
    let sum = |index| -> Result<u64, Error> {
        let value: i64 = row.try_get_by_index(index)?;
        Ok(u64::try_from(value).unwrap_or(0))
    };
    Ok(Used {
        input_octets: sum(0)?,
        output_octets: sum(1)?,
        seconds: sum(2)?,
    })
}
