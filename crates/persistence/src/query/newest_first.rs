//! Pages of what has an instant: newest first, by seek.

use chrono::{DateTime, Utc};
use domain::page::{EXACT_COUNT_LIMIT, Page, PageRequest};
use sea_orm::Value;
use uuid::Uuid;

use super::seek::{InvalidCursor, Place};
use crate::{error::Error, sql, tx::Read};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The cursor is not one of this list.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Conditions of a query with the values of their placeholders.
#[derive(Default)]
pub(crate) struct Conditions {
    texts: Vec<String>,
    pub(crate) values: Vec<Value>,
}

impl Conditions {
    /// The number of the next placeholder.
    pub(crate) fn next(&self) -> usize {
        self.values.len() + 1
    }

    /// Adds a condition whose placeholders start at [`Self::next`].
    pub(crate) fn add(&mut self, text: String, values: impl IntoIterator<Item = Value>) {
        self.texts.push(text);
        self.values.extend(values);
    }

    /// Adds `column operator value`, when there is a value.
    pub(crate) fn compare<V: Into<Value>>(
        &mut self,
        column: &str,
        operator: &str,
        value: Option<V>,
    ) {
        if let Some(value) = value {
            let text = format!("{column} {operator} ${}", self.next());
            self.add(text, [value.into()]);
        }
    }

    /// Adds that one of the columns, which hold folded text, has the letters; blanks ask for nothing.
    pub(crate) fn find(&mut self, columns: &[&str], letters: Option<&str>, at: Letters) {
        let Some(letters) = letters.map(str::trim).filter(|text| !text.is_empty()) else {
            return;
        };
        let next = self.next();
        let like = |column: &&str| format!("{column} LIKE ${next} ESCAPE '\\'");
        let texts: Vec<_> = columns.iter().map(like).collect();
        let escaped = domain::text::folded(letters)
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let pattern = match at {
            Letters::Anywhere => format!("%{escaped}%"),
            Letters::First => format!("{escaped}%"),
        };
        self.add(format!("({})", texts.join(" OR ")), [pattern.into()]);
    }

    pub(crate) fn sql(&self) -> String {
        self.texts.join(" AND ")
    }
}

/// Where in a text the letters of a search stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    Anywhere,
    First,
}

/// A page of a list that is ordered by an instant and an id, newest first.
pub(crate) struct NewestFirst {
    order: &'static str,
    after: Option<Place<DateTime<Utc>>>,
    limit: u32,
}

impl NewestFirst {
    pub(crate) fn of(order: &'static str, page: &PageRequest) -> Result<Self, InvalidCursor> {
        let after = page
            .cursor
            .as_deref()
            .map(|cursor| Place::of_cursor(cursor, order))
            .transpose()?;
        Ok(Self {
            order,
            after,
            limit: page.limit,
        })
    }

    /// Leaves out what the pages before showed.
    pub(crate) fn seek(&self, conditions: &mut Conditions, at: &str, id: &str) {
        if let Some(place) = &self.after {
            let next = conditions.next();
            let text = format!("({at}, {id}) < (${next}, ${})", next + 1);
            conditions.add(text, [place.key.into(), place.id.into()]);
        }
    }

    /// One row more than the page holds, to know whether there is a next one.
    pub(crate) fn fetch(&self) -> u64 {
        u64::from(self.limit) + 1
    }

    pub(crate) fn page<T>(
        &self,
        rows: Vec<T>,
        place: impl Fn(&T) -> (DateTime<Utc>, Uuid),
        total: (u64, bool),
    ) -> Page<T> {
        page_of(rows, self.limit, total, |last| {
            let (at, id) = place(last);
            Place::new(self.order, at, id).to_cursor()
        })
    }
}

/// A page of rows of which one more was read than it holds.
pub(crate) fn page_of<T>(
    mut rows: Vec<T>,
    limit: u32,
    total: (u64, bool),
    cursor: impl Fn(&T) -> String,
) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    Page {
        next_cursor: rows.last().filter(|_| more).map(cursor),
        items: rows,
        total: total.0,
        total_is_exact: total.1,
    }
}

/// Counts up to the exact limit; beyond it, says how many there are at least.
pub(crate) async fn count(
    read: &Read,
    from: &str,
    conditions: &Conditions,
) -> Result<(u64, bool), Error> {
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM {from} WHERE {} LIMIT {}) counted",
        conditions.sql(),
        EXACT_COUNT_LIMIT + 1
    );
    let found: Option<i64> = sql::scalar(read, &sql, conditions.values.clone()).await?;
    let found = u64::try_from(found.unwrap_or(0)).unwrap_or(0);
    Ok((found.min(EXACT_COUNT_LIMIT), found <= EXACT_COUNT_LIMIT))
}
