//! Many rows handed to one statement.
//!
//! PostgreSQL takes each column as one array, so that the statement's text, and with it its plan,
//! is the same for any number of rows. SQLite takes the rows as values.
//!
//! An array travels as it is in memory, which neither side has to write out and read; only one with
//! a NULL in it, for which the driver has no type, travels as text.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use sea_orm::{QueryResult, Value, sea_query::ArrayType};
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
    Integer(Option<i64>),
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
    i64 => |value| Self::Integer(Some(value));
    Option<i64> => Self::Integer;
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

    /// What an array of such cells holds; none for NULL.
    const fn kind(&self) -> Option<ArrayType> {
        match self {
            Self::Uuid(Some(_)) => Some(ArrayType::Uuid),
            Self::Integer(Some(_)) => Some(ArrayType::BigInt),
            Self::Text(Some(_)) => Some(ArrayType::String),
            Self::Bytes(Some(_)) => Some(ArrayType::Bytes),
            Self::Instant(Some(_)) => Some(ArrayType::ChronoDateTimeUtc),
            Self::Flag(_) => Some(ArrayType::Bool),
            Self::Day(_) => Some(ArrayType::ChronoDate),
            Self::Uuid(None)
            | Self::Integer(None)
            | Self::Text(None)
            | Self::Bytes(None)
            | Self::Instant(None) => None,
        }
    }

    /// Writes the value as an element of an array's text.
    fn write(&self, text: &mut String) -> std::fmt::Result {
        match self {
            Self::Uuid(Some(value)) => write!(text, "{value}"),
            Self::Integer(Some(value)) => write!(text, "{value}"),
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
            Self::Uuid(None)
            | Self::Integer(None)
            | Self::Text(None)
            | Self::Bytes(None)
            | Self::Instant(None) => text.write_str("NULL"),
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
        Backend::Postgres => vec![arrays(columns, rows)],
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

fn arrays(columns: &[Column], rows: Vec<Vec<Cell>>) -> (String, Vec<Value>) {
    let mut turned: Vec<_> = columns
        .iter()
        .map(|_| Vec::with_capacity(rows.len()))
        .collect();
    for row in rows {
        for (column, cell) in turned.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    let mut casts = Vec::with_capacity(columns.len());
    let mut values = Vec::with_capacity(columns.len());
    for (index, ((_, kind), cells)) in columns.iter().zip(turned).enumerate() {
        let (through, value) = match kind_of_all(&cells) {
            Some(array_type) => ("", typed(array_type, cells)),
            None => ("::text", Value::from(array(&cells))),
        };
        casts.push(format!("${}{through}::{kind}[]", index + 1));
        values.push(value);
    }
    let with = format!(
        "WITH r AS (SELECT * FROM unnest({}) AS r ({}))",
        casts.join(", "),
        names(columns)
    );
    (with, values)
}

/// The type of an array of these cells, if none of them is NULL.
fn kind_of_all(cells: &[Cell]) -> Option<ArrayType> {
    let kind = cells.first()?.kind()?;
    let is_same = |cell: &Cell| cell.kind().as_ref() == Some(&kind);
    cells.iter().all(is_same).then_some(kind)
}

fn typed(kind: ArrayType, cells: Vec<Cell>) -> Value {
    let values = cells.into_iter().map(Cell::value).collect();
    Value::Array(kind, Some(Box::new(values)))
}

/// The text of an array.
fn array(cells: &[Cell]) -> String {
    let mut text = String::from("{");
    for (index, cell) in cells.iter().enumerate() {
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
            Cell::from(None::<i64>),
            Cell::from(vec![0_u8, 255]),
            Cell::from(true),
        ];
        let text = r#"{"a\"b\\c,{}",NULL,-3,NULL,"\\x00ff",true}"#;
        assert_eq!(array(&cells), text);
    }
}
