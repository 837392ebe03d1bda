//! Changes a package for everybody who has it, or stops selling it.

use domain::{
    authz::{PackageRef, Proof, perm},
    catalog::{AccessTerms, Package, PackageStatus, PackageTerms, check_terms},
    customer::BillingType,
    event::DomainEvent,
    ids::NasId,
    money::Money,
    network::{
        access_terms::{TimeLimit, VolumeLimit},
        rate_limit::Burst,
        time_window::TimeWindow,
    },
    patch::Patch,
    period::Cycle,
};
use persistence::{
    Tx,
    repo::{customers::isp_terms, packages},
};

use super::{PackageError, routers_of_isp, snapshot, taken};
use crate::{ctx::AppCtx, reactions};

/// What changes of a package; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct EditPackage {
    /// Another name.
    pub name: Option<String>,
    /// Another download rate in kbit/s.
    pub down_kbps: Option<u32>,
    /// Another upload rate in kbit/s.
    pub up_kbps: Option<u32>,
    /// Another burst, or none.
    pub burst: Patch<Burst>,
    /// Whether the router sets the rate.
    pub rate_managed_by_router: Option<bool>,
    /// Another price, from the next bill on.
    pub price: Option<Money>,
    /// Another cycle, from the next bill on.
    pub cycle: Option<Cycle>,
    /// Another way to pay for those who come.
    pub billing_type: Option<BillingType>,
    /// Another address pool on the router.
    pub pool: Patch<String>,
    /// Another firewall address list on the router.
    pub address_list: Patch<String>,
    /// Another PPP or hotspot profile on the router.
    pub router_profile: Patch<String>,
    /// How many sessions at once.
    pub simultaneous_use: Option<u32>,
    /// Other limits, time windows, devices and IPv6.
    pub access: EditAccessTerms,
}

/// What changes of the terms of access; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct EditAccessTerms {
    /// Another idle timeout, or none.
    pub idle_timeout: Patch<u32>,
    /// Another volume limit, or none.
    pub volume_limit: Patch<VolumeLimit>,
    /// Another time limit, or none.
    pub time_limit: Patch<TimeLimit>,
    /// Other time windows; an empty list is always.
    pub time_windows: Option<Vec<TimeWindow>>,
    /// Whether only known devices get in.
    pub bind_mac: Option<bool>,
    /// Whether a known device gets in without a password.
    pub mac_authentication: Option<bool>,
    /// Other routers; an empty list is all of them.
    pub nas_ids: Option<Vec<NasId>>,
    /// Another pool of link prefixes, or none.
    pub ipv6_pool: Patch<String>,
    /// Another pool of delegated prefixes, or none.
    pub delegated_ipv6_pool: Patch<String>,
}

impl EditAccessTerms {
    fn apply(self, terms: AccessTerms) -> AccessTerms {
        AccessTerms {
            idle_timeout: self.idle_timeout.apply(terms.idle_timeout),
            volume_limit: self.volume_limit.apply(terms.volume_limit),
            time_limit: self.time_limit.apply(terms.time_limit),
            time_windows: self.time_windows.unwrap_or(terms.time_windows),
            bind_mac: self.bind_mac.unwrap_or(terms.bind_mac),
            mac_authentication: self.mac_authentication.unwrap_or(terms.mac_authentication),
            nas_ids: self.nas_ids.unwrap_or(terms.nas_ids),
            ipv6_pool: self.ipv6_pool.apply(terms.ipv6_pool),
            delegated_ipv6_pool: self.delegated_ipv6_pool.apply(terms.delegated_ipv6_pool),
        }
    }
}

impl EditPackage {
    fn apply(self, mut terms: PackageTerms) -> PackageTerms {
        terms.name = self.name.unwrap_or(terms.name);
        terms.rate.down_kbps = self.down_kbps.unwrap_or(terms.rate.down_kbps);
        terms.rate.up_kbps = self.up_kbps.unwrap_or(terms.rate.up_kbps);
        terms.rate.burst = self.burst.apply(terms.rate.burst);
        terms.rate_managed_by_router = self
            .rate_managed_by_router
            .unwrap_or(terms.rate_managed_by_router);
        terms.price = self.price.unwrap_or(terms.price);
        terms.cycle = self.cycle.unwrap_or(terms.cycle);
        terms.billing_type = self.billing_type.unwrap_or(terms.billing_type);
        terms.pool = self.pool.apply(terms.pool);
        terms.address_list = self.address_list.apply(terms.address_list);
        terms.router_profile = self.router_profile.apply(terms.router_profile);
        terms.simultaneous_use = self.simultaneous_use.unwrap_or(terms.simultaneous_use);
        terms.access = self.access.apply(terms.access);
        terms
    }
}

/// Changes a package; sessions of everybody who has it follow.
pub async fn edit_package(
    ctx: &AppCtx,
    proof: Proof<perm::ManagePackages, PackageRef>,
    cmd: EditPackage,
) -> Result<Package, PackageError> {
    let tx = ctx.db.begin("edit_package", &proof).await?;
    let package = packages::lock(&tx, proof.resource()).await?;
    let package = package.ok_or(PackageError::Missing)?;
    let currency = isp_terms(&tx, package.isp_id).await?.currency;
    let terms = check_terms(&cmd.apply(package.terms.clone()), currency);
    let changed = Package {
        updated_at: tx.now(),
        terms: terms.map_err(PackageError::Invalid)?,
        ..package.clone()
    };
    routers_of_isp(&tx, changed.isp_id, &changed.terms).await?;
    save(ctx, tx, &package, changed).await
}

/// Stops selling a package; those who have it keep it.
pub async fn retire_package(
    ctx: &AppCtx,
    proof: Proof<perm::ManagePackages, PackageRef>,
) -> Result<Package, PackageError> {
    let tx = ctx.db.begin("retire_package", &proof).await?;
    let package = packages::lock(&tx, proof.resource()).await?;
    let package = package.ok_or(PackageError::Missing)?;
    if package.status == PackageStatus::Retired {
        return Err(PackageError::AlreadyRetired);
    }
    let retired = Package {
        status: PackageStatus::Retired,
        updated_at: tx.now(),
        ..package.clone()
    };
    save(ctx, tx, &package, retired).await
}

async fn save(
    ctx: &AppCtx,
    tx: Tx,
    before: &Package,
    after: Package,
) -> Result<Package, PackageError> {
    packages::update(&tx, &after).await.map_err(taken)?;
    tx.record_change(Some(snapshot(before)), Some(snapshot(&after)));
    if network_sees(&before.terms) != network_sees(&after.terms) {
        let package_id = after.id;
        reactions::record(&tx, DomainEvent::PackageChanged { package_id }).await?;
    }
    tx.commit().await?;
    ctx.signals.committed();
    Ok(after)
}

/// The terms with everything blanked that no router hears of.
fn network_sees(terms: &PackageTerms) -> PackageTerms {
    PackageTerms {
        name: String::new(),
        price: Money::zero(terms.price.currency()),
        cycle: Cycle::Monthly,
        billing_type: BillingType::Prepaid,
        ..terms.clone()
    }
}
