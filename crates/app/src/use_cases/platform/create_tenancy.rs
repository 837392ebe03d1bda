//! A tenancy and its super admin, both or neither.

use domain::{
    authz::{PlatformRef, Proof, RoleLevel, perm},
    ids::TenancyId,
};
use persistence::repo::identity::platform;
use serde_json::json;

use super::owner::{self, Owner, PlatformError};
use crate::ctx::AppCtx;

/// What a tenancy is made of.
#[derive(Debug, Clone)]
pub struct CreateTenancy {
    /// Its name.
    pub name: String,
    /// Who owns it.
    pub super_admin: Owner,
}

/// Makes a tenancy with its super admin.
pub async fn create_tenancy(
    ctx: &AppCtx,
    proof: Proof<perm::ManageTenancies, PlatformRef>,
    cmd: CreateTenancy,
) -> Result<TenancyId, PlatformError> {
    let id = TenancyId::generate();
    let name = owner::line("/name", &cmd.name)?;
    let user = owner::prepare(&cmd.super_admin, RoleLevel::SuperAdmin, Some(id), None).await?;
    let tx = ctx.db.begin("create_tenancy", &proof).await?;
    platform::insert_tenancy(&tx, id, &name).await?;
    owner::add(&tx, &user).await?;
    tx.set_resource("tenancy", id.as_uuid());
    tx.record_change(None, Some(json!({"name": name, "super_admin": user.login})));
    tx.commit().await?;
    Ok(id)
}
