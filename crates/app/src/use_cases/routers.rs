//! Routers that are watched over their API. Use cases speak with none of them: they say that a router
//! is due, and [`crate::router_watch`] looks.

mod check;
mod confirm_fingerprint;
mod create;
mod delete;
mod edit;
mod list;

pub use self::check::check_router;
pub use self::confirm_fingerprint::confirm_router_fingerprint;
pub use self::create::{CreateRouter, create_router};
pub use self::delete::delete_router;
pub use self::edit::{EditRouter, edit_router};
pub use self::list::{get_router, list_router_history, list_routers};
use domain::{
    field::{FieldProblem, Fields},
    network::router::{MAX_PASSWORD, MAX_USERNAME, parse_host},
};
use persistence::{Constraint, Error, repo::routers::RouterRecord};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    ctx::AppCtx,
    use_cases::{NOT_ALLOWED, NOT_ALLOWED_DETAIL},
};

const MAX_NAME: usize = 80;

/// Why a router stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum RouterError {
    /// Some fields are not good.
    #[error("some fields are not good")]
    Invalid(Vec<FieldProblem>),
    /// Another router of the ISP has that name.
    #[error("another router has this name")]
    NameTaken,
    /// The ISP watches that address and port already.
    #[error("another router has this address and port")]
    AddressTaken,
    /// Somebody else changed the router meanwhile.
    #[error("the router was changed meanwhile: look at it again")]
    StaleVersion,
    /// What was confirmed is not what the router shows now.
    #[error("the router shows another certificate now: look at it again")]
    OtherFingerprint,
    /// The router is not there, or not within reach.
    #[error("no such router")]
    Missing,
    /// The database, or the keys.
    #[error(transparent)]
    Infra(#[from] Error),
}

fn taken(error: Error) -> RouterError {
    if error.conflicts_with(Constraint::RouterName) {
        return RouterError::NameTaken;
    }
    if error.conflicts_with(Constraint::RouterAddress) {
        return RouterError::AddressTaken;
    }
    RouterError::Infra(error)
}

fn name_of(fields: &mut Fields, raw: &str) -> String {
    fields.line("name", raw, MAX_NAME)
}

fn host_of(ctx: &AppCtx, fields: &mut Fields, raw: &str) -> String {
    let host = parse_host(raw).unwrap_or_else(|problem| {
        fields.refuse("address", "invalid_host", problem.to_string());
        String::new()
    });
    if !ctx.outgoing.may_enter(&host) {
        fields.refuse("address", NOT_ALLOWED, NOT_ALLOWED_DETAIL);
    }
    host
}

fn port_of(fields: &mut Fields, port: u16) -> u16 {
    if port == 0 {
        fields.refuse("port", "out_of_range", "must be between 1 and 65535");
    }
    port
}

fn username_of(fields: &mut Fields, raw: &str) -> String {
    fields.line("username", raw, MAX_USERNAME)
}

/// Routers leave the factory with an empty password, so none is too short.
fn refuse_unsendable(fields: &mut Fields, password: &str) {
    if password.chars().any(char::is_control) {
        let detail = "must not hold control characters";
        fields.refuse("password", "invalid_characters", detail);
    }
    if password.chars().count() > MAX_PASSWORD {
        let detail = format!("must have at most {MAX_PASSWORD} characters");
        fields.refuse("password", "too_long", detail);
    }
}

fn sealed(ctx: &AppCtx, password: &Zeroizing<String>) -> Result<Vec<u8>, Error> {
    ctx.keyring
        .seal(password.as_bytes())
        .map_err(|error| Error::Unexpected(error.to_string()))
}

/// What the audit trail shows; the password is never in it.
fn snapshot(router: &RouterRecord) -> Value {
    json!({
        "name": router.name,
        "address": router.host,
        "port": router.port,
        "tls": router.tls,
        "username": router.username,
        "nas_id": router.nas_id,
        "watched": router.watched,
        "fingerprint": router.pinned.map(|pinned| pinned.to_string()),
    })
}
