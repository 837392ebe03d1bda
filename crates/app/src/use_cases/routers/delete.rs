//! Stops watching a router for good.

use domain::{
    authz::{Proof, RouterRef, perm},
    event::DomainEvent,
};
use persistence::repo::routers;

use super::{RouterError, snapshot};
use crate::{ctx::AppCtx, reactions};

/// Deletes a router with its history; the RADIUS client that it is stays.
pub async fn delete_router(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, RouterRef>,
) -> Result<(), RouterError> {
    let tx = ctx.db.begin("delete_router", &proof).await?;
    let before = routers::lock(&tx, proof.resource()).await?;
    let before = before.ok_or(RouterError::Missing)?;
    routers::delete(&tx, proof.resource()).await?;
    tx.record_change(Some(snapshot(&before)), None);
    let router_id = before.id;
    reactions::record(&tx, DomainEvent::RouterChanged { router_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}
