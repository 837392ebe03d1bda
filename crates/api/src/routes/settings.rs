//! What an ISP has set.

use actix_web::{get, patch, web::Json};
use app::use_cases::settings::{self, EditSettings, SettingsError};
use domain::authz::perm;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::me::own_isp;
use crate::{
    extract::{Guard, SignedIn, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::platform::{SettingsView, SuspendedAccess},
    wire::PatchField,
};

/// Show the settings of my ISP
#[utoipa::path(tag = "settings", extensions(("x-permission" = json!("signed_in"))),
    responses((status = 200, description = "The settings", body = SettingsView), ApiErrors))]
#[get("/settings")]
pub(crate) async fn get_settings(caller: SignedIn) -> Result<Json<SettingsView>, Problem> {
    let scope = caller.scope();
    let row = settings::get_settings(caller.ctx(), &scope, own_isp(&scope)?).await?;
    Ok(Json(row.into()))
}

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditSettingsRequest {
    suspended_access: Option<SuspendedAccess>,
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    suspended_pool: Option<String>,
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    suspended_address_list: Option<String>,
    #[validate(range(max = 1_000_000))]
    #[schema(maximum = 1_000_000)]
    suspended_rate_kbps: Option<u32>,
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    operator_label: Option<String>,
    #[validate(length(min = 1, max = 60))]
    #[schema(min_length = 1, max_length = 60)]
    sub_operator_label: Option<String>,
    #[validate(range(max = 365))]
    #[schema(maximum = 365)]
    grace_days: Option<u32>,
    #[validate(range(min = 60, max = 86_400))]
    #[schema(minimum = 60, maximum = 86_400)]
    interim_seconds: Option<u32>,
    /// For how many months ended sessions are kept: older ones are deleted for good within about an
    /// hour, and so are those that are that old when a shorter time is set. Null keeps them for ever.
    /// What was used each day stays either way.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 240)]
    keep_sessions_months: PatchField<u32>,
    /// The domain name that the ISP is known by to other providers. Logins and accounting that go to
    /// their home servers say it (Operator-Name, RFC 5580), and what comes back with it through
    /// another proxy is refused. Null says nothing.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 252, example = "isp.example")]
    radius_operator_name: PatchField<String>,
}

/// Edit the settings of my ISP
#[utoipa::path(tag = "settings", request_body = EditSettingsRequest,
    extensions(("x-permission" = json!("manage_settings"))),
    responses((status = 200, description = "The settings after the edit", body = SettingsView), ApiErrors))]
#[patch("/settings")]
pub(crate) async fn edit_settings(
    guard: Guard<perm::ManageSettings>,
    body: Valid<EditSettingsRequest>,
) -> Result<Json<SettingsView>, Problem> {
    let (proof, body) = (guard.isp().await?, body.into_inner());
    let cmd = EditSettings {
        suspended_walled: body
            .suspended_access
            .map(|access| access == SuspendedAccess::Walled),
        suspended_pool: body.suspended_pool,
        suspended_address_list: body.suspended_address_list,
        suspended_rate_kbps: body.suspended_rate_kbps,
        operator_label: body.operator_label,
        sub_operator_label: body.sub_operator_label,
        grace_days: body.grace_days,
        interim_seconds: body.interim_seconds,
        keep_sessions_months: body.keep_sessions_months.0,
        radius_operator_name: body.radius_operator_name.0,
    };
    Ok(Json(
        settings::edit_settings(guard.ctx(), proof, cmd)
            .await?
            .into(),
    ))
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Field(pointer, detail) => Self::invalid_field(pointer, detail),
            SettingsError::OperatorName(error) => Self::new(ProblemType::ValidationFailed).field(
                "/radius_operator_name",
                "invalid_domain",
                error,
            ),
            SettingsError::Infra(error) => error.into(),
        }
    }
}
