//! Reading and writing what the domain knows, one file per noun, free functions.

pub mod customers;
pub mod identity;
pub mod imports;
pub mod invoices;
pub mod ledger;
pub mod login_answers;
pub mod nas;
pub mod nas_reports;
pub mod operators;
pub mod packages;
pub mod payments;
pub mod radius_traces;
pub mod service;
pub mod sessions;
pub mod zones;
