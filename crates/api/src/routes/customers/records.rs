//! What a subscriber's page lists.

use actix_web::{get, web, web::Json};
use app::use_cases::{billing, payments};
use domain::authz::perm;
use persistence::query::{
    audit::{self, AuditFilter},
    invoices::InvoiceFilter,
    payments::PaymentFilter,
    sessions,
};
use uuid::Uuid;

use crate::{
    extract::{Guard, Paging, ValidQuery},
    problem::{ApiErrors, Problem},
    views::{
        billing::{InvoicePage, PaymentPage, StatementPage},
        customers::SessionPage,
        running::HistoryPage,
    },
    wire::list_query,
};

list_query! {
    /// Which page is wanted.
    PageQuery {}
}

list_query! {
    /// Which sessions are wanted.
    CustomerSessionsQuery {
        /// Those that are live, or those that ended.
        live: Option<bool>,
    }
}

/// List a subscriber's invoices
#[utoipa::path(tag = "invoices", params(PageQuery),
    extensions(("x-permission" = json!("view_invoices"))),
    responses((status = 200, description = "One page, newest first", body = InvoicePage), ApiErrors))]
#[get("/customers/{id}/invoices")]
pub(crate) async fn list_customer_invoices(
    guard: Guard<perm::ViewInvoices>,
    path: web::Path<Uuid>,
    query: ValidQuery<PageQuery>,
) -> Result<Json<InvoicePage>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let page = query.into_inner().page()?;
    let customer_id = Some(proof.resource().id);
    let wanted = InvoiceFilter {
        customer_id,
        ..InvoiceFilter::default()
    };
    let found = billing::list_invoices(guard.ctx(), guard.scope(), &wanted, &page).await?;
    Ok(Json(found.map(Into::into).into()))
}

/// List a subscriber's payments
#[utoipa::path(tag = "payments", params(PageQuery),
    extensions(("x-permission" = json!("view_invoices"))),
    responses((status = 200, description = "One page, newest first", body = PaymentPage), ApiErrors))]
#[get("/customers/{id}/payments")]
pub(crate) async fn list_customer_payments(
    guard: Guard<perm::ViewInvoices>,
    path: web::Path<Uuid>,
    query: ValidQuery<PageQuery>,
) -> Result<Json<PaymentPage>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let page = query.into_inner().page()?;
    let customer_id = Some(proof.resource().id);
    let wanted = PaymentFilter {
        customer_id,
        ..PaymentFilter::default()
    };
    let found = payments::list_payments(guard.ctx(), guard.scope(), &wanted, &page).await?;
    Ok(Json(found.map(Into::into).into()))
}

/// Show a subscriber's statement
#[utoipa::path(tag = "payments", params(PageQuery),
    extensions(("x-permission" = json!("view_invoices"))),
    responses((status = 200, description = "One page, newest first", body = StatementPage), ApiErrors))]
#[get("/customers/{id}/statement")]
pub(crate) async fn get_customer_statement(
    guard: Guard<perm::ViewInvoices>,
    path: web::Path<Uuid>,
    query: ValidQuery<PageQuery>,
) -> Result<Json<StatementPage>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let page = query.into_inner().page()?;
    let found = billing::list_statement(guard.ctx(), &proof, &page).await?;
    Ok(Json(found.map(Into::into).into()))
}

/// List a subscriber's sessions
#[utoipa::path(tag = "sessions", params(CustomerSessionsQuery),
    extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "One page, latest first", body = SessionPage), ApiErrors))]
#[get("/customers/{id}/sessions")]
pub(crate) async fn list_customer_sessions(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
    query: ValidQuery<CustomerSessionsQuery>,
) -> Result<Json<SessionPage>, Problem> {
    let customer = *guard.customer(path.into_inner()).await?.resource();
    let query = query.into_inner();
    let (page, live) = (query.page()?, query.live.unwrap_or(false));
    let read = guard.ctx().db.read(guard.scope()).await?;
    let found = if live {
        sessions::live_of_customer(&read, customer.isp_id, customer.id, &page).await?
    } else {
        sessions::ended_of_customer(&read, customer.isp_id, customer.id, &page).await?
    };
    read.done().await?;
    Ok(Json(found.map(Into::into).into()))
}

/// List what was done to a subscriber
#[utoipa::path(tag = "customers", params(PageQuery),
    extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "One page, newest first", body = HistoryPage), ApiErrors))]
#[get("/customers/{id}/history")]
pub(crate) async fn list_customer_history(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
    query: ValidQuery<PageQuery>,
) -> Result<Json<HistoryPage>, Problem> {
    let customer = *guard.customer(path.into_inner()).await?.resource();
    let page = query.into_inner().page()?;
    let resource_id = Some(customer.id.as_uuid());
    let wanted = AuditFilter {
        resource_id,
        ..AuditFilter::default()
    };
    let read = guard.ctx().db.read(guard.scope()).await?;
    let mut found = audit::list(&read, guard.scope(), &wanted, &page).await?;
    read.done().await?;
    audit::name_outsiders(&guard.ctx().db, &mut found).await?;
    Ok(Json(found.map(Into::into).into()))
}
