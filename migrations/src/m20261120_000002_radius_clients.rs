//! RADIUS clients: rules, what was learnt of them, what is counted; traces of one customer.

#![expect(
    elided_lifetimes_in_paths,
    reason = "async_trait fixes the lifetimes of the trait"
)]

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 4] = [
    "radius_trace_packet",
    "radius_trace",
    "nas_counter",
    "nas_source",
];

const COLUMNS: [(&str, &str); 9] = [
    ("nas", "limit_proxy_state"),
    ("nas", "swap_octets"),
    ("nas", "max_requests_per_second"),
    ("nas", "max_in_flight"),
    ("nas", "old_secret"),
    ("nas", "old_secret_until"),
    ("nas", "forgotten_at"),
    ("login_answer", "method"),
    ("login_answer", "nas_address"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, include_str!("schema/0002_tables.sql")).await?;
        dialect::fence(manager, &TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::drop_tables(manager, &TABLES).await?;
        for (table, column) in COLUMNS {
            dialect::run(
                manager,
                &format!("ALTER TABLE {table} DROP COLUMN {column}"),
            )
            .await?;
        }
        Ok(())
    }
}
