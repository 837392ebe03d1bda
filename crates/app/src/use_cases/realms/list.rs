//! Shows realms, never the secrets of their home servers.

use domain::authz::{Proof, RealmRef, Scope, perm};
use persistence::{
    Error,
    repo::realms::{self, RealmRecord},
};

use crate::ctx::AppCtx;

/// The realms of the scope by name.
pub async fn list_realms(ctx: &AppCtx, scope: &Scope) -> Result<Vec<RealmRecord>, Error> {
    let read = ctx.db.read(scope).await?;
    realms::list(&read, scope).await
}

/// One realm.
pub async fn get_realm(
    ctx: &AppCtx,
    proof: &Proof<perm::ManageRouters, RealmRef>,
) -> Result<Option<RealmRecord>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    realms::find(&read, proof.resource()).await
}
