//! Reading and writing what the domain knows, one file per noun, free functions.

pub mod customers;
pub mod fair_use;
pub mod freeradius;
pub mod held_cuts;
pub mod identity;
pub mod imports;
pub mod invoices;
pub mod ledger;
pub mod live_changes;
pub mod login_answers;
pub mod macs;
pub mod nas;
pub mod nas_reports;
pub mod operators;
pub mod overrides;
pub mod packages;
pub mod payments;
pub mod radius_traces;
pub mod realm_reports;
pub mod realms;
pub mod restrictions;
pub mod routers;
pub mod service;
pub mod sessions;
pub mod top_ups;
pub mod zones;
