//! The last answers to logins.

use chrono::{DateTime, Utc};
use domain::network::{ports::LoginAnswer, service_policy::Access};
use uuid::Uuid;

use crate::{
    bulk::{self, Column, cells_of},
    error::Error,
    sql::{self, values},
    tx::Tx,
};

/// How many answers of one name are kept.
const KEPT: i64 = 20;

const COLUMNS: [Column; 10] = [
    ("id", "uuid"),
    ("isp_id", "uuid"),
    ("nas_id", "uuid"),
    ("customer_id", "uuid"),
    ("username", "text"),
    ("calling_station_id", "text"),
    ("answer", "text"),
    ("method", "text"),
    ("nas_address", "text"),
    ("at", "timestamptz"),
];

/// Keeps answers.
pub async fn insert(tx: &Tx, answers: &[LoginAnswer]) -> Result<(), Error> {
    let rows = answers
        .iter()
        .map(|answer| {
            let outcome = match &answer.outcome {
                Ok(Access::Open) => "accept",
                Ok(Access::Walled) => "accept_walled",
                Err(cause) => cause.as_str(),
            };
            cells_of![
                Uuid::now_v7(),
                answer.isp_id.as_uuid(),
                answer.nas_id.as_uuid(),
                answer.customer_id.map(domain::ids::CustomerId::as_uuid),
                answer.username.replace('\0', "\u{fffd}"),
                answer
                    .calling_station_id
                    .as_deref()
                    .map(|id| id.replace('\0', "\u{fffd}")),
                outcome,
                answer.method.as_str(),
                answer.nas_address.to_string(),
                answer.answered_at,
            ]
        })
        .collect();
    let names: Vec<_> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let statement = format!("INSERT INTO login_answer ({names}) SELECT {names} FROM r");
    bulk::execute(tx, &COLUMNS, rows, &statement).await?;
    Ok(())
}

/// Forgets answers older than the instant, and of each name all but the newest.
pub async fn prune(tx: &Tx, before: DateTime<Utc>) -> Result<u64, Error> {
    let old = "DELETE FROM login_answer WHERE at < $1";
    let old = sql::execute(tx, old, values![before]).await?;
    let many = "DELETE FROM login_answer WHERE id IN (SELECT id FROM (SELECT id, \
        row_number() OVER (PARTITION BY isp_id, customer_id, CASE WHEN customer_id IS NULL \
        THEN username END ORDER BY at DESC, id DESC) AS place FROM login_answer) placed \
        WHERE place > $1)";
    Ok(old + sql::execute(tx, many, values![KEPT]).await?)
}
