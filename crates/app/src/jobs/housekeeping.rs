//! Work that the installation does for itself.

use chrono::TimeDelta;
use domain::authz::{Actor, SystemActor};
use persistence::{
    change_feed, jobs,
    repo::{live_changes, login_answers, radius_traces, routers, sessions},
};
use serde_json::{Value, json};

use super::JobError;
use crate::ctx::WorkerCtx;

const KEEP_LIVE_CHANGES: TimeDelta = TimeDelta::days(30);
const KEEP_JOBS: TimeDelta = TimeDelta::days(30);
const KEEP_LOGIN_ANSWERS: TimeDelta = TimeDelta::days(7);
const KEEP_ROUTER_HISTORY: TimeDelta = TimeDelta::days(90);
const KEEP_TRACES: TimeDelta = TimeDelta::days(1);
/// A reader that was away for longer loads everything anyway.
const KEEP_CHANGES: TimeDelta = TimeDelta::hours(24);

/// Closes sessions that were not heard of for too long.
pub async fn sweep_sessions(ctx: &WorkerCtx) -> Result<Value, JobError> {
    let actor = Actor::System(SystemActor::Installation);
    let tx = ctx.app.db.begin_platform("sweep_sessions", &actor).await?;
    let closed = sessions::sweep_stale(&tx, tx.now()).await?;
    tx.commit().await?;
    Ok(json!({ "closed": closed }))
}

/// Forgets finished jobs, old login answers and news that every node has read, and makes room for
/// the history of the months to come.
pub async fn prune(ctx: &WorkerCtx) -> Result<Value, JobError> {
    let actor = Actor::System(SystemActor::Installation);
    let tx = ctx.app.db.begin_platform("prune", &actor).await?;
    let forgotten = jobs::prune(&tx, tx.now() - KEEP_JOBS).await?
        + radius_traces::prune(&tx, tx.now() - KEEP_TRACES).await?
        + live_changes::prune(&tx, tx.now() - KEEP_LIVE_CHANGES).await?
        + login_answers::prune(&tx, tx.now() - KEEP_LOGIN_ANSWERS).await?
        + routers::prune(&tx, tx.now() - KEEP_ROUTER_HISTORY).await?
        + change_feed::prune(&tx, tx.now() - KEEP_CHANGES).await?;
    let months = sessions::prepare_history(&tx).await?;
    tx.commit().await?;
    Ok(json!({ "rows": forgotten, "months": months }))
}
