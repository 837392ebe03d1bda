//! For how long an ISP keeps ended sessions, and the way old empty months leave.

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
        dialect::run(manager, include_str!("schema/0011_tables.sql")).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            dialect::run(manager, include_str!("schema/0011_postgres.sql")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            let function = "DROP FUNCTION IF EXISTS drop_empty_session_history_partitions(date)";
            dialect::run(manager, function).await?;
        }
        let column = "ALTER TABLE isp_settings DROP COLUMN keep_sessions_months";
        dialect::run(manager, column).await
    }
}
