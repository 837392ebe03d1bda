//! Money on real databases: payments, bills, expiry, and the books under all of them.

mod billing;
mod books;
mod expiry;
mod lists;
mod payments;
mod scale;
mod status;
mod support;
