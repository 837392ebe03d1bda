//! Takes a file in and says what is in it.

use std::sync::Arc;

use domain::{
    authz::{IspRef, Proof, perm},
    ids::ImportId,
    text::{self, InvalidText},
};
use persistence::{
    Error,
    repo::{
        imports::{self, ImportRun, ImportState},
        packages,
    },
};
use serde_json::json;

use super::Table;
use crate::{ctx::AppCtx, secrets::Keyring};

/// The largest file that is taken.
pub const MAX_CONTENT: usize = 48 * 1024 * 1024;
/// How many files of an ISP are kept at once; the oldest are forgotten.
const KEPT_FILES: u32 = 10;
/// The most rows of one file.
const MAX_ROWS: usize = 500_000;

/// A file.
#[derive(Clone)]
pub struct CreateImport {
    /// Its name.
    pub file_name: String,
    /// What is in it.
    pub content: String,
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CreateImportError {
    /// The name is not good.
    #[error("the file name {0}")]
    FileName(#[from] InvalidText),
    /// More than is taken.
    #[error("the file is larger than 48 MiB or has more than 500,000 rows: split it")]
    TooLarge,
    /// Not text.
    #[error("the file holds NUL characters: save it as plain text (CSV or a RouterOS export)")]
    NotText,
    /// No row at all.
    #[error("the file holds no rows")]
    Empty,
    /// Not readable as CSV.
    #[error("the file cannot be read as CSV: {0}")]
    Unreadable(String),
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Takes a file in.
pub async fn create_import(
    ctx: &AppCtx,
    proof: Proof<perm::ImportCustomers, IspRef>,
    cmd: CreateImport,
) -> Result<ImportRun, CreateImportError> {
    let file_name = text::line(&cmd.file_name, 200)?;
    if cmd.content.len() > MAX_CONTENT {
        return Err(CreateImportError::TooLarge);
    }
    if cmd.content.contains('\0') {
        return Err(CreateImportError::NotText);
    }
    let keyring = Arc::clone(&ctx.keyring);
    let (content, table) = read_table(keyring, cmd.content).await?;
    if table.rows.is_empty() {
        return Err(CreateImportError::Empty);
    }
    if table.rows.len() > MAX_ROWS {
        return Err(CreateImportError::TooLarge);
    }
    let tx = ctx.db.begin("create_import", &proof).await?;
    let isp_id = proof.resource().id;
    let sold = packages::of_isp(&tx, isp_id).await?;
    let summary = serde_json::to_value(table.summary(&sold));
    let run = ImportRun {
        id: ImportId::generate(),
        isp_id,
        operator_id: proof.actor().operator_id(),
        created_by: proof.actor().user_id(),
        file_name,
        format: table.format,
        state: ImportState::Uploaded,
        summary: summary.map_err(|error| Error::Unexpected(error.to_string()))?,
        options: None,
        preview: None,
        token: None,
        job_id: None,
        created_at: tx.now(),
        finished_at: None,
    };
    imports::insert(&tx, &run, content).await?;
    imports::keep_newest(&tx, isp_id, KEPT_FILES).await?;
    tx.set_resource("import", run.id.as_uuid());
    let after = json!({ "file_name": run.file_name, "rows": table.rows.len() });
    tx.record_change(None, Some(after));
    tx.commit().await?;
    Ok(run)
}

/// Reads the file and seals it: it holds passwords, and is needed until it is applied.
async fn read_table(
    keyring: Arc<Keyring>,
    content: String,
) -> Result<(Vec<u8>, Table), CreateImportError> {
    let read = tokio::task::spawn_blocking(move || {
        let table = Table::read(&content);
        (keyring.seal(content.as_bytes()), table)
    });
    let (sealed, table) = read
        .await
        .map_err(|error| Error::Unexpected(error.to_string()))?;
    let table = table.map_err(|error| CreateImportError::Unreadable(error.to_string()))?;
    let sealed = sealed.map_err(|error| Error::Unexpected(error.to_string()))?;
    Ok((sealed, table))
}
