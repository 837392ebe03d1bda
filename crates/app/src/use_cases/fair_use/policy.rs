//! The fair-use policy of a package.

use domain::{
    authz::{PackageRef, PermissionMarker, Proof, Scope, perm},
    event::DomainEvent,
    network::fup::{FairUsePolicy, check_policy},
};
use persistence::{
    Error,
    repo::{fair_use, packages},
};
use serde_json::Value;

use super::FairUseError;
use crate::{ctx::AppCtx, reactions};

/// The fair-use policy of a package, when it has one.
pub async fn get_fair_use_policy<P: PermissionMarker>(
    ctx: &AppCtx,
    proof: &Proof<P, PackageRef>,
) -> Result<Option<FairUsePolicy>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let policy = fair_use::policy(&read, proof.resource().id).await?;
    read.done().await?;
    Ok(policy)
}

/// Gives a package a fair-use policy; everybody who has it is looked at again.
pub async fn set_fair_use_policy(
    ctx: &AppCtx,
    proof: Proof<perm::ManagePackages, PackageRef>,
    policy: FairUsePolicy,
) -> Result<FairUsePolicy, FairUseError> {
    let policy = check_policy(policy).map_err(FairUseError::Invalid)?;
    let tx = ctx.db.begin("set_fair_use_policy", &proof).await?;
    let package = proof.resource();
    packages::lock(&tx, package)
        .await?
        .ok_or(FairUseError::Missing)?;
    let before = fair_use::policy(&tx, package.id).await?;
    if before.as_ref() == Some(&policy) {
        return Ok(policy);
    }
    fair_use::put_policy(&tx, package, &policy).await?;
    tx.record_change(before.as_ref().map(snapshot), Some(snapshot(&policy)));
    let package_id = package.id;
    reactions::record(&tx, DomainEvent::FairUsePolicyChanged { package_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(policy)
}

/// Takes the fair-use policy of a package away; what it restricts is lifted.
pub async fn remove_fair_use_policy(
    ctx: &AppCtx,
    proof: Proof<perm::ManagePackages, PackageRef>,
) -> Result<(), FairUseError> {
    let tx = ctx.db.begin("remove_fair_use_policy", &proof).await?;
    let package = proof.resource();
    packages::lock(&tx, package)
        .await?
        .ok_or(FairUseError::Missing)?;
    let before = fair_use::policy(&tx, package.id).await?;
    if !fair_use::remove_policy(&tx, package).await? {
        return Err(FairUseError::Missing);
    }
    tx.record_change(before.as_ref().map(snapshot), None);
    let package_id = package.id;
    reactions::record(&tx, DomainEvent::FairUsePolicyChanged { package_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}

fn snapshot(policy: &FairUsePolicy) -> Value {
    serde_json::to_value(policy).expect("invariant: a policy is plain data")
}
