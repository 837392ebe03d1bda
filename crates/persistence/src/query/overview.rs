//! The numbers of the first screen. Each is one walk over an index; days and months are the ISP's.

use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    money::{Currency, Money},
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use super::newest_first::Conditions;
use crate::{
    error::Error,
    query::invoices::in_scope,
    repo::held_cuts::{self, HeldCuts},
    scope,
    sql::{self, values},
    tx::Read,
};

/// Where the present day and months begin and end in the ISP's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// This instant.
    pub now: DateTime<Utc>,
    /// The first instant of today and of tomorrow.
    pub today: (DateTime<Utc>, DateTime<Utc>),
    /// The first instant of this month.
    pub this_month: DateTime<Utc>,
    /// The first instant of the month before.
    pub last_month: DateTime<Utc>,
}

/// The numbers of the first screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Customers with a live session.
    pub online_now: i64,
    /// Customers who are served.
    pub active: i64,
    /// Customers who are cut off.
    pub suspended: i64,
    /// Customers whose paid time is over.
    pub expired: i64,
    /// All who are not closed.
    pub customers: i64,
    /// Money that came in this month.
    pub revenue_this_month: Money,
    /// Money that came in the month before.
    pub revenue_last_month: Money,
    /// Money that came in today.
    pub collected_today: Money,
    /// How many dues fall on today.
    pub due_today_count: i64,
    /// How much that is.
    pub due_today_amount: Money,
    /// Customers who came this month.
    pub new_this_month: i64,
    /// Cuts that wait for a person, for those who look at the whole ISP.
    pub held_cuts: Option<HeldCuts>,
}

/// Counts and sums for a scope.
pub async fn overview(
    read: &Read,
    scope: &Scope,
    currency: Currency,
    calendar: &Calendar,
) -> Result<Overview, Error> {
    let customers = customers(read, scope).await?;
    let money = |minor| Money::from_minor(minor, currency);
    let received = received(read, scope, calendar).await?;
    let (invoices, invoiced) = invoices_due(read, scope, calendar).await?;
    let (expiring, prices) = expiring(read, scope, calendar).await?;
    Ok(Overview {
        online_now: online(read, scope).await?,
        active: customers.active,
        suspended: customers.suspended,
        expired: customers.expired,
        customers: customers.all,
        revenue_this_month: money(received.this_month),
        revenue_last_month: money(received.last_month),
        collected_today: money(received.today),
        due_today_count: invoices + expiring,
        due_today_amount: money(invoiced + prices),
        new_this_month: new_since(read, scope, calendar.this_month).await?,
        held_cuts: held_cuts::of_scope(read, scope).await?,
    })
}

#[derive(Default)]
struct Customers {
    active: i64,
    suspended: i64,
    expired: i64,
    all: i64,
}

#[derive(FromQueryResult)]
struct StatusRow {
    status: String,
    customers: i64,
}

async fn customers(read: &Read, scope: &Scope) -> Result<Customers, Error> {
    let owned = scope::owned(scope, "c", 1);
    let sql = format!(
        "SELECT c.status, COUNT(*) AS customers FROM customer c WHERE {} GROUP BY c.status",
        owned.sql
    );
    let rows: Vec<StatusRow> = sql::all(read, &sql, owned.values).await?;
    let mut counted = Customers::default();
    for StatusRow { status, customers } in rows {
        match status.as_str() {
            "active" => counted.active = customers,
            "suspended" => counted.suspended = customers,
            "expired" => counted.expired = customers,
            "closed" => continue,
            _ => {}
        }
        counted.all += customers;
    }
    Ok(counted)
}

/// Customers, not sessions: who dials in twice is one.
async fn online(read: &Read, scope: &Scope) -> Result<i64, Error> {
    let (from, mut conditions) = beside_customers(scope, "session", "s");
    if scope.operators().is_some() {
        conditions.add("s.isp_id = c.isp_id".to_owned(), []);
    }
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT DISTINCT s.customer_id FROM {from} \
         WHERE s.customer_id IS NOT NULL AND {}) online",
        conditions.sql()
    );
    number(read, &sql, conditions).await
}

/// The rows of a scope in a table that names customers. A reseller's are found from its customers,
/// which are few, and not by looking at every row of the ISP: `CROSS JOIN` keeps SQLite to that.
fn beside_customers(scope: &Scope, table: &str, alias: &str) -> (String, Conditions) {
    let mut conditions = Conditions::default();
    if scope.operators().is_none() {
        let isp = scope::of_isp(scope, alias, 1);
        conditions.add(isp.sql, isp.values);
        return (format!("{table} {alias}"), conditions);
    }
    let owned = scope::owned(scope, "c", 1);
    conditions.add(owned.sql, owned.values);
    conditions.add(format!("{alias}.customer_id = c.id"), []);
    (format!("customer c CROSS JOIN {table} {alias}"), conditions)
}

struct Received {
    this_month: i64,
    last_month: i64,
    today: i64,
}

async fn received(read: &Read, scope: &Scope, calendar: &Calendar) -> Result<Received, Error> {
    let today = received_between(read, scope, calendar.today.0, None).await?;
    let earlier = (calendar.this_month, Some(calendar.today.0));
    let earlier = received_between(read, scope, earlier.0, earlier.1).await?;
    let last = (calendar.last_month, Some(calendar.this_month));
    Ok(Received {
        this_month: earlier + today,
        last_month: received_between(read, scope, last.0, last.1).await?,
        today,
    })
}

async fn received_between(
    read: &Read,
    scope: &Scope,
    from: DateTime<Utc>,
    to: Option<DateTime<Utc>>,
) -> Result<i64, Error> {
    let (table, mut conditions) = beside_customers(scope, "payment", "p");
    conditions.compare("p.received_at", ">=", Some(from));
    conditions.compare("p.received_at", "<", to);
    let sql = format!(
        "SELECT COALESCE(CAST(SUM(p.amount_minor) AS BIGINT), 0) FROM {table} WHERE {}",
        conditions.sql()
    );
    number(read, &sql, conditions).await
}

async fn invoices_due(
    read: &Read,
    scope: &Scope,
    calendar: &Calendar,
) -> Result<(i64, i64), Error> {
    let mut conditions = in_scope(scope, "i");
    conditions.add("i.status IN ('issued', 'partly_paid')".to_owned(), []);
    conditions.compare("i.due_at", ">=", Some(calendar.today.0));
    conditions.compare("i.due_at", "<", Some(calendar.today.1));
    let sql = format!(
        "SELECT COUNT(*) AS dues, \
         COALESCE(CAST(SUM(i.total_minor - i.paid_minor) AS BIGINT), 0) AS minor \
         FROM invoice i JOIN customer c ON c.id = i.customer_id WHERE {}",
        conditions.sql()
    );
    dues(read, &sql, conditions).await
}

/// Prepaid customers whose time runs out today and who have no invoice for more yet.
async fn expiring(read: &Read, scope: &Scope, calendar: &Calendar) -> Result<(i64, i64), Error> {
    let owned = scope::owned(scope, "c", 1);
    let mut conditions = Conditions::default();
    conditions.add(owned.sql, owned.values);
    conditions.add(
        "c.status = 'active' AND c.billing_type = 'prepaid'".to_owned(),
        [],
    );
    conditions.compare("c.expires_at", ">=", Some(calendar.today.0));
    conditions.compare("c.expires_at", "<", Some(calendar.today.1));
    let sql = format!(
        "SELECT COUNT(*) AS dues, COALESCE(CAST(SUM(p.price_minor) AS BIGINT), 0) AS minor \
         FROM customer c JOIN package p ON p.id = c.package_id WHERE {} \
         AND NOT EXISTS (SELECT 1 FROM invoice i WHERE i.customer_id = c.id \
         AND i.status IN ('issued', 'partly_paid'))",
        conditions.sql()
    );
    dues(read, &sql, conditions).await
}

async fn new_since(read: &Read, scope: &Scope, since: DateTime<Utc>) -> Result<i64, Error> {
    let owned = scope::owned(scope, "c", 1);
    let mut conditions = Conditions::default();
    conditions.add(owned.sql, owned.values);
    conditions.compare("c.created_at", ">=", Some(since));
    let sql = format!("SELECT COUNT(*) FROM customer c WHERE {}", conditions.sql());
    number(read, &sql, conditions).await
}

#[derive(FromQueryResult)]
struct DuesRow {
    dues: i64,
    minor: i64,
}

async fn dues(read: &Read, sql: &str, conditions: Conditions) -> Result<(i64, i64), Error> {
    let row: Option<DuesRow> = sql::one(read, sql, conditions.values).await?;
    Ok(row.map_or((0, 0), |row| (row.dues, row.minor)))
}

async fn number(read: &Read, sql: &str, conditions: Conditions) -> Result<i64, Error> {
    let found: Option<i64> = sql::scalar(read, sql, conditions.values).await?;
    Ok(found.unwrap_or(0))
}

/// The currency and zone of the ISP that a scope is about; nothing when it is about several.
pub async fn isp_of(read: &Read, scope: &Scope) -> Result<Option<(Currency, String)>, Error> {
    let Some(isp_id) = scope.isp_id() else {
        return Ok(None);
    };
    #[derive(FromQueryResult)]
    struct Row {
        currency: String,
        time_zone: String,
    }
    let row: Option<Row> = sql::one(
        read,
        "SELECT currency, time_zone FROM isp WHERE id = $1",
        values![isp_id.as_uuid()],
    )
    .await?;
    row.map(|row| Ok((crate::repo::ledger::currency(&row.currency)?, row.time_zone)))
        .transpose()
}
