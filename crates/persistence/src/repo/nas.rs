//! Routers as RADIUS clients. Their secrets are read by a verb of their own.

use chrono::{DateTime, Utc};
use domain::{
    authz::{NasRef, Scope},
    ids::{IspId, NasId},
    network::nas::{RequireMessageAuthenticator, parse_network},
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
    /// Whether it is answered.
    pub status: NasStatus,
    /// When it last sent anything that was right.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct NasRow {
    id: Uuid,
    isp_id: Uuid,
    name: String,
    address: String,
    coa_port: i64,
    require_message_authenticator: String,
    status: String,
    last_seen_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
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
            status: NasStatus::parse(&self.status).ok_or_else(|| unknown(&self.status))?,
            last_seen_at: self.last_seen_at,
            created_at: self.created_at,
        })
    }
}

const SELECT: &str = "SELECT n.id, n.isp_id, n.name, n.address, n.coa_port, \
    n.require_message_authenticator, n.status, n.last_seen_at, n.created_at \
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
         require_message_authenticator, status, created_at, updated_at) VALUES ",
    );
    sql.list([
        nas.id.as_uuid().into(),
        nas.isp_id.as_uuid().into(),
        nas.name.clone().into(),
        nas.address.to_string().into(),
        sealed_secret.into(),
        i64::from(nas.coa_port).into(),
        nas.require_message_authenticator.as_str().into(),
        nas.status.as_str().into(),
        nas.created_at.into(),
        Value::from(nas.created_at),
    ]);
    sql.execute(tx).await.map(drop)
}

/// Stores what an edit changed; the row is locked by the caller.
pub async fn update(tx: &Tx, nas: &NasRecord, sealed_secret: Option<Vec<u8>>) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE nas SET name = ");
    sql.bind(nas.name.clone());
    sql.push(", address = ").bind(nas.address.to_string());
    sql.push(", coa_port = ").bind(i64::from(nas.coa_port));
    sql.push(", require_message_authenticator = ")
        .bind(nas.require_message_authenticator.as_str());
    sql.push(", status = ").bind(nas.status.as_str());
    if let Some(sealed) = sealed_secret {
        sql.push(", secret = ").bind(sealed);
    }
    sql.push(", updated_at = ").bind(tx.now());
    sql.push(" WHERE id = ").bind(nas.id.as_uuid());
    sql.push(" AND isp_id = ").bind(nas.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}
