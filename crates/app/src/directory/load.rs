//! From rows to the entries of the directory.

use std::{
    net::IpAddr,
    sync::{Arc, atomic::Ordering},
};

use chrono_tz::Tz;
use domain::{
    customer::{BillingType, CustomerStatus},
    ids::{CustomerId, IspId, NasId, PackageId},
    mac::MacAddress,
    network::{
        access::{IspAccessSettings, UnpaidAccess, WalledGarden},
        access_terms::AccessTerms,
        nas::{ClientLimits, LimitProxyState, Nas, OldSecret, RequireMessageAuthenticator},
        operator_name::OperatorName,
        rate_limit::{Burst, RateLimit},
        realm::{HomeServer, Realm},
        secret::SecretBytes,
        subscriber::{ServicePackage, Subscriber, SubscriberExtras},
    },
};
use persistence::{
    Error, Read,
    query::directory::{self, AccessRow, NasRow, PackageRow, SubscriberRow},
    repo::{
        nas_reports, radius_traces,
        realms::{self, RealmRecord},
    },
};
use rustc_hash::FxHashMap;

use super::{Directory, Key, Trace, nas_index::NasIndex};
use crate::{ctx::AppCtx, secrets::Keyring};

const BATCH: i64 = 5_000;

/// What a package says of a login. Terms that this version cannot read limit nobody.
fn package_of(row: PackageRow) -> ServicePackage {
    let burst: Option<Burst> = row
        .burst
        .and_then(|value| serde_json::from_value(value).ok());
    let terms = serde_json::from_value(row.access).unwrap_or_else(|error| {
        tracing::error!(%error, package.id = %row.id, "a package's terms of access cannot be read");
        AccessTerms::default()
    });
    let kbps = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    let rate = RateLimit {
        up_kbps: kbps(row.up_kbps),
        down_kbps: kbps(row.down_kbps),
        burst,
    };
    ServicePackage {
        rate: (!row.rate_managed_by_router).then_some(rate),
        pool: row.pool,
        address_list: row.address_list,
        router_profile: row.router_profile,
        simultaneous_use: u16::try_from(row.simultaneous_use).unwrap_or(u16::MAX),
        terms,
    }
}

fn access_of(row: AccessRow) -> (IspId, IspAccessSettings) {
    let kbps = u32::try_from(row.suspended_rate_kbps).unwrap_or(512);
    let unpaid = if row.suspended_access == "reject" {
        UnpaidAccess::Reject
    } else {
        UnpaidAccess::Walled(WalledGarden {
            pool: row.suspended_pool,
            address_list: row.suspended_address_list,
            rate: RateLimit::new(kbps, kbps),
            ..WalledGarden::default()
        })
    };
    let interim_seconds = u32::try_from(row.interim_seconds).unwrap_or(300);
    let operator_name = row.radius_operator_name.as_deref();
    let operator_name = operator_name.and_then(|name| OperatorName::parse(name).ok());
    (
        IspId::from_uuid(row.isp_id),
        IspAccessSettings {
            unpaid,
            interim_seconds,
            zone: row.time_zone.parse().unwrap_or(Tz::UTC),
            operator_name,
            holds_cuts: row.holds_cuts,
        },
    )
}

/// A status that this version does not know serves nobody.
fn status_of(name: &str) -> CustomerStatus {
    CustomerStatus::parse(name).unwrap_or(CustomerStatus::Closed)
}

fn subscriber_of(
    row: SubscriberRow,
    package: Arc<ServicePackage>,
    extras: Option<SubscriberExtras>,
    keyring: &Keyring,
) -> Option<Subscriber> {
    let password = match keyring.open(&row.password) {
        Ok(password) => SecretBytes::new(password.to_vec()),
        Err(error) => {
            tracing::error!(%error, customer.id = %row.id, "a customer's password cannot be opened");
            return None;
        }
    };
    let prepaid = BillingType::parse(&row.billing_type) == Some(BillingType::Prepaid);
    Some(Subscriber {
        customer_id: CustomerId::from_uuid(row.id),
        isp_id: IspId::from_uuid(row.isp_id),
        username: row.username.into_boxed_str(),
        password,
        status: status_of(&row.status),
        expires_at: row.expires_at.filter(|_| prepaid),
        static_ipv4: row.static_ipv4.and_then(|text| text.parse().ok()),
        package,
        extras: extras.filter(|extras| !extras.is_empty()).map(Box::new),
    })
}

fn nas_of(row: NasRow, keyring: &Keyring) -> Option<Nas> {
    let network = row
        .address
        .parse()
        .ok()
        .or_else(|| row.address.parse::<IpAddr>().ok().map(ipnet::IpNet::from))?;
    let secret = match keyring.open(&row.secret) {
        Ok(secret) => SecretBytes::new(secret.to_vec()),
        Err(error) => {
            tracing::error!(%error, nas.id = %row.id, "a NAS secret cannot be opened");
            return None;
        }
    };
    let old_secret = row.old_secret.zip(row.old_secret_until);
    let old_secret = old_secret.and_then(|(sealed, until)| {
        let secret = SecretBytes::new(keyring.open(&sealed).ok()?.to_vec());
        Some(OldSecret { secret, until })
    });
    let limit = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
    Some(Nas {
        require_message_authenticator: RequireMessageAuthenticator::parse(
            &row.require_message_authenticator,
        )
        .unwrap_or_default(),
        coa_port: u16::try_from(row.coa_port).unwrap_or(3799),
        swap_octets: row.swap_octets,
        limit_proxy_state: LimitProxyState::parse(&row.limit_proxy_state).unwrap_or_default(),
        limits: ClientLimits {
            max_requests_per_second: limit(row.max_requests_per_second),
            max_in_flight: limit(row.max_in_flight),
        },
        old_secret,
        forgotten_at: row.forgotten_at,
        ..Nas::new(
            NasId::from_uuid(row.id),
            IspId::from_uuid(row.isp_id),
            row.name,
            network,
            secret,
        )
    })
}

fn realm_of(record: RealmRecord, ctx: &AppCtx) -> Option<Realm> {
    let keyring = &ctx.keyring;
    let mut home_servers = Vec::with_capacity(record.home_servers.len());
    for server in record.home_servers {
        if !ctx.outgoing.allows(server.address) {
            tracing::warn!(
                realm.id = %record.id,
                server = %server.address,
                "a home server is closed by the configuration: it is not asked"
            );
            continue;
        }
        match keyring.open(&server.secret) {
            Ok(secret) => home_servers.push(HomeServer {
                address: server.address,
                auth_port: server.auth_port,
                acct_port: server.acct_port,
                secret: SecretBytes::new(secret.to_vec()),
                require_message_authenticator: server.require_message_authenticator,
            }),
            Err(error) => {
                tracing::error!(%error, realm.id = %record.id, "a home server's secret cannot be opened");
                return None;
            }
        }
    }
    Some(Realm {
        id: record.id,
        isp_id: record.isp_id,
        name: record.name,
        position: record.position,
        strip: record.strip,
        authentication: record.authentication,
        accounting: record.accounting,
        max_waiting_logins: record.max_waiting_logins,
        home_servers,
    })
}

/// What a login of one customer would be decided from now, read from the database.
///
/// Jobs decide on this and not on the directory: it may be another process that runs RADIUS.
pub(crate) async fn present(
    ctx: &AppCtx,
    read: &Read,
    id: CustomerId,
) -> Result<Option<(Subscriber, IspAccessSettings)>, Error> {
    let Some(row) = directory::subscriber(read, id).await? else {
        return Ok(None);
    };
    let package = directory::package(read, PackageId::from_uuid(row.package_id))
        .await?
        .map(package_of)
        .unwrap_or_default();
    let extras = directory::extras(read, id, id).await?.remove(&id);
    let isp_id = IspId::from_uuid(row.isp_id);
    let access = directory::access(read)
        .await?
        .into_iter()
        .map(access_of)
        .find_map(|(id, settings)| (id == isp_id).then_some(settings))
        .unwrap_or_default();
    Ok(subscriber_of(row, Arc::new(package), extras, &ctx.keyring)
        .map(|subscriber| (subscriber, access)))
}

type Devices = FxHashMap<(IspId, MacAddress), Vec<CustomerId>>;

fn add_devices(devices: &mut Devices, subscriber: &Subscriber) {
    if !subscriber.package.terms.mac_authentication {
        return;
    }
    for mac in subscriber.macs() {
        let owners = devices.entry((subscriber.isp_id, *mac)).or_default();
        owners.push(subscriber.customer_id);
    }
}

fn remove_devices(devices: &mut Devices, subscriber: &Subscriber) {
    for mac in subscriber.macs() {
        let device = (subscriber.isp_id, *mac);
        if let Some(owners) = devices.get_mut(&device) {
            owners.retain(|owner| *owner != subscriber.customer_id);
            if owners.is_empty() {
                devices.remove(&device);
            }
        }
    }
}

impl Directory {
    pub(super) async fn reload_access(&self, read: &Read) -> Result<(), Error> {
        let access = directory::access(read)
            .await?
            .into_iter()
            .map(access_of)
            .collect();
        self.index.write().access = access;
        Ok(())
    }

    pub(super) async fn reload_nas(&self, read: &Read) -> Result<(), Error> {
        let mut learnt = nas_reports::learnt(read).await?;
        let all = directory::nas(read)
            .await?
            .into_iter()
            .filter_map(|mut row| {
                let identity = row.radsec_identity.take();
                let known = learnt.remove(&row.id).unwrap_or_default();
                let mut nas = nas_of(row, &self.ctx.keyring)?;
                nas.learnt = known.into_iter().collect();
                Some((nas, identity))
            });
        let index = NasIndex::new(all.collect());
        self.index.write().nas = index;
        Ok(())
    }

    pub(super) async fn reload_traces(&self, read: &Read) -> Result<(), Error> {
        let active = radius_traces::active(read, self.ctx.clock.now()).await?;
        let traces: Vec<Trace> = active
            .into_iter()
            .map(|trace| Trace {
                customer_id: trace.customer_id,
                key: (
                    trace.isp_id,
                    domain::text::folded(&trace.username).into_boxed_str(),
                ),
                until: trace.until,
            })
            .collect();
        self.is_tracing.store(!traces.is_empty(), Ordering::Relaxed);
        self.index.write().traces = traces;
        Ok(())
    }

    pub(super) async fn reload_realms(&self, read: &Read) -> Result<(), Error> {
        let realms = realms::in_use(read)
            .await?
            .into_iter()
            .filter_map(|record| {
                let realm = realm_of(record, &self.ctx)?;
                let key = (realm.isp_id, realm.name.clone().into_boxed_str());
                Some((key, Arc::new(realm)))
            })
            .collect();
        self.index.write().realms = realms;
        Ok(())
    }

    pub(super) async fn reload_packages(&self, read: &Read) -> Result<(), Error> {
        let packages = directory::packages(read)
            .await?
            .into_iter()
            .map(|row| (PackageId::from_uuid(row.id), Arc::new(package_of(row))))
            .collect();
        self.index.write().packages = packages;
        Ok(())
    }

    pub(super) async fn reload_subscribers(&self, read: &Read) -> Result<(), Error> {
        let mut subscribers = FxHashMap::default();
        let mut keys = FxHashMap::default();
        let mut devices = Devices::default();
        let mut after = None;
        loop {
            let rows = directory::subscribers(read, after, BATCH).await?;
            let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
                break;
            };
            let [first, last] = [first, last].map(|row| CustomerId::from_uuid(row.id));
            let mut extras = directory::extras(read, first, last).await?;
            after = Some(last);
            for row in rows {
                let extras = extras.remove(&CustomerId::from_uuid(row.id));
                if let Some((key, subscriber)) = self.entry(row, extras) {
                    keys.insert(subscriber.customer_id, key.clone());
                    add_devices(&mut devices, &subscriber);
                    subscribers.insert(key, subscriber);
                }
            }
        }
        let mut index = self.index.write();
        index.subscribers = subscribers;
        index.keys = keys;
        index.devices = devices;
        Ok(())
    }

    pub(super) async fn reload_subscriber(&self, read: &Read, id: CustomerId) -> Result<(), Error> {
        let row = directory::subscriber(read, id).await?;
        if row.as_ref().is_some_and(|row| !self.knows_package(row)) {
            self.reload_packages(read).await?;
        }
        let extras = directory::extras(read, id, id).await?.remove(&id);
        let fresh = row.and_then(|row| self.entry(row, extras));
        let mut index = self.index.write();
        if let Some(old) = index.keys.remove(&id) {
            // The name may be somebody else's by now.
            let is_own = index
                .subscribers
                .get(&old)
                .is_some_and(|named| named.customer_id == id);
            if is_own && let Some(old) = index.subscribers.remove(&old) {
                remove_devices(&mut index.devices, &old);
            }
        }
        if let Some((key, subscriber)) = fresh {
            index.keys.insert(id, key.clone());
            add_devices(&mut index.devices, &subscriber);
            index.subscribers.insert(key, subscriber);
        }
        Ok(())
    }

    fn knows_package(&self, row: &SubscriberRow) -> bool {
        self.index
            .read()
            .packages
            .contains_key(&PackageId::from_uuid(row.package_id))
    }

    fn entry(
        &self,
        row: SubscriberRow,
        extras: Option<SubscriberExtras>,
    ) -> Option<(Key, Arc<Subscriber>)> {
        let package_id = PackageId::from_uuid(row.package_id);
        let package = self
            .index
            .read()
            .packages
            .get(&package_id)
            .cloned()
            .unwrap_or_default();
        let subscriber = Arc::new(subscriber_of(row, package, extras, &self.ctx.keyring)?);
        let folded = domain::text::folded(&subscriber.username).into_boxed_str();
        Some(((subscriber.isp_id, folded), subscriber))
    }
}
