//! Read models for lists and reports: they may join, and return rows made for a view.

pub mod audit;
pub mod connection;
pub mod customers;
pub mod directory;
pub mod fair_use;
pub mod invoices;
pub mod jobs;
pub mod newest_first;
pub mod overview;
pub mod payments;
pub mod routers;
pub mod sealed;
pub mod search;
mod seek;
pub mod sessions;
pub mod statement;
pub mod trial_balance;
pub mod usage;
pub mod users;

pub use seek::InvalidCursor;
