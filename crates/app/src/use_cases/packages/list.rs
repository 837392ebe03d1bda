//! Shows packages.

use domain::authz::{PackageRef, Proof, Scope, perm};
use persistence::{
    Error,
    repo::packages::{self, PackageWithCount},
};

use crate::ctx::AppCtx;

/// The packages of the scope by name, those on sale first.
pub async fn list_packages(ctx: &AppCtx, scope: &Scope) -> Result<Vec<PackageWithCount>, Error> {
    let read = ctx.db.read(scope).await?;
    packages::list(&read, scope).await
}

/// One package with how many customers of the person's reach have it.
pub async fn get_package(
    ctx: &AppCtx,
    proof: &Proof<perm::ViewCustomers, PackageRef>,
) -> Result<Option<PackageWithCount>, Error> {
    let scope = Scope::own(proof.actor());
    let id = proof.resource().id;
    let packages = list_packages(ctx, &scope).await?;
    Ok(packages.into_iter().find(|found| found.package.id == id))
}
