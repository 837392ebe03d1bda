//! A new password of one's own; every other device is signed out.

use std::time::Duration;

use domain::{
    authz::Actor,
    ids::{SignInId, UserId},
    ports::StoreUnavailable,
};
use persistence::repo::identity::{sign_ins, users};
use serde_json::json;

use crate::{
    ctx::AppCtx,
    use_cases::auth::{self, ConfirmError, WeakPassword},
};

/// Why a password is not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The present password is wrong.
    #[error("the current password is wrong")]
    CurrentWrong,
    /// The new one is too easy to guess.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// The new one is the old one.
    #[error("choose a password that differs from the current one")]
    Same,
    /// Too often wrong.
    #[error("too many attempts")]
    TooManyAttempts(Duration),
    /// The shared store is away.
    #[error(transparent)]
    Store(#[from] StoreUnavailable),
    /// The database.
    #[error(transparent)]
    Infra(#[from] persistence::Error),
}

impl From<ConfirmError> for ChangePasswordError {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::Wrong => Self::CurrentWrong,
            ConfirmError::TooManyAttempts(wait) => Self::TooManyAttempts(wait),
            ConfirmError::Store(error) => Self::Store(error),
            ConfirmError::Infra(error) => Self::Infra(error),
        }
    }
}

/// Changes the password of whoever asks.
pub async fn change_my_password(
    ctx: &AppCtx,
    actor: &Actor,
    (user_id, sign_in_id): (UserId, SignInId),
    (current, new): (&str, &str),
    attempts_per_minute: u32,
) -> Result<(), ChangePasswordError> {
    auth::confirm_password(ctx, actor, current, attempts_per_minute).await?;
    let read = ctx.db.read_platform().await?;
    let login = users::find(&read, user_id)
        .await?
        .map(|user| user.login)
        .unwrap_or_default();
    read.done().await?;
    auth::check_strength(new, &login)?;
    if new == current {
        return Err(ChangePasswordError::Same);
    }
    let hash = auth::hash_password(new).await?;
    let tx = ctx
        .db
        .begin_own_account("change_my_password", actor, user_id)
        .await?;
    users::set_password(&tx, user_id, &hash, false).await?;
    let ended = sign_ins::revoke_others(&tx, user_id, Some(sign_in_id), "password changed").await?;
    tx.record_change(None, Some(json!({"ended_sign_ins": ended})));
    tx.commit().await?;
    auth::mark_changed(ctx, user_id).await?;
    for id in ended {
        auth::mark_revoked(ctx, id).await?;
    }
    Ok(())
}
