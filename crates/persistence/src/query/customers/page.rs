//! One page of the list.

use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    ids::{OperatorId, PackageId, ZoneId},
    page::{Page, PageRequest},
};
use sea_orm::TryGetable;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    CustomerFilter, CustomerItem, CustomerSort, InvalidCursor, ListError,
    count::{Total, up_to},
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
/// How far a stroll leads, and how much further for each row that is wanted: far enough for words that
/// fit one in twenty; rarer ones are cheap to look up.
const STROLLED: usize = 200;
const STROLLED_FOR_EACH: usize = 20;
/// The same along names, where those who fit a word are all at hand or all far away.
const STROLLED_BY_NAME: usize = 4;

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
    let mut plan = Plan {
        scope,
        filter,
        found,
        few_online,
        rare: false,
        backend: read.backend(),
    };
    let total = plan.count(read).await?;
    if total.count == 0 {
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
        total: total.count,
        total_is_exact: total.exact,
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
    /// No two rows of the scope stand at the same place.
    unique: bool,
}

impl Order {
    fn of(sort: CustomerSort, scope: &Scope) -> Self {
        let (column, descending) = match sort {
            CustomerSort::NumberDescending => ("number", true),
            CustomerSort::NumberAscending => ("number", false),
            CustomerSort::NameAscending => ("name_key", false),
            CustomerSort::NameDescending => ("name_key", true),
            CustomerSort::ExpiryAscending => ("expires_at", false),
            CustomerSort::ExpiryDescending => ("expires_at", true),
        };
        Self {
            column,
            descending,
            unique: column == "number" && scope.isp_id().is_some(),
        }
    }

    /// Where no tie is possible none is broken: SQLite would leave the index of a filter for one that
    /// knows numbers to be unique, and walk it past all whom the filter does not fit.
    fn push(self, sql: &mut Sql, limit: usize) {
        let direction = if self.descending { " DESC" } else { "" };
        sql.push(" ORDER BY c.").push(self.column).push(direction);
        if !self.unique {
            sql.push(", c.id").push(direction);
        }
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

/// What is asked for, and what is known about it.
pub(super) struct Plan<'a> {
    pub(super) scope: &'a Scope,
    filter: &'a CustomerFilter,
    pub(super) found: Found,
    few_online: bool,
    /// The filters beside common words fit few.
    pub(super) rare: bool,
    backend: Backend,
}

/// How a statement gets at its rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By the index of the filter, sorted afterwards.
    Gather,
    /// Along the index of the order for a while, probing the words of each row.
    Stroll,
    /// Along the index of the order, checking each row.
    Walk,
    /// Along an index that holds filter and order both.
    Direct,
}

impl Plan<'_> {
    /// The places of the rows of one page, in order.
    ///
    /// What fits common words is met soon in most orders, but not where the words have to do with the
    /// order: then the end of the stroll says nothing, and everybody who fits is looked up first.
    async fn ids(
        &self,
        read: &Read,
        sort: CustomerSort,
        start: Option<&Place<Key>>,
        total: Total,
        limit: usize,
    ) -> Result<Vec<Place<Key>>, ListError> {
        let way = self.way(Order::of(sort, self.scope), total);
        let places = self.ids_by(way, read, sort, start, limit).await?;
        if way == Way::Stroll && places.len() < limit {
            return self.ids_by(Way::Walk, read, sort, start, limit).await;
        }
        Ok(places)
    }

    async fn ids_by(
        &self,
        way: Way,
        read: &Read,
        sort: CustomerSort,
        start: Option<&Place<Key>>,
        limit: usize,
    ) -> Result<Vec<Place<Key>>, ListError> {
        let order = Order::of(sort, self.scope);
        let by_expiry = order.column == "expires_at";
        let mut places = Vec::new();
        if !(by_expiry && start.is_some_and(|place| place.key == Key::Never)) {
            let mut sql = self.statement(way, order);
            if by_expiry {
                sql.push(" AND c.expires_at IS NOT NULL");
            }
            if let Some(place) = start {
                order.push_behind(&mut sql, place)?;
            }
            self.end(&mut sql, way, order, limit);
            places = rows(read, sql, sort).await?;
        }
        if by_expiry && places.len() < limit && way != Way::Stroll {
            let mut sql = self.statement(way, order);
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
    fn way(&self, order: Order, total: Total) -> Way {
        let few = total.exact && total.count <= GATHERED;
        let by_index = order.column == "number" && self.single_filters() <= 1;
        match self.found {
            Found::Among(..) => Way::Gather,
            // Numbers of one status stand together and in order, few or many.
            _ if by_index && self.is_status_alone() => Way::Direct,
            // Before the index: an order walked for a handful of rows is walked to its end.
            _ if few => Way::Gather,
            _ if by_index && self.filter.online.is_none() => Way::Direct,
            Found::Many(_) => Way::Stroll,
            Found::Everybody | Found::Nobody => Way::Walk,
        }
    }

    fn is_status_alone(&self) -> bool {
        let filter = self.filter;
        filter.status.is_some() && filter.online.is_none() && self.single_filters() == 1
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

    fn statement(&self, way: Way, order: Order) -> Sql {
        let keys = format!("SELECT c.id, c.{} FROM ", order.column);
        let mut sql = Sql::new(match way {
            Way::Gather => "WITH hit AS MATERIALIZED (",
            Way::Stroll | Way::Walk | Way::Direct => "",
        });
        if way == Way::Stroll {
            sql.push(&keys).push("(");
        }
        sql.push(&keys).push("customer c WHERE ");
        self.push_conditions(&mut sql, way);
        if way != Way::Stroll {
            self.push_words(&mut sql, way);
        }
        if way == Way::Gather {
            sql.push(") ").push(&keys).push("hit c WHERE 1 = 1");
        }
        sql
    }

    fn end(&self, sql: &mut Sql, way: Way, order: Order, limit: usize) {
        if way == Way::Stroll {
            let for_each = match order.column {
                "name_key" => STROLLED_BY_NAME,
                _ => STROLLED_FOR_EACH,
            };
            order.push(sql, STROLLED + for_each * limit);
            sql.push(") c WHERE 1 = 1");
            self.push_words(sql, way);
        }
        order.push(sql, limit);
    }

    /// Whether anything but words is asked for.
    pub(super) fn is_filtered(&self) -> bool {
        self.filter.online.is_some()
            || self.scope.operators().is_some()
            || CustomerFilter {
                search: None,
                ..self.filter.clone()
            } != CustomerFilter::default()
    }

    /// Common words are probed on each row, unless everybody who fits the first is looked up once.
    pub(super) fn push_words(&self, sql: &mut Sql, way: Way) {
        let Found::Many(words) = &self.found else {
            return;
        };
        for (index, word) in words.iter().enumerate() {
            sql.push(" AND ");
            match way {
                Way::Gather if index == 0 && !self.rare => {
                    search::push_membership(sql, self.scope, word);
                }
                Way::Walk if index == 0 => {
                    // `IS TRUE` keeps PostgreSQL from making a join of it, which loses the order.
                    sql.push("(");
                    search::push_membership(sql, self.scope, word);
                    sql.push(") IS TRUE");
                }
                Way::Gather | Way::Stroll | Way::Walk | Way::Direct => {
                    search::push_probe(sql, word);
                }
            }
        }
    }

    /// Whether the rows are looked up by the ids that a search or the live sessions come to.
    fn leads_to_ids(&self, way: Way) -> bool {
        let by_words = match self.found {
            Found::Among(..) => true,
            Found::Many(_) => !self.rare,
            Found::Everybody | Found::Nobody => false,
        };
        let by_sessions = self.few_online && self.filter.online == Some(true);
        way == Way::Gather && (by_words || by_sessions)
    }

    pub(super) fn push_conditions(&self, sql: &mut Sql, way: Way) {
        let filter = self.filter;
        // SQLite would rather walk an index that begins with the ISP and holds the ids as well.
        let by_id = self.backend == Backend::Sqlite && self.leads_to_ids(way);
        let alias = if by_id { "+c" } else { "c" };
        sql.in_scope(alias, self.scope, Owned::By("operator_id"));
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
            sql.push(" AND ").among("c.id", ids, self.backend);
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
        let walks = matches!(way, Way::Walk | Way::Stroll) && self.backend == Backend::Sqlite;
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
    let mut sql = Sql::new("SELECT 1 FROM session s WHERE ");
    sql.in_scope("s", scope, Owned::Shared);
    Ok(up_to(read, sql, FEW).await? <= FEW)
}

async fn rows(read: &Read, sql: Sql, sort: CustomerSort) -> Result<Vec<Place<Key>>, Error> {
    let place = |(id, key)| Place::new(sort.as_str(), key, id);
    use CustomerSort::{
        ExpiryAscending, ExpiryDescending, NameAscending, NameDescending, NumberAscending,
        NumberDescending,
    };
    Ok(match sort {
        NumberAscending | NumberDescending => {
            places::<i64>(read, sql, "number", Key::Number).await?
        }
        NameAscending | NameDescending => {
            places::<String>(read, sql, "name_key", Key::Name).await?
        }
        ExpiryAscending | ExpiryDescending => {
            let key = |at: Option<_>| at.map_or(Key::Never, Key::Expiry);
            places::<Option<DateTime<Utc>>>(read, sql, "expires_at", key).await?
        }
    }
    .into_iter()
    .map(place)
    .collect())
}

async fn places<T: TryGetable>(
    read: &Read,
    sql: Sql,
    column: &str,
    key: fn(T) -> Key,
) -> Result<Vec<(Uuid, Key)>, Error> {
    let rows = sql.rows(read).await?;
    let rows = rows.iter().map(|row| {
        let id = row.try_get::<Uuid>("", "id")?;
        Ok((id, key(row.try_get::<T>("", column)?)))
    });
    rows.collect::<Result<_, sea_orm::DbErr>>()
        .map_err(Error::from)
}

/// The rows of these ids with what a list shows, in the order of the ids.
async fn items(read: &Read, order: &[Uuid]) -> Result<Vec<CustomerItem>, Error> {
    if order.is_empty() {
        return Ok(Vec::new());
    }
    read.plan_once().await?;
    let mut sql = Sql::new("SELECT ").then(&item_columns()).then(JOINS);
    sql.push(" WHERE ").among("c.id", order, read.backend());
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
