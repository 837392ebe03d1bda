//! Resellers.

use actix_web::{HttpResponse, get, patch, post, web, web::Json};
use app::use_cases::operators::{self, CreateOperator, EditOperator, OperatorError};
use domain::{authz::perm, ids::OperatorId, operator::PlacementRefusal};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        catalogue::{OperatorKind, OperatorPage, OperatorStatus, OperatorView},
        created, whole,
    },
    wire::PatchField,
};

/// List resellers
#[utoipa::path(tag = "operators", extensions(("x-permission" = json!("manage_operators"))),
    responses((status = 200, description = "The resellers, by name", body = OperatorPage), ApiErrors))]
#[get("/operators")]
pub(crate) async fn list_operators(
    guard: Guard<perm::ManageOperators>,
) -> Result<Json<OperatorPage>, Problem> {
    Ok(Json(whole(
        operators::list_operators(guard.ctx(), guard.scope()).await?,
    )))
}

/// A new reseller.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateOperatorRequest {
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    kind: OperatorKind,
    /// The operator above a sub-operator.
    parent_id: Option<Uuid>,
    #[validate(length(max = 32))]
    #[schema(max_length = 32)]
    mobile: Option<String>,
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    email: Option<String>,
}

/// Create a reseller
#[utoipa::path(tag = "operators", request_body = CreateOperatorRequest,
    extensions(("x-permission" = json!("manage_operators"))),
    responses((status = 201, description = "Created", body = OperatorView), ApiErrors))]
#[post("/operators")]
pub(crate) async fn create_operator(
    guard: Guard<perm::ManageOperators>,
    body: Valid<CreateOperatorRequest>,
) -> Result<HttpResponse, Problem> {
    let (proof, body) = (guard.isp().await?, body.into_inner());
    let cmd = CreateOperator {
        name: body.name,
        kind: body.kind.into(),
        parent_id: body.parent_id.map(OperatorId::from_uuid),
        mobile: body.mobile,
        email: body.email,
    };
    let operator = operators::create_operator(guard.ctx(), proof, cmd).await?;
    let id = operator.id;
    let proof = guard.operator(id.as_uuid()).await;
    let view = match proof {
        Ok(proof) => operators::get_operator(guard.ctx(), &proof).await?,
        // A reseller's reach is older than what it just made below itself.
        Err(_) => None,
    };
    let view = view.unwrap_or(persistence::repo::operators::OperatorDetail {
        operator,
        parent_name: None,
        customers: 0,
    });
    Ok(created(
        &format!("/operators/{id}"),
        &OperatorView::from(view),
    ))
}

/// Show a reseller
#[utoipa::path(tag = "operators", extensions(("x-permission" = json!("manage_operators"))),
    responses((status = 200, description = "The reseller", body = OperatorView), ApiErrors))]
#[get("/operators/{id}")]
pub(crate) async fn get_operator(
    guard: Guard<perm::ManageOperators>,
    path: web::Path<Uuid>,
) -> Result<Json<OperatorView>, Problem> {
    let proof = guard.operator(path.into_inner()).await?;
    let found = operators::get_operator(guard.ctx(), &proof).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(Json(found.into()))
}

/// What to change of a reseller; what is absent stays, null clears.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditOperatorRequest {
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    mobile: PatchField<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    email: PatchField<String>,
    status: Option<OperatorStatus>,
}

/// Edit a reseller
#[utoipa::path(tag = "operators", request_body = EditOperatorRequest,
    extensions(("x-permission" = json!("manage_operators"))),
    responses((status = 200, description = "The reseller after the edit", body = OperatorView), ApiErrors))]
#[patch("/operators/{id}")]
pub(crate) async fn edit_operator(
    guard: Guard<perm::ManageOperators>,
    path: web::Path<Uuid>,
    body: Valid<EditOperatorRequest>,
) -> Result<Json<OperatorView>, Problem> {
    let (proof, body) = (guard.operator(path.into_inner()).await?, body.into_inner());
    let cmd = EditOperator {
        name: body.name,
        mobile: body.mobile.0,
        email: body.email.0,
        status: body.status.map(Into::into),
    };
    Ok(Json(
        operators::edit_operator(guard.ctx(), proof, cmd)
            .await?
            .into(),
    ))
}

impl From<OperatorError> for Problem {
    fn from(error: OperatorError) -> Self {
        match error {
            OperatorError::Invalid(fields) => fields.into(),
            OperatorError::Refused(refusal) => match refusal {
                PlacementRefusal::ParentNotAnOperator => {
                    Self::new(ProblemType::UnknownReference).field("/parent_id", "unknown", refusal)
                }
                other => Self::invalid_field("/parent_id", other),
            },
            OperatorError::NameTaken => {
                Self::new(ProblemType::NameTaken).field("/name", "taken", error)
            }
            OperatorError::Missing => Self::new(ProblemType::NotFound),
            OperatorError::Infra(error) => error.into(),
        }
    }
}
