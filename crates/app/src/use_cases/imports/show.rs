//! Shows uploads.

use domain::authz::{ImportRef, Proof, Scope, perm};
use persistence::{
    Error,
    repo::imports::{self, ImportRun},
};

use crate::ctx::AppCtx;

/// The newest uploads of the scope.
pub async fn list_imports(ctx: &AppCtx, scope: &Scope) -> Result<Vec<ImportRun>, Error> {
    let read = ctx.db.read(scope).await?;
    imports::list(&read, scope).await
}

/// One upload.
pub async fn get_import(
    ctx: &AppCtx,
    proof: &Proof<perm::ImportCustomers, ImportRef>,
) -> Result<Option<ImportRun>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    imports::find(&read, proof.resource()).await
}
