//! Fair use: the policy of a package, and one customer's standing.

use actix_web::{HttpResponse, delete, get, post, put, web, web::Json};
use app::use_cases::fair_use::{self, Decision, FairUseError, Until};
use chrono::{DateTime, Utc};
use domain::authz::perm;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, Paging, Valid, ValidQuery},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        created,
        fair_use::{
            FairUseLogPage, FairUseLogView, FairUsePolicy, FairUseView, LiveChanges,
            PackageFairUse, SimulationView,
        },
        no_content,
    },
    wire::list_query,
};

/// Show the fair-use policy of a package
#[utoipa::path(tag = "fair_use", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "The policy, or null", body = PackageFairUse), ApiErrors))]
#[get("/packages/{id}/fair-use")]
pub(crate) async fn get_fair_use_policy(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
) -> Result<Json<PackageFairUse>, Problem> {
    let proof = guard.package(path.into_inner()).await?;
    let policy = fair_use::get_fair_use_policy(guard.ctx(), &proof).await?;
    let policy = policy.map(Into::into);
    Ok(Json(PackageFairUse { policy }))
}

/// Give a package a fair-use policy
#[utoipa::path(tag = "fair_use", request_body = FairUsePolicy,
    extensions(("x-permission" = json!("manage_packages"))),
    responses((status = 200, description = "The policy; everybody on the package is looked at again", body = PackageFairUse), ApiErrors))]
#[put("/packages/{id}/fair-use")]
pub(crate) async fn set_fair_use_policy(
    guard: Guard<perm::ManagePackages>,
    path: web::Path<Uuid>,
    body: Valid<FairUsePolicy>,
) -> Result<Json<PackageFairUse>, Problem> {
    let proof = guard.package(path.into_inner()).await?;
    let wanted = body.into_inner().into();
    let policy = fair_use::set_fair_use_policy(guard.ctx(), proof, wanted).await?;
    let policy = Some(policy.into());
    Ok(Json(PackageFairUse { policy }))
}

/// Take the fair-use policy of a package away
#[utoipa::path(tag = "fair_use", extensions(("x-permission" = json!("manage_packages"))),
    responses((status = 204, description = "What it restricts is lifted"), ApiErrors))]
#[delete("/packages/{id}/fair-use")]
pub(crate) async fn remove_fair_use_policy(
    guard: Guard<perm::ManagePackages>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.package(path.into_inner()).await?;
    fair_use::remove_fair_use_policy(guard.ctx(), proof).await?;
    Ok(no_content())
}

/// Try a fair-use policy on last month
#[utoipa::path(tag = "fair_use", request_body = FairUsePolicy,
    extensions(("x-permission" = json!("manage_packages"))),
    responses((status = 200, description = "Who would have reached which tier when; nothing is changed", body = SimulationView), ApiErrors))]
#[post("/packages/{id}/fair-use/simulate")]
pub(crate) async fn simulate_fair_use(
    guard: Guard<perm::ManagePackages>,
    path: web::Path<Uuid>,
    body: Valid<FairUsePolicy>,
) -> Result<Json<SimulationView>, Problem> {
    let proof = guard.package(path.into_inner()).await?;
    let wanted = body.into_inner().into();
    let found = fair_use::simulate_fair_use(guard.ctx(), &proof, wanted).await?;
    Ok(Json(found.into()))
}

/// Show where a customer stands with fair use
#[utoipa::path(tag = "fair_use", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "What was used, what applies, what is ahead", body = FairUseView), ApiErrors))]
#[get("/customers/{id}/fair-use")]
pub(crate) async fn get_fair_use(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
) -> Result<Json<FairUseView>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let found = fair_use::get_fair_use(guard.ctx(), &proof).await?;
    Ok(Json(FairUseView::new(found, guard.ctx().clock.now())))
}

const fn first() -> u8 {
    1
}

/// A tier to put in force by hand.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivateFairUseRequest {
    /// Which tier, counted from 1; more use may still bring a stricter one.
    #[serde(default = "first")]
    #[validate(range(min = 1, max = 8))]
    #[schema(minimum = 1, maximum = 8, default = 1)]
    tier: u8,
    /// Until when; absent: until the window ends.
    #[serde(default, deserialize_with = "crate::wire::instant")]
    until: Option<DateTime<Utc>>,
    /// Until somebody decides otherwise.
    #[serde(default)]
    indefinitely: bool,
    #[validate(length(max = 500))]
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// An exemption by hand.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeactivateFairUseRequest {
    /// Until when; absent: until the window ends.
    #[serde(default, deserialize_with = "crate::wire::instant")]
    until: Option<DateTime<Utc>>,
    /// Until somebody decides otherwise.
    #[serde(default)]
    indefinitely: bool,
    #[validate(length(max = 500))]
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// Why the count begins anew.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetFairUseRequest {
    #[validate(length(max = 500))]
    #[schema(max_length = 500)]
    note: Option<String>,
}

fn until(until: Option<DateTime<Utc>>, indefinitely: bool) -> Result<Until, Problem> {
    match (until, indefinitely) {
        (Some(_), true) => Err(Problem::invalid_field(
            "/until",
            "leave it out, or say indefinitely: false",
        )),
        (None, true) => Ok(Until::Decided),
        (Some(then), false) => Ok(Until::Then(then)),
        (None, false) => Ok(Until::WindowEnds),
    }
}

async fn decide(
    guard: &Guard<perm::ActivateFup>,
    id: Uuid,
    decision: Decision,
    note: Option<String>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(id).await?;
    fair_use::decide_fair_use(guard.ctx(), &proof, decision, note).await?;
    let found = fair_use::get_fair_use(guard.ctx(), &proof).await?;
    let view = FairUseView::new(found, guard.ctx().clock.now());
    Ok(created(&format!("/customers/{id}/fair-use"), &view))
}

/// Put a tier of fair use in force by hand
#[utoipa::path(tag = "fair_use", request_body = ActivateFairUseRequest,
    extensions(("x-permission" = json!("activate_fup"))),
    responses((status = 201, description = "In force, and live sessions follow", body = FairUseView), ApiErrors))]
#[post("/customers/{id}/fair-use/activate")]
pub(crate) async fn activate_fair_use(
    guard: Guard<perm::ActivateFup>,
    path: web::Path<Uuid>,
    body: Valid<ActivateFairUseRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let decision = Decision::Activate {
        tier: body.tier,
        until: until(body.until, body.indefinitely)?,
    };
    decide(&guard, path.into_inner(), decision, body.note).await
}

/// Exempt a customer from fair use by hand
#[utoipa::path(tag = "fair_use", request_body = DeactivateFairUseRequest,
    extensions(("x-permission" = json!("activate_fup"))),
    responses((status = 201, description = "Lifted, whatever was used; limits of the package stay", body = FairUseView), ApiErrors))]
#[post("/customers/{id}/fair-use/deactivate")]
pub(crate) async fn deactivate_fair_use(
    guard: Guard<perm::ActivateFup>,
    path: web::Path<Uuid>,
    body: Valid<DeactivateFairUseRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let decision = Decision::Deactivate {
        until: until(body.until, body.indefinitely)?,
    };
    decide(&guard, path.into_inner(), decision, body.note).await
}

/// Begin the count of fair use anew
#[utoipa::path(tag = "fair_use", request_body = ResetFairUseRequest,
    extensions(("x-permission" = json!("activate_fup"))),
    responses((status = 201, description = "Counted from now on until the window ends; earlier decisions are forgotten", body = FairUseView), ApiErrors))]
#[post("/customers/{id}/fair-use/reset")]
pub(crate) async fn reset_fair_use(
    guard: Guard<perm::ActivateFup>,
    path: web::Path<Uuid>,
    body: Valid<ResetFairUseRequest>,
) -> Result<HttpResponse, Problem> {
    let note = body.into_inner().note;
    decide(&guard, path.into_inner(), Decision::Reset, note).await
}

list_query! {
    /// Which page of the log is wanted.
    FairUseLogQuery {}
}

/// List what happened to a customer's fair use
#[utoipa::path(tag = "fair_use", params(FairUseLogQuery),
    extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "One page, newest first", body = FairUseLogPage), ApiErrors))]
#[get("/customers/{id}/fair-use/log")]
pub(crate) async fn list_fair_use_log(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
    query: ValidQuery<FairUseLogQuery>,
) -> Result<Json<FairUseLogPage>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let page = query.into_inner().page()?;
    let found = fair_use::fair_use_log(guard.ctx(), &proof, &page).await?;
    let domain::page::Page {
        items,
        next_cursor,
        total,
        total_is_exact,
    } = found;
    let items: Result<Vec<FairUseLogView>, Problem> =
        items.into_iter().map(TryInto::try_into).collect();
    Ok(Json(FairUseLogPage {
        items: items?,
        next_cursor,
        total,
        total_is_exact,
    }))
}

/// List what routers were asked about a customer's sessions
#[utoipa::path(tag = "sessions", extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 200, description = "The latest hundred, newest first", body = LiveChanges), ApiErrors))]
#[get("/customers/{id}/live-changes")]
pub(crate) async fn list_live_changes(
    guard: Guard<perm::ViewSessions>,
    path: web::Path<Uuid>,
) -> Result<Json<LiveChanges>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let found = fair_use::list_live_changes(guard.ctx(), &proof).await?;
    let items = found.into_iter().map(Into::into).collect();
    Ok(Json(LiveChanges { items }))
}

impl From<FairUseError> for Problem {
    fn from(error: FairUseError) -> Self {
        match error {
            FairUseError::Invalid(fields) => fields.into(),
            FairUseError::NoPolicy => Self::new(ProblemType::NoFairUsePolicy),
            FairUseError::NoSuchTier { .. } => Self::invalid_field("/tier", error),
            FairUseError::Past => Self::invalid_field("/until", error),
            FairUseError::Missing => Self::new(ProblemType::NotFound),
            FairUseError::Infra(error) => error.into(),
        }
    }
}
