//! Routers as RADIUS clients.

use actix_web::{HttpResponse, delete, get, patch, post, web, web::Json};
use app::use_cases::nas::{self, CreateNas, EditNas, NasError};
use chrono::{DateTime, Utc};
use domain::{authz::perm, network::nas::ClientLimits};
use persistence::repo::nas_reports::{NasCounter, NasSource};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;
use zeroize::Zeroizing;

use crate::{
    extract::{Guard, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        catalogue::{LimitProxyState, NasPage, NasStatus, NasView, RequireMessageAuthenticator},
        created, whole,
    },
    wire::PatchField,
};

/// List RADIUS clients
#[utoipa::path(tag = "nas", extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 200, description = "The RADIUS clients, by name", body = NasPage), ApiErrors))]
#[get("/nas")]
pub(crate) async fn list_nas(guard: Guard<perm::ViewSessions>) -> Result<Json<NasPage>, Problem> {
    let now = guard.ctx().clock.now();
    let rows = nas::list_nas(guard.ctx(), guard.scope()).await?;
    Ok(Json(whole(
        rows.into_iter().map(|row| NasView::new(row, now)).collect(),
    )))
}

/// A router that asks us by RADIUS.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateNasRequest {
    #[validate(length(min = 1, max = 80))]
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// The address or network it sends from.
    #[validate(length(min = 2, max = 60))]
    #[schema(min_length = 2, max_length = 60, example = "203.0.113.7")]
    address: String,
    /// The secret it knows already; a strong one is made when absent.
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    secret: Option<String>,
    #[validate(range(min = 1))]
    #[schema(minimum = 1, maximum = 65535)]
    coa_port: Option<u16>,
    require_message_authenticator: Option<RequireMessageAuthenticator>,
    limit_proxy_state: Option<LimitProxyState>,
    /// Its accounting counts input and output the other way round.
    swap_octets: Option<bool>,
    /// The most requests taken in one second; no limit when absent.
    #[validate(range(min = 1))]
    #[schema(minimum = 1)]
    max_requests_per_second: Option<u32>,
    /// The most requests under way at once; no limit when absent.
    #[validate(range(min = 1))]
    #[schema(minimum = 1)]
    max_in_flight: Option<u32>,
    /// By what its certificate is known over RadSec: its common name, a DNS name of it, or `sha256:`
    /// and the fingerprint. Over RadSec the certificate alone says who asks.
    #[validate(length(max = 253))]
    #[schema(max_length = 253, example = "tower7.example")]
    radsec_identity: Option<String>,
}

/// A new RADIUS client and its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedNasView {
    nas: NasView,
    /// To be typed into the router.
    secret: String,
}

/// Create a RADIUS client
#[utoipa::path(tag = "nas", request_body = CreateNasRequest,
    extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 201, description = "Created; the secret is shown this once", body = CreatedNasView), ApiErrors))]
#[post("/nas")]
pub(crate) async fn create_nas(
    guard: Guard<perm::ManageRouters>,
    body: Valid<CreateNasRequest>,
) -> Result<HttpResponse, Problem> {
    let (proof, body) = (guard.isp().await?, body.into_inner());
    let cmd = CreateNas {
        name: body.name,
        address: body.address,
        secret: body.secret.map(Zeroizing::new),
        coa_port: body.coa_port,
        require_message_authenticator: body.require_message_authenticator.map(Into::into),
        limit_proxy_state: body.limit_proxy_state.map(Into::into),
        swap_octets: body.swap_octets.unwrap_or_default(),
        limits: ClientLimits {
            max_requests_per_second: body.max_requests_per_second,
            max_in_flight: body.max_in_flight,
        },
        radsec_identity: body.radsec_identity,
    };
    let made = nas::create_nas(guard.ctx(), proof, cmd).await?;
    let view = NasView::new(made.nas, guard.ctx().clock.now());
    let location = format!("/nas/{}", view.id);
    let secret = made.secret.to_string();
    Ok(created(&location, &CreatedNasView { nas: view, secret }))
}

/// Show a RADIUS client
#[utoipa::path(tag = "nas", extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 200, description = "The RADIUS client", body = NasView), ApiErrors))]
#[get("/nas/{id}")]
pub(crate) async fn get_nas(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
) -> Result<Json<NasView>, Problem> {
    let proof = guard.nas(path.into_inner()).await?;
    let found = nas::get_nas(guard.ctx(), &proof).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(Json(NasView::new(found, guard.ctx().clock.now())))
}

/// What to change of a RADIUS client; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditNasRequest {
    #[validate(length(min = 1, max = 80))]
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    #[validate(length(min = 2, max = 60))]
    #[schema(min_length = 2, max_length = 60)]
    address: Option<String>,
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    secret: Option<String>,
    /// For how many hours the secret before is taken too, so that routers can be changed one by
    /// one; not at all when absent.
    #[validate(range(max = 168))]
    #[schema(maximum = 168)]
    keep_old_secret_hours: Option<u16>,
    #[validate(range(min = 1))]
    #[schema(minimum = 1, maximum = 65535)]
    coa_port: Option<u16>,
    require_message_authenticator: Option<RequireMessageAuthenticator>,
    limit_proxy_state: Option<LimitProxyState>,
    /// Its accounting counts input and output the other way round.
    swap_octets: Option<bool>,
    /// The most requests taken in one second; null is no limit.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1)]
    max_requests_per_second: PatchField<u32>,
    /// The most requests under way at once; null is no limit.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1)]
    max_in_flight: PatchField<u32>,
    /// Another name of its certificate for RadSec; null is none.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 253)]
    radsec_identity: PatchField<String>,
    status: Option<NasStatus>,
}

/// Edit a RADIUS client
#[utoipa::path(tag = "nas", request_body = EditNasRequest,
    extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 200, description = "The RADIUS client after the edit", body = NasView), ApiErrors))]
#[patch("/nas/{id}")]
pub(crate) async fn edit_nas(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
    body: Valid<EditNasRequest>,
) -> Result<Json<NasView>, Problem> {
    let (proof, body) = (guard.nas(path.into_inner()).await?, body.into_inner());
    let cmd = EditNas {
        name: body.name,
        address: body.address,
        secret: body.secret.map(Zeroizing::new),
        coa_port: body.coa_port,
        keep_old_secret_hours: body.keep_old_secret_hours,
        require_message_authenticator: body.require_message_authenticator.map(Into::into),
        limit_proxy_state: body.limit_proxy_state.map(Into::into),
        swap_octets: body.swap_octets,
        max_requests_per_second: body.max_requests_per_second.0,
        max_in_flight: body.max_in_flight.0,
        radsec_identity: body.radsec_identity.0,
        status: body.status.map(Into::into),
    };
    let edited = nas::edit_nas(guard.ctx(), proof, cmd).await?;
    Ok(Json(NasView::new(edited, guard.ctx().clock.now())))
}

/// The secret of a RADIUS client.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecretView {
    secret: String,
}

/// Reveal the secret of a RADIUS client
#[utoipa::path(tag = "nas", extensions(("x-permission" = json!("reveal_secrets"))),
    responses((status = 200, description = "The secret; that you looked is written down", body = SecretView), ApiErrors))]
#[post("/nas/{id}/secret-reveals")]
pub(crate) async fn reveal_nas_secret(
    guard: Guard<perm::RevealSecrets>,
    path: web::Path<Uuid>,
) -> Result<Json<SecretView>, Problem> {
    let proof = guard.nas(path.into_inner()).await?;
    let secret = nas::reveal_nas_secret(guard.ctx(), proof)
        .await?
        .to_string();
    Ok(Json(SecretView { secret }))
}

/// An address that a RADIUS client was heard from.
#[derive(Serialize, ToSchema)]
pub(crate) struct NasSourceView {
    address: String,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    /// When it first proved that it signs; from then on `auto` asks for a Message-Authenticator.
    message_authenticator_seen_at: Option<DateTime<Utc>>,
    /// What `auto` decided for requests with Proxy-State; null before the first login.
    limits_proxy_state: Option<bool>,
}

impl From<NasSource> for NasSourceView {
    fn from(source: NasSource) -> Self {
        let NasSource {
            address,
            first_seen_at,
            last_seen_at,
            message_authenticator_seen_at,
            limits_proxy_state,
        } = source;
        Self {
            address: address.to_string(),
            first_seen_at,
            last_seen_at,
            message_authenticator_seen_at,
            limits_proxy_state,
        }
    }
}

/// Something that is counted for a RADIUS client.
#[derive(Serialize, ToSchema)]
pub(crate) struct NasCounterView {
    /// What is counted: `requests`, `accepts`, `accepts.walled`, `duplicates`, `accounting`,
    /// `rejects.<cause>`, `discards.<reason>`, `methods.<method>`.
    #[schema(example = "rejects.wrong_password")]
    name: String,
    value: i64,
}

/// What was learnt and counted of a RADIUS client.
#[derive(Serialize, ToSchema)]
pub(crate) struct NasCountersView {
    /// Since when it is counted.
    since: Option<DateTime<Utc>>,
    /// When it was written last; servers write every ten seconds.
    updated_at: Option<DateTime<Utc>>,
    counters: Vec<NasCounterView>,
    /// The addresses it was heard from and what was learnt of each, latest first, at most 100.
    sources: Vec<NasSourceView>,
}

/// Show what was learnt and counted of a RADIUS client
#[utoipa::path(tag = "nas", extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 200, description = "Counters and addresses", body = NasCountersView), ApiErrors))]
#[get("/nas/{id}/counters")]
pub(crate) async fn get_nas_counters(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
) -> Result<Json<NasCountersView>, Problem> {
    let proof = guard.nas(path.into_inner()).await?;
    let counted = nas::nas_counters(guard.ctx(), &proof).await?;
    let sources = nas::nas_sources(guard.ctx(), &proof).await?;
    let view = |counter: &NasCounter| NasCounterView {
        name: counter.counter.clone(),
        value: counter.value,
    };
    Ok(Json(NasCountersView {
        since: counted.iter().map(|counter| counter.since).min(),
        updated_at: counted.iter().map(|counter| counter.updated_at).max(),
        counters: counted.iter().map(view).collect(),
        sources: sources.into_iter().map(Into::into).collect(),
    }))
}

/// Forget what was learnt of a RADIUS client
///
/// For a router that was replaced by one that cannot sign: rules that say `auto` begin anew.
#[utoipa::path(tag = "nas", extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 204, description = "Forgotten"), ApiErrors))]
#[delete("/nas/{id}/learnt")]
pub(crate) async fn forget_learnt_nas(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.nas(path.into_inner()).await?;
    nas::forget_learnt_nas(guard.ctx(), proof).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<NasError> for Problem {
    fn from(error: NasError) -> Self {
        match error {
            NasError::Invalid(fields) => fields.into(),
            NasError::NameTaken => Self::new(ProblemType::NameTaken).field("/name", "taken", error),
            NasError::AddressTaken => {
                Self::new(ProblemType::AddressTaken).field("/address", "taken", error)
            }
            NasError::RadSecIdentityTaken => Self::new(ProblemType::RadsecIdentityTaken).field(
                "/radsec_identity",
                "taken",
                error,
            ),
            NasError::Missing => Self::new(ProblemType::NotFound),
            NasError::Infra(error) => error.into(),
        }
    }
}
