//! What every migration does on either database: run statements, fence tables, drop them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The types that the two databases write differently: shared word, SQLite, PostgreSQL.
///
/// SQLite's driver goes by the declared type: instants and JSON are text there, identifiers blobs.
const TYPES: [(&str, &str, &str); 7] = [
    ("%uuid", "BLOB", "uuid"),
    ("%instant", "TEXT", "timestamptz"),
    ("%date", "TEXT", "date"),
    ("%json", "jsonb_text", "jsonb"),
    ("%bytes", "BLOB", "bytea"),
    (
        "%serial",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
        "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    ),
    // Terms are compared by code point on both sides, so that a prefix is a range of the index.
    ("%term", "TEXT COLLATE BINARY", "text COLLATE \"C\""),
];

/// Runs every statement of `sql`; statements end in a line that holds just `;;` or end in `;;`.
pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    for statement in sql
        .split(";;")
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
    {
        let text = TYPES
            .iter()
            .fold(statement.to_owned(), |text, (word, sqlite, postgres)| {
                text.replace(
                    word,
                    if backend == DbBackend::Postgres {
                        postgres
                    } else {
                        sqlite
                    },
                )
            });
        manager.get_connection().execute_unprepared(&text).await?;
    }
    Ok(())
}

/// Lets the application's roles at the tables, each at the rows of its own ISPs alone.
///
/// Every table with a column `isp_id` is fenced in by the migration that makes it. SQLite knows no
/// roles: there the typed scopes stand alone.
pub(crate) async fn fence(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for table in tables {
        run(
            manager,
            &include_str!("schema/fence.sql").replace("%table", table),
        )
        .await?;
    }
    Ok(())
}

/// Drops tables that are there, in this order.
pub(crate) async fn drop_tables(
    manager: &SchemaManager<'_>,
    tables: &[&'static str],
) -> Result<(), DbErr> {
    for table in tables {
        manager
            .drop_table(Table::drop().table(*table).if_exists().to_owned())
            .await?;
    }
    Ok(())
}
