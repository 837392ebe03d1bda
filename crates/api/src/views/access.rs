//! Terms of access: limits, time windows, devices, overrides.

use chrono::{DateTime, NaiveTime, Utc};
use domain::network::{access_terms, rate_limit::RateLimit, restriction, time_window};
use persistence::repo::{macs::CustomerMac, overrides::CustomerOverrides, top_ups::TopUp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::catalogue::Burst;
use crate::{problem::Problem, wire::wire_enum};

wire_enum! {
    /// Which bytes count.
    CountedOctets = domain::network::fup::Counts { Total, Upload, Download }
}

wire_enum! {
    /// When counting begins again, by the ISP's clock: at midnight, on Monday, on the first, or on the
    /// customer's own day of billing.
    LimitWindow = domain::network::fup::Window { Day, Week, Month, Period }
}

wire_enum! {
    /// What happens when nothing is left: slower; treated like somebody who has not paid; the same
    /// after live sessions are ended.
    LimitEffect = restriction::LimitEffect { Throttle, Suspend, Disconnect }
}

wire_enum! {
    /// A day of the week.
    WeekDay = time_window::Day { Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday }
}

wire_enum! {
    /// Which rule restricts a subscriber.
    RestrictionCause = domain::network::fup::Cause { FairUse, VolumeLimit, TimeLimit }
}

/// A rate without a burst.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlainRate {
    #[schema(maximum = 100_000_000)]
    pub(crate) down_kbps: u32,
    #[schema(maximum = 100_000_000)]
    pub(crate) up_kbps: u32,
}

impl From<RateLimit> for PlainRate {
    fn from(rate: RateLimit) -> Self {
        Self {
            down_kbps: rate.down_kbps,
            up_kbps: rate.up_kbps,
        }
    }
}

impl From<PlainRate> for RateLimit {
    fn from(rate: PlainRate) -> Self {
        Self::new(rate.up_kbps, rate.down_kbps)
    }
}

/// How many bytes a subscriber may use, and what happens then.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VolumeLimit {
    /// Bytes of a window, at most one pebibyte.
    #[schema(minimum = 1, maximum = 1_125_899_906_842_624_u64)]
    pub(crate) octets: u64,
    pub(crate) counts: CountedOctets,
    pub(crate) window: LimitWindow,
    pub(crate) on_reached: LimitEffect,
    /// The rate afterwards; required exactly when `on_reached` is `throttle`.
    pub(crate) throttled: Option<PlainRate>,
    /// Whether what is left goes into the next window, once.
    #[serde(default)]
    pub(crate) rollover: bool,
}

impl From<access_terms::VolumeLimit> for VolumeLimit {
    fn from(limit: access_terms::VolumeLimit) -> Self {
        Self {
            octets: limit.octets,
            counts: limit.counts.into(),
            window: limit.window.into(),
            on_reached: limit.on_reached.into(),
            throttled: limit.throttled.map(Into::into),
            rollover: limit.rollover,
        }
    }
}

impl From<VolumeLimit> for access_terms::VolumeLimit {
    fn from(limit: VolumeLimit) -> Self {
        Self {
            octets: limit.octets,
            counts: limit.counts.into(),
            window: limit.window.into(),
            on_reached: limit.on_reached.into(),
            throttled: limit.throttled.map(Into::into),
            rollover: limit.rollover,
        }
    }
}

/// How long a subscriber may be online, and what happens then.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeLimit {
    /// Seconds online of a window, of all sessions together; at most 31 days.
    #[schema(minimum = 60, maximum = 2_678_400)]
    pub(crate) seconds: u64,
    pub(crate) window: LimitWindow,
    pub(crate) on_reached: LimitEffect,
    /// The rate afterwards; required exactly when `on_reached` is `throttle`.
    pub(crate) throttled: Option<PlainRate>,
}

impl From<access_terms::TimeLimit> for TimeLimit {
    fn from(limit: access_terms::TimeLimit) -> Self {
        Self {
            seconds: limit.seconds,
            window: limit.window.into(),
            on_reached: limit.on_reached.into(),
            throttled: limit.throttled.map(Into::into),
        }
    }
}

impl From<TimeLimit> for access_terms::TimeLimit {
    fn from(limit: TimeLimit) -> Self {
        Self {
            seconds: limit.seconds,
            window: limit.window.into(),
            on_reached: limit.on_reached.into(),
            throttled: limit.throttled.map(Into::into),
        }
    }
}

/// A stretch of the day on some days of the week, by the ISP's clock.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeWindow {
    /// The days on which it begins.
    #[schema(min_items = 1, max_items = 7)]
    pub(crate) days: Vec<WeekDay>,
    /// When it begins.
    #[schema(example = "22:00", pattern = r"^\d{2}:\d{2}$")]
    pub(crate) from: String,
    /// When it ends: the next day when that is not after `from`; equal times are 24 hours.
    #[schema(example = "06:00", pattern = r"^\d{2}:\d{2}$")]
    pub(crate) to: String,
}

const CLOCK: &str = "%H:%M";

impl From<time_window::TimeWindow> for TimeWindow {
    fn from(window: time_window::TimeWindow) -> Self {
        Self {
            days: window.days.into_iter().map(Into::into).collect(),
            from: window.from.format(CLOCK).to_string(),
            to: window.to.format(CLOCK).to_string(),
        }
    }
}

impl TimeWindow {
    /// The windows, or a problem that points at the first that is none.
    pub(crate) fn read(windows: Vec<Self>) -> Result<Vec<time_window::TimeWindow>, Problem> {
        let time = |index: usize, field, text: &str| {
            NaiveTime::parse_from_str(text, CLOCK).map_err(|_| {
                let pointer = format!("/time_windows/{index}/{field}");
                Problem::invalid_field(&pointer, "must be a time of the day such as 22:00")
            })
        };
        let read = |(index, window): (usize, Self)| {
            Ok(time_window::TimeWindow {
                from: time(index, "from", &window.from)?,
                to: time(index, "to", &window.to)?,
                days: window.days.into_iter().map(Into::into).collect(),
            })
        };
        windows.into_iter().enumerate().map(read).collect()
    }
}

/// A restriction in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RestrictionView {
    cause: RestrictionCause,
    effect: LimitEffect,
    /// Which tier of the fair use policy, counted from 1.
    tier: Option<u16>,
    /// The rate instead of the package's.
    rate: Option<PlainRate>,
    pool: Option<String>,
    address_list: Option<String>,
    since: DateTime<Utc>,
    /// When it lifts itself.
    until: Option<DateTime<Utc>>,
    /// Whether a person set it.
    manual: bool,
}

impl From<restriction::Restriction> for RestrictionView {
    fn from(found: restriction::Restriction) -> Self {
        Self {
            cause: found.cause.into(),
            effect: found.effect.into(),
            tier: found.tier,
            rate: found.rate.map(Into::into),
            pool: found.pool,
            address_list: found.address_list,
            since: found.since,
            until: found.until,
            manual: found.manual,
        }
    }
}

/// What one subscriber has instead of what the package says; everything is null without overrides.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct OverridesView {
    pub(crate) down_kbps: Option<u32>,
    pub(crate) up_kbps: Option<u32>,
    pub(crate) burst: Option<Burst>,
    pub(crate) pool: Option<String>,
    pub(crate) address_list: Option<String>,
    pub(crate) router_profile: Option<String>,
    pub(crate) simultaneous_use: Option<u16>,
    /// The fixed IPv6 prefix of the link.
    #[schema(example = "2001:db8:1::/64")]
    pub(crate) ipv6_prefix: Option<String>,
    /// The fixed IPv6 prefix that is delegated to the subscriber's router.
    #[schema(example = "2001:db8:2::/56")]
    pub(crate) delegated_ipv6_prefix: Option<String>,
    /// When they end by themselves; null when only a person ends them.
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) reason: Option<String>,
    /// Null when the subscriber has no overrides.
    pub(crate) set_at: Option<DateTime<Utc>>,
    pub(crate) set_by: Option<Uuid>,
}

impl From<CustomerOverrides> for OverridesView {
    fn from(set: CustomerOverrides) -> Self {
        let terms = set.overrides.terms;
        Self {
            down_kbps: terms.rate.map(|rate| rate.down_kbps),
            up_kbps: terms.rate.map(|rate| rate.up_kbps),
            burst: terms.rate.and_then(|rate| rate.burst).map(Into::into),
            pool: terms.pool,
            address_list: terms.address_list,
            router_profile: terms.router_profile,
            simultaneous_use: terms.simultaneous_use,
            ipv6_prefix: terms.ipv6_prefix.map(|prefix| prefix.to_string()),
            delegated_ipv6_prefix: terms.delegated_ipv6_prefix.map(|prefix| prefix.to_string()),
            expires_at: set.overrides.expires_at,
            reason: set.reason,
            set_at: Some(set.set_at),
            set_by: set.set_by.map(domain::ids::UserId::as_uuid),
        }
    }
}

/// A device of a subscriber.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceView {
    #[schema(example = "AA:BB:CC:DD:EE:FF")]
    pub(crate) mac: String,
    pub(crate) label: Option<String>,
    /// Whether it made itself known by the first login.
    pub(crate) learnt: bool,
    pub(crate) added_by: Option<Uuid>,
    pub(crate) added_at: DateTime<Utc>,
}

impl From<CustomerMac> for DeviceView {
    fn from(device: CustomerMac) -> Self {
        Self {
            mac: device.mac.to_string(),
            label: device.label,
            learnt: device.learnt,
            added_by: device.added_by.map(domain::ids::UserId::as_uuid),
            added_at: device.added_at,
        }
    }
}

/// The devices of a subscriber, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DevicesView {
    pub(crate) items: Vec<DeviceView>,
}

/// What a subscriber was given beyond the limits of the package.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopUpView {
    pub(crate) id: Uuid,
    /// Extra bytes.
    pub(crate) octets: i64,
    /// Extra seconds.
    pub(crate) seconds: i64,
    pub(crate) reason: Option<String>,
    /// Who granted it.
    pub(crate) granted_by: Option<Uuid>,
    pub(crate) granted_by_name: Option<String>,
    pub(crate) granted_at: DateTime<Utc>,
    /// When what is left of it ends.
    pub(crate) valid_until: Option<DateTime<Utc>>,
}

impl From<TopUp> for TopUpView {
    fn from(grant: TopUp) -> Self {
        Self {
            id: grant.id,
            octets: grant.octets,
            seconds: grant.seconds,
            reason: grant.reason,
            granted_by: grant.granted_by,
            granted_by_name: grant.granted_by_name,
            granted_at: grant.granted_at,
            valid_until: grant.valid_until,
        }
    }
}
