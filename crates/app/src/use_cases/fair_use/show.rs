//! Shows where a customer stands.

use domain::{
    authz::{CustomerRef, Proof, Scope, perm},
    network::{fup::Plan, restriction::Restriction},
    page::{Page, PageRequest},
};
use persistence::{
    query::{
        fair_use::{self as query, LogRow},
        newest_first::PageError,
    },
    repo::{
        live_changes::{self, LiveChangeRow},
        restrictions,
    },
};

use super::FairUseError;
use crate::{
    ctx::AppCtx,
    fair_use::{Facts, load_one},
};

const LIVE_CHANGES: i64 = 100;

/// Where a customer stands now.
#[derive(Debug)]
pub struct FairUseNow {
    /// What it is decided by.
    pub facts: Facts,
    /// What that comes to.
    pub plan: Plan,
    /// What is in force.
    pub in_force: Vec<Restriction>,
}

/// Where a customer stands with fair use and limits.
pub async fn get_fair_use<P: domain::authz::PermissionMarker>(
    ctx: &AppCtx,
    proof: &Proof<P, CustomerRef>,
) -> Result<FairUseNow, FairUseError> {
    let now = ctx.clock.now();
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let id = proof.resource().id;
    let facts = load_one(&read, id, now)
        .await?
        .ok_or(FairUseError::Missing)?;
    let mut in_force = restrictions::of_customer(&read, id).await?;
    in_force.retain(|found| found.counts_at(now));
    read.done().await?;
    let plan = facts.plan(now);
    Ok(FairUseNow {
        facts,
        plan,
        in_force,
    })
}

/// What happened to a customer's fair use, newest first.
pub async fn fair_use_log(
    ctx: &AppCtx,
    proof: &Proof<perm::ViewCustomers, CustomerRef>,
    page: &PageRequest,
) -> Result<Page<LogRow>, PageError> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let found = query::log(&read, proof.resource(), page).await?;
    read.done().await?;
    Ok(found)
}

/// What routers were last asked about a customer's sessions, newest first.
pub async fn list_live_changes(
    ctx: &AppCtx,
    proof: &Proof<perm::ViewSessions, CustomerRef>,
) -> Result<Vec<LiveChangeRow>, persistence::Error> {
    let customer = proof.resource();
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let found =
        live_changes::of_customer(&read, customer.isp_id, customer.id, LIVE_CHANGES).await?;
    read.done().await?;
    Ok(found)
}
