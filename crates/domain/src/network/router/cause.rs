//! Why a router cannot be managed, each with something else to do about it.

use serde::{Deserialize, Serialize};

/// Why a router cannot be managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckCause {
    /// Its name has no address.
    NameUnknown,
    /// No way leads to its address.
    NoRoute,
    /// Nothing listens on that port.
    ConnectionRefused,
    /// Silence: a firewall, or an address that `/ip service` does not serve.
    NoAnswer,
    /// The connection broke.
    Lost,
    /// It let us in and then did not answer.
    Hangs,
    /// Something else than the API answers on that port.
    NotRouterOs,
    /// `api-ssl` has no certificate.
    NoCertificate,
    /// User or password is wrong.
    WrongLogin,
    /// The user may not read what is needed.
    NotPermitted,
    /// Its version is not supported.
    NotSupported,
    /// The stored password cannot be opened: its key is not configured any more.
    PasswordUnreadable,
    /// Its address, or what its name leads to, is closed by the configuration.
    NotAllowed,
}

impl CheckCause {
    /// Every cause.
    pub const ALL: [Self; 13] = [
        Self::NameUnknown,
        Self::NoRoute,
        Self::ConnectionRefused,
        Self::NoAnswer,
        Self::Lost,
        Self::Hangs,
        Self::NotRouterOs,
        Self::NoCertificate,
        Self::WrongLogin,
        Self::NotPermitted,
        Self::NotSupported,
        Self::PasswordUnreadable,
        Self::NotAllowed,
    ];

    /// The machine word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NameUnknown => "name_unknown",
            Self::NoRoute => "no_route",
            Self::ConnectionRefused => "connection_refused",
            Self::NoAnswer => "no_answer",
            Self::Lost => "lost",
            Self::Hangs => "hangs",
            Self::NotRouterOs => "not_router_os",
            Self::NoCertificate => "no_certificate",
            Self::WrongLogin => "wrong_login",
            Self::NotPermitted => "not_permitted",
            Self::NotSupported => "not_supported",
            Self::PasswordUnreadable => "password_unreadable",
            Self::NotAllowed => "not_allowed",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }

    /// Whether the router may be back any moment, without anybody changing a setting.
    #[must_use]
    pub const fn passes_by_itself(self) -> bool {
        match self {
            Self::NameUnknown
            | Self::NoRoute
            | Self::ConnectionRefused
            | Self::NoAnswer
            | Self::Lost
            | Self::Hangs => true,
            Self::NotRouterOs
            | Self::NoCertificate
            | Self::WrongLogin
            | Self::NotPermitted
            | Self::NotSupported
            | Self::PasswordUnreadable
            | Self::NotAllowed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{event::DomainEvent, ids::RouterId};

    #[test]
    fn a_cause_is_told_by_its_word() {
        for cause in CheckCause::ALL {
            let router_id = RouterId::generate();
            let told = DomainEvent::RouterWentAway { router_id, cause };
            let expected = json!({
                "kind": "router_went_away",
                "router_id": router_id,
                "cause": cause.as_str(),
            });
            assert_eq!(serde_json::to_value(&told).unwrap(), expected);
            let read: DomainEvent = serde_json::from_value(expected).unwrap();
            assert_eq!(read, told);
            assert_eq!(CheckCause::parse(cause.as_str()), Some(cause));
        }
    }
}
