//! Live and past sessions, and one search over everything.

use std::net::Ipv4Addr;

use actix_web::{get, web::Json};
use app::use_cases::search::{self, SearchError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::authz::perm;
use persistence::query::{
    search::{Hit, HitId},
    sessions::{self, HistoryFilter, SessionFilter},
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
        /// The whole username.
        #[validate(length(max = 253))]
        #[param(max_length = 253)]
        username: Option<String>,
        /// The whole address.
        #[param(value_type = Option<String>, format = "ipv4")]
        address: Option<Ipv4Addr>,
        /// The device, as the router reports it.
        #[validate(length(max = 64))]
        #[param(max_length = 64)]
        mac: Option<String>,
        /// Those behind the wall, or those that reach everything.
        walled: Option<bool>,
    }
}

list_query! {
    /// Which sessions are wanted. With `at` or `from` and `to`, those that went on then.
    SessionHistoryQuery {
        /// The whole address: with `at`, who had it then.
        #[param(value_type = Option<String>, format = "ipv4")]
        address: Option<Ipv4Addr>,
        /// One instant; instead of `from` and `to`.
        #[serde(default, deserialize_with = "crate::wire::instant")]
        at: Option<DateTime<Utc>>,
        customer_id: Option<Uuid>,
        /// The whole username.
        #[validate(length(max = 253))]
        #[param(max_length = 253)]
        username: Option<String>,
        nas_id: Option<Uuid>,
        /// The device, as the router reports it.
        #[validate(length(max = 64))]
        #[param(max_length = 64)]
        mac: Option<String>,
        /// Sessions that went on at or after this instant.
        #[serde(default, deserialize_with = "crate::wire::instant")]
        from: Option<DateTime<Utc>>,
        /// Sessions that had begun by this instant.
        #[serde(default, deserialize_with = "crate::wire::instant")]
        to: Option<DateTime<Utc>>,
    }
}

/// Search sessions, live ones and those that ended
///
/// Latest start first. `address=100.64.3.7&at=2026-11-03T15:14:00Z` tells who had an address at an
/// instant.
#[utoipa::path(tag = "sessions", params(SessionHistoryQuery),
    extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 200, description = "One page, latest start first; live sessions have no `stopped_at`", body = SessionPage), ApiErrors))]
#[get("/sessions/history")]
pub(crate) async fn list_session_history(
    guard: Guard<perm::ViewSessions>,
    query: ValidQuery<SessionHistoryQuery>,
) -> Result<Json<SessionPage>, Problem> {
    let query = query.into_inner();
    let page = query.page()?;
    let (from, to) = stretch(&query)?;
    let wanted = HistoryFilter {
        address: query.address.map(|address| address.to_string()),
        customer_id: query.customer_id,
        username: query.username,
        nas_id: query.nas_id,
        station: query.mac,
        from,
        to,
    };
    let read = guard.ctx().db.read(guard.scope()).await?;
    let found = sessions::list_history(&read, guard.scope(), &wanted, &page).await?;
    read.done().await?;
    Ok(Json(found.map(Into::into).into()))
}

type Stretch = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// The longest stretch that is searched.
const LONGEST: TimeDelta = TimeDelta::days(10 * 366);

/// From when to when is searched; both ends are `at` when that is given.
fn stretch(query: &SessionHistoryQuery) -> Result<Stretch, Problem> {
    let refuse = |field, detail: &str| Err(Problem::invalid_field(field, detail));
    if query.at.is_some() && (query.from.is_some() || query.to.is_some()) {
        return refuse("at", "goes without from and to");
    }
    if let (Some(from), Some(to)) = (query.from, query.to) {
        if from > to {
            return refuse("from", "must not be after to");
        }
        if to - from > LONGEST {
            return refuse("from", "must be within ten years of to");
        }
    }
    Ok((query.at.or(query.from), query.at.or(query.to)))
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
        username: query.username,
        address: query.address.map(|address| address.to_string()),
        station: query.mac,
        walled: query.walled,
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
