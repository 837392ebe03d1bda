//! Login and password, and a one-time code where the account asks for it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{Actor, Origin, Person, SystemActor, Via},
    ids::{SignInId, UserId},
    ports::StoreUnavailable,
    text,
};
use persistence::{
    Tx,
    repo::identity::{
        sign_ins,
        users::{self, UserRow},
    },
};
use serde_json::json;

use super::{Identity, hash_token, identify, random_text, throttle, totp, verify_password};
use crate::ctx::AppCtx;

/// Who signs people in: nobody has signed in yet.
pub(super) const PRODUCT: Actor = Actor::System(SystemActor::Installation);

/// How long a device stays signed in without being used.
pub(super) const DEVICE_LIFETIME: TimeDelta = TimeDelta::days(30);

/// An attempt to come in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// What the person typed as login.
    pub login: String,
    /// What the person typed as password.
    pub password: String,
    /// The one-time code, if any.
    pub totp_code: Option<String>,
    /// From where.
    pub origin: Origin,
    /// How often per minute this may be tried.
    pub attempts_per_minute: u32,
}

/// Somebody who came in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub user_id: UserId,
    /// The device.
    pub sign_in_id: SignInId,
    /// Renews the device once.
    pub refresh_token: String,
    /// Whether a password must be chosen before anything else.
    pub must_change_password: bool,
}

/// Why somebody does not come in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown login, wrong password or disabled account: the answer does not say which.
    #[error("the login or the password is wrong")]
    InvalidCredentials,
    /// The password is right and a one-time code is needed.
    #[error("a one-time code is needed")]
    TotpRequired,
    /// The one-time code is wrong or was used.
    #[error("the one-time code is wrong")]
    TotpInvalid,
    /// Too many attempts.
    #[error("too many attempts")]
    TooManyAttempts(Duration),
    /// The shared store is away.
    #[error(transparent)]
    Store(#[from] StoreUnavailable),
    /// The database.
    #[error(transparent)]
    Infra(#[from] persistence::Error),
}

/// Signs somebody in on a new device.
pub async fn sign_in(ctx: &AppCtx, attempt: SignIn) -> Result<SignedIn, SignInError> {
    let login_key = text::folded(attempt.login.trim());
    throttled(ctx, &login_key, &attempt).await?;
    let read = ctx.db.read_platform().await?;
    let user = users::find_by_login(&read, &login_key).await?;
    let identity = match &user {
        Some(user) => identify::load(&read, UserId::from_uuid(user.id), ctx.clock.now()).await?,
        None => None,
    };
    read.done().await?;
    let stored = user.and_then(|user| user.password_hash);
    let right = verify_password(&attempt.password, stored).await?;
    let Some((user, identity)) = identity.filter(|_| right) else {
        return Err(SignInError::InvalidCredentials);
    };
    let step = one_time_step(ctx, &user, attempt.totp_code.as_deref())?;
    let sign_in_id = SignInId::generate();
    let actor = newcomer(&identity, sign_in_id, &attempt.origin);
    let tx = ctx
        .db
        .begin_own_account("sign_in", &actor, identity.user_id)
        .await?;
    if let Some(step) = step
        && !users::use_totp_step(&tx, identity.user_id, step).await?
    {
        return Err(SignInError::TotpInvalid);
    }
    let refresh_token = new_device(&tx, sign_in_id, identity.user_id, &attempt.origin).await?;
    tx.record_change(
        None,
        Some(json!({"sign_in_id": sign_in_id, "totp": step.is_some()})),
    );
    tx.commit().await?;
    Ok(SignedIn {
        user_id: identity.user_id,
        sign_in_id,
        refresh_token,
        must_change_password: identity.must_change_password,
    })
}

/// Somebody in the moment of coming in.
fn newcomer(identity: &Identity, sign_in_id: SignInId, origin: &Origin) -> Actor {
    Actor::Person(Person {
        user_id: identity.user_id,
        role: identity.role,
        reach: identity.reach.clone(),
        permissions: identity.permissions,
        via: Via::SignIn(sign_in_id),
        impersonator: None,
        origin: origin.clone(),
    })
}

async fn throttled(ctx: &AppCtx, login_key: &str, attempt: &SignIn) -> Result<(), SignInError> {
    let limit = attempt.attempts_per_minute;
    let address = attempt
        .origin
        .ip
        .map(|ip| ip.to_string())
        .unwrap_or_default();
    let keys = [
        (format!("sign-in:{login_key}:{address}"), limit),
        // One address may serve many people, and one account may be attacked from many addresses.
        (
            format!("sign-in-address:{address}"),
            limit.saturating_mul(6),
        ),
        (
            format!("sign-in-account:{login_key}"),
            limit.saturating_mul(6),
        ),
    ];
    match throttle::attempt(ctx, &keys).await? {
        Some(wait) => Err(SignInError::TooManyAttempts(wait)),
        None => Ok(()),
    }
}

fn one_time_step(
    ctx: &AppCtx,
    user: &UserRow,
    code: Option<&str>,
) -> Result<Option<i64>, SignInError> {
    if !user.totp_enabled {
        return Ok(None);
    }
    let code = code.ok_or(SignInError::TotpRequired)?;
    let sealed = user
        .totp_secret
        .as_deref()
        .ok_or(SignInError::TotpInvalid)?;
    let secret = ctx
        .keyring
        .open(sealed)
        .map_err(|error| persistence::Error::Unexpected(error.to_string()))?;
    let now: DateTime<Utc> = ctx.clock.now();
    let step = totp::step_of(&secret, code, now).ok_or(SignInError::TotpInvalid)?;
    Ok(Some(step))
}

async fn new_device(
    tx: &Tx,
    sign_in_id: SignInId,
    user_id: UserId,
    origin: &Origin,
) -> Result<String, persistence::Error> {
    let came_from = (
        origin.user_agent.clone(),
        origin.ip.map(|ip| ip.to_string()),
    );
    sign_ins::insert(
        tx,
        sign_in_id,
        user_id,
        came_from,
        tx.now() + DEVICE_LIFETIME,
    )
    .await?;
    let refresh_token = random_text(32);
    sign_ins::insert_token(tx, &hash_token(&refresh_token), sign_in_id).await?;
    users::touch_sign_in(tx, user_id).await?;
    Ok(refresh_token)
}
