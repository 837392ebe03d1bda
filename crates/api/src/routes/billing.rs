//! Invoices, payments and the books.

use actix_web::{HttpResponse, get, post, web, web::Json};
use app::use_cases::{
    billing::{self, ReleaseCutsError, VoidInvoice, VoidInvoiceError, VoidRefusal},
    payments,
};
use chrono::{DateTime, Utc};
use domain::{authz::perm, ids::CustomerId};
use persistence::query::{invoices::InvoiceFilter, payments::PaymentFilter};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::customers::actions::accepted;
use crate::{
    extract::{Guard, Paging, Valid, ValidQuery},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        billing::{
            InvoicePage, InvoiceStatus, InvoiceView, OverviewView, PaymentMethod, PaymentPage,
            PaymentView, TrialBalanceView,
        },
        created,
        running::JobView,
    },
    wire::list_query,
};

list_query! {
    /// Which invoices are wanted.
    ListInvoicesQuery {
        #[param(inline)]
        status: Option<InvoiceStatus>,
        customer_id: Option<Uuid>,
        /// How the number begins, or words of the customer.
        #[validate(length(max = 100))]
        #[param(max_length = 100)]
        search: Option<String>,
    }
}

/// List invoices
#[utoipa::path(tag = "invoices", params(ListInvoicesQuery),
    extensions(("x-permission" = json!("view_invoices"))),
    responses((status = 200, description = "One page, newest first", body = InvoicePage), ApiErrors))]
#[get("/invoices")]
pub(crate) async fn list_invoices(
    guard: Guard<perm::ViewInvoices>,
    query: ValidQuery<ListInvoicesQuery>,
) -> Result<Json<InvoicePage>, Problem> {
    let query = query.into_inner();
    let page = query.page()?;
    let wanted = InvoiceFilter {
        status: query.status.map(Into::into),
        customer_id: query.customer_id.map(CustomerId::from_uuid),
        search: query.search,
    };
    let found = billing::list_invoices(guard.ctx(), guard.scope(), &wanted, &page).await?;
    Ok(Json(found.map(Into::into).into()))
}

/// Show an invoice
#[utoipa::path(tag = "invoices", extensions(("x-permission" = json!("view_invoices"))),
    responses((status = 200, description = "The invoice", body = InvoiceView), ApiErrors))]
#[get("/invoices/{id}")]
pub(crate) async fn get_invoice(
    guard: Guard<perm::ViewInvoices>,
    path: web::Path<Uuid>,
) -> Result<Json<InvoiceView>, Problem> {
    let proof = guard.invoice(path.into_inner()).await?;
    let found = billing::get_invoice(guard.ctx(), &proof).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(Json(found.into()))
}

/// The caller's password once more, and why.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoidInvoiceRequest {
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
    /// What the books say for ever.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Take an invoice back
#[utoipa::path(tag = "invoices", request_body = VoidInvoiceRequest,
    extensions(("x-permission" = json!("void_invoices"))),
    responses((status = 201, description = "Void; what was paid of it is credit", body = InvoiceView), ApiErrors))]
#[post("/invoices/{id}/voids")]
pub(crate) async fn void_invoice(
    guard: Guard<perm::VoidInvoices>,
    path: web::Path<Uuid>,
    body: Valid<VoidInvoiceRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.invoice(path.into_inner()).await?;
    let VoidInvoiceRequest { password, reason } = body.into_inner();
    guard.confirm_password(&password).await?;
    let found = billing::void_invoice(guard.ctx(), proof, VoidInvoice { reason }).await?;
    let view = InvoiceView::from(found);
    Ok(created(&format!("/invoices/{}", view.id), &view))
}

list_query! {
    /// Which payments are wanted.
    ListPaymentsQuery {
        customer_id: Option<Uuid>,
        #[param(inline)]
        method: Option<PaymentMethod>,
        /// From that instant on.
        #[serde(default, deserialize_with = "crate::wire::instant")]
        from: Option<DateTime<Utc>>,
        /// Until before that instant.
        #[serde(default, deserialize_with = "crate::wire::instant")]
        to: Option<DateTime<Utc>>,
    }
}

/// List payments
#[utoipa::path(tag = "payments", params(ListPaymentsQuery),
    extensions(("x-permission" = json!("view_invoices"))),
    responses((status = 200, description = "One page, newest first", body = PaymentPage), ApiErrors))]
#[get("/payments")]
pub(crate) async fn list_payments(
    guard: Guard<perm::ViewInvoices>,
    query: ValidQuery<ListPaymentsQuery>,
) -> Result<Json<PaymentPage>, Problem> {
    let query = query.into_inner();
    let page = query.page()?;
    let wanted = PaymentFilter {
        customer_id: query.customer_id.map(CustomerId::from_uuid),
        method: query.method.map(Into::into),
        from: query.from,
        to: query.to,
    };
    let found = payments::list_payments(guard.ctx(), guard.scope(), &wanted, &page).await?;
    Ok(Json(found.map(Into::into).into()))
}

/// Show a payment
#[utoipa::path(tag = "payments", extensions(("x-permission" = json!("view_invoices"))),
    responses((status = 200, description = "The payment", body = PaymentView), ApiErrors))]
#[get("/payments/{id}")]
pub(crate) async fn get_payment(
    guard: Guard<perm::ViewInvoices>,
    path: web::Path<Uuid>,
) -> Result<Json<PaymentView>, Problem> {
    let proof = guard.payment(path.into_inner()).await?;
    let found = payments::get_payment(guard.ctx(), &proof).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(Json(found.into()))
}

/// Show the trial balance
#[utoipa::path(tag = "reports", extensions(("x-permission" = json!("view_financial_reports"))),
    responses((status = 200, description = "All accounts; both sides add up to the same", body = TrialBalanceView), ApiErrors))]
#[get("/trial-balance")]
pub(crate) async fn get_trial_balance(
    guard: Guard<perm::ViewFinancialReports>,
) -> Result<Json<TrialBalanceView>, Problem> {
    let proof = guard.isp().await?;
    let found = billing::get_trial_balance(guard.ctx(), &proof).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(Json(found.into()))
}

/// Show the state of the business
#[utoipa::path(tag = "reports", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "Counts and sums of the caller's rows, at most five seconds old", body = OverviewView), ApiErrors))]
#[get("/widgets/overview")]
pub(crate) async fn get_overview(
    guard: Guard<perm::ViewCustomers>,
) -> Result<Json<OverviewView>, Problem> {
    let overview = billing::get_overview(guard.ctx(), guard.scope()).await?;
    Ok(Json(OverviewView::shown_to(guard.actor(), &overview)))
}

/// The caller's password once more.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseCutsRequest {
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
}

/// Cut the customers whose cuts wait for a person
#[utoipa::path(tag = "customers", request_body = ReleaseCutsRequest,
    extensions(("x-permission" = json!("manage_settings"))),
    responses((status = 202, description = "The job that does it", body = JobView), ApiErrors))]
#[post("/held-cuts/releases")]
pub(crate) async fn release_cuts(
    guard: Guard<perm::ManageSettings>,
    body: Valid<ReleaseCutsRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.isp().await?;
    guard.confirm_password(&body.into_inner().password).await?;
    let job_id = billing::release_cuts(guard.ctx(), proof).await?;
    accepted(&guard, job_id).await
}

impl From<ReleaseCutsError> for Problem {
    fn from(error: ReleaseCutsError) -> Self {
        match error {
            ReleaseCutsError::NothingHeld | ReleaseCutsError::AlreadyReleased => {
                Self::new(ProblemType::WrongState).detail(error)
            }
            ReleaseCutsError::Infra(error) => error.into(),
        }
    }
}

impl From<VoidInvoiceError> for Problem {
    fn from(error: VoidInvoiceError) -> Self {
        match error {
            VoidInvoiceError::Refused(VoidRefusal::Gone) => Self::new(ProblemType::NotFound),
            VoidInvoiceError::Refused(VoidRefusal::AlreadyVoid) => {
                Self::new(ProblemType::AlreadyVoid)
            }
            VoidInvoiceError::Refused(VoidRefusal::Field(field)) => vec![field].into(),
            VoidInvoiceError::Infra(error) => error.into(),
        }
    }
}
