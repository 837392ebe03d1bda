//! Has a router looked at now.

use domain::authz::{Proof, RouterRef, perm};
use persistence::repo::routers::{self, RouterRecord};

use super::RouterError;
use crate::ctx::AppCtx;

/// Has a router looked at now, also one that is not watched. Asking again before it was is the same.
pub async fn check_router(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, RouterRef>,
) -> Result<RouterRecord, RouterError> {
    let tx = ctx.db.begin("check_router", &proof).await?;
    if !routers::ask_for_check(&tx, proof.resource()).await? {
        return Err(RouterError::Missing);
    }
    let router = routers::find(&tx, proof.resource()).await?;
    tx.commit().await?;
    ctx.signals.committed();
    router.ok_or(RouterError::Missing)
}
