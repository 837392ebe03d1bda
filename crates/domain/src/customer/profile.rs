//! What is known of a subscriber.

use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};

use super::status::{CustomerStatus, Standing, SuspensionReason, lacks_paid_time, named};
use crate::{
    authz::CustomerRef,
    ids::{CustomerId, IspId, OperatorId, PackageId, ZoneId},
    phone::PhoneNumber,
    username::Username,
};

named! {
    /// How a subscriber is connected.
    ConnectionType {
        /// Dials in by PPPoE.
        Pppoe = "pppoe",
        /// Logs in at a hotspot.
        Hotspot = "hotspot",
        /// Has an address of its own without logging in.
        StaticIp = "static_ip",
        /// Something else.
        Other = "other",
    }
}

named! {
    /// When a subscriber pays.
    BillingType {
        /// Before the service.
        Prepaid = "prepaid",
        /// After it.
        Postpaid = "postpaid",
    }
}

named! {
    /// What stands at the subscriber's end of the line.
    DeviceType {
        /// A router.
        Router = "router",
        /// A computer.
        Pc = "pc",
        /// A phone.
        Mobile = "mobile",
        /// Something else.
        Other = "other",
    }
}

/// A subscriber.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// Its identifier.
    pub id: CustomerId,
    /// Whose.
    pub isp_id: IspId,
    /// The number shown to people, counted per ISP.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Where it is called.
    pub mobile: Option<PhoneNumber>,
    /// Where it is written to.
    pub email: Option<String>,
    /// An identity paper's number.
    pub national_id: Option<String>,
    /// How it is connected.
    pub connection_type: ConnectionType,
    /// The login name for the network.
    pub username: Username,
    /// When it pays.
    pub billing_type: BillingType,
    /// Where it stands.
    pub status: CustomerStatus,
    /// Why it is suspended.
    pub status_reason: Option<SuspensionReason>,
    /// When the status last changed.
    pub status_changed_at: DateTime<Utc>,
    /// What it buys.
    pub package_id: PackageId,
    /// Where it lives.
    pub zone_id: Option<ZoneId>,
    /// Whose customer it is; nothing means the ISP's own.
    pub operator_id: Option<OperatorId>,
    /// Where exactly.
    pub address: Option<String>,
    /// What stands there.
    pub device_type: Option<DeviceType>,
    /// An address of its own.
    pub static_ipv4: Option<Ipv4Addr>,
    /// Until when it is served.
    pub expires_at: Option<DateTime<Utc>>,
    /// The day of the month that its periods aim at.
    pub anchor_day: u32,
    /// Whether credit buys the next period by itself.
    pub auto_renew: bool,
    /// What people should know.
    pub notes: Option<String>,
    /// Counts edits, for `If-Match`.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Customer {
    /// Its reference, for proofs.
    #[must_use]
    pub const fn as_ref(&self) -> CustomerRef {
        CustomerRef {
            id: self.id,
            isp_id: self.isp_id,
            operator_id: self.operator_id,
        }
    }

    /// What its life depends on at that instant.
    #[must_use]
    pub fn standing(&self, online: bool, now: DateTime<Utc>) -> Standing {
        Standing {
            status: self.status,
            paid_time_over: lacks_paid_time(self.status, self.billing_type, self.expires_at, now),
            online,
        }
    }
}

/// What is needed to make a subscriber. References are checked to lie in the same ISP before.
#[derive(Debug, Clone)]
pub struct NewCustomer {
    /// Its name.
    pub name: String,
    /// Where it is called.
    pub mobile: Option<PhoneNumber>,
    /// Where it is written to.
    pub email: Option<String>,
    /// An identity paper's number.
    pub national_id: Option<String>,
    /// How it is connected.
    pub connection_type: ConnectionType,
    /// The login name for the network.
    pub username: Username,
    /// The password for the network.
    pub password: String,
    /// When it pays.
    pub billing_type: BillingType,
    /// Where it starts: pending or active (or suspended, when it comes from elsewhere).
    pub status: CustomerStatus,
    /// What it buys.
    pub package_id: PackageId,
    /// Where it lives.
    pub zone_id: Option<ZoneId>,
    /// Whose customer it is.
    pub operator_id: Option<OperatorId>,
    /// Where exactly.
    pub address: Option<String>,
    /// What stands there.
    pub device_type: Option<DeviceType>,
    /// An address of its own.
    pub static_ipv4: Option<Ipv4Addr>,
    /// Until when it is served.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether credit buys the next period by itself.
    pub auto_renew: bool,
    /// What people should know.
    pub notes: Option<String>,
}
