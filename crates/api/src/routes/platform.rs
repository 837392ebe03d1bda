//! Tenancies and ISPs.

use actix_web::{HttpResponse, get, post, web, web::Json};
use app::use_cases::platform::{self, CreateIsp, CreateTenancy, Owner, PlatformError};
use domain::{authz::perm, ids::IspId};
use persistence::repo::identity::platform as repo;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        created,
        platform::{IspPage, IspView, TenancyPage, TenancyView},
        whole,
    },
};

/// The person who owns what is made.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstUser {
    #[validate(length(min = 3, max = 64))]
    #[schema(min_length = 3, max_length = 64)]
    login: String,
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    /// The first password; the person must change it.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
}

impl From<FirstUser> for Owner {
    fn from(
        FirstUser {
            login,
            name,
            password,
        }: FirstUser,
    ) -> Self {
        Self {
            login,
            name,
            password,
            must_change_password: true,
        }
    }
}

/// List tenancies
#[utoipa::path(tag = "platform", extensions(("x-permission" = json!("manage_tenancies"))),
    responses((status = 200, description = "The tenancies, by name", body = TenancyPage), ApiErrors))]
#[get("/tenancies")]
pub(crate) async fn list_tenancies(
    guard: Guard<perm::ManageTenancies>,
) -> Result<Json<TenancyPage>, Problem> {
    let read = guard.ctx().db.read(guard.scope()).await?;
    let rows = repo::tenancies(&read, guard.scope()).await?;
    Ok(Json(whole(rows)))
}

/// A tenancy and its owner.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTenancyRequest {
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    #[validate(nested)]
    super_admin: FirstUser,
}

/// Create a tenancy with its super admin
#[utoipa::path(tag = "platform", request_body = CreateTenancyRequest,
    extensions(("x-permission" = json!("manage_tenancies"))),
    responses((status = 201, description = "Both were created", body = TenancyView), ApiErrors))]
#[post("/tenancies")]
pub(crate) async fn create_tenancy(
    guard: Guard<perm::ManageTenancies>,
    body: Valid<CreateTenancyRequest>,
) -> Result<HttpResponse, Problem> {
    let CreateTenancyRequest { name, super_admin } = body.into_inner();
    let cmd = CreateTenancy {
        name,
        super_admin: super_admin.into(),
    };
    let id = platform::create_tenancy(guard.ctx(), guard.platform()?, cmd).await?;
    let read = guard.ctx().db.read(guard.scope()).await?;
    let row = repo::tenancy(&read, id).await?;
    let row = row.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(created(
        &format!("/tenancies/{id}"),
        &TenancyView::from(row),
    ))
}

/// List ISPs
#[utoipa::path(tag = "platform", extensions(("x-permission" = json!("manage_isps"))),
    responses((status = 200, description = "The ISPs, by name", body = IspPage), ApiErrors))]
#[get("/isps")]
pub(crate) async fn list_isps(guard: Guard<perm::ManageIsps>) -> Result<Json<IspPage>, Problem> {
    let read = guard.ctx().db.read(guard.scope()).await?;
    let rows = repo::isps(&read, guard.scope()).await?;
    Ok(Json(whole(rows)))
}

fn taka() -> String {
    "BDT".to_owned()
}
fn dhaka() -> String {
    "Asia/Dhaka".to_owned()
}
fn bangladesh() -> String {
    "BD".to_owned()
}

/// An ISP and its owner.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateIspRequest {
    /// In which tenancy; the caller's own when absent.
    tenancy_id: Option<Uuid>,
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    #[serde(default = "taka")]
    #[validate(length(min = 3, max = 3))]
    #[schema(
        min_length = 3,
        max_length = 3,
        pattern = "^[A-Z]{3}$",
        default = "BDT"
    )]
    currency: String,
    /// The IANA name of the zone of its days.
    #[serde(default = "dhaka")]
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60, default = "Asia/Dhaka")]
    time_zone: String,
    /// The country of its numbers.
    #[serde(default = "bangladesh")]
    #[validate(length(min = 2, max = 2))]
    #[schema(min_length = 2, max_length = 2, pattern = "^[A-Z]{2}$", default = "BD")]
    country: String,
    #[validate(nested)]
    admin: FirstUser,
}

/// Create an ISP with its admin
#[utoipa::path(tag = "platform", request_body = CreateIspRequest,
    extensions(("x-permission" = json!("manage_isps"))),
    responses((status = 201, description = "Both were created", body = IspView), ApiErrors))]
#[post("/isps")]
pub(crate) async fn create_isp(
    guard: Guard<perm::ManageIsps>,
    body: Valid<CreateIspRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let own = guard
        .actor()
        .tenancy_id()
        .map(domain::ids::TenancyId::as_uuid);
    let Some(tenancy_id) = body.tenancy_id.or(own) else {
        return Err(Problem::invalid_field(
            "/tenancy_id",
            "is needed: you own no tenancy",
        ));
    };
    guard.refer_tenancy(Some(tenancy_id), "/tenancy_id").await?;
    let proof = guard.tenancy(tenancy_id).await?;
    let cmd = CreateIsp {
        name: body.name,
        currency: body.currency,
        time_zone: body.time_zone,
        country: body.country,
        admin: body.admin.into(),
    };
    let id = platform::create_isp(guard.ctx(), proof, cmd).await?;
    Ok(created(
        &format!("/isps/{id}"),
        &isp_view(&guard, id).await?,
    ))
}

async fn isp_view(guard: &Guard<perm::ManageIsps>, id: IspId) -> Result<IspView, Problem> {
    // The caller's own scope is older than an ISP that was made in this request.
    let read = guard.ctx().db.read_platform().await?;
    let row = repo::isp(&read, id).await?;
    row.map(IspView::from)
        .ok_or_else(|| Problem::new(ProblemType::NotFound))
}

/// Show an ISP
#[utoipa::path(tag = "platform", extensions(("x-permission" = json!("manage_isps"))),
    responses((status = 200, description = "The ISP", body = IspView), ApiErrors))]
#[get("/isps/{id}")]
pub(crate) async fn get_isp(
    guard: Guard<perm::ManageIsps>,
    path: web::Path<Uuid>,
) -> Result<Json<IspView>, Problem> {
    let proof = guard.isp_by_id(path.into_inner()).await?;
    Ok(Json(isp_view(&guard, proof.resource().id).await?))
}

impl From<PlatformError> for Problem {
    fn from(error: PlatformError) -> Self {
        match error {
            PlatformError::Field(pointer, detail) => Self::invalid_field(pointer, detail),
            PlatformError::Weak(_) => {
                Self::new(ProblemType::WeakPassword).field("/password", "weak", error)
            }
            PlatformError::LoginTaken => Self::new(ProblemType::LoginTaken),
            PlatformError::NameTaken => {
                Self::new(ProblemType::NameTaken).field("/name", "taken", error)
            }
            PlatformError::Store(error) => error.into(),
            PlatformError::Infra(error) => error.into(),
        }
    }
}
