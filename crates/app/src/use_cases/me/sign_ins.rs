//! The devices that one is signed in on.

use domain::{
    authz::Actor,
    ids::{SignInId, UserId},
    ports::StoreUnavailable,
};
use persistence::repo::identity::sign_ins::{self, SignInRow};
use serde_json::json;

use crate::{ctx::AppCtx, use_cases::auth};

/// Why a device is not signed out.
#[derive(Debug, thiserror::Error)]
pub enum EndSignInError {
    /// There is no such device of this person.
    #[error("there is no such sign-in")]
    NotFound,
    /// The shared store is away.
    #[error(transparent)]
    Store(#[from] StoreUnavailable),
    /// The database.
    #[error(transparent)]
    Infra(#[from] persistence::Error),
}

/// The devices of a person, latest first.
pub async fn list_my_sign_ins(
    ctx: &AppCtx,
    user_id: UserId,
) -> Result<Vec<SignInRow>, persistence::Error> {
    let read = ctx.db.read_platform().await?;
    sign_ins::list_live(&read, user_id, ctx.clock.now()).await
}

/// Signs one of one's own devices out.
pub async fn end_my_sign_in(
    ctx: &AppCtx,
    actor: &Actor,
    user_id: UserId,
    id: SignInId,
) -> Result<(), EndSignInError> {
    let tx = ctx
        .db
        .begin_own_account("end_my_sign_in", actor, user_id)
        .await?;
    let owner = sign_ins::find(&tx, id).await?.map(|device| device.user_id);
    if owner != Some(user_id.as_uuid()) {
        return Err(EndSignInError::NotFound);
    }
    sign_ins::revoke(&tx, id, "ended by its owner").await?;
    tx.record_change(Some(json!({"sign_in_id": id})), None);
    tx.commit().await?;
    auth::mark_revoked(ctx, id).await?;
    Ok(())
}
