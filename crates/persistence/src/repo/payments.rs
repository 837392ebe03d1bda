//! Payments: inserted once; which invoices they were spent on is added as it happens.

use chrono::{DateTime, Utc};
use domain::{
    ids::{CustomerId, IspId, JournalEntryId, PaymentId, UserId},
    money::{Currency, Money},
    payment::{PaymentMethod, SourcedAllocation, Unspent},
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    error::Error,
    sql::{self, values},
    tx::{Read, Tx},
};

/// A payment to be written.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// Its identifier.
    pub id: PaymentId,
    /// In whose books.
    pub isp_id: IspId,
    /// Who paid.
    pub customer_id: CustomerId,
    /// Its number.
    pub receipt_number: String,
    /// How it came in.
    pub method: PaymentMethod,
    /// How much.
    pub amount: Money,
    /// How much of it settled no invoice.
    pub credited: Money,
    /// The payer's or the bank's reference.
    pub reference: Option<String>,
    /// What people should know.
    pub note: Option<String>,
    /// When the money came in.
    pub received_at: DateTime<Utc>,
    /// Whether it put the customer back online.
    pub reactivated: bool,
    /// What the customer has with us afterwards; negative when it still owes.
    pub customer_balance: Money,
    /// Until when the customer is served afterwards.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its entry in the books.
    pub entry_id: JournalEntryId,
}

/// Writes a payment.
pub async fn insert(tx: &Tx, payment: &NewPayment) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO payment (id, isp_id, customer_id, receipt_number, method, currency, \
         amount_minor, credited_minor, reference, note, received_at, received_by, reactivated, \
         customer_balance_minor, expires_at, entry_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        values![
            payment.id.as_uuid(),
            payment.isp_id.as_uuid(),
            payment.customer_id.as_uuid(),
            payment.receipt_number.as_str(),
            payment.method.as_str(),
            payment.amount.currency().code(),
            payment.amount.minor(),
            payment.credited.minor(),
            payment.reference.as_deref(),
            payment.note.as_deref(),
            payment.received_at,
            tx.actor().user_id().map(UserId::as_uuid),
            payment.reactivated,
            payment.customer_balance.minor(),
            payment.expires_at,
            payment.entry_id.as_uuid(),
            tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Claims a reference for a payment of the ISP; when another payment has it, answers that one. Of two
/// units of work that claim it at once the second waits for the first.
pub async fn claim_reference(
    tx: &Tx,
    payment: &NewPayment,
    key: &str,
) -> Result<Option<PaymentId>, Error> {
    let (isp_id, method) = (payment.isp_id.as_uuid(), payment.method.as_str());
    let claimed = sql::execute(
        tx,
        "INSERT INTO payment_reference (isp_id, method, reference_key, payment_id) \
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        values![isp_id, method, key, payment.id.as_uuid()],
    )
    .await?;
    if claimed == 1 {
        return Ok(None);
    }
    let earlier: Option<Uuid> = sql::scalar(
        tx,
        "SELECT payment_id FROM payment_reference WHERE isp_id = $1 AND method = $2 \
         AND reference_key = $3",
        values![isp_id, method, key],
    )
    .await?;
    earlier
        .map(|id| Some(PaymentId::from_uuid(id)))
        .ok_or(Error::Contention)
}

/// What is left of the customer's payments, oldest first. What was spent on an invoice that is
/// void counts as left.
pub async fn unspent(
    read: &Read,
    customer_id: CustomerId,
    currency: Currency,
) -> Result<Vec<Unspent>, Error> {
    let rows: Vec<LeftRow> = sql::all(
        read,
        "SELECT p.id, p.amount_minor - COALESCE((SELECT CAST(SUM(a.amount_minor) AS BIGINT) \
         FROM payment_allocation a JOIN invoice i ON i.id = a.invoice_id \
         WHERE a.payment_id = p.id AND i.status <> 'void'), 0) AS left_minor \
         FROM payment p WHERE p.customer_id = $1 ORDER BY p.created_at, p.id",
        values![customer_id.as_uuid()],
    )
    .await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.left_minor > 0)
        .map(|row| Unspent {
            payment_id: Some(PaymentId::from_uuid(row.id)),
            amount: Money::from_minor(row.left_minor, currency),
        })
        .collect())
}

/// Notes which payments were spent on which invoices; credit without a payment leaves no row.
pub async fn allocate(tx: &Tx, isp_id: IspId, spent: &[SourcedAllocation]) -> Result<(), Error> {
    for part in spent {
        let Some(payment_id) = part.payment_id else {
            continue;
        };
        sql::execute(
            tx,
            "INSERT INTO payment_allocation (payment_id, invoice_id, isp_id, amount_minor) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (payment_id, invoice_id) \
             DO UPDATE SET amount_minor = payment_allocation.amount_minor + excluded.amount_minor",
            values![
                payment_id.as_uuid(),
                part.invoice_id.as_uuid(),
                isp_id.as_uuid(),
                part.amount.minor(),
            ],
        )
        .await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct LeftRow {
    id: Uuid,
    left_minor: i64,
}
