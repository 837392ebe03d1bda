//! How watched routers fared: one row for each change that is worth telling.

use chrono::{DateTime, Utc};
use domain::{
    authz::RouterRef,
    network::router::{CheckCause, Fingerprint, RouterState},
    page::{Page, PageRequest},
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::row;
use crate::{
    Error, Read, Tx,
    query::newest_first::{Conditions, NewestFirst, PageError, count},
    sql::{self, values},
};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterHistoryRow {
    /// Its identifier.
    pub id: Uuid,
    /// How the router fared from then on.
    pub state: RouterState,
    /// Why.
    pub cause: Option<CheckCause>,
    /// The router's own words, when it said any.
    pub detail: Option<String>,
    /// The certificate it showed, where that was the question.
    pub fingerprint: Option<Fingerprint>,
    /// When.
    pub at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    state: String,
    cause: Option<String>,
    detail: Option<String>,
    fingerprint: Option<String>,
    at: DateTime<Utc>,
}

impl Row {
    fn into_history(self) -> Result<RouterHistoryRow, Error> {
        Ok(RouterHistoryRow {
            id: self.id,
            state: row::state(&self.state)?,
            cause: row::cause(self.cause.as_deref())?,
            detail: self.detail,
            fingerprint: row::fingerprint(self.fingerprint)?,
            at: self.at,
        })
    }
}

/// How one router fared, latest first.
pub async fn history(
    read: &Read,
    router_ref: &RouterRef,
    page: &PageRequest,
) -> Result<Page<RouterHistoryRow>, PageError> {
    let order = NewestFirst::of("router_history", page)?;
    let mut conditions = Conditions::default();
    conditions.compare("h.isp_id", "=", Some(router_ref.isp_id.as_uuid()));
    conditions.compare("h.router_id", "=", Some(router_ref.id.as_uuid()));
    let total = count(read, "router_history h", &conditions).await?;
    order.seek(&mut conditions, "h.at", "h.id");
    let statement = format!(
        "SELECT h.id, h.state, h.cause, h.detail, h.fingerprint, h.at FROM router_history h \
         WHERE {} ORDER BY h.at DESC, h.id DESC LIMIT {}",
        conditions.sql(),
        order.fetch()
    );
    let rows: Vec<Row> = sql::all(read, &statement, conditions.values).await?;
    let rows = rows.into_iter().map(Row::into_history);
    let rows = rows.collect::<Result<Vec<_>, Error>>()?;
    Ok(order.page(rows, |row| (row.at, row.id), total))
}

/// Forgets what happened before the instant.
pub async fn prune(tx: &Tx, before: DateTime<Utc>) -> Result<u64, Error> {
    let statement = "DELETE FROM router_history WHERE at < $1";
    sql::execute(tx, statement, values![before]).await
}
