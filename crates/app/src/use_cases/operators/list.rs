//! Shows resellers.

use domain::authz::{OperatorRef, Proof, Scope, perm};
use persistence::{
    Error,
    repo::operators::{self, OperatorDetail},
};

use crate::ctx::AppCtx;

/// The resellers of the scope, each operator followed by its sub-operators.
pub async fn list_operators(ctx: &AppCtx, scope: &Scope) -> Result<Vec<OperatorDetail>, Error> {
    let read = ctx.db.read(scope).await?;
    operators::list(&read, scope).await
}

/// One reseller.
pub async fn get_operator(
    ctx: &AppCtx,
    proof: &Proof<perm::ManageOperators, OperatorRef>,
) -> Result<Option<OperatorDetail>, Error> {
    let scope = Scope::own(proof.actor());
    let read = ctx.db.read(&scope).await?;
    match operators::find(&read, proof.resource()).await? {
        Some(operator) => operators::detail(&read, &scope, operator).await.map(Some),
        None => Ok(None),
    }
}
