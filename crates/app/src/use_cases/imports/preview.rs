//! Shows what an upload would do, row by row, and gives the token that makes it happen.

use domain::{
    authz::{Actor, ImportRef, Proof, perm},
    field::FieldProblem,
};
use persistence::{
    Error, Read,
    repo::imports::{self, ImportRun, ImportState, RowOutcome},
};
use serde::{Deserialize, Serialize};

use super::{Counts, ImportOptions, Planned, Table, Token, load_plan};
use crate::ctx::AppCtx;

/// How many rows are planned at a time.
pub(super) const CHUNK: usize = 1_000;
/// How many rows of each outcome are shown.
const SAMPLE: usize = 20;

/// What an upload would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPreview {
    /// How many rows there are.
    pub total: u64,
    /// How many customers would be made.
    pub new: u64,
    /// How many are here already, just so.
    pub same: u64,
    /// How many are here already, differently.
    pub differing: u64,
    /// How many cannot be customers.
    pub invalid: u64,
    /// How many are left out by choice.
    pub skipped: u64,
    /// Some rows of each outcome.
    pub sample: Vec<SampleRow>,
    /// What must be repeated to apply it.
    pub token: String,
}

/// A row as the preview shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleRow {
    /// Where it stands in the file.
    pub line: i64,
    /// The login name in it.
    pub username: String,
    /// What would become of it, by name.
    pub outcome: String,
    /// Why: a code and words each.
    pub reasons: Vec<String>,
}

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum PreviewImportError {
    /// Some choices do not fit.
    #[error("some choices do not fit")]
    Invalid(Vec<FieldProblem>),
    /// It is being applied.
    #[error("the import is running: wait until it is done")]
    Running,
    /// The upload is not there, or not within reach.
    #[error("no such import")]
    Missing,
    /// Files are kept until they are applied, and not for long.
    #[error("the file was forgotten, since it holds passwords: upload it again")]
    Forgotten,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Shows what an upload would do.
pub async fn preview_import(
    ctx: &AppCtx,
    proof: Proof<perm::ImportCustomers, ImportRef>,
    options: ImportOptions,
) -> Result<ImportRun, PreviewImportError> {
    let scope = domain::authz::Scope::own(proof.actor());
    let read = ctx.db.read(&scope).await?;
    let run = imports::find(&read, proof.resource()).await?;
    let run = run.ok_or(PreviewImportError::Missing)?;
    let preview = plan_all(ctx, &read, proof.actor(), &run, options.clone()).await?;
    read.done().await?;
    let token = preview.token.clone();
    let json = |error: serde_json::Error| Error::Unexpected(error.to_string());
    let (options, preview) = (
        serde_json::to_value(options).map_err(json)?,
        serde_json::to_value(preview).map_err(json)?,
    );
    let tx = ctx.db.begin("preview_import", &proof).await?;
    let current = imports::lock(&tx, proof.resource()).await?;
    match current.ok_or(PreviewImportError::Missing)?.state {
        ImportState::Running => return Err(PreviewImportError::Running),
        ImportState::Uploaded
        | ImportState::Previewed
        | ImportState::Done
        | ImportState::Failed => {}
    }
    imports::set_preview(&tx, proof.resource(), options, preview, &token).await?;
    let run = imports::find(&tx, proof.resource()).await?;
    let run = run.ok_or(PreviewImportError::Missing)?;
    tx.commit().await?;
    Ok(run)
}

/// Plans every row as it would happen now.
pub(super) async fn plan_all(
    ctx: &AppCtx,
    read: &Read,
    actor: &Actor,
    run: &ImportRun,
    options: ImportOptions,
) -> Result<ImportPreview, PreviewImportError> {
    let content = content_of(ctx, read, run)
        .await?
        .ok_or(PreviewImportError::Forgotten)?;
    let mut token = Token::new(content.as_bytes(), &options);
    let table = table_of(content).await?;
    let now = ctx.clock.now();
    let planner = load_plan(read, actor, run, options, &table, now).await?;
    let mut planner = planner.map_err(PreviewImportError::Invalid)?;
    let mut counts = Counts::default();
    let mut sample = Sample::default();
    for rows in table.rows.chunks(CHUNK) {
        for planned in planner.plan(read, &ctx.keyring, rows).await? {
            counts.add(planned.outcome, 1);
            token.add(&planned);
            sample.add(planned);
        }
        tokio::task::yield_now().await;
    }
    Ok(ImportPreview {
        total: counts.total(),
        new: counts.new,
        same: counts.same,
        differing: counts.differing,
        invalid: counts.invalid,
        skipped: counts.skipped,
        sample: sample.finish(),
        token: token.finish(),
    })
}

/// The file; nothing once it is forgotten.
pub(crate) async fn content_of(
    ctx: &AppCtx,
    read: &Read,
    run: &ImportRun,
) -> Result<Option<String>, Error> {
    let import_ref = domain::authz::ImportRef {
        id: run.id,
        isp_id: run.isp_id,
        operator_id: run.operator_id,
    };
    let Some(sealed) = imports::content(read, &import_ref).await? else {
        return Ok(None);
    };
    let content = ctx.keyring.open(&sealed);
    let mut content = content.map_err(|error| Error::Unexpected(error.to_string()))?;
    String::from_utf8(std::mem::take(&mut *content))
        .map(Some)
        .map_err(|_| Error::Unexpected("an upload is no text".to_owned()))
}

pub(crate) async fn table_of(content: String) -> Result<Table, Error> {
    let read = tokio::task::spawn_blocking(move || Table::read(&content));
    let table = read
        .await
        .map_err(|error| Error::Unexpected(error.to_string()))?;
    table.map_err(|error| Error::Unexpected(error.to_string()))
}

#[derive(Default)]
struct Sample {
    rows: Vec<SampleRow>,
    taken: Counts,
}

impl Sample {
    fn add(&mut self, planned: Planned) {
        let taken = match planned.outcome {
            RowOutcome::New => self.taken.new,
            RowOutcome::Same => self.taken.same,
            RowOutcome::Differing => self.taken.differing,
            RowOutcome::Invalid => self.taken.invalid,
            RowOutcome::Skipped => self.taken.skipped,
        };
        if usize::try_from(taken).is_ok_and(|taken| taken >= SAMPLE) {
            return;
        }
        self.taken.add(planned.outcome, 1);
        self.rows.push(SampleRow {
            line: planned.line,
            username: planned.username,
            outcome: planned.outcome.as_str().to_owned(),
            reasons: planned.reasons,
        });
    }

    fn finish(self) -> Vec<SampleRow> {
        self.rows
    }
}
