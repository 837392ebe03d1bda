//! Bills a customer for a period.

use chrono::{DateTime, Datelike, Utc};
use domain::{
    authz::{CustomerRef, Proof, perm},
    billing::check_period_free,
    customer::CustomerStatus,
    field::FieldProblem,
    idempotency::IdempotencyKey,
    ids::{InvoiceId, PackageId},
    money::Money,
    payment::{AmountRefusal, check_amount},
    period::Period,
    subscription::{BillWords, Offer, bill_period, due_date},
    text,
};
use persistence::{
    Error, Tx,
    query::invoices::{self as invoice_rows, InvoiceItem},
    repo::{invoices, service},
};
use serde::Serialize;

use super::account::CustomerAccount;
use crate::{
    AppCtx,
    use_cases::idempotent::{self, Claimed, Known},
};

const OPERATION: &str = "generate_bill";
/// How often a unit of work that others were in the way of is tried.
pub(crate) const TRIES: u32 = 4;

/// What to bill.
#[derive(Debug, Clone, Default, Serialize)]
pub struct GenerateBill {
    /// Another package than the customer's.
    pub package_id: Option<PackageId>,
    /// Another amount than the package's price.
    pub amount: Option<Money>,
    /// From when; after what is billed and paid already when absent.
    pub period_start: Option<DateTime<Utc>>,
    /// Until when; one cycle when absent.
    pub period_end: Option<DateTime<Utc>>,
    /// When it is due; by the billing type when absent.
    pub due_at: Option<DateTime<Utc>>,
    /// What the line says instead of the package's name.
    pub description: Option<String>,
    /// Bills although another invoice covers a part of the period.
    pub force: bool,
}

/// Why there is no bill.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BillRefusal {
    /// The customer is not there any more, or not the caller's.
    #[error("the customer is not there any more")]
    Gone,
    /// The contract has ended.
    #[error("the customer is closed: restore it first")]
    Closed,
    /// The ISP has no such package.
    #[error("there is no such package")]
    UnknownPackage,
    /// The period ends before it starts, or lies out of this century.
    #[error("the period must end after it starts, and lie between 2000 and 2200")]
    InvalidPeriod,
    /// An invoice covers a part of the period.
    #[error("the period overlaps invoice {invoice_id}: choose another, or force it")]
    PeriodOverlaps {
        /// Which invoice.
        invoice_id: InvoiceId,
    },
    /// The amount cannot be billed.
    #[error(transparent)]
    Amount(#[from] AmountRefusal),
    /// A text cannot be kept.
    #[error("{}", .0.detail)]
    Field(FieldProblem),
}

/// Why nothing happened.
#[derive(Debug, thiserror::Error)]
pub enum GenerateBillError {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] BillRefusal),
    /// The idempotency key was used for something else.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Issues an invoice and pays it at once from the customer's credit.
pub async fn generate_bill(
    ctx: &AppCtx,
    proof: Proof<perm::GenerateBills, CustomerRef>,
    key: IdempotencyKey,
    cmd: GenerateBill,
) -> Result<InvoiceItem, GenerateBillError> {
    for _ in 1..TRIES {
        match attempt(ctx, &proof, &key, &cmd).await {
            Err(GenerateBillError::Infra(Error::Contention)) => {}
            outcome => return outcome,
        }
    }
    attempt(ctx, &proof, &key, &cmd).await
}

async fn attempt(
    ctx: &AppCtx,
    proof: &Proof<perm::GenerateBills, CustomerRef>,
    key: &IdempotencyKey,
    cmd: &GenerateBill,
) -> Result<InvoiceItem, GenerateBillError> {
    let tx = ctx.db.begin(OPERATION, proof).await?;
    let customer = proof.resource();
    let asked = (customer.id, cmd);
    let claimed = match idempotent::claim(&tx, customer.isp_id, OPERATION, key, &asked).await? {
        Known::Fresh(claimed) => claimed,
        Known::Done(invoice) => return Ok(invoice),
        Known::Mismatch => return Err(GenerateBillError::KeyReused),
    };
    let invoice = bill(&tx, customer, cmd, &claimed).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(invoice)
}

async fn bill(
    tx: &Tx,
    customer: &CustomerRef,
    cmd: &GenerateBill,
    claimed: &Claimed,
) -> Result<InvoiceItem, GenerateBillError> {
    let mut account = CustomerAccount::lock(tx, customer)
        .await?
        .ok_or(BillRefusal::Gone)?;
    let words = words(&account, cmd)?;
    let package_id = cmd.package_id.unwrap_or(account.service.package_id);
    let offer = service::offer(tx, customer.isp_id, package_id)
        .await?
        .ok_or(BillRefusal::UnknownPackage)?;
    let period = period(tx, &account, &offer, cmd).await?;
    let due_at = match cmd.due_at {
        Some(due_at) => plausible(due_at)?,
        None => due_date(account.service.billing_type, period, tx.now()),
    };
    let draft = bill_period(customer.id, &offer, period, due_at, words);
    let id = account.issue(draft).await?;
    account.settle_from_credit().await?;
    account.save().await?;
    let invoice = invoice_rows::get(tx, id, tx.now()).await?.ok_or_else(|| {
        Error::Unexpected("an invoice that was just made is not there".to_owned())
    })?;
    tx.set_resource("invoice", id.as_uuid());
    tx.record_change(None, serde_json::to_value(&invoice).ok());
    claimed.store(tx, &invoice).await?;
    Ok(invoice)
}

fn words(account: &CustomerAccount<'_>, cmd: &GenerateBill) -> Result<BillWords, BillRefusal> {
    if account.service.status == CustomerStatus::Closed {
        return Err(BillRefusal::Closed);
    }
    if let Some(amount) = cmd.amount {
        check_amount(amount, account.books.currency)?;
    }
    let description = cmd
        .description
        .as_deref()
        .map(|raw| text::line(raw, 200))
        .transpose()
        .map_err(|error| {
            BillRefusal::Field(FieldProblem::new(
                "description",
                "invalid_text",
                error.to_string(),
            ))
        })?;
    Ok(BillWords {
        amount: cmd.amount,
        description,
    })
}

async fn period(
    tx: &Tx,
    account: &CustomerAccount<'_>,
    offer: &Offer,
    cmd: &GenerateBill,
) -> Result<Period, GenerateBillError> {
    let start = match cmd.period_start {
        Some(start) => Some(plausible(start)?),
        None => None,
    };
    let next = match start {
        Some(start) => {
            Period::of_cycle(offer.cycle, start, account.service.anchor_day, account.zone)
        }
        None => account.next_period(offer).await?,
    }
    .map_err(|_| BillRefusal::InvalidPeriod)?;
    let end = plausible(cmd.period_end.unwrap_or(next.end))?;
    let period = Period::new(next.start, end).map_err(|_| BillRefusal::InvalidPeriod)?;
    if !cmd.force {
        let billed = invoices::overlapping(tx, account.service.customer_id, period).await?;
        check_period_free(&period, &billed).map_err(|refusal| BillRefusal::PeriodOverlaps {
            invoice_id: refusal.invoice_id,
        })?;
    }
    Ok(period)
}

/// An instant that both databases keep and that a person can have meant.
pub(crate) fn plausible(instant: DateTime<Utc>) -> Result<DateTime<Utc>, BillRefusal> {
    if (2000..2200).contains(&instant.year()) {
        Ok(domain::clock::to_micros(instant))
    } else {
        Err(BillRefusal::InvalidPeriod)
    }
}
