//! Realms: subscribers of other providers, whose home servers decide about them.

mod create;
mod delete;
mod edit;
mod list;

pub use self::create::{CreateRealm, create_realm};
pub use self::delete::delete_realm;
pub use self::edit::{EditRealm, edit_realm};
pub use self::list::{get_realm, list_realms};
use std::net::IpAddr;

use domain::{
    field::{FieldProblem, Fields},
    network::{
        nas::check_secret,
        realm::{MAX_HOME_SERVERS, MOST_WAITING_LOGINS, parse_realm},
    },
};
use persistence::{
    Constraint, Error,
    repo::realms::{HomeServerRecord, RealmRecord},
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    ctx::AppCtx,
    use_cases::{NOT_ALLOWED, NOT_ALLOWED_DETAIL},
};

/// Why a realm stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum RealmError {
    /// Some fields are not good.
    #[error("some fields are not good")]
    Invalid(Vec<FieldProblem>),
    /// Another realm of the ISP has that name.
    #[error("another realm has this name")]
    NameTaken,
    /// The realm is not there, or not within reach.
    #[error("no such realm")]
    Missing,
    /// The database, or the keys.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// A home server as somebody names it.
#[derive(Clone)]
pub struct NamedHomeServer {
    /// Its address.
    pub address: String,
    /// Port for logins; 1812 when absent.
    pub auth_port: Option<u16>,
    /// Port for accounting; 1813 when absent.
    pub acct_port: Option<u16>,
    /// The secret shared with it; kept when absent and the address was named before.
    pub secret: Option<Zeroizing<String>>,
    /// Whether its answers to logins must carry a Message-Authenticator; yes when absent.
    pub require_message_authenticator: Option<bool>,
}

fn taken(error: Error) -> RealmError {
    if error.conflicts_with(Constraint::RealmName) {
        return RealmError::NameTaken;
    }
    RealmError::Infra(error)
}

fn name_of(fields: &mut Fields, raw: &str) -> String {
    parse_realm(raw).unwrap_or_else(|problem| {
        fields.refuse("name", "invalid_realm", problem.to_string());
        String::new()
    })
}

fn refuse_idle(fields: &mut Fields, authentication: bool, accounting: bool) {
    if !authentication && !accounting {
        let detail = "logins or accounting must go to the home servers: disable the realm instead";
        fields.refuse("authentication", "nothing_proxied", detail);
    }
}

fn check_waiting(fields: &mut Fields, max_waiting_logins: u32) {
    if !(1..=MOST_WAITING_LOGINS).contains(&max_waiting_logins) {
        let detail = format!("must be between 1 and {MOST_WAITING_LOGINS}");
        fields.refuse("max_waiting_logins", "out_of_range", detail);
    }
}

/// Checks the home servers; one without a secret keeps that of the same address among `known`.
fn servers_of(
    ctx: &AppCtx,
    fields: &mut Fields,
    named: &[NamedHomeServer],
    known: &[HomeServerRecord],
) -> Result<Vec<HomeServerRecord>, Error> {
    if !(1..=MAX_HOME_SERVERS).contains(&named.len()) {
        let detail = "must be at least 1 home server and at most 8";
        fields.refuse("home_servers", "out_of_range", detail);
    }
    let mut servers = Vec::with_capacity(named.len());
    for server in named {
        servers.extend(server_of(ctx, fields, server, known)?);
    }
    Ok(servers)
}

fn server_of(
    ctx: &AppCtx,
    fields: &mut Fields,
    named: &NamedHomeServer,
    known: &[HomeServerRecord],
) -> Result<Option<HomeServerRecord>, Error> {
    let mut refuse = |code, detail: String| {
        fields.refuse("home_servers", code, detail);
        Ok(None)
    };
    let address = named.address.trim();
    let Some(address) = address.parse().ok().filter(is_host) else {
        return refuse(
            "invalid_address",
            "must be the address of a host".to_owned(),
        );
    };
    if !ctx.outgoing.allows(address) {
        return refuse(NOT_ALLOWED, NOT_ALLOWED_DETAIL.to_owned());
    }
    let (auth_port, acct_port) = (
        named.auth_port.unwrap_or(1812),
        named.acct_port.unwrap_or(1813),
    );
    if auth_port == 0 || acct_port == 0 {
        return refuse("out_of_range", "ports are between 1 and 65535".to_owned());
    }
    let secret = match &named.secret {
        Some(secret) => {
            if let Err(problem) = check_secret(secret) {
                return refuse("weak_secret", format!("the secret of {address} {problem}"));
            }
            ctx.keyring
                .seal(secret.as_bytes())
                .map_err(|error| Error::Unexpected(error.to_string()))?
        }
        None => match known.iter().find(|server| server.address == address) {
            Some(server) => server.secret.clone(),
            None => return refuse("missing", format!("the secret of {address} is missing")),
        },
    };
    Ok(Some(HomeServerRecord {
        address,
        auth_port,
        acct_port,
        secret,
        require_message_authenticator: named.require_message_authenticator.unwrap_or(true),
    }))
}

fn is_host(address: &IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    !address.is_unspecified() && !address.is_multicast() && !is_broadcast
}

fn snapshot(realm: &RealmRecord) -> Value {
    let servers = realm.home_servers.iter().map(|server| {
        json!({
            "address": server.address.to_string(),
            "auth_port": server.auth_port,
            "acct_port": server.acct_port,
            "require_message_authenticator": server.require_message_authenticator,
        })
    });
    json!({
        "name": realm.name,
        "position": realm.position.as_str(),
        "strip": realm.strip,
        "authentication": realm.authentication,
        "accounting": realm.accounting,
        "max_waiting_logins": realm.max_waiting_logins,
        "status": realm.status.as_str(),
        "home_servers": servers.collect::<Vec<_>>(),
    })
}
