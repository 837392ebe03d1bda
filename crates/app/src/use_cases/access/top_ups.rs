//! Gives a customer more than the limits of the package, for the present window.

use domain::{
    authz::{CustomerRef, Proof, perm},
    event::DomainEvent,
    field::FieldProblem,
};
use persistence::repo::top_ups::{self, TopUp};
use serde_json::json;
use uuid::Uuid;

use super::{AccessError, line};
use crate::{ctx::AppCtx, fair_use::load_one, reactions};

/// A grant to be made.
#[derive(Debug, Clone)]
pub struct GrantTopUp {
    /// Extra bytes of the volume limit.
    pub octets: u64,
    /// Extra seconds of the time limit.
    pub seconds: u64,
    /// Why.
    pub reason: Option<String>,
}

/// 1 PiB and 31 days: more is a slip of the pen.
const MAX_OCTETS: u64 = 1 << 50;
const MAX_SECONDS: u64 = 31 * 86_400;

/// Grants it; it counts until the window of the limit ends, the later one of two.
pub async fn grant_top_up(
    ctx: &AppCtx,
    proof: Proof<perm::EditVolumeLimit, CustomerRef>,
    cmd: GrantTopUp,
) -> Result<TopUp, AccessError> {
    let reason = line("reason", cmd.reason.as_deref(), 200)?;
    check_amount(&cmd)?;
    let tx = ctx.db.begin("grant_top_up", &proof).await?;
    let customer = *proof.resource();
    let facts = load_one(&tx, customer.id, tx.now()).await?;
    let facts = facts.ok_or(AccessError::Missing)?;
    let volume = facts.volume.map(|limit| limit.window);
    let time = facts.time.map(|limit| limit.window);
    if (cmd.octets > 0 && volume.is_none()) || (cmd.seconds > 0 && time.is_none()) {
        let detail = "the package has no such limit to add to";
        let field = if volume.is_none() {
            "octets"
        } else {
            "seconds"
        };
        return Err(refuse(field, "no_limit", detail));
    }
    let ends = [
        volume.filter(|_| cmd.octets > 0),
        time.filter(|_| cmd.seconds > 0),
    ];
    let grant = TopUp {
        id: Uuid::now_v7(),
        octets: i64::try_from(cmd.octets).expect("invariant: at most a pebibyte"),
        seconds: i64::try_from(cmd.seconds).expect("invariant: at most a month"),
        reason,
        granted_by_name: None,
        granted_by: tx.actor().user_id().map(domain::ids::UserId::as_uuid),
        granted_at: tx.now(),
        valid_until: ends
            .into_iter()
            .flatten()
            .map(|window| facts.spent(window, tx.now()).0.ends_at)
            .max(),
    };
    top_ups::insert(&tx, customer.isp_id, customer.id, &grant).await?;
    let stored = top_ups::of_customer(&tx, customer.id, tx.now()).await?;
    let grant = stored
        .into_iter()
        .find(|stored| stored.id == grant.id)
        .unwrap_or(grant);
    tx.record_change(
        None,
        Some(
            json!({ "top_up": { "octets": grant.octets, "seconds": grant.seconds,
            "valid_until": grant.valid_until, "reason": grant.reason } }),
        ),
    );
    let customer_id = customer.id;
    reactions::record(&tx, DomainEvent::TopUpGranted { customer_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(grant)
}

fn refuse(field: &'static str, code: &'static str, detail: &str) -> AccessError {
    AccessError::Invalid(vec![FieldProblem::new(field, code, detail)])
}

fn check_amount(cmd: &GrantTopUp) -> Result<(), AccessError> {
    if cmd.octets == 0 && cmd.seconds == 0 {
        return Err(refuse("octets", "required", "grant bytes, seconds or both"));
    }
    if cmd.octets > MAX_OCTETS || cmd.seconds > MAX_SECONDS {
        let detail = "grant at most one pebibyte and 31 days";
        return Err(refuse("octets", "out_of_range", detail));
    }
    Ok(())
}
