//! Forgets what was learnt about the addresses of a RADIUS client: for a router that was replaced by
//! one that cannot sign.

use domain::{
    authz::{NasRef, Proof, perm},
    event::DomainEvent,
};
use persistence::repo::nas;
use serde_json::json;

use super::NasError;
use crate::{ctx::AppCtx, reactions};

/// Forgets what was learnt; the rules that say `auto` begin anew.
pub async fn forget_learnt_nas(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, NasRef>,
) -> Result<(), NasError> {
    let tx = ctx.db.begin("forget_learnt_nas", &proof).await?;
    let found = nas::lock(&tx, proof.resource()).await?;
    let nas_id = found.ok_or(NasError::Missing)?.id;
    nas::forget_learnt(&tx, proof.resource()).await?;
    tx.record_change(None, Some(json!({ "learnt": "forgotten" })));
    reactions::record(&tx, DomainEvent::NasChanged { nas_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}
