//! Zones: the areas of an ISP.

use chrono::{DateTime, Utc};
use domain::{
    authz::{Scope, ZoneRef},
    ids::{IspId, ZoneId},
};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    statement::{Owned, Sql},
};

/// An area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its identifier.
    pub id: ZoneId,
    /// Whose.
    pub isp_id: IspId,
    /// Its name, unique inside the ISP.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct ZoneRow {
    id: Uuid,
    isp_id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
}

impl ZoneRow {
    fn into_zone(self) -> Zone {
        Zone {
            id: ZoneId::from_uuid(self.id),
            isp_id: IspId::from_uuid(self.isp_id),
            name: self.name,
            created_at: self.created_at,
        }
    }
}

const SELECT: &str = "SELECT z.id, z.isp_id, z.name, z.created_at FROM zone z WHERE ";

/// One zone.
pub async fn find(read: &Read, zone_ref: &ZoneRef) -> Result<Option<Zone>, Error> {
    let row = by_ref(zone_ref).one::<ZoneRow>(read).await?;
    Ok(row.map(ZoneRow::into_zone))
}

/// One zone, locked until the transaction ends.
pub async fn lock(tx: &Tx, zone_ref: &ZoneRef) -> Result<Option<Zone>, Error> {
    let row = by_ref(zone_ref).for_update(tx).one::<ZoneRow>(tx).await?;
    Ok(row.map(ZoneRow::into_zone))
}

fn by_ref(zone_ref: &ZoneRef) -> Sql {
    Sql::new(SELECT)
        .with("z.id = ", zone_ref.id.as_uuid())
        .with(" AND z.isp_id = ", zone_ref.isp_id.as_uuid())
}

/// The zones of the scope by name, each with how many customers live there who are not closed.
pub async fn list(read: &Read, scope: &Scope) -> Result<Vec<(Zone, i64)>, Error> {
    let mut sql = Sql::new(SELECT);
    sql.in_scope("z", scope, Owned::Shared);
    sql.push(" ORDER BY z.name, z.id");
    let rows = sql.all::<ZoneRow>(read).await?;
    let counts = super::customers::counts_by(read, scope, "zone_id").await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let count = counts.get(&row.id).copied().unwrap_or(0);
            (row.into_zone(), count)
        })
        .collect())
}

/// Every zone of one ISP.
pub async fn of_isp(read: &Read, isp_id: IspId) -> Result<Vec<Zone>, Error> {
    let sql = Sql::new(SELECT)
        .with("z.isp_id = ", isp_id.as_uuid())
        .then(" ORDER BY z.name, z.id");
    let rows = sql.all::<ZoneRow>(read).await?;
    Ok(rows.into_iter().map(ZoneRow::into_zone).collect())
}

/// Stores a new zone.
pub async fn insert(tx: &Tx, zone: &Zone) -> Result<(), Error> {
    let mut sql = Sql::new("INSERT INTO zone (id, isp_id, name, created_at, updated_at) VALUES ");
    sql.list([
        zone.id.as_uuid().into(),
        zone.isp_id.as_uuid().into(),
        zone.name.clone().into(),
        zone.created_at.into(),
        Value::from(zone.created_at),
    ]);
    sql.execute(tx).await.map(drop)
}

/// Gives a zone another name.
pub async fn rename(tx: &Tx, zone_ref: &ZoneRef, name: &str) -> Result<(), Error> {
    let sql = Sql::new("UPDATE zone SET name = ")
        .with("", name)
        .with(", updated_at = ", tx.now())
        .with(" WHERE id = ", zone_ref.id.as_uuid())
        .with(" AND isp_id = ", zone_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

/// How many customers name the zone, closed ones included: it cannot be deleted before.
pub async fn references(read: &Read, zone_ref: &ZoneRef) -> Result<i64, Error> {
    Sql::new("SELECT count(*) AS n FROM customer")
        .with(" WHERE isp_id = ", zone_ref.isp_id.as_uuid())
        .with(" AND zone_id = ", zone_ref.id.as_uuid())
        .number(read)
        .await
}

/// Deletes a zone that no customer names.
pub async fn delete(tx: &Tx, zone_ref: &ZoneRef) -> Result<(), Error> {
    let sql = Sql::new("DELETE FROM zone")
        .with(" WHERE id = ", zone_ref.id.as_uuid())
        .with(" AND isp_id = ", zone_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}
