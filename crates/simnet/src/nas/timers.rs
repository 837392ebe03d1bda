//! What is due when: one heap for a whole router instead of a task per subscriber.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use tokio::time::Instant;

use crate::nas::exchange::Ticket;
use crate::subscribers::session::Report;

/// Something due; what it refers to may be gone by then.
#[derive(Debug)]
pub(crate) enum Timer {
    Dial { subscriber: u64, number: u64 },
    Interim { subscriber: u64, session: u64 },
    SessionTimeout { subscriber: u64, session: u64 },
    Watch { subscriber: u64, session: u64 },
    LoginLate(Ticket),
    ReportLate(Ticket),
    ReportAgain(Box<Report>),
    PowerOn,
}

#[derive(Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<Entry>>,
    sequence: u64,
}

struct Entry {
    at: Instant,
    sequence: u64,
    timer: Timer,
}

impl Timers {
    pub(crate) fn add(&mut self, at: Instant, timer: Timer) {
        self.sequence += 1;
        self.heap.push(Reverse(Entry {
            at,
            sequence: self.sequence,
            timer,
        }));
    }

    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    pub(crate) fn take_due(&mut self, now: Instant) -> Option<Timer> {
        if self.next_at()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry.timer)
    }

    pub(crate) fn clear(&mut self) {
        self.heap.clear();
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.sequence).cmp(&(other.at, other.sequence))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}
