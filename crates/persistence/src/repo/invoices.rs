//! Invoices: inserted once, afterwards only their payment state changes.

use chrono::{DateTime, Utc};
use domain::{
    authz::InvoiceRef,
    billing::{Invoice, InvoiceDraft, InvoiceLine, InvoiceStatus, LineCategory, OpenInvoice},
    ids::{CustomerId, InvoiceId, IspId, JournalEntryId, PackageId},
    money::Money,
    period::Period,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    error::Error,
    repo::ledger::{currency, defect},
    sql::{self, values},
    tx::{Read, Tx},
};

/// Writes an issued invoice with its lines.
pub async fn insert(tx: &Tx, invoice: &Invoice, entry_id: JournalEntryId) -> Result<(), Error> {
    let draft = &invoice.draft;
    sql::execute(
        tx,
        "INSERT INTO invoice (id, isp_id, customer_id, package_id, number, status, period_start, \
         period_end, issued_at, due_at, currency, total_minor, paid_minor, void_reason, entry_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        values![
            invoice.id.as_uuid(),
            invoice.isp_id.as_uuid(),
            draft.customer_id.as_uuid(),
            draft.package_id.map(PackageId::as_uuid),
            invoice.number.as_str(),
            invoice.status.as_str(),
            draft.period.start,
            draft.period.end,
            invoice.issued_at,
            draft.due_at,
            draft.total.currency().code(),
            draft.total.minor(),
            invoice.paid.minor(),
            invoice.void_reason.as_deref(),
            entry_id.as_uuid(),
        ],
    )
    .await?;
    for (position, line) in (0_i64..).zip(&draft.lines) {
        insert_line(tx, invoice, position, line).await?;
    }
    Ok(())
}

async fn insert_line(
    tx: &Tx,
    invoice: &Invoice,
    position: i64,
    line: &InvoiceLine,
) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO invoice_line (invoice_id, position, isp_id, description, category, quantity, \
         unit_price_minor, amount_minor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        values![
            invoice.id.as_uuid(),
            position,
            invoice.isp_id.as_uuid(),
            line.description.as_str(),
            line.category.as_str(),
            line.quantity,
            line.unit_price.minor(),
            line.amount.minor(),
        ],
    )
    .await?;
    Ok(())
}

/// Whose invoice it is. The customer is locked before the invoice, so this comes first.
pub async fn customer_of(read: &Read, invoice: &InvoiceRef) -> Result<Option<CustomerId>, Error> {
    let id: Option<Uuid> = sql::scalar(
        read,
        "SELECT customer_id FROM invoice WHERE id = $1 AND isp_id = $2",
        values![invoice.id.as_uuid(), invoice.isp_id.as_uuid()],
    )
    .await?;
    Ok(id.map(CustomerId::from_uuid))
}

/// Reads an invoice and keeps others from changing it.
pub async fn lock(tx: &Tx, invoice: &InvoiceRef) -> Result<Option<Invoice>, Error> {
    let row: Option<InvoiceRow> = sql::one(
        tx,
        &format!(
            "SELECT id, isp_id, customer_id, package_id, number, status, period_start, period_end, \
             issued_at, due_at, currency, total_minor, paid_minor, void_reason FROM invoice \
             WHERE id = $1 AND isp_id = $2{}",
            tx.backend().for_update()
        ),
        values![invoice.id.as_uuid(), invoice.isp_id.as_uuid()],
    )
    .await?;
    let Some(row) = row else { return Ok(None) };
    let lines: Vec<LineRow> = sql::all(
        tx,
        "SELECT description, category, quantity, unit_price_minor, amount_minor FROM invoice_line \
         WHERE invoice_id = $1 ORDER BY position",
        values![invoice.id.as_uuid()],
    )
    .await?;
    row.into_invoice(lines).map(Some)
}

/// The customer's invoices that are not fully paid, locked with the customer.
pub async fn open_of(read: &Read, customer_id: CustomerId) -> Result<Vec<OpenInvoice>, Error> {
    let rows: Vec<OpenRow> = sql::all(
        read,
        "SELECT id, due_at, total_minor, paid_minor, currency, period_end FROM invoice \
         WHERE customer_id = $1 AND status IN ('issued', 'partly_paid') ORDER BY due_at, id",
        values![customer_id.as_uuid()],
    )
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = currency(&row.currency)?;
            Ok(OpenInvoice {
                id: InvoiceId::from_uuid(row.id),
                due_at: row.due_at,
                total: Money::from_minor(row.total_minor, currency),
                paid: Money::from_minor(row.paid_minor, currency),
                period_end: row.period_end,
            })
        })
        .collect()
}

/// The customer's invoices whose periods share an instant with the period, void ones left out.
pub async fn overlapping(
    read: &Read,
    customer_id: CustomerId,
    period: Period,
) -> Result<Vec<(InvoiceId, Period)>, Error> {
    let rows: Vec<PeriodRow> = sql::all(
        read,
        "SELECT id, period_start, period_end FROM invoice WHERE customer_id = $1 \
         AND period_start < $3 AND period_end > $2 AND status <> 'void' ORDER BY period_start, id",
        values![customer_id.as_uuid(), period.start, period.end],
    )
    .await?;
    rows.into_iter()
        .map(|row| {
            let period = Period::new(row.period_start, row.period_end)
                .map_err(|error| defect(&error.to_string()))?;
            Ok((InvoiceId::from_uuid(row.id), period))
        })
        .collect()
}

/// Until when the customer was billed, whether paid or not.
pub async fn billed_until(
    read: &Read,
    customer_id: CustomerId,
) -> Result<Option<DateTime<Utc>>, Error> {
    sql::scalar(
        read,
        "SELECT period_end FROM invoice WHERE customer_id = $1 AND status <> 'void' \
         ORDER BY period_end DESC LIMIT 1",
        values![customer_id.as_uuid()],
    )
    .await
}

/// Notes that so much more of an invoice is paid; the customer is locked.
pub async fn add_paid(tx: &Tx, id: InvoiceId, amount: Money) -> Result<(), Error> {
    let touched = sql::execute(
        tx,
        "UPDATE invoice SET paid_minor = paid_minor + $2, \
         status = CASE WHEN paid_minor + $2 >= total_minor THEN 'paid' ELSE 'partly_paid' END \
         WHERE id = $1 AND status IN ('issued', 'partly_paid')",
        values![id.as_uuid(), amount.minor()],
    )
    .await?;
    if touched == 1 {
        return Ok(());
    }
    Err(defect("an invoice that was open is not"))
}

/// Marks the customer's invoices that ask for nothing as paid.
pub async fn settle_empty(tx: &Tx, customer_id: CustomerId) -> Result<(), Error> {
    sql::execute(
        tx,
        "UPDATE invoice SET status = 'paid' \
         WHERE customer_id = $1 AND status = 'issued' AND total_minor = 0",
        values![customer_id.as_uuid()],
    )
    .await?;
    Ok(())
}

/// Takes an invoice back; what was paid of it stays on record.
pub async fn set_void(tx: &Tx, id: InvoiceId, reason: &str) -> Result<(), Error> {
    sql::execute(
        tx,
        "UPDATE invoice SET status = 'void', void_reason = $2 WHERE id = $1",
        values![id.as_uuid(), reason],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct InvoiceRow {
    id: Uuid,
    isp_id: Uuid,
    customer_id: Uuid,
    package_id: Option<Uuid>,
    number: String,
    status: String,
    period_start: DateTime<Utc>,
    period_end: DateTime<Utc>,
    issued_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    currency: String,
    total_minor: i64,
    paid_minor: i64,
    void_reason: Option<String>,
}

#[derive(FromQueryResult)]
struct LineRow {
    description: String,
    category: String,
    quantity: i64,
    unit_price_minor: i64,
    amount_minor: i64,
}

#[derive(FromQueryResult)]
struct OpenRow {
    id: Uuid,
    due_at: DateTime<Utc>,
    total_minor: i64,
    paid_minor: i64,
    currency: String,
    period_end: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct PeriodRow {
    id: Uuid,
    period_start: DateTime<Utc>,
    period_end: DateTime<Utc>,
}

impl InvoiceRow {
    fn into_invoice(self, lines: Vec<LineRow>) -> Result<Invoice, Error> {
        let currency = currency(&self.currency)?;
        let money = |minor| Money::from_minor(minor, currency);
        let lines = lines
            .into_iter()
            .map(|line| {
                Ok(InvoiceLine {
                    description: line.description,
                    category: LineCategory::parse(&line.category)
                        .ok_or_else(|| defect("an invoice line has no known category"))?,
                    quantity: line.quantity,
                    unit_price: money(line.unit_price_minor),
                    amount: money(line.amount_minor),
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Invoice {
            id: InvoiceId::from_uuid(self.id),
            isp_id: IspId::from_uuid(self.isp_id),
            number: self.number,
            status: InvoiceStatus::parse(&self.status)
                .ok_or_else(|| defect("an invoice has no known status"))?,
            issued_at: self.issued_at,
            paid: money(self.paid_minor),
            void_reason: self.void_reason,
            draft: InvoiceDraft {
                customer_id: CustomerId::from_uuid(self.customer_id),
                package_id: self.package_id.map(PackageId::from_uuid),
                period: Period::new(self.period_start, self.period_end)
                    .map_err(|error| defect(&error.to_string()))?,
                due_at: self.due_at,
                lines,
                total: money(self.total_minor),
            },
        })
    }
}
