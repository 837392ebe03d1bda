//! Realms: subscribers of other providers, whose home servers decide about them.

use actix_web::{HttpResponse, delete, get, patch, post, web, web::Json};
use app::use_cases::realms::{self, CreateRealm, EditRealm, NamedHomeServer, RealmError};
use chrono::{DateTime, Utc};
use domain::{authz::perm, network::realm::RealmPosition as Position};
use persistence::repo::{
    realm_reports::RealmCounter,
    realms::{HomeServerRecord, RealmRecord, RealmStatus as Status},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;
use zeroize::Zeroizing;

use crate::{
    extract::{Guard, Valid, cursor_page},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{created, whole},
    wire::wire_enum,
};

wire_enum! {
    /// Where a realm stands in user names: `suffix` is `user@realm`, `prefix` is `realm\user` or
    /// `realm/user`.
    RealmPosition = Position { Suffix, Prefix }
}

wire_enum! {
    /// Whether the home servers of a realm are asked; names of a disabled realm are looked up here
    /// like any other.
    RealmStatus = Status { Active, Disabled }
}

/// A RADIUS server of another provider.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HomeServerView {
    #[schema(example = "198.51.100.20")]
    address: String,
    auth_port: u16,
    acct_port: u16,
    /// Whether its answers to logins must carry a Message-Authenticator.
    require_message_authenticator: bool,
}

/// Something that is counted for a realm, on every RADIUS server together.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RealmCounterView {
    /// What is counted: `logins.answered`, `logins.unanswered` (no home server answered in time),
    /// `logins.busy` (refused, since as many waited as may), `logins.loop` (came back), and of accounting
    /// `reports.answered`, `reports.unanswered`, `reports.loop`.
    #[schema(example = "logins.busy")]
    name: String,
    value: i64,
    /// Since when it is counted.
    since: DateTime<Utc>,
    /// When it happened last; servers write every ten seconds.
    last_at: DateTime<Utc>,
}

/// Subscribers of another provider who may come to this ISP's routers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RealmView {
    id: Uuid,
    #[schema(example = "partner.example")]
    name: String,
    position: RealmPosition,
    /// Whether the home servers get the user name without the realm.
    strip: bool,
    /// Whether logins are decided by the home servers.
    authentication: bool,
    /// Whether accounting is sent to the home servers too; it is always kept here.
    accounting: bool,
    /// How many logins may wait for the home servers at once, on each RADIUS server; more are refused
    /// at once, with the cause `realm_busy`.
    max_waiting_logins: u32,
    status: RealmStatus,
    /// Who is asked, in this order; one that does not answer is passed over until it does.
    home_servers: Vec<HomeServerView>,
    /// What became of its requests.
    counters: Vec<RealmCounterView>,
    created_at: DateTime<Utc>,
}

cursor_page! {
    /// The realms of an ISP.
    RealmPage of RealmView
}

impl From<&HomeServerRecord> for HomeServerView {
    fn from(server: &HomeServerRecord) -> Self {
        Self {
            address: server.address.to_string(),
            auth_port: server.auth_port,
            acct_port: server.acct_port,
            require_message_authenticator: server.require_message_authenticator,
        }
    }
}

impl From<RealmCounter> for RealmCounterView {
    fn from(counter: RealmCounter) -> Self {
        Self {
            name: counter.counter,
            value: counter.value,
            since: counter.since,
            last_at: counter.last_at,
        }
    }
}

impl From<RealmRecord> for RealmView {
    fn from(realm: RealmRecord) -> Self {
        Self {
            id: realm.id.as_uuid(),
            position: realm.position.into(),
            strip: realm.strip,
            authentication: realm.authentication,
            accounting: realm.accounting,
            max_waiting_logins: realm.max_waiting_logins,
            status: realm.status.into(),
            home_servers: realm.home_servers.iter().map(Into::into).collect(),
            counters: realm.counters.into_iter().map(Into::into).collect(),
            created_at: realm.created_at,
            name: realm.name,
        }
    }
}

/// A home server to ask.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HomeServerRequest {
    #[validate(length(min = 2, max = 60))]
    #[schema(min_length = 2, max_length = 60, example = "198.51.100.20")]
    address: String,
    /// Port for logins; 1812 when absent.
    #[validate(range(min = 1))]
    #[schema(minimum = 1, maximum = 65535)]
    auth_port: Option<u16>,
    /// Port for accounting; 1813 when absent.
    #[validate(range(min = 1))]
    #[schema(minimum = 1, maximum = 65535)]
    acct_port: Option<u16>,
    /// The secret agreed with the other provider; in an edit, that of the same address stays when
    /// absent.
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    secret: Option<String>,
    /// Whether its answers to logins must carry a Message-Authenticator; yes when absent. Say no
    /// only for a server that cannot, over a network nobody else is in.
    require_message_authenticator: Option<bool>,
}

impl From<HomeServerRequest> for NamedHomeServer {
    fn from(server: HomeServerRequest) -> Self {
        Self {
            address: server.address,
            auth_port: server.auth_port,
            acct_port: server.acct_port,
            secret: server.secret.map(Zeroizing::new),
            require_message_authenticator: server.require_message_authenticator,
        }
    }
}

/// List realms
#[utoipa::path(tag = "realms", extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 200, description = "The realms, by name", body = RealmPage), ApiErrors))]
#[get("/realms")]
pub(crate) async fn list_realms(
    guard: Guard<perm::ManageRouters>,
) -> Result<Json<RealmPage>, Problem> {
    let rows = realms::list_realms(guard.ctx(), guard.scope()).await?;
    Ok(Json(whole(rows.into_iter().map(RealmView::from).collect())))
}

/// Another provider's subscribers to let in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRealmRequest {
    /// The name behind the `@` or before the `\`.
    #[validate(length(min = 1, max = 253))]
    #[schema(min_length = 1, max_length = 253, example = "partner.example")]
    name: String,
    /// `suffix` when absent.
    position: Option<RealmPosition>,
    /// Whether the home servers get the user name without the realm; no when absent. MS-CHAPv2
    /// proves the whole name of `user@realm`, so it is never stripped there.
    strip: Option<bool>,
    /// Whether logins are decided by the home servers; yes when absent.
    authentication: Option<bool>,
    /// Whether accounting is sent to the home servers too; yes when absent.
    accounting: Option<bool>,
    /// How many logins may wait for the home servers at once; 128 when absent.
    #[validate(range(min = 1, max = 256))]
    #[schema(minimum = 1, maximum = 256)]
    max_waiting_logins: Option<u32>,
    /// Who is asked, in this order.
    #[validate(nested)]
    #[schema(min_items = 1, max_items = 8)]
    home_servers: Vec<HomeServerRequest>,
}

/// Create a realm
#[utoipa::path(tag = "realms", request_body = CreateRealmRequest,
    extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 201, description = "Created", body = RealmView), ApiErrors))]
#[post("/realms")]
pub(crate) async fn create_realm(
    guard: Guard<perm::ManageRouters>,
    body: Valid<CreateRealmRequest>,
) -> Result<HttpResponse, Problem> {
    let (proof, body) = (guard.isp().await?, body.into_inner());
    let cmd = CreateRealm {
        name: body.name,
        position: body.position.map_or(Position::Suffix, Into::into),
        strip: body.strip.unwrap_or(false),
        authentication: body.authentication.unwrap_or(true),
        accounting: body.accounting.unwrap_or(true),
        max_waiting_logins: body.max_waiting_logins,
        home_servers: body.home_servers.into_iter().map(Into::into).collect(),
    };
    let realm = realms::create_realm(guard.ctx(), proof, cmd).await?;
    let view = RealmView::from(realm);
    Ok(created(&format!("/realms/{}", view.id), &view))
}

/// Show a realm
#[utoipa::path(tag = "realms", extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 200, description = "The realm", body = RealmView), ApiErrors))]
#[get("/realms/{id}")]
pub(crate) async fn get_realm(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
) -> Result<Json<RealmView>, Problem> {
    let proof = guard.realm(path.into_inner()).await?;
    let found = realms::get_realm(guard.ctx(), &proof).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(Json(found.into()))
}

/// What to change of a realm; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditRealmRequest {
    #[validate(length(min = 1, max = 253))]
    #[schema(min_length = 1, max_length = 253)]
    name: Option<String>,
    position: Option<RealmPosition>,
    strip: Option<bool>,
    authentication: Option<bool>,
    accounting: Option<bool>,
    #[validate(range(min = 1, max = 256))]
    #[schema(minimum = 1, maximum = 256)]
    max_waiting_logins: Option<u32>,
    status: Option<RealmStatus>,
    /// Other home servers instead of all that were named before.
    #[validate(nested)]
    #[schema(min_items = 1, max_items = 8)]
    home_servers: Option<Vec<HomeServerRequest>>,
}

/// Edit a realm
#[utoipa::path(tag = "realms", request_body = EditRealmRequest,
    extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 200, description = "The realm after the edit", body = RealmView), ApiErrors))]
#[patch("/realms/{id}")]
pub(crate) async fn edit_realm(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
    body: Valid<EditRealmRequest>,
) -> Result<Json<RealmView>, Problem> {
    let (proof, body) = (guard.realm(path.into_inner()).await?, body.into_inner());
    let servers = |servers: Vec<HomeServerRequest>| servers.into_iter().map(Into::into).collect();
    let cmd = EditRealm {
        name: body.name,
        position: body.position.map(Into::into),
        strip: body.strip,
        authentication: body.authentication,
        accounting: body.accounting,
        max_waiting_logins: body.max_waiting_logins,
        status: body.status.map(Into::into),
        home_servers: body.home_servers.map(servers),
    };
    let edited = realms::edit_realm(guard.ctx(), proof, cmd).await?;
    Ok(Json(edited.into()))
}

/// Delete a realm
#[utoipa::path(tag = "realms", extensions(("x-permission" = json!("manage_routers"))),
    responses((status = 204, description = "Deleted"), ApiErrors))]
#[delete("/realms/{id}")]
pub(crate) async fn delete_realm(
    guard: Guard<perm::ManageRouters>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.realm(path.into_inner()).await?;
    realms::delete_realm(guard.ctx(), proof).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<RealmError> for Problem {
    fn from(error: RealmError) -> Self {
        match error {
            RealmError::Invalid(fields) => fields.into(),
            RealmError::NameTaken => {
                Self::new(ProblemType::NameTaken).field("/name", "taken", error)
            }
            RealmError::Missing => Self::new(ProblemType::NotFound),
            RealmError::Infra(error) => error.into(),
        }
    }
}
