//! Repeated requests get the bytes of the first answer (RFC 5080 §2.2.2).
//!
//! Bounded: the oldest entries leave when time or room is up.

use std::collections::VecDeque;
use std::collections::hash_map::Entry as Slot;
use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustc_hash::{FxBuildHasher, FxHashMap};

const SHARDS: usize = 16;

/// What makes two datagrams the same request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestKey {
    pub(crate) source: SocketAddr,
    pub(crate) code: u8,
    pub(crate) id: u8,
    pub(crate) authenticator: [u8; 16],
}

/// Whether a request was met before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    New,
    InProgress,
    Answered(Arc<[u8]>),
}

pub(crate) struct ReplyCache {
    shards: [Mutex<Shard>; SHARDS],
    hold: Duration,
    capacity: usize,
}

// A client may not have two requests under way with one of these: the newer replaces the older.
type Place = (SocketAddr, u8, u8);

#[derive(Default)]
struct Shard {
    entries: FxHashMap<Place, Entry>,
    order: VecDeque<(Place, u64, Instant)>,
    generation: u64,
}

struct Entry {
    authenticator: [u8; 16],
    generation: u64,
    answer: Option<Arc<[u8]>>,
}

impl ReplyCache {
    pub(crate) fn new(hold: Duration, capacity: usize) -> Self {
        let capacity = (capacity / SHARDS).max(1);
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hold,
            capacity,
        }
    }

    /// Looks a request up and, when it is new, marks it as being worked on.
    pub(crate) fn begin(&self, key: &RequestKey, now: Instant) -> Seen {
        let mut shard = self.shard(key).lock();
        shard.evict(now, self.capacity);
        let place = place(key);
        shard.generation += 1;
        let generation = shard.generation;
        match shard.entries.entry(place) {
            Slot::Occupied(found) if found.get().authenticator == key.authenticator => {
                return match &found.get().answer {
                    Some(answer) => Seen::Answered(Arc::clone(answer)),
                    None => Seen::InProgress,
                };
            }
            slot => {
                slot.insert_entry(Entry {
                    authenticator: key.authenticator,
                    generation,
                    answer: None,
                });
            }
        }
        shard.order.push_back((place, generation, now + self.hold));
        Seen::New
    }

    /// Keeps the answer for repetitions.
    pub(crate) fn answered(&self, key: &RequestKey, answer: &Arc<[u8]>) {
        if let Some(entry) = self.shard(key).lock().entries.get_mut(&place(key))
            && entry.authenticator == key.authenticator
        {
            entry.answer = Some(Arc::clone(answer));
        }
    }

    /// The request failed: a repetition is a new attempt.
    pub(crate) fn forget(&self, key: &RequestKey) {
        let mut shard = self.shard(key).lock();
        if let Slot::Occupied(found) = shard.entries.entry(place(key))
            && found.get().authenticator == key.authenticator
        {
            found.remove();
        }
    }

    /// How many requests are remembered.
    pub(crate) fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| shard.lock().entries.len())
            .sum()
    }

    fn shard(&self, key: &RequestKey) -> &Mutex<Shard> {
        let hash = FxBuildHasher.hash_one(place(key));
        // The high bits: the map inside the shard uses the low ones.
        let index = usize::try_from(hash >> 60).unwrap_or_default() % SHARDS;
        self.shards
            .get(index)
            .expect("the index is taken modulo the number of shards")
    }
}

impl Shard {
    fn evict(&mut self, now: Instant, capacity: usize) {
        while let Some((place, generation, expires)) = self.order.front() {
            let crowded = self.entries.len() >= capacity || self.order.len() >= 2 * capacity;
            if *expires > now && !crowded {
                break;
            }
            if self
                .entries
                .get(place)
                .is_some_and(|entry| entry.generation == *generation)
            {
                self.entries.remove(place);
            }
            self.order.pop_front();
        }
    }
}

const fn place(key: &RequestKey) -> Place {
    (key.source, key.code, key.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(port: u16, authenticator: u8) -> RequestKey {
        RequestKey {
            source: SocketAddr::from(([10, 0, 0, 1], port)),
            code: 1,
            id: 7,
            authenticator: [authenticator; 16],
        }
    }

    fn cache(capacity: usize) -> ReplyCache {
        ReplyCache::new(Duration::from_secs(10), capacity)
    }

    #[test]
    fn repetitions_wait_and_then_get_the_same_bytes() {
        let (cache, now) = (cache(1024), Instant::now());
        let answer: Arc<[u8]> = vec![1, 2, 3].into();
        assert_eq!(cache.begin(&key(1, 1), now), Seen::New);
        assert_eq!(cache.begin(&key(1, 1), now), Seen::InProgress);
        cache.answered(&key(1, 1), &answer);
        assert_eq!(cache.begin(&key(1, 1), now), Seen::Answered(answer));
        assert_eq!(
            cache.begin(&key(2, 1), now),
            Seen::New,
            "another port is another request"
        );
    }

    #[test]
    fn a_new_authenticator_replaces_the_request() {
        let (cache, now) = (cache(1024), Instant::now());
        assert_eq!(cache.begin(&key(1, 1), now), Seen::New);
        assert_eq!(cache.begin(&key(1, 2), now), Seen::New);
        cache.answered(&key(1, 1), &vec![1].into());
        assert_eq!(
            cache.begin(&key(1, 2), now),
            Seen::InProgress,
            "a late answer is not mixed up"
        );
    }

    #[test]
    fn failed_requests_may_be_tried_again() {
        let (cache, now) = (cache(1024), Instant::now());
        assert_eq!(cache.begin(&key(1, 1), now), Seen::New);
        cache.forget(&key(1, 1));
        assert_eq!(cache.begin(&key(1, 1), now), Seen::New);
    }

    #[test]
    fn time_and_room_are_bounded() {
        let (cache, now) = (cache(32), Instant::now());
        assert_eq!(cache.begin(&key(1, 1), now), Seen::New);
        let later = now + Duration::from_secs(11);
        assert_eq!(cache.begin(&key(1, 1), later), Seen::New);
        for port in 0..10_000 {
            cache.begin(&key(port, 1), later);
        }
        for shard in &cache.shards {
            let shard = shard.lock();
            assert!(shard.entries.len() <= 2 && shard.order.len() <= 4);
        }
    }
}
