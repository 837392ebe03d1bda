//! Accounting sessions, latest first: those that are live, and those of one customer.

use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    ids::{CustomerId, IspId},
    page::{Page, PageRequest},
};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::newest_first::{Conditions, NewestFirst, PageError, count};
use crate::{scope, sql, tx::Read};

/// A session as it is shown.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SessionRow {
    /// Its identifier.
    pub id: Uuid,
    /// Whose, when that is known.
    pub customer_id: Option<Uuid>,
    /// That customer's number.
    pub customer_number: Option<i64>,
    /// That customer's name.
    pub customer_name: Option<String>,
    /// The name it was begun with.
    pub username: String,
    /// Through which router.
    pub nas_id: Uuid,
    /// That router's name.
    pub nas_name: String,
    /// The address it was given.
    pub framed_ip: Option<String>,
    /// The device that dialled in.
    pub calling_station_id: Option<String>,
    /// Whether it is behind the wall.
    pub walled: bool,
    /// Bytes from the customer.
    pub input_octets: i64,
    /// Bytes to the customer.
    pub output_octets: i64,
    /// How long it lasts or lasted.
    pub session_time: i64,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// When it was last heard of.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    pub stopped_at: Option<DateTime<Utc>>,
    /// Why it ended.
    pub terminate_cause: Option<String>,
}

const SHARED: &str = "s.id, s.customer_id, c.number AS customer_number, c.name AS customer_name, \
    s.username, s.nas_id, n.name AS nas_name, s.framed_ip, s.calling_station_id, s.walled, \
    s.input_octets, s.output_octets, s.session_time, s.started_at";

const LIVE: &str =
    "session s JOIN nas n ON n.id = s.nas_id LEFT JOIN customer c ON c.id = s.customer_id";

const ENDED: &str =
    "session_history s JOIN nas n ON n.id = s.nas_id LEFT JOIN customer c ON c.id = s.customer_id";

/// Which live sessions are wanted.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    /// Through one router.
    pub nas_id: Option<Uuid>,
    /// Whose username or address begins with these letters.
    pub search: Option<String>,
}

/// The live sessions in scope.
pub async fn list_live(
    read: &Read,
    scope: &Scope,
    filter: &SessionFilter,
    page: &PageRequest,
) -> Result<Page<SessionRow>, PageError> {
    let mut conditions = Conditions::default();
    let fence = scope::of_isp(scope, "s", 1);
    conditions.add(fence.sql, fence.values);
    if let Some(operators) = scope.operators() {
        let first = conditions.next();
        let list: Vec<_> = (first..first + operators.len())
            .map(|n| format!("${n}"))
            .collect();
        let text = format!("c.operator_id IN ({})", list.join(", "));
        conditions.add(
            text,
            operators.into_iter().map(|id| Value::from(id.as_uuid())),
        );
    }
    conditions.compare("s.nas_id", "=", filter.nas_id);
    if let Some(search) = filter.search.as_deref().filter(|search| !search.is_empty()) {
        let next = conditions.next();
        let text = format!(
            "(lower(s.username) LIKE ${next} ESCAPE '\\' OR s.framed_ip LIKE ${next} ESCAPE '\\')"
        );
        conditions.add(text, [Value::from(prefix(search))]);
    }
    live(read, conditions, page).await
}

/// The live sessions of one customer.
pub async fn live_of_customer(
    read: &Read,
    isp_id: IspId,
    customer_id: CustomerId,
    page: &PageRequest,
) -> Result<Page<SessionRow>, PageError> {
    live(read, of_customer(isp_id, customer_id), page).await
}

fn of_customer(isp_id: IspId, customer_id: CustomerId) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.compare("s.isp_id", "=", Some(isp_id.as_uuid()));
    conditions.compare("s.customer_id", "=", Some(customer_id.as_uuid()));
    conditions
}

async fn live(
    read: &Read,
    mut conditions: Conditions,
    page: &PageRequest,
) -> Result<Page<SessionRow>, PageError> {
    let order = NewestFirst::of("sessions", page)?;
    let total = count(read, LIVE, &conditions).await?;
    order.seek(&mut conditions, "s.started_at", "s.id");
    // Neither end is known yet; the casts give PostgreSQL the types of the empty columns.
    let sql = format!(
        "SELECT {SHARED}, s.updated_at, NULLIF(s.updated_at, s.updated_at) AS stopped_at, \
         CAST(NULL AS TEXT) AS terminate_cause FROM {LIVE} WHERE {} \
         ORDER BY s.started_at DESC, s.id DESC LIMIT {}",
        conditions.sql(),
        order.fetch()
    );
    let rows: Vec<SessionRow> = sql::all(read, &sql, conditions.values).await?;
    Ok(order.page(rows, |row| (row.started_at, row.id), total))
}

/// The ended sessions of one customer.
pub async fn ended_of_customer(
    read: &Read,
    isp_id: IspId,
    customer_id: CustomerId,
    page: &PageRequest,
) -> Result<Page<SessionRow>, PageError> {
    let order = NewestFirst::of("ended_sessions", page)?;
    let mut conditions = of_customer(isp_id, customer_id);
    let total = count(read, ENDED, &conditions).await?;
    order.seek(&mut conditions, "s.stopped_at", "s.id");
    let sql = format!(
        "SELECT {SHARED}, s.stopped_at AS updated_at, s.stopped_at, s.terminate_cause FROM {ENDED} \
         WHERE {} ORDER BY s.stopped_at DESC, s.id DESC LIMIT {}",
        conditions.sql(),
        order.fetch()
    );
    let rows: Vec<SessionRow> = sql::all(read, &sql, conditions.values).await?;
    Ok(order.page(rows, |row| (row.updated_at, row.id), total))
}

fn prefix(search: &str) -> String {
    let folded = domain::text::folded(search);
    let escaped = folded
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("{escaped}%")
}
