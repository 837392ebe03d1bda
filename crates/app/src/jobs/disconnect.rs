//! Ends a customer's live sessions because a person asked for it, and says what each router said.

use domain::{ids::CustomerId, network::ports::ControlOutcome};
use persistence::repo::sessions;
use serde_json::{Value, json};

use super::{JobError, Running, ask_router};
use crate::ctx::WorkerCtx;

/// Ends every live session; a router that refuses or is away is a line of the result, no failure.
pub async fn customer(
    ctx: &WorkerCtx,
    customer_id: CustomerId,
    running: Running,
) -> Result<Value, JobError> {
    let read = ctx.app.db.read_platform().await?;
    let live = sessions::live_of_customer(&read, customer_id).await?;
    read.done().await?;
    let total = i64::try_from(live.len()).unwrap_or(i64::MAX);
    let (mut done, mut failures, mut lines) = (0, 0, Vec::new());
    for session in live {
        let (_, answer) = ask_router::end(ctx, customer_id, &session).await?;
        done += 1;
        failures += i64::from(answer != ControlOutcome::Acked);
        lines.push(json!({
            "session_id": session.id,
            "nas": session.nas_name,
            "outcome": outcome_name(answer),
            "error_cause": match answer {
                ControlOutcome::Refused { error_cause } => error_cause,
                ControlOutcome::Acked | ControlOutcome::NoAnswer => None,
            },
        }));
        crate::worker::report_progress(&ctx.app, running.id, done, total, failures).await?;
    }
    Ok(json!({ "sessions": lines }))
}

const fn outcome_name(answer: ControlOutcome) -> &'static str {
    match answer {
        ControlOutcome::Acked => "acked",
        ControlOutcome::Refused {
            error_cause: Some(503),
        } => "no_such_session",
        ControlOutcome::Refused { .. } => "refused",
        ControlOutcome::NoAnswer => "router_unreachable",
    }
}
