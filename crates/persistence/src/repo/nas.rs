//! Routers as RADIUS clients. Their secrets are read by a verb of their own.

use chrono::{DateTime, Utc};
use domain::{
    authz::{NasRef, Scope},
    ids::{IspId, NasId},
    network::nas::{ClientLimits, LimitProxyState, RequireMessageAuthenticator, parse_network},
};
use ipnet::IpNet;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    statement::{Owned, Sql, corrupt},
};

/// Whether requests of a RADIUS client are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NasStatus {
    /// Answered.
    Active,
    /// Not answered.
    Disabled,
}

impl NasStatus {
    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Active, Self::Disabled]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

/// A RADIUS client as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NasRecord {
    /// Its identifier.
    pub id: NasId,
    /// Whose.
    pub isp_id: IspId,
    /// Its name, unique inside the ISP.
    pub name: String,
    /// Addresses it sends from; unique in the installation.
    pub address: IpNet,
    /// Port on which it takes Disconnect- and CoA-Requests.
    pub coa_port: u16,
    /// The BlastRADIUS rule for its Access-Requests.
    pub require_message_authenticator: RequireMessageAuthenticator,
    /// The BlastRADIUS rule for Access-Requests with Proxy-State.
    pub limit_proxy_state: LimitProxyState,
    /// Its accounting counts input and output the other way round.
    pub swap_octets: bool,
    /// How much it may ask of us.
    pub limits: ClientLimits,
    /// By what its certificate is known over RadSec; unique in the ISP.
    pub radsec_identity: Option<String>,
    /// Until when the secret before is taken too.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// Whether it is answered.
    pub status: NasStatus,
    /// When it last sent anything that was right.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Requests that were dropped because they were not signed.
    pub unsigned_dropped: Option<Dropped>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Requests of a RADIUS client that were dropped for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped {
    /// How many, since it is counted.
    pub count: i64,
    /// When the last of them was counted.
    pub last_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct NasRow {
    id: Uuid,
    isp_id: Uuid,
    name: String,
    address: String,
    coa_port: i64,
    require_message_authenticator: String,
    limit_proxy_state: String,
    swap_octets: bool,
    max_requests_per_second: Option<i64>,
    max_in_flight: Option<i64>,
    radsec_identity: Option<String>,
    old_secret_until: Option<DateTime<Utc>>,
    status: String,
    last_seen_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    unsigned_dropped: Option<i64>,
    unsigned_dropped_at: Option<DateTime<Utc>>,
}

impl NasRow {
    fn into_nas(self) -> Result<NasRecord, Error> {
        let unknown = |text: &str| corrupt("nas", text);
        Ok(NasRecord {
            id: NasId::from_uuid(self.id),
            isp_id: IspId::from_uuid(self.isp_id),
            name: self.name,
            address: parse_network(&self.address).map_err(|_| unknown(&self.address))?,
            coa_port: u16::try_from(self.coa_port).map_err(|_| unknown("coa_port"))?,
            require_message_authenticator: RequireMessageAuthenticator::parse(
                &self.require_message_authenticator,
            )
            .ok_or_else(|| unknown(&self.require_message_authenticator))?,
            limit_proxy_state: LimitProxyState::parse(&self.limit_proxy_state)
                .ok_or_else(|| unknown(&self.limit_proxy_state))?,
            swap_octets: self.swap_octets,
            limits: limits_of(self.max_requests_per_second, self.max_in_flight),
            radsec_identity: self.radsec_identity,
            old_secret_until: self.old_secret_until,
            status: NasStatus::parse(&self.status).ok_or_else(|| unknown(&self.status))?,
            last_seen_at: self.last_seen_at,
            unsigned_dropped: self
                .unsigned_dropped
                .zip(self.unsigned_dropped_at)
                .map(|(count, last_at)| Dropped { count, last_at }),
            created_at: self.created_at,
        })
    }
}

/// The limits of two columns; what does not fit is no limit.
pub(crate) fn limits_of(per_second: Option<i64>, in_flight: Option<i64>) -> ClientLimits {
    let limit = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
    ClientLimits {
        max_requests_per_second: limit(per_second),
        max_in_flight: limit(in_flight),
    }
}

// What was dropped before somebody had everything forgotten says nothing of now.
const SELECT: &str = "SELECT n.id, n.isp_id, n.name, n.address, n.coa_port, \
    n.require_message_authenticator, n.limit_proxy_state, n.swap_octets, \
    n.max_requests_per_second, n.max_in_flight, n.radsec_identity, n.old_secret_until, n.status, n.last_seen_at, \
    n.created_at, \
    (SELECT c.value FROM nas_counter c WHERE c.nas_id = n.id \
     AND c.counter = 'discards.no_message_authenticator') AS unsigned_dropped, \
    (SELECT c.updated_at FROM nas_counter c WHERE c.nas_id = n.id \
     AND c.counter = 'discards.no_message_authenticator' \
     AND (n.forgotten_at IS NULL OR c.updated_at > n.forgotten_at)) AS unsigned_dropped_at \
    FROM nas n WHERE ";

/// One RADIUS client.
pub async fn find(read: &Read, nas_ref: &NasRef) -> Result<Option<NasRecord>, Error> {
    let row = by_ref(nas_ref).one::<NasRow>(read).await?;
    row.map(NasRow::into_nas).transpose()
}

/// One RADIUS client, locked until the transaction ends.
pub async fn lock(tx: &Tx, nas_ref: &NasRef) -> Result<Option<NasRecord>, Error> {
    let row = by_ref(nas_ref).for_update(tx).one::<NasRow>(tx).await?;
    row.map(NasRow::into_nas).transpose()
}

fn by_ref(nas_ref: &NasRef) -> Sql {
    Sql::new(SELECT)
        .with("n.id = ", nas_ref.id.as_uuid())
        .with(" AND n.isp_id = ", nas_ref.isp_id.as_uuid())
}

/// The RADIUS clients of the scope by name.
pub async fn list(read: &Read, scope: &Scope) -> Result<Vec<NasRecord>, Error> {
    let mut sql = Sql::new(SELECT);
    sql.in_scope("n", scope, Owned::Shared);
    sql.push(" ORDER BY n.name, n.id");
    let rows = sql.all::<NasRow>(read).await?;
    rows.into_iter().map(NasRow::into_nas).collect()
}

/// The sealed secret.
pub async fn sealed_secret(read: &Read, nas_ref: &NasRef) -> Result<Option<Vec<u8>>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        secret: Vec<u8>,
    }
    let sql = Sql::new("SELECT secret FROM nas")
        .with(" WHERE id = ", nas_ref.id.as_uuid())
        .with(" AND isp_id = ", nas_ref.isp_id.as_uuid());
    Ok(sql.one::<Row>(read).await?.map(|row| row.secret))
}

/// Stores a new RADIUS client with its sealed secret.
pub async fn insert(tx: &Tx, nas: &NasRecord, sealed_secret: Vec<u8>) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO nas (id, isp_id, name, address, secret, coa_port, \
         require_message_authenticator, limit_proxy_state, swap_octets, \
         max_requests_per_second, max_in_flight, radsec_identity, status, claimed_at, created_at, \
         updated_at) VALUES ",
    );
    sql.list([
        nas.id.as_uuid().into(),
        nas.isp_id.as_uuid().into(),
        nas.name.clone().into(),
        nas.address.to_string().into(),
        sealed_secret.into(),
        i64::from(nas.coa_port).into(),
        nas.require_message_authenticator.as_str().into(),
        nas.limit_proxy_state.as_str().into(),
        nas.swap_octets.into(),
        nas.limits.max_requests_per_second.map(i64::from).into(),
        nas.limits.max_in_flight.map(i64::from).into(),
        nas.radsec_identity.clone().into(),
        nas.status.as_str().into(),
        nas.created_at.into(),
        nas.created_at.into(),
        Value::from(nas.created_at),
    ]);
    sql.execute(tx).await.map(drop)
}

/// Stores what an edit changed; the row is locked by the caller.
///
/// A new secret replaces the old one; with `old_secret_until` in the record the old one stays
/// beside it.
pub async fn update(tx: &Tx, nas: &NasRecord, sealed_secret: Option<Vec<u8>>) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE nas SET name = ");
    sql.bind(nas.name.clone());
    claim(&mut sql, nas, tx.now());
    sql.push(", address = ").bind(nas.address.to_string());
    sql.push(", coa_port = ").bind(i64::from(nas.coa_port));
    sql.push(", require_message_authenticator = ")
        .bind(nas.require_message_authenticator.as_str());
    sql.push(", limit_proxy_state = ")
        .bind(nas.limit_proxy_state.as_str());
    sql.push(", swap_octets = ").bind(nas.swap_octets);
    sql.push(", max_requests_per_second = ")
        .bind(nas.limits.max_requests_per_second.map(i64::from));
    sql.push(", max_in_flight = ")
        .bind(nas.limits.max_in_flight.map(i64::from));
    sql.push(", radsec_identity = ")
        .bind(nas.radsec_identity.clone());
    sql.push(", status = ").bind(nas.status.as_str());
    if let Some(sealed) = sealed_secret {
        // The right sides see the row as it was.
        sql.push(match nas.old_secret_until {
            Some(_) => ", old_secret = secret",
            None => ", old_secret = NULL",
        });
        sql.push(", old_secret_until = ").bind(nas.old_secret_until);
        sql.push(", secret = ").bind(sealed);
    }
    sql.push(", updated_at = ").bind(tx.now());
    sql.push(" WHERE id = ").bind(nas.id.as_uuid());
    sql.push(" AND isp_id = ").bind(nas.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

/// Where it comes from, or by what it is known, is claimed anew by whoever changes it.
fn claim(sql: &mut Sql, nas: &NasRecord, now: DateTime<Utc>) {
    // The right side sees the row as it was.
    sql.push(", claimed_at = CASE WHEN address = ")
        .bind(nas.address.to_string());
    sql.push(" AND COALESCE(radsec_identity, '') = ")
        .bind(nas.radsec_identity.clone().unwrap_or_default());
    sql.push(" THEN claimed_at ELSE ").bind(now);
    sql.push(" END");
}

/// Forgets what was learnt about the addresses of a RADIUS client.
pub async fn forget_learnt(tx: &Tx, nas_ref: &NasRef) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE nas SET forgotten_at = ");
    sql.bind(tx.now());
    sql.push(" WHERE id = ").bind(nas_ref.id.as_uuid());
    sql.push(" AND isp_id = ").bind(nas_ref.isp_id.as_uuid());
    sql.execute(tx).await?;
    let mut sql = Sql::new("DELETE FROM nas_source WHERE nas_id = ");
    sql.bind(nas_ref.id.as_uuid());
    sql.push(" AND isp_id = ").bind(nas_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}
