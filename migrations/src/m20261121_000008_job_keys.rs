//! Jobs with one key are one only while the first waits.

#![expect(
    elided_lifetimes_in_paths,
    reason = "async_trait fixes the lifetimes of the trait"
)]

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, include_str!("schema/0008_tables.sql")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = "DROP INDEX job_running_key;; DROP INDEX job_dedup_key;; \
            CREATE UNIQUE INDEX job_dedup_key ON job (dedup_key) \
            WHERE state IN ('queued', 'running') AND dedup_key IS NOT NULL;;";
        dialect::run(manager, statements).await
    }
}
