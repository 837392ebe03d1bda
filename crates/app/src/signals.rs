//! Wakes the parts of this process that wait for commits; other processes poll.

use std::sync::Arc;

use tokio::sync::Notify;

/// The bells of one process.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    work: Arc<Notify>,
    changes: Arc<Notify>,
}

impl Signals {
    /// A unit of work was committed: there may be jobs, and news for the directory.
    pub fn committed(&self) {
        self.work.notify_waiters();
        self.work.notify_one();
        self.changes.notify_one();
    }

    /// Waits until there may be jobs.
    pub async fn work(&self) {
        self.work.notified().await;
    }

    /// Waits until there may be news for the directory.
    pub async fn changes(&self) {
        self.changes.notified().await;
    }
}
