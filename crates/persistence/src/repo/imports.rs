//! Uploads of foreign customers: the file, what was made of it, and one result per row.

use chrono::{DateTime, Utc};
use domain::{
    authz::{ImportRef, Scope},
    ids::{ImportId, IspId, JobId, OperatorId, UserId},
};
use sea_orm::{FromQueryResult, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    statement::{BulkInsert, Owned, Sql, corrupt, opt_uuid},
};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The one of that name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == name)
            }
        }
    };
}

words! {
    /// What kind of file it is.
    ImportFormat {
        /// Rows and columns.
        Csv = "csv",
        /// The text of `/export` of a router.
        RouterosExport = "routeros_export",
    }
}

words! {
    /// How far an upload is.
    ImportState {
        /// Stored and read.
        Uploaded = "uploaded",
        /// Shown row by row.
        Previewed = "previewed",
        /// Being applied.
        Running = "running",
        /// Applied.
        Done = "done",
        /// Not applied, or not to the end.
        Failed = "failed",
    }
}

words! {
    /// What becomes of a row.
    RowOutcome {
        /// A customer is made.
        New = "new",
        /// The customer is here already, just so.
        Same = "same",
        /// The customer is here already, differently: it stays as it is here.
        Differing = "differing",
        /// The row cannot be a customer.
        Invalid = "invalid",
        /// The row is left out by choice.
        Skipped = "skipped",
    }
}

/// An upload without its file.
#[derive(Debug, Clone)]
pub struct ImportRun {
    /// Its identifier.
    pub id: ImportId,
    /// Whose.
    pub isp_id: IspId,
    /// The reseller whose customers it makes.
    pub operator_id: Option<OperatorId>,
    /// Who uploaded it.
    pub created_by: Option<UserId>,
    /// The name of the file.
    pub file_name: String,
    /// What kind of file it is.
    pub format: ImportFormat,
    /// How far it is.
    pub state: ImportState,
    /// What was read from the file: columns, proposals, profiles.
    pub summary: Json,
    /// What was chosen for the last preview.
    pub options: Option<Json>,
    /// What the last preview said.
    pub preview: Option<Json>,
    /// What must be repeated to apply that preview.
    pub token: Option<String>,
    /// The job that applies it.
    pub job_id: Option<JobId>,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
    /// When it was applied.
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct ImportRow {
    id: Uuid,
    isp_id: Uuid,
    operator_id: Option<Uuid>,
    created_by: Option<Uuid>,
    file_name: String,
    format: String,
    state: String,
    summary: Json,
    options: Option<Json>,
    preview: Option<Json>,
    token: Option<String>,
    job_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl ImportRow {
    fn into_run(self) -> Result<ImportRun, Error> {
        let unknown = |text: &str| corrupt("import_run", text);
        Ok(ImportRun {
            id: ImportId::from_uuid(self.id),
            isp_id: IspId::from_uuid(self.isp_id),
            operator_id: self.operator_id.map(OperatorId::from_uuid),
            created_by: self.created_by.map(UserId::from_uuid),
            file_name: self.file_name,
            format: ImportFormat::parse(&self.format).ok_or_else(|| unknown(&self.format))?,
            state: ImportState::parse(&self.state).ok_or_else(|| unknown(&self.state))?,
            summary: self.summary,
            options: self.options,
            preview: self.preview,
            token: self.token,
            job_id: self.job_id.map(JobId::from_uuid),
            created_at: self.created_at,
            finished_at: self.finished_at,
        })
    }
}

const SELECT: &str = "SELECT r.id, r.isp_id, r.operator_id, r.created_by, r.file_name, r.format, \
    r.state, r.summary, r.options, r.preview, r.token, r.job_id, r.created_at, r.finished_at \
    FROM import_run r WHERE ";

/// One upload.
pub async fn find(read: &Read, import_ref: &ImportRef) -> Result<Option<ImportRun>, Error> {
    let row = by_ref(import_ref).one::<ImportRow>(read).await?;
    row.map(ImportRow::into_run).transpose()
}

/// One upload, locked until the transaction ends.
pub async fn lock(tx: &Tx, import_ref: &ImportRef) -> Result<Option<ImportRun>, Error> {
    let sql = by_ref(import_ref).for_update(tx);
    let row = sql.one::<ImportRow>(tx).await?;
    row.map(ImportRow::into_run).transpose()
}

fn by_ref(import_ref: &ImportRef) -> Sql {
    Sql::new(SELECT)
        .with("r.id = ", import_ref.id.as_uuid())
        .with(" AND r.isp_id = ", import_ref.isp_id.as_uuid())
}

/// The newest uploads of the scope.
pub async fn list(read: &Read, scope: &Scope) -> Result<Vec<ImportRun>, Error> {
    let mut sql = Sql::new(SELECT);
    sql.in_scope("r", scope, Owned::By("operator_id"));
    sql.push(" ORDER BY r.created_at DESC, r.id DESC LIMIT 200");
    let rows = sql.all::<ImportRow>(read).await?;
    rows.into_iter().map(ImportRow::into_run).collect()
}

/// The sealed file; nothing once it is forgotten.
pub async fn content(read: &Read, import_ref: &ImportRef) -> Result<Option<Vec<u8>>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        content: Vec<u8>,
    }
    let sql = Sql::new("SELECT content FROM import_run")
        .with(" WHERE id = ", import_ref.id.as_uuid())
        .with(" AND isp_id = ", import_ref.isp_id.as_uuid());
    let content = sql.one::<Row>(read).await?.map(|row| row.content);
    Ok(content.filter(|content| !content.is_empty()))
}

/// Forgets the files of an ISP but for the newest ones; what is being applied is kept.
pub async fn keep_newest(tx: &Tx, isp_id: IspId, kept: u32) -> Result<u64, Error> {
    Sql::new(FORGET)
        .with(" AND isp_id = ", isp_id.as_uuid())
        .with(
            " AND id NOT IN (SELECT id FROM import_run WHERE isp_id = ",
            isp_id.as_uuid(),
        )
        .with(
            " AND LENGTH(content) > 0 ORDER BY created_at DESC, id DESC LIMIT ",
            i64::from(kept),
        )
        .then(")")
        .execute(tx)
        .await
}

/// Forgets the files of every ISP that were uploaded before an instant.
pub async fn prune(tx: &Tx, before: DateTime<Utc>) -> Result<u64, Error> {
    let sql = Sql::new(FORGET).with(" AND created_at < ", before);
    sql.execute(tx).await
}

/// The run stays, with what became of its rows; the file holds passwords.
const FORGET: &str =
    "UPDATE import_run SET content = '' WHERE state <> 'running' AND LENGTH(content) > 0";

/// Stores an upload with its sealed file.
pub async fn insert(tx: &Tx, run: &ImportRun, content: Vec<u8>) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO import_run (id, isp_id, operator_id, created_by, file_name, format, content, \
         state, summary, created_at) VALUES ",
    );
    sql.list([
        run.id.as_uuid().into(),
        run.isp_id.as_uuid().into(),
        opt_uuid(run.operator_id.map(OperatorId::as_uuid)),
        opt_uuid(run.created_by.map(UserId::as_uuid)),
        run.file_name.clone().into(),
        run.format.as_str().into(),
        content.into(),
        run.state.as_str().into(),
        run.summary.clone().into(),
        Value::from(run.created_at),
    ]);
    sql.execute(tx).await.map(drop)
}

/// Keeps a preview, the choices behind it and the token that applies it.
pub async fn set_preview(
    tx: &Tx,
    import_ref: &ImportRef,
    options: Json,
    preview: Json,
    token: &str,
) -> Result<(), Error> {
    let sql = Sql::new("UPDATE import_run SET state = 'previewed', options = ")
        .with("", options)
        .with(", preview = ", preview)
        .with(", token = ", token)
        .with(" WHERE id = ", import_ref.id.as_uuid())
        .with(" AND isp_id = ", import_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

/// Notes that the upload is being applied; the schema lets one of an ISP run at a time.
pub async fn set_running(tx: &Tx, import_ref: &ImportRef) -> Result<(), Error> {
    let sql = Sql::new("UPDATE import_run SET state = 'running', finished_at = NULL")
        .with(" WHERE id = ", import_ref.id.as_uuid())
        .with(" AND isp_id = ", import_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

/// Notes which job applies the upload.
pub async fn set_job(tx: &Tx, import_ref: &ImportRef, job_id: JobId) -> Result<(), Error> {
    let sql = Sql::new("UPDATE import_run SET job_id = ")
        .with("", job_id.as_uuid())
        .with(" WHERE id = ", import_ref.id.as_uuid())
        .with(" AND isp_id = ", import_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

/// Notes how the upload ended. One that was applied needs its file no more.
pub async fn finish(tx: &Tx, import_ref: &ImportRef, state: ImportState) -> Result<(), Error> {
    let set = match state {
        ImportState::Done => "UPDATE import_run SET content = '', state = ",
        ImportState::Uploaded
        | ImportState::Previewed
        | ImportState::Running
        | ImportState::Failed => "UPDATE import_run SET state = ",
    };
    let sql = Sql::new(set)
        .with("", state.as_str())
        .with(", finished_at = ", tx.now())
        .with(" WHERE id = ", import_ref.id.as_uuid())
        .with(" AND isp_id = ", import_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowResult {
    /// Where it stands in the file.
    pub line: i64,
    /// The login name in it.
    pub username: String,
    /// What became of it.
    pub outcome: RowOutcome,
    /// The number of the customer, new or found.
    pub customer_number: Option<i64>,
    /// Why, in plain words.
    pub reasons: Vec<String>,
}

/// Forgets the results of an earlier try.
pub async fn clear_rows(tx: &Tx, import_ref: &ImportRef) -> Result<(), Error> {
    let sql = Sql::new("DELETE FROM import_row")
        .with(" WHERE import_id = ", import_ref.id.as_uuid())
        .with(" AND isp_id = ", import_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

/// Stores what became of rows.
pub async fn insert_rows(
    tx: &Tx,
    import_ref: &ImportRef,
    results: &[RowResult],
) -> Result<(), Error> {
    let mut rows = BulkInsert::into(
        "import_row",
        &[
            "import_id",
            "line",
            "isp_id",
            "username",
            "outcome",
            "customer_number",
            "reasons",
        ],
    );
    for result in results {
        rows.row(vec![
            import_ref.id.as_uuid().into(),
            result.line.into(),
            import_ref.isp_id.as_uuid().into(),
            result.username.clone().into(),
            result.outcome.as_str().into(),
            result.customer_number.into(),
            Json::from(result.reasons.clone()).into(),
        ]);
    }
    rows.run(tx).await
}

/// The last line of which the result is known, to go on behind it.
pub async fn last_line(read: &Read, import_ref: &ImportRef) -> Result<Option<i64>, Error> {
    let sql = Sql::new("SELECT COALESCE(MAX(line), -1) AS n FROM import_row")
        .with(" WHERE import_id = ", import_ref.id.as_uuid())
        .with(" AND isp_id = ", import_ref.isp_id.as_uuid());
    let last = sql.number(read).await?;
    Ok((last >= 0).then_some(last))
}

/// How many rows had which outcome.
pub async fn outcome_counts(
    read: &Read,
    import_ref: &ImportRef,
) -> Result<Vec<(RowOutcome, i64)>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        outcome: String,
        n: i64,
    }
    let sql = Sql::new("SELECT outcome, count(*) AS n FROM import_row")
        .with(" WHERE import_id = ", import_ref.id.as_uuid())
        .with(" AND isp_id = ", import_ref.isp_id.as_uuid())
        .then(" GROUP BY outcome");
    let rows = sql.all::<Row>(read).await?;
    rows.into_iter()
        .map(|row| {
            let outcome = RowOutcome::parse(&row.outcome);
            Ok((
                outcome.ok_or_else(|| corrupt("import_row", &row.outcome))?,
                row.n,
            ))
        })
        .collect()
}

/// Results behind a line, in the order of the file, at most so many.
pub async fn rows_after(
    read: &Read,
    import_ref: &ImportRef,
    line: i64,
    limit: u32,
) -> Result<Vec<RowResult>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        line: i64,
        username: String,
        outcome: String,
        customer_number: Option<i64>,
        reasons: Json,
    }
    let sql = Sql::new("SELECT line, username, outcome, customer_number, reasons FROM import_row")
        .with(" WHERE import_id = ", import_ref.id.as_uuid())
        .with(" AND isp_id = ", import_ref.isp_id.as_uuid())
        .with(" AND line > ", line)
        .then(&format!(" ORDER BY line LIMIT {limit}"));
    let rows = sql.all::<Row>(read).await?;
    rows.into_iter()
        .map(|row| {
            let outcome = RowOutcome::parse(&row.outcome);
            Ok(RowResult {
                line: row.line,
                username: row.username,
                outcome: outcome.ok_or_else(|| corrupt("import_row", &row.outcome))?,
                customer_number: row.customer_number,
                reasons: serde_json::from_value(row.reasons)
                    .map_err(|_| corrupt("import_row", "reasons"))?,
            })
        })
        .collect()
}
