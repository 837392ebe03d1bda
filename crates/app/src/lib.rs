//! What the product does: use cases for people, jobs for itself, and what follows from what.
//!
//! The API, the worker, the RADIUS server and the command line all come through here. Nothing here
//! speaks HTTP, and nothing here talks to a router while a unit of work is open.
#![deny(
    clippy::float_arithmetic,
    clippy::float_cmp,
    clippy::wildcard_enum_match_arm
)]

pub mod accounting;
pub mod client_ledger;
pub mod ctx;
pub mod directory;
pub mod fair_use;
pub mod freeradius;
pub mod jobs;
pub mod login_log;
pub mod meter;
pub mod reactions;
pub mod router_watch;
pub mod schedule;
pub mod secrets;
pub mod signals;
pub mod use_cases;
pub mod worker;

pub use ctx::{AppCtx, WorkerCtx};
