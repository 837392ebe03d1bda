//! Accounts of people and what was granted to them.

use chrono::{DateTime, Utc};
use domain::{
    authz::{Permission, RoleLevel},
    ids::{IspId, OperatorId, TenancyId, UserId},
};
use sea_orm::FromQueryResult;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    error::Error,
    sql::{self, values},
    tx::{Read, Tx},
};

/// An account as the database keeps it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct UserRow {
    /// Its identifier.
    pub id: Uuid,
    /// The tenancy, for super admins and people of its ISPs.
    pub tenancy_id: Option<Uuid>,
    /// The ISP, for people inside one.
    pub isp_id: Option<Uuid>,
    /// The reseller, for its people.
    pub operator_id: Option<Uuid>,
    /// The name of that reseller.
    pub operator_name: Option<String>,
    /// The role, by name.
    pub role: String,
    /// What it signs in with.
    pub login: String,
    /// Who it is.
    pub name: String,
    /// Where it is written to.
    pub email: Option<String>,
    /// Where it is called.
    pub mobile: Option<String>,
    /// The password's hash; nothing for programs.
    pub password_hash: Option<String>,
    /// Whether the password was chosen by somebody else.
    pub must_change_password: bool,
    /// The sealed secret of the one-time codes.
    pub totp_secret: Option<Vec<u8>>,
    /// Whether one-time codes are asked for.
    pub totp_enabled: bool,
    /// The step of the last one-time code, which is not accepted again.
    pub totp_last_step: Option<i64>,
    /// Active or disabled.
    pub status: String,
    /// Menus that are hidden from it.
    pub hidden_menus: Value,
    /// When it last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl UserRow {
    /// The role.
    pub fn role(&self) -> Result<RoleLevel, Error> {
        RoleLevel::parse(&self.role)
            .ok_or_else(|| Error::Unexpected(format!("unknown role {}", self.role)))
    }

    /// Whether it may come in.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
}

pub(crate) const COLUMNS: &str = "u.id, u.tenancy_id, u.isp_id, u.operator_id, \
    o.name AS operator_name, u.role, u.login, u.name, u.email, u.mobile, u.password_hash, \
    u.must_change_password, u.totp_secret, u.totp_enabled, u.totp_last_step, u.status, \
    u.hidden_menus, u.last_sign_in_at, u.created_at";

pub(crate) const TABLES: &str = "app_user u LEFT JOIN operator o ON o.id = u.operator_id";

/// The account of a login, whatever its letter case.
pub async fn find_by_login(read: &Read, login_key: &str) -> Result<Option<UserRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE u.login_key = $1");
    sql::one(read, &sql, values![login_key]).await
}

/// The account of that id.
pub async fn find(read: &Read, id: UserId) -> Result<Option<UserRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE u.id = $1");
    sql::one(read, &sql, values![id.as_uuid()]).await
}

/// What an account is made of.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its identifier.
    pub id: UserId,
    /// The tenancy.
    pub tenancy_id: Option<TenancyId>,
    /// The ISP.
    pub isp_id: Option<IspId>,
    /// The reseller.
    pub operator_id: Option<OperatorId>,
    /// The role.
    pub role: RoleLevel,
    /// What it signs in with.
    pub login: String,
    /// Who it is.
    pub name: String,
    /// Where it is written to.
    pub email: Option<String>,
    /// Where it is called.
    pub mobile: Option<String>,
    /// The password's hash; nothing for programs.
    pub password_hash: Option<String>,
    /// Whether the person must choose a password first.
    pub must_change_password: bool,
}

/// Adds an account.
pub async fn insert(tx: &Tx, user: &NewUser) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO app_user (id, tenancy_id, isp_id, operator_id, role, login, login_key, name, \
         email, mobile, password_hash, must_change_password, totp_enabled, status, hidden_menus, \
         created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'active', $14, $15, $15)",
        values![
            user.id.as_uuid(),
            user.tenancy_id.map(TenancyId::as_uuid),
            user.isp_id.map(IspId::as_uuid),
            user.operator_id.map(OperatorId::as_uuid),
            user.role.as_str(),
            user.login.as_str(),
            domain::text::folded(&user.login),
            user.name.as_str(),
            user.email.clone(),
            user.mobile.clone(),
            user.password_hash.clone(),
            user.must_change_password,
            false,
            serde_json::json!([]),
            tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// What of an account people may edit.
#[derive(Debug, Clone)]
pub struct UserProfile {
    /// Who it is.
    pub name: String,
    /// Where it is written to.
    pub email: Option<String>,
    /// Where it is called.
    pub mobile: Option<String>,
    /// Whether it may come in.
    pub active: bool,
    /// Menus that are hidden from it.
    pub hidden_menus: Vec<String>,
}

/// Changes what people may edit.
pub async fn update_profile(tx: &Tx, id: UserId, profile: &UserProfile) -> Result<(), Error> {
    sql::execute(
        tx,
        "UPDATE app_user SET name = $2, email = $3, mobile = $4, status = $5, hidden_menus = $6, \
         updated_at = $7 WHERE id = $1",
        values![
            id.as_uuid(),
            profile.name.as_str(),
            profile.email.clone(),
            profile.mobile.clone(),
            if profile.active { "active" } else { "disabled" },
            serde_json::json!(profile.hidden_menus),
            tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Sets a password's hash.
pub async fn set_password(
    tx: &Tx,
    id: UserId,
    hash: &str,
    must_change_password: bool,
) -> Result<(), Error> {
    sql::execute(
        tx,
        "UPDATE app_user SET password_hash = $2, must_change_password = $3, updated_at = $4 \
         WHERE id = $1",
        values![id.as_uuid(), hash, must_change_password, tx.now()],
    )
    .await?;
    Ok(())
}

/// Sets the sealed secret of the one-time codes, and whether they are asked for.
pub async fn set_totp(
    tx: &Tx,
    id: UserId,
    secret: Option<Vec<u8>>,
    enabled: bool,
) -> Result<(), Error> {
    sql::execute(
        tx,
        "UPDATE app_user SET totp_secret = $2, totp_enabled = $3, totp_last_step = NULL, \
         updated_at = $4 WHERE id = $1",
        values![id.as_uuid(), secret, enabled, tx.now()],
    )
    .await?;
    Ok(())
}

/// Uses up a one-time code; false when it, or a later one, was used before.
pub async fn use_totp_step(tx: &Tx, id: UserId, step: i64) -> Result<bool, Error> {
    let touched = sql::execute(
        tx,
        "UPDATE app_user SET totp_last_step = $2 \
         WHERE id = $1 AND (totp_last_step IS NULL OR totp_last_step < $2)",
        values![id.as_uuid(), step],
    )
    .await?;
    Ok(touched == 1)
}

/// Notes that somebody signed in.
pub async fn touch_sign_in(tx: &Tx, id: UserId) -> Result<(), Error> {
    let sql = "UPDATE app_user SET last_sign_in_at = $2 WHERE id = $1";
    sql::execute(tx, sql, values![id.as_uuid(), tx.now()]).await?;
    Ok(())
}

/// A permission that was given to one person.
#[derive(Debug, Clone, FromQueryResult)]
pub struct GrantRow {
    /// To whom.
    pub user_id: Uuid,
    /// Which one, by name.
    pub permission: String,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What was granted to these people.
pub async fn grants(read: &Read, users: &[UserId]) -> Result<Vec<GrantRow>, Error> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT user_id, permission, expires_at FROM user_grant WHERE user_id IN {} \
         ORDER BY permission",
        sql::groups(1, users.len())
    );
    sql::all(
        read,
        &sql,
        users
            .iter()
            .map(|id| sea_orm::Value::from(id.as_uuid()))
            .collect(),
    )
    .await
}

/// Grants a permission, or changes until when.
pub async fn grant(
    tx: &Tx,
    user_id: UserId,
    permission: Permission,
    expires_at: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO user_grant (user_id, permission, granted_by, expires_at, created_at) \
         VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (user_id, permission) DO UPDATE SET granted_by = $3, expires_at = $4",
        values![
            user_id.as_uuid(),
            permission.as_str(),
            tx.actor().user_id().map(UserId::as_uuid),
            expires_at,
            tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Takes a grant back; false when there was none.
pub async fn revoke_grant(tx: &Tx, user_id: UserId, permission: Permission) -> Result<bool, Error> {
    let sql = "DELETE FROM user_grant WHERE user_id = $1 AND permission = $2";
    Ok(sql::execute(tx, sql, values![user_id.as_uuid(), permission.as_str()]).await? > 0)
}

/// The operators directly below one.
pub async fn operators_below(read: &Read, id: OperatorId) -> Result<Vec<OperatorId>, Error> {
    let sql = "SELECT id FROM operator WHERE parent_id = $1 ORDER BY id";
    sql::rows(read, sql, values![id.as_uuid()])
        .await?
        .iter()
        .map(|row| Ok(OperatorId::from_uuid(row.try_get("", "id")?)))
        .collect()
}

/// Whether a reseller is active; the ISP's own people have none.
pub async fn operator_is_active(read: &Read, id: OperatorId) -> Result<bool, Error> {
    let sql = "SELECT status FROM operator WHERE id = $1";
    let status: Option<String> = sql::scalar(read, sql, values![id.as_uuid()]).await?;
    Ok(status.as_deref() == Some("active"))
}
