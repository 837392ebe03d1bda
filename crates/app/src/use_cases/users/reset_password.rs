//! A password for somebody who forgot theirs; the person must change it.

use domain::{
    authz::{Actor, Proof, Scope, SystemActor, UserRef, authorize, perm},
    ids::UserId,
    text,
};
use persistence::{
    lookup,
    repo::identity::{sign_ins, users},
};
use serde_json::json;

use super::{UserError, require_managed};
use crate::{ctx::AppCtx, use_cases::auth};

/// Sets a password and signs the person out everywhere. Who lost the second factor as well has it
/// turned off with `also_codes`.
pub async fn reset_user_password(
    ctx: &AppCtx,
    proof: Proof<perm::ManageStaff, UserRef>,
    password: &str,
    also_codes: bool,
) -> Result<(), UserError> {
    require_managed(proof.actor(), proof.resource().role)?;
    let id = proof.resource().id;
    let read = ctx.db.read_platform().await?;
    let row = users::find(&read, id).await?;
    read.done().await?;
    let (login, had_codes) =
        row.map_or_else(Default::default, |user| (user.login, user.totp_enabled));
    auth::check_strength(password, &login)?;
    let hash = auth::hash_password(password).await?;
    let tx = ctx.db.begin("reset_user_password", &proof).await?;
    users::set_password(&tx, id, &hash, true).await?;
    if also_codes {
        users::set_totp(&tx, id, None, false).await?;
        let before = json!({"totp_enabled": had_codes});
        tx.record_change(Some(before), Some(json!({"totp_enabled": false})));
    }
    let ended = sign_ins::revoke_others(&tx, id, None, "password reset").await?;
    tx.commit().await?;
    auth::mark_changed(ctx, id).await?;
    for sign_in_id in ended {
        auth::mark_revoked(ctx, sign_in_id).await?;
    }
    Ok(())
}

/// Gives somebody a new password from the command line of the installation, and asks for no code
/// any more: the way back in when nobody who manages the person can sign in.
pub async fn reset_from_command_line(
    ctx: &AppCtx,
    login: &str,
    password: &str,
) -> Result<(), UserError> {
    let unknown = || UserError::Field("/login", "is not known".to_owned());
    let installation = Actor::System(SystemActor::Installation);
    let read = ctx.db.read_platform().await?;
    let row = users::find_by_login(&read, &text::folded(login))
        .await?
        .ok_or_else(unknown)?;
    let id = UserId::from_uuid(row.id);
    let found = lookup::user(&read, &Scope::own(&installation), id).await?;
    read.done().await?;
    let proof = authorize(&installation, found.ok_or_else(unknown)?)
        .map_err(|_| UserError::RoleNotManaged)?;
    reset_user_password(ctx, proof, password, true).await
}
