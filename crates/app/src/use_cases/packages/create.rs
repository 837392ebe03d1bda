//! Makes a package.

use domain::{
    authz::{IspRef, Proof, perm},
    catalog::{Package, PackageStatus, PackageTerms, check_terms},
    event::DomainEvent,
    ids::PackageId,
};
use persistence::repo::{customers::isp_terms, packages};

use super::{PackageError, routers_of_isp, snapshot, taken};
use crate::{ctx::AppCtx, reactions};

/// A package to be made.
#[derive(Debug, Clone)]
pub struct CreatePackage {
    /// What it gives and costs.
    pub terms: PackageTerms,
}

/// Makes a package; the directory hears of it before the first customer has it.
pub async fn create_package(
    ctx: &AppCtx,
    proof: Proof<perm::ManagePackages, IspRef>,
    cmd: CreatePackage,
) -> Result<Package, PackageError> {
    let tx = ctx.db.begin("create_package", &proof).await?;
    let isp_id = proof.resource().id;
    let currency = isp_terms(&tx, isp_id).await?.currency;
    let package = Package {
        id: PackageId::generate(),
        isp_id,
        created_at: tx.now(),
        updated_at: tx.now(),
        status: PackageStatus::Active,
        terms: check_terms(&cmd.terms, currency).map_err(PackageError::Invalid)?,
    };
    routers_of_isp(&tx, isp_id, &package.terms).await?;
    packages::insert(&tx, &package).await.map_err(taken)?;
    tx.set_resource("package", package.id.as_uuid());
    tx.record_change(None, Some(snapshot(&package)));
    let package_id = package.id;
    reactions::record(&tx, DomainEvent::PackageChanged { package_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(package)
}
