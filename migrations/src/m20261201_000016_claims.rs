//! Each ISP names its own routers: an address or a certificate that another ISP names too is no
//! conflict, and which of them a packet is for is decided by proofs and by who came first.

#![expect(
    elided_lifetimes_in_paths,
    reason = "async_trait fixes the lifetimes of the trait"
)]

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

use crate::dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What SQLite wrote down of the column, with and without the rule over all ISPs.
const UNIQUE: &str = "address TEXT NOT NULL CONSTRAINT nas_address_key UNIQUE";
const FREE: &str = "address TEXT NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            dialect::run(manager, "ALTER TABLE nas DROP CONSTRAINT nas_address_key").await?;
        } else {
            rebuild(manager, UNIQUE, FREE).await?;
        }
        dialect::run(manager, include_str!("schema/0016_tables.sql")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = "DROP INDEX nas_radsec_identity_key;; DROP INDEX nas_address_key;; \
            ALTER TABLE nas DROP COLUMN claimed_at;; \
            ALTER TABLE nas_source DROP COLUMN proven_at;; \
            CREATE UNIQUE INDEX nas_radsec_identity_key ON nas (radsec_identity);;";
        dialect::run(manager, statements).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            let constraint = "ALTER TABLE nas ADD CONSTRAINT nas_address_key UNIQUE (address)";
            return dialect::run(manager, constraint).await;
        }
        rebuild(manager, FREE, UNIQUE).await
    }
}

/// Makes the table anew, which is the only way in which SQLite takes a rule from a column. What
/// points at its rows is checked at the end of the transaction, when they are there again; rows
/// that would go with them are put aside meanwhile.
async fn rebuild(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    let table = texts(manager, "SELECT sql FROM sqlite_master WHERE name = 'nas'").await?;
    let indexes = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'nas' \
        AND sql IS NOT NULL";
    let indexes = texts(manager, indexes).await?;
    let dependent = "SELECT DISTINCT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) f \
        WHERE m.type = 'table' AND f.\"table\" = 'nas' AND f.on_delete = 'CASCADE'";
    let dependent = texts(manager, dependent).await?;

    let run = async |statement: String| {
        let connection = manager.get_connection();
        connection.execute_unprepared(&statement).await.map(drop)
    };
    run("PRAGMA defer_foreign_keys = ON".to_owned()).await?;
    let aside: Vec<&str> = std::iter::once("nas")
        .chain(dependent.iter().map(String::as_str))
        .collect();
    for name in &aside {
        run(format!("CREATE TABLE {name}_aside AS SELECT * FROM {name}")).await?;
    }
    run("DROP TABLE nas".to_owned()).await?;
    for statement in table
        .iter()
        .map(|sql| sql.replacen(from, to, 1))
        .chain(indexes)
    {
        run(statement).await?;
    }
    for name in &aside {
        run(format!("INSERT INTO {name} SELECT * FROM {name}_aside")).await?;
        run(format!("DROP TABLE {name}_aside")).await?;
    }
    Ok(())
}

async fn texts(manager: &SchemaManager<'_>, query: &str) -> Result<Vec<String>, DbErr> {
    let statement = Statement::from_string(DbBackend::Sqlite, query);
    let rows = manager.get_connection().query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
