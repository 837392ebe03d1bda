//! Live sessions as jobs see them.

use chrono::{DateTime, Utc};
use domain::{
    ids::{CustomerId, IspId, NasId, PackageId},
    network::session::SessionKey,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    error::Error,
    sql::{self, values},
    tx::{Read, Tx},
};

/// A live session and how to reach its router.
#[derive(Debug, Clone, FromQueryResult)]
pub struct LiveSession {
    /// Its identifier.
    pub id: Uuid,
    /// Which router it is on.
    pub nas_id: Uuid,
    /// The name of that router.
    pub nas_name: String,
    /// Where the router reports from.
    pub nas_address: String,
    /// Where it takes our requests.
    pub coa_port: i64,
    /// The sealed secret shared with it.
    pub secret: Vec<u8>,
    /// The sealed secret before it.
    pub old_secret: Option<Vec<u8>>,
    /// Until when that is still good.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// The name that logged in.
    pub username: String,
    /// The router's own id of the session.
    pub acct_session_id: String,
    /// The session's address.
    pub framed_ip: Option<String>,
    /// MAC address or number of the caller.
    pub calling_station_id: Option<String>,
    /// Whether it is behind the wall.
    pub walled: bool,
    /// The Class the router echoes.
    pub class: Option<Vec<u8>>,
    /// Upload so far.
    pub input_octets: i64,
    /// Download so far.
    pub output_octets: i64,
    /// Since when it is up.
    pub started_at: DateTime<Utc>,
    /// Whose customer.
    pub isp_id: Uuid,
}

/// A live session as the RADIUS server counts it.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// Whose row it is.
    pub isp_id: IspId,
    /// Whose session it is.
    pub customer_id: CustomerId,
    /// The router it is on.
    pub nas_id: NasId,
    /// Its key.
    pub session_key: SessionKey,
    /// MAC address or number of the caller.
    pub calling_station_id: Option<String>,
    /// When it was heard of last.
    pub updated_at: DateTime<Utc>,
}

/// Every live session of a known customer, of every ISP.
pub async fn open_sessions(read: &Read) -> Result<Vec<OpenSession>, Error> {
    let statement = "SELECT isp_id, customer_id, nas_id, session_key, calling_station_id, updated_at \
        FROM session WHERE customer_id IS NOT NULL";
    sql::rows(read, statement, vec![])
        .await?
        .iter()
        .map(|row| {
            let key: Vec<u8> = row.try_get("", "session_key")?;
            let key = key
                .try_into()
                .map_err(|_| Error::Unexpected("a session key has 16 bytes".to_owned()))?;
            Ok(OpenSession {
                isp_id: IspId::from_uuid(row.try_get("", "isp_id")?),
                customer_id: CustomerId::from_uuid(row.try_get("", "customer_id")?),
                nas_id: NasId::from_uuid(row.try_get("", "nas_id")?),
                session_key: SessionKey::from_bytes(key),
                calling_station_id: row.try_get("", "calling_station_id")?,
                updated_at: row.try_get("", "updated_at")?,
            })
        })
        .collect()
}

/// Every live session of a customer.
pub async fn live_of_customer(
    read: &Read,
    customer_id: CustomerId,
) -> Result<Vec<LiveSession>, Error> {
    sql::all(
        read,
        "SELECT s.id, s.nas_id, n.name AS nas_name, s.nas_address, n.coa_port, n.secret, n.old_secret, \
         n.old_secret_until, s.username, s.acct_session_id, s.framed_ip, s.calling_station_id, \
         s.walled, s.class, s.input_octets, s.output_octets, s.started_at, s.isp_id \
         FROM session s JOIN nas n ON n.id = s.nas_id \
         WHERE s.customer_id = $1 AND s.isp_id = (SELECT isp_id FROM customer WHERE id = $1) \
         ORDER BY s.started_at",
        values![customer_id.as_uuid()],
    )
    .await
}

/// The customers on a package who have a live session, in order, after one of them.
pub async fn customers_with_session(
    read: &Read,
    package_id: PackageId,
    after: Option<CustomerId>,
    limit: i64,
) -> Result<Vec<CustomerId>, Error> {
    let after = after.map_or(Uuid::nil(), CustomerId::as_uuid);
    let rows = sql::rows(
        read,
        "SELECT c.id FROM customer c WHERE c.package_id = $1 AND c.id > $2 \
         AND EXISTS (SELECT 1 FROM session s WHERE s.isp_id = c.isp_id AND s.customer_id = c.id) \
         ORDER BY c.id LIMIT $3",
        values![package_id.as_uuid(), after, limit],
    )
    .await?;
    rows.iter()
        .map(|row| Ok(CustomerId::from_uuid(row.try_get_by_index(0)?)))
        .collect()
}

/// Notes that a router was heard of.
pub async fn touch_nas(tx: &Tx, id: NasId, at: DateTime<Utc>) -> Result<(), Error> {
    let statement = "UPDATE nas SET last_seen_at = $2 WHERE id = $1";
    sql::execute(tx, statement, values![id.as_uuid(), at]).await?;
    Ok(())
}
