//! Brings live sessions in line with what their customer may do now.
//!
//! What RouterOS changes live (rate, time and bytes left, profile) is changed; address, pool and list
//! cannot be, so a session that must get others is ended and comes back with them.

use std::net::Ipv4Addr;

use chrono::TimeDelta;
use domain::{
    authz::{Actor, SystemActor},
    ids::{CustomerId, IspId, NasId, PackageId, SessionId},
    network::{
        access::{LoginFacts, QuotaLeft, decide_access},
        live_step::{Live, LiveStep, step_of},
    },
};
use persistence::{
    jobs as queue,
    repo::{
        live_changes::{self, LiveOutcome},
        sessions::{self, LiveSession},
    },
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    Job, JobError, Running,
    ask_router::{self, STOP_WITHIN},
};
use crate::{ctx::WorkerCtx, directory::present, fair_use};

/// A session that dials in again just before its RADIUS node heard of a change would be decided by
/// the old state, so what was ended is looked at once more.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(4);

const BATCH: i64 = 200;
/// How many customers of a package are changed at once.
const AT_ONCE: usize = 32;
/// How often a session is asked to end before only a person can help.
const ENDS: i64 = 3;

/// Applies the present decision to every live session of one customer.
pub async fn customer(
    ctx: &WorkerCtx,
    customer_id: CustomerId,
    recheck: bool,
) -> Result<Value, JobError> {
    let outcome = apply(ctx, customer_id).await?;
    if outcome.ended > 0 && !recheck {
        look_again(ctx, customer_id).await?;
    }
    if outcome.unreachable > 0 {
        return Err(JobError::Later(format!(
            "{} of {} sessions: the router does not answer",
            outcome.unreachable, outcome.sessions
        )));
    }
    Ok(json!({
        "sessions": outcome.sessions,
        "changed": outcome.changed,
        "ended": outcome.ended,
        "refused": outcome.refused,
    }))
}

/// Applies the present decision to everybody who is online on a package; those whose router is away
/// get a job of their own, which is tried again.
pub async fn package(
    ctx: &WorkerCtx,
    package_id: PackageId,
    running: Running,
) -> Result<Value, JobError> {
    let (mut after, mut done, mut failures) = (None, 0, 0);
    loop {
        let read = ctx.app.db.read_platform().await?;
        let customers = sessions::customers_with_session(&read, package_id, after, BATCH).await?;
        read.done().await?;
        let Some(&last) = customers.last() else { break };
        after = Some(last);
        done += i64::try_from(customers.len()).unwrap_or(0);
        let unreachable = apply_all(ctx, customers).await?;
        failures += i64::try_from(unreachable.len()).unwrap_or(0);
        for customer_id in unreachable {
            look_again(ctx, customer_id).await?;
        }
        crate::worker::report_progress(&ctx.app, running.id, done, 0, failures).await?;
    }
    Ok(json!({ "customers": done, "failures": failures }))
}

/// Changes some customers at once and answers those whose router is away.
async fn apply_all(
    ctx: &WorkerCtx,
    customers: Vec<CustomerId>,
) -> Result<Vec<CustomerId>, JobError> {
    let (mut running, mut waiting) = (JoinSet::new(), customers.into_iter());
    let mut unreachable = Vec::new();
    loop {
        for customer_id in waiting.by_ref().take(AT_ONCE.saturating_sub(running.len())) {
            let ctx = ctx.clone();
            running.spawn(async move { (customer_id, apply(&ctx, customer_id).await) });
        }
        let Some(finished) = running.join_next().await else {
            return Ok(unreachable);
        };
        let (customer_id, outcome) =
            finished.map_err(|error| JobError::Later(error.to_string()))?;
        if outcome?.unreachable > 0 {
            unreachable.push(customer_id);
        }
    }
}

#[derive(Default)]
struct Outcome {
    sessions: usize,
    changed: usize,
    ended: usize,
    refused: usize,
    unreachable: usize,
}

async fn apply(ctx: &WorkerCtx, customer_id: CustomerId) -> Result<Outcome, JobError> {
    let now = ctx.app.clock.now();
    let read = ctx.app.db.read_platform().await?;
    let live = sessions::live_of_customer(&read, customer_id).await?;
    if live.is_empty() {
        return Ok(Outcome::default());
    }
    let present = present(&ctx.app, &read, customer_id).await?;
    let ending = live_changes::waiting_for_stop(&read, customer_id, now - STOP_WITHIN).await?;
    let rate_set = live_changes::with_rate_set(&read, customer_id).await?;
    let use_of = fair_use::load_one(&read, customer_id, now).await?;
    read.done().await?;
    let quota_left = use_of.and_then(|facts| facts.quota_left(now));
    let mut outcome = Outcome {
        sessions: live.len(),
        ..Outcome::default()
    };
    for session in live {
        let id = SessionId::from_uuid(session.id);
        if ending.contains(&id) {
            continue;
        }
        let step = present
            .as_ref()
            .map_or(LiveStep::End, |(subscriber, access)| {
                let decision = decide_access(subscriber, access, &facts(&session, quota_left), now);
                step_of(
                    &seen(&session, rate_set.contains(&id)),
                    &subscriber.username,
                    &decision,
                )
            });
        let kept = step != LiveStep::End;
        match ask_router::carry_out(ctx, customer_id, &session, &step).await? {
            LiveOutcome::Unreachable => outcome.unreachable += 1,
            LiveOutcome::Refused => outcome.refused += 1,
            LiveOutcome::Done if kept => outcome.changed += 1,
            LiveOutcome::Done
            | LiveOutcome::WaitingForStop
            | LiveOutcome::NoStop
            | LiveOutcome::SessionUnknown => outcome.ended += 1,
        }
    }
    Ok(outcome)
}

fn facts(session: &LiveSession, quota_left: Option<QuotaLeft>) -> LoginFacts {
    let station = session.calling_station_id.as_deref();
    LoginFacts {
        quota_left,
        mac: station.and_then(|station| station.parse().ok()),
        nas_id: Some(NasId::from_uuid(session.nas_id)),
        ..LoginFacts::default()
    }
}

fn seen(session: &LiveSession, rate_was_set: bool) -> Live<'_> {
    let framed_ip: Option<Ipv4Addr> = session.framed_ip.as_deref().and_then(|ip| ip.parse().ok());
    Live {
        username: &session.username,
        framed_ip,
        walled: session.walled,
        class: session.class.as_deref(),
        rate_was_set,
        input_octets: u64::try_from(session.input_octets).unwrap_or(0),
        output_octets: u64::try_from(session.output_octets).unwrap_or(0),
    }
}

/// Settles what a router said that it would end: done with its Stop, else asked again a few times.
pub async fn check_stops(
    ctx: &WorkerCtx,
    customer_id: CustomerId,
    running: Running,
) -> Result<Value, JobError> {
    let actor = Actor::System(
        running
            .isp_id
            .map_or(SystemActor::Installation, SystemActor::Worker),
    );
    let tx = ctx.app.db.begin_platform("check_stops", &actor).await?;
    let still_live = live_changes::settle_stops(&tx, customer_id, tx.now() - STOP_WITHIN).await?;
    let mut again = false;
    for &session_id in &still_live {
        again |= live_changes::failed_ends(&tx, session_id).await? < ENDS;
    }
    if again {
        queue::enqueue(&tx, recheck(customer_id).to_new()).await?;
    }
    if live_changes::any_waiting(&tx, customer_id).await? {
        // Asked for after the job that is running now was queued.
        queue::enqueue(&tx, ask_router::check(customer_id, tx.now())).await?;
    }
    tx.commit().await?;
    ctx.app.signals.committed();
    Ok(json!({ "no_stop": still_live.len() }))
}

const fn recheck(customer_id: CustomerId) -> Job {
    Job::ApplyAccess {
        customer_id,
        recheck: true,
    }
}

async fn look_again(ctx: &WorkerCtx, customer_id: CustomerId) -> Result<(), JobError> {
    let read = ctx.app.db.read_platform().await?;
    let isp_id: Option<IspId> = present(&ctx.app, &read, customer_id)
        .await?
        .map(|(found, _)| found.isp_id);
    read.done().await?;
    let Some(isp_id) = isp_id else { return Ok(()) };
    let actor = Actor::System(SystemActor::Worker(isp_id));
    let tx = ctx
        .app
        .db
        .begin_platform("look_at_sessions_again", &actor)
        .await?;
    let mut job = recheck(customer_id).to_new();
    job.run_at = Some(tx.now() + LOOK_AGAIN);
    queue::enqueue(&tx, job).await?;
    Ok(tx.commit().await?)
}
