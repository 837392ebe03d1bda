//! Realms: subscribers of other providers, whose own RADIUS servers decide about them.

use std::net::IpAddr;

use crate::ids::{IspId, RealmId};
use crate::network::secret::SecretBytes;

/// The longest name of a realm, as in DNS.
pub const MAX_REALM: usize = 253;
/// How many home servers one realm may have.
pub const MAX_HOME_SERVERS: usize = 8;
/// How many logins of a realm may wait for its home servers unless it is set otherwise.
pub const WAITING_LOGINS: u32 = 128;
/// The most that can be set: one realm must never have all the room of a server.
pub const MOST_WAITING_LOGINS: u32 = 256;

/// Where the realm stands in a user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RealmPosition {
    /// `user@realm`.
    Suffix,
    /// `realm\user` or `realm/user`.
    Prefix,
}

impl RealmPosition {
    /// The word used in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suffix => "suffix",
            Self::Prefix => "prefix",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Suffix, Self::Prefix]
            .into_iter()
            .find(|position| position.as_str() == word)
    }

    /// Splits a user name into the user and the realm at that position.
    #[must_use]
    pub fn split(self, username: &str) -> Option<(&str, &str)> {
        match self {
            Self::Suffix => username.rsplit_once('@'),
            Self::Prefix => username
                .split_once(['\\', '/'])
                .map(|(realm, user)| (user, realm)),
        }
        .filter(|(user, realm)| !user.is_empty() && !realm.is_empty())
    }
}

/// A RADIUS server of another provider.
#[derive(Debug, Clone)]
pub struct HomeServer {
    /// Its address.
    pub address: IpAddr,
    /// Port for logins.
    pub auth_port: u16,
    /// Port for accounting.
    pub acct_port: u16,
    /// The secret shared with it.
    pub secret: SecretBytes,
    /// Whether its answers to logins must carry a Message-Authenticator (CVE-2024-3596).
    pub require_message_authenticator: bool,
}

/// Whose subscribers are asked about elsewhere, and where.
#[derive(Debug, Clone)]
pub struct Realm {
    /// Its id.
    pub id: RealmId,
    /// The ISP whose routers these subscribers may come to.
    pub isp_id: IspId,
    /// The name, in small letters.
    pub name: String,
    /// Where it stands in user names.
    pub position: RealmPosition,
    /// Whether the home servers get the user name without the realm.
    pub strip: bool,
    /// Whether logins are decided by the home servers.
    pub authentication: bool,
    /// Whether accounting is sent to the home servers too.
    pub accounting: bool,
    /// How many logins may wait for the home servers at once; more are refused.
    pub max_waiting_logins: u32,
    /// Who is asked, the first that is alive.
    pub home_servers: Vec<HomeServer>,
}

/// The text is no name of a realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a name of letters, digits, dots, hyphens and underscores, such as partner.example"
)]
pub struct InvalidRealm;

/// Reads the name of a realm into its one normal form.
///
/// # Errors
/// It holds other than letters, digits, dots, hyphens and underscores.
pub fn parse_realm(text: &str) -> Result<String, InvalidRealm> {
    let name = text.trim().to_ascii_lowercase();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if (1..=MAX_REALM).contains(&name.len()) && name.bytes().all(fits) {
        Ok(name)
    } else {
        Err(InvalidRealm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_split_where_the_realm_stands() {
        let (suffix, prefix) = (RealmPosition::Suffix, RealmPosition::Prefix);
        let table = [
            (
                suffix,
                "bob@partner.example",
                Some(("bob", "partner.example")),
            ),
            (suffix, "b@b@partner", Some(("b@b", "partner"))),
            (suffix, "bob", None),
            (suffix, "@partner", None),
            (suffix, "bob@", None),
            (prefix, "PARTNER\\bob", Some(("bob", "PARTNER"))),
            (prefix, "partner/bob@x", Some(("bob@x", "partner"))),
            (prefix, "bob@partner", None),
            (prefix, "partner/", None),
        ];
        for (position, name, parts) in table {
            assert_eq!(position.split(name), parts, "{name}");
        }
    }

    #[test]
    fn realms_have_one_form() {
        assert_eq!(
            parse_realm(" Partner.Example "),
            Ok("partner.example".into())
        );
        for wrong in ["", "a b", "a@b", "a\\b", "a\0", &"a".repeat(254)] {
            assert_eq!(parse_realm(wrong), Err(InvalidRealm), "{wrong}");
        }
    }
}
