//! What the ISP sells.

use actix_web::{HttpResponse, get, patch, post, web, web::Json};
use app::use_cases::packages::{self, CreatePackage, EditAccessTerms, EditPackage, PackageError};
use domain::{
    authz::perm,
    catalog::{AccessTerms, PackageTerms},
    ids::NasId,
    network::rate_limit::RateLimit,
    patch::Patch,
};
use persistence::repo::packages::PackageWithCount;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        MoneyView,
        access::{TimeLimit, TimeWindow, VolumeLimit},
        catalogue::{BillingType, Burst, Cycle, PackagePage, PackageView},
        created, whole,
    },
    wire::PatchField,
};

/// List packages
#[utoipa::path(tag = "packages", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "The packages, by name", body = PackagePage), ApiErrors))]
#[get("/packages")]
pub(crate) async fn list_packages(
    guard: Guard<perm::ViewCustomers>,
) -> Result<Json<PackagePage>, Problem> {
    Ok(Json(whole(
        packages::list_packages(guard.ctx(), guard.scope()).await?,
    )))
}

const fn one() -> u32 {
    1
}

/// A package to sell.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePackageRequest {
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    #[validate(range(max = 100_000_000))]
    #[schema(maximum = 100_000_000)]
    down_kbps: u32,
    #[validate(range(max = 100_000_000))]
    #[schema(maximum = 100_000_000)]
    up_kbps: u32,
    burst: Option<Burst>,
    price: MoneyView,
    cycle: Cycle,
    billing_type: BillingType,
    #[validate(length(max = 60))]
    #[schema(max_length = 60)]
    pool: Option<String>,
    #[validate(length(max = 60))]
    #[schema(max_length = 60)]
    address_list: Option<String>,
    #[validate(length(max = 60))]
    #[schema(max_length = 60)]
    router_profile: Option<String>,
    #[serde(default = "one")]
    #[validate(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100, default = 1)]
    simultaneous_use: u32,
    #[serde(default)]
    rate_managed_by_router: bool,
    /// Seconds without traffic after which the router ends a session.
    #[validate(range(min = 60, max = 604_800))]
    #[schema(minimum = 60, maximum = 604_800)]
    idle_timeout: Option<u32>,
    volume_limit: Option<VolumeLimit>,
    time_limit: Option<TimeLimit>,
    /// When the package may be used, by the ISP's clock; without any, always.
    #[serde(default)]
    #[validate(length(max = 21))]
    #[schema(max_items = 21)]
    time_windows: Vec<TimeWindow>,
    /// Whether only a subscriber's known devices get in; the first one makes itself known.
    #[serde(default)]
    bind_mac: bool,
    /// Whether a known device gets in by its MAC address, without a password.
    #[serde(default)]
    mac_authentication: bool,
    /// The routers that serve the package; without any, all of the ISP.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    nas_ids: Vec<Uuid>,
    /// The router's pool of IPv6 prefixes for the link.
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    ipv6_pool: Option<String>,
    /// The router's pool of IPv6 prefixes that are delegated.
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    delegated_ipv6_pool: Option<String>,
}

impl CreatePackageRequest {
    fn into_terms(self) -> Result<PackageTerms, Problem> {
        let rate = RateLimit {
            up_kbps: self.up_kbps,
            down_kbps: self.down_kbps,
            burst: self.burst.map(Into::into),
        };
        Ok(PackageTerms {
            name: self.name,
            rate,
            rate_managed_by_router: self.rate_managed_by_router,
            price: self.price.read("/price")?,
            cycle: self.cycle.into(),
            billing_type: self.billing_type.into(),
            pool: self.pool,
            address_list: self.address_list,
            router_profile: self.router_profile,
            simultaneous_use: self.simultaneous_use,
            access: AccessTerms {
                idle_timeout: self.idle_timeout,
                volume_limit: self.volume_limit.map(Into::into),
                time_limit: self.time_limit.map(Into::into),
                time_windows: TimeWindow::read(self.time_windows)?,
                bind_mac: self.bind_mac,
                mac_authentication: self.mac_authentication,
                nas_ids: self.nas_ids.into_iter().map(NasId::from_uuid).collect(),
                ipv6_pool: self.ipv6_pool,
                delegated_ipv6_pool: self.delegated_ipv6_pool,
            },
        })
    }
}

/// Create a package
#[utoipa::path(tag = "packages", request_body = CreatePackageRequest,
    extensions(("x-permission" = json!("manage_packages"))),
    responses((status = 201, description = "Created", body = PackageView), ApiErrors))]
#[post("/packages")]
pub(crate) async fn create_package(
    guard: Guard<perm::ManagePackages>,
    body: Valid<CreatePackageRequest>,
) -> Result<HttpResponse, Problem> {
    let (proof, terms) = (guard.isp().await?, body.into_inner().into_terms()?);
    let package = packages::create_package(guard.ctx(), proof, CreatePackage { terms }).await?;
    let view = PackageView::from(PackageWithCount {
        package,
        customers: 0,
    });
    Ok(created(&format!("/packages/{}", view.id), &view))
}

async fn view<P: domain::authz::PermissionMarker>(
    guard: &Guard<P>,
    id: Uuid,
) -> Result<PackageView, Problem> {
    let found = packages::list_packages(guard.ctx(), guard.scope()).await?;
    let package = found
        .into_iter()
        .find(|found| found.package.id.as_uuid() == id);
    package
        .map(PackageView::from)
        .ok_or_else(|| Problem::new(ProblemType::NotFound))
}

/// Show a package
#[utoipa::path(tag = "packages", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "The package", body = PackageView), ApiErrors))]
#[get("/packages/{id}")]
pub(crate) async fn get_package(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
) -> Result<Json<PackageView>, Problem> {
    let proof = guard.package(path.into_inner()).await?;
    let found = packages::get_package(guard.ctx(), &proof).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(Json(found.into()))
}

/// What to change of a package; what is absent stays, null clears.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditPackageRequest {
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[validate(range(max = 100_000_000))]
    #[schema(maximum = 100_000_000)]
    down_kbps: Option<u32>,
    #[validate(range(max = 100_000_000))]
    #[schema(maximum = 100_000_000)]
    up_kbps: Option<u32>,
    #[serde(default)]
    #[schema(value_type = Option<Burst>)]
    burst: PatchField<Burst>,
    price: Option<MoneyView>,
    cycle: Option<Cycle>,
    billing_type: Option<BillingType>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pool: PatchField<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    address_list: PatchField<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    router_profile: PatchField<String>,
    #[validate(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    simultaneous_use: Option<u32>,
    rate_managed_by_router: Option<bool>,
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    idle_timeout: PatchField<u32>,
    #[serde(default)]
    #[schema(value_type = Option<VolumeLimit>)]
    volume_limit: PatchField<VolumeLimit>,
    #[serde(default)]
    #[schema(value_type = Option<TimeLimit>)]
    time_limit: PatchField<TimeLimit>,
    /// An empty list is always.
    #[validate(length(max = 21))]
    #[schema(max_items = 21)]
    time_windows: Option<Vec<TimeWindow>>,
    bind_mac: Option<bool>,
    mac_authentication: Option<bool>,
    /// An empty list is all routers of the ISP.
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    nas_ids: Option<Vec<Uuid>>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    ipv6_pool: PatchField<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    delegated_ipv6_pool: PatchField<String>,
}

impl EditPackageRequest {
    fn into_command(self) -> Result<EditPackage, Problem> {
        let nas_ids = |ids: Vec<Uuid>| ids.into_iter().map(NasId::from_uuid).collect();
        let access = EditAccessTerms {
            idle_timeout: self.idle_timeout.0,
            volume_limit: converted(self.volume_limit)?,
            time_limit: converted(self.time_limit)?,
            time_windows: self.time_windows.map(TimeWindow::read).transpose()?,
            bind_mac: self.bind_mac,
            mac_authentication: self.mac_authentication,
            nas_ids: self.nas_ids.map(nas_ids),
            ipv6_pool: self.ipv6_pool.0,
            delegated_ipv6_pool: self.delegated_ipv6_pool.0,
        };
        Ok(EditPackage {
            name: self.name,
            down_kbps: self.down_kbps,
            up_kbps: self.up_kbps,
            burst: converted(self.burst)?,
            rate_managed_by_router: self.rate_managed_by_router,
            price: self.price.map(|price| price.read("/price")).transpose()?,
            cycle: self.cycle.map(Into::into),
            billing_type: self.billing_type.map(Into::into),
            pool: self.pool.0,
            address_list: self.address_list.0,
            router_profile: self.router_profile.0,
            simultaneous_use: self.simultaneous_use,
            access,
        })
    }
}

fn converted<T, U: From<T>>(field: PatchField<T>) -> Result<Patch<U>, Problem> {
    field.0.try_map(|value| Ok(value.into()))
}

/// Edit a package
#[utoipa::path(tag = "packages", request_body = EditPackageRequest,
    extensions(("x-permission" = json!("manage_packages"))),
    responses((status = 200, description = "The package after the edit", body = PackageView), ApiErrors))]
#[patch("/packages/{id}")]
pub(crate) async fn edit_package(
    guard: Guard<perm::ManagePackages>,
    path: web::Path<Uuid>,
    body: Valid<EditPackageRequest>,
) -> Result<Json<PackageView>, Problem> {
    let (id, body) = (path.into_inner(), body.into_inner());
    let proof = guard.package(id).await?;
    let cmd = body.into_command()?;
    packages::edit_package(guard.ctx(), proof, cmd).await?;
    Ok(Json(view(&guard, id).await?))
}

/// Stop selling a package
#[utoipa::path(tag = "packages", extensions(("x-permission" = json!("manage_packages"))),
    responses((status = 201, description = "Those who have it keep it", body = PackageView), ApiErrors))]
#[post("/packages/{id}/retirements")]
pub(crate) async fn retire_package(
    guard: Guard<perm::ManagePackages>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let id = path.into_inner();
    packages::retire_package(guard.ctx(), guard.package(id).await?).await?;
    Ok(created(
        &format!("/packages/{id}"),
        &view(&guard, id).await?,
    ))
}

impl From<PackageError> for Problem {
    fn from(error: PackageError) -> Self {
        match error {
            PackageError::Invalid(fields) => fields.into(),
            PackageError::NameTaken => {
                Self::new(ProblemType::NameTaken).field("/name", "taken", error)
            }
            PackageError::AlreadyRetired => Self::new(ProblemType::PackageRetired),
            PackageError::Missing => Self::new(ProblemType::NotFound),
            PackageError::Infra(error) => error.into(),
        }
    }
}
