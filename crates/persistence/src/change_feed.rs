//! What the RADIUS directory must read again, in commit order.
//!
//! PostgreSQL transactions commit in another order than they draw sequence numbers, so the feed is
//! read again from the oldest transaction still running. SQLite has one writer: there the row
//! number is the order.

use std::collections::HashSet;

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
    /// A realm.
    Realm,
    /// The ISP's own settings.
    IspAccess,
    /// So many customers that all are read again.
    AllCustomers,
    /// Who is traced.
    RadiusTrace,
}

impl ChangeKind {
    const ALL: [Self; 7] = [
        Self::Customer,
        Self::Package,
        Self::Nas,
        Self::Realm,
        Self::IspAccess,
        Self::AllCustomers,
        Self::RadiusTrace,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Package => "package",
            Self::Nas => "nas",
            Self::Realm => "realm",
            Self::IspAccess => "isp_access",
            Self::AllCustomers => "all_customers",
            Self::RadiusTrace => "radius_trace",
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

/// Where a reader of the feed stands: everything before `from` was read, and of what follows the
/// rows in `seen`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    from: i64,
    seen: HashSet<i64>,
}

/// The end of the feed now. Rows read in the same view, or later, hold everything before it.
pub async fn end(read: &Read) -> Result<Position, Error> {
    Ok(Position {
        from: horizon(read).await?,
        seen: HashSet::new(),
    })
}

/// Up to where no running transaction can add anything any more.
async fn horizon(read: &Read) -> Result<i64, Error> {
    let horizon = match read.backend() {
        Backend::Postgres => "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
        Backend::Sqlite => "SELECT COALESCE(MAX(seq), 0) + 1 FROM change_feed",
    };
    Ok(sql::scalar(read, horizon, vec![])
        .await?
        .unwrap_or_default())
}

#[derive(FromQueryResult)]
struct Row {
    seq: i64,
    place: i64,
    kind: String,
    isp_id: Uuid,
    subject_id: Uuid,
}

/// What changed since a position, and the position after it.
///
/// A transaction that runs for long holds the horizon back and not the news: what committed beyond
/// the horizon is answered at once and remembered, so that it is answered once.
pub async fn since(read: &Read, position: &Position) -> Result<(Vec<Change>, Position), Error> {
    let from = horizon(read).await?;
    let place = match read.backend() {
        Backend::Postgres => "transaction_id",
        Backend::Sqlite => "seq",
    };
    let rows: Vec<Row> = sql::all(
        read,
        &format!(
            "SELECT seq, {place} AS place, kind, isp_id, subject_id FROM change_feed \
             WHERE {place} >= $1"
        ),
        values![position.from],
    )
    .await?;
    let seen = rows
        .iter()
        .filter(|row| row.place >= from)
        .map(|row| row.seq)
        .collect();
    let mut known = HashSet::new();
    let changes = rows
        .into_iter()
        .filter(|row| !position.seen.contains(&row.seq))
        .filter_map(|row| {
            let kind = ChangeKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == row.kind)?;
            let isp_id = IspId::from_uuid(row.isp_id);
            Some(Change {
                kind,
                isp_id,
                subject_id: row.subject_id,
            })
        })
        .filter(|change| known.insert(*change))
        .collect();
    Ok((changes, Position { from, seen }))
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
