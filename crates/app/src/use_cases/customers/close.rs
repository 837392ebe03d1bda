//! Ends a contract, and takes the end back.

use domain::{
    authz::{CustomerRef, Proof, perm},
    customer::{CustomerStatus, StatusRefusal, close, restore},
    event::DomainEvent,
    text::{self, InvalidText},
};
use persistence::{
    Error, Tx,
    query::customers::{CustomerDetail, detail},
    repo::customers,
};

use super::snapshot;
use crate::{ctx::AppCtx, reactions};

/// Why the contract stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum CloseCustomerError {
    /// The state of the customer does not allow it.
    #[error(transparent)]
    Refused(#[from] StatusRefusal),
    /// The note cannot be kept.
    #[error("the note {0}")]
    Note(#[from] InvalidText),
    /// The customer is not there any more, or not within reach.
    #[error("no such customer")]
    Missing,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Ends the contract: nobody logs in any more, nothing is billed, everything is kept.
///
/// The person's password was asked for again before.
pub async fn close_customer(
    ctx: &AppCtx,
    proof: Proof<perm::DeleteCustomers, CustomerRef>,
    note: Option<String>,
) -> Result<CustomerDetail, CloseCustomerError> {
    let note = note.map(|note| text::paragraph(&note, 500)).transpose()?;
    let customer_ref = *proof.resource();
    let tx = ctx.db.begin("close_customer", &proof).await?;
    let customer_id = customer_ref.id;
    move_to(&tx, &customer_ref, close, note).await?;
    reactions::record(&tx, DomainEvent::CustomerClosed { customer_id }).await?;
    finish(ctx, tx, &customer_ref).await
}

/// Takes the end of the contract back: the customer waits to be activated.
pub async fn restore_customer(
    ctx: &AppCtx,
    proof: Proof<perm::DeleteCustomers, CustomerRef>,
) -> Result<CustomerDetail, CloseCustomerError> {
    let customer_ref = *proof.resource();
    let tx = ctx.db.begin("restore_customer", &proof).await?;
    let customer_id = customer_ref.id;
    move_to(&tx, &customer_ref, restore, None).await?;
    reactions::record(&tx, DomainEvent::CustomerRestored { customer_id }).await?;
    finish(ctx, tx, &customer_ref).await
}

async fn move_to(
    tx: &Tx,
    customer_ref: &CustomerRef,
    decide: impl Fn(CustomerStatus) -> Result<CustomerStatus, StatusRefusal>,
    note: Option<String>,
) -> Result<(), CloseCustomerError> {
    let current = customers::lock(tx, customer_ref).await?;
    let mut customer = current.ok_or(CloseCustomerError::Missing)?;
    let before = snapshot(&customer);
    customer.status = decide(customer.status)?;
    customer.status_reason = None;
    customers::set_status(tx, customer_ref, customer.status, None).await?;
    let mut after = snapshot(&customer);
    if let Some(note) = note.filter(|note| !note.is_empty()) {
        after["note"] = note.into();
    }
    tx.record_change(Some(before), Some(after));
    Ok(())
}

async fn finish(
    ctx: &AppCtx,
    tx: Tx,
    customer_ref: &CustomerRef,
) -> Result<CustomerDetail, CloseCustomerError> {
    let changed = detail(&tx, customer_ref).await?;
    let changed = changed.ok_or(CloseCustomerError::Missing)?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(changed)
}
