//! The contract of the HTTP API: its document, its problems, who may call what, and whose rows
//! anybody sees.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails loudly"
)]

mod accounts;
mod authz_coverage;
mod authz_matrix;
mod credentials;
mod figures;
mod golden;
mod instants;
mod keys;
mod limits;
mod openapi;
mod probes;
mod problems;
mod routers;
mod sessions;
mod site;
mod tenancy;
mod totp;
mod views;
