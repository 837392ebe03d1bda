//! The database schema, forward only, for SQLite and PostgreSQL.
//!
//! Tables are written once, in the SQL that both databases share, with the few differing types as
//! words that [`dialect`] translates. Triggers, row-level security and roles have a file per
//! database beside them.

mod dialect;
mod m20260101_000001_base;
mod m20261120_000002_radius_clients;
mod m20261120_000003_accounting;
mod m20261120_000004_policy;
mod m20261120_000005_fair_use;
mod m20261120_000006_freeradius;
mod m20261120_000007_realms;
mod m20261121_000008_job_keys;
mod m20261121_000009_usage_by_day;
mod m20261128_000010_routers;
mod m20261128_000011_history;
mod m20261128_000012_waiting_logins;
mod m20261128_000013_operator_name;
mod m20261201_000014_write_probe;
mod m20261201_000016_claims;
mod m20261201_000017_payment_references;
mod m20261201_000021_held_cuts;
mod m20261201_000022_sealed_uploads;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// Every migration, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_base::Migration),
            Box::new(m20261120_000002_radius_clients::Migration),
            Box::new(m20261120_000003_accounting::Migration),
            Box::new(m20261120_000004_policy::Migration),
            Box::new(m20261120_000005_fair_use::Migration),
            Box::new(m20261120_000006_freeradius::Migration),
            Box::new(m20261120_000007_realms::Migration),
            Box::new(m20261121_000008_job_keys::Migration),
            Box::new(m20261121_000009_usage_by_day::Migration),
            Box::new(m20261128_000010_routers::Migration),
            Box::new(m20261128_000011_history::Migration),
            Box::new(m20261128_000012_waiting_logins::Migration),
            Box::new(m20261128_000013_operator_name::Migration),
            Box::new(m20261201_000014_write_probe::Migration),
            Box::new(m20261201_000016_claims::Migration),
            Box::new(m20261201_000017_payment_references::Migration),
            Box::new(m20261201_000021_held_cuts::Migration),
            Box::new(m20261201_000022_sealed_uploads::Migration),
        ]
    }
}
