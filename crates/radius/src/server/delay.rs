//! Access-Rejects leave a little late, so that guessing is slow; no task waits meanwhile.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::server::access::{AccessHandler, Held};
use crate::server::accounting::Route;

/// Answers that may wait at once; more leave at once.
const MOST: usize = 16_384;

/// Where receiving tasks leave answers that shall wait.
#[derive(Clone)]
pub(crate) struct RejectDelay {
    queue: mpsc::Sender<Waiting>,
    waiting: Arc<AtomicUsize>,
}

/// Sends the answers when their time has come.
pub(crate) struct DelayedSender {
    queue: mpsc::Receiver<Waiting>,
    waiting: Arc<AtomicUsize>,
}

struct Waiting {
    due: Instant,
    held: Held,
    route: Route,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.due.cmp(&other.due)
    }
}

pub(crate) fn reject_delay() -> (RejectDelay, DelayedSender) {
    let (sender, queue) = mpsc::channel(MOST);
    let waiting = Arc::new(AtomicUsize::new(0));
    let delay = RejectDelay {
        queue: sender,
        waiting: Arc::clone(&waiting),
    };
    (delay, DelayedSender { queue, waiting })
}

impl RejectDelay {
    /// Leaves an answer to be sent later; gives it back when there is no room.
    pub(crate) fn hold(&self, held: Held, route: Route) -> Result<(), Held> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= MOST {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(held);
        }
        let waiting = Waiting {
            due: Instant::now() + held.wait,
            held,
            route,
        };
        self.queue.try_send(waiting).map_err(|refused| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            refused.into_inner().held
        })
    }
}

impl DelayedSender {
    /// Sends until told to stop; what still waits then is given up, and the routers ask again.
    pub(crate) async fn run(mut self, handler: Arc<AccessHandler>, stop: CancellationToken) {
        let mut heap: BinaryHeap<Reverse<Waiting>> = BinaryHeap::new();
        loop {
            let due = heap.peek().map(|Reverse(next)| next.due);
            tokio::select! {
                () = stop.cancelled() => return,
                next = self.queue.recv() => match next {
                    Some(next) => heap.push(Reverse(next)),
                    None => return,
                },
                () = sleep_until(due) => {}
            }
            let now = Instant::now();
            while heap.peek().is_some_and(|Reverse(next)| next.due <= now) {
                if let Some(Reverse(next)) = heap.pop() {
                    self.send(&handler, next).await;
                }
            }
            metrics::gauge!("lastmile_radius_rejects_waiting").set(gauge(heap.len()));
        }
    }

    async fn send(&self, handler: &AccessHandler, waiting: Waiting) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let source = waiting.held.source();
        let bytes = handler.release(waiting.held);
        waiting.route.send(&bytes, source).await;
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

pub(crate) fn gauge(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
