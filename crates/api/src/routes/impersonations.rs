//! Viewing as somebody below.

use actix_web::{HttpResponse, post, web::Json};
use app::use_cases::auth::{self, ImpersonationError};
use domain::authz::perm;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::auth::SignInView;
use crate::{
    extract::{Guard, SignedIn, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::created,
};

/// As whom.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImpersonationRequest {
    user_id: Uuid,
}

/// View as somebody below
#[utoipa::path(tag = "auth", request_body = ImpersonationRequest,
    extensions(("x-permission" = json!("impersonate"))),
    responses((status = 201, description = "An access token of the other person", body = SignInView), ApiErrors))]
#[post("/impersonations")]
pub(crate) async fn start_impersonation(
    guard: Guard<perm::Impersonate>,
    body: Valid<ImpersonationRequest>,
) -> Result<HttpResponse, Problem> {
    let sign_in_id = guard.sign_in_id()?;
    let proof = guard.user(body.into_inner().user_id).await?;
    let (target, impersonator) = auth::start_impersonation(guard.ctx(), proof).await?;
    let token = guard
        .sessions()
        .access_token(target, sign_in_id, Some(impersonator));
    Ok(created("/me", &SignInView::without_refresh(token)))
}

/// End viewing as somebody else
#[utoipa::path(tag = "auth", extensions(("x-permission" = json!("signed_in"))),
    responses((status = 200, description = "An access token of the original person", body = SignInView), ApiErrors))]
#[post("/impersonations/ends")]
pub(crate) async fn end_impersonation(caller: SignedIn) -> Result<Json<SignInView>, Problem> {
    let user_id = auth::end_impersonation(caller.ctx(), caller.actor(), caller.view()).await?;
    let token = caller
        .sessions()
        .access_token(user_id, caller.sign_in_id()?, None);
    Ok(Json(SignInView::without_refresh(token)))
}

impl From<ImpersonationError> for Problem {
    fn from(error: ImpersonationError) -> Self {
        match error {
            ImpersonationError::RoleNotBelow | ImpersonationError::Nested => {
                Self::new(ProblemType::Forbidden).detail(error)
            }
            ImpersonationError::Disabled => Self::new(ProblemType::WrongState).detail(error),
            ImpersonationError::NotImpersonating => Self::new(ProblemType::NotImpersonating),
            ImpersonationError::Store(error) => error.into(),
            ImpersonationError::Infra(error) => error.into(),
        }
    }
}
