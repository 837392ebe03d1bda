//! Ends the device that asks for it.

use domain::ids::SignInId;
use persistence::repo::identity::sign_ins;

use super::{ConfirmError, sign_in::PRODUCT, throttle};
use crate::ctx::AppCtx;

/// Ends a sign-in; its access token is not accepted any more either.
pub async fn sign_out(ctx: &AppCtx, sign_in_id: SignInId) -> Result<(), ConfirmError> {
    let tx = ctx.db.begin_platform("sign_out", &PRODUCT).await?;
    sign_ins::revoke(&tx, sign_in_id, "signed out").await?;
    tx.commit().await?;
    throttle::mark_revoked(ctx, sign_in_id).await?;
    Ok(())
}
