//! Bringing customers from elsewhere: upload, preview, apply.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, http::header, post, web, web::Json};
use app::use_cases::imports::{
    self, ApplyImportError, CreateImport, CreateImportError, ImportOptions, PreviewImportError,
};
use chrono::{DateTime, Utc};
use domain::{
    authz::perm,
    ids::{OperatorId, PackageId, ZoneId},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::customers::actions::accepted;
use crate::{
    extract::{Guard, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        catalogue::BillingType,
        created,
        customers::ConnectionType,
        imports::{ImportPage, ImportView},
        running::JobView,
        whole,
    },
};

/// A file from elsewhere: CSV, or the text of a router's export.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateImportRequest {
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    file_name: String,
    #[validate(length(min = 1))]
    #[schema(min_length = 1)]
    content: String,
}

/// Upload customers from elsewhere
#[utoipa::path(tag = "imports", request_body = CreateImportRequest,
    extensions(("x-permission" = json!("import_customers"))),
    responses((status = 201, description = "Read; nothing has happened yet", body = ImportView), ApiErrors))]
#[post("/imports")]
pub(crate) async fn create_import(
    guard: Guard<perm::ImportCustomers>,
    body: Valid<CreateImportRequest, 102_400>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.isp().await?;
    let CreateImportRequest { file_name, content } = body.into_inner();
    let run =
        imports::create_import(guard.ctx(), proof, CreateImport { file_name, content }).await?;
    let view = ImportView::try_from(run)?;
    Ok(created(&format!("/imports/{}", view.id), &view))
}

/// List uploads
#[utoipa::path(tag = "imports", extensions(("x-permission" = json!("import_customers"))),
    responses((status = 200, description = "The uploads, latest first", body = ImportPage), ApiErrors))]
#[get("/imports")]
pub(crate) async fn list_imports(
    guard: Guard<perm::ImportCustomers>,
) -> Result<Json<ImportPage>, Problem> {
    let runs = imports::list_imports(guard.ctx(), guard.scope()).await?;
    let views = runs
        .into_iter()
        .map(ImportView::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Json(whole(views)))
}

/// Show an upload
#[utoipa::path(tag = "imports", extensions(("x-permission" = json!("import_customers"))),
    responses((status = 200, description = "The upload", body = ImportView), ApiErrors))]
#[get("/imports/{id}")]
pub(crate) async fn get_import(
    guard: Guard<perm::ImportCustomers>,
    path: web::Path<Uuid>,
) -> Result<Json<ImportView>, Problem> {
    let proof = guard.import(path.into_inner()).await?;
    let found = imports::get_import(guard.ctx(), &proof).await?;
    Ok(Json(
        found
            .ok_or_else(|| Problem::new(ProblemType::NotFound))?
            .try_into()?,
    ))
}

/// What a bad row does to the others.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnError {
    /// Good rows come in, bad ones are left out.
    #[default]
    Skip,
    /// One bad row keeps all of them out.
    Abort,
}

impl From<OnError> for imports::OnError {
    fn from(on_error: OnError) -> Self {
        match on_error {
            OnError::Skip => Self::Skip,
            OnError::Abort => Self::Abort,
        }
    }
}

const fn yes() -> bool {
    true
}
const fn pppoe() -> ConnectionType {
    ConnectionType::Pppoe
}
const fn prepaid() -> BillingType {
    BillingType::Prepaid
}

/// How the rows of a file become customers.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewImportRequest {
    /// Which column holds which field.
    #[validate(length(max = 60))]
    mapping: BTreeMap<String, String>,
    /// Which package takes the place of which profile.
    #[validate(length(max = 2000))]
    profile_packages: BTreeMap<String, Uuid>,
    default_package_id: Option<Uuid>,
    zone_id: Option<Uuid>,
    operator_id: Option<Uuid>,
    #[serde(default = "pppoe")]
    connection_type: ConnectionType,
    #[serde(default = "prepaid")]
    billing_type: BillingType,
    /// Leaves out who is disabled where the file comes from.
    #[serde(default = "yes")]
    skip_disabled: bool,
    /// Bills each new customer for the first period.
    #[serde(default)]
    initial_bill: bool,
    #[serde(default, deserialize_with = "crate::wire::instant")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(default)]
    on_error: OnError,
}

impl PreviewImportRequest {
    fn into_options(self) -> Result<ImportOptions, Problem> {
        let package = |(name, id)| (name, PackageId::from_uuid(id));
        Ok(ImportOptions {
            mapping: self.mapping,
            profile_packages: self.profile_packages.into_iter().map(package).collect(),
            default_package_id: self.default_package_id.map(PackageId::from_uuid),
            zone_id: self.zone_id.map(ZoneId::from_uuid),
            operator_id: self.operator_id.map(OperatorId::from_uuid),
            connection_type: self.connection_type.into(),
            billing_type: self.billing_type.into(),
            skip_disabled: self.skip_disabled,
            initial_bill: self.initial_bill,
            expires_at: self.expires_at,
            on_error: self.on_error.into(),
        })
    }
}

/// Preview an upload
#[utoipa::path(tag = "imports", request_body = PreviewImportRequest,
    extensions(("x-permission" = json!("import_customers"))),
    responses((status = 200, description = "What would happen; nothing has", body = ImportView), ApiErrors))]
#[post("/imports/{id}/previews")]
pub(crate) async fn preview_import(
    guard: Guard<perm::ImportCustomers>,
    path: web::Path<Uuid>,
    body: Valid<PreviewImportRequest, 1024>,
) -> Result<Json<ImportView>, Problem> {
    let proof = guard.import(path.into_inner()).await?;
    let body = body.into_inner();
    guard
        .refer_package(body.default_package_id, "/default_package_id")
        .await?;
    guard.refer_zone(body.zone_id, "/zone_id").await?;
    guard
        .refer_operator(body.operator_id, "/operator_id")
        .await?;
    let run = imports::preview_import(guard.ctx(), proof, body.into_options()?).await?;
    Ok(Json(run.try_into()?))
}

/// The token of the preview that is to happen.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApplyImportRequest {
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    token: String,
}

/// Apply an upload
#[utoipa::path(tag = "imports", request_body = ApplyImportRequest,
    extensions(("x-permission" = json!("import_customers"))),
    responses((status = 202, description = "The job that does it", body = JobView), ApiErrors))]
#[post("/imports/{id}/applications")]
pub(crate) async fn apply_import(
    guard: Guard<perm::ImportCustomers>,
    path: web::Path<Uuid>,
    body: Valid<ApplyImportRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.import(path.into_inner()).await?;
    let job_id = imports::apply_import(guard.ctx(), proof, &body.into_inner().token).await?;
    accepted(&guard, job_id).await
}

/// Download what became of each row
#[utoipa::path(tag = "imports", extensions(("x-permission" = json!("import_customers"))),
    responses((status = 200, description = "One line for each row", body = String, content_type = "text/csv"), ApiErrors))]
#[get("/imports/{id}/result.csv")]
pub(crate) async fn get_import_result(
    guard: Guard<perm::ImportCustomers>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.import(path.into_inner()).await?;
    let csv = imports::import_result_csv(guard.ctx(), &proof).await?;
    let name = format!(
        "attachment; filename=\"import-{}.csv\"",
        proof.resource().id
    );
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(csv))
}

impl From<CreateImportError> for Problem {
    fn from(error: CreateImportError) -> Self {
        match error {
            CreateImportError::FileName(error) => Self::invalid_field("/file_name", error),
            CreateImportError::TooLarge => Self::new(ProblemType::BodyTooLarge).detail(error),
            CreateImportError::NotText
            | CreateImportError::Empty
            | CreateImportError::Unreadable(_) => Self::invalid_field("/content", error),
            CreateImportError::Infra(error) => error.into(),
        }
    }
}

impl From<PreviewImportError> for Problem {
    fn from(error: PreviewImportError) -> Self {
        match error {
            PreviewImportError::Invalid(fields) => fields.into(),
            PreviewImportError::Running | PreviewImportError::Forgotten => {
                Self::new(ProblemType::WrongState).detail(error)
            }
            PreviewImportError::Missing => Self::new(ProblemType::NotFound),
            PreviewImportError::Infra(error) => error.into(),
        }
    }
}

impl From<ApplyImportError> for Problem {
    fn from(error: ApplyImportError) -> Self {
        match error {
            ApplyImportError::StalePreview => Self::new(ProblemType::PreviewStale),
            ApplyImportError::AlreadyRunning | ApplyImportError::Forgotten => {
                Self::new(ProblemType::WrongState).detail(error)
            }
            ApplyImportError::Missing => Self::new(ProblemType::NotFound),
            ApplyImportError::Infra(error) => error.into(),
        }
    }
}
