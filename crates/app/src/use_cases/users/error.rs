//! Why an account is not made or changed.

use domain::ports::StoreUnavailable;
use persistence::Constraint;

use crate::use_cases::auth::WeakPassword;

/// Why an account is not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The role is not below the actor's.
    #[error("you may not manage people of this role")]
    RoleNotManaged,
    /// Programs manage no people.
    #[error("accounts are managed by people, not by keys")]
    NotAPerson,
    /// A text is not valid.
    #[error("{1}")]
    Field(&'static str, String),
    /// The password is too easy to guess.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// The login is taken.
    #[error("the login is taken")]
    LoginTaken,
    /// The role may never have the permission.
    #[error("people of this role may not have this permission")]
    NotGrantable,
    /// The actor may not do it either.
    #[error("you may only grant what you may do yourself")]
    NotYours,
    /// There was no such grant.
    #[error("there is no such grant")]
    NoSuchGrant,
    /// The shared store is away.
    #[error(transparent)]
    Store(#[from] StoreUnavailable),
    /// The database.
    #[error(transparent)]
    Infra(persistence::Error),
}

impl From<persistence::Error> for UserError {
    fn from(error: persistence::Error) -> Self {
        if error.conflicts_with(Constraint::UserLogin) {
            return Self::LoginTaken;
        }
        Self::Infra(error)
    }
}
