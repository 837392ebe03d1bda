//! An ISP, its settings and its admin, all or nothing.

use domain::{
    authz::{Proof, RoleLevel, TenancyRef, perm},
    ids::IspId,
    money::Currency,
};
use persistence::repo::identity::platform::{self, IspRow};
use serde_json::json;

use super::owner::{self, Owner, PlatformError};
use crate::{ctx::AppCtx, use_cases::auth};

/// What an ISP is made of.
#[derive(Debug, Clone)]
pub struct CreateIsp {
    /// Its name.
    pub name: String,
    /// The currency of its money.
    pub currency: String,
    /// The zone of its days, by its IANA name.
    pub time_zone: String,
    /// The country of its numbers, two letters.
    pub country: String,
    /// Who owns it.
    pub admin: Owner,
}

/// Makes an ISP with its admin.
pub async fn create_isp(
    ctx: &AppCtx,
    proof: Proof<perm::ManageIsps, TenancyRef>,
    cmd: CreateIsp,
) -> Result<IspId, PlatformError> {
    check(&cmd)?;
    let (id, tenancy_id) = (IspId::generate(), proof.resource().id);
    let name = owner::line("/name", &cmd.name)?;
    let admin = owner::prepare(&cmd.admin, RoleLevel::Admin, Some(tenancy_id), Some(id)).await?;
    let tx = ctx.db.begin("create_isp", &proof).await?;
    let row = IspRow {
        id: id.as_uuid(),
        tenancy_id: tenancy_id.as_uuid(),
        name,
        currency: cmd.currency,
        time_zone: cmd.time_zone,
        country: cmd.country,
        created_at: tx.now(),
    };
    platform::insert_isp(&tx, &row).await?;
    owner::add(&tx, &admin).await?;
    tx.set_resource("isp", id.as_uuid());
    tx.record_change(None, Some(json!({"name": row.name, "admin": admin.login})));
    let maker = tx.actor().user_id();
    tx.commit().await?;
    if let Some(maker) = maker {
        // The owner of the tenancy reaches one ISP more.
        auth::mark_changed(ctx, maker).await?;
    }
    Ok(id)
}

fn check(cmd: &CreateIsp) -> Result<(), PlatformError> {
    let field = |name, detail: &str| Err(PlatformError::Field(name, detail.to_owned()));
    if cmd.currency.parse::<Currency>().is_err() {
        return field("/currency", "must be three capital letters such as BDT");
    }
    if cmd.time_zone.parse::<chrono_tz::Tz>().is_err() {
        return field("/time_zone", "must be an IANA name such as Asia/Dhaka");
    }
    let country = cmd.country.as_bytes();
    if country.len() != 2 || !country.iter().all(u8::is_ascii_uppercase) {
        return field("/country", "must be two capital letters such as BD");
    }
    Ok(())
}
