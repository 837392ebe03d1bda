//! Operations that everybody who signed in may use, on what is their own.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use app::ctx::AppCtx;
use domain::{
    authz::{Actor, Scope},
    ids::{SignInId, UserId},
};
use futures::future::LocalBoxFuture;

use uuid::Uuid;

use super::{
    caller::{self, Caller},
    state::Sessions,
    watcher::Watcher,
};
use crate::{problem::Problem, problem_type::ProblemType};

/// Somebody who signed in, maybe with a password that must be changed first.
pub(crate) struct SignedInAnyhow(Caller);

/// Somebody who signed in and may work.
pub(crate) struct SignedIn(SignedInAnyhow);

impl SignedInAnyhow {
    pub(crate) fn actor(&self) -> &Actor {
        &self.0.actor
    }

    pub(crate) fn ctx(&self) -> &AppCtx {
        &self.0.state.ctx
    }

    pub(crate) fn sessions(&self) -> Sessions {
        Sessions(std::sync::Arc::clone(&self.0.state))
    }

    /// The account; programs with keys have none of their own.
    pub(crate) fn user_id(&self) -> Result<UserId, Problem> {
        self.0
            .actor
            .user_id()
            .ok_or_else(|| Problem::new(ProblemType::Forbidden))
    }

    /// The sign-in; programs with keys have none.
    pub(crate) fn sign_in_id(&self) -> Result<SignInId, Problem> {
        caller::sign_in_of(&self.0.actor).ok_or_else(|| {
            Problem::new(ProblemType::Forbidden).detail("this is for people who signed in")
        })
    }

    /// Who really sits there, when somebody views as this person.
    pub(crate) fn impersonator(&self) -> Option<UserId> {
        self.0.claims.as_ref().and_then(|claims| claims.imp)
    }

    /// Which view it is, when somebody views as this person.
    pub(crate) fn view(&self) -> Option<Uuid> {
        self.0.claims.as_ref().and_then(|claims| claims.view)
    }

    pub(crate) const fn must_change_password(&self) -> bool {
        self.0.must_change_password
    }
}

impl SignedIn {
    /// A place among the caller's streams.
    pub(crate) fn watch(self) -> Result<Watcher, Problem> {
        Watcher::new(self.0.0)
    }

    /// The caller's own rows.
    pub(crate) fn scope(&self) -> Scope {
        Scope::own(self.actor())
    }
}

impl std::ops::Deref for SignedIn {
    type Target = SignedInAnyhow;

    fn deref(&self) -> &SignedInAnyhow {
        &self.0
    }
}

impl FromRequest for SignedInAnyhow {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Caller::of(&request).await.map(Self) })
    }
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = Caller::of(&request).await?;
            if caller.must_change_password {
                return Err(Problem::new(ProblemType::PasswordChangeRequired));
            }
            Ok(Self(SignedInAnyhow(caller)))
        })
    }
}
