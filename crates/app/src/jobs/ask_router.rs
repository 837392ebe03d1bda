//! Asks a router to change or end one session, and keeps what it said.

use std::net::{IpAddr, SocketAddr};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{Actor, SystemActor},
    ids::{CustomerId, IspId, LiveChangeId, NasId, SessionId},
    network::{
        live_step::{LiveStep, SESSION_NOT_FOUND, error_cause_text},
        ports::{ControlOutcome, SessionChange, SessionTarget},
        secret::SecretBytes,
    },
};
use persistence::{
    jobs::{self as queue, NewJob},
    repo::{
        live_changes::{self, LiveChange, LiveOutcome, RATE},
        sessions::{self, LiveSession},
    },
};
use serde_json::{Map, Value};

use super::{Job, JobError};
use crate::ctx::WorkerCtx;

/// How long after its ACK the Stop of a session may take.
pub(super) const STOP_WITHIN: TimeDelta = TimeDelta::seconds(30);

/// Carries a step out. A router that cannot change a session, or does not answer, is asked to end it.
pub(super) async fn carry_out(
    ctx: &WorkerCtx,
    customer_id: CustomerId,
    session: &LiveSession,
    step: &LiveStep,
) -> Result<LiveOutcome, JobError> {
    let LiveStep::Change(change) = step else {
        let (outcome, _) = end(ctx, customer_id, session).await?;
        return Ok(outcome);
    };
    let answer = ctx
        .sessions
        .change(&target(ctx, session)?, change.clone())
        .await;
    let outcome = outcome_of(answer, LiveOutcome::Done);
    if outcome != LiveOutcome::Unreachable {
        keep(ctx, customer_id, session, Some(change), (outcome, answer)).await?;
    }
    match outcome {
        LiveOutcome::Refused | LiveOutcome::Unreachable => {
            let (ended, _) = end(ctx, customer_id, session).await?;
            Ok(ended)
        }
        LiveOutcome::Done
        | LiveOutcome::WaitingForStop
        | LiveOutcome::NoStop
        | LiveOutcome::SessionUnknown => Ok(outcome),
    }
}

/// Ends one session; one that its router does not know is closed in the books.
pub(super) async fn end(
    ctx: &WorkerCtx,
    customer_id: CustomerId,
    session: &LiveSession,
) -> Result<(LiveOutcome, ControlOutcome), JobError> {
    let answer = ctx.sessions.disconnect(&target(ctx, session)?).await;
    let outcome = outcome_of(answer, LiveOutcome::WaitingForStop);
    keep(ctx, customer_id, session, None, (outcome, answer)).await?;
    Ok((outcome, answer))
}

const fn outcome_of(answer: ControlOutcome, acked: LiveOutcome) -> LiveOutcome {
    match answer {
        ControlOutcome::Acked => acked,
        ControlOutcome::Refused {
            error_cause: Some(SESSION_NOT_FOUND),
        } => LiveOutcome::SessionUnknown,
        ControlOutcome::Refused { .. } => LiveOutcome::Refused,
        ControlOutcome::NoAnswer => LiveOutcome::Unreachable,
    }
}

/// The job that looks whether the Stop came.
pub(super) fn check(customer_id: CustomerId, now: DateTime<Utc>) -> NewJob {
    NewJob {
        run_at: Some(now + STOP_WITHIN),
        ..Job::CheckStop { customer_id }.to_new()
    }
}

async fn keep(
    ctx: &WorkerCtx,
    customer_id: CustomerId,
    session: &LiveSession,
    change: Option<&SessionChange>,
    (outcome, answer): (LiveOutcome, ControlOutcome),
) -> Result<(), JobError> {
    let error_cause = match answer {
        ControlOutcome::Refused { error_cause } => error_cause,
        ControlOutcome::Acked | ControlOutcome::NoAnswer => None,
    };
    if outcome == LiveOutcome::Refused {
        let why = error_cause.map_or("no cause given", error_cause_text);
        tracing::warn!(nas.id = %session.nas_id, error_cause, why, "a router refused to change a session");
    }
    let isp_id = IspId::from_uuid(session.isp_id);
    let actor = Actor::System(SystemActor::Worker(isp_id));
    let tx = ctx
        .app
        .db
        .begin_platform("keep_live_change", &actor)
        .await?;
    let kept = LiveChange {
        id: LiveChangeId::generate(),
        isp_id,
        customer_id,
        session_id: SessionId::from_uuid(session.id),
        nas_id: NasId::from_uuid(session.nas_id),
        username: session.username.clone(),
        acct_session_id: session.acct_session_id.clone(),
        disconnect: change.is_none(),
        requested: change.map_or_else(|| Value::Object(Map::new()), requested),
        outcome,
        error_cause,
    };
    live_changes::record(&tx, &kept).await?;
    match outcome {
        LiveOutcome::SessionUnknown => {
            sessions::close_presumed(&tx, SessionId::from_uuid(session.id)).await?;
        }
        LiveOutcome::WaitingForStop => {
            queue::enqueue(&tx, check(customer_id, tx.now())).await?;
        }
        LiveOutcome::Done
        | LiveOutcome::NoStop
        | LiveOutcome::Refused
        | LiveOutcome::Unreachable => {}
    }
    Ok(tx.commit().await?)
}

/// What was asked for, as people read it.
fn requested(change: &SessionChange) -> Value {
    let limits = change.limits;
    let parts = [
        (RATE, change.rate.map(|rate| rate.to_string())),
        (
            "session_timeout",
            change.session_timeout.map(|seconds| seconds.to_string()),
        ),
        (
            "idle_timeout",
            change.idle_timeout.map(|seconds| seconds.to_string()),
        ),
        ("group", change.group.clone()),
        ("total_limit", limits.total.map(|octets| octets.to_string())),
        (
            "upload_limit",
            limits.upload.map(|octets| octets.to_string()),
        ),
        (
            "download_limit",
            limits.download.map(|octets| octets.to_string()),
        ),
    ];
    let parts = parts.into_iter();
    let present = parts.filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
    Value::Object(present.collect())
}

fn target(ctx: &WorkerCtx, session: &LiveSession) -> Result<SessionTarget, JobError> {
    let address: IpAddr = session
        .nas_address
        .parse()
        .map_err(|_| JobError::Final(format!("{} is no address", session.nas_address)))?;
    if !ctx.app.outgoing.allows(address) {
        return Err(JobError::Final(format!(
            "{address} is closed by the configuration"
        )));
    }
    let port = u16::try_from(session.coa_port)
        .map_err(|_| JobError::Final(format!("{} is no port", session.coa_port)))?;
    let open = |sealed: &[u8]| {
        let secret = ctx.app.keyring.open(sealed);
        let secret = secret.map_err(|error| JobError::Final(error.to_string()))?;
        Ok::<_, JobError>(SecretBytes::new(secret.to_vec()))
    };
    let now = ctx.app.clock.now();
    let is_good = session.old_secret_until.is_some_and(|until| until > now);
    let old_secret = session.old_secret.as_deref().filter(|_| is_good);
    Ok(SessionTarget {
        isp_id: IspId::from_uuid(session.isp_id),
        nas: SocketAddr::new(address, port),
        secret: open(&session.secret)?,
        old_secret: old_secret.map(open).transpose()?,
        username: session.username.clone(),
        acct_session_id: session.acct_session_id.clone(),
        framed_ip: session.framed_ip.as_deref().and_then(|ip| ip.parse().ok()),
    })
}
