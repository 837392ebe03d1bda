//! Invoices and the books.

pub(crate) mod account;
mod generate_bill;
mod lists;
mod overview;
mod release_cuts;
mod void_invoice;

pub use generate_bill::{BillRefusal, GenerateBill, GenerateBillError, generate_bill};
pub use lists::{get_invoice, get_trial_balance, list_invoices, list_statement};
pub use overview::get_overview;
pub use release_cuts::{ReleaseCutsError, release_cuts};
pub use void_invoice::{VoidInvoice, VoidInvoiceError, VoidRefusal, void_invoice};
