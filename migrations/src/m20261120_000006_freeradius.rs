//! The tables of a FreeRADIUS that an ISP keeps, in a schema of their own; PostgreSQL only.

#![expect(
    elided_lifetimes_in_paths,
    reason = "async_trait fixes the lifetimes of the trait"
)]

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Postgres => {
                dialect::run(manager, include_str!("schema/0006_postgres.sql")).await
            }
            // The embedded database serves one process alone.
            _ => Ok(()),
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Postgres => {
                dialect::run(manager, "DROP SCHEMA IF EXISTS freeradius CASCADE").await
            }
            _ => Ok(()),
        }
    }
}
