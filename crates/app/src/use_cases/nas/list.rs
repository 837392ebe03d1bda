//! Shows RADIUS clients, never their secrets.

use chrono::{DateTime, TimeDelta, Utc};
use domain::authz::{NasRef, Proof, Scope, perm};
use persistence::{
    Error,
    repo::{
        nas::{self, NasRecord},
        nas_reports::{self, NasCounter, NasSource},
    },
};

use crate::ctx::AppCtx;

/// A router that nobody heard of for so long is away: two interim updates may get lost.
const SILENCE: TimeDelta = TimeDelta::minutes(15);

/// The RADIUS clients of the scope by name.
pub async fn list_nas(ctx: &AppCtx, scope: &Scope) -> Result<Vec<NasRecord>, Error> {
    let read = ctx.db.read(scope).await?;
    nas::list(&read, scope).await
}

/// One RADIUS client.
pub async fn get_nas(
    ctx: &AppCtx,
    proof: &Proof<perm::ManageRouters, NasRef>,
) -> Result<Option<NasRecord>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    nas::find(&read, proof.resource()).await
}

/// Whether the router was heard of lately.
#[must_use]
pub fn is_online(nas: &NasRecord, now: DateTime<Utc>) -> bool {
    nas.last_seen_at.is_some_and(|seen| seen + SILENCE > now)
}

/// The addresses it was heard from, latest first.
pub async fn nas_sources(
    ctx: &AppCtx,
    proof: &Proof<perm::ManageRouters, NasRef>,
) -> Result<Vec<NasSource>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    nas_reports::sources(&read, proof.resource()).await
}

/// What was counted for it.
pub async fn nas_counters(
    ctx: &AppCtx,
    proof: &Proof<perm::ManageRouters, NasRef>,
) -> Result<Vec<NasCounter>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    nas_reports::counters(&read, proof.resource()).await
}
