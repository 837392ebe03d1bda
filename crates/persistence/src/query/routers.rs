//! Watched routers as lists show them, by name.

use domain::{
    authz::Scope,
    network::router::RouterState,
    page::{Page, PageRequest},
};
use sea_orm::Value;

use super::{
    newest_first::{Conditions, Letters, PageError, count, page_of},
    seek::Place,
};
use crate::{
    repo::routers::{COLUMNS, RouterRecord, RouterRow},
    scope, sql,
    tx::Read,
};

const ORDER: &str = "name";

/// Which routers are wanted.
#[derive(Debug, Clone, Default)]
pub struct RouterFilter {
    /// In that state.
    pub state: Option<RouterState>,
    /// Whose name, address or identity holds these letters.
    pub search: Option<String>,
}

/// The routers of the scope by name. They are the ISP's own: resellers have none.
pub async fn list(
    read: &Read,
    scope: &Scope,
    filter: &RouterFilter,
    page: &PageRequest,
) -> Result<Page<RouterRecord>, PageError> {
    let after = page
        .cursor
        .as_deref()
        .map(|cursor| Place::<String>::of_cursor(cursor, ORDER))
        .transpose()?;
    let mut conditions = wanted(scope, filter);
    let total = count(read, "router r", &conditions).await?;
    if let Some(place) = after {
        let next = conditions.next();
        let text = format!("(r.name_key, r.id) > (${next}, ${})", next + 1);
        conditions.add(text, [Value::from(place.key), place.id.into()]);
    }
    let statement = format!(
        "SELECT {COLUMNS} FROM router r WHERE {} ORDER BY r.name_key, r.id LIMIT {}",
        conditions.sql(),
        u64::from(page.limit) + 1
    );
    let rows: Vec<RouterRow> = sql::all(read, &statement, conditions.values).await?;
    let items = rows
        .into_iter()
        .map(RouterRow::into_router)
        .collect::<Result<_, _>>()?;
    Ok(page_of(items, page.limit, total, |last: &RouterRecord| {
        Place::new(ORDER, domain::text::folded(&last.name), last.id.as_uuid()).to_cursor()
    }))
}

fn wanted(scope: &Scope, filter: &RouterFilter) -> Conditions {
    let mut conditions = Conditions::default();
    let fence = scope::of_isp(scope, "r", 1);
    conditions.add(fence.sql, fence.values);
    if scope.operators().is_some() {
        conditions.add("1 = 0".to_owned(), []);
    }
    conditions.compare("r.state", "=", filter.state.map(RouterState::as_str));
    let columns = ["r.name_key", "r.host", "lower(r.identity)"];
    conditions.find(&columns, filter.search.as_deref(), Letters::Anywhere);
    conditions
}
