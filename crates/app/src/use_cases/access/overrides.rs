//! What one customer has instead of what the package says.

use chrono::{DateTime, Utc};
use domain::{
    authz::{CustomerRef, PermissionMarker, Proof, Scope, perm},
    event::DomainEvent,
    network::overrides::{OverrideTerms, Overrides, check_overrides},
};
use persistence::{
    Error,
    repo::overrides::{self, CustomerOverrides},
};
use serde_json::{Value, json};

use super::{AccessError, line};
use crate::{ctx::AppCtx, reactions};

/// Overrides to be set.
#[derive(Debug, Clone)]
pub struct SetOverrides {
    /// What replaces the package's terms.
    pub terms: OverrideTerms,
    /// When they end by themselves.
    pub expires_at: Option<DateTime<Utc>>,
    /// Why.
    pub reason: Option<String>,
}

/// The overrides of a customer that count now.
pub async fn get_overrides<P: PermissionMarker>(
    ctx: &AppCtx,
    proof: &Proof<P, CustomerRef>,
) -> Result<Option<CustomerOverrides>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let found = overrides::find(&read, proof.resource().id).await?;
    read.done().await?;
    let now = ctx.clock.now();
    Ok(found.filter(|found| found.overrides.counts_at(now)))
}

/// Sets overrides in place of earlier ones; live sessions follow.
pub async fn set_overrides(
    ctx: &AppCtx,
    proof: Proof<perm::EditSpeedLimit, CustomerRef>,
    cmd: SetOverrides,
) -> Result<CustomerOverrides, AccessError> {
    let reason = line("reason", cmd.reason.as_deref(), 200)?;
    let tx = ctx.db.begin("set_customer_overrides", &proof).await?;
    let customer = *proof.resource();
    let wanted = Overrides {
        terms: cmd.terms,
        expires_at: cmd.expires_at.map(domain::clock::to_micros),
    };
    let set = CustomerOverrides {
        customer_id: customer.id,
        overrides: check_overrides(&wanted, tx.now()).map_err(AccessError::Invalid)?,
        reason,
        set_by: tx.actor().user_id(),
        set_at: tx.now(),
    };
    let before = overrides::find(&tx, customer.id).await?;
    overrides::put(&tx, customer.isp_id, &set).await?;
    tx.record_change(before.as_ref().map(snapshot), Some(snapshot(&set)));
    let customer_id = customer.id;
    reactions::record(&tx, DomainEvent::CustomerAccessChanged { customer_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(set)
}

/// Ends the overrides of a customer; live sessions go back to the package.
pub async fn remove_overrides(
    ctx: &AppCtx,
    proof: Proof<perm::EditSpeedLimit, CustomerRef>,
) -> Result<(), AccessError> {
    let tx = ctx.db.begin("remove_customer_overrides", &proof).await?;
    let customer = *proof.resource();
    let before = overrides::find(&tx, customer.id).await?;
    if !overrides::remove(&tx, customer.isp_id, customer.id).await? {
        return Err(AccessError::Missing);
    }
    tx.record_change(before.as_ref().map(snapshot), None);
    let customer_id = customer.id;
    reactions::record(&tx, DomainEvent::CustomerAccessChanged { customer_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}

fn snapshot(set: &CustomerOverrides) -> Value {
    json!({
        "overrides": set.overrides.terms,
        "expires_at": set.overrides.expires_at,
        "reason": set.reason,
    })
}
