//! The list of customers and the page of one.
//!
//! A list must answer at once whatever it is asked, so the plan is chosen here and not left to
//! chance: few matches are gathered by the filter's index and sorted; of many, the index of the
//! order is walked and each row is checked. What is few is counted first, up to a limit.

mod count;
mod detail;
mod page;
mod search;

pub use self::detail::{CustomerDetail, detail};
pub use self::page::list;
pub use super::InvalidCursor;
use domain::{
    customer::{BillingType, ConnectionType, Customer, CustomerStatus},
    ids::{OperatorId, PackageId, ZoneId},
    money::Money,
};

/// Which customers are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// Of that status; nothing means all that are not closed.
    pub status: Option<CustomerStatus>,
    /// On that package.
    pub package_id: Option<PackageId>,
    /// In that zone.
    pub zone_id: Option<ZoneId>,
    /// Of that operator itself.
    pub operator_id: Option<OperatorId>,
    /// Connected that way.
    pub connection_type: Option<ConnectionType>,
    /// Paying that way.
    pub billing_type: Option<BillingType>,
    /// With a live session, or without.
    pub online: Option<bool>,
    /// Found by all of these words.
    pub search: Option<String>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CustomerSort {
    /// The newest number first.
    #[default]
    NumberDescending,
    /// The oldest number first.
    NumberAscending,
    /// By name.
    NameAscending,
    /// By name, from the end.
    NameDescending,
    /// Who runs out first; who never does comes last.
    ExpiryAscending,
    /// Who runs out last; who never does comes last.
    ExpiryDescending,
}

impl CustomerSort {
    /// Every order.
    pub const ALL: [Self; 6] = [
        Self::NumberDescending,
        Self::NumberAscending,
        Self::NameAscending,
        Self::NameDescending,
        Self::ExpiryAscending,
        Self::ExpiryDescending,
    ];

    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NumberDescending => "-number",
            Self::NumberAscending => "number",
            Self::NameAscending => "name",
            Self::NameDescending => "-name",
            Self::ExpiryAscending => "expires_at",
            Self::ExpiryDescending => "-expires_at",
        }
    }

    /// The order of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == name)
    }
}

/// A customer as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerItem {
    /// The customer.
    pub customer: Customer,
    /// The name of its package.
    pub package: String,
    /// The name of its zone.
    pub zone: Option<String>,
    /// The name of its operator.
    pub operator: Option<String>,
    /// Positive: credit with us; negative: owes.
    pub balance: Money,
    /// Whether a session is live.
    pub online: bool,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The cursor is not one of this list.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// The database.
    #[error(transparent)]
    Infra(#[from] crate::Error),
}
