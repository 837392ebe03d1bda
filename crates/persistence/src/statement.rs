//! A statement in the making: text and bound values side by side, for both databases.

use domain::{authz::Scope, tenancy::Reach};
use sea_orm::{FromQueryResult, QueryResult, Statement, Value};

use uuid::Uuid;

use crate::{Backend, Error, Read, sql};

/// A stored text that this program never writes: a defect, told by where it was met.
pub(crate) fn corrupt(table: &str, stored: &str) -> Error {
    Error::Unexpected(format!("table {table} holds the unknown value `{stored}`"))
}

/// A reference that may be missing, with the type that PostgreSQL needs to know.
pub(crate) fn opt_uuid(id: Option<Uuid>) -> Value {
    Value::from(id)
}

/// How many values one statement may bind: SQLite takes 32,766.
pub(crate) const MAX_BINDS: usize = 30_000;

/// A statement whose values are always bound, never written into the text.
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
    /// How many placeholders stand before it.
    before: usize,
}

impl Sql {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            values: Vec::new(),
            before: 0,
        }
    }

    /// A piece of a statement, whose placeholders start at `$first`.
    pub(crate) fn part(first: usize) -> Self {
        Self {
            before: first - 1,
            ..Self::new("")
        }
    }

    /// The text and what its placeholders stand for.
    pub(crate) fn into_parts(self) -> (String, Vec<Value>) {
        (self.text, self.values)
    }

    /// Adds text that is written in this program.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        let number = self.before + self.values.len();
        self.text.push_str(&number.to_string());
        self
    }

    /// Adds text and a value behind it.
    pub(crate) fn with(mut self, text: &str, value: impl Into<Value>) -> Self {
        self.push(text).bind(value);
        self
    }

    /// Adds text to the end.
    pub(crate) fn then(mut self, text: &str) -> Self {
        self.push(text);
        self
    }

    /// Puts text that binds nothing around it.
    pub(crate) fn within(mut self, before: &str, behind: &str) -> Self {
        self.text.insert_str(0, before);
        self.push(behind);
        self
    }

    /// Adds `(a, b, c)`; no value at all is a list that holds nothing.
    pub(crate) fn list<V: Into<Value>>(
        &mut self,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.push("(");
        let mut empty = true;
        for value in values {
            if !empty {
                self.push(", ");
            }
            self.bind(value);
            empty = false;
        }
        if empty {
            self.push("NULL");
        }
        self.push(")")
    }

    /// Limits a column to these ids. To PostgreSQL they are one value, so that the text, and with it
    /// the statement that a connection has prepared, is the same for any number of them.
    pub(crate) fn among(&mut self, column: &str, ids: &[Uuid], backend: Backend) -> &mut Self {
        match backend {
            Backend::Sqlite => self.push(column).push(" IN ").list(ids.iter().copied()),
            Backend::Postgres => {
                let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
                self.push(column).push(" = ANY(");
                self.bind(format!("{{{}}}", ids.join(",")));
                self.push("::text::uuid[])")
            }
        }
    }

    /// Limits the rows of `alias` to those of the scope, resellers' rows included or not.
    pub(crate) fn in_scope(&mut self, alias: &str, scope: &Scope, owned: Owned) -> &mut Self {
        match scope.reach() {
            Reach::Platform => self.push("1 = 1"),
            Reach::Tenancy { isps, .. } => {
                self.push(alias).push(".isp_id IN ");
                self.list(isps.iter().map(|id| id.as_uuid()))
            }
            Reach::Isp(isp_id) => self.push(alias).push(".isp_id = ").bind(isp_id.as_uuid()),
            Reach::Operators { isp_id, own, below } => {
                self.push(alias).push(".isp_id = ").bind(isp_id.as_uuid());
                if let Owned::By(column) = owned {
                    self.push(" AND ")
                        .push(alias)
                        .push(".")
                        .push(column)
                        .push(" IN ");
                    let ids = std::iter::once(own).chain(below);
                    self.list(ids.map(|id| id.as_uuid()));
                }
                self
            }
            Reach::Nothing => self.push("1 = 0"),
        }
    }

    /// Locks the rows until the end of the transaction, where rows can be locked.
    pub(crate) fn for_update(mut self, read: &Read) -> Self {
        if read.backend() == Backend::Postgres {
            self.push(" FOR UPDATE");
        }
        self
    }

    /// Every row, for columns that differ from call to call.
    pub(crate) async fn rows(self, read: &Read) -> Result<Vec<QueryResult>, Error> {
        read.query_all(self.statement(read)).await
    }

    pub(crate) async fn all<T: FromQueryResult>(self, read: &Read) -> Result<Vec<T>, Error> {
        let rows = self.rows(read).await?;
        let rows: Result<Vec<T>, _> = rows
            .iter()
            .map(|row| T::from_query_result(row, ""))
            .collect();
        Ok(rows?)
    }

    pub(crate) async fn one<T: FromQueryResult>(self, read: &Read) -> Result<Option<T>, Error> {
        let row = read.query_one(self.statement(read)).await?;
        Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
    }

    /// The single number that the statement answers, in a column named `n`.
    pub(crate) async fn number(self, read: &Read) -> Result<i64, Error> {
        let row = read.query_one(self.statement(read)).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get("", "n"))?)
    }

    /// Runs the statement and tells how many rows it touched.
    pub(crate) async fn execute(self, read: &Read) -> Result<u64, Error> {
        let result = read.execute(self.statement(read)).await?;
        Ok(result.rows_affected())
    }

    fn statement(self, read: &Read) -> Statement {
        sql::statement(read, &self.text, self.values)
    }
}

/// Whether a reseller sees only the rows it owns, and by which column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Owned {
    /// Rows have an owner in this column.
    By(&'static str),
    /// Every reseller of the ISP sees them.
    Shared,
}

/// Inserts rows in as few statements as the number of bound values allows.
pub(crate) struct BulkInsert {
    head: String,
    width: usize,
    rows: Vec<Vec<Value>>,
}

impl BulkInsert {
    pub(crate) fn into(table: &str, columns: &[&str]) -> Self {
        Self {
            head: format!("INSERT INTO {table} ({}) VALUES ", columns.join(", ")),
            width: columns.len(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, values: Vec<Value>) {
        debug_assert_eq!(values.len(), self.width);
        self.rows.push(values);
    }

    pub(crate) async fn run(self, read: &Read) -> Result<(), Error> {
        let per_statement = MAX_BINDS / self.width.max(1);
        let mut rows = self.rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut sql = Sql::new(&self.head);
            for (index, row) in rows.by_ref().take(per_statement).enumerate() {
                if index > 0 {
                    sql.push(", ");
                }
                sql.list(row);
            }
            sql.execute(read).await?;
        }
        Ok(())
    }
}
