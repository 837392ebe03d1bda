//! When which router has something to do: one heap and one task for all of them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::clock::FastClock;

/// Longest sleep when nothing is due.
const IDLE: Duration = Duration::from_secs(3600);

pub(super) struct Schedule {
    clock: FastClock,
    /// Spans since the beginning of the simulation, and routers.
    heap: Mutex<BinaryHeap<Reverse<(Duration, usize)>>>,
    sooner: Notify,
}

impl Schedule {
    pub(super) fn new(clock: FastClock) -> Self {
        Self {
            clock,
            heap: Mutex::default(),
            sooner: Notify::new(),
        }
    }

    /// Plans a look at a router.
    pub(super) fn add(&self, at: Duration, router: usize) {
        let mut heap = self.heap.lock();
        let is_first = heap.peek().is_none_or(|Reverse((first, _))| at < *first);
        heap.push(Reverse((at, router)));
        drop(heap);
        if is_first {
            self.sooner.notify_one();
        }
    }

    /// Waits for the next look that is due, and says at which router.
    pub(super) async fn next(&self) -> usize {
        loop {
            let now = self.clock.passed();
            let at = match self.take_due(now) {
                Ok(router) => return router,
                Err(next) => next.unwrap_or(now + IDLE),
            };
            tokio::select! {
                () = tokio::time::sleep_until(self.clock.on_the_wall(at)) => {}
                () = self.sooner.notified() => {}
            }
        }
    }

    /// A router that is due, or else when the next one is.
    fn take_due(&self, now: Duration) -> Result<usize, Option<Duration>> {
        let mut heap = self.heap.lock();
        let Some(Reverse((at, router))) = heap.peek().copied() else {
            return Err(None);
        };
        if at > now {
            return Err(Some(at));
        }
        heap.pop();
        Ok(router)
    }
}
