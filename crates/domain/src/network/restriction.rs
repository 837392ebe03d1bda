//! What usage has led to: a customer who is slowed down or stopped until a window ends.

use chrono::{DateTime, Utc};

use crate::customer::named_status as named;
use crate::ids::{CustomerId, IspId};
use crate::network::fup::Cause;
use crate::network::rate_limit::RateLimit;

named! {
    /// What a limit does when it is reached.
    LimitEffect {
        /// Slower, or in another pool or address list.
        Throttle = "throttle",
        /// Treated like somebody who has not paid: walled or refused, as the ISP sets it.
        Suspend = "suspend",
        /// Live sessions are ended, and new ones are treated like those of somebody suspended.
        Disconnect = "disconnect",
    }
}

/// A restriction in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// Whose customer.
    pub isp_id: IspId,
    /// Which customer.
    pub customer_id: CustomerId,
    /// Which rule.
    pub cause: Cause,
    /// What it does.
    pub effect: LimitEffect,
    /// Which tier of the fair use policy, counted from 1.
    pub tier: Option<u16>,
    /// The rate instead of the package's.
    pub rate: Option<RateLimit>,
    /// The pool instead of the package's.
    pub pool: Option<String>,
    /// The address list instead of the package's.
    pub address_list: Option<String>,
    /// Since when it is in force.
    pub since: DateTime<Utc>,
    /// When it lifts itself; absent when only a job or a person does.
    pub until: Option<DateTime<Utc>>,
    /// Whether a person set it, so that no evaluation takes it back.
    pub manual: bool,
}

impl Restriction {
    /// Whether it is in force at that instant.
    #[must_use]
    pub fn counts_at(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| until > now)
    }

    /// Whether it lets the customer go on, slower.
    #[must_use]
    pub const fn only_slows(&self) -> bool {
        match self.effect {
            LimitEffect::Throttle => true,
            LimitEffect::Suspend | LimitEffect::Disconnect => false,
        }
    }
}
