//! A network access server: the router that asks us who may log in.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::ids::{IspId, NasId};
use crate::network::secret::SecretBytes;

/// The port of RFC 5176, which RouterOS takes by default too.
pub const DEFAULT_COA_PORT: u16 = 3799;

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
}

impl Nas {
    /// Whether a packet from `address` is one of this NAS.
    #[must_use]
    pub fn covers(&self, address: IpAddr) -> bool {
        self.network.contains(&address)
    }
}
