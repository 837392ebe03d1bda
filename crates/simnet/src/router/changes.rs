//! What happened to items, for those who listen.

use std::collections::VecDeque;

use super::store::ItemId;
use super::subscribers::matters;

/// Most changes kept; who is further behind misses the older ones.
const KEPT: usize = 4096;

/// A change to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) path: &'static str,
    pub(super) id: ItemId,
    /// Whether it is gone.
    pub(super) removed: bool,
}

/// The latest changes, numbered since the router was made.
#[derive(Debug, Default)]
pub(super) struct Changes {
    latest: VecDeque<Change>,
    /// How many there were before the oldest that is kept.
    forgotten: u64,
    /// How many there were in menus on which logins depend.
    of_settings: u64,
}

impl Changes {
    pub(super) fn record(&mut self, path: &'static str, id: ItemId, removed: bool) {
        self.of_settings += u64::from(matters(path));
        if self.latest.len() == KEPT {
            self.latest.pop_front();
            self.forgotten += 1;
        }
        self.latest.push_back(Change { path, id, removed });
    }

    /// How many there were so far.
    pub(super) fn count(&self) -> u64 {
        self.forgotten + u64::try_from(self.latest.len()).unwrap_or(u64::MAX)
    }

    /// How many there were in menus on which logins depend.
    pub(super) fn of_settings(&self) -> u64 {
        self.of_settings
    }

    /// Everything may have changed at once.
    pub(super) fn renew_settings(&mut self) {
        self.of_settings += 1;
    }

    /// Those after the first `seen`.
    pub(super) fn since(&self, seen: u64) -> impl Iterator<Item = Change> {
        let skip = seen.saturating_sub(self.forgotten);
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        self.latest.iter().skip(skip).copied()
    }
}
