//! The first schema.

#![expect(
    elided_lifetimes_in_paths,
    reason = "async_trait fixes the lifetimes of the trait"
)]

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Every table, in an order in which each can be dropped before what it refers to.
const TABLES: [&str; 35] = [
    "import_row",
    "login_answer",
    "schedule_slot",
    "import_run",
    "audit_log",
    "session_history",
    "session",
    "change_feed",
    "job",
    "domain_event",
    "idempotency_key",
    "counter",
    "payment_allocation",
    "payment",
    "invoice_line",
    "invoice",
    "posting",
    "journal_entry",
    "zero",
    "account",
    "subscription",
    "customer_term",
    "customer",
    "nas",
    "package",
    "zone",
    "api_key",
    "refresh_token",
    "sign_in",
    "user_grant",
    "app_user",
    "operator",
    "isp_settings",
    "isp",
    "tenancy",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, include_str!("schema/0001_tables.sql")).await?;
        let guards = match manager.get_database_backend() {
            DbBackend::Postgres => include_str!("schema/0001_postgres.sql"),
            _ => include_str!("schema/0001_sqlite.sql"),
        };
        dialect::run(manager, guards).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::drop_tables(manager, &TABLES).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            dialect::run(manager, include_str!("schema/0001_postgres_down.sql")).await?;
        }
        Ok(())
    }
}
