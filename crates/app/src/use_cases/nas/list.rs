//! Shows RADIUS clients, never their secrets.

use chrono::{DateTime, TimeDelta, Utc};
use domain::authz::{NasRef, Proof, Scope, perm};
use persistence::{
    Error,
    repo::{
        nas::{self, Dropped, NasRecord},
        nas_reports::{self, NasCounter, NasSource},
    },
};

use crate::ctx::AppCtx;

/// A router that nobody heard of for so long is away: two interim updates may get lost.
const SILENCE: TimeDelta = TimeDelta::minutes(15);

/// What was dropped longer ago was mended, or nobody asks any more.
const LATELY: TimeDelta = TimeDelta::hours(24);

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

/// Whether requests of the router were dropped lately because they were not signed; nothing else
/// than the router's silence would tell.
#[must_use]
pub fn drops_unsigned(nas: &NasRecord, now: DateTime<Utc>) -> Option<Dropped> {
    nas.unsigned_dropped
        .filter(|dropped| dropped.last_at + LATELY > now)
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
