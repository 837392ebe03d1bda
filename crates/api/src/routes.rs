//! The operations, one folder or file per noun; [`crate::router`] registers them.

pub(crate) mod api_keys;
pub(crate) mod audit_log;
pub(crate) mod auth;
pub(crate) mod billing;
pub(crate) mod customers;
pub(crate) mod fair_use;
pub(crate) mod impersonations;
pub(crate) mod imports;
pub(crate) mod jobs;
pub(crate) mod me;
pub(crate) mod nas;
pub(crate) mod network;
pub(crate) mod operators;
pub(crate) mod packages;
pub(crate) mod platform;
pub(crate) mod realms;
pub(crate) mod routers;
pub(crate) mod settings;
pub(crate) mod users;
pub(crate) mod zones;
