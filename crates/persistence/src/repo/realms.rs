//! Realms of other providers and their home servers. Secrets are sealed and never listed.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use domain::{
    authz::{RealmRef, Scope},
    ids::{IspId, RealmId},
    network::realm::RealmPosition,
};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::realm_reports::{self, RealmCounter};
use crate::{
    Error, Read, Tx,
    statement::{Owned, Sql, corrupt},
};

/// Whether the subscribers of a realm are let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealmStatus {
    /// Their home servers are asked.
    Active,
    /// They are treated like anybody else's names.
    Disabled,
}

impl RealmStatus {
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

/// A home server with its sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeServerRecord {
    /// Its address.
    pub address: IpAddr,
    /// Port for logins.
    pub auth_port: u16,
    /// Port for accounting.
    pub acct_port: u16,
    /// The sealed secret.
    pub secret: Vec<u8>,
    /// Whether its answers to logins must carry a Message-Authenticator.
    pub require_message_authenticator: bool,
}

/// A realm as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealmRecord {
    /// Its identifier.
    pub id: RealmId,
    /// Whose.
    pub isp_id: IspId,
    /// Its name, unique inside the ISP.
    pub name: String,
    /// Where it stands in user names.
    pub position: RealmPosition,
    /// Whether the home servers get the user name without the realm.
    pub strip: bool,
    /// Whether logins are decided by the home servers.
    pub authentication: bool,
    /// Whether accounting is sent to the home servers too.
    pub accounting: bool,
    /// How many logins may wait for the home servers at once.
    pub max_waiting_logins: u32,
    /// Whether it is in use.
    pub status: RealmStatus,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who is asked, in this order.
    pub home_servers: Vec<HomeServerRecord>,
    /// What became of its requests; nothing where it is read for the RADIUS server.
    pub counters: Vec<RealmCounter>,
}

#[derive(FromQueryResult)]
struct RealmRow {
    id: Uuid,
    isp_id: Uuid,
    name: String,
    position: String,
    strip: bool,
    authentication: bool,
    accounting: bool,
    max_waiting_logins: i64,
    status: String,
    created_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct ServerRow {
    realm_id: Uuid,
    address: String,
    auth_port: i64,
    acct_port: i64,
    secret: Vec<u8>,
    require_message_authenticator: bool,
}

impl RealmRow {
    fn into_realm(
        self,
        servers: &[ServerRow],
        counters: Vec<RealmCounter>,
    ) -> Result<RealmRecord, Error> {
        let unknown = |text: &str| corrupt("realm", text);
        let own = servers.iter().filter(|server| server.realm_id == self.id);
        Ok(RealmRecord {
            id: RealmId::from_uuid(self.id),
            isp_id: IspId::from_uuid(self.isp_id),
            position: RealmPosition::parse(&self.position)
                .ok_or_else(|| unknown(&self.position))?,
            strip: self.strip,
            authentication: self.authentication,
            accounting: self.accounting,
            max_waiting_logins: u32::try_from(self.max_waiting_logins)
                .map_err(|_| unknown("max_waiting_logins"))?,
            status: RealmStatus::parse(&self.status).ok_or_else(|| unknown(&self.status))?,
            created_at: self.created_at,
            home_servers: own.map(ServerRow::to_server).collect::<Result<_, _>>()?,
            name: self.name,
            counters,
        })
    }
}

impl ServerRow {
    fn to_server(&self) -> Result<HomeServerRecord, Error> {
        let unknown = |text: &str| corrupt("home_server", text);
        let port = |port: i64| u16::try_from(port).map_err(|_| unknown("port"));
        Ok(HomeServerRecord {
            address: self.address.parse().map_err(|_| unknown(&self.address))?,
            auth_port: port(self.auth_port)?,
            acct_port: port(self.acct_port)?,
            secret: self.secret.clone(),
            require_message_authenticator: self.require_message_authenticator,
        })
    }
}

const SELECT: &str = "SELECT r.id, r.isp_id, r.name, r.position, r.strip, r.authentication, \
    r.accounting, r.max_waiting_logins, r.status, r.created_at FROM realm r WHERE ";
const SERVERS: &str = "SELECT h.realm_id, h.address, h.auth_port, h.acct_port, h.secret, \
    h.require_message_authenticator FROM home_server h WHERE ";

/// One realm.
pub async fn find(read: &Read, realm_ref: &RealmRef) -> Result<Option<RealmRecord>, Error> {
    one(read, by_ref(realm_ref), realm_ref).await
}

/// One realm, locked until the transaction ends.
pub async fn lock(tx: &Tx, realm_ref: &RealmRef) -> Result<Option<RealmRecord>, Error> {
    one(tx, by_ref(realm_ref).for_update(tx), realm_ref).await
}

fn by_ref(realm_ref: &RealmRef) -> Sql {
    Sql::new(SELECT)
        .with("r.id = ", realm_ref.id.as_uuid())
        .with(" AND r.isp_id = ", realm_ref.isp_id.as_uuid())
}

async fn one(read: &Read, sql: Sql, realm_ref: &RealmRef) -> Result<Option<RealmRecord>, Error> {
    let Some(row) = sql.one::<RealmRow>(read).await? else {
        return Ok(None);
    };
    let servers = Sql::new(SERVERS)
        .with("h.realm_id = ", realm_ref.id.as_uuid())
        .then(" ORDER BY h.rank");
    let servers = servers.all::<ServerRow>(read).await?;
    let counters = realm_reports::counters(read, realm_ref).await?;
    row.into_realm(&servers, counters).map(Some)
}

/// The realms of the scope by name.
pub async fn list(read: &Read, scope: &Scope) -> Result<Vec<RealmRecord>, Error> {
    let mut sql = Sql::new(SELECT);
    sql.in_scope("r", scope, Owned::Shared);
    sql.push(" ORDER BY r.name, r.id");
    let mut servers = Sql::new(SERVERS);
    servers.in_scope("h", scope, Owned::Shared);
    servers.push(" ORDER BY h.realm_id, h.rank");
    let servers = servers.all::<ServerRow>(read).await?;
    let mut counters = realm_reports::counters_in(read, scope).await?;
    let rows = sql.all::<RealmRow>(read).await?;
    rows.into_iter()
        .map(|row| {
            let counters = counters.remove(&row.id).unwrap_or_default();
            row.into_realm(&servers, counters)
        })
        .collect()
}

/// Every realm of every ISP that is in use.
pub async fn in_use(read: &Read) -> Result<Vec<RealmRecord>, Error> {
    let sql = Sql::new(SELECT).then("r.status = 'active' ORDER BY r.id");
    let servers = Sql::new(SERVERS).then("1 = 1 ORDER BY h.realm_id, h.rank");
    let servers = servers.all::<ServerRow>(read).await?;
    let rows = sql.all::<RealmRow>(read).await?;
    rows.into_iter()
        .map(|row| row.into_realm(&servers, Vec::new()))
        .collect()
}

/// Stores a new realm with its home servers.
pub async fn insert(tx: &Tx, realm: &RealmRecord) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO realm (id, isp_id, name, position, strip, authentication, accounting, \
         max_waiting_logins, status, created_at, updated_at) VALUES ",
    );
    sql.list([
        realm.id.as_uuid().into(),
        realm.isp_id.as_uuid().into(),
        realm.name.clone().into(),
        realm.position.as_str().into(),
        realm.strip.into(),
        realm.authentication.into(),
        realm.accounting.into(),
        i64::from(realm.max_waiting_logins).into(),
        realm.status.as_str().into(),
        realm.created_at.into(),
        Value::from(realm.created_at),
    ]);
    sql.execute(tx).await?;
    insert_servers(tx, realm).await
}

/// Stores what an edit changed; the row is locked by the caller.
pub async fn update(tx: &Tx, realm: &RealmRecord) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE realm SET name = ");
    sql.bind(realm.name.clone());
    sql.push(", position = ").bind(realm.position.as_str());
    sql.push(", strip = ").bind(realm.strip);
    sql.push(", authentication = ").bind(realm.authentication);
    sql.push(", accounting = ").bind(realm.accounting);
    sql.push(", max_waiting_logins = ")
        .bind(i64::from(realm.max_waiting_logins));
    sql.push(", status = ").bind(realm.status.as_str());
    sql.push(", updated_at = ").bind(tx.now());
    sql.push(" WHERE id = ").bind(realm.id.as_uuid());
    sql.push(" AND isp_id = ").bind(realm.isp_id.as_uuid());
    sql.execute(tx).await?;
    delete_servers(tx, realm.id, realm.isp_id).await?;
    insert_servers(tx, realm).await
}

/// Deletes a realm with its home servers.
pub async fn delete(tx: &Tx, realm_ref: &RealmRef) -> Result<(), Error> {
    delete_servers(tx, realm_ref.id, realm_ref.isp_id).await?;
    let sql = Sql::new("DELETE FROM realm")
        .with(" WHERE id = ", realm_ref.id.as_uuid())
        .with(" AND isp_id = ", realm_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

async fn delete_servers(tx: &Tx, id: RealmId, isp_id: IspId) -> Result<(), Error> {
    let sql = Sql::new("DELETE FROM home_server")
        .with(" WHERE realm_id = ", id.as_uuid())
        .with(" AND isp_id = ", isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

async fn insert_servers(tx: &Tx, realm: &RealmRecord) -> Result<(), Error> {
    for (rank, server) in (0_i64..).zip(&realm.home_servers) {
        let mut sql = Sql::new(
            "INSERT INTO home_server (realm_id, isp_id, rank, address, auth_port, acct_port, \
             secret, require_message_authenticator) VALUES ",
        );
        sql.list([
            realm.id.as_uuid().into(),
            realm.isp_id.as_uuid().into(),
            rank.into(),
            server.address.to_string().into(),
            i64::from(server.auth_port).into(),
            i64::from(server.acct_port).into(),
            server.secret.clone().into(),
            Value::from(server.require_message_authenticator),
        ]);
        sql.execute(tx).await?;
    }
    Ok(())
}
