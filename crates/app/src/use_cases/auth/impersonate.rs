//! Viewing as somebody below: the audit trail keeps both names.

use domain::{
    authz::{Actor, Proof, UserRef, manages, perm},
    ids::UserId,
    ports::StoreUnavailable,
};
use uuid::Uuid;

use super::{identify, throttle};
use crate::ctx::AppCtx;

/// Why nobody views as somebody.
#[derive(Debug, thiserror::Error)]
pub enum ImpersonationError {
    /// The role is not below one's own.
    #[error("you may not view as somebody of this role")]
    RoleNotBelow,
    /// One at a time.
    #[error("end the present view first")]
    Nested,
    /// The account is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// Nobody views as anybody.
    #[error("you are not viewing as somebody else")]
    NotImpersonating,
    /// The shared store is away.
    #[error(transparent)]
    Store(#[from] StoreUnavailable),
    /// The database.
    #[error(transparent)]
    Infra(#[from] persistence::Error),
}

/// Begins to view as somebody; answers who that is and who really sits there.
pub async fn start_impersonation(
    ctx: &AppCtx,
    proof: Proof<perm::Impersonate, UserRef>,
) -> Result<(UserId, UserId), ImpersonationError> {
    let Actor::Person(person) = proof.actor() else {
        return Err(ImpersonationError::RoleNotBelow);
    };
    if person.impersonator.is_some() {
        return Err(ImpersonationError::Nested);
    }
    if !manages(person.role, proof.resource().role) {
        return Err(ImpersonationError::RoleNotBelow);
    }
    let target = proof.resource().id;
    let tx = ctx.db.begin("start_impersonation", &proof).await?;
    if identify::load(&tx, target, tx.now()).await?.is_none() {
        return Err(ImpersonationError::Disabled);
    }
    tx.commit().await?;
    Ok((target, person.user_id))
}

/// Ends it, and with it the token of the view; answers who really sits there.
pub async fn end_impersonation(
    ctx: &AppCtx,
    actor: &Actor,
    view: Option<Uuid>,
) -> Result<UserId, ImpersonationError> {
    let Actor::Person(person) = actor else {
        return Err(ImpersonationError::NotImpersonating);
    };
    let Some(impersonator) = person.impersonator else {
        return Err(ImpersonationError::NotImpersonating);
    };
    let tx = ctx
        .db
        .begin_own_account("end_impersonation", actor, person.user_id)
        .await?;
    tx.commit().await?;
    if let Some(view) = view {
        throttle::mark_view_ended(ctx, view).await?;
    }
    Ok(impersonator)
}
