//! What a package says about access beyond its rate: limits, time windows, devices, IPv6.

use serde::{Deserialize, Serialize};

use crate::ids::NasId;
use crate::network::fup::{Counts, Window};
use crate::network::rate_limit::RateLimit;
use crate::network::restriction::LimitEffect;
use crate::network::time_window::TimeWindow;

/// How many bytes a customer may use, and what happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeLimit {
    /// The bytes of a window.
    pub octets: u64,
    /// Which bytes count.
    pub counts: Counts,
    /// When the count begins again.
    pub window: Window,
    /// What happens when they are used.
    pub on_reached: LimitEffect,
    /// The rate afterwards, when it throttles.
    #[serde(default)]
    pub throttled: Option<RateLimit>,
    /// Whether what is left goes into the next window, once.
    #[serde(default)]
    pub rollover: bool,
}

/// How long a customer may be online, and what happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeLimit {
    /// The seconds of a window.
    pub seconds: u64,
    /// When the count begins again.
    pub window: Window,
    /// What happens when they are used.
    pub on_reached: LimitEffect,
    /// The rate afterwards, when it throttles.
    #[serde(default)]
    pub throttled: Option<RateLimit>,
}

/// Terms of access; what is absent is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccessTerms {
    /// Seconds without traffic after which the router ends a session.
    pub idle_timeout: Option<u32>,
    /// How many bytes.
    pub volume_limit: Option<VolumeLimit>,
    /// How many seconds.
    pub time_limit: Option<TimeLimit>,
    /// When the customer may be online; without any, always.
    pub time_windows: Vec<TimeWindow>,
    /// Whether only known devices get in; the first one makes itself known.
    pub bind_mac: bool,
    /// Whether a known device gets in without a password.
    pub mac_authentication: bool,
    /// The routers that serve the package; without any, all of the ISP.
    pub nas_ids: Vec<NasId>,
    /// The router's pool of IPv6 prefixes for the link.
    pub ipv6_pool: Option<String>,
    /// The router's pool of IPv6 prefixes that are delegated.
    pub delegated_ipv6_pool: Option<String>,
}
