//! What people and programs ask for: one folder per noun, one file per verb.

pub mod billing;
pub mod customers;
mod idempotent;
pub mod nas;
pub mod operators;
pub mod packages;
pub mod payments;
pub mod search;
pub mod zones;
