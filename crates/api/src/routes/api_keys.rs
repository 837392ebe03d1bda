//! Keys of programs.

use actix_web::{HttpResponse, delete, get, post, web, web::Json};
use app::use_cases::api_keys::{self, ApiKeyError, CreateApiKey};
use chrono::{DateTime, Utc};
use domain::authz::perm;
use persistence::repo::identity::api_keys as repo;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        created, no_content,
        people::{ApiKeyPage, ApiKeyView},
        whole,
    },
    wire::PermissionName,
};

/// List the keys of programs
#[utoipa::path(tag = "api-keys", extensions(("x-permission" = json!("manage_api_keys"))),
    responses((status = 200, description = "The keys, latest first", body = ApiKeyPage), ApiErrors))]
#[get("/api-keys")]
pub(crate) async fn list_api_keys(
    guard: Guard<perm::ManageApiKeys>,
) -> Result<Json<ApiKeyPage>, Problem> {
    let read = guard.ctx().db.read(guard.scope()).await?;
    let rows = repo::list(&read, guard.scope()).await?;
    Ok(Json(whole(rows)))
}

const fn usual_rate() -> u32 {
    60
}

/// A key for a program.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateApiKeyRequest {
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    #[validate(length(min = 1, max = 100))]
    #[schema(min_items = 1, max_items = 100)]
    permissions: Vec<PermissionName>,
    /// Addresses and networks from which it may be used; empty means from anywhere.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50, example = json!(["203.0.113.0/24"]))]
    allowed_ips: Vec<String>,
    /// Until when; absent means for good.
    #[serde(default, deserialize_with = "crate::wire::instant")]
    expires_at: Option<DateTime<Utc>>,
    /// How often it may be used.
    #[serde(default = "usual_rate")]
    #[validate(range(min = 1, max = 100_000))]
    #[schema(minimum = 1, maximum = 100_000, default = 60)]
    rate_per_minute: u32,
}

/// A new key and its text, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedApiKeyView {
    api_key: ApiKeyView,
    /// The key itself.
    key: String,
}

/// Create a key for a program
#[utoipa::path(tag = "api-keys", request_body = CreateApiKeyRequest,
    extensions(("x-permission" = json!("manage_api_keys"))),
    responses((status = 201, description = "Created; the key is shown this once", body = CreatedApiKeyView), ApiErrors))]
#[post("/api-keys")]
pub(crate) async fn create_api_key(
    guard: Guard<perm::ManageApiKeys>,
    body: Valid<CreateApiKeyRequest>,
) -> Result<HttpResponse, Problem> {
    let (proof, body) = (guard.isp().await?, body.into_inner());
    let cmd = CreateApiKey {
        name: body.name,
        permissions: body.permissions.into_iter().map(|name| name.0).collect(),
        allowed_ips: networks(&body.allowed_ips)?,
        expires_at: body.expires_at,
        rate_per_minute: body.rate_per_minute,
    };
    let (id, key) = api_keys::create_api_key(guard.ctx(), proof, cmd).await?;
    let read = guard.ctx().db.read(guard.scope()).await?;
    let row = repo::find(&read, id).await?;
    let row = row.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(created(
        &format!("/api-keys/{id}"),
        &CreatedApiKeyView {
            api_key: row.into(),
            key,
        },
    ))
}

fn networks(texts: &[String]) -> Result<Vec<ipnet::IpNet>, Problem> {
    let read = |(index, text): (usize, &String)| {
        text.parse::<ipnet::IpNet>()
            .or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from))
            .map_err(|_| {
                let detail = "must be an address or a network such as 203.0.113.0/24";
                Problem::invalid_field(&format!("/allowed_ips/{index}"), detail)
            })
    };
    texts.iter().enumerate().map(read).collect()
}

/// End a key
#[utoipa::path(tag = "api-keys", extensions(("x-permission" = json!("manage_api_keys"))),
    responses((status = 204, description = "Ended"), ApiErrors))]
#[delete("/api-keys/{id}")]
pub(crate) async fn revoke_api_key(
    guard: Guard<perm::ManageApiKeys>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.api_key(path.into_inner()).await?;
    api_keys::revoke_api_key(guard.ctx(), proof).await?;
    Ok(no_content())
}

impl From<ApiKeyError> for Problem {
    fn from(error: ApiKeyError) -> Self {
        match error {
            ApiKeyError::Field(pointer, detail) => Self::invalid_field(pointer, detail),
            ApiKeyError::NotGrantable(_) => Self::invalid_field("/permissions", error),
            ApiKeyError::NotAPerson | ApiKeyError::Viewed => {
                Self::new(ProblemType::Forbidden).detail(error)
            }
            ApiKeyError::Infra(error) => error.into(),
        }
    }
}
