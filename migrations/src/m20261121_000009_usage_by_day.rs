//! Usage is kept by day alone: a month is the sum of its days, and every report costs one row less.

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
        dialect::run(manager, "DROP TABLE usage_month;;").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = "CREATE TABLE usage_month (isp_id %uuid NOT NULL, \
            customer_id %uuid NOT NULL, month %date NOT NULL, input_octets BIGINT NOT NULL, \
            output_octets BIGINT NOT NULL, session_seconds BIGINT NOT NULL, \
            updated_at %instant NOT NULL, PRIMARY KEY (customer_id, month));; \
            CREATE INDEX usage_month_isp ON usage_month (isp_id, month);;";
        dialect::run(manager, statements).await
    }
}
