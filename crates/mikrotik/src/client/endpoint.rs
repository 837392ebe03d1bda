//! Where a router is, and who asks.

use std::fmt;

use domain::network::router::Fingerprint;
use zeroize::Zeroizing;

/// Where a router's API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its address or name.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// Whether, and by what certificate, the connection is protected.
    pub security: Security,
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// In the clear: for networks that are trusted otherwise.
    Plain,
    /// TLS with exactly this certificate.
    Pinned(Fingerprint),
}

/// Who asks.
#[derive(Clone)]
pub struct Credentials {
    pub(super) name: String,
    pub(super) password: Zeroizing<String>,
}

impl Credentials {
    /// A user of the router.
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            password: Zeroizing::new(password.into()),
        }
    }
}

impl fmt::Debug for Credentials {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
