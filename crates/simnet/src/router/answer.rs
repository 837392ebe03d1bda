//! What a command gives back.

use mikrotik::api::{Row, Text};

use super::store::push;

/// What a command gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing but that it is done.
    Done,
    /// A value with it: the id of what was added, a count.
    Returned(Text),
    /// Rows, perhaps none.
    Rows(Vec<Row>),
}

impl Answer {
    /// What `!done` carries.
    pub(super) fn returned(&self) -> Row {
        let mut row = Row::new();
        if let Self::Returned(value) = self {
            push(&mut row, "ret", value.as_bytes());
        }
        row
    }
}
