//! Takes an invoice back.

use domain::{
    authz::{CustomerRef, InvoiceRef, Proof, perm},
    billing::{AccountKey, Invoice, InvoiceStatus, reverse},
    event::DomainEvent,
    field::FieldProblem,
    text,
};
use persistence::{
    Error, Tx,
    query::invoices::{self as invoice_rows, InvoiceItem},
    repo::{
        invoices,
        ledger::{self, Reference},
    },
};
use serde_json::json;

use super::{
    account::{CustomerAccount, by_category, defect},
    generate_bill::TRIES,
};
use crate::{AppCtx, reactions};

/// Why it is taken back.
#[derive(Debug, Clone)]
pub struct VoidInvoice {
    /// What the books say for ever.
    pub reason: String,
}

/// Why an invoice stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VoidRefusal {
    /// It is not there any more, or not the caller's.
    #[error("the invoice is not there any more")]
    Gone,
    /// It was voided already.
    #[error("the invoice is void already")]
    AlreadyVoid,
    /// The reason is missing or cannot be kept.
    #[error("{}", .0.detail)]
    Field(FieldProblem),
}

/// Why nothing happened.
#[derive(Debug, thiserror::Error)]
pub enum VoidInvoiceError {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] VoidRefusal),
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Reverses the invoice's entry; what was paid of it becomes the customer's credit. Time that was
/// served or paid for is not taken back.
pub async fn void_invoice(
    ctx: &AppCtx,
    proof: Proof<perm::VoidInvoices, InvoiceRef>,
    cmd: VoidInvoice,
) -> Result<InvoiceItem, VoidInvoiceError> {
    let reason = text::line(&cmd.reason, 500).map_err(|error| {
        VoidRefusal::Field(FieldProblem::new(
            "reason",
            "invalid_text",
            error.to_string(),
        ))
    })?;
    for _ in 1..TRIES {
        match attempt(ctx, &proof, &reason).await {
            Err(VoidInvoiceError::Infra(Error::Contention)) => {}
            outcome => return outcome,
        }
    }
    attempt(ctx, &proof, &reason).await
}

async fn attempt(
    ctx: &AppCtx,
    proof: &Proof<perm::VoidInvoices, InvoiceRef>,
    reason: &str,
) -> Result<InvoiceItem, VoidInvoiceError> {
    let tx = ctx.db.begin("void_invoice", proof).await?;
    let invoice_ref = proof.resource();
    take_back(&tx, invoice_ref, reason).await?;
    let item = invoice_rows::get(&tx, invoice_ref.id, tx.now())
        .await?
        .ok_or(VoidRefusal::Gone)?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(item)
}

async fn take_back(
    tx: &Tx,
    invoice_ref: &InvoiceRef,
    reason: &str,
) -> Result<(), VoidInvoiceError> {
    let customer_id = invoices::customer_of(tx, invoice_ref)
        .await?
        .ok_or(VoidRefusal::Gone)?;
    let customer_ref = CustomerRef {
        id: customer_id,
        isp_id: invoice_ref.isp_id,
        operator_id: invoice_ref.operator_id,
    };
    let account = CustomerAccount::lock(tx, &customer_ref)
        .await?
        .ok_or(VoidRefusal::Gone)?;
    let invoice = invoices::lock(tx, invoice_ref)
        .await?
        .ok_or(VoidRefusal::Gone)?;
    if invoice.status == InvoiceStatus::Void {
        return Err(VoidRefusal::AlreadyVoid.into());
    }
    reverse_entry(tx, &account, &invoice).await?;
    invoices::set_void(tx, invoice.id, reason).await?;
    let event = DomainEvent::InvoiceVoided {
        invoice_id: invoice.id,
        customer_id,
    };
    reactions::record(tx, event).await?;
    tx.record_change(
        Some(json!({"status": invoice.status.as_str(), "paid": invoice.paid})),
        Some(json!({"status": "void", "void_reason": reason})),
    );
    Ok(())
}

async fn reverse_entry(
    tx: &Tx,
    account: &CustomerAccount<'_>,
    invoice: &Invoice,
) -> Result<(), Error> {
    let draft = &invoice.draft;
    let lines = by_category(draft);
    let income: Vec<_> = lines
        .iter()
        .map(|(category, _)| AccountKey::Income(category.clone()))
        .collect();
    account.lock_books(&income).await?;
    let entry = reverse(draft.customer_id, &invoice.number, &lines, draft.total)
        .map_err(|error| defect(&error))?;
    let reference = Reference(Some(invoice.id.as_uuid()));
    ledger::post(tx, invoice.isp_id, &entry, reference, tx.now()).await?;
    Ok(())
}
