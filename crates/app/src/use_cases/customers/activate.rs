//! Serves a customer again.

use domain::{
    authz::{CustomerRef, Proof, perm},
    customer::activate,
};
use serde_json::json;

use super::suspend::StatusError;
use crate::{AppCtx, use_cases::billing::account::CustomerAccount};

/// Serves the customer again; who pays in advance needs time that is paid for.
pub async fn activate_customer(
    ctx: &AppCtx,
    proof: Proof<perm::ActivateCustomers, CustomerRef>,
) -> Result<(), StatusError> {
    let tx = ctx.db.begin("activate_customer", &proof).await?;
    let mut account = CustomerAccount::lock(&tx, proof.resource())
        .await?
        .ok_or(StatusError::Gone)?;
    let before = account.service.clone();
    let standing = before.standing(false, tx.now());
    account.service.status = activate(before.status, standing.paid_time_over)?;
    account.service.status_reason = None;
    account.save().await?;
    tx.record_change(
        Some(json!({"status": before.status, "status_reason": before.status_reason})),
        Some(json!({"status": account.service.status})),
    );
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}
