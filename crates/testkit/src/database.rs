//! A fresh, migrated database for one test.

use std::sync::Arc;

use domain::clock::Clock;
use persistence::{Db, DbOptions};
use sea_orm::{ConnectionTrait as _, Database};
use tempfile::TempDir;
use uuid::Uuid;

use crate::clock::TestClock;

/// A database that goes away with its test.
pub struct TestDatabase {
    /// How to reach it from another process.
    pub url: String,
    _directory: Option<TempDir>,
}

impl std::fmt::Debug for TestDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestDatabase")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Whether a run without PostgreSQL must fail instead of leaving tests out.
#[must_use]
pub fn postgres_is_required() -> bool {
    variable("CI").is_some()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told of their services by environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl TestDatabase {
    /// A SQLite file of its own.
    pub async fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let url = format!(
            "sqlite://{}?mode=rwc",
            directory.path().join("test.db").display()
        );
        Self {
            url,
            _directory: Some(directory),
        }
    }

    /// A PostgreSQL database of its own; nothing when no server is named by `TEST_DATABASE_URL`
    /// and none is required.
    pub async fn postgres() -> Option<Self> {
        let Some(server) = variable("TEST_DATABASE_URL") else {
            assert!(
                !postgres_is_required(),
                "TEST_DATABASE_URL must name a PostgreSQL server"
            );
            skipped("TEST_DATABASE_URL is not set");
            return None;
        };
        let name = format!("t_{}", Uuid::now_v7().simple());
        let admin = Database::connect(&server)
            .await
            .expect("the PostgreSQL server answers");
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .expect("a database is made");
        admin.close().await.expect("the connection closes");
        Some(Self {
            url: with_database(&server, &name),
            _directory: None,
        })
    }

    /// Opens it, migrated.
    pub async fn open(&self, clock: TestClock) -> Db {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let options = DbOptions {
            url: self.url.clone(),
            max_connections: 8,
            clock,
        };
        let db = Db::connect(&options)
            .await
            .expect("the test database opens");
        db.migrate().await.expect("the schema is made");
        db
    }
}

#[expect(clippy::print_stderr, reason = "a test that was left out says so")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// The server's URL with another database in it.
fn with_database(server: &str, name: &str) -> String {
    let (base, query) = server
        .split_once('?')
        .map_or((server, None), |(b, q)| (b, Some(q)));
    let root = base.rsplit_once('/').map_or(base, |(root, _)| root);
    match query {
        Some(query) => format!("{root}/{name}?{query}"),
        None => format!("{root}/{name}"),
    }
}
