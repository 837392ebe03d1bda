//! Deletes a realm.

use domain::{
    authz::{Proof, RealmRef, perm},
    event::DomainEvent,
};
use persistence::repo::realms;

use super::{RealmError, snapshot};
use crate::{ctx::AppCtx, reactions};

/// Deletes a realm; its subscribers are nobody's from then on.
pub async fn delete_realm(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, RealmRef>,
) -> Result<(), RealmError> {
    let tx = ctx.db.begin("delete_realm", &proof).await?;
    let before = realms::lock(&tx, proof.resource()).await?;
    let before = before.ok_or(RealmError::Missing)?;
    realms::delete(&tx, proof.resource()).await?;
    tx.record_change(Some(snapshot(&before)), None);
    let realm_id = before.id;
    reactions::record(&tx, DomainEvent::RealmChanged { realm_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}
