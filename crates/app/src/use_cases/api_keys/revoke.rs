//! Ends a key.

use domain::{
    authz::{ApiKeyRef, Proof, perm},
    ids::UserId,
};
use persistence::repo::identity::api_keys;

use crate::{
    ctx::AppCtx,
    use_cases::auth::{self, ConfirmError},
};

/// Ends a key; from now on it opens nothing.
pub async fn revoke_api_key(
    ctx: &AppCtx,
    proof: Proof<perm::ManageApiKeys, ApiKeyRef>,
) -> Result<(), ConfirmError> {
    let id = proof.resource().id;
    let tx = ctx.db.begin("revoke_api_key", &proof).await?;
    let maker = api_keys::find(&tx, id)
        .await?
        .map(|key| UserId::from_uuid(key.user_id));
    api_keys::revoke(&tx, id).await?;
    tx.commit().await?;
    if let Some(maker) = maker {
        auth::mark_changed(ctx, maker).await?;
    }
    Ok(())
}
