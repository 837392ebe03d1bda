//! Payments as lists and receipts show them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    ids::{CustomerId, InvoiceId, PaymentId, UserId},
    money::Money,
    page::{Page, PageRequest},
    payment::PaymentMethod,
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    invoices::{CustomerName, in_scope},
    newest_first::{NewestFirst, PageError, count},
};
use crate::{
    error::Error,
    repo::ledger::{currency, defect},
    sql::{self, values},
    tx::Read,
};

/// A payment as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentItem {
    /// Its identifier.
    pub id: PaymentId,
    /// Its number.
    pub receipt_number: String,
    /// Who paid.
    pub customer: CustomerName,
    /// How much.
    pub amount: Money,
    /// How it came in.
    pub method: PaymentMethod,
    /// The payer's or the bank's reference.
    pub reference: Option<String>,
    /// What people should know.
    pub note: Option<String>,
    /// When the money came in.
    pub received_at: DateTime<Utc>,
    /// Who recorded it.
    pub received_by: Option<ReceivedBy>,
    /// Which invoices it was spent on so far.
    pub allocations: Vec<AllocationItem>,
    /// What was left as credit when it came in.
    pub credited: Money,
    /// The customer's balance right after: positive is credit with us.
    pub customer_balance: Money,
    /// Until when the customer was served right after.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether it put the customer back online.
    pub reactivated: bool,
}

/// Who recorded a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedBy {
    /// The account.
    pub id: UserId,
    /// The name.
    pub name: String,
}

/// A part of a payment that was spent on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationItem {
    /// Which invoice.
    pub invoice_id: InvoiceId,
    /// Its number.
    pub invoice_number: String,
    /// How much.
    pub amount: Money,
}

/// Which payments are wanted.
#[derive(Debug, Clone, Default)]
pub struct PaymentFilter {
    /// Of that customer.
    pub customer_id: Option<CustomerId>,
    /// Come in that way.
    pub method: Option<PaymentMethod>,
    /// Not before that instant.
    pub from: Option<DateTime<Utc>>,
    /// Before that instant.
    pub to: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "p.id, p.receipt_number, p.method, p.currency, p.amount_minor, \
    p.credited_minor, p.reference, p.note, p.received_at, p.received_by, p.reactivated, \
    p.customer_balance_minor, p.expires_at, c.id AS customer_id, c.number AS customer_number, \
    c.name AS customer_name, u.name AS received_by_name";
const FROM: &str = "payment p JOIN customer c ON c.id = p.customer_id";
const NAMES: &str = "LEFT JOIN app_user u ON u.id = p.received_by";

/// The payments of a scope, the newest first.
pub async fn list(
    read: &Read,
    scope: &Scope,
    filter: &PaymentFilter,
    page: &PageRequest,
) -> Result<Page<PaymentItem>, PageError> {
    let seek = NewestFirst::of("payments", page)?;
    let mut conditions = in_scope(scope, "p");
    conditions.compare(
        "p.customer_id",
        "=",
        filter.customer_id.map(CustomerId::as_uuid),
    );
    conditions.compare("p.method", "=", filter.method.map(PaymentMethod::as_str));
    conditions.compare("p.received_at", ">=", filter.from);
    conditions.compare("p.received_at", "<", filter.to);
    let total = count(read, FROM, &conditions).await?;
    seek.seek(&mut conditions, "p.received_at", "p.id");
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM} {NAMES} WHERE {} \
         ORDER BY p.received_at DESC, p.id DESC LIMIT {}",
        conditions.sql(),
        seek.fetch()
    );
    let rows: Vec<PaymentRow> = sql::all(read, &sql, conditions.values).await?;
    let rows = seek.page(rows, |row| (row.received_at, row.id), total);
    let mut spent = spent_of(read, rows.items.iter().map(|row| row.id).collect()).await?;
    let mut items = Vec::with_capacity(rows.items.len());
    for row in rows.items {
        let of_payment = spent.remove(&row.id).unwrap_or_default();
        items.push(row.into_item(of_payment)?);
    }
    Ok(Page {
        items,
        next_cursor: rows.next_cursor,
        total: rows.total,
        total_is_exact: rows.total_is_exact,
    })
}

/// One payment. The id has passed a look-up in the caller's scope, or was just made.
pub async fn get(read: &Read, id: PaymentId) -> Result<Option<PaymentItem>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM {FROM} {NAMES} WHERE p.id = $1");
    let row: Option<PaymentRow> = sql::one(read, &sql, values![id.as_uuid()]).await?;
    let Some(row) = row else { return Ok(None) };
    let mut spent = spent_of(read, vec![row.id]).await?;
    let of_payment = spent.remove(&row.id).unwrap_or_default();
    row.into_item(of_payment).map(Some)
}

async fn spent_of(read: &Read, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<SpentRow>>, Error> {
    let mut spent: HashMap<Uuid, Vec<SpentRow>> = HashMap::new();
    if ids.is_empty() {
        return Ok(spent);
    }
    let list: Vec<_> = (1..=ids.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT a.payment_id, a.invoice_id, i.number, a.amount_minor FROM payment_allocation a \
         JOIN invoice i ON i.id = a.invoice_id WHERE a.payment_id IN ({}) \
         ORDER BY i.due_at, i.id",
        list.join(", ")
    );
    let bound = ids.into_iter().map(Into::into).collect();
    for row in sql::all::<SpentRow>(read, &sql, bound).await? {
        spent.entry(row.payment_id).or_default().push(row);
    }
    Ok(spent)
}

#[derive(FromQueryResult)]
struct SpentRow {
    payment_id: Uuid,
    invoice_id: Uuid,
    number: String,
    amount_minor: i64,
}

#[derive(FromQueryResult)]
struct PaymentRow {
    id: Uuid,
    receipt_number: String,
    method: String,
    currency: String,
    amount_minor: i64,
    credited_minor: i64,
    reference: Option<String>,
    note: Option<String>,
    received_at: DateTime<Utc>,
    received_by: Option<Uuid>,
    reactivated: bool,
    customer_balance_minor: i64,
    expires_at: Option<DateTime<Utc>>,
    customer_id: Uuid,
    customer_number: i64,
    customer_name: String,
    received_by_name: Option<String>,
}

impl PaymentRow {
    fn into_item(self, spent: Vec<SpentRow>) -> Result<PaymentItem, Error> {
        let currency = currency(&self.currency)?;
        let money = |minor| Money::from_minor(minor, currency);
        Ok(PaymentItem {
            id: PaymentId::from_uuid(self.id),
            receipt_number: self.receipt_number,
            customer: CustomerName {
                id: CustomerId::from_uuid(self.customer_id),
                number: self.customer_number,
                name: self.customer_name,
            },
            amount: money(self.amount_minor),
            method: PaymentMethod::parse(&self.method)
                .ok_or_else(|| defect("a payment has no known method"))?,
            reference: self.reference,
            note: self.note,
            received_at: self.received_at,
            received_by: self
                .received_by
                .zip(self.received_by_name)
                .map(|(id, name)| ReceivedBy {
                    id: UserId::from_uuid(id),
                    name,
                }),
            allocations: spent
                .into_iter()
                .map(|row| AllocationItem {
                    invoice_id: InvoiceId::from_uuid(row.invoice_id),
                    invoice_number: row.number,
                    amount: money(row.amount_minor),
                })
                .collect(),
            credited: money(self.credited_minor),
            customer_balance: money(self.customer_balance_minor),
            expires_at: self.expires_at,
            reactivated: self.reactivated,
        })
    }
}
