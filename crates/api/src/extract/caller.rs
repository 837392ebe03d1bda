//! Finds out who is calling, whether that still holds, and whether it is not too often.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use actix_web::{HttpMessage, HttpRequest, http::header};
use app::use_cases::auth::{self, Identity, Recognized};
use domain::{
    authz::{Actor, Origin, Person, Via},
    ids::{SignInId, UserId},
};

use super::state::{CredentialKey, State};
use crate::{middleware::request_id, problem::Problem, problem_type::ProblemType, token::Claims};

/// Where a request comes from.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) ip: Option<IpAddr>,
    pub(crate) user_agent: Option<String>,
}

impl Client {
    pub(super) fn of(request: &HttpRequest, state: &State) -> Self {
        // Each proxy adds its caller behind what is there, some in a line of their own: only the
        // last address of the last line is the word of our own proxy.
        let forwarded = || {
            let line = request.headers().get_all("x-forwarded-for").last()?;
            address(line.to_str().ok()?.rsplit(',').next()?.trim())
        };
        let peer = request.peer_addr().map(|address| address.ip());
        let ip = if state.behind_proxy {
            forwarded().or(peer)
        } else {
            peer
        };
        let user_agent = request
            .headers()
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .map(|agent| agent.chars().take(300).collect());
        Self { ip, user_agent }
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin {
            request_id: Some(request_id::current()),
            ip: self.ip,
            user_agent: self.user_agent.clone(),
        }
    }
}

/// An address as proxies write it, some with the port.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(with_port)
}

/// Somebody who was recognized.
pub(super) struct Caller {
    pub(super) state: Arc<State>,
    pub(super) actor: Actor,
    pub(super) must_change_password: bool,
    pub(super) claims: Option<Claims>,
    key_hash: Option<[u8; 32]>,
}

impl Caller {
    /// Recognizes whoever is calling.
    pub(super) async fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let state = State::of(request)?;
        let client = Client::of(request, &state);
        match Credential::of(request)? {
            Credential::Token(token) => by_token(request, state, client, &token).await,
            Credential::ApiKey(key) => by_api_key(request, state, client, &key).await,
        }
    }

    /// Whether the caller may still do what it could when it was recognized: not signed out, not
    /// disabled, not restricted since.
    pub(super) async fn still_holds(&self) -> bool {
        let identity = match (&self.claims, self.key_hash) {
            (Some(claims), _) if claims.exp <= self.state.ctx.clock.now().timestamp() => Ok(None),
            (Some(claims), _) => identity_of(&self.state, claims).await,
            (None, Some(hash)) => identity_of_key(&self.state, hash).await,
            (None, None) => Ok(None),
        };
        let Ok(Some(identity)) = identity else {
            return false;
        };
        identity.permissions == self.actor.permissions() && identity.reach == self.actor.reach()
    }
}

enum Credential {
    Token(String),
    ApiKey(String),
}

impl Credential {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let text = |name: &str| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        if let Some(key) = text("x-api-key") {
            return Ok(Self::ApiKey(key.to_owned()));
        }
        let bearer = text("authorization").and_then(|value| value.split_once(' '));
        match bearer {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Ok(Self::Token(token.trim().to_owned()))
            }
            Some(_) | None => Err(Problem::new(ProblemType::AuthenticationRequired)),
        }
    }
}

async fn by_token(
    request: &HttpRequest,
    state: Arc<State>,
    client: Client,
    token: &str,
) -> Result<Caller, Problem> {
    let invalid = || Problem::new(ProblemType::TokenInvalid);
    let claims = state
        .keys
        .read(token, state.ctx.clock.now())
        .ok_or_else(invalid)?;
    let identity = identity_of(&state, &claims).await?.ok_or_else(invalid)?;
    let who = claims.imp.unwrap_or(claims.sub);
    let limit = state.rates.api_per_minute;
    take(request, &state, &format!("api:{who}"), limit).await?;
    Ok(Caller {
        actor: actor(&identity, Via::SignIn(claims.sid), claims.imp, &client),
        must_change_password: identity.must_change_password && claims.imp.is_none(),
        claims: Some(claims),
        key_hash: None,
        state,
    })
}

async fn identity_of(state: &State, claims: &Claims) -> Result<Option<Arc<Identity>>, Problem> {
    if auth::is_revoked(&state.ctx, claims.sid).await? {
        return Ok(None);
    }
    if let Some(view) = claims.view
        && auth::is_view_ended(&state.ctx, view).await?
    {
        return Ok(None);
    }
    let (user_id, sign_in_id, impersonator) = (claims.sub, claims.sid, claims.imp);
    let key = CredentialKey::Token {
        user_id,
        sign_in_id,
        impersonator,
    };
    let known = remembered(state, &key, user_id, impersonator).await?;
    if known.is_some() {
        return Ok(known);
    }
    let identity = auth::identify_person(&state.ctx, user_id, sign_in_id, impersonator).await?;
    Ok(remember(state, key, identity).await)
}

async fn by_api_key(
    request: &HttpRequest,
    state: Arc<State>,
    client: Client,
    key: &str,
) -> Result<Caller, Problem> {
    let hash = auth::hash_token(key);
    let identity = identity_of_key(&state, hash).await?;
    let identity = identity.ok_or_else(|| Problem::new(ProblemType::ApiKeyInvalid))?;
    let Recognized::ApiKey {
        id,
        ref allowed_ips,
        rate_per_minute,
    } = identity.by
    else {
        return Err(Problem::new(ProblemType::ApiKeyInvalid));
    };
    let allowed = allowed_ips.is_empty()
        || client
            .ip
            .is_some_and(|ip| allowed_ips.iter().any(|net| net.contains(&ip)));
    if !allowed {
        return Err(Problem::new(ProblemType::AddressNotAllowed));
    }
    take(request, &state, &format!("api-key:{id}"), rate_per_minute).await?;
    Ok(Caller {
        actor: actor(&identity, Via::ApiKey(id), None, &client),
        must_change_password: false,
        claims: None,
        key_hash: Some(hash),
        state,
    })
}

async fn identity_of_key(state: &State, hash: [u8; 32]) -> Result<Option<Arc<Identity>>, Problem> {
    let cache_key = CredentialKey::ApiKey(hash);
    let cached = state.identities.get(&cache_key).await;
    let fresh = match &cached {
        Some(identity) => !auth::changed_lately(&state.ctx, identity.user_id).await?,
        None => false,
    };
    if fresh {
        return Ok(cached);
    }
    let identity = auth::identify_api_key(&state.ctx, &hash).await?;
    Ok(remember(state, cache_key, identity).await)
}

async fn remembered(
    state: &State,
    key: &CredentialKey,
    user_id: UserId,
    impersonator: Option<UserId>,
) -> Result<Option<Arc<Identity>>, Problem> {
    let Some(identity) = state.identities.get(key).await else {
        return Ok(None);
    };
    let mut changed = auth::changed_lately(&state.ctx, user_id).await?;
    if let Some(impersonator) = impersonator {
        changed |= auth::changed_lately(&state.ctx, impersonator).await?;
    }
    Ok((!changed).then_some(identity))
}

async fn remember(
    state: &State,
    key: CredentialKey,
    identity: Option<Identity>,
) -> Option<Arc<Identity>> {
    let identity = Arc::new(identity?);
    state.identities.insert(key, Arc::clone(&identity)).await;
    Some(identity)
}

fn actor(identity: &Identity, via: Via, impersonator: Option<UserId>, client: &Client) -> Actor {
    Actor::Person(Person {
        user_id: identity.user_id,
        role: identity.role,
        reach: identity.reach.clone(),
        permissions: identity.permissions,
        via,
        impersonator,
        origin: client.origin(),
    })
}

/// Counts a call; the window is five minutes long, so that a burst passes and the average holds.
pub(super) async fn take(
    request: &HttpRequest,
    state: &State,
    key: &str,
    per_minute: u32,
) -> Result<(), Problem> {
    let limit = per_minute.saturating_mul(5);
    let decision = state
        .ctx
        .shared
        .take(key, limit, Duration::from_secs(300))
        .await?;
    request.extensions_mut().insert(decision);
    if decision.allowed {
        return Ok(());
    }
    Err(Problem::new(ProblemType::TooManyRequests).retry_after(decision.retry_after))
}

/// The sign-in behind a caller, when it is one.
pub(super) const fn sign_in_of(actor: &Actor) -> Option<SignInId> {
    match actor {
        Actor::Person(Person {
            via: Via::SignIn(id),
            ..
        }) => Some(*id),
        Actor::Person(_) | Actor::System(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (written, meant) in [
            ("203.0.113.5", "203.0.113.5"),
            ("203.0.113.5:4711", "203.0.113.5"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
        ] {
            assert_eq!(address(written), meant.parse().ok(), "{written}");
        }
        for nobody in ["", "unknown", "203.0.113", "_hidden"] {
            assert_eq!(address(nobody), None, "{nobody}");
        }
    }
}
