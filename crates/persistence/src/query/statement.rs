//! A customer's account, line by line.

use chrono::{DateTime, Utc};
use domain::{
    billing::Cause,
    ids::{CustomerId, IspId},
    money::Money,
    page::{Page, PageRequest},
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::newest_first::{Conditions, NewestFirst, PageError, count};
use crate::{
    error::Error,
    repo::ledger::{currency, defect},
    sql,
    tx::Read,
};

/// One line of a customer's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// When it was booked.
    pub at: DateTime<Utc>,
    /// Why.
    pub cause: Cause,
    /// What people read.
    pub description: String,
    /// What was charged.
    pub debit: Option<Money>,
    /// What came in or was taken back.
    pub credit: Option<Money>,
    /// The balance after it: positive is credit with us, negative is owed.
    pub balance: Money,
    /// The number of the invoice or receipt behind it.
    pub reference: Option<String>,
}

const FROM: &str = "posting p JOIN account a ON a.id = p.account_id";

/// The account of a customer that the caller may see, the newest line first.
pub async fn statement(
    read: &Read,
    isp_id: IspId,
    customer_id: CustomerId,
    page: &PageRequest,
) -> Result<Page<StatementLine>, PageError> {
    let seek = NewestFirst::of("statement", page)?;
    let mut conditions = Conditions::default();
    conditions.compare("a.isp_id", "=", Some(isp_id.as_uuid()));
    conditions.compare("a.customer_id", "=", Some(customer_id.as_uuid()));
    let total = count(read, FROM, &conditions).await?;
    seek.seek(&mut conditions, "p.at", "p.entry_id");
    let sql = format!(
        "SELECT p.entry_id, p.at, p.amount_minor, p.balance_after_minor, a.currency, e.cause, \
         e.description, COALESCE(i.number, r.receipt_number) AS reference FROM {FROM} \
         JOIN journal_entry e ON e.id = p.entry_id \
         LEFT JOIN invoice i ON i.id = e.reference_id LEFT JOIN payment r ON r.id = e.reference_id \
         WHERE {} ORDER BY p.at DESC, p.entry_id DESC LIMIT {}",
        conditions.sql(),
        seek.fetch()
    );
    let rows: Vec<Row> = sql::all(read, &sql, conditions.values).await?;
    let rows = seek.page(rows, |row| (row.at, row.entry_id), total);
    let items = rows
        .items
        .into_iter()
        .map(Row::into_line)
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        next_cursor: rows.next_cursor,
        total: rows.total,
        total_is_exact: rows.total_is_exact,
    })
}

#[derive(FromQueryResult)]
struct Row {
    entry_id: Uuid,
    at: DateTime<Utc>,
    amount_minor: i64,
    balance_after_minor: i64,
    currency: String,
    cause: String,
    description: String,
    reference: Option<String>,
}

impl Row {
    fn into_line(self) -> Result<StatementLine, Error> {
        let currency = currency(&self.currency)?;
        let amount = Money::from_minor(self.amount_minor, currency);
        let turned = |money: Money| money.negated().map_err(|e| defect(&e.to_string()));
        let (debit, credit) = if amount.is_positive() {
            (Some(amount), None)
        } else {
            (None, Some(turned(amount)?))
        };
        Ok(StatementLine {
            at: self.at,
            cause: Cause::parse(&self.cause)
                .ok_or_else(|| defect("a journal entry has no known cause"))?,
            description: self.description,
            debit,
            credit,
            balance: turned(Money::from_minor(self.balance_after_minor, currency))?,
            reference: self.reference,
        })
    }
}
