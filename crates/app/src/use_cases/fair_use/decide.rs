//! What people decide about one customer's fair use: a tier by hand, none at all, or a new count.
//!
//! The latest decision replaces the one before. An exemption stands above all use; a tier put in
//! force is the least that applies, and more use may still bring a stricter one.

use chrono::{DateTime, Utc};
use domain::{
    authz::{CustomerRef, Proof, perm},
    event::DomainEvent,
    network::fup::{Baseline, Cause, FairUsePolicy, Mode, Standing, Used},
};
use persistence::{
    Tx,
    repo::{
        fair_use::{self as repo, LogAction, LogEntry},
        service,
    },
};
use serde_json::{Value, json};

use super::FairUseError;
use crate::{
    ctx::AppCtx,
    fair_use::{Facts, load_one, settle},
    reactions,
};

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// At least this tier.
    Activate {
        /// Which tier, counted from one.
        tier: u8,
        /// Until when.
        until: Until,
    },
    /// No tier.
    Deactivate {
        /// Until when.
        until: Until,
    },
    /// Count from now on, and forget earlier decisions.
    Reset,
}

/// How long a decision holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until the window ends.
    WindowEnds,
    /// Until then.
    Then(DateTime<Utc>),
    /// Until somebody decides otherwise.
    Decided,
}

/// Carries a decision out; service follows in the same unit of work, live sessions after it.
pub async fn decide_fair_use(
    ctx: &AppCtx,
    proof: &Proof<perm::ActivateFup, CustomerRef>,
    decision: Decision,
    note: Option<String>,
) -> Result<(), FairUseError> {
    let tx = ctx.db.begin("decide_fair_use", proof).await?;
    let customer = proof.resource();
    service::lock(&tx, customer)
        .await?
        .ok_or(FairUseError::Missing)?;
    let now = tx.now();
    let facts = load_one(&tx, customer.id, now)
        .await?
        .ok_or(FairUseError::Missing)?;
    let policy = facts.policy.as_ref().ok_or(FairUseError::NoPolicy)?;
    let (span, used) = facts.spent(policy.window, now);
    let standing = Standing {
        mode: mode(decision, policy, span.ends_at, now)?,
        baseline: match decision {
            Decision::Reset => Some(Baseline {
                first_day: span.first_day,
                used,
            }),
            Decision::Activate { .. } | Decision::Deactivate { .. } => facts.standing.baseline,
        },
    };
    repo::put_standing(&tx, customer.isp_id, customer.id, &standing).await?;
    if decision == Decision::Reset {
        repo::forget_notices(&tx, customer.id, Cause::FairUse, span.first_day).await?;
    }
    let counted = facts.standing.counted(span, used);
    log(&tx, &facts, (decision, standing.mode), counted, note).await?;
    tx.record_change(Some(snapshot(&facts.standing)), Some(snapshot(&standing)));
    let customer_id = customer.id;
    reactions::record(&tx, DomainEvent::FairUseDecided { customer_id }).await?;
    settle(&tx, customer_id).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}

fn mode(
    decision: Decision,
    policy: &FairUsePolicy,
    window_ends: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Mode, FairUseError> {
    let end = |until| match until {
        Until::WindowEnds => Ok(Some(window_ends)),
        Until::Decided => Ok(None),
        Until::Then(then) if then <= now => Err(FairUseError::Past),
        Until::Then(then) => Ok(Some(then)),
    };
    match decision {
        Decision::Activate { tier, until } => {
            let tiers = policy.tiers.len();
            if tier == 0 || usize::from(tier) > tiers {
                return Err(FairUseError::NoSuchTier { tiers });
            }
            let until = end(until)?;
            Ok(Mode::Forced { tier, until })
        }
        Decision::Deactivate { until } => Ok(Mode::Exempt { until: end(until)? }),
        Decision::Reset => Ok(Mode::Automatic),
    }
}

async fn log(
    tx: &Tx,
    facts: &Facts,
    (decision, mode): (Decision, Mode),
    used: Used,
    note: Option<String>,
) -> Result<(), FairUseError> {
    let (action, tier) = match decision {
        Decision::Activate { tier, .. } => (LogAction::Activated, Some(tier)),
        Decision::Deactivate { .. } => (LogAction::Deactivated, None),
        Decision::Reset => (LogAction::Reset, None),
    };
    let entry = LogEntry {
        isp_id: facts.isp_id,
        customer_id: facts.customer_id,
        action,
        cause: Cause::FairUse,
        tier,
        manual: true,
        until: mode.until(),
        used,
        note,
    };
    Ok(repo::log(tx, &entry).await?)
}

fn snapshot(standing: &Standing) -> Value {
    json!({
        "mode": domain::network::fup::fair_use_mode(standing.mode),
        "until": standing.mode.until(),
        "counts_from": standing.baseline.map(|baseline| baseline.first_day),
    })
}
