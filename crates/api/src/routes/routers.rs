//! Routers that are watched over their API.

use actix_web::{HttpResponse, delete, get, http::header, patch, post, web, web::Json};
use app::use_cases::routers::{self, CreateRouter, EditRouter, RouterError};
use chrono::{DateTime, Utc};
use domain::{authz::perm, network::router::Fingerprint, patch::Patch};
use persistence::{query::routers::RouterFilter, repo::routers::RouterRecord};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;
use zeroize::Zeroizing;

use crate::{
    extract::{Guard, IfMatch, Paging, Valid, ValidQuery},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        Empty, created_with_version, no_content,
        routers::{RouterHistoryPage, RouterPage, RouterState, RouterView},
    },
    wire::{PatchField, list_query},
};

list_query! {
    /// Which routers are wanted.
    ListRoutersQuery {
        /// In one state.
        #[param(inline)]
        state: Option<RouterState>,
        /// Letters of the name, the address or the identity.
        #[validate(length(max = 100))]
        #[param(max_length = 100)]
        search: Option<String>,
    }
}

/// List routers
#[utoipa::path(tag = "routers", params(ListRoutersQuery),
    extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 200, description = "One page of routers, by name", body = RouterPage), ApiErrors))]
#[get("/routers")]
pub(crate) async fn list_routers(
    guard: Guard<perm::ViewSessions>,
    query: ValidQuery<ListRoutersQuery>,
) -> Result<Json<RouterPage>, Problem> {
    let (query, now) = (query.into_inner(), guard.ctx().clock.now());
    let page = query.page()?;
    let wanted = RouterFilter {
        state: query.state.map(Into::into),
        search: query.search,
    };
    let found = routers::list_routers(guard.ctx(), guard.scope(), &wanted, &page).await?;
    Ok(Json(
        found.map(|router| RouterView::new(router, now)).into(),
    ))
}

/// A router to watch.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRouterRequest {
    #[validate(length(min = 1, max = 80))]
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// Its address, or its name in the network.
    #[validate(length(min = 1, max = 255))]
    #[schema(min_length = 1, max_length = 255, example = "203.0.113.7")]
    address: String,
    /// The port of its API; 8729 with TLS and 8728 without when absent.
    #[validate(range(min = 1))]
    #[schema(minimum = 1, maximum = 65535)]
    port: Option<u16>,
    /// Whether the API is spoken to in TLS (`api-ssl`); yes when absent. A person confirms the
    /// certificate before anybody logs in.
    tls: Option<bool>,
    /// The router's user; the group needs `api` and `read`.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    username: String,
    #[validate(length(max = 128))]
    #[schema(max_length = 128)]
    password: String,
    /// The RADIUS client that it is.
    nas_id: Option<Uuid>,
}

/// Add a router
///
/// It is looked at at once; see `is_being_checked`.
#[utoipa::path(tag = "routers", request_body = CreateRouterRequest,
    extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 201, description = "Created; it is being looked at", body = RouterView), ApiErrors))]
#[post("/routers")]
pub(crate) async fn create_router(
    guard: Guard<perm::ManageRouters>,
    body: Valid<CreateRouterRequest>,
) -> Result<HttpResponse, Problem> {
    let (proof, body) = (guard.isp().await?, body.into_inner());
    let cmd = CreateRouter {
        name: body.name,
        address: body.address,
        port: body.port,
        tls: body.tls.unwrap_or(true),
        username: body.username,
        password: Zeroizing::new(body.password),
        nas: guard.refer_nas(body.nas_id, "/nas_id").await?,
    };
    let made = routers::create_router(guard.ctx(), proof, cmd).await?;
    Ok(done(made, guard.ctx().clock.now()))
}

/// 201 with a router and its version.
fn done(router: RouterRecord, now: DateTime<Utc>) -> HttpResponse {
    let tag = IfMatch::tag(router.version);
    let view = RouterView::new(router, now);
    created_with_version(&format!("/routers/{}", view.id), tag, &view)
}

/// 200 with a router and its version.
fn shown(router: RouterRecord, now: DateTime<Utc>) -> HttpResponse {
    let tag = IfMatch::tag(router.version);
    HttpResponse::Ok()
        .insert_header((header::ETAG, tag))
        .json(RouterView::new(router, now))
}

/// Show a router
#[utoipa::path(tag = "routers", extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 200, description = "The router; the ETag is for edits", body = RouterView,
        headers(("ETag" = String, description = "The version, for If-Match"))), ApiErrors))]
#[get("/routers/{id}")]
pub(crate) async fn get_router(
    guard: Guard<perm::ViewSessions>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.router(path.into_inner()).await?;
    let found = routers::get_router(guard.ctx(), &proof).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(shown(found, guard.ctx().clock.now()))
}

/// What to change of a router; what is absent stays.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditRouterRequest {
    #[validate(length(min = 1, max = 80))]
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    #[validate(length(min = 1, max = 255))]
    #[schema(min_length = 1, max_length = 255)]
    address: Option<String>,
    #[validate(range(min = 1))]
    #[schema(minimum = 1, maximum = 65535)]
    port: Option<u16>,
    tls: Option<bool>,
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    username: Option<String>,
    /// Another password; needed when the address, the port or TLS changes.
    #[validate(length(max = 128))]
    #[schema(max_length = 128)]
    password: Option<String>,
    /// Another RADIUS client that it is; null is none.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    nas_id: PatchField<Uuid>,
    /// Whether it is looked at every minute.
    watched: Option<bool>,
}

/// Edit a router
#[utoipa::path(tag = "routers", request_body = EditRouterRequest,
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "The ETag that was read")),
    extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 200, description = "The router after the edit", body = RouterView), ApiErrors))]
#[patch("/routers/{id}")]
pub(crate) async fn edit_router(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
    version: IfMatch,
    body: Valid<EditRouterRequest>,
) -> Result<HttpResponse, Problem> {
    let (proof, body) = (guard.router(path.into_inner()).await?, body.into_inner());
    let nas = match body.nas_id.0 {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Value(id) => guard
            .refer_nas(Some(id), "/nas_id")
            .await?
            .map_or(Patch::Null, Patch::Value),
    };
    let cmd = EditRouter {
        version: version.version(),
        name: body.name,
        address: body.address,
        port: body.port,
        tls: body.tls,
        username: body.username,
        password: body.password.map(Zeroizing::new),
        nas,
        watched: body.watched,
    };
    let edited = routers::edit_router(guard.ctx(), proof, cmd).await?;
    Ok(shown(edited, guard.ctx().clock.now()))
}

/// Delete a router
///
/// With its history. The RADIUS client that it is stays.
#[utoipa::path(tag = "routers", extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 204, description = "Deleted"), ApiErrors))]
#[delete("/routers/{id}")]
pub(crate) async fn delete_router(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.router(path.into_inner()).await?;
    routers::delete_router(guard.ctx(), proof).await?;
    Ok(no_content())
}

/// Look at a router now
///
/// Also at one that is not watched. The answer is there when `is_being_checked` is false.
#[utoipa::path(tag = "routers", request_body = Empty,
    extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 202, description = "The router, which is about to be looked at", body = RouterView), ApiErrors))]
#[post("/routers/{id}/checks")]
pub(crate) async fn check_router(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
    _body: Valid<Empty>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.router(path.into_inner()).await?;
    let router = routers::check_router(guard.ctx(), proof).await?;
    let view = RouterView::new(router, guard.ctx().clock.now());
    Ok(HttpResponse::Accepted()
        .insert_header((header::LOCATION, format!("/api/v1/routers/{}", view.id)))
        .json(view))
}

/// The certificate that a person compared with the router's own.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmRouterFingerprintRequest {
    /// SHA-256 as 64 hexadecimal digits, with or without colons.
    #[validate(length(min = 64, max = 95))]
    #[schema(min_length = 64, max_length = 95)]
    fingerprint: String,
}

/// Confirm the certificate of a router
///
/// It must be the one that the router shows now. From then on it is logged in to, and any other
/// certificate is refused.
#[utoipa::path(tag = "routers", request_body = ConfirmRouterFingerprintRequest,
    extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 201, description = "Confirmed; the router is being looked at", body = RouterView), ApiErrors))]
#[post("/routers/{id}/fingerprint-confirmations")]
pub(crate) async fn confirm_router_fingerprint(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
    body: Valid<ConfirmRouterFingerprintRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.router(path.into_inner()).await?;
    let fingerprint: Fingerprint = body
        .into_inner()
        .fingerprint
        .parse()
        .map_err(|error| Problem::invalid_field("/fingerprint", error))?;
    let router = routers::confirm_router_fingerprint(guard.ctx(), proof, fingerprint).await?;
    Ok(done(router, guard.ctx().clock.now()))
}

list_query! {
    /// Which page is wanted.
    RouterHistoryQuery {}
}

/// List how a router fared
///
/// When it went away and why, and when it came back. Kept for 90 days.
#[utoipa::path(tag = "routers", params(("id" = Uuid, Path), RouterHistoryQuery),
    extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 200, description = "One page, latest first", body = RouterHistoryPage), ApiErrors))]
#[get("/routers/{id}/history")]
pub(crate) async fn list_router_history(
    guard: Guard<perm::ViewSessions>,
    path: web::Path<Uuid>,
    query: ValidQuery<RouterHistoryQuery>,
) -> Result<Json<RouterHistoryPage>, Problem> {
    let proof = guard.router(path.into_inner()).await?;
    let page = query.into_inner().page()?;
    let found = routers::list_router_history(guard.ctx(), &proof, &page).await?;
    Ok(Json(found.map(Into::into).into()))
}

impl From<RouterError> for Problem {
    fn from(error: RouterError) -> Self {
        match error {
            RouterError::Invalid(fields) => fields.into(),
            RouterError::NameTaken => {
                Self::new(ProblemType::NameTaken).field("/name", "taken", error)
            }
            RouterError::AddressTaken => {
                Self::new(ProblemType::AddressTaken).field("/address", "taken", error)
            }
            RouterError::StaleVersion => Self::new(ProblemType::VersionMismatch).detail(error),
            RouterError::OtherFingerprint => {
                Self::new(ProblemType::FingerprintMismatch).detail(error)
            }
            RouterError::Missing => Self::new(ProblemType::NotFound),
            RouterError::Infra(error) => error.into(),
        }
    }
}
