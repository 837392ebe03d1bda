//! Reading and writing what the domain knows, one file per noun, free functions.

pub mod invoices;
pub mod ledger;
pub mod payments;
pub mod service;
pub mod sessions;
