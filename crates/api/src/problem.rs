//! Answers that are not success, in the form of RFC 9457.

use std::{collections::BTreeMap, fmt, time::Duration};

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use domain::{authz::Denied, ports::StoreUnavailable};
use persistence::query::newest_first::PageError;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{middleware::request_id, problem_type::ProblemType, views::MoneyView};

/// A field that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProblemError)]
pub struct FieldProblem {
    /// Where it is: a JSON pointer into the body, or the name of a parameter.
    #[schema(example = "/package_id")]
    pub pointer: String,
    /// What is wrong with it.
    #[schema(example = "length")]
    pub code: String,
    /// The same for people.
    pub detail: String,
}

impl FieldProblem {
    /// A problem with one field.
    pub fn new(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        let (pointer, detail) = (pointer.into(), detail.into());
        Self {
            pointer,
            code: code.to_owned(),
            detail,
        }
    }
}

/// An answer that is not success.
#[derive(Debug, Clone)]
pub struct Problem(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    kind: ProblemType,
    detail: Option<String>,
    errors: Vec<FieldProblem>,
    needed: Option<MoneyView>,
    available: Option<MoneyView>,
    earlier: Option<EarlierPaymentView>,
    retry_after: Option<Duration>,
}

/// A payment that is booked already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EarlierPayment)]
pub(crate) struct EarlierPaymentView {
    pub(crate) id: Uuid,
    pub(crate) receipt_number: String,
    pub(crate) customer_number: i64,
    pub(crate) customer_name: String,
}

/// How a problem is written.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemView {
    /// A relative address that names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not_found")]
    type_uri: String,
    /// What kind of problem it is.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is special about this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The id of the request.
    instance: String,
    /// The stable code to switch on.
    #[schema(example = "not_found")]
    code: String,
    /// The fields that are not valid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
    /// How much would be needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<MoneyView>,
    /// How much there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<MoneyView>,
    /// The payment that has the reference, where the caller may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier_payment: Option<EarlierPaymentView>,
}

impl Problem {
    /// A problem of that kind.
    #[must_use]
    pub fn new(kind: ProblemType) -> Self {
        Self(Box::new(Details {
            kind,
            detail: None,
            errors: Vec::new(),
            needed: None,
            available: None,
            earlier: None,
            retry_after: None,
        }))
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> ProblemType {
        self.0.kind
    }

    /// Says what is special about it.
    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        self.0.detail = Some(detail.to_string());
        self
    }

    /// Names one field.
    #[must_use]
    pub fn field(mut self, pointer: &str, code: &str, detail: impl fmt::Display) -> Self {
        self.0
            .errors
            .push(FieldProblem::new(pointer, code, detail.to_string()));
        self
    }

    /// Says when to ask again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Says how much money is needed and how much there is.
    #[must_use]
    pub fn money(mut self, needed: MoneyView, available: MoneyView) -> Self {
        (self.0.needed, self.0.available) = (Some(needed), Some(available));
        self
    }

    /// Shows the payment that has the reference.
    #[must_use]
    pub(crate) fn earlier(mut self, earlier: EarlierPaymentView) -> Self {
        self.0.earlier = Some(earlier);
        self
    }

    /// Fields that are not valid.
    #[must_use]
    pub fn invalid(errors: Vec<FieldProblem>) -> Self {
        let mut problem = Self::new(ProblemType::ValidationFailed);
        problem.0.errors = errors;
        problem
    }

    /// One field that is not valid.
    #[must_use]
    pub fn invalid_field(pointer: &str, detail: impl fmt::Display) -> Self {
        Self::new(ProblemType::ValidationFailed).field(pointer, "invalid", detail)
    }

    /// Something went wrong on our side; the cause goes to the log, not to the caller.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        let mut causes = String::new();
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push_str(": ");
            causes.push_str(&cause.to_string());
            source = cause.source();
        }
        tracing::error!(error = %error, causes, "the request failed");
        Self::new(ProblemType::Internal)
    }

    /// Retry is worth it, later.
    pub fn unavailable(error: &dyn fmt::Display) -> Self {
        tracing::warn!(%error, "a service behind us does not answer");
        Self::new(ProblemType::Unavailable).retry_after(Duration::from_secs(2))
    }

    /// Nothing can be kept until somebody makes room or mends the disk.
    fn out_of_storage(error: &dyn fmt::Display) -> Self {
        tracing::error!(%error, "the database cannot write");
        Self::new(ProblemType::Unavailable)
            .detail("The database cannot write at the moment: send it again, with the same key.")
            .retry_after(Duration::from_secs(30))
    }

    fn view(&self) -> ProblemView {
        ProblemView {
            type_uri: format!("/problems/{}", self.0.kind.code()),
            title: self.0.kind.title().to_owned(),
            status: self.0.kind.status().as_u16(),
            detail: self.0.detail.clone(),
            instance: request_id::current(),
            code: self.0.kind.code().to_owned(),
            errors: self.0.errors.clone(),
            needed: self.0.needed.clone(),
            available: self.0.available.clone(),
            earlier_payment: self.0.earlier.clone(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind.title())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        if let Some(wait) = self.0.retry_after {
            response.insert_header((header::RETRY_AFTER, wait.as_secs().max(1).to_string()));
        }
        if self.status_code() == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let body = serde_json::to_vec(&self.view()).expect("invariant: a problem is plain data");
        response.body(body)
    }
}

impl From<persistence::Error> for Problem {
    fn from(error: persistence::Error) -> Self {
        match error {
            persistence::Error::Conflict(_) => Self::new(ProblemType::Conflict),
            persistence::Error::Contention | persistence::Error::Unavailable(_) => {
                Self::unavailable(&error)
            }
            persistence::Error::Storage(_) => Self::out_of_storage(&error),
            persistence::Error::Unexpected(_) => Self::internal(&error),
        }
    }
}

impl From<PageError> for Problem {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Cursor(error) => Self::invalid_field("cursor", error),
            PageError::Infra(error) => error.into(),
        }
    }
}

impl From<Vec<domain::field::FieldProblem>> for Problem {
    fn from(fields: Vec<domain::field::FieldProblem>) -> Self {
        let errors = fields.into_iter().map(|problem| {
            FieldProblem::new(format!("/{}", problem.field), problem.code, problem.detail)
        });
        Self::invalid(errors.collect())
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Forbidden(_) => Self::new(ProblemType::Forbidden).detail(denied),
            Denied::OutOfReach => Self::new(ProblemType::NotFound),
        }
    }
}

impl From<StoreUnavailable> for Problem {
    fn from(error: StoreUnavailable) -> Self {
        Self::unavailable(&error)
    }
}

/// The problems that every operation may answer with.
pub(crate) struct ApiErrors;

impl utoipa::IntoResponses for ApiErrors {
    fn responses() -> BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::response::Response>>
    {
        use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
        const STATUSES: [(&str, &str); 13] = [
            ("400", "The request cannot be read"),
            ("401", "No valid credentials"),
            ("403", "Not allowed"),
            ("404", "Absent, or not yours"),
            ("409", "The state does not allow it"),
            ("412", "Changed since it was read"),
            ("413", "Too large"),
            ("415", "Not JSON"),
            ("422", "A field is not valid, or the rules refuse it"),
            ("428", "If-Match is missing"),
            ("429", "Too many requests"),
            ("500", "Something went wrong on our side"),
            ("503", "Not available at the moment"),
        ];
        let problem = |(status, description): (&str, &str)| {
            let schema = Some(Ref::from_schema_name("Problem"));
            let content = ContentBuilder::new().schema(schema).build();
            let response = ResponseBuilder::new()
                .description(description)
                .content("application/problem+json", content)
                .build();
            (status.to_owned(), response.into())
        };
        STATUSES.into_iter().map(problem).collect()
    }
}
