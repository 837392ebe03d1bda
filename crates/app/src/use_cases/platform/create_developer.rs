//! The person who owns the installation; made on its command line.

use domain::{
    authz::{PlatformRef, Proof, RoleLevel, perm},
    ids::UserId,
};

use super::owner::{self, Owner, PlatformError};
use crate::ctx::AppCtx;

/// Makes a developer's account.
pub async fn create_developer(
    ctx: &AppCtx,
    proof: Proof<perm::ManagePlatform, PlatformRef>,
    developer: Owner,
) -> Result<UserId, PlatformError> {
    let user = owner::prepare(&developer, RoleLevel::Developer, None, None).await?;
    let tx = ctx.db.begin("create_developer", &proof).await?;
    owner::add(&tx, &user).await?;
    tx.set_resource("user", user.id.as_uuid());
    tx.commit().await?;
    Ok(user.id)
}
