//! The caller's own account.

use actix_web::{HttpResponse, delete, get, post, web, web::Json};
use app::use_cases::me::{self, ChangePasswordError, EndSignInError, TotpError};
use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    ids::{IspId, SignInId, UserId},
};
use persistence::repo::identity::{platform, users};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{SignedIn, SignedInAnyhow, Valid},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{NamedView, no_content, people::PersonRef},
    wire::{PermissionName, RoleLevel},
};

/// The caller's account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeUser {
    id: Uuid,
    login: String,
    name: String,
    role: RoleLevel,
    must_change_password: bool,
    totp_enabled: bool,
}

/// The caller's ISP.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeIsp {
    id: Uuid,
    name: String,
    currency: String,
    time_zone: String,
    operator_label: String,
    sub_operator_label: String,
}

/// Who the caller is and what the caller may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeView {
    user: MeUser,
    /// The ISP, for people inside one.
    isp: Option<MeIsp>,
    /// The reseller, for its people.
    operator: Option<NamedView>,
    permissions: Vec<PermissionName>,
    /// Menus that are hidden from the caller.
    hidden_menus: Vec<String>,
    /// Who really sits there.
    impersonated_by: Option<PersonRef>,
}

/// Who am I?
#[utoipa::path(tag = "me", extensions(("x-permission" = json!("signed_in"))),
    responses((status = 200, description = "The caller", body = MeView), ApiErrors))]
#[get("/me")]
pub(crate) async fn get_me(caller: SignedInAnyhow) -> Result<Json<MeView>, Problem> {
    let read = caller.ctx().db.read_platform().await?;
    let gone = || Problem::new(ProblemType::TokenInvalid);
    let user = users::find(&read, caller.user_id()?)
        .await?
        .ok_or_else(gone)?;
    let isp = match user.isp_id.map(IspId::from_uuid) {
        Some(isp_id) => isp_of(&read, isp_id).await?,
        None => None,
    };
    let impersonated_by = match caller.impersonator() {
        Some(id) => users::find(&read, id).await?,
        None => None,
    };
    read.done().await?;
    Ok(Json(MeView {
        user: MeUser {
            id: user.id,
            login: user.login.clone(),
            name: user.name.clone(),
            role: user.role()?.into(),
            must_change_password: caller.must_change_password(),
            totp_enabled: user.totp_enabled,
        },
        isp,
        operator: NamedView::maybe(user.operator_id, user.operator_name),
        permissions: caller
            .actor()
            .permissions()
            .iter()
            .map(PermissionName)
            .collect(),
        hidden_menus: serde_json::from_value(user.hidden_menus).unwrap_or_default(),
        impersonated_by: impersonated_by.map(|row| PersonRef {
            id: row.id,
            login: row.login,
            name: row.name,
        }),
    }))
}

async fn isp_of(read: &persistence::Read, isp_id: IspId) -> Result<Option<MeIsp>, Problem> {
    let (isp, settings) = (
        platform::isp(read, isp_id).await?,
        platform::settings(read, isp_id).await?,
    );
    Ok(isp.zip(settings).map(|(isp, settings)| MeIsp {
        id: isp.id,
        name: isp.name,
        currency: isp.currency,
        time_zone: isp.time_zone,
        operator_label: settings.operator_label,
        sub_operator_label: settings.sub_operator_label,
    }))
}

/// The present password and the next.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChangeRequest {
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    current_password: String,
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    new_password: String,
}

/// Change my password
#[utoipa::path(tag = "me", request_body = PasswordChangeRequest,
    extensions(("x-permission" = json!("signed_in"))),
    responses((status = 204, description = "Changed; other devices are signed out"), ApiErrors))]
#[post("/me/password-changes")]
pub(crate) async fn change_my_password(
    caller: SignedInAnyhow,
    body: Valid<PasswordChangeRequest>,
) -> Result<HttpResponse, Problem> {
    let who = (own_account(&caller)?, caller.sign_in_id()?);
    let PasswordChangeRequest {
        current_password,
        new_password,
    } = body.into_inner();
    let (passwords, limit) = (
        (current_password.as_str(), new_password.as_str()),
        caller.sessions().sign_in_limit(),
    );
    me::change_my_password(caller.ctx(), caller.actor(), who, passwords, limit).await?;
    Ok(no_content())
}

/// The account, unless somebody else is looking through its eyes, or a program.
fn own_account(caller: &SignedInAnyhow) -> Result<UserId, Problem> {
    caller.sign_in_id()?;
    if caller.impersonator().is_some() {
        let detail = "this account is somebody else's: end the view first";
        return Err(Problem::new(ProblemType::Forbidden).detail(detail));
    }
    caller.user_id()
}

/// What an authenticator app needs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TotpEnrolmentView {
    /// The secret as people type it.
    secret: String,
    /// The same as an address for a QR code.
    otpauth_url: String,
}

/// Begin to use one-time codes
#[utoipa::path(tag = "me", extensions(("x-permission" = json!("signed_in"))),
    responses((status = 201, description = "A secret that counts once it is confirmed", body = TotpEnrolmentView), ApiErrors))]
#[post("/me/totp-enrolments")]
pub(crate) async fn start_totp_enrolment(caller: SignedIn) -> Result<HttpResponse, Problem> {
    let user_id = own_account(&caller)?;
    let enrolment = me::start_totp_enrolment(caller.ctx(), caller.actor(), user_id).await?;
    let me::Enrolment {
        secret,
        otpauth_url,
    } = enrolment;
    Ok(HttpResponse::Created().json(TotpEnrolmentView {
        secret,
        otpauth_url,
    }))
}

/// A one-time code.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotpConfirmationRequest {
    #[validate(length(min = 6, max = 6))]
    #[schema(min_length = 6, max_length = 6)]
    code: String,
}

/// Prove that one-time codes work
#[utoipa::path(tag = "me", request_body = TotpConfirmationRequest,
    extensions(("x-permission" = json!("signed_in"))),
    responses((status = 204, description = "One-time codes are asked for from now on"), ApiErrors))]
#[post("/me/totp-confirmations")]
pub(crate) async fn confirm_totp(
    caller: SignedIn,
    body: Valid<TotpConfirmationRequest>,
) -> Result<HttpResponse, Problem> {
    let user_id = own_account(&caller)?;
    me::confirm_totp(
        caller.ctx(),
        caller.actor(),
        user_id,
        &body.into_inner().code,
    )
    .await?;
    Ok(no_content())
}

/// The password, once more.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotpRemovalRequest {
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
}

/// Stop using one-time codes
#[utoipa::path(tag = "me", request_body = TotpRemovalRequest,
    extensions(("x-permission" = json!("signed_in"))),
    responses((status = 204, description = "One-time codes are not asked for any more"), ApiErrors))]
#[post("/me/totp-removals")]
pub(crate) async fn remove_totp(
    caller: SignedIn,
    body: Valid<TotpRemovalRequest>,
) -> Result<HttpResponse, Problem> {
    let (user_id, limit) = (own_account(&caller)?, caller.sessions().sign_in_limit());
    let password = body.into_inner().password;
    me::remove_totp(caller.ctx(), caller.actor(), user_id, &password, limit).await?;
    Ok(no_content())
}

/// A device on which the caller is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MySignInView {
    id: Uuid,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    user_agent: Option<String>,
    ip: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

/// The devices on which the caller is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MySignInList {
    items: Vec<MySignInView>,
}

/// List the devices I am signed in on
#[utoipa::path(tag = "me", extensions(("x-permission" = json!("signed_in"))),
    responses((status = 200, description = "The devices, latest first", body = MySignInList), ApiErrors))]
#[get("/me/sign-ins")]
pub(crate) async fn list_my_sign_ins(caller: SignedIn) -> Result<Json<MySignInList>, Problem> {
    let (user_id, current) = (own_account(&caller)?, caller.sign_in_id()?.as_uuid());
    let rows = me::list_my_sign_ins(caller.ctx(), user_id).await?;
    let view = |row: persistence::repo::identity::sign_ins::SignInRow| MySignInView {
        current: row.id == current,
        id: row.id,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        user_agent: row.user_agent,
        ip: row.ip,
    };
    Ok(Json(MySignInList {
        items: rows.into_iter().map(view).collect(),
    }))
}

/// Sign one of my devices out
#[utoipa::path(tag = "me", extensions(("x-permission" = json!("signed_in"))),
    responses((status = 204, description = "Signed out"), ApiErrors))]
#[delete("/me/sign-ins/{id}")]
pub(crate) async fn end_my_sign_in(
    caller: SignedIn,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let (user_id, id) = (
        own_account(&caller)?,
        SignInId::from_uuid(path.into_inner()),
    );
    me::end_my_sign_in(caller.ctx(), caller.actor(), user_id, id).await?;
    Ok(no_content())
}

/// The rows that are a caller's own.
pub(crate) fn own_isp(scope: &Scope) -> Result<IspId, Problem> {
    scope
        .isp_id()
        .ok_or_else(|| Problem::new(ProblemType::IspRequired))
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::CurrentWrong => Self::new(ProblemType::CurrentPasswordWrong)
                .field("/current_password", "wrong", error),
            ChangePasswordError::Weak(_) | ChangePasswordError::Same => {
                Self::new(ProblemType::WeakPassword).field("/new_password", "weak", error)
            }
            ChangePasswordError::TooManyAttempts(wait) => {
                Self::new(ProblemType::TooManyAttempts).retry_after(wait)
            }
            ChangePasswordError::Store(error) => error.into(),
            ChangePasswordError::Infra(error) => error.into(),
        }
    }
}

impl From<TotpError> for Problem {
    fn from(error: TotpError) -> Self {
        match error {
            TotpError::AlreadyEnabled => Self::new(ProblemType::TotpAlreadyEnabled),
            TotpError::NotEnrolled => Self::new(ProblemType::TotpNotEnrolled),
            TotpError::WrongCode => Self::invalid_field("/code", error),
            TotpError::Confirm(error) => error.into(),
            TotpError::Infra(error) => error.into(),
        }
    }
}

impl From<EndSignInError> for Problem {
    fn from(error: EndSignInError) -> Self {
        match error {
            EndSignInError::NotFound => Self::new(ProblemType::NotFound),
            EndSignInError::Store(error) => error.into(),
            EndSignInError::Infra(error) => error.into(),
        }
    }
}
