//! What is done with a subscriber; each is recorded.

use actix_web::{HttpResponse, get, post, web, web::Json};
use app::use_cases::customers::{
    self, CloseCustomerError, RevealPasswordError, StatusError, SuspendCustomer,
};
use domain::{
    authz::{CustomerRef, PermissionMarker, Proof, perm},
    customer::StatusRefusal,
    ids::JobId,
};
use persistence::query::customers::detail;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::done;
use crate::{
    extract::{Guard, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        Empty,
        customers::{CustomerView, SuspensionReason},
        running::JobView,
    },
};

/// 201 with the subscriber as it is now.
async fn changed<P: PermissionMarker>(
    guard: &Guard<P>,
    customer: &CustomerRef,
) -> Result<HttpResponse, Problem> {
    let read = guard.ctx().db.read(guard.scope()).await?;
    let found = detail(&read, customer).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    read.done().await?;
    Ok(done(guard, found))
}

fn resource<P: PermissionMarker>(proof: &Proof<P, CustomerRef>) -> CustomerRef {
    *proof.resource()
}

/// The password for the network.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasswordView {
    password: String,
}

/// Reveal a subscriber's password for the network
#[utoipa::path(tag = "customers", extensions(("x-permission" = json!("reveal_secrets"))),
    responses((status = 200, description = "The password; that you looked is written down", body = PasswordView), ApiErrors))]
#[get("/customers/{id}/password")]
pub(crate) async fn reveal_customer_password(
    guard: Guard<perm::RevealSecrets>,
    path: web::Path<Uuid>,
) -> Result<Json<PasswordView>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let password = customers::reveal_customer_password(guard.ctx(), proof)
        .await?
        .to_string();
    Ok(Json(PasswordView { password }))
}

/// Why a subscriber is cut off.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuspendCustomerRequest {
    reason: SuspensionReason,
    #[validate(length(max = 1000))]
    #[schema(max_length = 1000)]
    note: Option<String>,
}

/// Cut a subscriber off
#[utoipa::path(tag = "customers", request_body = SuspendCustomerRequest,
    extensions(("x-permission" = json!("suspend_customers"))),
    responses((status = 201, description = "Suspended", body = CustomerView), ApiErrors))]
#[post("/customers/{id}/suspensions")]
pub(crate) async fn suspend_customer(
    guard: Guard<perm::SuspendCustomers>,
    path: web::Path<Uuid>,
    body: Valid<SuspendCustomerRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let SuspendCustomerRequest { reason, note } = body.into_inner();
    let (customer, cmd) = (
        resource(&proof),
        SuspendCustomer {
            reason: reason.into(),
            note,
        },
    );
    customers::suspend_customer(guard.ctx(), proof, cmd).await?;
    changed(&guard, &customer).await
}

/// Serve a subscriber again
#[utoipa::path(tag = "customers", request_body = Empty,
    extensions(("x-permission" = json!("activate_customers"))),
    responses((status = 201, description = "Active", body = CustomerView), ApiErrors))]
#[post("/customers/{id}/activations")]
pub(crate) async fn activate_customer(
    guard: Guard<perm::ActivateCustomers>,
    path: web::Path<Uuid>,
    _body: Valid<Empty>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let customer = resource(&proof);
    customers::activate_customer(guard.ctx(), proof).await?;
    changed(&guard, &customer).await
}

/// End a subscriber's live sessions
#[utoipa::path(tag = "customers", request_body = Empty,
    extensions(("x-permission" = json!("disconnect_customers"))),
    responses((status = 202, description = "The job that asks the router", body = JobView), ApiErrors))]
#[post("/customers/{id}/disconnections")]
pub(crate) async fn disconnect_customer(
    guard: Guard<perm::DisconnectCustomers>,
    path: web::Path<Uuid>,
    _body: Valid<Empty>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let job_id = customers::disconnect_customer(guard.ctx(), proof).await?;
    accepted(&guard, job_id).await
}

/// 202 with a job.
pub(crate) async fn accepted<P: PermissionMarker>(
    guard: &Guard<P>,
    job_id: JobId,
) -> Result<HttpResponse, Problem> {
    let read = guard.ctx().db.read(guard.scope()).await?;
    let row = persistence::jobs::get(&read, job_id).await?;
    read.done().await?;
    let row = row.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    let location = ("Location", format!("/api/v1/jobs/{job_id}"));
    Ok(HttpResponse::Accepted()
        .insert_header(location)
        .json(JobView::try_from(row)?))
}

/// The caller's password once more, and a note.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseCustomerRequest {
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
    #[validate(length(max = 500))]
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// End a subscriber's contract
#[utoipa::path(tag = "customers", request_body = CloseCustomerRequest,
    extensions(("x-permission" = json!("delete_customers"))),
    responses((status = 201, description = "Closed; everything is kept", body = CustomerView), ApiErrors))]
#[post("/customers/{id}/closures")]
pub(crate) async fn close_customer(
    guard: Guard<perm::DeleteCustomers>,
    path: web::Path<Uuid>,
    body: Valid<CloseCustomerRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let CloseCustomerRequest { password, note } = body.into_inner();
    guard.confirm_password(&password).await?;
    Ok(done(
        &guard,
        customers::close_customer(guard.ctx(), proof, note).await?,
    ))
}

/// Take the end of a contract back
#[utoipa::path(tag = "customers", request_body = Empty,
    extensions(("x-permission" = json!("delete_customers"))),
    responses((status = 201, description = "Waits to be activated", body = CustomerView), ApiErrors))]
#[post("/customers/{id}/restorations")]
pub(crate) async fn restore_customer(
    guard: Guard<perm::DeleteCustomers>,
    path: web::Path<Uuid>,
    _body: Valid<Empty>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    Ok(done(
        &guard,
        customers::restore_customer(guard.ctx(), proof).await?,
    ))
}

impl From<StatusRefusal> for Problem {
    fn from(refusal: StatusRefusal) -> Self {
        let kind = match refusal {
            StatusRefusal::AlreadyActive => ProblemType::AlreadyActive,
            StatusRefusal::AlreadySuspended => ProblemType::AlreadySuspended,
            StatusRefusal::NotActive => ProblemType::NotActive,
            StatusRefusal::Closed => ProblemType::Closed,
            StatusRefusal::NotClosed => ProblemType::NotClosed,
            StatusRefusal::NotOnline => ProblemType::NotOnline,
            StatusRefusal::NoPaidTime => ProblemType::NoPaidTime,
        };
        Self::new(kind).detail(refusal)
    }
}

impl From<StatusError> for Problem {
    fn from(error: StatusError) -> Self {
        match error {
            StatusError::Gone => Self::new(ProblemType::NotFound),
            StatusError::Refused(refusal) => refusal.into(),
            StatusError::Field(field) => vec![field].into(),
            StatusError::Infra(error) => error.into(),
        }
    }
}

impl From<CloseCustomerError> for Problem {
    fn from(error: CloseCustomerError) -> Self {
        match error {
            CloseCustomerError::Refused(refusal) => refusal.into(),
            CloseCustomerError::Note(error) => Self::invalid_field("/note", error),
            CloseCustomerError::Missing => Self::new(ProblemType::NotFound),
            CloseCustomerError::Infra(error) => error.into(),
        }
    }
}

impl From<RevealPasswordError> for Problem {
    fn from(error: RevealPasswordError) -> Self {
        match error {
            RevealPasswordError::Refused(refusal) => refusal.into(),
            RevealPasswordError::Missing => Self::new(ProblemType::NotFound),
            RevealPasswordError::Infra(error) => error.into(),
        }
    }
}
