//! What the RADIUS directory must read again, in commit order.
//!
//! PostgreSQL transactions commit in another order than they draw sequence numbers, so the feed is
//! read by transaction id up to the oldest one still running. SQLite has one writer: there the row
//! number is the order.

use domain::ids::IspId;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    db::Backend,
    error::Error,
    sql::{self, values},
    tx::{Read, Tx},
};

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// A customer.
    Customer,
    /// A package, and with it all its customers.
    Package,
    /// A RADIUS client.
    Nas,
    /// The ISP's own settings.
    IspAccess,
    /// So many customers that all are read again.
    AllCustomers,
}

impl ChangeKind {
    const ALL: [Self; 5] = [
        Self::Customer,
        Self::Package,
        Self::Nas,
        Self::IspAccess,
        Self::AllCustomers,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Package => "package",
            Self::Nas => "nas",
            Self::IspAccess => "isp_access",
            Self::AllCustomers => "all_customers",
        }
    }
}

/// One entry of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Change {
    /// What changed.
    pub kind: ChangeKind,
    /// In which ISP.
    pub isp_id: IspId,
    /// Which one.
    pub subject_id: Uuid,
}

/// Adds a change to the feed.
pub async fn note(tx: &Tx, change: Change) -> Result<(), Error> {
    let transaction = match tx.backend() {
        Backend::Postgres => "pg_current_xact_id()::text::bigint",
        Backend::Sqlite => "0",
    };
    sql::execute(
        tx,
        &format!(
            "INSERT INTO change_feed (transaction_id, kind, isp_id, subject_id, at) \
             VALUES ({transaction}, $1, $2, $3, $4)"
        ),
        values![
            change.kind.as_str(),
            change.isp_id.as_uuid(),
            change.subject_id,
            tx.now()
        ],
    )
    .await?;
    Ok(())
}

/// Where a reader of the feed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position(i64);

/// The end of the feed now. Rows read in the same view, or later, hold everything before it.
pub async fn end(read: &Read) -> Result<Position, Error> {
    let end = match read.backend() {
        Backend::Postgres => "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
        Backend::Sqlite => "SELECT COALESCE(MAX(seq), 0) + 1 FROM change_feed",
    };
    Ok(Position(
        sql::scalar(read, end, vec![]).await?.unwrap_or_default(),
    ))
}

#[derive(FromQueryResult)]
struct Row {
    kind: String,
    isp_id: Uuid,
    subject_id: Uuid,
}

/// What changed since a position, and the position after it.
pub async fn since(read: &Read, from: Position) -> Result<(Vec<Change>, Position), Error> {
    let upto = end(read).await?;
    if upto == from {
        return Ok((Vec::new(), upto));
    }
    let column = match read.backend() {
        Backend::Postgres => "transaction_id",
        Backend::Sqlite => "seq",
    };
    let rows: Vec<Row> = sql::all(
        read,
        &format!(
            "SELECT DISTINCT kind, isp_id, subject_id FROM change_feed \
             WHERE {column} >= $1 AND {column} < $2"
        ),
        values![from.0, upto.0],
    )
    .await?;
    let changes = rows
        .into_iter()
        .filter_map(
            |Row {
                 kind,
                 isp_id,
                 subject_id,
             }| {
                let kind = ChangeKind::ALL
                    .into_iter()
                    .find(|known| known.as_str() == kind)?;
                Some(Change {
                    kind,
                    isp_id: IspId::from_uuid(isp_id),
                    subject_id,
                })
            },
        )
        .collect();
    Ok((changes, upto))
}

/// Forgets what every reader has seen: entries older than the instant.
pub async fn prune(tx: &Tx, before: chrono::DateTime<chrono::Utc>) -> Result<u64, Error> {
    // The newest row stays, so that SQLite's row numbers go on from it.
    sql::execute(
        tx,
        "DELETE FROM change_feed WHERE at < $1 AND seq < (SELECT MAX(seq) FROM change_feed)",
        values![before],
    )
    .await
}
