//! Money on real databases: payments, bills, expiry, and the books under all of them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and a measurement prints"
)]

mod billing;
mod books;
mod expiry;
mod lists;
mod payments;
mod scale;
mod status;
mod support;
