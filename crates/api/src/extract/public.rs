//! Operations that need no sign-in, each with a reason that is written down.

use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use app::ctx::AppCtx;
use futures::future::LocalBoxFuture;

use super::{
    caller::{self, Client},
    state::{Sessions, State},
};
use crate::problem::Problem;

/// Why an operation is public.
pub(crate) mod reason {
    /// Whoever signs in has not signed in yet.
    pub(crate) struct SigningIn;
    /// The refresh token is the credential.
    pub(crate) struct Refreshing;
}

/// Lets everybody in, for the reason `R`.
pub(crate) struct Public<R> {
    state: std::sync::Arc<State>,
    client: Client,
    reason: PhantomData<fn() -> R>,
}

impl<R> Public<R> {
    pub(crate) fn ctx(&self) -> &AppCtx {
        &self.state.ctx
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn sessions(&self) -> Sessions {
        Sessions(std::sync::Arc::clone(&self.state))
    }
}

impl<R: 'static> FromRequest for Public<R> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = State::of(&request)?;
            let client = Client::of(&request, &state);
            let address = client.ip.map(|ip| ip.to_string()).unwrap_or_default();
            let limit = state.rates.public_per_minute;
            caller::take(&request, &state, &format!("public:{address}"), limit).await?;
            Ok(Self {
                state,
                client,
                reason: PhantomData,
            })
        })
    }
}
