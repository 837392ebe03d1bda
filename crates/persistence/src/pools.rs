//! The connections to the database.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::{
        self, Connection as _,
        sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous},
    },
};

use crate::{db::Backend, error::Error};

/// The most connections that are kept for views alone.
const MOST_FOR_VIEWS: u32 = 4;
/// What SQLite may keep of the file in memory, in KiB, all connections together: each keeps pages of
/// its own, and the system keeps the file once more for all of them.
const SQLITE_CACHE: u32 = 256 * 1024;

/// Two pools over one database.
///
/// A pool hands its connections out in turn, and each has to learn every statement for itself: what
/// tables look like, how to read them, which pages are at hand. Views therefore have a few
/// connections of their own, which know them all before long; when these are busy, they take one of
/// those that jobs and units of work go around.
#[derive(Clone)]
pub(crate) struct Pools {
    common: DatabaseConnection,
    views: Option<DatabaseConnection>,
    views_size: u32,
    backend: Backend,
}

impl Pools {
    /// Opens them; together they have no more connections than said.
    pub(crate) async fn connect(
        backend: Backend,
        url: &str,
        max_connections: u32,
    ) -> Result<Self, Error> {
        // A database in memory is one connection's own.
        let shared = !url.contains(":memory:");
        let views_size = (max_connections / 4).min(MOST_FOR_VIEWS) * u32::from(shared);
        let cache = SQLITE_CACHE / max_connections.max(1);
        let common = pool(backend, url, max_connections - views_size, cache).await?;
        let views = match views_size {
            0 => None,
            size => Some(pool(backend, url, size, cache).await?),
        };
        Ok(Self {
            common,
            views,
            views_size,
            backend,
        })
    }

    /// The pool of units of work.
    pub(crate) const fn common(&self) -> &DatabaseConnection {
        &self.common
    }

    /// The pool that a view is best taken from at this moment.
    pub(crate) fn for_view(&self) -> &DatabaseConnection {
        match &self.views {
            Some(views) if self.has_room(views) => views,
            Some(_) | None => &self.common,
        }
    }

    fn has_room(&self, views: &DatabaseConnection) -> bool {
        let (idle, open) = match self.backend {
            Backend::Sqlite => {
                let pool = views.get_sqlite_connection_pool();
                (pool.num_idle(), pool.size())
            }
            Backend::Postgres => {
                let pool = views.get_postgres_connection_pool();
                (pool.num_idle(), pool.size())
            }
        };
        idle > 0 || open < self.views_size
    }

    /// Closes them once their work is done.
    pub(crate) async fn close(self) -> Result<(), Error> {
        if let Some(views) = self.views {
            views.close().await?;
        }
        Ok(self.common.close().await?)
    }
}

async fn pool(
    backend: Backend,
    url: &str,
    size: u32,
    cache: u32,
) -> Result<DatabaseConnection, Error> {
    let mut connect = ConnectOptions::new(url.to_owned());
    connect
        .sqlx_logging(false)
        .acquire_timeout(Duration::from_secs(10))
        .max_connections(size);
    if backend == Backend::Sqlite {
        connect.map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
                .create_if_missing(true)
                .pragma("temp_store", "memory")
                .pragma("cache_size", format!("-{cache}"))
        });
        connect.map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| Box::pin(is_settled(connection)))
        });
        connect.map_sqlx_sqlite_before_acquire(|connection, _| Box::pin(is_settled(connection)));
    }
    Ok(Database::connect(connect).await?)
}

/// Whether the last unit of work on the connection is over, which the pool asks before it keeps the
/// connection and before it gives it to somebody: else the connection is closed.
///
/// SQLite undoes a unit of work by itself when the disk is full or broken. The driver's own ROLLBACK
/// is then refused, and the driver goes on counting a transaction that is not there: what it begins
/// next on that connection is a savepoint, and what it commits is kept by nobody.
async fn is_settled(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A dropped unit of work is rolled back by the connection's thread: a ping waits for it.
        connection.ping().await?;
    }
    let settled = !connection.is_in_transaction();
    if !settled {
        tracing::warn!("a database connection is closed: its last unit of work did not end");
        metrics::counter!("lastmile_database_connections_in_doubt_total").increment(1);
    }
    Ok(settled)
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait as _, Statement};

    use super::*;

    #[tokio::test]
    async fn the_connections_of_sqlite_share_out_its_memory() {
        for (connections, each) in [(1, -262_144_i64), (16, -16_384)] {
            let pools = Pools::connect(Backend::Sqlite, "sqlite::memory:", connections)
                .await
                .expect("opened");
            let ask = Statement::from_string(Backend::Sqlite.sea_orm(), "PRAGMA cache_size");
            let row = pools.common().query_one_raw(ask).await.expect("asked");
            let size: i32 = row.expect("a row").try_get_by_index(0).expect("a number");
            assert_eq!(i64::from(size), each, "{connections}");
            pools.close().await.expect("closed");
        }
    }
}
