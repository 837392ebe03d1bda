//! What evaluations of fair use go by, for one customer or for very many.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::{
    authz::CustomerRef,
    ids::{CustomerId, IspId, PackageId},
    network::{
        fup::{Cause, Used},
        restriction::Restriction,
    },
    page::{Page, PageRequest},
};
use rustc_hash::FxHashSet;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::newest_first::{Conditions, NewestFirst, PageError, count};
use crate::{
    error::Error,
    repo::{
        fair_use::used,
        restrictions::{self, RestrictionRow},
    },
    sql::{self, values},
    statement::{Sql, corrupt},
    tx::Read,
};

/// A customer whose use may be limited.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Subject {
    /// Which customer.
    pub id: Uuid,
    /// Whose.
    pub isp_id: Uuid,
    /// On which package.
    pub package_id: Uuid,
    /// The ISP's time zone.
    pub time_zone: String,
    /// The day of billing.
    pub anchor_day: i64,
    /// Since when there is such a customer.
    pub created_at: DateTime<Utc>,
    /// Limits of the package and more, as JSON.
    pub access: serde_json::Value,
}

const SUBJECT: &str = "SELECT c.id, c.isp_id, c.package_id, i.time_zone, c.anchor_day, c.created_at, \
    p.access FROM customer c JOIN isp i ON i.id = c.isp_id JOIN package p ON p.id = c.package_id \
    WHERE ";

/// Those customers.
pub async fn subjects(read: &Read, customers: &[CustomerId]) -> Result<Vec<Subject>, Error> {
    let mut sql = Sql::new(SUBJECT);
    sql.push("c.id IN ");
    sql.list(customers.iter().map(|id| id.as_uuid()));
    sql.all(read).await
}

/// Customers on those packages in order of their ids, after one of them.
pub async fn subjects_on(
    read: &Read,
    packages: &[PackageId],
    after: Option<CustomerId>,
    limit: i64,
) -> Result<Vec<Subject>, Error> {
    let mut sql = Sql::new(SUBJECT);
    sql.push("c.status <> 'closed' AND c.id > ")
        .bind(after.map_or(Uuid::nil(), CustomerId::as_uuid));
    sql.push(" AND c.package_id IN ");
    sql.list(packages.iter().map(|id| id.as_uuid()));
    sql.push(" ORDER BY c.id LIMIT ").bind(limit);
    sql.all(read).await
}

/// Every package that limits what its customers use: by a fair-use policy, by volume or by time.
pub async fn limited_packages(read: &Read) -> Result<Vec<PackageId>, Error> {
    let limited = "SELECT p.id, p.access, f.package_id IS NOT NULL AS has_policy FROM package p \
        LEFT JOIN fair_use_policy f ON f.package_id = p.id";
    let rows: Vec<PackageRow> = sql::all(read, limited, vec![]).await?;
    let has = |row: &PackageRow, limit| row.access.get(limit).is_some_and(|limit| !limit.is_null());
    Ok(rows
        .into_iter()
        .filter(|row| row.has_policy || has(row, "volume_limit") || has(row, "time_limit"))
        .map(|row| PackageId::from_uuid(row.id))
        .collect())
}

#[derive(FromQueryResult)]
struct PackageRow {
    id: Uuid,
    access: serde_json::Value,
    has_policy: bool,
}

/// What was granted on top of limits and still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TopUp {
    /// Bytes.
    pub octets: u64,
    /// Seconds online.
    pub seconds: u64,
}

#[derive(FromQueryResult)]
struct TopUpRow {
    customer_id: Uuid,
    octets: i64,
    seconds: i64,
}

/// What was granted to those customers on top of their limits and still counts.
pub async fn top_ups(
    read: &Read,
    customers: &[CustomerId],
    now: DateTime<Utc>,
) -> Result<Vec<(CustomerId, TopUp)>, Error> {
    let mut sql = Sql::new(
        "SELECT customer_id, CAST(SUM(octets) AS BIGINT) AS octets, \
         CAST(SUM(seconds) AS BIGINT) AS seconds FROM top_up WHERE (valid_until IS NULL OR valid_until > ",
    );
    sql.bind(now).push(") AND customer_id IN ");
    sql.list(customers.iter().map(|id| id.as_uuid()));
    sql.push(" GROUP BY customer_id");
    let rows: Vec<TopUpRow> = sql.all(read).await?;
    let count = |stored| u64::try_from(stored).unwrap_or(0);
    Ok(rows
        .into_iter()
        .map(|row| {
            let granted = TopUp {
                octets: count(row.octets),
                seconds: count(row.seconds),
            };
            (CustomerId::from_uuid(row.customer_id), granted)
        })
        .collect())
}

#[derive(FromQueryResult)]
struct SumRow {
    customer_id: Uuid,
    input_octets: i64,
    output_octets: i64,
    seconds: i64,
}

/// What customers used from one local day until just before another.
pub async fn used_between(
    read: &Read,
    customers: &[CustomerId],
    (first_day, next_day): (NaiveDate, NaiveDate),
) -> Result<Vec<(CustomerId, Used)>, Error> {
    let mut sql = Sql::new(
        "SELECT customer_id, CAST(SUM(input_octets) AS BIGINT) AS input_octets, \
         CAST(SUM(output_octets) AS BIGINT) AS output_octets, \
         CAST(SUM(session_seconds) AS BIGINT) AS seconds FROM usage_day WHERE day >= ",
    );
    sql.bind(first_day).push(" AND day < ").bind(next_day);
    sql.push(" AND customer_id IN ");
    sql.list(customers.iter().map(|id| id.as_uuid()));
    sql.push(" GROUP BY customer_id");
    let rows: Vec<SumRow> = sql.all(read).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let spent = used(row.input_octets, row.output_octets, row.seconds);
            (CustomerId::from_uuid(row.customer_id), spent)
        })
        .collect())
}

/// Customers on those packages whose usage was touched since that instant, in order of their ids.
pub async fn touched_since(
    read: &Read,
    packages: &[PackageId],
    (since, first_day): (DateTime<Utc>, NaiveDate),
    after: Option<CustomerId>,
    limit: i64,
) -> Result<Vec<CustomerId>, Error> {
    let mut sql = Sql::new("SELECT c.id FROM customer c WHERE c.id > ");
    sql.bind(after.map_or(Uuid::nil(), CustomerId::as_uuid));
    sql.push(" AND c.package_id IN ");
    sql.list(packages.iter().map(|id| id.as_uuid()));
    sql.push(" AND EXISTS (SELECT 1 FROM usage_day u WHERE u.customer_id = c.id AND u.day >= ")
        .bind(first_day);
    sql.push(" AND u.updated_at >= ").bind(since);
    sql.push(") ORDER BY c.id LIMIT ").bind(limit);
    let rows: Vec<IdRow> = sql.all(read).await?;
    Ok(rows
        .into_iter()
        .map(|row| CustomerId::from_uuid(row.id))
        .collect())
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

/// Customers for whom a restriction or a person's decision has come to its end.
pub async fn ended(read: &Read, now: DateTime<Utc>, limit: i64) -> Result<Vec<CustomerId>, Error> {
    let sql = "SELECT customer_id FROM (\
        SELECT customer_id, until FROM fair_use_standing WHERE until <= $1 AND mode <> 'automatic' \
        UNION SELECT customer_id, until FROM restriction WHERE until <= $1) ended \
        ORDER BY until LIMIT $2";
    sql::rows(read, sql, values![now, limit])
        .await?
        .iter()
        .map(|row| Ok(CustomerId::from_uuid(row.try_get_by_index(0)?)))
        .collect()
}

/// The time zone of an ISP.
pub async fn isp_zone(read: &Read, isp_id: IspId) -> Result<Tz, Error> {
    let sql = "SELECT time_zone FROM isp WHERE id = $1";
    let zone: Option<String> = sql::scalar(read, sql, values![isp_id.as_uuid()]).await?;
    let zone = zone.ok_or_else(|| Error::Unexpected("an ISP that is not there".to_owned()))?;
    zone.parse().map_err(|_| corrupt("isp", &zone))
}

/// The restrictions of those customers, those that are over included.
pub async fn restrictions_of(
    read: &Read,
    customers: &[CustomerId],
) -> Result<Vec<Restriction>, Error> {
    let mut sql = Sql::new("SELECT ");
    sql.push(restrictions::COLUMNS)
        .push(" FROM restriction WHERE customer_id IN ");
    sql.list(customers.iter().map(|id| id.as_uuid()));
    let rows: Vec<RestrictionRow> = sql.all(read).await?;
    rows.into_iter()
        .map(RestrictionRow::into_restriction)
        .collect()
}

/// A notice: of whom, of which rule and step, in the window that begins on that day.
pub type Noticed = (CustomerId, Cause, u8, NaiveDate);

/// The notices of those customers.
pub async fn noticed(read: &Read, customers: &[CustomerId]) -> Result<FxHashSet<Noticed>, Error> {
    let mut sql = Sql::new(
        "SELECT customer_id, cause, tier, first_day FROM fair_use_notice WHERE customer_id IN ",
    );
    sql.list(customers.iter().map(|id| id.as_uuid()));
    let rows: Vec<NoticeRow> = sql.all(read).await?;
    rows.into_iter()
        .map(|row| {
            let cause = Cause::parse(&row.cause);
            let cause = cause.ok_or_else(|| corrupt("fair_use_notice", &row.cause))?;
            let tier = u8::try_from(row.tier).unwrap_or(u8::MAX);
            Ok((
                CustomerId::from_uuid(row.customer_id),
                cause,
                tier,
                row.first_day,
            ))
        })
        .collect()
}

#[derive(FromQueryResult)]
struct NoticeRow {
    customer_id: Uuid,
    cause: String,
    tier: i64,
    first_day: NaiveDate,
}

/// What a customer used on one day.
#[derive(Debug, Clone, FromQueryResult)]
pub struct DayRow {
    /// Which customer.
    pub customer_id: Uuid,
    /// The day of billing.
    pub anchor_day: i64,
    /// Which day.
    pub day: NaiveDate,
    /// Upload.
    pub input_octets: i64,
    /// Download.
    pub output_octets: i64,
    /// Seconds online.
    pub session_seconds: i64,
}

/// What the customers of a package used day by day, in order of customers and days.
pub async fn days_of_package(
    read: &Read,
    isp_id: IspId,
    package_id: PackageId,
    (first_day, next_day): (NaiveDate, NaiveDate),
) -> Result<Vec<DayRow>, Error> {
    sql::all(
        read,
        "SELECT u.customer_id, c.anchor_day, u.day, u.input_octets, u.output_octets, \
         u.session_seconds FROM customer c JOIN usage_day u ON u.customer_id = c.id \
         WHERE c.isp_id = $1 AND c.package_id = $2 AND u.day >= $3 AND u.day < $4 \
         ORDER BY u.customer_id, u.day",
        values![isp_id.as_uuid(), package_id.as_uuid(), first_day, next_day],
    )
    .await
}

/// One line of the log.
#[derive(Debug, Clone, FromQueryResult)]
pub struct LogRow {
    /// Its identifier.
    pub id: Uuid,
    /// What happened, by name.
    pub action: String,
    /// By which rule, by name.
    pub cause: String,
    /// Which of its steps.
    pub tier: Option<i64>,
    /// Whether a person asked for it.
    pub manual: bool,
    /// Until when it holds.
    pub until: Option<DateTime<Utc>>,
    /// Upload until then.
    pub input_octets: i64,
    /// Download until then.
    pub output_octets: i64,
    /// Seconds online until then.
    pub seconds: i64,
    /// Why, in a person's words.
    pub note: Option<String>,
    /// Who.
    pub actor_id: Option<Uuid>,
    /// The name of that person.
    pub actor_name: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A page of a customer's log, newest first.
pub async fn log(
    read: &Read,
    customer: &CustomerRef,
    page: &PageRequest,
) -> Result<Page<LogRow>, PageError> {
    let order = NewestFirst::of("fair_use_log", page)?;
    let mut conditions = Conditions::default();
    conditions.compare("l.customer_id", "=", Some(customer.id.as_uuid()));
    conditions.compare("l.isp_id", "=", Some(customer.isp_id.as_uuid()));
    let total = count(read, "fair_use_log l", &conditions).await?;
    order.seek(&mut conditions, "l.at", "l.id");
    let statement = format!(
        "SELECT l.id, l.action, l.cause, l.tier, l.manual, l.until, l.input_octets, \
         l.output_octets, l.seconds, l.note, l.actor_id, u.name AS actor_name, l.at \
         FROM fair_use_log l LEFT JOIN app_user u ON u.id = l.actor_id \
         WHERE {} ORDER BY l.at DESC, l.id DESC LIMIT {}",
        conditions.sql(),
        order.fetch()
    );
    let rows: Vec<LogRow> = sql::all(read, &statement, conditions.values).await?;
    Ok(order.page(rows, |row| (row.at, row.id), total))
}
