//! Shows routers, never their passwords.

use domain::{
    authz::{Proof, RouterRef, Scope, perm},
    page::{Page, PageRequest},
};
use persistence::{
    Error,
    query::{
        newest_first::PageError,
        routers::{self as query, RouterFilter},
    },
    repo::routers::{self, RouterHistoryRow, RouterRecord},
};

use crate::ctx::AppCtx;

/// The routers of the scope by name.
pub async fn list_routers(
    ctx: &AppCtx,
    scope: &Scope,
    filter: &RouterFilter,
    page: &PageRequest,
) -> Result<Page<RouterRecord>, PageError> {
    let read = ctx.db.read(scope).await?;
    query::list(&read, scope, filter, page).await
}

/// One router.
pub async fn get_router(
    ctx: &AppCtx,
    proof: &Proof<perm::ViewSessions, RouterRef>,
) -> Result<Option<RouterRecord>, Error> {
    let read = ctx.db.read_one(&Scope::own(proof.actor())).await?;
    routers::find(&read, proof.resource()).await
}

/// How one router fared, latest first.
pub async fn list_router_history(
    ctx: &AppCtx,
    proof: &Proof<perm::ViewSessions, RouterRef>,
    page: &PageRequest,
) -> Result<Page<RouterHistoryRow>, PageError> {
    let read = ctx.db.read_one(&Scope::own(proof.actor())).await?;
    routers::history(&read, proof.resource(), page).await
}
