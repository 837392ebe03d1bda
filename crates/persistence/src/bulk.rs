//! Many rows handed to one statement.
//!
//! PostgreSQL takes each column as one array, so that the statement's text, and with it its plan,
//! is the same for any number of rows. SQLite takes the rows as values.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::{db::Backend, error::Error, sql, tx::Read};

/// The most values that SQLite binds, with room to spare.
const SQLITE_VALUES: usize = 30_000;

/// A column of the relation: its name, and its type on PostgreSQL.
pub(crate) type Column = (&'static str, &'static str);

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Uuid(Option<Uuid>),
    Integer(i64),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Instant(Option<DateTime<Utc>>),
    Flag(bool),
    Day(NaiveDate),
}

macro_rules! cells {
    ($($from:ty => $cell:expr;)*) => {
        $(impl From<$from> for Cell {
            fn from(value: $from) -> Self {
                let make: fn($from) -> Self = $cell;
                make(value)
            }
        })*
    };
}

cells! {
    Uuid => |value| Self::Uuid(Some(value));
    Option<Uuid> => Self::Uuid;
    i64 => Self::Integer;
    String => |value| Self::Text(Some(value));
    &str => |value| Self::Text(Some(value.to_owned()));
    Option<String> => Self::Text;
    Vec<u8> => |value| Self::Bytes(Some(value));
    Option<Vec<u8>> => Self::Bytes;
    DateTime<Utc> => |value| Self::Instant(Some(value));
    Option<DateTime<Utc>> => Self::Instant;
    bool => Self::Flag;
    NaiveDate => Self::Day;
}

impl Cell {
    fn value(self) -> Value {
        match self {
            Self::Uuid(value) => value.into(),
            Self::Integer(value) => value.into(),
            Self::Text(value) => value.into(),
            Self::Bytes(value) => value.into(),
            Self::Instant(value) => value.into(),
            Self::Flag(value) => value.into(),
            Self::Day(value) => value.into(),
        }
    }

    /// Writes the value as an element of an array's text.
    fn write(&self, text: &mut String) -> std::fmt::Result {
        match self {
            Self::Uuid(Some(value)) => write!(text, "{value}"),
            Self::Integer(value) => write!(text, "{value}"),
            Self::Text(Some(value)) => {
                text.push('"');
                for letter in value.chars() {
                    if matches!(letter, '"' | '\\') {
                        text.push('\\');
                    }
                    text.push(letter);
                }
                text.push('"');
                Ok(())
            }
            Self::Bytes(Some(value)) => {
                text.push_str("\"\\\\x");
                for byte in value {
                    write!(text, "{byte:02x}")?;
                }
                text.push('"');
                Ok(())
            }
            Self::Instant(Some(value)) => {
                let instant = value.to_rfc3339_opts(SecondsFormat::Micros, true);
                write!(text, "\"{instant}\"")
            }
            Self::Flag(value) => write!(text, "{value}"),
            Self::Day(value) => write!(text, "{value}"),
            Self::Uuid(None) | Self::Text(None) | Self::Bytes(None) | Self::Instant(None) => {
                text.write_str("NULL")
            }
        }
    }
}

/// Cells of one row in the order of the columns.
macro_rules! cells_of {
    ($($value:expr),* $(,)?) => { vec![$($crate::bulk::Cell::from($value)),*] };
}
pub(crate) use cells_of;

/// Runs `statement` over the rows, which it finds as the relation `r`.
pub(crate) async fn execute(
    read: &Read,
    columns: &[Column],
    rows: Vec<Vec<Cell>>,
    statement: &str,
) -> Result<u64, Error> {
    let mut touched = 0;
    for (with, values) in parts(read.backend(), columns, rows) {
        touched += sql::execute(read, &format!("{with} {statement}"), values).await?;
    }
    Ok(touched)
}

/// The same for a statement that answers rows.
pub(crate) async fn query(
    read: &Read,
    columns: &[Column],
    rows: Vec<Vec<Cell>>,
    statement: &str,
) -> Result<Vec<QueryResult>, Error> {
    let mut all = Vec::new();
    for (with, values) in parts(read.backend(), columns, rows) {
        all.extend(sql::rows(read, &format!("{with} {statement}"), values).await?);
    }
    Ok(all)
}

fn parts(backend: Backend, columns: &[Column], rows: Vec<Vec<Cell>>) -> Vec<(String, Vec<Value>)> {
    if rows.is_empty() {
        return Vec::new();
    }
    match backend {
        Backend::Postgres => vec![arrays(columns, &rows)],
        Backend::Sqlite => {
            let size = SQLITE_VALUES / columns.len().max(1);
            let mut rows = rows.into_iter().peekable();
            let mut parts = Vec::new();
            while rows.peek().is_some() {
                parts.push(groups(columns, rows.by_ref().take(size).collect()));
            }
            parts
        }
    }
}

fn names(columns: &[Column]) -> String {
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

fn arrays(columns: &[Column], rows: &[Vec<Cell>]) -> (String, Vec<Value>) {
    let casts: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(index, (_, kind))| format!("${}::text::{kind}[]", index + 1))
        .collect();
    let names = names(columns);
    let with = format!(
        "WITH r AS (SELECT * FROM unnest({}) AS r ({names}))",
        casts.join(", ")
    );
    let values = (0..columns.len())
        .map(|column| Value::from(array(rows.iter().filter_map(|row| row.get(column)))))
        .collect();
    (with, values)
}

fn array<'c>(cells: impl Iterator<Item = &'c Cell>) -> String {
    let mut text = String::from("{");
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(',');
        }
        cell.write(&mut text)
            .expect("invariant: writing to a String does not fail");
    }
    text.push('}');
    text
}

fn groups(columns: &[Column], rows: Vec<Vec<Cell>>) -> (String, Vec<Value>) {
    let group = format!("({})", vec!["?"; columns.len()].join(","));
    let with = format!(
        "WITH r ({}) AS (VALUES {})",
        names(columns),
        vec![group; rows.len()].join(",")
    );
    let values = rows.into_iter().flatten().map(Cell::value).collect();
    (with, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_an_array_are_quoted() {
        let cells = [
            Cell::from("a\"b\\c,{}"),
            Cell::Text(None),
            Cell::from(-3_i64),
            Cell::from(vec![0_u8, 255]),
            Cell::from(true),
        ];
        assert_eq!(
            array(cells.iter()),
            r#"{"a\"b\\c,{}",NULL,-3,"\\x00ff",true}"#
        );
    }
}
