//! The tables under FreeRADIUS's own names, in the schema `freeradius`; PostgreSQL only.
//!
//! Customers, packages and routers are written for it, sessions and answers are read from it.

use chrono::{DateTime, Utc};
use domain::{
    ids::{CustomerId, IspId},
    network::session::{AccountingEvent, TerminateCause},
};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    error::Error,
    sql::{self, groups, values},
    tx::{Read, Tx},
};

/// Rows of one statement: four columns each stay far below the 65,535 values PostgreSQL takes.
const CHUNK: usize = 4_000;

/// One attribute of a check or a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name in FreeRADIUS's dictionary.
    pub name: &'static str,
    /// How it is used.
    pub op: &'static str,
    /// Its value.
    pub value: String,
}

/// Everything FreeRADIUS is told of a customer.
#[derive(Debug, Clone)]
pub struct CustomerRows {
    /// Which customer.
    pub customer_id: CustomerId,
    /// The login name.
    pub username: String,
    /// Whether a login gets the walled garden.
    pub walled: bool,
    /// What the rows say, shortened.
    pub fingerprint: Vec<u8>,
    /// What is checked.
    pub check: Vec<Attribute>,
    /// What is replied.
    pub reply: Vec<Attribute>,
    /// The group, which is the package.
    pub group: Option<String>,
}

/// What stands there of a customer.
#[derive(Debug, Clone, FromQueryResult)]
pub struct MirroredRow {
    /// Which customer.
    pub customer_id: Uuid,
    /// The login name.
    pub username: String,
    /// Whether a login gets the walled garden.
    pub walled: bool,
    /// What the rows say, shortened.
    pub fingerprint: Vec<u8>,
}

/// A package as a group.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PackageGroupRow {
    /// Its name.
    pub name: String,
    /// Upload rate.
    pub up_kbps: i64,
    /// Download rate.
    pub down_kbps: i64,
    /// Burst, as JSON.
    pub burst: Option<serde_json::Value>,
    /// Whether the router sets the rate.
    pub rate_managed_by_router: bool,
    /// The pool.
    pub pool: Option<String>,
    /// The address list.
    pub address_list: Option<String>,
    /// The profile on the router.
    pub router_profile: Option<String>,
    /// How many sessions at once.
    pub simultaneous_use: i64,
}

/// A RADIUS client as FreeRADIUS reads it at its start.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ClientRow {
    /// Address or network.
    pub nasname: String,
    /// Name.
    pub shortname: String,
    /// The clear secret.
    pub secret: String,
}

/// Lets one process at a time write here.
pub async fn lock(tx: &Tx) -> Result<(), Error> {
    sql::row(tx, "SELECT pg_advisory_xact_lock(727106)", vec![]).await?;
    Ok(())
}

/// Everything that stands there of customers.
pub async fn mirrored(read: &Read) -> Result<Vec<MirroredRow>, Error> {
    let statement =
        "SELECT customer_id, username, walled, fingerprint FROM freeradius.mirrored_customer";
    sql::all(read, statement, vec![]).await
}

/// The package of every customer of an ISP, by name.
pub async fn package_names(read: &Read, isp_id: IspId) -> Result<Vec<(CustomerId, String)>, Error> {
    let statement = "SELECT c.id, p.name FROM customer c JOIN package p ON p.id = c.package_id \
        WHERE c.isp_id = $1";
    sql::rows(read, statement, values![isp_id.as_uuid()])
        .await?
        .iter()
        .map(|row| {
            let id = CustomerId::from_uuid(row.try_get_by_index(0)?);
            Ok((id, row.try_get_by_index(1)?))
        })
        .collect()
}

/// The packages of an ISP.
pub async fn packages(read: &Read, isp_id: IspId) -> Result<Vec<PackageGroupRow>, Error> {
    let statement = "SELECT name, up_kbps, down_kbps, burst, rate_managed_by_router, pool, \
        address_list, router_profile, simultaneous_use FROM package WHERE isp_id = $1 ORDER BY name";
    sql::all(read, statement, values![isp_id.as_uuid()]).await
}

/// Writes what changed of customers.
pub async fn write_customers(tx: &Tx, customers: &[CustomerRows]) -> Result<(), Error> {
    for chunk in customers.chunks(CHUNK) {
        let ids: Vec<Uuid> = chunk.iter().map(|one| one.customer_id.as_uuid()).collect();
        remove_customers(tx, &ids).await?;
        let pairs = |of: fn(&CustomerRows) -> &Vec<Attribute>| -> Vec<[Value; 4]> {
            let of_one = |one| of(one).iter().map(|found| attribute_values(one, found));
            chunk.iter().flat_map(of_one).collect()
        };
        let into = "freeradius.radcheck (username, attribute, op, value)";
        insert(tx, into, &pairs(|one| &one.check)).await?;
        let into = "freeradius.radreply (username, attribute, op, value)";
        insert(tx, into, &pairs(|one| &one.reply)).await?;
        let member = |one: &CustomerRows| {
            let group = one.group.as_deref()?;
            Some([one.username.as_str().into(), group.into()])
        };
        let members: Vec<_> = chunk.iter().filter_map(member).collect();
        let into = "freeradius.radusergroup (username, groupname)";
        insert(tx, into, &members).await?;
        let noted = |one: &CustomerRows| -> [Value; 4] {
            [
                one.customer_id.as_uuid().into(),
                one.username.as_str().into(),
                one.walled.into(),
                one.fingerprint.clone().into(),
            ]
        };
        let into = "freeradius.mirrored_customer (customer_id, username, walled, fingerprint)";
        let noted: Vec<_> = chunk.iter().map(noted).collect();
        insert(tx, into, &noted).await?;
    }
    Ok(())
}

fn attribute_values(customer: &CustomerRows, attribute: &Attribute) -> [Value; 4] {
    [
        customer.username.as_str().into(),
        attribute.name.into(),
        attribute.op.into(),
        attribute.value.as_str().into(),
    ]
}

async fn insert<const N: usize>(tx: &Tx, into: &str, rows: &[[Value; N]]) -> Result<(), Error> {
    for chunk in rows.chunks(CHUNK) {
        let statement = format!("INSERT INTO {into} VALUES {}", groups(chunk.len(), N));
        let bound = chunk.iter().flat_map(|row| row.iter().cloned()).collect();
        sql::execute(tx, &statement, bound).await?;
    }
    Ok(())
}

/// Takes customers out.
pub async fn remove_customers(tx: &Tx, ids: &[Uuid]) -> Result<(), Error> {
    for chunk in ids.chunks(CHUNK) {
        let list = groups(1, chunk.len());
        for table in ["radcheck", "radreply", "radusergroup"] {
            let statement = format!(
                "DELETE FROM freeradius.{table} WHERE username IN \
                 (SELECT username FROM freeradius.mirrored_customer WHERE customer_id IN {list})"
            );
            sql::execute(
                tx,
                &statement,
                chunk.iter().map(|id| Value::from(*id)).collect(),
            )
            .await?;
        }
        let statement =
            format!("DELETE FROM freeradius.mirrored_customer WHERE customer_id IN {list}");
        sql::execute(
            tx,
            &statement,
            chunk.iter().map(|id| Value::from(*id)).collect(),
        )
        .await?;
    }
    Ok(())
}

/// Writes the groups anew.
pub async fn write_groups(
    tx: &Tx,
    check: &[(String, Attribute)],
    reply: &[(String, Attribute)],
) -> Result<(), Error> {
    for (table, rows) in [("radgroupcheck", check), ("radgroupreply", reply)] {
        sql::execute(tx, &format!("DELETE FROM freeradius.{table}"), vec![]).await?;
        let bound: Vec<[Value; 4]> = rows
            .iter()
            .map(|(group, attribute)| {
                [
                    group.as_str().into(),
                    attribute.name.into(),
                    attribute.op.into(),
                    attribute.value.as_str().into(),
                ]
            })
            .collect();
        let into = format!("freeradius.{table} (groupname, attribute, op, value)");
        insert(tx, &into, &bound).await?;
    }
    Ok(())
}

/// Writes the RADIUS clients anew when they differ, and says whether they did.
pub async fn write_clients(tx: &Tx, clients: &[ClientRow]) -> Result<bool, Error> {
    let statement = "SELECT nasname, shortname, secret FROM freeradius.nas ORDER BY nasname";
    let there: Vec<ClientRow> = sql::all(tx, statement, vec![]).await?;
    if there == clients {
        return Ok(false);
    }
    sql::execute(tx, "DELETE FROM freeradius.nas", vec![]).await?;
    let rows: Vec<_> = clients
        .iter()
        .map(|client| -> [Value; 3] {
            [
                client.nasname.as_str().into(),
                client.shortname.as_str().into(),
                client.secret.as_str().into(),
            ]
        })
        .collect();
    insert(tx, "freeradius.nas (nasname, shortname, secret)", &rows).await?;
    Ok(true)
}

/// Takes everything out that is secret or decides a login.
pub async fn clear(tx: &Tx) -> Result<(), Error> {
    for table in [
        "radcheck",
        "radreply",
        "radusergroup",
        "radgroupcheck",
        "radgroupreply",
        "nas",
        "mirrored_customer",
    ] {
        sql::execute(tx, &format!("DELETE FROM freeradius.{table}"), vec![]).await?;
    }
    Ok(())
}

/// A session that FreeRADIUS wrote since it was taken over last.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SessionNews {
    /// Which state of it this is.
    pub seq: i64,
    /// FreeRADIUS's identity of the session.
    pub acctuniqueid: String,
    /// The router's id of the session.
    pub acctsessionid: String,
    /// Who.
    pub username: Option<String>,
    /// The router's address.
    pub nasipaddress: String,
    /// Interface or circuit.
    pub nasportid: Option<String>,
    /// When it began.
    pub acctstarttime: Option<DateTime<Utc>>,
    /// When it was reported last.
    pub acctupdatetime: Option<DateTime<Utc>>,
    /// When it ended.
    pub acctstoptime: Option<DateTime<Utc>>,
    /// How long it lasted.
    pub acctsessiontime: Option<i64>,
    /// Upload.
    pub acctinputoctets: Option<i64>,
    /// Download.
    pub acctoutputoctets: Option<i64>,
    /// Who called.
    pub callingstationid: Option<String>,
    /// Why it ended.
    pub acctterminatecause: Option<String>,
    /// Its address.
    pub framedipaddress: Option<String>,
    /// The Class it was given.
    pub class: Option<String>,
    /// Whose login that is.
    pub customer_id: Option<Uuid>,
    /// Whether that customer gets the walled garden.
    pub walled: Option<bool>,
}

impl SessionNews {
    /// What it says happened.
    #[must_use]
    pub fn event(&self) -> AccountingEvent {
        match (self.acctstoptime, self.acctsessiontime) {
            (Some(_), _) => AccountingEvent::Stop {
                cause: cause(self.acctterminatecause.as_deref().unwrap_or_default()),
            },
            (None, None | Some(0)) => AccountingEvent::Start,
            (None, Some(_)) => AccountingEvent::Interim,
        }
    }
}

/// The cause behind a name of RFC 2866.
fn cause(name: &str) -> TerminateCause {
    let known = (1..=11).map(TerminateCause::from_code);
    let word = name.replace('-', "_").to_ascii_lowercase();
    known
        .into_iter()
        .find(|cause| cause.as_str() == word)
        .unwrap_or(TerminateCause::Other(0))
}

/// Sessions that FreeRADIUS wrote, oldest news first.
pub async fn session_news(
    read: &Read,
    isp_id: IspId,
    limit: i64,
) -> Result<Vec<SessionNews>, Error> {
    let statement = "SELECT n.seq, a.acctuniqueid, a.acctsessionid, a.username, \
        host(a.nasipaddress) AS nasipaddress, a.nasportid, a.acctstarttime, a.acctupdatetime, \
        a.acctstoptime, a.acctsessiontime, a.acctinputoctets, a.acctoutputoctets, \
        a.callingstationid, a.acctterminatecause, host(a.framedipaddress) AS framedipaddress, \
        a.class, c.id AS customer_id, m.walled \
        FROM freeradius.radacct_news n \
        JOIN freeradius.radacct a ON a.acctuniqueid = n.acctuniqueid \
        LEFT JOIN customer c ON c.isp_id = $1 \
            AND c.username_key = lower(split_part(COALESCE(a.username, ''), E'\\\\', -1)) \
        LEFT JOIN freeradius.mirrored_customer m ON m.customer_id = c.id \
        ORDER BY n.seq LIMIT $2";
    sql::all(read, statement, values![isp_id.as_uuid(), limit]).await
}

/// These states were taken over; what changed meanwhile stays news.
pub async fn session_news_done(tx: &Tx, news: &[SessionNews]) -> Result<(), Error> {
    for chunk in news.chunks(CHUNK) {
        let statement = format!(
            "DELETE FROM freeradius.radacct_news WHERE (acctuniqueid, seq) IN (VALUES {})",
            groups(chunk.len(), 2)
        );
        let bound = chunk
            .iter()
            .flat_map(|one| values![one.acctuniqueid.as_str(), one.seq])
            .collect();
        sql::execute(tx, &statement, bound).await?;
    }
    Ok(())
}

/// An answer that FreeRADIUS gave to a login.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AnswerNews {
    /// Which row it is.
    pub id: i64,
    /// Who.
    pub username: String,
    /// `Access-Accept` or `Access-Reject`.
    pub reply: Option<String>,
    /// Who called.
    pub callingstationid: Option<String>,
    /// When.
    pub authdate: DateTime<Utc>,
    /// The router's address, when the query stores it.
    pub nasipaddress: Option<String>,
    /// Whose login that is.
    pub customer_id: Option<Uuid>,
}

/// Answers that FreeRADIUS gave, oldest first.
pub async fn answer_news(read: &Read, isp_id: IspId, limit: i64) -> Result<Vec<AnswerNews>, Error> {
    let statement = "SELECT p.id, p.username, p.reply, p.callingstationid, p.authdate, \
        host(p.nasipaddress) AS nasipaddress, c.id AS customer_id \
        FROM freeradius.radpostauth_news n \
        JOIN freeradius.radpostauth p ON p.id = n.id \
        LEFT JOIN customer c ON c.isp_id = $1 \
            AND c.username_key = lower(split_part(p.username, E'\\\\', -1)) \
        ORDER BY n.id LIMIT $2";
    sql::all(read, statement, values![isp_id.as_uuid(), limit]).await
}

/// An answer as it is kept here.
#[derive(Debug, Clone)]
pub struct KeptAnswer {
    /// The row it comes from.
    pub news: AnswerNews,
    /// The router; nil when FreeRADIUS did not say.
    pub nas_id: Uuid,
    /// `accept`, `accept_walled`, or the cause of the refusal.
    pub answer: &'static str,
}

/// Keeps answers beside our own.
pub async fn keep_answers(tx: &Tx, isp_id: IspId, answers: &[KeptAnswer]) -> Result<(), Error> {
    let rows: Vec<_> = answers
        .iter()
        .map(|one| -> [Value; 8] {
            [
                Uuid::now_v7().into(),
                isp_id.as_uuid().into(),
                one.nas_id.into(),
                one.news.customer_id.into(),
                one.news.username.as_str().into(),
                one.news.callingstationid.clone().into(),
                one.answer.into(),
                one.news.authdate.into(),
            ]
        })
        .collect();
    let into = "login_answer (id, isp_id, nas_id, customer_id, username, calling_station_id, \
        answer, at)";
    insert(tx, into, &rows).await?;
    for chunk in answers.chunks(CHUNK) {
        let statement = format!(
            "DELETE FROM freeradius.radpostauth_news WHERE id IN {}",
            groups(1, chunk.len())
        );
        let bound = chunk.iter().map(|one| Value::from(one.news.id)).collect();
        sql::execute(tx, &statement, bound).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_read_by_their_names() {
        assert_eq!(cause("Lost-Carrier"), TerminateCause::LostCarrier);
        assert_eq!(cause("NAS-Reboot"), TerminateCause::NasReboot);
        assert_eq!(cause("Callback"), TerminateCause::Other(0));
    }
}
