//! How many logins of a realm may wait, and what became of them.

#![expect(
    elided_lifetimes_in_paths,
    reason = "async_trait fixes the lifetimes of the trait"
)]

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 1] = ["realm_counter"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, include_str!("schema/0012_tables.sql")).await?;
        dialect::fence(manager, &TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::drop_tables(manager, &TABLES).await?;
        let column = "ALTER TABLE realm DROP COLUMN max_waiting_logins";
        dialect::run(manager, column).await
    }
}
