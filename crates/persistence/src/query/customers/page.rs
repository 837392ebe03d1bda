//! One page of the list.

use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    customer::SearchWord,
    ids::{OperatorId, PackageId, ZoneId},
    page::{EXACT_COUNT_LIMIT, Page, PageRequest},
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    CustomerFilter, CustomerItem, CustomerSort, InvalidCursor, ListError,
    detail::{ItemRow, JOINS, item_columns},
    search::{self, FEW, Found},
};
use crate::{
    Backend, Error, Read,
    query::seek::Place,
    statement::{Owned, Sql},
};

/// Up to so many rows are cheaper gathered and sorted than met on the way along an order.
const GATHERED: u64 = 1_000;

/// One page of the customers of the scope.
pub async fn list(
    read: &Read,
    scope: &Scope,
    filter: &CustomerFilter,
    sort: CustomerSort,
    page: &PageRequest,
) -> Result<Page<CustomerItem>, ListError> {
    let start = page
        .cursor
        .as_deref()
        .map(|cursor| Place::<Key>::of_cursor(cursor, sort.as_str()))
        .transpose()?;
    let found = search::plan(read, scope, filter.search.as_deref()).await?;
    if matches!(found, Found::Nobody) {
        return Ok(empty());
    }
    let few_online = filter.online.is_some() && few_sessions(read, scope).await?;
    let plan = Plan {
        scope,
        filter,
        found,
        few_online,
        backend: read.backend(),
    };
    let total = plan.count(read).await?;
    if total == 0 {
        return Ok(empty());
    }
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut ids = plan
        .ids(read, sort, start.as_ref(), total, limit + 1)
        .await?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let next_cursor = ids.last().filter(|_| more).map(|place| place.to_cursor());
    let order: Vec<Uuid> = ids.iter().map(|place| place.id).collect();
    Ok(Page {
        items: items(read, &order).await?,
        next_cursor,
        total: total.min(EXACT_COUNT_LIMIT),
        total_is_exact: total <= EXACT_COUNT_LIMIT,
    })
}

const fn empty() -> Page<CustomerItem> {
    Page {
        items: Vec::new(),
        next_cursor: None,
        total: 0,
        total_is_exact: true,
    }
}

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Key {
    #[serde(rename = "n")]
    Number(i64),
    #[serde(rename = "t")]
    Name(String),
    #[serde(rename = "e")]
    Expiry(DateTime<Utc>),
    /// Runs out never: behind all who do.
    #[serde(rename = "x")]
    Never,
}

/// An order as the database writes it.
#[derive(Clone, Copy)]
struct Order {
    column: &'static str,
    descending: bool,
}

impl Order {
    const fn of(sort: CustomerSort) -> Self {
        let (column, descending) = match sort {
            CustomerSort::NumberDescending => ("number", true),
            CustomerSort::NumberAscending => ("number", false),
            CustomerSort::NameAscending => ("name_key", false),
            CustomerSort::NameDescending => ("name_key", true),
            CustomerSort::ExpiryAscending => ("expires_at", false),
            CustomerSort::ExpiryDescending => ("expires_at", true),
        };
        Self { column, descending }
    }

    fn push(self, sql: &mut Sql, limit: usize) {
        let direction = if self.descending { " DESC" } else { "" };
        sql.push(" ORDER BY c.").push(self.column).push(direction);
        sql.push(", c.id").push(direction);
        sql.push(" LIMIT ").push(&limit.to_string());
    }

    fn push_behind(self, sql: &mut Sql, place: &Place<Key>) -> Result<(), InvalidCursor> {
        sql.push(" AND (c.").push(self.column).push(", c.id) ");
        sql.push(if self.descending { "< (" } else { "> (" });
        match (&place.key, self.column) {
            (Key::Number(number), "number") => sql.bind(*number),
            (Key::Name(name), "name_key") if !name.contains('\0') => sql.bind(name.clone()),
            (Key::Expiry(at), "expires_at") => sql.bind(*at),
            (Key::Number(_) | Key::Name(_) | Key::Expiry(_) | Key::Never, _) => {
                return Err(InvalidCursor);
            }
        };
        sql.push(", ").bind(place.id).push(")");
        Ok(())
    }
}

struct Plan<'a> {
    scope: &'a Scope,
    filter: &'a CustomerFilter,
    found: Found,
    few_online: bool,
    backend: Backend,
}

/// How a statement gets at its rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By the index of the filter, sorted afterwards.
    Gather,
    /// Along the index of the order, checking each row.
    Walk,
    /// Along an index that holds filter and order both.
    Direct,
}

impl Plan<'_> {
    /// How many rows there are, up to one more than lists count.
    async fn count(&self, read: &Read) -> Result<u64, Error> {
        if let Some(word) = self.only_word() {
            // Beyond what lists count exactly, the index of terms alone answers.
            let mut sql = Sql::new("SELECT count(*) AS n FROM (");
            search::push_customers(&mut sql, self.scope, word);
            sql.push(" LIMIT ")
                .push(&(EXACT_COUNT_LIMIT + 1).to_string());
            sql.push(") counted");
            let fits = u64::try_from(sql.number(read).await?).unwrap_or(0);
            if fits > EXACT_COUNT_LIMIT {
                return Ok(fits);
            }
        }
        let mut sql = Sql::new("SELECT count(*) AS n FROM (SELECT 1 FROM customer c WHERE ");
        self.push_conditions(&mut sql, Way::Gather);
        if let Found::Many(words) = &self.found {
            for (index, word) in words.iter().enumerate() {
                sql.push(" AND ");
                if index == 0 {
                    search::push_membership(&mut sql, self.scope, word);
                } else {
                    search::push_probe(&mut sql, word);
                }
            }
        }
        sql.push(" LIMIT ")
            .push(&(EXACT_COUNT_LIMIT + 1).to_string());
        sql.push(") counted");
        Ok(u64::try_from(sql.number(read).await?).unwrap_or(0))
    }

    /// The places of the rows of one page, in order.
    async fn ids(
        &self,
        read: &Read,
        sort: CustomerSort,
        start: Option<&Place<Key>>,
        total: u64,
        limit: usize,
    ) -> Result<Vec<Place<Key>>, ListError> {
        let order = Order::of(sort);
        let way = self.way(order, total);
        let by_expiry = order.column == "expires_at";
        let mut places = Vec::new();
        if !(by_expiry && start.is_some_and(|place| place.key == Key::Never)) {
            let mut sql = self.statement(way);
            if by_expiry {
                sql.push(" AND c.expires_at IS NOT NULL");
            }
            if let Some(place) = start {
                order.push_behind(&mut sql, place)?;
            }
            order.push(&mut sql, limit);
            places = rows(read, sql, sort).await?;
        }
        if by_expiry && places.len() < limit {
            let mut sql = self.statement(way);
            sql.push(" AND c.expires_at IS NULL");
            if let Some(place) = start.filter(|place| place.key == Key::Never) {
                sql.push(" AND c.id > ").bind(place.id);
            }
            sql.push(" ORDER BY c.id LIMIT ");
            sql.push(&(limit - places.len()).to_string());
            places.extend(rows(read, sql, sort).await?);
        }
        Ok(places)
    }

    /// Numbers come in order from the index of each single filter; everything else is gathered
    /// when it is few, and met on the way when it is many.
    fn way(&self, order: Order, total: u64) -> Way {
        let few = total <= GATHERED;
        let by_index = order.column == "number" && self.single_filters() <= 1;
        match self.found {
            Found::Among(..) => Way::Gather,
            // Before the index: an order walked for a handful of rows is walked to its end.
            _ if few => Way::Gather,
            _ if by_index && self.filter.online.is_none() => Way::Direct,
            Found::Everybody | Found::Nobody | Found::Many(_) => Way::Walk,
        }
    }

    /// The word, when nothing but one word that fits many is asked for.
    fn only_word(&self) -> Option<&SearchWord> {
        let asked = self.single_filters();
        match &self.found {
            // The question itself counts for two.
            Found::Many(words) if asked == 2 && self.filter.online.is_none() => {
                words.first().filter(|_| words.len() == 1)
            }
            Found::Many(_) | Found::Everybody | Found::Nobody | Found::Among(..) => None,
        }
    }

    fn single_filters(&self) -> usize {
        let filter = self.filter;
        usize::from(filter.status.is_some())
            + usize::from(filter.package_id.is_some())
            + usize::from(filter.zone_id.is_some())
            + usize::from(filter.operator_id.is_some() || self.scope.operators().is_some())
            + usize::from(filter.connection_type.is_some())
            + usize::from(filter.billing_type.is_some())
            + usize::from(!matches!(self.found, Found::Everybody)) * 2
    }

    fn statement(&self, way: Way) -> Sql {
        let keys = "c.id, c.number, c.name_key, c.expires_at FROM customer c WHERE ";
        let gather = way == Way::Gather;
        let mut sql = Sql::new(if gather {
            "WITH hit AS MATERIALIZED (SELECT "
        } else {
            "SELECT "
        });
        sql.push(keys);
        self.push_conditions(&mut sql, way);
        if let Found::Many(words) = &self.found {
            for word in words {
                sql.push(" AND ");
                search::push_probe(&mut sql, word);
            }
        }
        if gather {
            sql.push(") SELECT c.id, c.number, c.name_key, c.expires_at FROM hit c WHERE 1 = 1");
        }
        sql
    }

    fn push_conditions(&self, sql: &mut Sql, way: Way) {
        let filter = self.filter;
        sql.in_scope("c", self.scope, Owned::By("operator_id"));
        match filter.status {
            Some(status) => self.push_equal(sql, way, "status", status.as_str()),
            None => drop(sql.push(" AND c.status <> 'closed'")),
        }
        if let Some(id) = filter.package_id.map(PackageId::as_uuid) {
            self.push_equal(sql, way, "package_id", id);
        }
        if let Some(id) = filter.zone_id.map(ZoneId::as_uuid) {
            self.push_equal(sql, way, "zone_id", id);
        }
        if let Some(id) = filter.operator_id.map(OperatorId::as_uuid) {
            self.push_equal(sql, way, "operator_id", id);
        }
        if let Some(connection) = filter.connection_type {
            self.push_equal(sql, way, "connection_type", connection.as_str());
        }
        if let Some(billing) = filter.billing_type {
            self.push_equal(sql, way, "billing_type", billing.as_str());
        }
        if let Some(online) = filter.online {
            self.push_online(sql, online);
        }
        if let Found::Among(ids, words) = &self.found {
            sql.push(" AND c.id IN ").list(ids.iter().copied());
            for word in words {
                sql.push(" AND ");
                search::push_probe(sql, word);
            }
        }
    }

    /// On the way along an order, SQLite must not be tempted by the index of the filter: it has no
    /// statistics that would tell it how many rows it would have to sort.
    fn push_equal(
        &self,
        sql: &mut Sql,
        way: Way,
        column: &'static str,
        value: impl Into<sea_orm::Value>,
    ) {
        let walks = way == Way::Walk && self.backend == Backend::Sqlite;
        sql.push(if walks { " AND +c." } else { " AND c." });
        sql.push(column).push(" = ").bind(value);
    }

    fn push_online(&self, sql: &mut Sql, online: bool) {
        if online && self.few_online {
            sql.push(" AND c.id IN (SELECT s.customer_id FROM session s WHERE ");
            sql.in_scope("s", self.scope, Owned::Shared);
            sql.push(")");
            return;
        }
        sql.push(if online {
            " AND EXISTS"
        } else {
            " AND NOT EXISTS"
        });
        sql.push(" (SELECT 1 FROM session s WHERE s.isp_id = c.isp_id AND s.customer_id = c.id)");
    }
}

async fn few_sessions(read: &Read, scope: &Scope) -> Result<bool, Error> {
    let mut sql = Sql::new("SELECT count(*) AS n FROM (SELECT 1 FROM session s WHERE ");
    sql.in_scope("s", scope, Owned::Shared);
    sql.push(" LIMIT 2001) counted");
    Ok(usize::try_from(sql.number(read).await?).is_ok_and(|count| count <= FEW))
}

async fn rows(read: &Read, sql: Sql, sort: CustomerSort) -> Result<Vec<Place<Key>>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        number: i64,
        name_key: String,
        expires_at: Option<DateTime<Utc>>,
    }
    let rows = sql.all::<Row>(read).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let key = match sort {
                CustomerSort::NumberDescending | CustomerSort::NumberAscending => {
                    Key::Number(row.number)
                }
                CustomerSort::NameAscending | CustomerSort::NameDescending => {
                    Key::Name(row.name_key)
                }
                CustomerSort::ExpiryAscending | CustomerSort::ExpiryDescending => {
                    row.expires_at.map_or(Key::Never, Key::Expiry)
                }
            };
            Place::new(sort.as_str(), key, row.id)
        })
        .collect())
}

/// The rows of these ids with what a list shows, in the order of the ids.
async fn items(read: &Read, order: &[Uuid]) -> Result<Vec<CustomerItem>, Error> {
    if order.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT ").then(&item_columns()).then(JOINS);
    sql.push(" WHERE c.id IN ").list(order.iter().copied());
    let mut items: Vec<CustomerItem> = sql
        .all::<ItemRow>(read)
        .await?
        .into_iter()
        .map(ItemRow::into_item)
        .collect::<Result<_, _>>()?;
    let place = |item: &CustomerItem| {
        let id = item.customer.id.as_uuid();
        order.iter().position(|other| *other == id)
    };
    items.sort_by_cached_key(place);
    Ok(items)
}
