//! Keys of programs, stored as digests.

use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    ids::{ApiKeyId, IspId, UserId},
};
use sea_orm::FromQueryResult;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    error::Error,
    scope,
    sql::{self, values},
    tx::{Read, Tx},
};

/// A key as the database keeps it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ApiKeyRow {
    /// Its identifier.
    pub id: Uuid,
    /// Whose.
    pub isp_id: Uuid,
    /// The person who made it.
    pub user_id: Uuid,
    /// What it is for.
    pub name: String,
    /// Its first characters, to recognize it by.
    pub prefix: String,
    /// What it may do, by name.
    pub permissions: Value,
    /// From where it may be used; empty means from anywhere.
    pub allowed_ips: Value,
    /// How often it may be used.
    pub rate_per_minute: i64,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was ended.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

const COLUMNS: &str = "t.id, t.isp_id, t.user_id, t.name, t.prefix, t.permissions, t.allowed_ips, \
    t.rate_per_minute, t.expires_at, t.revoked_at, t.last_used_at, t.created_at";

/// What a key is made of.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its identifier.
    pub id: ApiKeyId,
    /// Whose.
    pub isp_id: IspId,
    /// The person who makes it.
    pub user_id: UserId,
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// Its digest.
    pub key_hash: [u8; 32],
    /// What it may do, by name.
    pub permissions: Vec<&'static str>,
    /// From where it may be used.
    pub allowed_ips: Vec<String>,
    /// How often it may be used.
    pub rate_per_minute: u32,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Adds a key.
pub async fn insert(tx: &Tx, key: &NewApiKey) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO api_key (id, isp_id, user_id, name, prefix, key_hash, permissions, \
         allowed_ips, rate_per_minute, expires_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        values![
            key.id.as_uuid(),
            key.isp_id.as_uuid(),
            key.user_id.as_uuid(),
            key.name.as_str(),
            key.prefix.as_str(),
            key.key_hash.to_vec(),
            serde_json::json!(key.permissions),
            serde_json::json!(key.allowed_ips),
            i64::from(key.rate_per_minute),
            key.expires_at,
            tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// The key of that digest.
pub async fn find_by_hash(read: &Read, hash: &[u8; 32]) -> Result<Option<ApiKeyRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM api_key t WHERE t.key_hash = $1");
    sql::one(read, &sql, values![hash.to_vec()]).await
}

/// The key of that id.
pub async fn find(read: &Read, id: ApiKeyId) -> Result<Option<ApiKeyRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM api_key t WHERE t.id = $1");
    sql::one(read, &sql, values![id.as_uuid()]).await
}

/// The keys in scope that were not ended, latest first.
pub async fn list(read: &Read, scope: &Scope) -> Result<Vec<ApiKeyRow>, Error> {
    let filter = scope::of_isp(scope, "t", 1);
    let sql = format!(
        "SELECT {COLUMNS} FROM api_key t WHERE {} AND t.revoked_at IS NULL \
         ORDER BY t.created_at DESC, t.id DESC LIMIT 200",
        filter.sql
    );
    sql::all(read, &sql, filter.values).await
}

/// Ends a key; false when it had ended.
pub async fn revoke(tx: &Tx, id: ApiKeyId) -> Result<bool, Error> {
    let sql = "UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    Ok(sql::execute(tx, sql, values![id.as_uuid(), tx.now()]).await? == 1)
}

/// Notes that a key is in use.
pub async fn touch(tx: &Tx, id: ApiKeyId) -> Result<(), Error> {
    let sql = "UPDATE api_key SET last_used_at = $2 WHERE id = $1";
    sql::execute(tx, sql, values![id.as_uuid(), tx.now()]).await?;
    Ok(())
}
