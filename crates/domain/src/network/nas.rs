//! A network access server: the router that asks us who may log in.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use crate::ids::{IspId, NasId};
use crate::network::secret::SecretBytes;

/// The port of RFC 5176, which RouterOS takes by default too.
pub const DEFAULT_COA_PORT: u16 = 3799;

/// The shortest secret that is taken: RFC 2865 asks for at least 16 octets, old routers have 12.
pub const MIN_SECRET: usize = 12;
/// The longest secret that routers take.
pub const MAX_SECRET: usize = 64;

/// Why an address or a secret of a NAS is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNas {
    /// Not an address.
    #[error("must be an IP address or a network such as 203.0.113.0/28")]
    Address,
    /// A network of more addresses than one ISP's routers have.
    #[error("is too large a network: name the routers' own addresses")]
    TooWide,
    /// A secret that is guessed in no time.
    #[error("must have {MIN_SECRET} to {MAX_SECRET} letters, digits and signs, without blanks")]
    Secret,
    /// A secret that stands in every manual.
    #[error("stands in every manual: leave it out and a strong one is made")]
    WellKnownSecret,
}

/// Reads an address or a network; bits behind the prefix are cleared.
pub fn parse_network(text: &str) -> Result<IpNet, InvalidNas> {
    let text = text.trim();
    let network = text
        .parse::<IpNet>()
        .or_else(|_| {
            let address = text.parse::<IpAddr>();
            address.map(|address| IpNet::from(address.to_canonical()))
        })
        .map_err(|_| InvalidNas::Address)?
        .trunc();
    let shortest = match network {
        IpNet::V4(_) => 16,
        IpNet::V6(_) => 48,
    };
    if network.prefix_len() < shortest {
        return Err(InvalidNas::TooWide);
    }
    Ok(network)
}

/// Checks a secret that a person chose.
pub fn check_secret(secret: &str) -> Result<(), InvalidNas> {
    const WELL_KNOWN: [&str; 4] = ["testing123", "radius", "secret", "mikrotik"];
    let lower = secret.to_ascii_lowercase();
    if WELL_KNOWN.iter().any(|word| lower.starts_with(word)) {
        return Err(InvalidNas::WellKnownSecret);
    }
    let length_fits = (MIN_SECRET..=MAX_SECRET).contains(&secret.len());
    if length_fits && secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(InvalidNas::Secret)
    }
}

/// Whether Access-Requests of a NAS must carry a Message-Authenticator (CVE-2024-3596).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RequireMessageAuthenticator {
    /// Required from the first valid one on; old clients that never send it keep working.
    #[default]
    Auto,
    /// Always required.
    Yes,
    /// Never required, only verified when present.
    No,
}

impl RequireMessageAuthenticator {
    /// The word used in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Yes => "yes",
            Self::No => "no",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "auto" => Some(Self::Auto),
            "yes" => Some(Self::Yes),
            "no" => Some(Self::No),
            _ => None,
        }
    }
}

/// Whether an Access-Request with Proxy-State must carry a Message-Authenticator (CVE-2024-3596);
/// the words mean what they mean to `FreeRADIUS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LimitProxyState {
    /// Decided by the first Access-Request of an address: one without Proxy-State comes from a
    /// router, which is held to it; one with it and unsigned comes from an old proxy.
    #[default]
    Auto,
    /// Unsigned requests with Proxy-State are dropped.
    Yes,
    /// They are taken.
    No,
}

impl LimitProxyState {
    /// The word used in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Yes => "yes",
            Self::No => "no",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Auto, Self::Yes, Self::No]
            .into_iter()
            .find(|rule| rule.as_str() == word)
    }
}

/// How much one NAS may ask of us; absent means as much as we can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientLimits {
    /// Requests taken in one second, logins and accounting counted apart.
    pub max_requests_per_second: Option<u32>,
    /// Requests under way at once, logins and accounting counted apart.
    pub max_in_flight: Option<u32>,
}

/// What was learnt about one address of a NAS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Learnt {
    /// It has proven that it signs.
    pub signs: bool,
    /// Whether unsigned requests with Proxy-State are dropped; unknown before the first request.
    pub limits_proxy_state: Option<bool>,
    /// When the NAS first proved from there that it knows the secret.
    pub proven_at: Option<DateTime<Utc>>,
}

/// Who says that an address is a router of theirs: of each ISP one NAS, that with the longest prefix.
///
/// Nobody is asked whether it is true, so that an ISP cannot stand in the way of another by saying
/// so. Where several do, the packet itself must say whose it is.
#[derive(Debug, Clone, Default)]
pub enum Claims {
    /// It is a stranger's.
    #[default]
    Nobody,
    /// One ISP says so.
    One(Arc<Nas>),
    /// Several do, in the order in which they first said so.
    Several(Arc<[Arc<Nas>]>),
}

impl Claims {
    /// The NAS of that ISP.
    #[must_use]
    pub fn of(&self, isp_id: IspId) -> Option<Arc<Nas>> {
        let claims = match self {
            Self::Nobody => return None,
            Self::One(nas) => std::slice::from_ref(nas),
            Self::Several(claims) => claims,
        };
        claims
            .iter()
            .find(|nas| nas.isp_id == isp_id)
            .map(Arc::clone)
    }
}

impl From<Vec<Arc<Nas>>> for Claims {
    fn from(claims: Vec<Arc<Nas>>) -> Self {
        match <[Arc<Nas>; 1]>::try_from(claims) {
            Ok([nas]) => Self::One(nas),
            Err(claims) if claims.is_empty() => Self::Nobody,
            Err(claims) => Self::Several(claims.into()),
        }
    }
}

/// The secret before the present one, taken for a while so that routers can be changed one by one.
#[derive(Debug, Clone)]
pub struct OldSecret {
    /// The secret.
    pub secret: SecretBytes,
    /// Until when it is taken.
    pub until: DateTime<Utc>,
}

/// One RADIUS client: a router, or a network of routers, that shares a secret with us.
#[derive(Debug, Clone)]
pub struct Nas {
    /// Its id.
    pub id: NasId,
    /// The ISP that owns it; subscribers are looked up in this ISP only.
    pub isp_id: IspId,
    /// Name for people.
    pub name: String,
    /// Addresses it sends from; a single router is a /32 or /128.
    pub network: IpNet,
    /// The RADIUS shared secret.
    pub secret: SecretBytes,
    /// The BlastRADIUS rule for its Access-Requests.
    pub require_message_authenticator: RequireMessageAuthenticator,
    /// Port on which it takes Disconnect- and CoA-Requests.
    pub coa_port: u16,
    /// Its accounting counts input and output the other way round.
    pub swap_octets: bool,
    /// The BlastRADIUS rule for Access-Requests with Proxy-State.
    pub limit_proxy_state: LimitProxyState,
    /// How much it may ask of us.
    pub limits: ClientLimits,
    /// The secret before, while it is still taken.
    pub old_secret: Option<OldSecret>,
    /// What was learnt about its addresses.
    pub learnt: BTreeMap<IpAddr, Learnt>,
    /// When somebody had everything learnt forgotten.
    pub forgotten_at: Option<DateTime<Utc>>,
}

impl Nas {
    /// A NAS with the usual rules.
    #[must_use]
    pub fn new(
        id: NasId,
        isp_id: IspId,
        name: String,
        network: IpNet,
        secret: SecretBytes,
    ) -> Self {
        Self {
            id,
            isp_id,
            name,
            network,
            secret,
            require_message_authenticator: RequireMessageAuthenticator::default(),
            coa_port: DEFAULT_COA_PORT,
            swap_octets: false,
            limit_proxy_state: LimitProxyState::default(),
            limits: ClientLimits::default(),
            old_secret: None,
            learnt: BTreeMap::new(),
            forgotten_at: None,
        }
    }

    /// The secrets that are taken now, the present one first.
    pub fn secrets(&self, now: DateTime<Utc>) -> impl Iterator<Item = &SecretBytes> {
        let old = self.old_secret.as_ref().filter(move |old| old.until > now);
        std::iter::once(&self.secret).chain(old.map(|old| &old.secret))
    }

    /// Whether a packet from `address` is one of this NAS.
    #[must_use]
    pub fn covers(&self, address: IpAddr) -> bool {
        self.network.contains(&address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_are_read() {
        for (text, network) in [
            ("203.0.113.7", "203.0.113.7/32"),
            (" 203.0.113.9/28 ", "203.0.113.0/28"),
            ("2001:db8::1", "2001:db8::1/128"),
            ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ] {
            assert_eq!(
                parse_network(text).map(|n| n.to_string()),
                Ok(network.to_owned())
            );
        }
        assert_eq!(parse_network("0.0.0.0/0"), Err(InvalidNas::TooWide));
        assert_eq!(parse_network("router.example"), Err(InvalidNas::Address));
    }

    #[test]
    fn weak_secrets_are_refused() {
        assert_eq!(check_secret("c0rrect-horse-9"), Ok(()));
        assert_eq!(check_secret("short"), Err(InvalidNas::Secret));
        assert_eq!(check_secret("has a blank in it"), Err(InvalidNas::Secret));
        for known in ["testing123", "TESTING123456"] {
            assert_eq!(check_secret(known), Err(InvalidNas::WellKnownSecret));
        }
    }
}
