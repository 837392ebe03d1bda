//! Takes a router's certificate for its own, on the word of a person who compared it.

use domain::{
    authz::{Proof, RouterRef, perm},
    event::DomainEvent,
    network::router::{Fingerprint, Standing},
};
use persistence::repo::routers::{self, RouterRecord};

use super::{RouterError, snapshot};
use crate::{ctx::AppCtx, reactions};

/// Confirms exactly the certificate that the router shows now; from then on we log in.
pub async fn confirm_router_fingerprint(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, RouterRef>,
    fingerprint: Fingerprint,
) -> Result<RouterRecord, RouterError> {
    let tx = ctx.db.begin("confirm_router_fingerprint", &proof).await?;
    let before = routers::lock(&tx, proof.resource()).await?;
    let before = before.ok_or(RouterError::Missing)?;
    if before.presented != Some(fingerprint) {
        return Err(RouterError::OtherFingerprint);
    }
    let after = RouterRecord {
        pinned: Some(fingerprint),
        presented: None,
        presented_at: None,
        version: before.version + 1,
        standing: Standing::unchecked(tx.now()),
        next_check_at: Some(tx.now()),
        ..before.clone()
    };
    routers::update(&tx, &after, None).await?;
    tx.record_change(Some(snapshot(&before)), Some(snapshot(&after)));
    let router_id = after.id;
    reactions::record(&tx, DomainEvent::RouterChanged { router_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(after)
}
