//! Accounting: from a request to a record that can be stored.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

pub mod class;
pub mod ingest;
pub mod session;
pub mod spool;
