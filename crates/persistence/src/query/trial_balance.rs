//! The trial balance: what every account holds, and that both sides are equal.

use domain::{authz::Scope, billing::AccountKind, ids::IspId, money::Money};
use sea_orm::FromQueryResult;

use crate::{
    error::Error,
    repo::ledger::{currency, defect},
    scope,
    sql::{self, values},
    tx::Read,
};

/// A line of the trial balance; the customers' accounts are one line together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialBalanceLine {
    /// The account's name among those of its kind.
    pub account: String,
    /// What it is for.
    pub kind: AccountKind,
    /// What its debit balances sum to.
    pub debit: Money,
    /// What its credit balances sum to.
    pub credit: Money,
}

/// The trial balance of one ISP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialBalance {
    /// Its lines, by kind and name.
    pub lines: Vec<TrialBalanceLine>,
    /// The sum of all debit balances.
    pub total_debit: Money,
    /// The sum of all credit balances: the same.
    pub total_credit: Money,
}

/// Adds up the accounts of an ISP in the scope; nothing when it is not in it.
pub async fn trial_balance(
    read: &Read,
    scope: &Scope,
    isp_id: IspId,
) -> Result<Option<TrialBalance>, Error> {
    let filter = scope::of_isp(scope, "a", 2);
    let mut bound = values![isp_id.as_uuid()];
    bound.extend(filter.values);
    // A reseller's reach is its customers; the books are the ISP's.
    if scope.operators().is_some() {
        return Ok(None);
    }
    let sql = format!(
        "SELECT a.kind, CASE WHEN a.kind = 'receivable' THEN 'customers' ELSE a.name END AS account, \
         MIN(a.currency) AS currency, \
         CAST(SUM(CASE WHEN a.balance_minor > 0 THEN a.balance_minor ELSE 0 END) AS BIGINT) AS debit_minor, \
         CAST(SUM(CASE WHEN a.balance_minor < 0 THEN -a.balance_minor ELSE 0 END) AS BIGINT) AS credit_minor \
         FROM account a WHERE a.isp_id = $1 AND {} GROUP BY 1, 2 ORDER BY 1, 2",
        filter.sql
    );
    let rows: Vec<Row> = sql::all(read, &sql, bound).await?;
    let code: Option<String> = sql::scalar(
        read,
        "SELECT currency FROM isp WHERE id = $1",
        values![isp_id.as_uuid()],
    )
    .await?;
    let Some(code) = code else { return Ok(None) };
    let nothing = Money::zero(currency(&code)?);
    let mut balance = TrialBalance {
        lines: Vec::new(),
        total_debit: nothing,
        total_credit: nothing,
    };
    for row in rows {
        let line = row.into_line()?;
        let sum = |total: Money, part: Money| total.plus(part).map_err(|e| defect(&e.to_string()));
        balance.total_debit = sum(balance.total_debit, line.debit)?;
        balance.total_credit = sum(balance.total_credit, line.credit)?;
        balance.lines.push(line);
    }
    Ok(Some(balance))
}

#[derive(FromQueryResult)]
struct Row {
    kind: String,
    account: String,
    currency: String,
    debit_minor: i64,
    credit_minor: i64,
}

impl Row {
    fn into_line(self) -> Result<TrialBalanceLine, Error> {
        let currency = currency(&self.currency)?;
        Ok(TrialBalanceLine {
            kind: AccountKind::parse(&self.kind)
                .ok_or_else(|| defect("an account has no known kind"))?,
            account: self.account,
            debit: Money::from_minor(self.debit_minor, currency),
            credit: Money::from_minor(self.credit_minor, currency),
        })
    }
}
