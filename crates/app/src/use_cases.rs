//! What people and programs ask for: one folder per noun, one file per verb.

pub mod access;
pub mod api_keys;
pub mod auth;
pub mod billing;
pub mod connection;
pub mod customers;
pub mod fair_use;
mod idempotent;
pub mod imports;
pub mod jobs;
pub mod me;
pub mod nas;
pub mod operators;
pub mod packages;
pub mod payments;
pub mod platform;
pub mod realms;
pub mod routers;
pub mod search;
pub mod settings;
pub mod users;
pub mod zones;

/// The code of a refused address that nobody's router has.
const NOT_ALLOWED: &str = "address_not_allowed";
const NOT_ALLOWED_DETAIL: &str = "is closed by the configuration: this machine, its link, multicast and \
    metadata services are nobody's router (outgoing_allow opens networks)";
