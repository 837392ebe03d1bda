//! Starts what a preview showed, if it still is what would happen.

use domain::{
    authz::{ImportRef, Proof, perm},
    event::DomainEvent,
    ids::JobId,
};
use persistence::{
    Constraint, Error, jobs,
    repo::imports::{self, ImportState},
};
use serde_json::json;

use super::{ImportOptions, PreviewImportError, preview::plan_all};
use crate::{ctx::AppCtx, reactions};

/// Why an upload is not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyImportError {
    /// No preview has that token any more: files, choices or customers changed since.
    #[error("what would happen has changed since the preview: look at it again")]
    StalePreview,
    /// This or another upload of the ISP is being applied.
    #[error("an import is running already: wait until it is done")]
    AlreadyRunning,
    /// The upload is not there, or not within reach.
    #[error("no such import")]
    Missing,
    /// The file is kept no more.
    #[error("the file was forgotten, since it holds passwords: upload it again")]
    Forgotten,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Starts the job that applies an upload.
pub async fn apply_import(
    ctx: &AppCtx,
    proof: Proof<perm::ImportCustomers, ImportRef>,
    token: &str,
) -> Result<JobId, ApplyImportError> {
    check_token(ctx, &proof, token).await?;
    let import_ref = proof.resource();
    let tx = ctx.db.begin("apply_import", &proof).await?;
    let run = imports::lock(&tx, import_ref).await?;
    let run = run.ok_or(ApplyImportError::Missing)?;
    if run.state == ImportState::Running {
        return Err(ApplyImportError::AlreadyRunning);
    }
    if run.token.as_deref() != Some(token) {
        return Err(ApplyImportError::StalePreview);
    }
    imports::set_running(&tx, import_ref).await.map_err(busy)?;
    imports::clear_rows(&tx, import_ref).await?;
    let import_id = import_ref.id;
    reactions::record(&tx, DomainEvent::ImportRequested { import_id }).await?;
    let job_id = jobs::waiting(&tx, &format!("import:{import_id}")).await?;
    let job_id = job_id.ok_or_else(|| Error::Unexpected("an import has no job".to_owned()))?;
    imports::set_job(&tx, import_ref, job_id).await?;
    tx.record_change(None, Some(json!({ "file_name": run.file_name })));
    tx.commit().await.map_err(busy)?;
    ctx.signals.committed();
    Ok(job_id)
}

/// Makes the plan anew: the token holds only if the same would happen to every row.
async fn check_token(
    ctx: &AppCtx,
    proof: &Proof<perm::ImportCustomers, ImportRef>,
    token: &str,
) -> Result<(), ApplyImportError> {
    let scope = domain::authz::Scope::own(proof.actor());
    let read = ctx.db.read(&scope).await?;
    let run = imports::find(&read, proof.resource()).await?;
    let run = run.ok_or(ApplyImportError::Missing)?;
    if run.state == ImportState::Running {
        return Err(ApplyImportError::AlreadyRunning);
    }
    let options = run
        .options
        .clone()
        .filter(|_| run.token.as_deref() == Some(token));
    let options: Option<ImportOptions> =
        options.and_then(|options| serde_json::from_value(options).ok());
    let options = options.ok_or(ApplyImportError::StalePreview)?;
    match plan_all(ctx, &read, proof.actor(), &run, options).await {
        Ok(preview) if preview.token == token => Ok(()),
        Ok(_) | Err(PreviewImportError::Invalid(_)) => Err(ApplyImportError::StalePreview),
        Err(PreviewImportError::Running) => Err(ApplyImportError::AlreadyRunning),
        Err(PreviewImportError::Missing) => Err(ApplyImportError::Missing),
        Err(PreviewImportError::Forgotten) => Err(ApplyImportError::Forgotten),
        Err(PreviewImportError::Infra(error)) => Err(error.into()),
    }
}

fn busy(error: Error) -> ApplyImportError {
    if error.conflicts_with(Constraint::ImportRunning) {
        return ApplyImportError::AlreadyRunning;
    }
    ApplyImportError::Infra(error)
}
