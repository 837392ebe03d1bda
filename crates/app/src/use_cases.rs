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
