//! Billing a subscriber and taking its money.

use actix_web::{HttpResponse, post, web};
use app::use_cases::{
    billing::{self, BillRefusal, GenerateBill, GenerateBillError},
    payments::{self, EarlierPayment, PaymentRefusal, ReceivePayment, ReceivePaymentError},
};
use chrono::{DateTime, Utc};
use domain::{authz::perm, ids::PackageId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, IdempotencyKey, Valid},
    problem::{ApiErrors, EarlierPaymentView, Problem},
    problem_type::ProblemType,
    views::{
        MoneyView,
        billing::{InvoiceView, PaymentMethod, PaymentView},
        created,
    },
};

/// What to bill; what is absent follows from the subscriber's package.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GenerateBillRequest {
    package_id: Option<Uuid>,
    amount: Option<MoneyView>,
    #[serde(default, deserialize_with = "crate::wire::instant")]
    period_start: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "crate::wire::instant")]
    period_end: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "crate::wire::instant")]
    due_at: Option<DateTime<Utc>>,
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    description: Option<String>,
    /// Bills a period that is billed already.
    #[serde(default)]
    force: bool,
}

/// Bill a subscriber
#[utoipa::path(tag = "invoices", request_body = GenerateBillRequest,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header, min_length = 8, max_length = 64, pattern = "^[!-~]{8,64}$", description = "The same for the same request")),
    extensions(("x-permission" = json!("generate_bills"))),
    responses((status = 201, description = "The invoice", body = InvoiceView), ApiErrors))]
#[post("/customers/{id}/invoices")]
pub(crate) async fn generate_bill(
    guard: Guard<perm::GenerateBills>,
    path: web::Path<Uuid>,
    key: IdempotencyKey,
    body: Valid<GenerateBillRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let body = body.into_inner();
    guard.refer_package(body.package_id, "/package_id").await?;
    let cmd = GenerateBill {
        package_id: body.package_id.map(PackageId::from_uuid),
        amount: body
            .amount
            .map(|amount| amount.read("/amount"))
            .transpose()?,
        period_start: body.period_start,
        period_end: body.period_end,
        due_at: body.due_at,
        description: body.description,
        force: body.force,
    };
    let invoice = billing::generate_bill(guard.ctx(), proof, key.0, cmd).await?;
    let view = InvoiceView::from(invoice);
    Ok(created(&format!("/invoices/{}", view.id), &view))
}

/// Money that came in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceivePaymentRequest {
    amount: MoneyView,
    method: PaymentMethod,
    /// The number of a cheque, a transfer or a transaction.
    #[validate(length(max = 100))]
    #[schema(max_length = 100)]
    reference: Option<String>,
    #[validate(length(max = 1000))]
    #[schema(max_length = 1000)]
    note: Option<String>,
    /// When it came in; now when absent.
    #[serde(default, deserialize_with = "crate::wire::instant")]
    received_at: Option<DateTime<Utc>>,
    /// Bills the next period first when nothing is open.
    #[serde(default)]
    renew: bool,
    /// Books it although a payment with this reference is booked.
    #[serde(default)]
    allow_repeated_reference: bool,
}

/// Take a subscriber's money
#[utoipa::path(tag = "payments", request_body = ReceivePaymentRequest,
    params(("id" = Uuid, Path), ("Idempotency-Key" = String, Header, min_length = 8, max_length = 64, pattern = "^[!-~]{8,64}$", description = "The same for the same request")),
    extensions(("x-permission" = json!("record_payments"))),
    responses((status = 201, description = "The payment", body = PaymentView), ApiErrors))]
#[post("/customers/{id}/advance-payments")]
pub(crate) async fn receive_payment(
    guard: Guard<perm::RecordPayments>,
    path: web::Path<Uuid>,
    key: IdempotencyKey,
    body: Valid<ReceivePaymentRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let body = body.into_inner();
    let cmd = ReceivePayment {
        amount: body.amount.read("/amount")?,
        method: body.method.into(),
        reference: body.reference,
        note: body.note,
        received_at: body.received_at,
        renew: body.renew,
        allow_repeated_reference: body.allow_repeated_reference,
    };
    let payment = payments::receive_payment(guard.ctx(), proof, key.0, cmd).await?;
    let view = PaymentView::from(payment);
    Ok(created(&format!("/payments/{}", view.id), &view))
}

impl From<GenerateBillError> for Problem {
    fn from(error: GenerateBillError) -> Self {
        match error {
            GenerateBillError::Refused(refusal) => refusal.into(),
            GenerateBillError::KeyReused => Self::new(ProblemType::IdempotencyKeyReused),
            GenerateBillError::Infra(error) => error.into(),
        }
    }
}

impl From<BillRefusal> for Problem {
    fn from(refusal: BillRefusal) -> Self {
        match refusal {
            BillRefusal::Gone => Self::new(ProblemType::NotFound),
            BillRefusal::Closed => Self::new(ProblemType::Closed),
            BillRefusal::UnknownPackage => {
                Self::new(ProblemType::UnknownReference).field("/package_id", "unknown", refusal)
            }
            BillRefusal::InvalidPeriod => Self::invalid_field("/period_start", refusal),
            BillRefusal::PeriodOverlaps { .. } => {
                Self::new(ProblemType::PeriodOverlaps).detail(refusal)
            }
            BillRefusal::Amount(error) => Self::invalid_field("/amount", error),
            BillRefusal::Field(field) => vec![field].into(),
        }
    }
}

impl From<ReceivePaymentError> for Problem {
    fn from(error: ReceivePaymentError) -> Self {
        match error {
            ReceivePaymentError::Refused(refusal) => refusal.into(),
            ReceivePaymentError::KeyReused => Self::new(ProblemType::IdempotencyKeyReused),
            ReceivePaymentError::Infra(error) => error.into(),
        }
    }
}

impl From<PaymentRefusal> for Problem {
    fn from(refusal: PaymentRefusal) -> Self {
        match refusal {
            PaymentRefusal::Gone => Self::new(ProblemType::NotFound),
            PaymentRefusal::Closed => Self::new(ProblemType::Closed),
            PaymentRefusal::Amount(error) => Self::invalid_field("/amount", error),
            PaymentRefusal::Method(_) => Self::invalid_field("/method", refusal),
            PaymentRefusal::ReceivedAt => Self::invalid_field("/received_at", refusal),
            PaymentRefusal::NoNextPeriod => Self::new(ProblemType::Refused).detail(refusal),
            PaymentRefusal::ReferenceUsed(earlier) => reference_used(earlier),
            PaymentRefusal::Field(field) => vec![field].into(),
        }
    }
}

fn reference_used(earlier: Option<Box<EarlierPayment>>) -> Problem {
    let problem = Problem::new(ProblemType::ReferenceUsed);
    let Some(earlier) = earlier else {
        return problem;
    };
    let detail = format!(
        "Receipt {} of {} (number {}) has this reference.",
        earlier.receipt_number, earlier.customer.name, earlier.customer.number
    );
    problem.detail(detail).earlier(EarlierPaymentView {
        id: earlier.id.as_uuid(),
        receipt_number: earlier.receipt_number,
        customer_number: earlier.customer.number,
        customer_name: earlier.customer.name,
    })
}
