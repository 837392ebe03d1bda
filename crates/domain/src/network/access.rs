//! The login decision: facts about a subscriber in, service or refusal out.
//!
//! The password is checked before; this decides what a proven customer gets. Whether a place is free
//! among the sessions that are open at once is the server's to know.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::customer::CustomerStatus;
use crate::ids::NasId;
use crate::mac::MacAddress;
use crate::network::access_terms::AccessTerms;
use crate::network::fup::{Counts, Window};
use crate::network::operator_name::OperatorName;
use crate::network::overrides::OverrideTerms;
use crate::network::rate_limit::RateLimit;
use crate::network::restriction::LimitEffect;
use crate::network::service_policy::{Access, Ipv6Policy, LimitsLeft, RejectCause, ServicePolicy};
use crate::network::subscriber::Subscriber;
use crate::network::time_window::{Opening, opening};
use crate::period::day_bounds;

/// Seconds between interim updates when the ISP sets nothing else.
pub const DEFAULT_INTERIM_SECONDS: u32 = 300;
/// Seconds a walled session lasts, so that a missed payment notice heals itself.
pub const DEFAULT_WALLED_SESSION_SECONDS: u32 = 3600;

/// What an ISP does with customers who are suspended or expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnpaidAccess {
    /// They get in, but reach only the payment pages.
    Walled(WalledGarden),
    /// They are refused.
    Reject,
}

/// Where walled sessions live on the router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalledGarden {
    /// Address pool of walled sessions.
    pub pool: String,
    /// Firewall address list of walled sessions.
    pub address_list: String,
    /// Bandwidth of walled sessions.
    pub rate: RateLimit,
    /// Seconds after which a walled session must log in again.
    pub session_timeout: u32,
}

impl Default for WalledGarden {
    fn default() -> Self {
        Self {
            pool: "suspended".into(),
            address_list: "suspended".into(),
            rate: RateLimit::new(512, 512),
            session_timeout: DEFAULT_WALLED_SESSION_SECONDS,
        }
    }
}

/// The settings of an ISP that shape every login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IspAccessSettings {
    /// Treatment of suspended and expired customers.
    pub unpaid: UnpaidAccess,
    /// Seconds between interim updates.
    pub interim_seconds: u32,
    /// By which clock days end and time windows open.
    pub zone: Tz,
    /// What the ISP is called by the providers whose home servers it asks.
    pub operator_name: Option<OperatorName>,
    /// Whether cuts wait for a person: whoever was not cut yet is served beyond its time.
    pub holds_cuts: bool,
}

impl Default for IspAccessSettings {
    fn default() -> Self {
        Self {
            unpaid: UnpaidAccess::Walled(WalledGarden::default()),
            interim_seconds: DEFAULT_INTERIM_SECONDS,
            zone: Tz::UTC,
            operator_name: None,
            holds_cuts: false,
        }
    }
}

/// How the customer comes in; routers limit differently by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ServiceKind {
    /// PPPoE and the other kinds of PPP.
    #[default]
    Ppp,
    /// A hotspot, which alone can limit both directions together.
    Hotspot,
}

/// What a customer with limits has left of the present window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuotaLeft {
    /// Bytes of the volume limit, in the direction that it counts.
    pub octets: Option<u64>,
    /// Seconds of the time limit.
    pub seconds: Option<u64>,
}

/// What is known of the login besides the subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoginFacts {
    /// What is left of the package's limits.
    pub quota_left: Option<QuotaLeft>,
    /// The device, when the caller's id is a hardware address.
    pub mac: Option<MacAddress>,
    /// The router, when one asks.
    pub nas_id: Option<NasId>,
    /// How the customer comes in.
    pub service: ServiceKind,
}

/// Decides what a subscriber whose password was right gets now.
///
/// # Errors
/// The cause of the refusal.
pub fn decide_access(
    subscriber: &Subscriber,
    settings: &IspAccessSettings,
    facts: &LoginFacts,
    now: DateTime<Utc>,
) -> Result<ServicePolicy, RejectCause> {
    let unpaid = unpaid(subscriber, settings, now)?;
    check_place(subscriber, facts)?;
    if let Some(cause) = unpaid {
        return walled(subscriber, settings, cause, now);
    }
    let terms = &subscriber.package.terms;
    let window_end = match opening(&terms.time_windows, settings.zone, now) {
        Opening::Always => None,
        Opening::Until(end) => Some(end),
        Opening::Closed => return Err(RejectCause::OutsideTimeWindow),
    };
    if is_stopped(subscriber, facts, now) {
        return walled(subscriber, settings, RejectCause::QuotaUsed, now);
    }
    let ends_at = [
        // Who is past it and here all the same is held.
        subscriber.expires_at.filter(|&until| until > now),
        window_end,
        time_left_until(terms, facts, now),
        daily_limit_until(terms, settings.zone, now),
    ];
    Ok(open(
        subscriber,
        settings,
        facts,
        ends_at.into_iter().flatten().min(),
        now,
    ))
}

/// Why the customer is not to be served fully, when it is one whom the garden may take.
fn unpaid(
    subscriber: &Subscriber,
    settings: &IspAccessSettings,
    now: DateTime<Utc>,
) -> Result<Option<RejectCause>, RejectCause> {
    let is_over = subscriber.expires_at.is_some_and(|until| until <= now);
    match subscriber.status {
        CustomerStatus::Active if is_over && !settings.holds_cuts => Ok(Some(RejectCause::Expired)),
        CustomerStatus::Active => Ok(None),
        CustomerStatus::Suspended => Ok(Some(RejectCause::Suspended)),
        CustomerStatus::Expired => Ok(Some(RejectCause::Expired)),
        CustomerStatus::Pending => Err(RejectCause::Pending),
        CustomerStatus::Closed => Err(RejectCause::Closed),
    }
}

fn check_place(subscriber: &Subscriber, facts: &LoginFacts) -> Result<(), RejectCause> {
    let terms = &subscriber.package.terms;
    let serves = |nas_id| terms.nas_ids.is_empty() || terms.nas_ids.contains(&nas_id);
    if !facts.nas_id.is_none_or(serves) {
        return Err(RejectCause::NasNotAllowed);
    }
    let macs = subscriber.macs();
    let is_stranger = || facts.mac.is_none_or(|mac| !macs.contains(&mac));
    if terms.bind_mac && !macs.is_empty() && is_stranger() {
        return Err(RejectCause::MacNotBound);
    }
    Ok(())
}

/// Whether a limit that stops is reached, as its row says or as the count says before there is one.
fn is_stopped(subscriber: &Subscriber, facts: &LoginFacts, now: DateTime<Utc>) -> bool {
    let stops = |effect| effect != LimitEffect::Throttle;
    subscriber
        .restrictions_at(now)
        .any(|restriction| stops(restriction.effect))
        || used_up(&subscriber.package.terms, facts).any(|(effect, _)| stops(effect))
}

/// The limits of which nothing is left: what they do, and the rate they leave.
fn used_up(
    terms: &AccessTerms,
    facts: &LoginFacts,
) -> impl Iterator<Item = (LimitEffect, Option<RateLimit>)> {
    let left = facts.quota_left.unwrap_or_default();
    let volume = terms.volume_limit.filter(|_| left.octets == Some(0));
    let time = terms.time_limit.filter(|_| left.seconds == Some(0));
    let volume = volume.map(|limit| (limit.on_reached, limit.throttled));
    volume
        .into_iter()
        .chain(time.map(|limit| (limit.on_reached, limit.throttled)))
}

/// When the time that is left ends, if its end ends the session.
fn time_left_until(
    terms: &AccessTerms,
    facts: &LoginFacts,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    terms
        .time_limit
        .filter(|limit| limit.on_reached != LimitEffect::Throttle)?;
    let seconds = i64::try_from(facts.quota_left?.seconds?).ok()?;
    now.checked_add_signed(TimeDelta::try_seconds(seconds)?)
}

/// The end of the day, where what a router was told of a limit holds for the day only.
fn daily_limit_until(terms: &AccessTerms, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let is_daily = |window, effect| window == Window::Day && effect != LimitEffect::Throttle;
    let volume = terms
        .volume_limit
        .is_some_and(|limit| is_daily(limit.window, limit.on_reached));
    let time = terms
        .time_limit
        .is_some_and(|limit| is_daily(limit.window, limit.on_reached));
    (volume || time).then(|| day_bounds(now, zone).1)
}

/// Whole seconds until an instant. The last fraction of a second still is a session; beyond `u32` no
/// router counts.
fn seconds_until(instant: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    u32::try_from((instant - now).num_seconds().max(1)).unwrap_or(u32::MAX)
}

fn open(
    subscriber: &Subscriber,
    settings: &IspAccessSettings,
    facts: &LoginFacts,
    ends_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> ServicePolicy {
    let package = &subscriber.package;
    let none = OverrideTerms::default();
    let own = subscriber.overrides_at(now).map_or(&none, |own| &own.terms);
    let moved_to = subscriber
        .restrictions_at(now)
        .find_map(|moved| moved.pool.as_ref());
    // A move to another pool takes the fixed address along: the router would ignore the pool.
    let framed_ip = subscriber.static_ipv4.filter(|_| moved_to.is_none());
    let pool = moved_to.or(own.pool.as_ref()).or(package.pool.as_ref());
    let address_list = subscriber
        .restrictions_at(now)
        .find_map(|moved| moved.address_list.as_ref())
        .or(own.address_list.as_ref())
        .or(package.address_list.as_ref());
    let group = own
        .router_profile
        .as_ref()
        .or(package.router_profile.as_ref());
    ServicePolicy {
        rate: rate(subscriber, own, facts, now),
        framed_ip,
        pool: pool.filter(|_| framed_ip.is_none()).cloned(),
        address_list: address_list.cloned(),
        group: group.cloned(),
        ipv6: ipv6(own, &package.terms),
        session_timeout: ends_at.map(|end| seconds_until(end, now)),
        ends_at,
        idle_timeout: package.terms.idle_timeout,
        limits_left: limits_left(&package.terms, facts),
        simultaneous_use: own.simultaneous_use.unwrap_or(package.simultaneous_use),
        binds_mac: facts
            .mac
            .filter(|_| package.terms.bind_mac && subscriber.macs().is_empty()),
        ..ServicePolicy::open(subscriber.customer_id, settings.interim_seconds)
    }
}

/// The package's rate or the customer's own, no faster than any limit that is reached leaves it.
fn rate(
    subscriber: &Subscriber,
    own: &OverrideTerms,
    facts: &LoginFacts,
    now: DateTime<Utc>,
) -> Option<RateLimit> {
    let restricted = subscriber
        .restrictions_at(now)
        .filter_map(|found| found.rate);
    let used_up = used_up(&subscriber.package.terms, facts).filter_map(|(_, rate)| rate);
    restricted
        .chain(used_up)
        .fold(own.rate.or(subscriber.package.rate), |rate, limit| {
            Some(rate.map_or(limit, |rate| rate.no_faster_than(limit)))
        })
}

fn ipv6(own: &OverrideTerms, terms: &AccessTerms) -> Ipv6Policy {
    Ipv6Policy {
        prefix: own.ipv6_prefix,
        pool: terms
            .ipv6_pool
            .clone()
            .filter(|_| own.ipv6_prefix.is_none()),
        delegated_prefix: own.delegated_ipv6_prefix,
        delegated_pool: terms
            .delegated_ipv6_pool
            .clone()
            .filter(|_| own.delegated_ipv6_prefix.is_none()),
    }
}

/// What the router is told of the bytes left: PPP cannot count both directions together, there the
/// interim updates are watched.
fn limits_left(terms: &AccessTerms, facts: &LoginFacts) -> LimitsLeft {
    let mut left = LimitsLeft::default();
    let limit = terms
        .volume_limit
        .filter(|limit| limit.on_reached != LimitEffect::Throttle);
    let octets = facts.quota_left.and_then(|left| left.octets);
    if let (Some(limit), Some(octets)) = (limit, octets) {
        match (limit.counts, facts.service) {
            (Counts::Total, ServiceKind::Hotspot) => left.total = Some(octets),
            (Counts::Total, ServiceKind::Ppp) => {}
            (Counts::Upload, _) => left.upload = Some(octets),
            (Counts::Download, _) => left.download = Some(octets),
        }
    }
    left
}

fn walled(
    subscriber: &Subscriber,
    settings: &IspAccessSettings,
    cause: RejectCause,
    now: DateTime<Utc>,
) -> Result<ServicePolicy, RejectCause> {
    let UnpaidAccess::Walled(garden) = &settings.unpaid else {
        return Err(cause);
    };
    let own = subscriber.overrides_at(now);
    Ok(ServicePolicy {
        access: Access::Walled,
        walled_for: Some(cause),
        rate: Some(garden.rate),
        pool: Some(garden.pool.clone()),
        address_list: Some(garden.address_list.clone()),
        session_timeout: Some(garden.session_timeout),
        simultaneous_use: own
            .and_then(|own| own.terms.simultaneous_use)
            .unwrap_or(subscriber.package.simultaneous_use),
        ..ServicePolicy::open(subscriber.customer_id, settings.interim_seconds)
    })
}

#[cfg(test)]
mod tests;
