//! Signed-in devices, and the tokens that renew them.

use chrono::{DateTime, Utc};
use domain::ids::{SignInId, UserId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    error::Error,
    sql::{self, values},
    tx::{Read, Tx},
};

/// A signed-in device.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SignInRow {
    /// Its identifier.
    pub id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// What it says it is.
    pub user_agent: Option<String>,
    /// Where it came from.
    pub ip: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was last renewed.
    pub last_used_at: DateTime<Utc>,
    /// Until when it can be renewed.
    pub expires_at: DateTime<Utc>,
    /// When it was ended.
    pub revoked_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str =
    "id, user_id, user_agent, ip, created_at, last_used_at, expires_at, revoked_at";

/// Adds a device.
pub async fn insert(
    tx: &Tx,
    id: SignInId,
    user_id: UserId,
    (user_agent, ip): (Option<String>, Option<String>),
    expires_at: DateTime<Utc>,
) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO sign_in (id, user_id, user_agent, ip, created_at, last_used_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $5, $6)",
        values![
            id.as_uuid(),
            user_id.as_uuid(),
            user_agent,
            ip,
            tx.now(),
            expires_at
        ],
    )
    .await?;
    Ok(())
}

/// The device of that id.
pub async fn find(read: &Read, id: SignInId) -> Result<Option<SignInRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM sign_in WHERE id = $1");
    sql::one(read, &sql, values![id.as_uuid()]).await
}

/// The devices of a person that can still be renewed, latest first.
pub async fn list_live(
    read: &Read,
    user_id: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<SignInRow>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM sign_in \
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 \
         ORDER BY last_used_at DESC, id DESC"
    );
    sql::all(read, &sql, values![user_id.as_uuid(), now]).await
}

/// Notes that a device was renewed.
pub async fn touch(tx: &Tx, id: SignInId, expires_at: DateTime<Utc>) -> Result<(), Error> {
    let sql = "UPDATE sign_in SET last_used_at = $2, expires_at = $3 WHERE id = $1";
    sql::execute(tx, sql, values![id.as_uuid(), tx.now(), expires_at]).await?;
    Ok(())
}

/// Ends a device; false when it had ended.
pub async fn revoke(tx: &Tx, id: SignInId, because: &str) -> Result<bool, Error> {
    let sql = "UPDATE sign_in SET revoked_at = $2, revoked_because = $3 \
               WHERE id = $1 AND revoked_at IS NULL";
    Ok(sql::execute(tx, sql, values![id.as_uuid(), tx.now(), because]).await? == 1)
}

/// Ends every device of a person except one, and says which.
pub async fn revoke_others(
    tx: &Tx,
    user_id: UserId,
    kept: Option<SignInId>,
    because: &str,
) -> Result<Vec<SignInId>, Error> {
    let kept = kept.map_or_else(Uuid::nil, SignInId::as_uuid);
    let sql = "UPDATE sign_in SET revoked_at = $3, revoked_because = $4 \
               WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL RETURNING id";
    sql::rows(tx, sql, values![user_id.as_uuid(), kept, tx.now(), because])
        .await?
        .iter()
        .map(|row| Ok(SignInId::from_uuid(row.try_get("", "id")?)))
        .collect()
}

/// A token that renews a device once.
#[derive(Debug, Clone, FromQueryResult)]
pub struct RefreshTokenRow {
    /// Which device.
    pub sign_in_id: Uuid,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
}

/// Adds a token by its digest.
pub async fn insert_token(tx: &Tx, hash: &[u8; 32], sign_in_id: SignInId) -> Result<(), Error> {
    let sql = "INSERT INTO refresh_token (token_hash, sign_in_id, created_at) VALUES ($1, $2, $3)";
    sql::execute(
        tx,
        sql,
        values![hash.to_vec(), sign_in_id.as_uuid(), tx.now()],
    )
    .await?;
    Ok(())
}

/// The token of that digest, locked until the unit of work ends.
pub async fn lock_token(tx: &Tx, hash: &[u8; 32]) -> Result<Option<RefreshTokenRow>, Error> {
    let lock = tx.backend().for_update();
    let sql = format!("SELECT sign_in_id, used_at FROM refresh_token WHERE token_hash = $1{lock}");
    sql::one(tx, &sql, values![hash.to_vec()]).await
}

/// Notes that a token was used.
pub async fn use_token(tx: &Tx, hash: &[u8; 32]) -> Result<(), Error> {
    let sql = "UPDATE refresh_token SET used_at = $2 WHERE token_hash = $1";
    sql::execute(tx, sql, values![hash.to_vec(), tx.now()]).await?;
    Ok(())
}
