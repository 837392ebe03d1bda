//! Accounting sessions, latest first: those that are live, and those of one customer.

use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    ids::{CustomerId, IspId},
    page::{Page, PageRequest},
};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::newest_first::{Conditions, Letters, NewestFirst, PageError, count};
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
    /// Its interface or circuit.
    pub nas_port_id: Option<String>,
    /// What was odd about its reports, as `TallyFlags` keeps them.
    pub flags: i64,
    /// Nobody reported its end.
    pub presumed: bool,
    /// Bits per second from the customer, between the last two reports.
    pub input_bps: i64,
    /// Bits per second to the customer.
    pub output_bps: i64,
}

const SHARED: &str = "s.id, s.customer_id, c.number AS customer_number, c.name AS customer_name, \
    s.username, s.nas_id, n.name AS nas_name, s.framed_ip, s.calling_station_id, s.walled, \
    s.input_octets, s.output_octets, s.session_time, s.started_at, s.nas_port_id, s.flags";

/// What a live session shows besides; neither end is known yet, and the casts give PostgreSQL the
/// types of the empty columns.
const OF_LIVE: &str = "s.updated_at, NULLIF(s.updated_at, s.updated_at) AS stopped_at, \
    CAST(NULL AS TEXT) AS terminate_cause, false AS presumed, s.input_bps, s.output_bps";

const OF_ENDED: &str = "s.stopped_at AS updated_at, s.stopped_at, s.terminate_cause, s.presumed, \
    CAST(0 AS BIGINT) AS input_bps, CAST(0 AS BIGINT) AS output_bps";

const LIVE: &str =
    "session s JOIN nas n ON n.id = s.nas_id LEFT JOIN customer c ON c.id = s.customer_id";

const ENDED: &str =
    "session_history s JOIN nas n ON n.id = s.nas_id LEFT JOIN customer c ON c.id = s.customer_id";

const HEARD_SINCE: &str = "s.stopped_at >= $";

/// Which live sessions are wanted.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    /// Through one router.
    pub nas_id: Option<Uuid>,
    /// Whose username or address begins with these letters.
    pub search: Option<String>,
    /// Of exactly this username.
    pub username: Option<String>,
    /// With exactly this address.
    pub address: Option<String>,
    /// Of this device.
    pub station: Option<String>,
    /// Behind the wall, or not.
    pub walled: Option<bool>,
}

/// Which sessions of the past and the present are wanted.
#[derive(Debug, Clone, Default)]
pub struct HistoryFilter {
    /// With exactly this address.
    pub address: Option<String>,
    /// Of one customer.
    pub customer_id: Option<Uuid>,
    /// Of exactly this username.
    pub username: Option<String>,
    /// Through one router.
    pub nas_id: Option<Uuid>,
    /// Of this device.
    pub station: Option<String>,
    /// That went on at or after this instant.
    pub from: Option<DateTime<Utc>>,
    /// That had begun by this instant.
    pub to: Option<DateTime<Utc>>,
}

/// The live sessions in scope.
pub async fn list_live(
    read: &Read,
    scope: &Scope,
    filter: &SessionFilter,
    page: &PageRequest,
) -> Result<Page<SessionRow>, PageError> {
    let mut conditions = fenced(scope);
    conditions.compare("s.nas_id", "=", filter.nas_id);
    conditions.compare("s.username", "=", filter.username.as_deref());
    conditions.compare("s.framed_ip", "=", filter.address.as_deref());
    conditions.compare("s.calling_station_id", "=", filter.station.as_deref());
    conditions.compare("s.walled", "=", filter.walled);
    let columns = ["lower(s.username)", "s.framed_ip"];
    conditions.find(&columns, filter.search.as_deref(), Letters::First);
    live(read, conditions, page).await
}

/// The rows of a scope; whoever sees some operators' customers sees only their sessions.
fn fenced(scope: &Scope) -> Conditions {
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
    conditions
}

/// Sessions of the past and the present together, latest first: who had an address at an instant.
pub async fn list_history(
    read: &Read,
    scope: &Scope,
    filter: &HistoryFilter,
    page: &PageRequest,
) -> Result<Page<SessionRow>, PageError> {
    let order = NewestFirst::of("session_history", page)?;
    let mut conditions = fenced(scope);
    conditions.compare("s.framed_ip", "=", filter.address.as_deref());
    conditions.compare("s.customer_id", "=", filter.customer_id);
    conditions.compare("s.username", "=", filter.username.as_deref());
    conditions.compare("s.nas_id", "=", filter.nas_id);
    conditions.compare("s.calling_station_id", "=", filter.station.as_deref());
    conditions.compare("s.started_at", "<=", filter.to);
    let live = count(read, LIVE, &conditions).await?;
    if let Some(from) = filter.from {
        let text = format!("({HEARD_SINCE}{})", conditions.next());
        conditions.add(text, [from.into()]);
    }
    let ended = count(read, ENDED, &conditions).await?;
    order.seek(&mut conditions, "s.started_at", "s.id");
    let wanted = conditions.sql();
    let part = |columns: &str, from: &str, wanted: &str| {
        format!(
            "SELECT * FROM (SELECT {SHARED}, {columns} FROM {from} WHERE {wanted} \
             ORDER BY s.started_at DESC, s.id DESC LIMIT {}) part",
            order.fetch()
        )
    };
    // A live session goes on: it fulfils every lower bound.
    let of_live = wanted.replace(HEARD_SINCE, "s.updated_at IS NOT NULL OR s.updated_at >= $");
    let sql = format!(
        "{} UNION ALL {} ORDER BY started_at DESC, id DESC LIMIT {}",
        part(OF_LIVE, LIVE, &of_live),
        part(OF_ENDED, ENDED, &wanted),
        order.fetch()
    );
    let rows: Vec<SessionRow> = sql::all(read, &sql, conditions.values).await?;
    let total = (live.0 + ended.0, live.1 && ended.1);
    Ok(order.page(rows, |row| (row.started_at, row.id), total))
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
    let sql = format!(
        "SELECT {SHARED}, {OF_LIVE} FROM {LIVE} WHERE {} \
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
        "SELECT {SHARED}, {OF_ENDED} FROM {ENDED} \
         WHERE {} ORDER BY s.stopped_at DESC, s.id DESC LIMIT {}",
        conditions.sql(),
        order.fetch()
    );
    let rows: Vec<SessionRow> = sql::all(read, &sql, conditions.values).await?;
    Ok(order.page(rows, |row| (row.updated_at, row.id), total))
}
