//! The rules of an Internet provider's business, pure: no I/O, no clock, no database, no web.
//!
//! Everything here is a value, a decision over values, or a trait at a foreign boundary. What the
//! rest of the product may do with it is decided in `app`.
#![deny(
    clippy::float_arithmetic,
    clippy::float_cmp,
    clippy::wildcard_enum_match_arm
)]
#![warn(missing_docs)]

pub mod authz;
pub mod billing;
pub mod catalog;
pub mod clock;
pub mod customer;
pub mod event;
pub mod field;
pub mod idempotency;
pub mod ids;
pub mod mac;
pub mod money;
pub mod network;
pub mod operator;
pub mod page;
pub mod patch;
pub mod payment;
pub mod period;
pub mod phone;
pub mod ports;
pub mod subscription;
pub mod tenancy;
pub mod text;
pub mod username;
