//! Permissions of one person, on top of the role's, maybe for a while.

use chrono::{DateTime, Utc};
use domain::authz::{Permission, Proof, UserRef, grantable, perm};
use persistence::repo::identity::users;
use serde_json::json;

use super::{UserError, require_managed};
use crate::{ctx::AppCtx, use_cases::auth};

/// Grants a permission, or changes until when.
pub async fn grant_permission(
    ctx: &AppCtx,
    proof: Proof<perm::ManageStaff, UserRef>,
    permission: Permission,
    expires_at: Option<DateTime<Utc>>,
) -> Result<(), UserError> {
    let target = *proof.resource();
    require_managed(proof.actor(), target.role)?;
    if !grantable(target.role).contains(permission) {
        return Err(UserError::NotGrantable);
    }
    if !proof.actor().may(permission) {
        return Err(UserError::NotYours);
    }
    if expires_at.is_some_and(|end| end <= ctx.clock.now()) {
        return Err(UserError::Field(
            "/expires_at",
            "must lie in the future".to_owned(),
        ));
    }
    let tx = ctx.db.begin("grant_permission", &proof).await?;
    users::grant(&tx, target.id, permission, expires_at).await?;
    let after = json!({"permission": permission.as_str(), "expires_at": expires_at});
    tx.record_change(None, Some(after));
    tx.commit().await?;
    auth::mark_changed(ctx, target.id).await?;
    Ok(())
}

/// Takes a grant back.
pub async fn revoke_grant(
    ctx: &AppCtx,
    proof: Proof<perm::ManageStaff, UserRef>,
    permission: Permission,
) -> Result<(), UserError> {
    let target = *proof.resource();
    require_managed(proof.actor(), target.role)?;
    let tx = ctx.db.begin("revoke_grant", &proof).await?;
    if !users::revoke_grant(&tx, target.id, permission).await? {
        return Err(UserError::NoSuchGrant);
    }
    tx.record_change(Some(json!({"permission": permission.as_str()})), None);
    tx.commit().await?;
    auth::mark_changed(ctx, target.id).await?;
    Ok(())
}
