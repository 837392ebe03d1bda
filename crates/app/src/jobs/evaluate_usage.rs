//! Looks at what customers used, and restricts, lifts and notifies as their rules say.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{Actor, SystemActor},
    ids::{CustomerId, IspId, PackageId},
    network::restriction::Restriction,
};
use persistence::{
    change_feed::{self, Change, ChangeKind},
    query::fair_use as query,
};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use super::{JobError, Running};
use crate::{
    ctx::AppCtx,
    fair_use::{self, Facts, Settled, is_due, settle},
};

const BATCH: i64 = 500;
/// How far back the sweep looks for use: well beyond its own interval.
const TOUCHED: TimeDelta = TimeDelta::minutes(15);

/// Evaluates one customer.
pub async fn customer(ctx: &AppCtx, customer_id: CustomerId) -> Result<Value, JobError> {
    let read = ctx.db.read_platform().await?;
    let found = query::subjects(&read, &[customer_id]).await?;
    read.done().await?;
    let Some(subject) = found.first() else {
        return Ok(json!({ "gone": true }));
    };
    let settled = evaluate(ctx, IspId::from_uuid(subject.isp_id), customer_id).await?;
    Ok(json!({
        "applied": settled.applied,
        "lifted": settled.lifted,
        "noticed": settled.noticed,
    }))
}

async fn evaluate(
    ctx: &AppCtx,
    isp_id: IspId,
    customer_id: CustomerId,
) -> Result<Settled, JobError> {
    let actor = Actor::System(SystemActor::Worker(isp_id));
    let tx = ctx.db.begin_platform("evaluate_usage", &actor).await?;
    let settled = settle(&tx, customer_id).await?;
    // Even when nothing follows: the meters that asked for it measure on from here.
    let change = Change {
        kind: ChangeKind::Customer,
        isp_id,
        subject_id: customer_id.as_uuid(),
    };
    change_feed::note(&tx, change).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(settled)
}

/// Evaluates everybody on a package whose rules changed.
pub async fn package(
    ctx: &AppCtx,
    package_id: PackageId,
    running: Running,
) -> Result<Value, JobError> {
    let (mut after, mut seen, mut changed) = (None, 0_i64, 0_i64);
    loop {
        let now = ctx.clock.now();
        let read = ctx.db.read_platform().await?;
        let facts = fair_use::of_packages(&read, &[package_id], after, BATCH, now).await?;
        let due = due(&read, &facts, now).await?;
        read.done().await?;
        let Some(last) = facts.last() else { break };
        after = Some(last.customer_id);
        seen += i64::try_from(facts.len()).unwrap_or(0);
        for (isp_id, customer_id) in due {
            evaluate(ctx, isp_id, customer_id).await?;
            changed += 1;
        }
        crate::worker::report_progress(ctx, running.id, seen, 0, 0).await?;
    }
    Ok(json!({ "customers": seen, "evaluated": changed }))
}

/// Evaluates what nobody asked for: windows and decisions that ended, and, where that is wanted, use
/// that was counted while no meter heard of it.
pub async fn sweep(ctx: &AppCtx, missed: bool) -> Result<Value, JobError> {
    let ended = sweep_ended(ctx).await?;
    let missed = if missed { sweep_missed(ctx).await? } else { 0 };
    Ok(json!({ "ended": ended, "missed": missed }))
}

async fn sweep_ended(ctx: &AppCtx) -> Result<usize, JobError> {
    let mut done = 0;
    loop {
        let now = ctx.clock.now();
        let read = ctx.db.read_platform().await?;
        let ended = query::ended(&read, now, BATCH).await?;
        let subjects = query::subjects(&read, &ended).await?;
        read.done().await?;
        for subject in &subjects {
            let customer_id = CustomerId::from_uuid(subject.id);
            evaluate(ctx, IspId::from_uuid(subject.isp_id), customer_id).await?;
        }
        done += subjects.len();
        if i64::try_from(subjects.len()).unwrap_or(BATCH) < BATCH {
            return Ok(done);
        }
    }
}

async fn sweep_missed(ctx: &AppCtx) -> Result<usize, JobError> {
    let (mut after, mut done) = (None, 0);
    loop {
        let now = ctx.clock.now();
        let since = now - TOUCHED;
        // The ISP's day may have begun hours before or after that of UTC.
        let first_day = (since - TimeDelta::days(1)).date_naive();
        let read = ctx.db.read_platform().await?;
        let packages = fair_use::limited_packages(&read).await?;
        let touched =
            query::touched_since(&read, &packages, (since, first_day), after, BATCH).await?;
        let subjects = query::subjects(&read, &touched).await?;
        let facts = fair_use::load(&read, subjects, now).await?;
        let due = due(&read, &facts, now).await?;
        read.done().await?;
        let Some(&last) = touched.last() else {
            return Ok(done);
        };
        after = Some(last);
        for (isp_id, customer_id) in due {
            evaluate(ctx, isp_id, customer_id).await?;
            done += 1;
        }
    }
}

/// Those for whom something must change.
async fn due(
    read: &persistence::Read,
    facts: &[Facts],
    now: DateTime<Utc>,
) -> Result<Vec<(IspId, CustomerId)>, persistence::Error> {
    let ids: Vec<CustomerId> = facts.iter().map(|found| found.customer_id).collect();
    let mut present: FxHashMap<CustomerId, Vec<Restriction>> = FxHashMap::default();
    for found in query::restrictions_of(read, &ids).await? {
        present.entry(found.customer_id).or_default().push(found);
    }
    let noticed = query::noticed(read, &ids).await?;
    let mut due = Vec::new();
    for of_one in facts {
        let plan = of_one.plan(now);
        let restrictions = present
            .get(&of_one.customer_id)
            .map_or(&[][..], Vec::as_slice);
        let untold = plan.notices.iter().any(|notice| {
            !noticed.contains(&(
                of_one.customer_id,
                notice.cause,
                notice.tier,
                notice.first_day,
            ))
        });
        if untold || is_due(of_one, &plan, restrictions, now) {
            due.push((of_one.isp_id, of_one.customer_id));
        }
    }
    Ok(due)
}
