//! Usage by day and month, what counters are measured against, and history by month.

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
        dialect::run(manager, include_str!("schema/0003_tables.sql")).await?;
        let rest = match manager.get_database_backend() {
            DbBackend::Postgres => include_str!("schema/0003_postgres.sql"),
            _ => include_str!("schema/0003_sqlite.sql"),
        };
        dialect::run(manager, rest).await?;
        // The history is made anew in parts, so that it is fenced in anew.
        dialect::fence(manager, &["usage_day", "usage_month", "session_history"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::drop_tables(manager, &["usage_day", "usage_month"]).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            let function = "DROP FUNCTION IF EXISTS make_session_history_partitions(date, integer)";
            dialect::run(manager, function).await?;
        }
        Ok(())
    }
}
