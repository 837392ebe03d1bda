//! What an ISP sells.

use chrono::{DateTime, Utc};

mod check;
mod check_access;

pub use self::check::check_terms;
pub(crate) use self::check::{MAX_ROUTER_NAME, MAX_SESSIONS, check_rate};
pub use crate::network::access_terms::AccessTerms;
pub use crate::network::rate_limit::{Burst, RateLimit};
use crate::{
    customer::BillingType,
    ids::{IspId, PackageId},
    money::Money,
    period::Cycle,
};

/// Whether a package is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PackageStatus {
    /// Sold.
    Active,
    /// Kept by those who have it, sold to nobody else.
    Retired,
}

impl PackageStatus {
    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Active, Self::Retired]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

/// A package.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// Its identifier.
    pub id: PackageId,
    /// Whose.
    pub isp_id: IspId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Whether it is sold.
    pub status: PackageStatus,
    /// What it is.
    pub terms: PackageTerms,
}

/// What a package gives and costs.
#[derive(Debug, Clone, PartialEq)]
pub struct PackageTerms {
    /// Its name, unique inside the ISP.
    pub name: String,
    /// How fast.
    pub rate: RateLimit,
    /// Whether the router sets the rate, so that none is sent.
    pub rate_managed_by_router: bool,
    /// What a cycle costs.
    pub price: Money,
    /// How long a cycle is.
    pub cycle: Cycle,
    /// When it is paid.
    pub billing_type: BillingType,
    /// The address pool on the router.
    pub pool: Option<String>,
    /// The firewall address list on the router.
    pub address_list: Option<String>,
    /// The PPP or hotspot profile on the router.
    pub router_profile: Option<String>,
    /// How many sessions at once.
    pub simultaneous_use: u32,
    /// Limits, time windows, devices and IPv6.
    pub access: AccessTerms,
}
