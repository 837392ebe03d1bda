//! The first person of a tenancy or an ISP.

use domain::{
    authz::RoleLevel,
    ids::{IspId, TenancyId, UserId},
    ports::StoreUnavailable,
    text,
};
use persistence::{
    Constraint, Tx,
    repo::identity::users::{self, NewUser},
};

use crate::use_cases::auth::{self, WeakPassword};

/// The first person of a tenancy or an ISP.
#[derive(Debug, Clone)]
pub struct Owner {
    /// What the person signs in with.
    pub login: String,
    /// Who the person is.
    pub name: String,
    /// The first password.
    pub password: String,
    /// Whether the person must change it first.
    pub must_change_password: bool,
}

/// Why a tenancy or an ISP is not made.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// A text is not valid.
    #[error("{1}")]
    Field(&'static str, String),
    /// The owner's password is too easy to guess.
    #[error(transparent)]
    Weak(#[from] WeakPassword),
    /// The owner's login is taken.
    #[error("the login is taken")]
    LoginTaken,
    /// The name is taken.
    #[error("the name is taken")]
    NameTaken,
    /// The shared store is away.
    #[error(transparent)]
    Store(#[from] StoreUnavailable),
    /// The database.
    #[error(transparent)]
    Infra(persistence::Error),
}

impl From<persistence::Error> for PlatformError {
    fn from(error: persistence::Error) -> Self {
        if error.conflicts_with(Constraint::UserLogin) {
            return Self::LoginTaken;
        }
        if error.conflicts_with(Constraint::IspName) {
            return Self::NameTaken;
        }
        Self::Infra(error)
    }
}

pub(super) fn line(field: &'static str, raw: &str) -> Result<String, PlatformError> {
    text::line(raw, 120).map_err(|error| PlatformError::Field(field, error.to_string()))
}

/// An account that is ready to be added; hashing happens before the unit of work begins.
pub(super) async fn prepare(
    owner: &Owner,
    role: RoleLevel,
    tenancy_id: Option<TenancyId>,
    isp_id: Option<IspId>,
) -> Result<NewUser, PlatformError> {
    let login = crate::use_cases::users::login_of(&owner.login)
        .map_err(|error| PlatformError::Field("/login", error.to_string()))?;
    auth::check_strength(&owner.password, &login)?;
    Ok(NewUser {
        id: UserId::generate(),
        tenancy_id,
        isp_id,
        operator_id: None,
        role,
        login,
        name: line("/name", &owner.name)?,
        email: None,
        mobile: None,
        password_hash: Some(auth::hash_password(&owner.password).await?),
        must_change_password: owner.must_change_password,
    })
}

pub(super) async fn add(tx: &Tx, user: &NewUser) -> Result<(), PlatformError> {
    Ok(users::insert(tx, user).await?)
}
