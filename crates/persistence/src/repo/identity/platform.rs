//! Tenancies, ISPs and what an ISP has set.

use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    ids::{IspId, TenancyId},
    tenancy::Reach,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    db::Backend,
    error::Error,
    scope,
    sql::{self, values},
    tx::{Read, Tx},
};

/// A tenancy.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TenancyRow {
    /// Its identifier.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Adds a tenancy.
pub async fn insert_tenancy(tx: &Tx, id: TenancyId, name: &str) -> Result<(), Error> {
    let sql = "INSERT INTO tenancy (id, name, created_at) VALUES ($1, $2, $3)";
    sql::execute(tx, sql, values![id.as_uuid(), name, tx.now()]).await?;
    Ok(())
}

/// The tenancy of that id.
pub async fn tenancy(read: &Read, id: TenancyId) -> Result<Option<TenancyRow>, Error> {
    let sql = "SELECT id, name, created_at FROM tenancy WHERE id = $1";
    sql::one(read, sql, values![id.as_uuid()]).await
}

/// The tenancies in scope, by name.
pub async fn tenancies(read: &Read, scope: &Scope) -> Result<Vec<TenancyRow>, Error> {
    let all = "SELECT id, name, created_at FROM tenancy";
    match scope.reach() {
        Reach::Platform => {
            sql::all(read, &format!("{all} ORDER BY name, id LIMIT 1000"), vec![]).await
        }
        Reach::Tenancy { id, .. } => {
            sql::all(read, &format!("{all} WHERE id = $1"), values![id.as_uuid()]).await
        }
        Reach::Isp(_) | Reach::Operators { .. } | Reach::Nothing => Ok(Vec::new()),
    }
}

/// An ISP.
#[derive(Debug, Clone, FromQueryResult)]
pub struct IspRow {
    /// Its identifier.
    pub id: Uuid,
    /// The tenancy that owns it.
    pub tenancy_id: Uuid,
    /// Its name.
    pub name: String,
    /// The currency of its money.
    pub currency: String,
    /// The zone of its days.
    pub time_zone: String,
    /// The country of its numbers.
    pub country: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

const ISP_COLUMNS: &str =
    "t.id, t.tenancy_id, t.name, t.currency, t.time_zone, t.country, t.created_at";

/// Adds an ISP with the settings everybody starts with.
pub async fn insert_isp(tx: &Tx, isp: &IspRow) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO isp (id, tenancy_id, name, currency, time_zone, country, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        values![
            isp.id,
            isp.tenancy_id,
            isp.name.as_str(),
            isp.currency.as_str(),
            isp.time_zone.as_str(),
            isp.country.as_str(),
            isp.created_at,
        ],
    )
    .await?;
    widen_fence(tx, isp.id).await?;
    let settings = "INSERT INTO isp_settings (isp_id, updated_at) VALUES ($1, $2)";
    sql::execute(tx, settings, values![isp.id, tx.now()]).await?;
    Ok(())
}

/// The owner of a tenancy works behind a fence of the ISPs it had when the unit of work began.
async fn widen_fence(tx: &Tx, isp_id: Uuid) -> Result<(), Error> {
    if tx.backend() == Backend::Sqlite {
        return Ok(());
    }
    let sql = "SELECT set_config('app.isp_ids', \
               concat_ws(',', NULLIF(current_setting('app.isp_ids', true), ''), $1), true)";
    sql::row(tx, sql, values![isp_id.to_string()]).await?;
    Ok(())
}

/// The ISP of that id.
pub async fn isp(read: &Read, id: IspId) -> Result<Option<IspRow>, Error> {
    let sql = format!("SELECT {ISP_COLUMNS} FROM isp t WHERE t.id = $1");
    sql::one(read, &sql, values![id.as_uuid()]).await
}

/// The ISPs in scope, by name.
pub async fn isps(read: &Read, scope: &Scope) -> Result<Vec<IspRow>, Error> {
    let filter = scope::of_isp(scope, "x", 1);
    let sql = format!(
        "SELECT {ISP_COLUMNS} FROM isp t JOIN (SELECT id, id AS isp_id FROM isp) x ON x.id = t.id \
         WHERE {} ORDER BY t.name, t.id LIMIT 1000",
        filter.sql
    );
    sql::all(read, &sql, filter.values).await
}

/// The ISPs of a tenancy.
pub async fn isps_of_tenancy(read: &Read, id: TenancyId) -> Result<Vec<IspId>, Error> {
    let sql = "SELECT id FROM isp WHERE tenancy_id = $1 ORDER BY id";
    sql::rows(read, sql, values![id.as_uuid()])
        .await?
        .iter()
        .map(|row| Ok(IspId::from_uuid(row.try_get("", "id")?)))
        .collect()
}

/// What an ISP has set.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SettingsRow {
    /// What a suspended customer meets: a wall or a refusal.
    pub suspended_access: String,
    /// The address pool of suspended customers.
    pub suspended_pool: String,
    /// The address list of suspended customers.
    pub suspended_address_list: String,
    /// How fast suspended customers are.
    pub suspended_rate_kbps: i64,
    /// What an operator is called.
    pub operator_label: String,
    /// What a sub-operator is called.
    pub sub_operator_label: String,
    /// Days between an invoice and its due date.
    pub grace_days: i64,
    /// Seconds between two accounting updates.
    pub interim_seconds: i64,
    /// For how many months ended sessions are kept; for ever when absent.
    pub keep_sessions_months: Option<i64>,
    /// What the ISP is called by the providers whose home servers it asks.
    pub radius_operator_name: Option<String>,
}

/// What an ISP has set.
pub async fn settings(read: &Read, isp_id: IspId) -> Result<Option<SettingsRow>, Error> {
    let sql = "SELECT suspended_access, suspended_pool, suspended_address_list, \
               suspended_rate_kbps, operator_label, sub_operator_label, grace_days, \
               interim_seconds, keep_sessions_months, radius_operator_name FROM isp_settings WHERE isp_id = $1";
    sql::one(read, sql, values![isp_id.as_uuid()]).await
}

/// Changes what an ISP has set.
pub async fn update_settings(tx: &Tx, isp_id: IspId, row: &SettingsRow) -> Result<(), Error> {
    sql::execute(
        tx,
        "UPDATE isp_settings SET suspended_access = $2, suspended_pool = $3, \
         suspended_address_list = $4, suspended_rate_kbps = $5, operator_label = $6, \
         sub_operator_label = $7, grace_days = $8, interim_seconds = $9, keep_sessions_months = $10, \
         radius_operator_name = $11, updated_at = $12 WHERE isp_id = $1",
        values![
            isp_id.as_uuid(),
            row.suspended_access.as_str(),
            row.suspended_pool.as_str(),
            row.suspended_address_list.as_str(),
            row.suspended_rate_kbps,
            row.operator_label.as_str(),
            row.sub_operator_label.as_str(),
            row.grace_days,
            row.interim_seconds,
            row.keep_sessions_months,
            row.radius_operator_name.as_deref(),
            tx.now(),
        ],
    )
    .await?;
    Ok(())
}
