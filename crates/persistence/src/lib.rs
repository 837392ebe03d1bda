//! The two databases behind one face: units of work, scoped look-ups, repositories, read models.
//!
//! Entities are private: nobody outside can write an unscoped query. Rules are not here (`domain`),
//! and neither is what follows from a write (`app::reactions`).

pub mod audit;
mod bulk;
pub mod change_feed;
pub mod counters;
pub mod db;
mod entity;
pub mod error;
pub mod events;
pub mod idempotency;
pub mod jobs;
pub mod lookup;
mod pools;
pub mod query;
pub mod repo;
pub mod scope;
mod sql;
mod statement;
pub mod tx;

pub use db::{Backend, Db, DbOptions};
pub use error::{Constraint, Error};
pub use tx::{Read, Tx};
