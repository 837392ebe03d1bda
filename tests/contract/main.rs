//! The contract of the HTTP API: its document, its problems, who may call what, and whose rows
//! anybody sees.

mod authz_coverage;
mod authz_matrix;
mod golden;
mod openapi;
mod probes;
mod problems;
mod proofs;
mod site;
mod tenancy;
