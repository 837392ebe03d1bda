//! Ends the device that asks for it.

use domain::{
    authz::Actor,
    ids::{SignInId, UserId},
};
use persistence::repo::identity::sign_ins;
use serde_json::json;

use super::{ConfirmError, throttle};
use crate::ctx::AppCtx;

/// Ends a sign-in of a person; its access token is not accepted any more either.
pub async fn sign_out(
    ctx: &AppCtx,
    actor: &Actor,
    user_id: UserId,
    sign_in_id: SignInId,
) -> Result<(), ConfirmError> {
    let tx = ctx.db.begin_own_account("sign_out", actor, user_id).await?;
    sign_ins::revoke(&tx, sign_in_id, "signed out").await?;
    tx.record_change(Some(json!({"sign_in_id": sign_in_id})), None);
    tx.commit().await?;
    throttle::mark_revoked(ctx, sign_in_id).await?;
    Ok(())
}
