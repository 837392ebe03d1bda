//! One-time codes of one's own: begin, prove that they work, end.

use domain::{authz::Actor, ids::UserId};
use persistence::{Tx, repo::identity::users};
use rand::RngExt as _;
use serde_json::json;

use crate::{
    ctx::AppCtx,
    use_cases::auth::{
        ConfirmError, confirm_password,
        totp::{address, step_of, text_of},
    },
};

/// What an authenticator app needs.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The secret as people type it.
    pub secret: String,
    /// The same as an address for a QR code.
    pub otpauth_url: String,
}

/// Why one-time codes are not changed.
#[derive(Debug, thiserror::Error)]
pub enum TotpError {
    /// They are in use already.
    #[error("one-time codes are in use already")]
    AlreadyEnabled,
    /// The enrolment was not begun.
    #[error("start the enrolment first")]
    NotEnrolled,
    /// The code is wrong.
    #[error("the one-time code is wrong")]
    WrongCode,
    /// The password was not confirmed.
    #[error(transparent)]
    Confirm(#[from] ConfirmError),
    /// The database.
    #[error(transparent)]
    Infra(#[from] persistence::Error),
}

fn damaged(error: crate::secrets::SecretError) -> persistence::Error {
    persistence::Error::Unexpected(error.to_string())
}

fn record(tx: &Tx, before: bool, after: bool) {
    let enabled = |enabled: bool| Some(json!({"totp_enabled": enabled}));
    tx.record_change(enabled(before), enabled(after));
}

/// Makes a secret; it counts once a code made from it is confirmed.
pub async fn start_totp_enrolment(
    ctx: &AppCtx,
    actor: &Actor,
    user_id: UserId,
) -> Result<Enrolment, TotpError> {
    let tx = ctx
        .db
        .begin_own_account("start_totp_enrolment", actor, user_id)
        .await?;
    let user = users::find(&tx, user_id)
        .await?
        .ok_or(TotpError::NotEnrolled)?;
    if user.totp_enabled {
        return Err(TotpError::AlreadyEnabled);
    }
    let mut secret = [0_u8; 20];
    rand::rng().fill(&mut secret);
    let sealed = ctx.keyring.seal(&secret).map_err(damaged)?;
    users::set_totp(&tx, user_id, Some(sealed), false).await?;
    tx.commit().await?;
    Ok(Enrolment {
        secret: text_of(&secret),
        otpauth_url: address(&secret, &user.login),
    })
}

/// Turns one-time codes on, once a code proves that the app has the secret.
pub async fn confirm_totp(
    ctx: &AppCtx,
    actor: &Actor,
    user_id: UserId,
    code: &str,
) -> Result<(), TotpError> {
    let tx = ctx
        .db
        .begin_own_account("confirm_totp", actor, user_id)
        .await?;
    let user = users::find(&tx, user_id)
        .await?
        .ok_or(TotpError::NotEnrolled)?;
    if user.totp_enabled {
        return Err(TotpError::AlreadyEnabled);
    }
    let sealed = user.totp_secret.ok_or(TotpError::NotEnrolled)?;
    let secret = ctx.keyring.open(&sealed).map_err(damaged)?;
    let step = step_of(&secret, code, tx.now()).ok_or(TotpError::WrongCode)?;
    users::set_totp(&tx, user_id, Some(sealed), true).await?;
    users::use_totp_step(&tx, user_id, step).await?;
    record(&tx, false, true);
    Ok(tx.commit().await?)
}

/// Turns one-time codes off; asks for the password again.
pub async fn remove_totp(
    ctx: &AppCtx,
    actor: &Actor,
    user_id: UserId,
    password: &str,
    attempts_per_minute: u32,
) -> Result<(), TotpError> {
    confirm_password(ctx, actor, password, attempts_per_minute).await?;
    let tx = ctx
        .db
        .begin_own_account("remove_totp", actor, user_id)
        .await?;
    users::set_totp(&tx, user_id, None, false).await?;
    record(&tx, true, false);
    Ok(tx.commit().await?)
}
