//! Statements written by hand: the few lines around sea-orm that each of them would repeat.

use sea_orm::{FromQueryResult, QueryResult, Statement, Value};

use crate::{db::Backend, error::Error, tx::Read};

/// Values for `$1, $2, …` in the order given.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(sea_orm::Value::from($value)),*] };
}
pub(crate) use values;

pub(crate) fn statement(read: &Read, sql: &str, values: Vec<Value>) -> Statement {
    let backend = read.backend().sea_orm();
    if read.backend() == Backend::Sqlite
        && let Some(positional) = positional(sql)
    {
        return Statement::from_sql_and_values(backend, positional, values);
    }
    Statement::from_sql_and_values(backend, sql, values)
}

/// The statement with `?` for `$1, $2, …` where each stands once and in order.
///
/// To SQLite `$1` is a name among names that it searches one by one, so that a statement with
/// 25,000 of them takes seconds; a bare `?` costs nothing.
fn positional(sql: &str) -> Option<String> {
    let mut text = String::with_capacity(sql.len());
    let mut parts = sql.split('$');
    text.push_str(parts.next()?);
    for (index, part) in parts.enumerate() {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        if number.parse() != Ok(index + 1) {
            return None;
        }
        text.push('?');
        text.push_str(rest);
    }
    Some(text)
}

/// Runs a statement and says how many rows it touched.
pub(crate) async fn execute(read: &Read, sql: &str, values: Vec<Value>) -> Result<u64, Error> {
    Ok(read
        .execute(statement(read, sql, values))
        .await?
        .rows_affected())
}

/// Every row.
pub(crate) async fn rows(
    read: &Read,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, Error> {
    read.query_all(statement(read, sql, values)).await
}

/// The first row.
pub(crate) async fn row(
    read: &Read,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<QueryResult>, Error> {
    read.query_one(statement(read, sql, values)).await
}

/// Every row as a type.
pub(crate) async fn all<T: FromQueryResult>(
    read: &Read,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<T>, Error> {
    rows(read, sql, values)
        .await?
        .iter()
        .map(|row| T::from_query_result(row, "").map_err(Error::from))
        .collect()
}

/// The first row as a type.
pub(crate) async fn one<T: FromQueryResult>(
    read: &Read,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<T>, Error> {
    row(read, sql, values)
        .await?
        .map(|row| T::from_query_result(&row, "").map_err(Error::from))
        .transpose()
}

/// The first column of the first row.
pub(crate) async fn scalar<T: sea_orm::TryGetable>(
    read: &Read,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<T>, Error> {
    row(read, sql, values)
        .await?
        .map(|row| row.try_get_by_index::<T>(0).map_err(Error::from))
        .transpose()
}

/// `($1, $2), ($3, $4), …`: the groups of a multi-row insert.
pub(crate) fn groups(rows: usize, columns: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let comma = if column == 0 { "" } else { ", " };
            write!(text, "{comma}${}", row * columns + column + 1)
                .expect("invariant: writing to a String does not fail");
        }
        text.push(')');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_placeholders_in_order_become_positional() {
        let of = |sql| positional(sql);
        assert_eq!(
            of("VALUES ($1, $2), ($3, $4)").as_deref(),
            Some("VALUES (?, ?), (?, ?)")
        );
        assert_eq!(of("SELECT 1").as_deref(), Some("SELECT 1"));
        for other in ["$2, $1", "$1, $1", "$1 AND $3", "a $ b"] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(of(&groups(2, 3)).as_deref(), Some("(?, ?, ?), (?, ?, ?)"));
    }
}
