//! Packages: what the ISP sells.

mod create;
mod edit;
mod list;

pub use self::create::{CreatePackage, create_package};
pub use self::edit::{EditAccessTerms, EditPackage, edit_package, retire_package};
pub use self::list::{get_package, list_packages};
use domain::{
    catalog::{Package, PackageTerms},
    field::FieldProblem,
    ids::IspId,
};
use persistence::{Constraint, Error, Tx, repo::packages};
use serde_json::{Value, json};

/// Why a package stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// Some fields are not good.
    #[error("some fields are not good")]
    Invalid(Vec<FieldProblem>),
    /// Another package of the ISP has that name.
    #[error("another package has this name")]
    NameTaken,
    /// It is sold no longer already.
    #[error("the package is retired already")]
    AlreadyRetired,
    /// The package is not there, or not within reach.
    #[error("no such package")]
    Missing,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Refuses routers that are not the ISP's.
async fn routers_of_isp(tx: &Tx, isp_id: IspId, terms: &PackageTerms) -> Result<(), PackageError> {
    if packages::knows_routers(tx, isp_id, &terms.access.nas_ids).await? {
        return Ok(());
    }
    let detail = "must be routers of the ISP";
    let problem = FieldProblem::new("nas_ids", "unknown_reference", detail);
    Err(PackageError::Invalid(vec![problem]))
}

fn taken(error: Error) -> PackageError {
    if error.conflicts_with(Constraint::PackageName) {
        return PackageError::NameTaken;
    }
    PackageError::Infra(error)
}

fn snapshot(package: &Package) -> Value {
    let terms = &package.terms;
    json!({
        "name": terms.name,
        "rate": terms.rate,
        "rate_managed_by_router": terms.rate_managed_by_router,
        "price": terms.price.to_string(),
        "currency": terms.price.currency().code(),
        "cycle": terms.cycle.as_str(),
        "billing_type": terms.billing_type.as_str(),
        "pool": terms.pool,
        "address_list": terms.address_list,
        "router_profile": terms.router_profile,
        "simultaneous_use": terms.simultaneous_use,
        "access": terms.access,
        "status": package.status.as_str(),
    })
}
