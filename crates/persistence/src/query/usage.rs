//! What a customer used, by day or month of the ISP.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};
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

/// The days or months between two dates, both included, on which something was used, in order; a
/// month belongs to them by its first day.
pub async fn of_customer(
    read: &Read,
    customer: CustomerRef,
    by: Division,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<UsageRow>, Error> {
    match by {
        Division::Day => days(read, customer, (from, to)).await,
        Division::Month => {
            let ends = first_of(to) + Months::new(1) - Days::new(1);
            let begins = if from == first_of(from) {
                from
            } else {
                first_of(from) + Months::new(1)
            };
            Ok(months(days(read, customer, (begins, ends)).await?))
        }
    }
}

async fn days(
    read: &Read,
    customer: CustomerRef,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<UsageRow>, Error> {
    let statement = "SELECT day AS date, input_octets, output_octets, session_seconds \
        FROM usage_day \
        WHERE customer_id = $1 AND isp_id = $2 AND day >= $3 AND day <= $4 ORDER BY day";
    let bound = values![customer.id.as_uuid(), customer.isp_id.as_uuid(), from, to];
    sql::all(read, statement, bound).await
}

fn first_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn months(days: Vec<UsageRow>) -> Vec<UsageRow> {
    let mut months: Vec<UsageRow> = Vec::new();
    for day in days {
        let date = first_of(day.date);
        match months.last_mut().filter(|month| month.date == date) {
            Some(month) => {
                month.input_octets = month.input_octets.saturating_add(day.input_octets);
                month.output_octets = month.output_octets.saturating_add(day.output_octets);
                month.session_seconds = month.session_seconds.saturating_add(day.session_seconds);
            }
            None => months.push(UsageRow { date, ..day }),
        }
    }
    months
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
