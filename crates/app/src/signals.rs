//! Wakes the parts of this process that wait for commits; other processes poll.

use std::sync::Arc;

use tokio::sync::Notify;

/// The bells of one process. Who must not miss a commit has one of its own: a bell that rings while
/// nobody waits at it is heard by one.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    work: Arc<Notify>,
    routers: Arc<Notify>,
    changes: Arc<Notify>,
}

impl Signals {
    /// A unit of work was committed: there may be jobs, routers to look at, and news for the directory.
    pub fn committed(&self) {
        self.work.notify_waiters();
        self.work.notify_one();
        self.routers.notify_one();
        self.changes.notify_one();
    }

    /// Waits until there may be jobs.
    pub async fn work(&self) {
        self.work.notified().await;
    }

    /// Waits until there may be routers to look at.
    pub async fn routers(&self) {
        self.routers.notified().await;
    }

    /// Waits until there may be news for the directory.
    pub async fn changes(&self) {
        self.changes.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn one_commit_while_nobody_waits_is_heard_by_each() {
        let signals = Signals::default();
        assert_eq!(signals.routers().now_or_never(), None, "nothing happened");
        signals.committed();
        assert_eq!(signals.routers().now_or_never(), Some(()));
        assert_eq!(signals.work().now_or_never(), Some(()));
        assert_eq!(signals.changes().now_or_never(), Some(()));
        assert_eq!(signals.routers().now_or_never(), None, "once");
    }
}
