//! Areas.

use actix_web::{HttpResponse, delete, get, patch, post, web, web::Json};
use app::use_cases::zones::{self, ZoneError};
use domain::authz::perm;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        catalogue::{ZonePage, ZoneView},
        created, no_content, whole,
    },
};

/// List zones
#[utoipa::path(tag = "zones", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "The zones, by name", body = ZonePage), ApiErrors))]
#[get("/zones")]
pub(crate) async fn list_zones(
    guard: Guard<perm::ViewCustomers>,
) -> Result<Json<ZonePage>, Problem> {
    Ok(Json(whole(
        zones::list_zones(guard.ctx(), guard.scope()).await?,
    )))
}

/// A new area.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateZoneRequest {
    #[validate(length(min = 1, max = 80))]
    #[schema(min_length = 1, max_length = 80)]
    name: String,
}

/// Create a zone
#[utoipa::path(tag = "zones", request_body = CreateZoneRequest,
    extensions(("x-permission" = json!("manage_zones"))),
    responses((status = 201, description = "Created", body = ZoneView), ApiErrors))]
#[post("/zones")]
pub(crate) async fn create_zone(
    guard: Guard<perm::ManageZones>,
    body: Valid<CreateZoneRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.isp().await?;
    let zone = zones::create_zone(guard.ctx(), proof, body.into_inner().name).await?;
    Ok(created(
        &format!("/zones/{}", zone.id),
        &ZoneView::from((zone, 0)),
    ))
}

/// Another name of an area.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditZoneRequest {
    #[validate(length(min = 1, max = 80))]
    #[schema(min_length = 1, max_length = 80)]
    name: String,
}

/// Rename a zone
#[utoipa::path(tag = "zones", request_body = EditZoneRequest,
    extensions(("x-permission" = json!("manage_zones"))),
    responses((status = 200, description = "The zone after the edit", body = ZoneView), ApiErrors))]
#[patch("/zones/{id}")]
pub(crate) async fn edit_zone(
    guard: Guard<perm::ManageZones>,
    path: web::Path<Uuid>,
    body: Valid<EditZoneRequest>,
) -> Result<Json<ZoneView>, Problem> {
    let proof = guard.zone(path.into_inner()).await?;
    let zone = zones::edit_zone(guard.ctx(), proof, body.into_inner().name).await?;
    let all = zones::list_zones(guard.ctx(), guard.scope()).await?;
    let customers = all
        .iter()
        .find(|(found, _)| found.id == zone.id)
        .map_or(0, |(_, n)| *n);
    Ok(Json((zone, customers).into()))
}

/// Delete a zone in which nobody lives
#[utoipa::path(tag = "zones", extensions(("x-permission" = json!("manage_zones"))),
    responses((status = 204, description = "Deleted"), ApiErrors))]
#[delete("/zones/{id}")]
pub(crate) async fn delete_zone(
    guard: Guard<perm::ManageZones>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.zone(path.into_inner()).await?;
    zones::delete_zone(guard.ctx(), proof).await?;
    Ok(no_content())
}

impl From<ZoneError> for Problem {
    fn from(error: ZoneError) -> Self {
        match error {
            ZoneError::Name(error) => Self::invalid_field("/name", error),
            ZoneError::NameTaken => {
                Self::new(ProblemType::NameTaken).field("/name", "taken", error)
            }
            ZoneError::InUse { .. } => Self::new(ProblemType::InUse).detail(error),
            ZoneError::Missing => Self::new(ProblemType::NotFound),
            ZoneError::Infra(error) => error.into(),
        }
    }
}
