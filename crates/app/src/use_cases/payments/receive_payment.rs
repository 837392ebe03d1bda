//! Takes money from a customer: one transaction from the receipt to the service being back.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{CustomerRef, Proof, Scope, perm},
    billing::{AccountKey, receive},
    customer::CustomerStatus,
    event::DomainEvent,
    field::FieldProblem,
    idempotency::IdempotencyKey,
    ids::PaymentId,
    money::Money,
    payment::{AmountRefusal, Application, Incoming, PaymentMethod, check_amount, reference_key},
    subscription::{BillWords, bill_period, due_date},
    text::{self, InvalidText},
};
use persistence::{
    Error, Tx,
    counters::CounterKind,
    lookup,
    query::{
        invoices::CustomerName,
        payments::{self as payment_rows, PaymentItem},
    },
    repo::{
        invoices,
        ledger::{self, Reference},
        payments::{self, NewPayment},
        service,
    },
};
use serde::Serialize;

use crate::{
    AppCtx, reactions,
    use_cases::{
        billing::account::{CustomerAccount, defect},
        idempotent::{self, Claimed, Known},
    },
};

const OPERATION: &str = "receive_payment";
/// How often a unit of work that others were in the way of is tried.
const TRIES: u32 = 4;
/// How far the clock of who records may be ahead of ours.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);
/// How long ago money that is recorded now may have come in.
const OLDEST_RECEIPT: TimeDelta = TimeDelta::days(5 * 366);

/// What was received.
#[derive(Debug, Clone, Serialize)]
pub struct ReceivePayment {
    /// How much.
    pub amount: Money,
    /// How it came in.
    pub method: PaymentMethod,
    /// The payer's or the bank's reference.
    pub reference: Option<String>,
    /// What people should know.
    pub note: Option<String>,
    /// When it came in; now when absent.
    pub received_at: Option<DateTime<Utc>>,
    /// Bills the next period first when nothing is open.
    pub renew: bool,
    /// Books it although a payment with this reference is booked.
    pub allow_repeated_reference: bool,
}

/// The payment that has a reference already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierPayment {
    /// Which one.
    pub id: PaymentId,
    /// Its number.
    pub receipt_number: String,
    /// Who paid.
    pub customer: CustomerName,
}

/// Why the money is not booked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentRefusal {
    /// The customer is not there any more, or not the caller's.
    #[error("the customer is not there any more")]
    Gone,
    /// The contract has ended.
    #[error("the customer is closed: restore it first")]
    Closed,
    /// The amount cannot be booked.
    #[error(transparent)]
    Amount(#[from] AmountRefusal),
    /// Money of that kind is moved by its own books.
    #[error("money cannot be recorded as {}: choose how it came in", .0.as_str())]
    Method(PaymentMethod),
    /// It did not come in yet, or too long ago.
    #[error("the money must have come in by now, and within the last five years")]
    ReceivedAt,
    /// The next period cannot be billed.
    #[error("the next period cannot be billed")]
    NoNextPeriod,
    /// Its reference was booked before; which payment that was, where the caller may see it.
    #[error("a payment with this reference is booked already")]
    ReferenceUsed(Option<Box<EarlierPayment>>),
    /// A text cannot be kept.
    #[error("{}", .0.detail)]
    Field(FieldProblem),
}

/// Why nothing happened.
#[derive(Debug, thiserror::Error)]
pub enum ReceivePaymentError {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] PaymentRefusal),
    /// The idempotency key was used for something else.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Books the money, pays what is open, oldest first, and puts the service back where that is due.
pub async fn receive_payment(
    ctx: &AppCtx,
    proof: Proof<perm::RecordPayments, CustomerRef>,
    key: IdempotencyKey,
    cmd: ReceivePayment,
) -> Result<PaymentItem, ReceivePaymentError> {
    for _ in 1..TRIES {
        match attempt(ctx, &proof, &key, &cmd).await {
            Err(ReceivePaymentError::Infra(Error::Contention)) => {}
            outcome => return outcome,
        }
    }
    attempt(ctx, &proof, &key, &cmd).await
}

async fn attempt(
    ctx: &AppCtx,
    proof: &Proof<perm::RecordPayments, CustomerRef>,
    key: &IdempotencyKey,
    cmd: &ReceivePayment,
) -> Result<PaymentItem, ReceivePaymentError> {
    let tx = ctx.db.begin(OPERATION, proof).await?;
    let customer = proof.resource();
    let asked = (customer.id, cmd);
    let claimed = match idempotent::claim(&tx, customer.isp_id, OPERATION, key, &asked).await? {
        Known::Fresh(claimed) => claimed,
        Known::Done(payment) => return Ok(payment),
        Known::Mismatch => return Err(ReceivePaymentError::KeyReused),
    };
    let payment = book(&tx, customer, cmd, &claimed).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(payment)
}

async fn book(
    tx: &Tx,
    customer: &CustomerRef,
    cmd: &ReceivePayment,
    claimed: &Claimed,
) -> Result<PaymentItem, ReceivePaymentError> {
    let mut account = CustomerAccount::lock(tx, customer)
        .await?
        .ok_or(PaymentRefusal::Gone)?;
    let details = check(tx, &account, cmd)?;
    // Every account of every entry that may follow, before the first number is taken.
    let sides = [
        AccountKey::of_method(cmd.method),
        AccountKey::Income("service".to_owned()),
    ];
    account.lock_books(&sides).await?;
    if cmd.renew {
        bill_next_period(tx, &account).await?;
    }
    let incoming = Incoming {
        payment_id: PaymentId::generate(),
        amount: cmd.amount,
    };
    let application = account.apply(Some(incoming)).await?;
    let payment = insert(tx, &account, cmd, details, &application, incoming).await?;
    claim_reference(tx, &payment, cmd.allow_repeated_reference).await?;
    account.carry_out(&application).await?;
    account.save().await?;
    let event = DomainEvent::PaymentReceived {
        payment_id: incoming.payment_id,
        customer_id: customer.id,
    };
    reactions::record(tx, event).await?;
    let payment = payment_rows::get(tx, incoming.payment_id)
        .await?
        .ok_or_else(|| Error::Unexpected("a payment that was just made is not there".to_owned()))?;
    tx.set_resource("payment", payment.id.as_uuid());
    tx.record_change(None, serde_json::to_value(&payment).ok());
    claimed.store(tx, &payment).await?;
    Ok(payment)
}

/// What a payment says besides its amount, checked.
struct Details {
    reference: Option<String>,
    note: Option<String>,
    received_at: DateTime<Utc>,
}

fn check(
    tx: &Tx,
    account: &CustomerAccount<'_>,
    cmd: &ReceivePayment,
) -> Result<Details, PaymentRefusal> {
    if account.service.status == CustomerStatus::Closed {
        return Err(PaymentRefusal::Closed);
    }
    check_amount(cmd.amount, account.books.currency)?;
    if !cmd.method.recordable() {
        return Err(PaymentRefusal::Method(cmd.method));
    }
    let received_at = domain::clock::to_micros(cmd.received_at.unwrap_or_else(|| tx.now()));
    if received_at > tx.now() + CLOCK_SKEW || received_at < tx.now() - OLDEST_RECEIPT {
        return Err(PaymentRefusal::ReceivedAt);
    }
    Ok(Details {
        reference: optional("reference", cmd.reference.as_deref(), |raw| {
            text::line(raw, 100)
        })?,
        note: optional("note", cmd.note.as_deref(), |raw| {
            text::paragraph(raw, 1000)
        })?,
        received_at,
    })
}

fn optional(
    field: &'static str,
    raw: Option<&str>,
    read: impl FnOnce(&str) -> Result<String, InvalidText>,
) -> Result<Option<String>, PaymentRefusal> {
    match raw.filter(|raw| !raw.trim().is_empty()) {
        None => Ok(None),
        Some(raw) => read(raw).map(Some).map_err(|error| {
            PaymentRefusal::Field(FieldProblem::new(field, "invalid_text", error.to_string()))
        }),
    }
}

/// Bills the next period, unless something is open: then that is what the money is for.
async fn bill_next_period(
    tx: &Tx,
    account: &CustomerAccount<'_>,
) -> Result<(), ReceivePaymentError> {
    let service = &account.service;
    if !invoices::open_of(tx, service.customer_id).await?.is_empty() {
        return Ok(());
    }
    let offer = service::offer(tx, service.isp_id, service.package_id)
        .await?
        .ok_or(PaymentRefusal::NoNextPeriod)?;
    let period = account
        .next_period(&offer)
        .await?
        .map_err(|_| PaymentRefusal::NoNextPeriod)?;
    let due_at = due_date(service.billing_type, period, tx.now());
    let words = BillWords::default();
    let draft = bill_period(service.customer_id, &offer, period, due_at, words);
    account.issue(draft).await?;
    Ok(())
}

async fn insert(
    tx: &Tx,
    account: &CustomerAccount<'_>,
    cmd: &ReceivePayment,
    details: Details,
    application: &Application,
    incoming: Incoming,
) -> Result<NewPayment, Error> {
    let (customer_id, isp_id) = (account.service.customer_id, account.service.isp_id);
    let receipt_number = account.number("RCP", CounterKind::Receipt).await?;
    let entry = receive(customer_id, &receipt_number, cmd.method, cmd.amount)
        .map_err(|error| defect(&error))?;
    let reference = Reference(Some(incoming.payment_id.as_uuid()));
    let entry_id = ledger::post(tx, isp_id, &entry, reference, tx.now()).await?;
    let payment = NewPayment {
        id: incoming.payment_id,
        isp_id,
        customer_id,
        receipt_number,
        method: cmd.method,
        amount: cmd.amount,
        credited: application.credited,
        reference: details.reference,
        note: details.note,
        received_at: details.received_at,
        reactivated: application.reactivates,
        customer_balance: application.balance,
        expires_at: application.expires_at,
        entry_id,
    };
    payments::insert(tx, &payment).await?;
    Ok(payment)
}

/// One movement of money is booked once, unless somebody says that it is another one.
async fn claim_reference(
    tx: &Tx,
    payment: &NewPayment,
    allow_repeated: bool,
) -> Result<(), ReceivePaymentError> {
    let key = payment
        .reference
        .as_deref()
        .and_then(|reference| reference_key(payment.method, reference));
    let Some(key) = key else { return Ok(()) };
    let Some(earlier) = payments::claim_reference(tx, payment, &key).await? else {
        return Ok(());
    };
    if allow_repeated {
        return Ok(());
    }
    let scope = Scope::own(tx.actor());
    let earlier = match lookup::payment(tx, &scope, earlier).await? {
        Some(seen) => payment_rows::get(tx, seen.id).await?,
        None => None,
    };
    let earlier = earlier.map(|found| {
        Box::new(EarlierPayment {
            id: found.id,
            receipt_number: found.receipt_number,
            customer: found.customer,
        })
    });
    Err(PaymentRefusal::ReferenceUsed(earlier).into())
}
