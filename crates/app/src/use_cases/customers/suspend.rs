//! Cuts a customer off.

use domain::{
    authz::{CustomerRef, Proof, perm},
    customer::{StatusRefusal, SuspensionReason, suspend},
    field::FieldProblem,
    text,
};
use persistence::Error;
use serde_json::json;

use crate::{AppCtx, use_cases::billing::account::CustomerAccount};

/// Why the customer is cut off.
#[derive(Debug, Clone)]
pub struct SuspendCustomer {
    /// The reason.
    pub reason: SuspensionReason,
    /// What people should know; it is kept in the audit trail.
    pub note: Option<String>,
}

/// Why the customer's status stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The customer is not there any more, or not the caller's.
    #[error("the customer is not there any more")]
    Gone,
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] StatusRefusal),
    /// A text cannot be kept.
    #[error("{}", .0.detail)]
    Field(FieldProblem),
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Cuts the customer off; the network follows after the commit.
pub async fn suspend_customer(
    ctx: &AppCtx,
    proof: Proof<perm::SuspendCustomers, CustomerRef>,
    cmd: SuspendCustomer,
) -> Result<(), StatusError> {
    let note = cmd
        .note
        .as_deref()
        .map(|raw| text::paragraph(raw, 1000))
        .transpose()
        .map_err(|error| {
            StatusError::Field(FieldProblem::new("note", "invalid_text", error.to_string()))
        })?;
    let tx = ctx.db.begin("suspend_customer", &proof).await?;
    let mut account = CustomerAccount::lock(&tx, proof.resource())
        .await?
        .ok_or(StatusError::Gone)?;
    let before = account.service.clone();
    account.service.status = suspend(before.status)?;
    account.service.status_reason = Some(cmd.reason);
    account.save().await?;
    tx.record_change(
        Some(json!({"status": before.status, "status_reason": before.status_reason})),
        Some(json!({"status": account.service.status, "status_reason": cmd.reason, "note": note})),
    );
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}
