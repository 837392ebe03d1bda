//! The last answers to logins.

use chrono::{DateTime, Utc};
use domain::network::{ports::LoginAnswer, service_policy::Access};
use uuid::Uuid;

use crate::{
    error::Error,
    sql::{self, groups, values},
    tx::Tx,
};

const COLUMNS: usize = 8;

/// Keeps answers.
pub async fn insert(tx: &Tx, answers: &[LoginAnswer]) -> Result<(), Error> {
    if answers.is_empty() {
        return Ok(());
    }
    let statement = format!(
        "INSERT INTO login_answer (id, isp_id, nas_id, customer_id, username, calling_station_id, \
         answer, at) VALUES {}",
        groups(answers.len(), COLUMNS)
    );
    let bound = answers
        .iter()
        .flat_map(|answer| {
            let outcome = match &answer.outcome {
                Ok(Access::Open) => "accept",
                Ok(Access::Walled) => "accept_walled",
                Err(cause) => cause.as_str(),
            };
            values![
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
                answer.answered_at,
            ]
        })
        .collect();
    sql::execute(tx, &statement, bound).await?;
    Ok(())
}

/// Forgets answers older than the instant.
pub async fn prune(tx: &Tx, before: DateTime<Utc>) -> Result<u64, Error> {
    sql::execute(
        tx,
        "DELETE FROM login_answer WHERE at < $1",
        values![before],
    )
    .await
}
