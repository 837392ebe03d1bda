//! Uploads of customers from elsewhere.

use std::collections::BTreeMap;

use app::use_cases::imports::{self, ImportSummary, ProfileSummary, SampleRow};
use chrono::{DateTime, Utc};
use persistence::repo::imports::ImportRun;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{extract::cursor_page, problem::Problem, wire::wire_enum};

wire_enum! {
    /// What kind of file it is.
    ImportFormat = persistence::repo::imports::ImportFormat { Csv, RouterosExport }
}

wire_enum! {
    /// How far an upload is.
    ImportState = persistence::repo::imports::ImportState { Uploaded, Previewed, Running, Done, Failed }
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportOutcome {
    /// A customer is made.
    New,
    /// It is here already, just so.
    Same,
    /// It is here already, differently.
    Differing,
    /// It cannot be a customer.
    Invalid,
    /// It is left out by choice.
    Skipped,
}

impl ImportOutcome {
    fn of(name: &str) -> Self {
        match name {
            "new" => Self::New,
            "same" => Self::Same,
            "differing" => Self::Differing,
            "skipped" => Self::Skipped,
            _ => Self::Invalid,
        }
    }
}

/// A package by its name elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportProfile {
    name: String,
    /// How many rows name it.
    count: u64,
    rate: Option<String>,
    /// The package here that fits.
    proposed_package_id: Option<Uuid>,
}

impl From<ProfileSummary> for ImportProfile {
    fn from(
        ProfileSummary {
            name,
            count,
            rate,
            proposed_package_id,
        }: ProfileSummary,
    ) -> Self {
        let proposed_package_id = proposed_package_id.map(domain::ids::PackageId::as_uuid);
        Self {
            name,
            count,
            rate,
            proposed_package_id,
        }
    }
}

/// A row as the preview shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportSample {
    /// Where it stands in the file.
    line: i64,
    username: String,
    outcome: ImportOutcome,
    reasons: Vec<String>,
}

impl From<SampleRow> for ImportSample {
    fn from(
        SampleRow {
            line,
            username,
            outcome,
            reasons,
        }: SampleRow,
    ) -> Self {
        Self {
            line,
            username,
            outcome: ImportOutcome::of(&outcome),
            reasons,
        }
    }
}

/// What an upload would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportPreview {
    total: u64,
    new: u64,
    same: u64,
    differing: u64,
    invalid: u64,
    skipped: u64,
    sample: Vec<ImportSample>,
    /// What must be repeated to apply it.
    token: String,
}

impl From<imports::ImportPreview> for ImportPreview {
    fn from(preview: imports::ImportPreview) -> Self {
        Self {
            total: preview.total,
            new: preview.new,
            same: preview.same,
            differing: preview.differing,
            invalid: preview.invalid,
            skipped: preview.skipped,
            sample: preview.sample.into_iter().map(Into::into).collect(),
            token: preview.token,
        }
    }
}

/// An upload.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportView {
    pub(crate) id: Uuid,
    file_name: String,
    format: ImportFormat,
    state: ImportState,
    /// The columns of the file.
    columns: Vec<String>,
    /// Which column most likely holds which field.
    proposed_mapping: BTreeMap<String, String>,
    /// The packages by their names elsewhere.
    profiles: Vec<ImportProfile>,
    rows: u64,
    job_id: Option<Uuid>,
    preview: Option<ImportPreview>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

cursor_page! {
    /// The uploads in reach.
    ImportPage of ImportView
}

impl TryFrom<ImportRun> for ImportView {
    type Error = Problem;

    fn try_from(run: ImportRun) -> Result<Self, Problem> {
        let damaged = |error: serde_json::Error| persistence::Error::Unexpected(error.to_string());
        let summary: ImportSummary = serde_json::from_value(run.summary).map_err(damaged)?;
        let preview: Option<imports::ImportPreview> = run
            .preview
            .map(serde_json::from_value)
            .transpose()
            .map_err(damaged)?;
        Ok(Self {
            id: run.id.as_uuid(),
            file_name: run.file_name,
            format: run.format.into(),
            state: run.state.into(),
            columns: summary.columns,
            proposed_mapping: summary.proposed_mapping,
            profiles: summary.profiles.into_iter().map(Into::into).collect(),
            rows: summary.rows,
            job_id: run.job_id.map(domain::ids::JobId::as_uuid),
            preview: preview.map(Into::into),
            created_at: run.created_at,
            finished_at: run.finished_at,
        })
    }
}
