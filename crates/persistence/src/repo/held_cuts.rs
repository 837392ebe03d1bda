//! Cuts of an ISP that wait for a person, and how many its runs cut on earlier days.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{authz::Scope, ids::IspId};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use crate::{
    Error, Read, Tx,
    change_feed::{self, Change, ChangeKind},
    sql::{self, values},
};

/// Cuts that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldCuts {
    /// Since when.
    pub since: DateTime<Utc>,
    /// How many.
    pub customers: i64,
}

#[derive(FromQueryResult)]
struct HeldRow {
    cuts_held_since: Option<DateTime<Utc>>,
    cuts_held: i64,
}

/// What waits in an ISP.
pub async fn find(read: &Read, isp_id: IspId) -> Result<Option<HeldCuts>, Error> {
    let row: Option<HeldRow> = sql::one(
        read,
        "SELECT cuts_held_since, cuts_held FROM isp_settings WHERE isp_id = $1",
        values![isp_id.as_uuid()],
    )
    .await?;
    Ok(row.and_then(|row| {
        row.cuts_held_since.map(|since| HeldCuts {
            since,
            customers: row.cuts_held,
        })
    }))
}

/// What waits in the one ISP that a scope is all of.
pub async fn of_scope(read: &Read, scope: &Scope) -> Result<Option<HeldCuts>, Error> {
    match scope.isp_id() {
        Some(isp_id) if scope.operators().is_none() => find(read, isp_id).await,
        Some(_) | None => Ok(None),
    }
}

/// Holds so many cuts, or none any more. Who is held is served on: RADIUS hears when that begins
/// and when it ends.
pub async fn set(tx: &Tx, isp_id: IspId, customers: Option<i64>) -> Result<(), Error> {
    let before = find(tx, isp_id).await?;
    let since = customers.map(|_| before.map_or(tx.now(), |held| held.since));
    sql::execute(
        tx,
        "UPDATE isp_settings SET cuts_held_since = $2, cuts_held = $3 WHERE isp_id = $1",
        values![isp_id.as_uuid(), since, customers.unwrap_or(0)],
    )
    .await?;
    if before.is_some() == customers.is_some() {
        return Ok(());
    }
    let change = Change {
        kind: ChangeKind::IspAccess,
        isp_id,
        subject_id: isp_id.as_uuid(),
    };
    change_feed::note(tx, change).await
}

/// Counts cuts of a day.
pub async fn count(tx: &Tx, isp_id: IspId, day: NaiveDate, cut: i64) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO expiry_day (isp_id, day, cut) VALUES ($1, $2, $3) \
         ON CONFLICT (isp_id, day) DO UPDATE SET cut = expiry_day.cut + excluded.cut",
        values![isp_id.as_uuid(), day, cut],
    )
    .await?;
    Ok(())
}

/// The most that was cut on one of these days, both included.
pub async fn most(
    read: &Read,
    isp_id: IspId,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<i64, Error> {
    let most: Option<i64> = sql::scalar(
        read,
        "SELECT COALESCE(MAX(cut), 0) FROM expiry_day \
         WHERE isp_id = $1 AND day >= $2 AND day <= $3",
        values![isp_id.as_uuid(), first, last],
    )
    .await?;
    Ok(most.unwrap_or(0))
}
