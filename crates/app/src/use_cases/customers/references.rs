//! What a subscriber refers to must belong to the same ISP and be within the person's reach.

use domain::{
    authz::{Actor, IspRef, Scope},
    catalog::{Package, PackageStatus},
    field::FieldProblem,
    ids::{IspId, OperatorId, PackageId, ZoneId},
};
use persistence::{Error, Read, lookup, repo::packages};

/// The package, when it is sold by the ISP.
pub(crate) async fn package_on_sale(
    read: &Read,
    actor: &Actor,
    isp_id: IspId,
    id: PackageId,
) -> Result<Result<Package, FieldProblem>, Error> {
    let scope = Scope::own(actor);
    let package_ref = lookup::package(read, &scope, id).await?;
    let Some(package_ref) = package_ref.filter(|found| found.isp_id == isp_id) else {
        return Ok(Err(not_found("package_id", "package")));
    };
    Ok(match packages::find(read, &package_ref).await? {
        None => Err(not_found("package_id", "package")),
        Some(package) if package.status == PackageStatus::Retired => Err(FieldProblem::new(
            "package_id",
            "package_retired",
            "this package is no longer sold: choose another",
        )),
        Some(package) => Ok(package),
    })
}

/// Whether the zone is one of the ISP.
pub(crate) async fn zone_of_isp(
    read: &Read,
    actor: &Actor,
    isp_id: IspId,
    id: ZoneId,
) -> Result<bool, Error> {
    let zone_ref = lookup::zone(read, &Scope::own(actor), id).await?;
    Ok(zone_ref.is_some_and(|found| found.isp_id == isp_id))
}

/// What is said when it is not.
pub(crate) fn zone_problem() -> FieldProblem {
    not_found("zone_id", "zone")
}

/// Whose customer it becomes: resellers keep what they make, or give it to one below them.
pub(crate) async fn owner(
    read: &Read,
    actor: &Actor,
    isp: &IspRef,
    wanted: Option<OperatorId>,
) -> Result<Result<Option<OperatorId>, FieldProblem>, Error> {
    let Some(id) = wanted else {
        return Ok(Ok(actor.operator_id()));
    };
    let found = lookup::operator(read, &Scope::own(actor), id).await?;
    Ok(match found.filter(|found| found.isp_id == isp.id) {
        Some(found) => Ok(Some(found.id)),
        None => Err(not_found("operator_id", "operator")),
    })
}

fn not_found(field: &'static str, noun: &str) -> FieldProblem {
    FieldProblem::new(field, "not_found", format!("no such {noun}"))
}
