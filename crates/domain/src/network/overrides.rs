//! What one customer has instead of what the package says, for a while or for good.

use chrono::{DateTime, Utc};
use ipnet::Ipv6Net;
use serde::{Deserialize, Serialize};

use crate::network::rate_limit::RateLimit;

/// The terms that replace the package's; what is absent is as the package says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OverrideTerms {
    /// Another rate, with its own burst or none.
    pub rate: Option<RateLimit>,
    /// Another address pool on the router.
    pub pool: Option<String>,
    /// Another firewall address list on the router.
    pub address_list: Option<String>,
    /// Another PPP or hotspot profile on the router.
    pub router_profile: Option<String>,
    /// Another number of sessions at once.
    pub simultaneous_use: Option<u16>,
    /// A fixed IPv6 prefix for the link.
    pub ipv6_prefix: Option<Ipv6Net>,
    /// A fixed IPv6 prefix that is delegated to the customer's router.
    pub delegated_ipv6_prefix: Option<Ipv6Net>,
}

/// Overrides and how long they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overrides {
    /// What replaces the package's terms.
    pub terms: OverrideTerms,
    /// When they end by themselves; absent when only a person ends them.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Overrides {
    /// Whether they count at that instant.
    #[must_use]
    pub fn counts_at(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|until| until > now)
    }
}
