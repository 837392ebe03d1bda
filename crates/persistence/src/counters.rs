//! Numbers without gaps: a locked row per ISP, kind and year.

use domain::ids::IspId;

use crate::{
    error::Error,
    sql::{self, values},
    tx::Tx,
};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterKind {
    /// Customers, for ever.
    Customer,
    /// Invoices, by year.
    Invoice,
    /// Receipts, by year.
    Receipt,
}

impl CounterKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Invoice => "invoice",
            Self::Receipt => "receipt",
        }
    }
}

/// The next number. It is given only when the unit of work commits, so that none is lost.
pub async fn next(tx: &Tx, isp_id: IspId, kind: CounterKind, year: i32) -> Result<i64, Error> {
    reserve(tx, isp_id, kind, year, 1).await
}

/// The first of `count` consecutive numbers.
pub async fn reserve(
    tx: &Tx,
    isp_id: IspId,
    kind: CounterKind,
    year: i32,
    count: i64,
) -> Result<i64, Error> {
    let last: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO counter (isp_id, kind, year, last) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (isp_id, kind, year) DO UPDATE SET last = counter.last + excluded.last \
         RETURNING last",
        values![isp_id.as_uuid(), kind.as_str(), i64::from(year), count],
    )
    .await?;
    let last = last.ok_or_else(|| Error::Unexpected("a counter answered no number".to_owned()))?;
    Ok(last - count + 1)
}
