//! The answer to a login, free of any protocol.

use std::net::Ipv4Addr;

use crate::ids::CustomerId;
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
    /// Seconds after which the router ends the session.
    pub session_timeout: Option<u32>,
    /// Seconds without traffic after which the router ends the session.
    pub idle_timeout: Option<u32>,
    /// Seconds between two interim updates.
    pub interim_seconds: u32,
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
    /// The router asked for EAP, which is not offered.
    EapUnsupported,
    /// The request carries no password of a kind we check.
    NoCredentials,
    /// As many sessions are open as the package allows.
    TooManySessions,
    /// The request contradicts itself or the protocol.
    Malformed,
}

impl RejectCause {
    /// Every cause, for tables and metrics.
    pub const ALL: [Self; 11] = [
        Self::UnknownUser,
        Self::WrongPassword,
        Self::Suspended,
        Self::Expired,
        Self::Closed,
        Self::Pending,
        Self::NasNotAllowed,
        Self::EapUnsupported,
        Self::NoCredentials,
        Self::TooManySessions,
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
            Self::EapUnsupported => "eap_unsupported",
            Self::NoCredentials => "no_credentials",
            Self::TooManySessions => "too_many_sessions",
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
            Self::EapUnsupported => "EAP is not supported, use PAP, CHAP or MS-CHAP",
            Self::NoCredentials => "The request carries no password",
            Self::TooManySessions => "This account is already in use",
            Self::Malformed => "The request is malformed",
        }
    }
}
