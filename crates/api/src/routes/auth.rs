//! Signing in, staying signed in, signing out.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    post,
};
use app::use_cases::auth::{
    self, ConfirmError, RefreshError, SignIn, SignInError, SignedIn as NewSignIn,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    extract::{Public, Sessions, SignedInAnyhow, Valid, reason},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    token,
    views::no_content,
};

const COOKIE: &str = "lastmile_refresh";

/// What kind of program signs in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientKind {
    /// Keeps the refresh token in a cookie that no script reads.
    #[default]
    Browser,
    /// Keeps the refresh token itself.
    App,
}

/// Login and password.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInRequest {
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, example = "admin")]
    login: String,
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
    /// The one-time code, where the account asks for one.
    #[validate(length(max = 10))]
    #[schema(max_length = 10)]
    totp_code: Option<String>,
    #[serde(default)]
    client: ClientKind,
}

/// The refresh token, unless it comes as a cookie.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshRequest {
    #[validate(length(max = 100))]
    #[schema(max_length = 100)]
    refresh_token: Option<String>,
}

/// What somebody who came in works with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInView {
    pub(crate) access_token: String,
    #[schema(example = "Bearer")]
    pub(crate) token_type: &'static str,
    /// Seconds until the access token expires.
    pub(crate) expires_in: i64,
    /// Renews the sign-in once; null where it is a cookie, or where there is none.
    pub(crate) refresh_token: Option<String>,
    /// Whether nothing else works before the password is changed.
    pub(crate) must_change_password: bool,
}

impl SignInView {
    pub(crate) fn without_refresh(access_token: String) -> Self {
        Self {
            access_token,
            token_type: "Bearer",
            expires_in: token::LIFETIME.num_seconds(),
            refresh_token: None,
            must_change_password: false,
        }
    }
}

fn answer(sessions: &Sessions, new: NewSignIn, client: ClientKind) -> HttpResponse {
    let access_token = sessions.access_token(new.user_id, new.sign_in_id, None);
    let mut view = SignInView {
        must_change_password: new.must_change_password,
        ..SignInView::without_refresh(access_token)
    };
    let mut response = HttpResponse::Ok();
    match client {
        ClientKind::App => view.refresh_token = Some(new.refresh_token),
        ClientKind::Browser => {
            response.cookie(cookie(sessions, new.refresh_token, Duration::days(30)));
        }
    }
    response.json(view)
}

fn cookie(sessions: &Sessions, token: String, lifetime: Duration) -> Cookie<'static> {
    Cookie::build(COOKIE, token)
        .path("/api/v1/auth")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(sessions.secure_cookie())
        .max_age(lifetime)
        .finish()
}

/// Sign in with login and password
#[utoipa::path(tag = "auth", request_body = SignInRequest, security(()),
    extensions(("x-permission" = json!("public"))),
    responses((status = 200, description = "Signed in", body = SignInView), ApiErrors))]
#[post("/auth/sign-ins")]
pub(crate) async fn sign_in(
    public: Public<reason::SigningIn>,
    body: Valid<SignInRequest>,
) -> Result<HttpResponse, Problem> {
    let SignInRequest {
        login,
        password,
        totp_code,
        client,
    } = body.into_inner();
    let sessions = public.sessions();
    let attempt = SignIn {
        login,
        password,
        totp_code,
        origin: public.client().origin(),
        attempts_per_minute: sessions.sign_in_limit(),
    };
    let new = auth::sign_in(public.ctx(), attempt).await?;
    Ok(answer(&sessions, new, client))
}

/// Renew a sign-in
#[utoipa::path(tag = "auth", request_body = RefreshRequest, security(()),
    extensions(("x-permission" = json!("public"))),
    responses((status = 200, description = "Renewed", body = SignInView), ApiErrors))]
#[post("/auth/refreshes")]
pub(crate) async fn refresh_sign_in(
    public: Public<reason::Refreshing>,
    request: HttpRequest,
    body: Valid<RefreshRequest>,
) -> Result<HttpResponse, Problem> {
    let in_body = body.into_inner().refresh_token;
    let client = if in_body.is_some() {
        ClientKind::App
    } else {
        ClientKind::Browser
    };
    let token = in_body
        .or_else(|| {
            request
                .cookie(COOKIE)
                .map(|cookie| cookie.value().to_owned())
        })
        .ok_or_else(|| Problem::new(ProblemType::RefreshTokenInvalid))?;
    let new = auth::refresh_sign_in(public.ctx(), &token, &public.client().origin()).await?;
    Ok(answer(&public.sessions(), new, client))
}

/// Sign out on this device
#[utoipa::path(tag = "auth", extensions(("x-permission" = json!("signed_in"))),
    responses((status = 204, description = "Signed out"), ApiErrors))]
#[post("/auth/sign-outs")]
pub(crate) async fn sign_out(caller: SignedInAnyhow) -> Result<HttpResponse, Problem> {
    // Whoever views as somebody else is the one who signed in.
    let owner = caller.impersonator().map_or_else(|| caller.user_id(), Ok)?;
    auth::sign_out(caller.ctx(), caller.actor(), owner, caller.sign_in_id()?).await?;
    let mut response = no_content();
    let gone = cookie(&caller.sessions(), String::new(), Duration::ZERO);
    response
        .add_cookie(&gone)
        .map_err(|error| Problem::internal(&error))?;
    Ok(response)
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::InvalidCredentials => Self::new(ProblemType::InvalidCredentials),
            SignInError::TotpRequired => Self::new(ProblemType::TotpRequired),
            SignInError::TotpInvalid => Self::new(ProblemType::TotpInvalid),
            SignInError::TooManyAttempts(wait) => {
                Self::new(ProblemType::TooManyAttempts).retry_after(wait)
            }
            SignInError::Store(error) => error.into(),
            SignInError::Infra(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid => Self::new(ProblemType::RefreshTokenInvalid),
            RefreshError::Reused => Self::new(ProblemType::RefreshTokenReused),
            RefreshError::Store(error) => error.into(),
            RefreshError::Infra(error) => error.into(),
        }
    }
}

impl From<ConfirmError> for Problem {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::Wrong => {
                Self::new(ProblemType::PasswordWrong).field("/password", "wrong", error)
            }
            ConfirmError::TooManyAttempts(wait) => {
                Self::new(ProblemType::TooManyAttempts).retry_after(wait)
            }
            ConfirmError::Store(error) => error.into(),
            ConfirmError::Infra(error) => error.into(),
        }
    }
}
