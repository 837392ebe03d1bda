//! What the login decision knows of one customer's access.

use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};

use crate::customer::CustomerStatus;
use crate::ids::{CustomerId, IspId};
use crate::network::rate_limit::RateLimit;
use crate::network::secret::SecretBytes;

/// The compact entry of the login index: everything a login needs and nothing else.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// The customer behind the user name.
    pub customer_id: CustomerId,
    /// The ISP the customer belongs to.
    pub isp_id: IspId,
    /// The name as it is stored; policies and accounting use this spelling.
    pub username: String,
    /// The clear password: CHAP and MS-CHAP cannot be checked against a hash.
    pub password: SecretBytes,
    /// State of the customer.
    pub status: CustomerStatus,
    /// When service ends by itself; absent for postpaid customers.
    pub expires_at: Option<DateTime<Utc>>,
    /// Bandwidth to set; absent when the router's profile manages it.
    pub rate: Option<RateLimit>,
    /// Address pool of the package.
    pub pool: Option<String>,
    /// Firewall address list of the package.
    pub address_list: Option<String>,
    /// PPP or hotspot profile the package maps to.
    pub router_profile: Option<String>,
    /// Fixed address of the customer.
    pub static_ipv4: Option<Ipv4Addr>,
    /// How many sessions may be open at once.
    pub simultaneous_use: u16,
    /// Seconds without traffic after which the router ends the session.
    pub idle_timeout: Option<u32>,
}
