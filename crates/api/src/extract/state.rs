//! What all requests share.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{HttpRequest, web::Data};
use app::{ctx::AppCtx, use_cases::auth::Identity};
use domain::ids::{SignInId, UserId};
use moka::future::Cache;
use tokio::{sync::Mutex, time::timeout};

use super::watcher::Seats;
use crate::{
    config::{ApiConfig, RateLimits},
    problem::Problem,
    problem_type::ProblemType,
    token::TokenKeys,
};

/// How long what somebody may do is remembered; a change of it is seen at once all the same.
const IDENTITY_LIFETIME: Duration = Duration::from_secs(5);

/// One probe of what this process stands on serves all who ask within that time.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// A write that takes longer is as good as none.
const PROBE_PATIENCE: Duration = Duration::from_secs(5);

/// By what somebody was recognized.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum CredentialKey {
    Token {
        user_id: UserId,
        sign_in_id: SignInId,
        impersonator: Option<UserId>,
    },
    ApiKey([u8; 32]),
}

/// What all requests share. Only extractors see inside.
pub(crate) struct State {
    pub(super) ctx: AppCtx,
    pub(super) keys: TokenKeys,
    pub(super) rates: RateLimits,
    pub(super) behind_proxy: bool,
    pub(super) secure_cookie: bool,
    pub(super) identities: Cache<CredentialKey, Arc<Identity>>,
    pub(super) seats: Seats,
    readiness: Mutex<Option<(Instant, bool)>>,
}

impl State {
    pub(crate) fn new(ctx: AppCtx, config: &ApiConfig) -> Self {
        Self {
            ctx,
            keys: TokenKeys::new(&config.token_secret),
            rates: config.rates,
            behind_proxy: config.behind_proxy,
            secure_cookie: config.secure_cookie,
            identities: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(IDENTITY_LIFETIME)
                .build(),
            seats: Seats::default(),
            readiness: Mutex::default(),
        }
    }

    pub(super) fn of(request: &HttpRequest) -> Result<Arc<Self>, Problem> {
        request
            .app_data::<Data<Self>>()
            .map(|state| Arc::clone(state))
            .ok_or_else(|| Problem::new(ProblemType::Internal))
    }
}

/// Issues access tokens and the cookie that renews them.
#[derive(Clone)]
pub(crate) struct Sessions(pub(super) Arc<State>);

impl Sessions {
    /// An access token for that account and sign-in.
    pub(crate) fn access_token(
        &self,
        user_id: UserId,
        sign_in_id: SignInId,
        impersonator: Option<UserId>,
    ) -> String {
        self.0
            .keys
            .issue(user_id, sign_in_id, impersonator, self.0.ctx.clock.now())
    }

    /// Whether cookies are for HTTPS only.
    pub(crate) fn secure_cookie(&self) -> bool {
        self.0.secure_cookie
    }

    /// How often somebody may try to sign in, per minute.
    pub(crate) fn sign_in_limit(&self) -> u32 {
        self.0.rates.sign_in_per_minute
    }
}

impl State {
    /// Whether the database takes a write and the shared store answers.
    ///
    /// Everybody may ask, so one probe serves all who ask within [`PROBE_EVERY`].
    pub(crate) async fn is_ready(&self) -> bool {
        let mut last = self.readiness.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < PROBE_EVERY
        {
            return ready;
        }
        let ready = timeout(PROBE_PATIENCE, self.probe()).await.unwrap_or(false);
        *last = Some((Instant::now(), ready));
        ready
    }

    async fn probe(&self) -> bool {
        if let Err(error) = self.ctx.db.prove_writable().await {
            tracing::warn!(%error, "not ready: the database takes no write");
            return false;
        }
        self.ctx.shared.ping().await.is_ok()
    }
}
