//! Invoices: what they hold, how they are numbered, which periods they may cover.

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;

use crate::{
    customer::named_status as named,
    ids::{CustomerId, InvoiceId, IspId, PackageId},
    money::Money,
    period::Period,
};

named! {
    /// Where an invoice stands. Overdue is not a state: it follows from the due date.
    InvoiceStatus {
        /// Sent, nothing paid.
        Issued = "issued",
        /// Something paid.
        PartlyPaid = "partly_paid",
        /// Everything paid.
        Paid = "paid",
        /// Taken back by a reversing entry.
        Void = "void",
    }
}

named! {
    /// What a line charges for.
    LineCategory {
        /// Service for a period.
        Service = "service",
        /// Something else, described in words.
        Other = "other",
    }
}

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceLine {
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

/// An invoice about to be issued; it gets its number in the transaction that issues it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceDraft {
    /// Who owes.
    pub customer_id: CustomerId,
    /// For which package.
    pub package_id: Option<PackageId>,
    /// For which stretch of service.
    pub period: Period,
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// What it charges.
    pub lines: Vec<InvoiceLine>,
    /// What all lines cost.
    pub total: Money,
}

/// An invoice. After issue only its payment state changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Its identifier.
    pub id: InvoiceId,
    /// Whose.
    pub isp_id: IspId,
    /// Its number, gap-free inside the ISP and year.
    pub number: String,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// What was paid.
    pub paid: Money,
    /// Why it was voided.
    pub void_reason: Option<String>,
    /// What it says.
    pub draft: InvoiceDraft,
}

/// Why a period cannot be billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the period overlaps invoice {invoice_id}")]
pub struct PeriodRefusal {
    /// The invoice that covers a part of it.
    pub invoice_id: InvoiceId,
}

/// Refuses a period that an invoice of the customer covers in part.
pub fn check_period_free(
    period: &Period,
    billed: &[(InvoiceId, Period)],
) -> Result<(), PeriodRefusal> {
    match billed.iter().find(|(_, other)| other.overlaps(period)) {
        Some(&(invoice_id, _)) => Err(PeriodRefusal { invoice_id }),
        None => Ok(()),
    }
}

/// The year that an instant's invoices are counted in.
#[must_use]
pub fn numbering_year(instant: DateTime<Utc>, zone: Tz) -> i32 {
    instant.with_timezone(&zone).year()
}

/// The number of the n-th document of a year: `INV-2026-000042`.
#[must_use]
pub fn invoice_number(prefix: &str, year: i32, count: i64) -> String {
    format!("{prefix}-{year}-{count:06}")
}
