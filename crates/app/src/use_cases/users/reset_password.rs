//! A password for somebody who forgot theirs; the person must change it.

use domain::authz::{Proof, UserRef, perm};
use persistence::repo::identity::{sign_ins, users};

use super::{UserError, require_managed};
use crate::{ctx::AppCtx, use_cases::auth};

/// Sets a password and signs the person out everywhere.
pub async fn reset_user_password(
    ctx: &AppCtx,
    proof: Proof<perm::ManageStaff, UserRef>,
    password: &str,
) -> Result<(), UserError> {
    require_managed(proof.actor(), proof.resource().role)?;
    let id = proof.resource().id;
    let read = ctx.db.read_platform().await?;
    let login = users::find(&read, id)
        .await?
        .map(|user| user.login)
        .unwrap_or_default();
    read.done().await?;
    auth::check_strength(password, &login)?;
    let hash = auth::hash_password(password).await?;
    let tx = ctx.db.begin("reset_user_password", &proof).await?;
    users::set_password(&tx, id, &hash, true).await?;
    let ended = sign_ins::revoke_others(&tx, id, None, "password reset").await?;
    tx.commit().await?;
    auth::mark_changed(ctx, id).await?;
    for sign_in_id in ended {
        auth::mark_revoked(ctx, sign_in_id).await?;
    }
    Ok(())
}
