//! The answer to a login, free of any protocol.

use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};
use ipnet::Ipv6Net;

use crate::ids::CustomerId;
use crate::mac::MacAddress;
use crate::network::rate_limit::RateLimit;

/// How far an accepted session reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// The Internet.
    Open,
    /// Only the payment pages of the ISP.
    Walled,
}

/// What an accepted session gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePolicy {
    /// The customer that was recognised.
    pub customer_id: CustomerId,
    /// Internet or walled garden.
    pub access: Access,
    /// Why the session is walled; absent when it is not.
    pub walled_for: Option<RejectCause>,
    /// Bandwidth; absent when the router's profile manages it.
    pub rate: Option<RateLimit>,
    /// Fixed address; a pool is never sent with it, since the router would ignore the pool.
    pub framed_ip: Option<Ipv4Addr>,
    /// Name of an address pool on the router.
    pub pool: Option<String>,
    /// Firewall address list the session's address joins.
    pub address_list: Option<String>,
    /// PPP or hotspot profile on the router.
    pub group: Option<String>,
    /// IPv6 for the session.
    pub ipv6: Ipv6Policy,
    /// Seconds after which the router ends the session.
    pub session_timeout: Option<u32>,
    /// The instant those seconds end at, when it is one of the calendar and not of the login.
    pub ends_at: Option<DateTime<Utc>>,
    /// Seconds without traffic after which the router ends the session.
    pub idle_timeout: Option<u32>,
    /// Bytes after which the router ends the session.
    pub limits_left: LimitsLeft,
    /// Seconds between two interim updates.
    pub interim_seconds: u32,
    /// How many sessions the customer may have open at once.
    pub simultaneous_use: u16,
    /// The device that is to become the customer's, since it is the first.
    pub binds_mac: Option<MacAddress>,
}

impl ServicePolicy {
    /// Access to the Internet without anything else.
    #[must_use]
    pub fn open(customer_id: CustomerId, interim_seconds: u32) -> Self {
        Self {
            customer_id,
            access: Access::Open,
            walled_for: None,
            rate: None,
            framed_ip: None,
            pool: None,
            address_list: None,
            group: None,
            ipv6: Ipv6Policy::default(),
            session_timeout: None,
            ends_at: None,
            idle_timeout: None,
            limits_left: LimitsLeft::default(),
            interim_seconds,
            simultaneous_use: 1,
            binds_mac: None,
        }
    }
}

/// IPv6 for a session: a fixed prefix each, or the router's pool of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ipv6Policy {
    /// Fixed prefix of the link.
    pub prefix: Option<Ipv6Net>,
    /// Pool for the prefix of the link.
    pub pool: Option<String>,
    /// Fixed prefix for the customer's own network.
    pub delegated_prefix: Option<Ipv6Net>,
    /// Pool for the prefix of the customer's own network.
    pub delegated_pool: Option<String>,
}

/// Bytes a session may still carry; what is absent is not limited by the router.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitsLeft {
    /// Both directions together, which only hotspots can count.
    pub total: Option<u64>,
    /// Upload of the customer.
    pub upload: Option<u64>,
    /// Download of the customer.
    pub download: Option<u64>,
}

/// Why a login was refused; a closed set that support and metrics can count on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RejectCause {
    /// No customer of this ISP has the user name.
    UnknownUser,
    /// The password is wrong, or the shared secret is: with PAP nobody can tell.
    WrongPassword,
    /// The customer is suspended.
    Suspended,
    /// The paid period is over.
    Expired,
    /// The customer was closed.
    Closed,
    /// The customer is not activated yet.
    Pending,
    /// This router may not serve the customer.
    NasNotAllowed,
    /// The device is not one of the customer's.
    MacNotBound,
    /// The volume or the time of the package is used up.
    QuotaUsed,
    /// The package is not to be used at this hour.
    OutsideTimeWindow,
    /// The router asked for EAP, which is not offered.
    EapUnsupported,
    /// The request carries no password of a kind we check.
    NoCredentials,
    /// As many sessions are open as the package allows.
    TooManySessions,
    /// Too many wrong passwords in a row; refused without another look for a while.
    Blocked,
    /// No home server of the realm answered.
    ProxyFailed,
    /// The home server of the realm said no.
    HomeRejected,
    /// As many logins of the realm wait for its home servers as may.
    RealmBusy,
    /// The request comes back through another proxy, or went through too many.
    ProxyLoop,
    /// The request contradicts itself or the protocol.
    Malformed,
}

impl RejectCause {
    /// Every cause, for tables and metrics.
    pub const ALL: [Self; 19] = [
        Self::UnknownUser,
        Self::WrongPassword,
        Self::Suspended,
        Self::Expired,
        Self::Closed,
        Self::Pending,
        Self::NasNotAllowed,
        Self::MacNotBound,
        Self::QuotaUsed,
        Self::OutsideTimeWindow,
        Self::EapUnsupported,
        Self::NoCredentials,
        Self::TooManySessions,
        Self::Blocked,
        Self::ProxyFailed,
        Self::HomeRejected,
        Self::RealmBusy,
        Self::ProxyLoop,
        Self::Malformed,
    ];

    /// The machine word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownUser => "unknown_user",
            Self::WrongPassword => "wrong_password",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Closed => "closed",
            Self::Pending => "pending",
            Self::NasNotAllowed => "nas_not_allowed",
            Self::MacNotBound => "mac_not_bound",
            Self::QuotaUsed => "quota_used",
            Self::OutsideTimeWindow => "outside_time_window",
            Self::EapUnsupported => "eap_unsupported",
            Self::NoCredentials => "no_credentials",
            Self::TooManySessions => "too_many_sessions",
            Self::Blocked => "blocked",
            Self::ProxyFailed => "proxy_failed",
            Self::HomeRejected => "home_rejected",
            Self::RealmBusy => "realm_busy",
            Self::ProxyLoop => "proxy_loop",
            Self::Malformed => "malformed",
        }
    }

    /// The plain sentence for Reply-Message; it does not tell whether the name or the password
    /// was wrong.
    #[must_use]
    pub const fn reply_message(self) -> &'static str {
        match self {
            Self::UnknownUser | Self::WrongPassword => "User name or password is wrong",
            Self::Suspended => "Your service is suspended, please contact your provider",
            Self::Expired => "Your package has expired, please recharge",
            Self::Closed => "This account is closed",
            Self::Pending => "This account is not activated yet",
            Self::NasNotAllowed => "You cannot log in from this place",
            Self::MacNotBound => "This device is not registered for this account",
            Self::QuotaUsed => "Your data or time is used up, please recharge",
            Self::OutsideTimeWindow => "Your package cannot be used at this hour",
            Self::EapUnsupported => "EAP is not supported, use PAP, CHAP or MS-CHAP",
            Self::NoCredentials => "The request carries no password",
            Self::TooManySessions => "This account is already in use",
            Self::Blocked => "Too many wrong passwords, please wait a minute",
            Self::ProxyFailed => "Your home provider does not answer, please try again",
            Self::HomeRejected => "Your home provider refused the login",
            Self::RealmBusy => "Your home provider is busy, please try again",
            Self::ProxyLoop => "This login goes in circles between providers",
            Self::Malformed => "The request is malformed",
        }
    }
}
