//! What the RADIUS server keeps in memory of every ISP.

use chrono::{DateTime, Utc};
use domain::ids::{CustomerId, IspId, PackageId};
use domain::network::subscriber::SubscriberExtras;
use rustc_hash::FxHashMap;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    error::Error,
    repo::{macs, overrides, restrictions},
    sql::{self, values},
    tx::Read,
};

/// A customer as a login needs it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SubscriberRow {
    /// Which customer.
    pub id: Uuid,
    /// Whose.
    pub isp_id: Uuid,
    /// The login name.
    pub username: String,
    /// The sealed password.
    pub password: Vec<u8>,
    /// The status, by name.
    pub status: String,
    /// How the customer pays, by name.
    pub billing_type: String,
    /// Until when it is served.
    pub expires_at: Option<DateTime<Utc>>,
    /// An address of its own.
    pub static_ipv4: Option<String>,
    /// Its package.
    pub package_id: Uuid,
}

/// A package as a login needs it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PackageRow {
    /// Which package.
    pub id: Uuid,
    /// Upload rate.
    pub up_kbps: i64,
    /// Download rate.
    pub down_kbps: i64,
    /// Burst, as JSON.
    pub burst: Option<serde_json::Value>,
    /// Whether the router sets the rate.
    pub rate_managed_by_router: bool,
    /// The pool.
    pub pool: Option<String>,
    /// The address list.
    pub address_list: Option<String>,
    /// The profile on the router.
    pub router_profile: Option<String>,
    /// How many sessions at once.
    pub simultaneous_use: i64,
    /// Limits, time windows, devices and IPv6, as JSON.
    pub access: serde_json::Value,
}

/// A RADIUS client.
#[derive(Debug, Clone, FromQueryResult)]
pub struct NasRow {
    /// Which one.
    pub id: Uuid,
    /// Whose.
    pub isp_id: Uuid,
    /// Its name.
    pub name: String,
    /// Its address or network.
    pub address: String,
    /// The sealed secret.
    pub secret: Vec<u8>,
    /// By what its certificate is known over RadSec.
    pub radsec_identity: Option<String>,
    /// Where it takes our requests.
    pub coa_port: i64,
    /// The BlastRADIUS rule, by name.
    pub require_message_authenticator: String,
    /// The BlastRADIUS rule for Proxy-State, by name.
    pub limit_proxy_state: String,
    /// Whether input and output are the other way round.
    pub swap_octets: bool,
    /// The most requests in one second.
    pub max_requests_per_second: Option<i64>,
    /// The most requests at once.
    pub max_in_flight: Option<i64>,
    /// The sealed secret before.
    pub old_secret: Option<Vec<u8>>,
    /// Until when that is taken.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// When what was learnt was forgotten.
    pub forgotten_at: Option<DateTime<Utc>>,
}

/// How an ISP treats logins.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AccessRow {
    /// Which ISP.
    pub isp_id: Uuid,
    /// `walled` or `reject`.
    pub suspended_access: String,
    /// The pool of walled sessions.
    pub suspended_pool: String,
    /// The address list of walled sessions.
    pub suspended_address_list: String,
    /// The rate of walled sessions.
    pub suspended_rate_kbps: i64,
    /// Seconds between interim updates.
    pub interim_seconds: i64,
    /// The ISP's time zone.
    pub time_zone: String,
    /// Whether cuts wait for a person.
    pub holds_cuts: bool,
    /// What it is called by other providers.
    pub radius_operator_name: Option<String>,
}

const SUBSCRIBER: &str = "SELECT id, isp_id, username, password, status, billing_type, expires_at, \
    static_ipv4, package_id FROM customer";

/// Customers of every ISP in order of their ids, after one of them.
pub async fn subscribers(
    read: &Read,
    after: Option<CustomerId>,
    limit: i64,
) -> Result<Vec<SubscriberRow>, Error> {
    let after = after.map_or(Uuid::nil(), CustomerId::as_uuid);
    let statement = format!("{SUBSCRIBER} WHERE id > $1 ORDER BY id LIMIT $2");
    sql::all(read, &statement, values![after, limit]).await
}

/// One customer.
pub async fn subscriber(read: &Read, id: CustomerId) -> Result<Option<SubscriberRow>, Error> {
    sql::one(
        read,
        &format!("{SUBSCRIBER} WHERE id = $1"),
        values![id.as_uuid()],
    )
    .await
}

const PACKAGE: &str = "SELECT id, up_kbps, down_kbps, burst, rate_managed_by_router, pool, \
    address_list, router_profile, simultaneous_use, access FROM package";

/// Every package of every ISP.
pub async fn packages(read: &Read) -> Result<Vec<PackageRow>, Error> {
    sql::all(read, PACKAGE, vec![]).await
}

/// One package.
pub async fn package(read: &Read, id: PackageId) -> Result<Option<PackageRow>, Error> {
    sql::one(
        read,
        &format!("{PACKAGE} WHERE id = $1"),
        values![id.as_uuid()],
    )
    .await
}

/// What the customers between two ids, both included, have beyond their package.
pub async fn extras(
    read: &Read,
    first: CustomerId,
    last: CustomerId,
) -> Result<FxHashMap<CustomerId, SubscriberExtras>, Error> {
    let mut found: FxHashMap<CustomerId, SubscriberExtras> = FxHashMap::default();
    for restriction in restrictions::between(read, first, last).await? {
        let extras = found.entry(restriction.customer_id).or_default();
        extras.restrictions.push(restriction);
    }
    for set in overrides::between(read, first, last).await? {
        found.entry(set.customer_id).or_default().overrides = Some(set.overrides);
    }
    for device in macs::between(read, first, last).await? {
        found
            .entry(device.customer_id)
            .or_default()
            .macs
            .push(device.mac);
    }
    Ok(found)
}

/// Every RADIUS client in service, in the order in which their addresses and certificates were
/// claimed.
pub async fn nas(read: &Read) -> Result<Vec<NasRow>, Error> {
    let statement = "SELECT id, isp_id, name, address, secret, radsec_identity, coa_port, \
        require_message_authenticator, limit_proxy_state, swap_octets, max_requests_per_second, \
        max_in_flight, old_secret, old_secret_until, forgotten_at FROM nas \
        WHERE status = 'active' ORDER BY COALESCE(claimed_at, created_at), id";
    sql::all(read, statement, vec![]).await
}

/// How every ISP treats logins.
pub async fn access(read: &Read) -> Result<Vec<AccessRow>, Error> {
    let statement = "SELECT s.isp_id, s.suspended_access, s.suspended_pool, s.suspended_address_list, \
        s.suspended_rate_kbps, s.interim_seconds, i.time_zone, s.radius_operator_name, \
        s.cuts_held_since IS NOT NULL AS holds_cuts \
        FROM isp_settings s JOIN isp i ON i.id = s.isp_id";
    sql::all(read, statement, vec![]).await
}

/// Every ISP, for jobs that run in each.
pub async fn isps(read: &Read) -> Result<Vec<IspId>, Error> {
    sql::rows(read, "SELECT id FROM isp ORDER BY id", vec![])
        .await?
        .iter()
        .map(|row| Ok(IspId::from_uuid(row.try_get_by_index(0)?)))
        .collect()
}
