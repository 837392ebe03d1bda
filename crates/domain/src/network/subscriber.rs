//! What the login decision knows of one customer's access.
//!
//! A million of these live in memory: what is the same for everybody on a package is shared, and what
//! few customers have stands in a box that the others do without.

use std::net::Ipv4Addr;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::customer::CustomerStatus;
use crate::ids::{CustomerId, IspId};
use crate::mac::MacAddress;
use crate::network::access_terms::AccessTerms;
use crate::network::overrides::Overrides;
use crate::network::rate_limit::RateLimit;
use crate::network::restriction::Restriction;
use crate::network::secret::SecretBytes;

/// The compact entry of the login index: everything a login needs and nothing else.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// The customer behind the user name.
    pub customer_id: CustomerId,
    /// The ISP the customer belongs to.
    pub isp_id: IspId,
    /// The name as it is stored; policies and accounting use this spelling.
    pub username: Box<str>,
    /// The clear password: CHAP and MS-CHAP cannot be checked against a hash.
    pub password: SecretBytes,
    /// State of the customer.
    pub status: CustomerStatus,
    /// When service ends by itself; absent for postpaid customers.
    pub expires_at: Option<DateTime<Utc>>,
    /// Fixed address of the customer.
    pub static_ipv4: Option<Ipv4Addr>,
    /// What the package gives.
    pub package: Arc<ServicePackage>,
    /// What differs from the package, or narrows it.
    pub extras: Option<Box<SubscriberExtras>>,
}

/// What few subscribers have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubscriberExtras {
    /// What this customer has instead of what the package says.
    pub overrides: Option<Overrides>,
    /// What usage has led to.
    pub restrictions: Vec<Restriction>,
    /// Devices the customer may log in with, when the package binds them.
    pub macs: Vec<MacAddress>,
}

impl SubscriberExtras {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.overrides.is_none() && self.restrictions.is_empty() && self.macs.is_empty()
    }
}

impl Subscriber {
    /// An active subscriber without an end, on a package that says nothing.
    #[must_use]
    pub fn new(
        customer_id: CustomerId,
        isp_id: IspId,
        username: &str,
        password: SecretBytes,
    ) -> Self {
        Self {
            customer_id,
            isp_id,
            username: username.into(),
            password,
            status: CustomerStatus::Active,
            expires_at: None,
            static_ipv4: None,
            package: Arc::default(),
            extras: None,
        }
    }

    /// The overrides that count at that instant.
    #[must_use]
    pub fn overrides_at(&self, now: DateTime<Utc>) -> Option<&Overrides> {
        let overrides = self.extras.as_ref()?.overrides.as_ref()?;
        overrides.counts_at(now).then_some(overrides)
    }

    /// The restrictions that count at that instant.
    pub fn restrictions_at(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Restriction> {
        let all = self
            .extras
            .as_ref()
            .map_or(&[][..], |extras| &extras.restrictions);
        all.iter()
            .filter(move |restriction| restriction.counts_at(now))
    }

    /// The devices the customer is known by.
    #[must_use]
    pub fn macs(&self) -> &[MacAddress] {
        self.extras.as_ref().map_or(&[], |extras| &extras.macs)
    }
}

/// What a package gives at a login; one in memory for all its customers.
#[derive(Debug, Clone, PartialEq)]
pub struct ServicePackage {
    /// Bandwidth to set; absent when the router's profile manages it.
    pub rate: Option<RateLimit>,
    /// Address pool on the router.
    pub pool: Option<String>,
    /// Firewall address list on the router.
    pub address_list: Option<String>,
    /// PPP or hotspot profile on the router.
    pub router_profile: Option<String>,
    /// How many sessions may be open at once.
    pub simultaneous_use: u16,
    /// Limits, time windows, devices and IPv6.
    pub terms: AccessTerms,
}

impl Default for ServicePackage {
    fn default() -> Self {
        Self {
            rate: None,
            pool: None,
            address_list: None,
            router_profile: None,
            simultaneous_use: 1,
            terms: AccessTerms::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_stays_small() {
        // Every byte here is a megabyte for a million subscribers.
        assert!(
            size_of::<Subscriber>() <= 112,
            "{}",
            size_of::<Subscriber>()
        );
    }
}
