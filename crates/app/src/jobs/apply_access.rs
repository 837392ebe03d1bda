//! Brings live sessions in line with what their customer may do now.
//!
//! What RouterOS changes live (rate, time left) is changed; address, pool and list cannot be, so a
//! session on the wrong side of the wall is ended and comes back on the right one.

use std::net::{IpAddr, SocketAddr};

use chrono::TimeDelta;
use domain::{
    authz::{Actor, SystemActor},
    ids::{CustomerId, NasId, PackageId, SessionId},
    network::{
        access::{LoginFacts, decide_access},
        ports::{ControlOutcome, SessionChange, SessionTarget},
        secret::SecretBytes,
        service_policy::{Access, RejectCause, ServicePolicy},
        subscriber::Subscriber,
    },
};
use persistence::{
    jobs as queue,
    repo::sessions::{self, LiveSession},
};
use serde_json::{Value, json};

use super::{Job, JobError, Running};
use crate::{ctx::WorkerCtx, directory::present};

/// Error-Cause 503 of RFC 5176: the router knows no such session.
const SESSION_NOT_FOUND: u32 = 503;

/// A session that dials in again just before its RADIUS node heard of a change would be decided by
/// the old state, so what was ended is looked at once more.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(4);

const BATCH: i64 = 200;

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
    }))
}

/// Applies the present decision to everybody who is online on a package.
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
        for customer_id in customers {
            done += 1;
            failures += i64::from(apply(ctx, customer_id).await?.unreachable > 0);
        }
        crate::worker::report_progress(&ctx.app, running.id, done, 0, failures).await?;
    }
    Ok(json!({ "customers": done, "failures": failures }))
}

#[derive(Default)]
struct Outcome {
    sessions: usize,
    changed: usize,
    ended: usize,
    unreachable: usize,
}

async fn apply(ctx: &WorkerCtx, customer_id: CustomerId) -> Result<Outcome, JobError> {
    let read = ctx.app.db.read_platform().await?;
    let live = sessions::live_of_customer(&read, customer_id).await?;
    let present = present(&ctx.app, &read, customer_id).await?;
    read.done().await?;
    let now = ctx.app.clock.now();
    let mut outcome = Outcome {
        sessions: live.len(),
        ..Outcome::default()
    };
    for session in live {
        let step = present.as_ref().map_or(Step::End, |(subscriber, access)| {
            let decision = decide_access(subscriber, access, &facts(&session), now);
            step(&session, subscriber, decision)
        });
        let answer = carry_out(ctx, &session, &step).await?;
        match (answer, step) {
            (ControlOutcome::NoAnswer, _) => outcome.unreachable += 1,
            (ControlOutcome::Acked | ControlOutcome::Refused { .. }, Step::End) => {
                outcome.ended += 1;
            }
            (ControlOutcome::Acked | ControlOutcome::Refused { .. }, Step::Change(_)) => {
                outcome.changed += 1;
            }
        }
    }
    Ok(outcome)
}

fn facts(session: &LiveSession) -> LoginFacts {
    let station = session.calling_station_id.as_deref();
    LoginFacts {
        mac: station.and_then(|station| station.parse().ok()),
        nas_id: Some(NasId::from_uuid(session.nas_id)),
        ..LoginFacts::default()
    }
}

enum Step {
    End,
    Change(SessionChange),
}

fn step(
    session: &LiveSession,
    subscriber: &Subscriber,
    decision: Result<ServicePolicy, RejectCause>,
) -> Step {
    let Ok(policy) = decision else {
        return Step::End;
    };
    let walled = policy.access == Access::Walled;
    let same_name = domain::text::folded(&session.username).split('@').next()
        == domain::text::folded(&subscriber.username).split('@').next();
    let same_address = policy
        .framed_ip
        .is_none_or(|fixed| session.framed_ip.as_deref() == Some(fixed.to_string().as_str()));
    if walled != session.walled || !same_name || !same_address {
        return Step::End;
    }
    Step::Change(SessionChange {
        rate: policy.rate,
        session_timeout: policy.session_timeout,
        ..SessionChange::default()
    })
}

async fn carry_out(
    ctx: &WorkerCtx,
    session: &LiveSession,
    step: &Step,
) -> Result<ControlOutcome, JobError> {
    match step {
        Step::End => end(ctx, session).await,
        Step::Change(change) => {
            let target = target(ctx, session)?;
            match ctx.sessions.change(&target, change.clone()).await {
                // A router that cannot change the session still ends it.
                ControlOutcome::Refused { error_cause }
                    if error_cause != Some(SESSION_NOT_FOUND) =>
                {
                    end(ctx, session).await
                }
                ControlOutcome::Refused { .. } => {
                    close(ctx, session).await?;
                    Ok(ControlOutcome::Acked)
                }
                answer @ (ControlOutcome::Acked | ControlOutcome::NoAnswer) => Ok(answer),
            }
        }
    }
}

/// Ends one session; one that its router does not know is closed in the books.
pub(super) async fn end(
    ctx: &WorkerCtx,
    session: &LiveSession,
) -> Result<ControlOutcome, JobError> {
    let target = target(ctx, session)?;
    let answer = ctx.sessions.disconnect(&target).await;
    if answer
        == (ControlOutcome::Refused {
            error_cause: Some(SESSION_NOT_FOUND),
        })
    {
        close(ctx, session).await?;
    }
    Ok(answer)
}

async fn close(ctx: &WorkerCtx, session: &LiveSession) -> Result<(), JobError> {
    let actor = Actor::System(SystemActor::Installation);
    let tx = ctx
        .app
        .db
        .begin_platform("close_unknown_session", &actor)
        .await?;
    sessions::close_presumed(&tx, SessionId::from_uuid(session.id)).await?;
    Ok(tx.commit().await?)
}

fn target(ctx: &WorkerCtx, session: &LiveSession) -> Result<SessionTarget, JobError> {
    let address: IpAddr = session
        .nas_address
        .parse()
        .map_err(|_| JobError::Final(format!("{} is no address", session.nas_address)))?;
    let port = u16::try_from(session.coa_port)
        .map_err(|_| JobError::Final(format!("{} is no port", session.coa_port)))?;
    let secret = ctx
        .app
        .keyring
        .open(&session.secret)
        .map_err(|error| JobError::Final(error.to_string()))?;
    Ok(SessionTarget {
        nas: SocketAddr::new(address, port),
        secret: SecretBytes::new(secret.to_vec()),
        username: session.username.clone(),
        acct_session_id: session.acct_session_id.clone(),
        framed_ip: session.framed_ip.as_deref().and_then(|ip| ip.parse().ok()),
    })
}

async fn look_again(ctx: &WorkerCtx, customer_id: CustomerId) -> Result<(), JobError> {
    let read = ctx.app.db.read_platform().await?;
    let isp_id = present(&ctx.app, &read, customer_id)
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
    let mut job = Job::ApplyAccess {
        customer_id,
        recheck: true,
    }
    .to_new();
    job.run_at = Some(tx.now() + LOOK_AGAIN);
    queue::enqueue(&tx, job).await?;
    Ok(tx.commit().await?)
}
