//! Zones: the areas of an ISP.

use domain::{
    authz::{IspRef, Proof, Scope, ZoneRef, perm},
    ids::ZoneId,
    text::{self, InvalidText},
};
use persistence::{
    Constraint, Error,
    repo::zones::{self, Zone},
};
use serde_json::json;

use crate::ctx::AppCtx;

const MAX_NAME: usize = 80;

/// Why a zone stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// The name is not good.
    #[error("the name {0}")]
    Name(#[from] InvalidText),
    /// Another zone of the ISP has that name.
    #[error("another zone has this name")]
    NameTaken,
    /// Customers live there.
    #[error("{customers} customers are in this zone: move them first")]
    InUse {
        /// How many.
        customers: i64,
    },
    /// The zone is not there, or not within reach.
    #[error("no such zone")]
    Missing,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// The zones of the scope by name, each with how many customers live there.
pub async fn list_zones(ctx: &AppCtx, scope: &Scope) -> Result<Vec<(Zone, i64)>, Error> {
    let read = ctx.db.read(scope).await?;
    zones::list(&read, scope).await
}

/// Makes a zone.
pub async fn create_zone(
    ctx: &AppCtx,
    proof: Proof<perm::ManageZones, IspRef>,
    name: String,
) -> Result<Zone, ZoneError> {
    let name = text::line(&name, MAX_NAME)?;
    let tx = ctx.db.begin("create_zone", &proof).await?;
    let zone = Zone {
        id: ZoneId::generate(),
        isp_id: proof.resource().id,
        name,
        created_at: tx.now(),
    };
    zones::insert(&tx, &zone).await.map_err(taken)?;
    tx.set_resource("zone", zone.id.as_uuid());
    tx.record_change(None, Some(json!({ "name": zone.name })));
    tx.commit().await?;
    Ok(zone)
}

/// Gives a zone another name.
pub async fn edit_zone(
    ctx: &AppCtx,
    proof: Proof<perm::ManageZones, ZoneRef>,
    name: String,
) -> Result<Zone, ZoneError> {
    let name = text::line(&name, MAX_NAME)?;
    let tx = ctx.db.begin("edit_zone", &proof).await?;
    let zone = zones::lock(&tx, proof.resource()).await?;
    let zone = zone.ok_or(ZoneError::Missing)?;
    let renamed = zones::rename(&tx, proof.resource(), &name).await;
    renamed.map_err(taken)?;
    let (before, after) = (json!({ "name": zone.name }), json!({ "name": name }));
    tx.record_change(Some(before), Some(after));
    tx.commit().await?;
    Ok(Zone { name, ..zone })
}

/// Deletes a zone in which nobody lives.
pub async fn delete_zone(
    ctx: &AppCtx,
    proof: Proof<perm::ManageZones, ZoneRef>,
) -> Result<(), ZoneError> {
    let tx = ctx.db.begin("delete_zone", &proof).await?;
    let zone = zones::lock(&tx, proof.resource()).await?;
    let zone = zone.ok_or(ZoneError::Missing)?;
    let customers = zones::references(&tx, proof.resource()).await?;
    if customers > 0 {
        return Err(ZoneError::InUse { customers });
    }
    zones::delete(&tx, proof.resource()).await?;
    tx.record_change(Some(json!({ "name": zone.name })), None);
    tx.commit().await?;
    Ok(())
}

fn taken(error: Error) -> ZoneError {
    if error.conflicts_with(Constraint::ZoneName) {
        return ZoneError::NameTaken;
    }
    ZoneError::Infra(error)
}
