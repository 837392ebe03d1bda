//! Work in the background.

use std::time::Duration;

use actix_web::{HttpResponse, get, post, web, web::Json};
use app::{
    ctx::AppCtx,
    use_cases::jobs::{self as use_cases, JobActionError},
};
use domain::{
    authz::{Scope, perm},
    ids::JobId,
};
use persistence::{jobs, lookup, query::jobs as list};
use uuid::Uuid;

use crate::{
    extract::{Guard, Paging, SignedIn, ValidQuery},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        created,
        running::{JobPage, JobState, JobView},
    },
    watch::{self, Watched},
    wire::list_query,
};

list_query! {
    /// Which jobs are wanted.
    ListJobsQuery {
        /// In one state.
        #[param(inline)]
        state: Option<JobState>,
    }
}

/// List background jobs
#[utoipa::path(tag = "jobs", params(ListJobsQuery),
    extensions(("x-permission" = json!("view_audit_log"))),
    responses((status = 200, description = "One page of jobs, newest first", body = JobPage), ApiErrors))]
#[get("/jobs")]
pub(crate) async fn list_jobs(
    guard: Guard<perm::ViewAuditLog>,
    query: ValidQuery<ListJobsQuery>,
) -> Result<Json<JobPage>, Problem> {
    let query = query.into_inner();
    let (state, page) = (query.state.map(Into::into), query.page()?);
    let read = guard.ctx().db.read(guard.scope()).await?;
    let rows = list::list(&read, guard.scope(), state, &page).await?;
    let (next_cursor, total, total_is_exact) = (rows.next_cursor, rows.total, rows.total_is_exact);
    let items = rows
        .items
        .into_iter()
        .map(JobView::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Json(JobPage {
        items,
        next_cursor,
        total,
        total_is_exact,
    }))
}

async fn find(ctx: &AppCtx, scope: &Scope, id: Uuid) -> Result<JobView, Problem> {
    let read = ctx.db.read(scope).await?;
    let missing = || Problem::new(ProblemType::NotFound);
    let job = lookup::job(&read, scope, JobId::from_uuid(id))
        .await?
        .ok_or_else(missing)?;
    jobs::get(&read, job.id)
        .await?
        .ok_or_else(missing)?
        .try_into()
}

/// Show a background job
#[utoipa::path(tag = "jobs", extensions(("x-permission" = json!("signed_in"))),
    responses((status = 200, description = "The job", body = JobView), ApiErrors))]
#[get("/jobs/{id}")]
pub(crate) async fn get_job(
    caller: SignedIn,
    path: web::Path<Uuid>,
) -> Result<Json<JobView>, Problem> {
    Ok(Json(
        find(caller.ctx(), &caller.scope(), path.into_inner()).await?,
    ))
}

/// One event of a job's stream.
#[expect(dead_code, reason = "describes the stream, which is written as text")]
#[derive(utoipa::ToSchema)]
pub(crate) struct JobEvent {
    /// Always `progress`.
    event: String,
    /// The job, as `get_job` shows it, as JSON text.
    data: String,
}

/// Watch a background job
#[utoipa::path(tag = "jobs", extensions(("x-permission" = json!("signed_in"))),
    responses((status = 200, description = "An event `progress` with the job whenever it changed, until it ends", body = JobEvent, content_type = "text/event-stream"), ApiErrors))]
#[get("/jobs/{id}/events")]
pub(crate) async fn watch_job(
    caller: SignedIn,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let id = path.into_inner();
    let (ctx, scope) = (caller.ctx().clone(), caller.scope());
    let first = find(&ctx, &scope, id).await?;
    Ok(watch::respond(
        caller.watch()?,
        Watched {
            event: "progress",
            every: Duration::from_millis(500),
            has_ended,
        },
        first,
        async move || find(&ctx, &scope, id).await,
    ))
}

const fn has_ended(view: &JobView) -> bool {
    matches!(
        view.state,
        JobState::Done | JobState::Dead | JobState::Cancelled
    )
}

/// Try a failed job again
#[utoipa::path(tag = "jobs", extensions(("x-permission" = json!("manage_settings"))),
    responses((status = 201, description = "The job, waiting again", body = JobView), ApiErrors))]
#[post("/jobs/{id}/retries")]
pub(crate) async fn retry_job(
    guard: Guard<perm::ManageSettings>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let id = path.into_inner();
    use_cases::retry_job(guard.ctx(), guard.job(id).await?).await?;
    Ok(created(
        &format!("/jobs/{id}"),
        &find(guard.ctx(), guard.scope(), id).await?,
    ))
}

/// Call a waiting job off
#[utoipa::path(tag = "jobs", extensions(("x-permission" = json!("manage_settings"))),
    responses((status = 201, description = "The job, called off", body = JobView), ApiErrors))]
#[post("/jobs/{id}/cancellations")]
pub(crate) async fn cancel_job(
    guard: Guard<perm::ManageSettings>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let id = path.into_inner();
    use_cases::cancel_job(guard.ctx(), guard.job(id).await?).await?;
    Ok(created(
        &format!("/jobs/{id}"),
        &find(guard.ctx(), guard.scope(), id).await?,
    ))
}

impl From<JobActionError> for Problem {
    fn from(error: JobActionError) -> Self {
        match error {
            JobActionError::WrongState(_) => Self::new(ProblemType::WrongState).detail(error),
            JobActionError::Infra(error) => error.into(),
        }
    }
}
