//! What is owed, what was paid, and the books.

mod invoice;
mod ledger;
mod settlement;

pub use invoice::{
    Invoice, InvoiceDraft, InvoiceLine, InvoiceStatus, LineCategory, PeriodRefusal,
    check_period_free, invoice_number, numbering_year,
};
pub use ledger::{
    AccountKey, AccountKind, Cause, Entry, Posting, Unbalanced, charge, receive, reverse,
};
pub use settlement::{Allocation, OpenInvoice, Settlement, settle_oldest_first};
