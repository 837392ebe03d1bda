//! What narrows or widens a customer's access: restrictions, overrides, devices, top-ups.

#![expect(
    elided_lifetimes_in_paths,
    reason = "async_trait fixes the lifetimes of the trait"
)]

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 4] = ["restriction", "customer_override", "customer_mac", "top_up"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, include_str!("schema/0004_tables.sql")).await?;
        dialect::fence(manager, &TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::drop_tables(manager, &TABLES).await?;
        dialect::run(manager, "ALTER TABLE package DROP COLUMN access").await
    }
}
