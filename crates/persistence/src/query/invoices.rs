//! Invoices as lists and pages show them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    billing::{InvoiceStatus, LineCategory},
    customer::{search_key, search_words},
    ids::{CustomerId, InvoiceId},
    money::{Currency, Money},
    page::{Page, PageRequest},
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::newest_first::{Conditions, NewestFirst, PageError, count};
use crate::{
    error::Error,
    repo::ledger::{currency, defect},
    scope,
    sql::{self, values},
    tx::Read,
};

/// A customer as another thing's row names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerName {
    /// Which one.
    pub id: CustomerId,
    /// The number shown to people.
    pub number: i64,
    /// Its name.
    pub name: String,
}

/// An invoice as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceItem {
    /// Its identifier.
    pub id: InvoiceId,
    /// Its number.
    pub number: String,
    /// Who owes.
    pub customer: CustomerName,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Whether it should have been paid by now.
    pub overdue: bool,
    /// From when the service is charged.
    pub period_start: DateTime<Utc>,
    /// Until when.
    pub period_end: DateTime<Utc>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// What it asks for.
    pub total: Money,
    /// What was paid of it.
    pub paid: Money,
    /// What it charges for.
    pub lines: Vec<LineItem>,
    /// Why it was voided.
    pub void_reason: Option<String>,
}

/// A line of an invoice as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineItem {
    /// What people read.
    pub description: String,
    /// What it charges for.
    pub category: LineCategory,
    /// How many.
    pub quantity: i64,
    /// What one costs.
    pub unit_price: Money,
    /// What all cost.
    pub amount: Money,
}

/// Which invoices are wanted.
#[derive(Debug, Clone, Default)]
pub struct InvoiceFilter {
    /// In that state.
    pub status: Option<InvoiceStatus>,
    /// Of that customer.
    pub customer_id: Option<CustomerId>,
    /// Whose number begins so, or whose customer is found by these words.
    pub search: Option<String>,
}

const COLUMNS: &str = "i.id, i.number, i.status, i.period_start, i.period_end, i.issued_at, \
    i.due_at, i.currency, i.total_minor, i.paid_minor, i.void_reason, \
    c.id AS customer_id, c.number AS customer_number, c.name AS customer_name";
const FROM: &str = "invoice i JOIN customer c ON c.id = i.customer_id";

/// The invoices of a scope, the newest first.
pub async fn list(
    read: &Read,
    scope: &Scope,
    filter: &InvoiceFilter,
    page: &PageRequest,
    now: DateTime<Utc>,
) -> Result<Page<InvoiceItem>, PageError> {
    let seek = NewestFirst::of("invoices", page)?;
    let mut conditions = in_scope(scope, "i");
    conditions.compare("i.status", "=", filter.status.map(InvoiceStatus::as_str));
    conditions.compare(
        "i.customer_id",
        "=",
        filter.customer_id.map(CustomerId::as_uuid),
    );
    if let Some(search) = &filter.search {
        add_search(&mut conditions, search);
    }
    let total = count(read, FROM, &conditions).await?;
    seek.seek(&mut conditions, "i.issued_at", "i.id");
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE {} ORDER BY i.issued_at DESC, i.id DESC LIMIT {}",
        conditions.sql(),
        seek.fetch()
    );
    let rows: Vec<InvoiceRow> = sql::all(read, &sql, conditions.values).await?;
    let rows = seek.page(rows, |row| (row.issued_at, row.id), total);
    let mut lines = lines_of(read, rows.items.iter().map(|row| row.id).collect()).await?;
    let mut items = Vec::with_capacity(rows.items.len());
    for row in rows.items {
        let of_invoice = lines.remove(&row.id).unwrap_or_default();
        items.push(row.into_item(of_invoice, now)?);
    }
    Ok(Page {
        items,
        next_cursor: rows.next_cursor,
        total: rows.total,
        total_is_exact: rows.total_is_exact,
    })
}

/// One invoice. The id has passed a look-up in the caller's scope, or was just made.
pub async fn get(
    read: &Read,
    id: InvoiceId,
    now: DateTime<Utc>,
) -> Result<Option<InvoiceItem>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE i.id = $1");
    let row: Option<InvoiceRow> = sql::one(read, &sql, values![id.as_uuid()]).await?;
    let Some(row) = row else { return Ok(None) };
    let mut lines = lines_of(read, vec![row.id]).await?;
    let of_invoice = lines.remove(&row.id).unwrap_or_default();
    row.into_item(of_invoice, now).map(Some)
}

/// The rows of a scope in a table `alias` beside its customer `c`.
pub(crate) fn in_scope(scope: &Scope, alias: &str) -> Conditions {
    let mut conditions = Conditions::default();
    let isp = scope::of_isp(scope, alias, 1);
    conditions.add(isp.sql, isp.values);
    if scope.operators().is_some() {
        let owned = scope::owned(scope, "c", conditions.next());
        conditions.add(owned.sql, owned.values);
    }
    conditions
}

/// An invoice is found by the beginning of its number or by its customer.
fn add_search(conditions: &mut Conditions, search: &str) {
    let number = search.trim().to_ascii_uppercase();
    let first = conditions.next();
    let mut found = vec![format!(
        "(i.number >= ${first} AND i.number < ${})",
        first + 1
    )];
    let mut bound: Vec<sea_orm::Value> = vec![number.clone().into(), after_prefix(&number).into()];
    let words = search_words(search);
    let mut every_word = Vec::new();
    for word in &words {
        let mut spellings = Vec::new();
        for prefix in &word.prefixes {
            let next = first + bound.len();
            spellings.push(format!("(t.term >= ${next} AND t.term < ${})", next + 1));
            bound.push(prefix.clone().into());
            bound.push(after_prefix(&search_key(prefix)).into());
        }
        every_word.push(format!(
            "i.customer_id IN (SELECT t.customer_id FROM customer_term t \
             WHERE t.isp_id = i.isp_id AND ({}))",
            spellings.join(" OR ")
        ));
    }
    if !every_word.is_empty() {
        found.push(format!("({})", every_word.join(" AND ")));
    }
    conditions.add(format!("({})", found.join(" OR ")), bound);
}

/// A text behind every text that begins with the prefix.
fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

async fn lines_of(read: &Read, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<LineRow>>, Error> {
    let mut lines: HashMap<Uuid, Vec<LineRow>> = HashMap::new();
    if ids.is_empty() {
        return Ok(lines);
    }
    let list: Vec<_> = (1..=ids.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT invoice_id, description, category, quantity, unit_price_minor, amount_minor \
         FROM invoice_line WHERE invoice_id IN ({}) ORDER BY invoice_id, position",
        list.join(", ")
    );
    let bound = ids.into_iter().map(Into::into).collect();
    for row in sql::all::<LineRow>(read, &sql, bound).await? {
        lines.entry(row.invoice_id).or_default().push(row);
    }
    Ok(lines)
}

#[derive(FromQueryResult)]
struct InvoiceRow {
    id: Uuid,
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
    customer_id: Uuid,
    customer_number: i64,
    customer_name: String,
}

#[derive(FromQueryResult)]
struct LineRow {
    invoice_id: Uuid,
    description: String,
    category: String,
    quantity: i64,
    unit_price_minor: i64,
    amount_minor: i64,
}

impl LineRow {
    fn into_item(self, currency: Currency) -> Result<LineItem, Error> {
        Ok(LineItem {
            description: self.description,
            category: LineCategory::parse(&self.category)
                .ok_or_else(|| defect("an invoice line has no known category"))?,
            quantity: self.quantity,
            unit_price: Money::from_minor(self.unit_price_minor, currency),
            amount: Money::from_minor(self.amount_minor, currency),
        })
    }
}

impl InvoiceRow {
    fn into_item(self, lines: Vec<LineRow>, now: DateTime<Utc>) -> Result<InvoiceItem, Error> {
        let currency = currency(&self.currency)?;
        let status = InvoiceStatus::parse(&self.status)
            .ok_or_else(|| defect("an invoice has no known status"))?;
        let open = matches!(status, InvoiceStatus::Issued | InvoiceStatus::PartlyPaid);
        Ok(InvoiceItem {
            id: InvoiceId::from_uuid(self.id),
            number: self.number,
            customer: CustomerName {
                id: CustomerId::from_uuid(self.customer_id),
                number: self.customer_number,
                name: self.customer_name,
            },
            status,
            overdue: open && self.due_at < now,
            period_start: self.period_start,
            period_end: self.period_end,
            issued_at: self.issued_at,
            due_at: self.due_at,
            total: Money::from_minor(self.total_minor, currency),
            paid: Money::from_minor(self.paid_minor, currency),
            lines: lines
                .into_iter()
                .map(|line| line.into_item(currency))
                .collect::<Result<_, _>>()?,
            void_reason: self.void_reason,
        })
    }
}
