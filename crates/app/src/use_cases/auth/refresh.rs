//! Renews a device: each token works once, and one that comes back ends the whole family.

use domain::{
    authz::Origin,
    ids::{SignInId, UserId},
    ports::StoreUnavailable,
};
use persistence::repo::identity::sign_ins;
use serde_json::json;

use super::{
    SignedIn, hash_token, identify, random_text,
    sign_in::{DEVICE_LIFETIME, PRODUCT},
    throttle,
};
use crate::ctx::AppCtx;

/// Why a device is not renewed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Unknown token, ended device or disabled account.
    #[error("the refresh token is not valid any more")]
    Invalid,
    /// The token was used before: somebody else has it.
    #[error("the refresh token was used twice")]
    Reused,
    /// The shared store is away.
    #[error(transparent)]
    Store(#[from] StoreUnavailable),
    /// The database.
    #[error(transparent)]
    Infra(#[from] persistence::Error),
}

/// Trades a refresh token for a new one.
pub async fn refresh_sign_in(
    ctx: &AppCtx,
    token: &str,
    origin: &Origin,
) -> Result<SignedIn, RefreshError> {
    let hash = hash_token(token);
    let tx = ctx.db.begin_platform("refresh_sign_in", &PRODUCT).await?;
    let Some(known) = sign_ins::lock_token(&tx, &hash).await? else {
        return Err(RefreshError::Invalid);
    };
    let sign_in_id = SignInId::from_uuid(known.sign_in_id);
    let device = sign_ins::find(&tx, sign_in_id)
        .await?
        .ok_or(RefreshError::Invalid)?;
    let user_id = UserId::from_uuid(device.user_id);
    if known.used_at.is_some() {
        tx.rollback().await?;
        end_family(ctx, user_id, sign_in_id, origin).await?;
        return Err(RefreshError::Reused);
    }
    if device.revoked_at.is_some() || device.expires_at <= tx.now() {
        return Err(RefreshError::Invalid);
    }
    let (_, identity) = identify::load(&tx, user_id, tx.now())
        .await?
        .ok_or(RefreshError::Invalid)?;
    sign_ins::use_token(&tx, &hash).await?;
    sign_ins::touch(&tx, sign_in_id, tx.now() + DEVICE_LIFETIME).await?;
    let refresh_token = random_text(32);
    sign_ins::insert_token(&tx, &hash_token(&refresh_token), sign_in_id).await?;
    tx.commit().await?;
    Ok(SignedIn {
        user_id,
        sign_in_id,
        refresh_token,
        must_change_password: identity.must_change_password,
    })
}

/// Ends a sign-in whose token came back. Who sent it is not known, only from where.
async fn end_family(
    ctx: &AppCtx,
    user_id: UserId,
    sign_in_id: SignInId,
    origin: &Origin,
) -> Result<(), RefreshError> {
    let tx = ctx
        .db
        .begin_own_account("end_reused_sign_in", &PRODUCT, user_id)
        .await?;
    if !sign_ins::revoke(&tx, sign_in_id, "refresh token reused").await? {
        return Ok(tx.rollback().await?);
    }
    let evidence =
        json!({"sign_in_id": sign_in_id, "ip": origin.ip, "user_agent": origin.user_agent});
    tx.record_change(None, Some(evidence));
    tx.commit().await?;
    throttle::mark_revoked(ctx, sign_in_id).await?;
    tracing::warn!(sign_in.id = %sign_in_id, "a refresh token was used twice: ended its sign-in");
    Ok(())
}
