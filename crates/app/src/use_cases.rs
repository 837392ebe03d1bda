//! What people and programs ask for: one folder per noun, one file per verb.

pub mod billing;
pub mod customers;
mod idempotent;
pub mod payments;
