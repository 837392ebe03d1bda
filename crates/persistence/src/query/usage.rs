//! What a customer used, by day or month of the ISP.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::{authz::CustomerRef, network::usage::day_of};
use sea_orm::FromQueryResult;

use crate::{
    error::Error,
    sql::{self, values},
    tx::Read,
};

/// Into which stretches usage is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Division {
    /// Days.
    Day,
    /// Months, each named by its first day.
    Month,
}

/// What was used on a day or in a month.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct UsageRow {
    /// The day, or the first of the month.
    pub date: NaiveDate,
    /// Bytes from the customer.
    pub input_octets: i64,
    /// Bytes to the customer.
    pub output_octets: i64,
    /// Seconds online.
    pub session_seconds: i64,
}

/// The days or months between two dates, both included, on which something was used, in order.
pub async fn of_customer(
    read: &Read,
    customer: CustomerRef,
    by: Division,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<UsageRow>, Error> {
    let (table, date) = match by {
        Division::Day => ("usage_day", "day"),
        Division::Month => ("usage_month", "month"),
    };
    let statement = format!(
        "SELECT {date} AS date, input_octets, output_octets, session_seconds FROM {table} \
         WHERE customer_id = $1 AND isp_id = $2 AND {date} >= $3 AND {date} <= $4 ORDER BY {date}"
    );
    let bound = values![customer.id.as_uuid(), customer.isp_id.as_uuid(), from, to];
    sql::all(read, &statement, bound).await
}

/// Which day it is where the customer is.
pub async fn today(
    read: &Read,
    customer: CustomerRef,
    now: DateTime<Utc>,
) -> Result<NaiveDate, Error> {
    let statement = "SELECT time_zone FROM isp WHERE id = $1";
    let zone: Option<String> =
        sql::scalar(read, statement, values![customer.isp_id.as_uuid()]).await?;
    let zone = zone.and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC);
    Ok(day_of(now, zone))
}
