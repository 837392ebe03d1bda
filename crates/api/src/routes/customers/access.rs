//! What a subscriber has beyond the package: overrides, devices, limits and top-ups.

use actix_web::{HttpResponse, delete, get, post, put, web, web::Json};
use app::use_cases::access::{
    self, AccessError, AddDevice, GrantTopUp, Limit, LimitKind, Limits, SetOverrides,
};
use chrono::{DateTime, Utc};
use domain::{
    authz::perm,
    network::{overrides::OverrideTerms, rate_limit::RateLimit},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        access::{
            CountedOctets, DeviceView, DevicesView, LimitEffect, LimitWindow, OverridesView,
            RestrictionView, TopUpView,
        },
        catalogue::Burst,
        created, no_content,
    },
};

/// Show a subscriber's overrides
///
/// Overrides that are over are not shown.
#[utoipa::path(tag = "customers", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "The overrides; null fields are as the package says", body = OverridesView), ApiErrors))]
#[get("/customers/{id}/overrides")]
pub(crate) async fn get_customer_overrides(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
) -> Result<Json<OverridesView>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let found = access::get_overrides(guard.ctx(), &proof).await?;
    Ok(Json(found.map(Into::into).unwrap_or_default()))
}

/// Overrides to be set, all of them at once; what is absent is as the package says.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetOverridesRequest {
    /// Both rates together, or none.
    #[validate(range(max = 100_000_000))]
    #[schema(maximum = 100_000_000)]
    down_kbps: Option<u32>,
    #[validate(range(max = 100_000_000))]
    #[schema(maximum = 100_000_000)]
    up_kbps: Option<u32>,
    /// Only together with the rates.
    burst: Option<Burst>,
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    pool: Option<String>,
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    address_list: Option<String>,
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    router_profile: Option<String>,
    #[validate(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    simultaneous_use: Option<u16>,
    /// A fixed IPv6 prefix for the link.
    #[validate(length(max = 43))]
    #[schema(max_length = 43, example = "2001:db8:1::/64")]
    ipv6_prefix: Option<String>,
    /// A fixed IPv6 prefix to delegate to the subscriber's router.
    #[validate(length(max = 43))]
    #[schema(max_length = 43, example = "2001:db8:2::/56")]
    delegated_ipv6_prefix: Option<String>,
    /// When they end by themselves; later than now.
    #[serde(default, deserialize_with = "crate::wire::instant")]
    expires_at: Option<DateTime<Utc>>,
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    reason: Option<String>,
}

impl SetOverridesRequest {
    fn into_command(self) -> Result<SetOverrides, Problem> {
        let rate = match (self.up_kbps, self.down_kbps) {
            (Some(up_kbps), Some(down_kbps)) => Some(RateLimit {
                burst: self.burst.map(Into::into),
                ..RateLimit::new(up_kbps, down_kbps)
            }),
            (None, None) if self.burst.is_none() => None,
            (None, _) => return Err(both_rates("/up_kbps")),
            (_, None) => return Err(both_rates("/down_kbps")),
        };
        Ok(SetOverrides {
            terms: OverrideTerms {
                rate,
                pool: self.pool,
                address_list: self.address_list,
                router_profile: self.router_profile,
                simultaneous_use: self.simultaneous_use,
                ipv6_prefix: prefix("/ipv6_prefix", self.ipv6_prefix)?,
                delegated_ipv6_prefix: prefix(
                    "/delegated_ipv6_prefix",
                    self.delegated_ipv6_prefix,
                )?,
            },
            expires_at: self.expires_at,
            reason: self.reason,
        })
    }
}

fn both_rates(pointer: &str) -> Problem {
    Problem::invalid_field(
        pointer,
        "send both rates together, and a burst only with them",
    )
}

fn prefix(pointer: &str, text: Option<String>) -> Result<Option<ipnet::Ipv6Net>, Problem> {
    let read = |text: String| {
        text.parse().map_err(|_| {
            Problem::invalid_field(pointer, "must be an IPv6 prefix such as 2001:db8::/56")
        })
    };
    text.map(read).transpose()
}

/// Set a subscriber's overrides
///
/// They replace what was set before; live sessions follow.
#[utoipa::path(tag = "customers", request_body = SetOverridesRequest,
    extensions(("x-permission" = json!("edit_speed_limit"))),
    responses((status = 200, description = "The overrides now", body = OverridesView), ApiErrors))]
#[put("/customers/{id}/overrides")]
pub(crate) async fn set_customer_overrides(
    guard: Guard<perm::EditSpeedLimit>,
    path: web::Path<Uuid>,
    body: Valid<SetOverridesRequest>,
) -> Result<Json<OverridesView>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let cmd = body.into_inner().into_command()?;
    let set = access::set_overrides(guard.ctx(), proof, cmd).await?;
    Ok(Json(set.into()))
}

/// Remove a subscriber's overrides
#[utoipa::path(tag = "customers", extensions(("x-permission" = json!("edit_speed_limit"))),
    responses((status = 204, description = "As the package says again"), ApiErrors))]
#[delete("/customers/{id}/overrides")]
pub(crate) async fn remove_customer_overrides(
    guard: Guard<perm::EditSpeedLimit>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    access::remove_overrides(guard.ctx(), proof).await?;
    Ok(no_content())
}

/// List a subscriber's devices
#[utoipa::path(tag = "customers", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "Oldest first", body = DevicesView), ApiErrors))]
#[get("/customers/{id}/macs")]
pub(crate) async fn list_customer_macs(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
) -> Result<Json<DevicesView>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let found = access::devices(guard.ctx(), &proof).await?;
    Ok(Json(DevicesView {
        items: found.into_iter().map(Into::into).collect(),
    }))
}

/// A device to be added.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddDeviceRequest {
    /// In any spelling; it is kept as `AA:BB:CC:DD:EE:FF`.
    #[validate(length(min = 12, max = 40))]
    #[schema(min_length = 12, max_length = 40, example = "aa-bb-cc-dd-ee-ff")]
    mac: String,
    #[validate(length(max = 80))]
    #[schema(max_length = 80)]
    label: Option<String>,
}

/// Add a device to a subscriber
///
/// When the package binds devices, only these get in.
#[utoipa::path(tag = "customers", request_body = AddDeviceRequest,
    extensions(("x-permission" = json!("edit_customers"))),
    responses((status = 201, description = "The device, which may have been known already", body = DeviceView), ApiErrors))]
#[post("/customers/{id}/macs")]
pub(crate) async fn add_customer_mac(
    guard: Guard<perm::EditCustomers>,
    path: web::Path<Uuid>,
    body: Valid<AddDeviceRequest>,
) -> Result<HttpResponse, Problem> {
    let (id, body) = (path.into_inner(), body.into_inner());
    let proof = guard.customer(id).await?;
    let cmd = AddDevice {
        mac: body.mac,
        label: body.label,
    };
    let view = DeviceView::from(access::add_device(guard.ctx(), proof, cmd).await?);
    Ok(created(
        &format!("/customers/{id}/macs/{}", view.mac),
        &view,
    ))
}

/// Remove a device from a subscriber
///
/// When it was the only one and the package binds devices, the next login binds its own.
#[utoipa::path(tag = "customers", extensions(("x-permission" = json!("remove_mac_bind"))),
    responses((status = 204, description = "Removed"), ApiErrors))]
#[delete("/customers/{id}/macs/{mac}")]
pub(crate) async fn remove_customer_mac(
    guard: Guard<perm::RemoveMacBind>,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, mac) = path.into_inner();
    let proof = guard.customer(id).await?;
    access::remove_device(guard.ctx(), proof, &mac).await?;
    Ok(no_content())
}

/// What is limited.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LimitedThing {
    /// Bytes.
    Octets,
    /// Seconds online.
    Seconds,
}

/// One limit of the package and where the subscriber stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LimitView {
    /// What the numbers count.
    unit: LimitedThing,
    /// Which bytes count; null for time.
    counts: Option<CountedOctets>,
    window: LimitWindow,
    /// What the package gives in a window.
    of_package: u64,
    /// What was left of the window before.
    carried_over: u64,
    /// What top-ups give.
    granted: u64,
    /// All of these together.
    total: u64,
    used: u64,
    left: u64,
    on_reached: LimitEffect,
    resets_at: DateTime<Utc>,
}

impl From<Limit> for LimitView {
    fn from(limit: Limit) -> Self {
        let (unit, counts) = match limit.kind {
            LimitKind::Volume(counts) => (LimitedThing::Octets, Some(counts.into())),
            LimitKind::Time => (LimitedThing::Seconds, None),
        };
        Self {
            unit,
            counts,
            window: limit.window.into(),
            of_package: limit.of_package,
            carried_over: limit.carried_over,
            granted: limit.granted,
            total: limit.total(),
            used: limit.used,
            left: limit.left(),
            on_reached: limit.on_reached.into(),
            resets_at: limit.resets_at,
        }
    }
}

/// What limits a subscriber.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LimitsView {
    /// The limits of the package.
    limits: Vec<LimitView>,
    /// What is in force because something was used up.
    restrictions: Vec<RestrictionView>,
    /// The top-ups that count, newest first.
    top_ups: Vec<TopUpView>,
}

impl From<Limits> for LimitsView {
    fn from(found: Limits) -> Self {
        Self {
            limits: found.limits.into_iter().map(Into::into).collect(),
            restrictions: found.restrictions.into_iter().map(Into::into).collect(),
            top_ups: found.top_ups.into_iter().map(Into::into).collect(),
        }
    }
}

/// Show what limits a subscriber
///
/// Used is exact to one interim update of live sessions.
#[utoipa::path(tag = "customers", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "Limits, restrictions in force and top-ups", body = LimitsView), ApiErrors))]
#[get("/customers/{id}/limits")]
pub(crate) async fn get_customer_limits(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
) -> Result<Json<LimitsView>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let found = access::get_limits(guard.ctx(), &proof).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(Json(found.into()))
}

/// What to give beyond the limits of the package.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantTopUpRequest {
    /// Extra bytes of the volume limit.
    #[serde(default)]
    #[schema(default = 0, maximum = 1_125_899_906_842_624_u64)]
    octets: u64,
    /// Extra seconds of the time limit.
    #[serde(default)]
    #[schema(default = 0, maximum = 2_678_400)]
    seconds: u64,
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    reason: Option<String>,
}

/// Give a subscriber more than the limits of the package
///
/// It counts until the present window of the limit ends.
#[utoipa::path(tag = "customers", request_body = GrantTopUpRequest,
    extensions(("x-permission" = json!("edit_volume_limit"))),
    responses((status = 201, description = "Granted", body = TopUpView), ApiErrors))]
#[post("/customers/{id}/top-ups")]
pub(crate) async fn grant_top_up(
    guard: Guard<perm::EditVolumeLimit>,
    path: web::Path<Uuid>,
    body: Valid<GrantTopUpRequest>,
) -> Result<HttpResponse, Problem> {
    let (id, body) = (path.into_inner(), body.into_inner());
    let proof = guard.customer(id).await?;
    let cmd = GrantTopUp {
        octets: body.octets,
        seconds: body.seconds,
        reason: body.reason,
    };
    let view = TopUpView::from(access::grant_top_up(guard.ctx(), proof, cmd).await?);
    Ok(created(&format!("/customers/{id}/limits"), &view))
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Invalid(fields) => fields.into(),
            AccessError::Missing => Self::new(ProblemType::NotFound),
            AccessError::Infra(error) => error.into(),
        }
    }
}
