//! What the RADIUS servers counted of realms.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    authz::{RealmRef, Scope},
    network::ports::RealmReport,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    sql::{self, groups, values},
    statement::{Owned, Sql},
};

/// A number that is counted for a realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealmCounter {
    /// What is counted.
    pub counter: String,
    /// How often it happened.
    pub value: i64,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it happened last, to the ten seconds that servers take to write.
    pub last_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Row {
    realm_id: Uuid,
    counter: String,
    value: i64,
    since: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for RealmCounter {
    fn from(row: Row) -> Self {
        Self {
            counter: row.counter,
            value: row.value,
            since: row.since,
            last_at: row.updated_at,
        }
    }
}

const SELECT: &str =
    "SELECT c.realm_id, c.counter, c.value, c.since, c.updated_at FROM realm_counter c WHERE ";

/// What was counted for one realm.
pub(crate) async fn counters(
    read: &Read,
    realm_ref: &RealmRef,
) -> Result<Vec<RealmCounter>, Error> {
    let sql = Sql::new(SELECT)
        .with("c.realm_id = ", realm_ref.id.as_uuid())
        .with(" AND c.isp_id = ", realm_ref.isp_id.as_uuid())
        .then(" ORDER BY c.counter");
    let rows = sql.all::<Row>(read).await?;
    Ok(rows.into_iter().map(RealmCounter::from).collect())
}

/// What was counted for the realms of the scope.
pub(crate) async fn counters_in(
    read: &Read,
    scope: &Scope,
) -> Result<HashMap<Uuid, Vec<RealmCounter>>, Error> {
    let mut sql = Sql::new(SELECT);
    sql.in_scope("c", scope, Owned::Shared);
    sql.push(" ORDER BY c.realm_id, c.counter");
    let mut counters: HashMap<Uuid, Vec<RealmCounter>> = HashMap::new();
    for row in sql.all::<Row>(read).await? {
        let realm_id = row.realm_id;
        counters.entry(realm_id).or_default().push(row.into());
    }
    Ok(counters)
}

const COLUMNS: usize = 6;

/// Adds what a server counted since its last report; a realm that is gone is left out.
pub async fn apply(tx: &Tx, reports: &[RealmReport]) -> Result<(), Error> {
    for some in reports.chunks(200) {
        let known = known(tx, some).await?;
        add(tx, some, &known).await?;
    }
    Ok(())
}

async fn known(tx: &Tx, reports: &[RealmReport]) -> Result<Vec<Uuid>, Error> {
    let marks = groups(1, reports.len());
    let ids = reports
        .iter()
        .map(|report| report.realm_id.as_uuid().into());
    let statement = format!("SELECT id FROM realm WHERE id IN {marks}");
    let rows = sql::rows(tx, &statement, ids.collect()).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(ids.collect::<Result<_, _>>()?)
}

async fn add(tx: &Tx, reports: &[RealmReport], known: &[Uuid]) -> Result<(), Error> {
    let mut rows = Vec::new();
    for report in reports {
        let (realm_id, isp_id) = (report.realm_id.as_uuid(), report.isp_id.as_uuid());
        if known.contains(&realm_id) {
            let counted = report.counted.iter();
            rows.extend(counted.map(|(counter, by)| (realm_id, isp_id, counter, *by)));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    // Every server takes the rows in one order, so that no two wait for each other.
    rows.sort_by(|a, b| (a.0, a.2).cmp(&(b.0, b.2)));
    let statement = format!(
        "INSERT INTO realm_counter (realm_id, isp_id, counter, value, since, updated_at) VALUES {} \
         ON CONFLICT (realm_id, counter) DO UPDATE SET \
         value = realm_counter.value + excluded.value, updated_at = excluded.updated_at",
        groups(rows.len(), COLUMNS)
    );
    let bound = rows
        .into_iter()
        .flat_map(|(realm_id, isp_id, counter, by)| {
            let by = i64::try_from(by).unwrap_or(i64::MAX);
            values![realm_id, isp_id, counter.as_str(), by, tx.now(), tx.now()]
        })
        .collect();
    sql::execute(tx, &statement, bound).await?;
    Ok(())
}
