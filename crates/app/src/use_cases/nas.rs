//! Routers as RADIUS clients.

mod create;
mod edit;
mod forget_learnt;
mod list;
mod reveal_secret;

pub use self::create::{CreateNas, NasCreated, create_nas};
pub use self::edit::{EditNas, edit_nas};
pub use self::forget_learnt::forget_learnt_nas;
pub use self::list::{drops_unsigned, get_nas, is_online, list_nas, nas_counters, nas_sources};
pub use self::reveal_secret::reveal_nas_secret;
use domain::{
    field::FieldProblem,
    network::nas::{InvalidNas, RequireMessageAuthenticator},
};
use persistence::{Constraint, Error, repo::nas::NasRecord};
use serde_json::{Value, json};

/// Why a RADIUS client stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum NasError {
    /// Some fields are not good.
    #[error("some fields are not good")]
    Invalid(Vec<FieldProblem>),
    /// Another RADIUS client of the ISP has that name.
    #[error("another NAS has this name")]
    NameTaken,
    /// Another RADIUS client sends from that address.
    #[error("another NAS has this address")]
    AddressTaken,
    /// Another RADIUS client is known by that certificate.
    #[error("another NAS is known by this certificate")]
    RadSecIdentityTaken,
    /// The RADIUS client is not there, or not within reach.
    #[error("no such NAS")]
    Missing,
    /// The database, or the keys.
    #[error(transparent)]
    Infra(#[from] Error),
}

fn taken(error: Error) -> NasError {
    if error.conflicts_with(Constraint::NasName) {
        return NasError::NameTaken;
    }
    if error.conflicts_with(Constraint::NasAddress) {
        return NasError::AddressTaken;
    }
    if error.conflicts_with(Constraint::NasRadSecIdentity) {
        return NasError::RadSecIdentityTaken;
    }
    NasError::Infra(error)
}

const fn code(problem: InvalidNas) -> &'static str {
    match problem {
        InvalidNas::Address => "invalid_address",
        InvalidNas::TooWide => "network_too_wide",
        InvalidNas::Secret => "weak_secret",
        InvalidNas::WellKnownSecret => "well_known_secret",
    }
}

fn snapshot(nas: &NasRecord) -> Value {
    json!({
        "name": nas.name,
        "address": nas.address.to_string(),
        "coa_port": nas.coa_port,
        "require_message_authenticator":
            RequireMessageAuthenticator::as_str(nas.require_message_authenticator),
        "limit_proxy_state": nas.limit_proxy_state.as_str(),
        "swap_octets": nas.swap_octets,
        "max_requests_per_second": nas.limits.max_requests_per_second,
        "max_in_flight": nas.limits.max_in_flight,
        "radsec_identity": nas.radsec_identity,
        "old_secret_until": nas.old_secret_until,
        "status": nas.status.as_str(),
    })
}
