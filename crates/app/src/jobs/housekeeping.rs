//! Work that the installation does for itself.

use chrono::TimeDelta;
use domain::{
    authz::{Actor, SystemActor},
    ids::IspId,
};
use persistence::{
    change_feed, jobs,
    repo::{imports, live_changes, login_answers, radius_traces, routers, sessions},
};
use serde_json::{Value, json};

use super::JobError;
use crate::ctx::WorkerCtx;

const KEEP_LIVE_CHANGES: TimeDelta = TimeDelta::days(30);
const KEEP_JOBS: TimeDelta = TimeDelta::days(30);
const KEEP_LOGIN_ANSWERS: TimeDelta = TimeDelta::days(7);
const KEEP_ROUTER_HISTORY: TimeDelta = TimeDelta::days(90);
/// Uploads hold passwords: who has not applied one by then uploads it again.
const KEEP_UPLOADS: TimeDelta = TimeDelta::days(7);
const KEEP_TRACES: TimeDelta = TimeDelta::days(1);
/// A reader that was away for longer loads everything anyway.
const KEEP_CHANGES: TimeDelta = TimeDelta::hours(24);
/// Ended sessions forgotten in one unit of work: few enough that nobody waits for it.
const SESSIONS_AT_ONCE: u32 = 5_000;
/// Units of work for one ISP: the run an hour later goes on.
const SESSION_ROUNDS: usize = 200;

/// Closes sessions that were not heard of for too long.
pub async fn sweep_sessions(ctx: &WorkerCtx) -> Result<Value, JobError> {
    let actor = Actor::System(SystemActor::Installation);
    let tx = ctx.app.db.begin_platform("sweep_sessions", &actor).await?;
    let closed = sessions::sweep_stale(&tx, tx.now()).await?;
    tx.commit().await?;
    Ok(json!({ "closed": closed }))
}

/// Forgets finished jobs, old login answers, news that every node has read and the sessions that an
/// ISP has kept for long enough, and makes room for the history of the months to come.
pub async fn prune(ctx: &WorkerCtx) -> Result<Value, JobError> {
    let actor = Actor::System(SystemActor::Installation);
    let tx = ctx.app.db.begin_platform("prune", &actor).await?;
    let forgotten = jobs::prune(&tx, tx.now() - KEEP_JOBS).await?
        + radius_traces::prune(&tx, tx.now() - KEEP_TRACES).await?
        + live_changes::prune(&tx, tx.now() - KEEP_LIVE_CHANGES).await?
        + login_answers::prune(&tx, tx.now() - KEEP_LOGIN_ANSWERS).await?
        + imports::prune(&tx, tx.now() - KEEP_UPLOADS).await?
        + routers::prune(&tx, tx.now() - KEEP_ROUTER_HISTORY).await?
        + change_feed::prune(&tx, tx.now() - KEEP_CHANGES).await?;
    let months = sessions::prepare_history(&tx).await?;
    tx.commit().await?;
    let sessions = forget_sessions(ctx).await?;
    let tx = ctx
        .app
        .db
        .begin_platform("drop_empty_months", &actor)
        .await?;
    let dropped = sessions::drop_empty_months(&tx).await?;
    tx.commit().await?;
    Ok(json!({
        "rows": forgotten, "months": months, "sessions": sessions, "months_dropped": dropped,
    }))
}

/// Forgets the ended sessions of each ISP that has said for how long it keeps them.
async fn forget_sessions(ctx: &WorkerCtx) -> Result<u64, JobError> {
    let read = ctx.app.db.read_platform().await?;
    let isps = sessions::isps_that_forget(&read).await?;
    read.done().await?;
    let mut forgotten = 0;
    for isp_id in isps {
        forgotten += forget_sessions_of(ctx, isp_id).await?;
    }
    Ok(forgotten)
}

async fn forget_sessions_of(ctx: &WorkerCtx, isp_id: IspId) -> Result<u64, JobError> {
    let actor = Actor::System(SystemActor::Worker(isp_id));
    let mut forgotten = 0;
    for _ in 0..SESSION_ROUNDS {
        let tx = ctx.app.db.begin_platform("forget_sessions", &actor).await?;
        let gone = sessions::forget_ended(&tx, isp_id, SESSIONS_AT_ONCE).await?;
        tx.commit().await?;
        forgotten += gone;
        if gone < u64::from(SESSIONS_AT_ONCE) {
            break;
        }
    }
    if forgotten > 0 {
        tracing::info!(isp.id = %isp_id, sessions = forgotten, "ended sessions were forgotten, as set");
    }
    Ok(forgotten)
}
