//! Live sessions, and one search over everything.

use actix_web::{get, web::Json};
use app::use_cases::search::{self, SearchError};
use domain::authz::perm;
use persistence::query::{
    search::{Hit, HitId},
    sessions::{self, SessionFilter},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, Paging, ValidQuery},
    problem::{ApiErrors, Problem},
    views::customers::SessionPage,
    wire::list_query,
};

list_query! {
    /// Which live sessions are wanted.
    ListSessionsQuery {
        nas_id: Option<Uuid>,
        /// How the username or the address begins.
        #[validate(length(max = 100))]
        #[param(max_length = 100)]
        search: Option<String>,
    }
}

/// List live sessions
#[utoipa::path(tag = "sessions", params(ListSessionsQuery),
    extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 200, description = "One page, latest first", body = SessionPage), ApiErrors))]
#[get("/sessions")]
pub(crate) async fn list_sessions(
    guard: Guard<perm::ViewSessions>,
    query: ValidQuery<ListSessionsQuery>,
) -> Result<Json<SessionPage>, Problem> {
    let query = query.into_inner();
    let page = query.page()?;
    let wanted = SessionFilter {
        nas_id: query.nas_id,
        search: query.search,
    };
    let read = guard.ctx().db.read(guard.scope()).await?;
    let found = sessions::list_live(&read, guard.scope(), &wanted, &page).await?;
    read.done().await?;
    Ok(Json(found.map(Into::into).into()))
}

/// What is looked for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    /// Words, a number, or how a name begins.
    #[validate(length(min = 1, max = 100))]
    #[param(min_length = 1, max_length = 100)]
    q: String,
}

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HitKind {
    /// A subscriber.
    Customer,
    /// An invoice.
    Invoice,
    /// A package.
    Package,
    /// A reseller.
    Operator,
    /// A RADIUS client.
    Nas,
}

/// One thing that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchHit {
    kind: HitKind,
    id: Uuid,
    title: String,
    /// What tells it from others of that name.
    subtitle: String,
}

impl From<Hit> for SearchHit {
    fn from(
        Hit {
            id,
            title,
            subtitle,
        }: Hit,
    ) -> Self {
        let (kind, id) = match id {
            HitId::Customer(id) => (HitKind::Customer, id.as_uuid()),
            HitId::Invoice(id) => (HitKind::Invoice, id.as_uuid()),
            HitId::Package(id) => (HitKind::Package, id.as_uuid()),
            HitId::Operator(id) => (HitKind::Operator, id.as_uuid()),
            HitId::Nas(id) => (HitKind::Nas, id.as_uuid()),
        };
        Self {
            kind,
            id,
            title,
            subtitle,
        }
    }
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchView {
    items: Vec<SearchHit>,
}

/// Search everything
#[utoipa::path(tag = "search", params(SearchQuery),
    extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "The best hits", body = SearchView), ApiErrors))]
#[get("/search")]
pub(crate) async fn search_everything(
    guard: Guard<perm::ViewCustomers>,
    query: ValidQuery<SearchQuery>,
) -> Result<Json<SearchView>, Problem> {
    let question = query.into_inner().q;
    let hits = search::search_everything(guard.ctx(), guard.actor(), &question).await?;
    Ok(Json(SearchView {
        items: hits.into_iter().map(Into::into).collect(),
    }))
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Denied(denied) => denied.into(),
            SearchError::Infra(error) => error.into(),
        }
    }
}
