//! Passwords of people: argon2id, computed off the threads that answer requests.

use std::{sync::OnceLock, time::Duration};

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use domain::{authz::Actor, ports::StoreUnavailable, text};
use persistence::repo::identity::users;

use super::throttle;
use crate::ctx::AppCtx;

/// A password that is too easy to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than eight characters.
    #[error("use at least 8 characters")]
    Short,
    /// More than anybody types.
    #[error("use at most 200 characters")]
    Long,
    /// Made of the login.
    #[error("do not use the login as the password")]
    Login,
    /// Among the first that are tried.
    #[error("this password is among the first that are tried")]
    Common,
}

const COMMON: [&str; 14] = [
    "12345678",
    "123456789",
    "1234567890",
    "password",
    "password1",
    "password123",
    "qwertyuiop",
    "qwerty123",
    "11111111",
    "00000000",
    "admin123",
    "iloveyou",
    "changeme",
    "letmein1",
];

/// Refuses passwords that are guessed first.
pub fn check_strength(password: &str, login: &str) -> Result<(), WeakPassword> {
    let folded = text::folded(password);
    let length = password.chars().count();
    let first = folded.chars().next();
    if length < 8 {
        Err(WeakPassword::Short)
    } else if length > 200 {
        Err(WeakPassword::Long)
    } else if folded == text::folded(login) {
        Err(WeakPassword::Login)
    } else if COMMON.contains(&folded.as_str()) || folded.chars().all(|c| Some(c) == first) {
        Err(WeakPassword::Common)
    } else {
        Ok(())
    }
}

/// The hash to keep of a password.
pub async fn hash_password(password: &str) -> Result<String, persistence::Error> {
    let password = password.to_owned();
    off_thread(move || hash(&password)).await
}

fn hash(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("invariant: the default parameters are valid")
        .to_string()
}

/// Whether a password has that hash. Without a hash it takes as long and is wrong.
pub(in crate::use_cases) async fn verify_password(
    password: &str,
    stored: Option<String>,
) -> Result<bool, persistence::Error> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let password = password.to_owned();
    off_thread(move || {
        let expected = stored
            .as_deref()
            .unwrap_or_else(|| NOBODY.get_or_init(|| hash("the password of nobody")));
        let matches = PasswordHash::new(expected).is_ok_and(|parsed| {
            Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok()
        });
        matches && stored.is_some()
    })
    .await
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, persistence::Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| persistence::Error::Unexpected(format!("hashing stopped: {error}")))
}

/// Why a password was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// Not the password.
    #[error("the password is wrong")]
    Wrong,
    /// Too often wrong.
    #[error("too many attempts")]
    TooManyAttempts(Duration),
    /// The shared store is away.
    #[error(transparent)]
    Store(#[from] StoreUnavailable),
    /// The database.
    #[error(transparent)]
    Infra(#[from] persistence::Error),
}

/// Checks the password of whoever really sits there, before something dangerous.
pub async fn confirm_password(
    ctx: &AppCtx,
    actor: &Actor,
    password: &str,
    attempts_per_minute: u32,
) -> Result<(), ConfirmError> {
    let user_id = match actor {
        Actor::Person(person) => person.impersonator.unwrap_or(person.user_id),
        Actor::System(_) => return Ok(()),
    };
    // Counted before it is looked at, so that many guesses at once are many; a right one was none.
    let keys = [(format!("confirm:{user_id}"), attempts_per_minute)];
    if let Some(wait) = throttle::attempt(ctx, &keys).await? {
        return Err(ConfirmError::TooManyAttempts(wait));
    }
    let read = ctx.db.read_platform().await?;
    let stored = users::find(&read, user_id)
        .await?
        .and_then(|user| user.password_hash);
    read.done().await?;
    if !verify_password(password, stored).await? {
        return Err(ConfirmError::Wrong);
    }
    for (key, _) in &keys {
        ctx.shared.give_back(key).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_refused() {
        assert_eq!(check_strength("short", "x"), Err(WeakPassword::Short));
        assert_eq!(
            check_strength("Password123", "x"),
            Err(WeakPassword::Common)
        );
        assert_eq!(check_strength("aaaaaaaaaa", "x"), Err(WeakPassword::Common));
        assert_eq!(
            check_strength("Rahim.Uddin", "rahim.uddin"),
            Err(WeakPassword::Login)
        );
        assert_eq!(check_strength("seven green boats", "x"), Ok(()));
    }

    #[tokio::test]
    async fn only_the_right_password_fits_its_hash() {
        let stored = hash_password("seven green boats").await.unwrap();
        assert!(
            verify_password("seven green boats", Some(stored.clone()))
                .await
                .unwrap()
        );
        assert!(
            !verify_password("seven green goats", Some(stored))
                .await
                .unwrap()
        );
        assert!(
            !verify_password("the password of nobody", None)
                .await
                .unwrap()
        );
    }
}
