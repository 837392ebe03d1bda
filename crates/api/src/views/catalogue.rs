//! Packages, zones, operators and RADIUS clients.

use chrono::{DateTime, Utc};
use domain::{catalog::Package, ids::NasId, network::rate_limit, operator::Operator};
use persistence::repo::{
    nas::NasRecord, operators::OperatorDetail, packages::PackageWithCount, zones::Zone,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    MoneyView, NamedView,
    access::{TimeLimit, TimeWindow, VolumeLimit},
};
use crate::{extract::cursor_page, wire::wire_enum};

wire_enum! {
    /// How long a period is.
    Cycle = domain::period::Cycle { Daily, Weekly, Monthly, Quarterly, Yearly }
}

wire_enum! {
    /// When a subscriber pays.
    BillingType = domain::customer::BillingType { Prepaid, Postpaid }
}

wire_enum! {
    /// Whether a package is sold.
    PackageStatus = domain::catalog::PackageStatus { Active, Retired }
}

wire_enum! {
    /// Which level of reseller.
    OperatorKind = domain::operator::OperatorKind { Operator, SubOperator }
}

wire_enum! {
    /// Whether a reseller works.
    OperatorStatus = domain::operator::OperatorStatus { Active, Disabled }
}

wire_enum! {
    /// Whether a RADIUS client is answered.
    NasStatus = persistence::repo::nas::NasStatus { Active, Disabled }
}

wire_enum! {
    /// Whether requests must carry a Message-Authenticator.
    RequireMessageAuthenticator = domain::network::nas::RequireMessageAuthenticator { Auto, Yes, No }
}

wire_enum! {
    /// Whether requests with Proxy-State must carry a Message-Authenticator; `auto` goes by the
    /// first request of an address.
    LimitProxyState = domain::network::nas::LimitProxyState { Auto, Yes, No }
}

/// A higher rate for a while.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Burst {
    pub(crate) down_kbps: u32,
    pub(crate) up_kbps: u32,
    pub(crate) threshold_down_kbps: u32,
    pub(crate) threshold_up_kbps: u32,
    pub(crate) seconds: u32,
}

impl From<rate_limit::Burst> for Burst {
    fn from(burst: rate_limit::Burst) -> Self {
        let rate_limit::Burst {
            up_kbps,
            down_kbps,
            threshold_up_kbps,
            threshold_down_kbps,
            seconds,
        } = burst;
        Self {
            down_kbps,
            up_kbps,
            threshold_down_kbps,
            threshold_up_kbps,
            seconds,
        }
    }
}

impl From<Burst> for rate_limit::Burst {
    fn from(burst: Burst) -> Self {
        let Burst {
            down_kbps,
            up_kbps,
            threshold_down_kbps,
            threshold_up_kbps,
            seconds,
        } = burst;
        Self {
            up_kbps,
            down_kbps,
            threshold_up_kbps,
            threshold_down_kbps,
            seconds,
        }
    }
}

/// What customers buy.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PackageView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) down_kbps: u32,
    pub(crate) up_kbps: u32,
    pub(crate) burst: Option<Burst>,
    pub(crate) price: MoneyView,
    pub(crate) cycle: Cycle,
    pub(crate) billing_type: BillingType,
    /// The address pool on the router.
    pub(crate) pool: Option<String>,
    /// The firewall address list on the router.
    pub(crate) address_list: Option<String>,
    /// The PPP or hotspot profile on the router.
    pub(crate) router_profile: Option<String>,
    /// How many sessions at once.
    pub(crate) simultaneous_use: u32,
    /// Whether the router sets the rate.
    pub(crate) rate_managed_by_router: bool,
    /// Seconds without traffic after which the router ends a session.
    pub(crate) idle_timeout: Option<u32>,
    pub(crate) volume_limit: Option<VolumeLimit>,
    pub(crate) time_limit: Option<TimeLimit>,
    /// When the package may be used, by the ISP's clock; without any, always.
    pub(crate) time_windows: Vec<TimeWindow>,
    /// Whether only a subscriber's known devices get in; the first one makes itself known.
    pub(crate) bind_mac: bool,
    /// Whether a known device gets in by its MAC address, without a password.
    pub(crate) mac_authentication: bool,
    /// The routers that serve the package; without any, all of the ISP.
    pub(crate) nas_ids: Vec<Uuid>,
    /// The router's pool of IPv6 prefixes for the link.
    pub(crate) ipv6_pool: Option<String>,
    /// The router's pool of IPv6 prefixes that are delegated.
    pub(crate) delegated_ipv6_pool: Option<String>,
    pub(crate) status: PackageStatus,
    /// How many customers have it.
    pub(crate) customers: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

cursor_page! {
    /// The packages of an ISP.
    PackagePage of PackageView
}

impl From<PackageWithCount> for PackageView {
    fn from(PackageWithCount { package, customers }: PackageWithCount) -> Self {
        let Package {
            id,
            isp_id: _,
            created_at,
            updated_at,
            status,
            terms,
        } = package;
        let access = terms.access;
        Self {
            id: id.as_uuid(),
            name: terms.name,
            down_kbps: terms.rate.down_kbps,
            up_kbps: terms.rate.up_kbps,
            burst: terms.rate.burst.map(Into::into),
            price: terms.price.into(),
            cycle: terms.cycle.into(),
            billing_type: terms.billing_type.into(),
            pool: terms.pool,
            address_list: terms.address_list,
            router_profile: terms.router_profile,
            simultaneous_use: terms.simultaneous_use,
            rate_managed_by_router: terms.rate_managed_by_router,
            idle_timeout: access.idle_timeout,
            volume_limit: access.volume_limit.map(Into::into),
            time_limit: access.time_limit.map(Into::into),
            time_windows: access.time_windows.into_iter().map(Into::into).collect(),
            bind_mac: access.bind_mac,
            mac_authentication: access.mac_authentication,
            nas_ids: access.nas_ids.into_iter().map(NasId::as_uuid).collect(),
            ipv6_pool: access.ipv6_pool,
            delegated_ipv6_pool: access.delegated_ipv6_pool,
            status: status.into(),
            customers,
            created_at,
            updated_at,
        }
    }
}

/// An area.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ZoneView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// How many customers live there.
    pub(crate) customers: i64,
}

cursor_page! {
    /// The zones of an ISP.
    ZonePage of ZoneView
}

impl From<(Zone, i64)> for ZoneView {
    fn from((zone, customers): (Zone, i64)) -> Self {
        Self {
            id: zone.id.as_uuid(),
            name: zone.name,
            customers,
        }
    }
}

/// A reseller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatorView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) kind: OperatorKind,
    /// The operator above it.
    pub(crate) parent: Option<NamedView>,
    pub(crate) mobile: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) status: OperatorStatus,
    /// How many customers it has.
    pub(crate) customers: i64,
    pub(crate) created_at: DateTime<Utc>,
}

cursor_page! {
    /// The resellers in reach.
    OperatorPage of OperatorView
}

impl From<OperatorDetail> for OperatorView {
    fn from(
        OperatorDetail {
            operator,
            parent_name,
            customers,
        }: OperatorDetail,
    ) -> Self {
        let Operator {
            id,
            isp_id: _,
            kind,
            parent_id,
            name,
            mobile,
            email,
            status,
            created_at,
        } = operator;
        Self {
            id: id.as_uuid(),
            name,
            kind: kind.into(),
            parent: NamedView::maybe(parent_id.map(domain::ids::OperatorId::as_uuid), parent_name),
            mobile,
            email,
            status: status.into(),
            customers,
            created_at,
        }
    }
}

/// A router as a RADIUS client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NasView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// The address or network it sends from.
    pub(crate) address: String,
    pub(crate) coa_port: u16,
    pub(crate) require_message_authenticator: RequireMessageAuthenticator,
    pub(crate) limit_proxy_state: LimitProxyState,
    /// Its accounting counts input and output the other way round.
    pub(crate) swap_octets: bool,
    /// The most requests taken in one second, logins and accounting apart; null is no limit.
    pub(crate) max_requests_per_second: Option<u32>,
    /// The most requests under way at once, logins and accounting apart; null is no limit.
    pub(crate) max_in_flight: Option<u32>,
    /// By what its certificate is known over RadSec; null when it comes by UDP only.
    pub(crate) radsec_identity: Option<String>,
    /// Until when the secret before the present one is taken too.
    pub(crate) old_secret_until: Option<DateTime<Utc>>,
    pub(crate) status: NasStatus,
    /// Whether it was heard of lately.
    pub(crate) online: bool,
    pub(crate) last_seen_at: Option<DateTime<Utc>>,
    /// What was dropped within the last day because it carried no Message-Authenticator; null when
    /// nothing was. The router waits for an answer then: let it sign, or loosen the rule.
    pub(crate) unsigned_dropped: Option<DroppedView>,
    pub(crate) created_at: DateTime<Utc>,
}

/// Requests of a RADIUS client that were dropped for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DroppedView {
    /// How many since counting began.
    pub(crate) count: i64,
    /// When the last of them was counted.
    pub(crate) last_at: DateTime<Utc>,
}

cursor_page! {
    /// The RADIUS clients of an ISP.
    NasPage of NasView
}

impl NasView {
    pub(crate) fn new(nas: NasRecord, now: DateTime<Utc>) -> Self {
        let online = app::use_cases::nas::is_online(&nas, now);
        let unsigned_dropped = app::use_cases::nas::drops_unsigned(&nas, now);
        let address = match nas.address {
            network if network.prefix_len() == network.max_prefix_len() => {
                network.addr().to_string()
            }
            network => network.to_string(),
        };
        Self {
            id: nas.id.as_uuid(),
            name: nas.name,
            address,
            coa_port: nas.coa_port,
            require_message_authenticator: nas.require_message_authenticator.into(),
            limit_proxy_state: nas.limit_proxy_state.into(),
            swap_octets: nas.swap_octets,
            max_requests_per_second: nas.limits.max_requests_per_second,
            max_in_flight: nas.limits.max_in_flight,
            radsec_identity: nas.radsec_identity,
            old_secret_until: nas.old_secret_until.filter(|&until| until > now),
            status: nas.status.into(),
            online,
            last_seen_at: nas.last_seen_at,
            unsigned_dropped: unsigned_dropped.map(|dropped| DroppedView {
                count: dropped.count,
                last_at: dropped.last_at,
            }),
            created_at: nas.created_at,
        }
    }
}
