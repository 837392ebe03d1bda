//! Packages: what the ISP sells.

use chrono::{DateTime, Utc};
use domain::{
    authz::{PackageRef, Scope},
    catalog::{Package, PackageStatus, PackageTerms},
    customer::BillingType,
    ids::{IspId, NasId, PackageId},
    money::{Currency, Money},
    network::rate_limit::{Burst, RateLimit},
    period::Cycle,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    statement::{Owned, Sql, corrupt},
};

const COLUMNS: &str = "p.id, p.isp_id, p.name, p.up_kbps, p.down_kbps, p.burst, \
    p.rate_managed_by_router, p.price_minor, i.currency, p.cycle, p.billing_type, p.pool, \
    p.address_list, p.router_profile, p.simultaneous_use, p.access, p.status, p.created_at, p.updated_at";
const FROM: &str = " FROM package p JOIN isp i ON i.id = p.isp_id WHERE ";

#[derive(FromQueryResult)]
struct PackageRow {
    id: Uuid,
    isp_id: Uuid,
    name: String,
    up_kbps: i64,
    down_kbps: i64,
    burst: Option<serde_json::Value>,
    rate_managed_by_router: bool,
    price_minor: i64,
    currency: String,
    cycle: String,
    billing_type: String,
    pool: Option<String>,
    address_list: Option<String>,
    router_profile: Option<String>,
    simultaneous_use: i64,
    access: serde_json::Value,
    status: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl PackageRow {
    fn into_package(self) -> Result<Package, Error> {
        let unknown = |text: &str| corrupt("package", text);
        let number = |value: i64| u32::try_from(value).map_err(|_| unknown("a negative number"));
        let currency: Currency = self.currency.parse().map_err(|_| unknown(&self.currency))?;
        let burst: Option<Burst> = self
            .burst
            .map(serde_json::from_value)
            .transpose()
            .map_err(|_| unknown("burst"))?;
        Ok(Package {
            id: PackageId::from_uuid(self.id),
            isp_id: IspId::from_uuid(self.isp_id),
            created_at: self.created_at,
            updated_at: self.updated_at,
            status: PackageStatus::parse(&self.status).ok_or_else(|| unknown(&self.status))?,
            terms: PackageTerms {
                name: self.name,
                rate: RateLimit {
                    burst,
                    ..RateLimit::new(number(self.up_kbps)?, number(self.down_kbps)?)
                },
                rate_managed_by_router: self.rate_managed_by_router,
                price: Money::from_minor(self.price_minor, currency),
                cycle: Cycle::parse(&self.cycle).ok_or_else(|| unknown(&self.cycle))?,
                billing_type: BillingType::parse(&self.billing_type)
                    .ok_or_else(|| unknown(&self.billing_type))?,
                pool: self.pool,
                address_list: self.address_list,
                router_profile: self.router_profile,
                simultaneous_use: number(self.simultaneous_use)?,
                access: serde_json::from_value(self.access)
                    .map_err(|error| unknown(&error.to_string()))?,
            },
        })
    }
}

/// One package.
pub async fn find(read: &Read, package_ref: &PackageRef) -> Result<Option<Package>, Error> {
    let row = by_ref(package_ref).one::<PackageRow>(read).await?;
    row.map(PackageRow::into_package).transpose()
}

/// One package, locked until the transaction ends.
pub async fn lock(tx: &Tx, package_ref: &PackageRef) -> Result<Option<Package>, Error> {
    let mut sql = by_ref(package_ref);
    if tx.backend() == crate::Backend::Postgres {
        sql.push(" FOR UPDATE OF p");
    }
    let row = sql.one::<PackageRow>(tx).await?;
    row.map(PackageRow::into_package).transpose()
}

fn by_ref(package_ref: &PackageRef) -> Sql {
    Sql::new("SELECT ")
        .then(COLUMNS)
        .then(FROM)
        .with("p.id = ", package_ref.id.as_uuid())
        .with(" AND p.isp_id = ", package_ref.isp_id.as_uuid())
}

/// A package and how many customers have it who are not closed.
#[derive(Debug, Clone)]
pub struct PackageWithCount {
    /// The package.
    pub package: Package,
    /// How many customers have it.
    pub customers: i64,
}

/// The packages of the scope by name, at most so many.
pub async fn list(read: &Read, scope: &Scope) -> Result<Vec<PackageWithCount>, Error> {
    let mut sql = Sql::new("SELECT ").then(COLUMNS).then(FROM);
    sql.in_scope("p", scope, Owned::Shared);
    sql.push(" ORDER BY p.status, p.name, p.id");
    let rows = sql.all::<PackageRow>(read).await?;
    let packages: Result<Vec<_>, _> = rows.into_iter().map(PackageRow::into_package).collect();
    let counts = super::customers::counts_by(read, scope, "package_id").await?;
    Ok(packages?
        .into_iter()
        .map(|package| PackageWithCount {
            customers: counts.get(&package.id.as_uuid()).copied().unwrap_or(0),
            package,
        })
        .collect())
}

/// Every package of one ISP, without counts.
pub async fn of_isp(read: &Read, isp_id: IspId) -> Result<Vec<Package>, Error> {
    let sql = Sql::new("SELECT ")
        .then(COLUMNS)
        .then(FROM)
        .with("p.isp_id = ", isp_id.as_uuid())
        .then(" ORDER BY p.name, p.id");
    let rows = sql.all::<PackageRow>(read).await?;
    rows.into_iter().map(PackageRow::into_package).collect()
}

/// Stores a new package.
pub async fn insert(tx: &Tx, package: &Package) -> Result<(), Error> {
    let terms = &package.terms;
    let mut sql = Sql::new(
        "INSERT INTO package (id, isp_id, name, up_kbps, down_kbps, burst, \
         rate_managed_by_router, price_minor, cycle, billing_type, pool, address_list, \
         router_profile, simultaneous_use, access, status, created_at, updated_at) VALUES ",
    );
    sql.list([
        package.id.as_uuid().into(),
        package.isp_id.as_uuid().into(),
        terms.name.clone().into(),
        i64::from(terms.rate.up_kbps).into(),
        i64::from(terms.rate.down_kbps).into(),
        burst_of(terms).into(),
        terms.rate_managed_by_router.into(),
        terms.price.minor().into(),
        terms.cycle.as_str().into(),
        terms.billing_type.as_str().into(),
        terms.pool.clone().into(),
        terms.address_list.clone().into(),
        terms.router_profile.clone().into(),
        i64::from(terms.simultaneous_use).into(),
        access_of(terms).into(),
        package.status.as_str().into(),
        package.created_at.into(),
        sea_orm::Value::from(package.updated_at),
    ]);
    sql.execute(tx).await.map(drop)
}

/// Stores what an edit changed; the row is locked by the caller.
pub async fn update(tx: &Tx, package: &Package) -> Result<(), Error> {
    let terms = &package.terms;
    let mut sql = Sql::new("UPDATE package SET name = ");
    sql.bind(terms.name.clone());
    sql.push(", up_kbps = ").bind(i64::from(terms.rate.up_kbps));
    sql.push(", down_kbps = ")
        .bind(i64::from(terms.rate.down_kbps));
    sql.push(", burst = ").bind(burst_of(terms));
    sql.push(", rate_managed_by_router = ")
        .bind(terms.rate_managed_by_router);
    sql.push(", price_minor = ").bind(terms.price.minor());
    sql.push(", cycle = ").bind(terms.cycle.as_str());
    sql.push(", billing_type = ")
        .bind(terms.billing_type.as_str());
    sql.push(", pool = ").bind(terms.pool.clone());
    sql.push(", address_list = ")
        .bind(terms.address_list.clone());
    sql.push(", router_profile = ")
        .bind(terms.router_profile.clone());
    sql.push(", simultaneous_use = ")
        .bind(i64::from(terms.simultaneous_use));
    sql.push(", access = ").bind(access_of(terms));
    sql.push(", status = ").bind(package.status.as_str());
    sql.push(", updated_at = ").bind(package.updated_at);
    sql.push(" WHERE id = ").bind(package.id.as_uuid());
    sql.push(" AND isp_id = ").bind(package.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

/// Whether all of these are routers of the ISP.
pub async fn knows_routers(read: &Read, isp_id: IspId, ids: &[NasId]) -> Result<bool, Error> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM nas WHERE ")
        .with("isp_id = ", isp_id.as_uuid())
        .then(" AND id IN ");
    sql.list(ids.iter().map(|id| id.as_uuid()));
    Ok(usize::try_from(sql.number(read).await?) == Ok(ids.len()))
}

fn access_of(terms: &PackageTerms) -> serde_json::Value {
    serde_json::to_value(&terms.access).expect("invariant: terms are plain numbers and texts")
}

fn burst_of(terms: &PackageTerms) -> Option<serde_json::Value> {
    terms
        .rate
        .burst
        .map(|burst| serde_json::to_value(burst).expect("invariant: a burst is plain numbers"))
}
