//! What use cases and jobs work with.

use std::{fmt, sync::Arc};

use domain::{
    clock::Clock,
    network::{outgoing::Outgoing, ports::SessionControl},
    ports::SharedStore,
};
use persistence::Db;

use crate::{secrets::Keyring, signals::Signals};

/// Everything a use case may touch. No foreign system is among it: what talks to routers or
/// companies happens in jobs, after the commit.
#[derive(Clone)]
pub struct AppCtx {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Seals and opens secrets at rest.
    pub keyring: Arc<Keyring>,
    /// Cache, rate limits, revocations.
    pub shared: Arc<dyn SharedStore>,
    /// Where connections may go that an ISP asks for.
    pub outgoing: Outgoing,
    /// Wakes those who wait for commits.
    pub signals: Signals,
}

impl fmt::Debug for AppCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppCtx")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// What a job works with: the same, and the foreign systems.
#[derive(Clone)]
pub struct WorkerCtx {
    /// What use cases have.
    pub app: AppCtx,
    /// Acts on live sessions.
    pub sessions: Arc<dyn SessionControl>,
}

impl fmt::Debug for WorkerCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerCtx")
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}
