//! Who keeps guessing waits longer and longer, and is answered without a look at the password.
//!
//! Keyed by name, caller and NAS: somebody else's guesses from elsewhere lock nobody out. A caller
//! without an address is never blocked, since a whole village may stand behind it. The longest wait
//! is a minute, and a change of the customer's entry (a new password) ends it at once.

use std::hash::{BuildHasher, Hash as _, Hasher as _};
use std::time::{Duration, Instant};

use domain::ids::NasId;
use parking_lot::Mutex;
use rustc_hash::{FxBuildHasher, FxHashMap};

/// Failures that cost nothing but the delay of their answer.
const FREE_FAILURES: u8 = 5;
const FIRST_BLOCK: Duration = Duration::from_secs(5);
const LONGEST_BLOCK: Duration = Duration::from_secs(60);
/// Failures are forgotten when none followed for so long.
const MEMORY: Duration = Duration::from_secs(600);
const SHARDS: usize = 16;
/// Entries of one shard before its older half is forgotten.
const SHARD_ENTRIES: usize = 2_048;

/// Who tries to log in; hashed, so that nobody's name stays in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Guesser(u64);

impl Guesser {
    /// Nobody when the caller gave no address.
    pub(crate) fn new(nas_id: NasId, username: &[u8], station: Option<&[u8]>) -> Option<Self> {
        let station = station?;
        let mut hasher = FxBuildHasher.build_hasher();
        nas_id.hash(&mut hasher);
        for byte in username {
            hasher.write_u8(byte.to_ascii_lowercase());
        }
        station.hash(&mut hasher);
        Some(Self(hasher.finish()))
    }
}

#[derive(Clone, Copy)]
struct Failures {
    count: u8,
    last: Instant,
    blocked_until: Option<Instant>,
    /// Tells one version of the customer's entry from the next.
    version: usize,
}

#[derive(Default)]
struct Shard {
    young: FxHashMap<Guesser, Failures>,
    old: FxHashMap<Guesser, Failures>,
}

/// The guessers of this process; bounded.
#[derive(Default)]
pub(crate) struct Backoff {
    shards: [Mutex<Shard>; SHARDS],
}

impl Backoff {
    /// Whether an attempt is refused unseen; `version` is that of the customer's entry.
    pub(crate) fn is_blocked(&self, guesser: Guesser, version: usize, now: Instant) -> bool {
        let shard = self.shard(guesser).lock();
        let found = shard
            .young
            .get(&guesser)
            .or_else(|| shard.old.get(&guesser));
        found.is_some_and(|known| {
            known.version == version && known.blocked_until.is_some_and(|until| until > now)
        })
    }

    /// An attempt failed.
    pub(crate) fn failed(&self, guesser: Guesser, version: usize, now: Instant) {
        let mut shard = self.shard(guesser).lock();
        let known = shard.young.remove(&guesser);
        let known = known.or_else(|| shard.old.remove(&guesser));
        let count = known
            .filter(|known| known.version == version && now - known.last < MEMORY)
            .map_or(1, |known| known.count.saturating_add(1));
        if shard.young.len() >= SHARD_ENTRIES {
            shard.old = std::mem::take(&mut shard.young);
        }
        let failures = Failures {
            count,
            last: now,
            blocked_until: block(count).map(|wait| now + wait),
            version,
        };
        shard.young.insert(guesser, failures);
    }

    /// An attempt was right.
    pub(crate) fn succeeded(&self, guesser: Guesser) {
        let mut shard = self.shard(guesser).lock();
        if shard.young.remove(&guesser).is_none() {
            shard.old.remove(&guesser);
        }
    }

    fn shard(&self, guesser: Guesser) -> &Mutex<Shard> {
        let index = usize::try_from(guesser.0 >> 60).unwrap_or_default() % SHARDS;
        self.shards
            .get(index)
            .expect("the index is taken modulo the number of shards")
    }
}

fn block(failures: u8) -> Option<Duration> {
    let doublings = u32::from(failures.checked_sub(FREE_FAILURES)?);
    let factor = 2_u32.checked_pow(doublings).unwrap_or(u32::MAX);
    Some(FIRST_BLOCK.saturating_mul(factor).min(LONGEST_BLOCK))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guesser(name: &str, station: &str) -> Guesser {
        Guesser::new(
            NasId::from_uuid(uuid_of_one()),
            name.as_bytes(),
            Some(station.as_bytes()),
        )
        .expect("has a station")
    }

    fn uuid_of_one() -> uuid::Uuid {
        uuid::Uuid::from_u128(1)
    }

    #[test]
    fn guessing_is_slowed_and_nobody_else_suffers() {
        let (backoff, now) = (Backoff::default(), Instant::now());
        let thief = guesser("alice", "AA");
        for _ in 0..4 {
            backoff.failed(thief, 1, now);
            assert!(!backoff.is_blocked(thief, 1, now), "anybody mistypes");
        }
        backoff.failed(thief, 1, now);
        assert!(backoff.is_blocked(thief, 1, now));
        assert!(
            !backoff.is_blocked(guesser("alice", "BB"), 1, now),
            "the owner's device"
        );
        assert!(
            backoff.is_blocked(guesser("ALICE", "AA"), 1, now),
            "names have no case"
        );
        assert!(
            !backoff.is_blocked(thief, 2, now),
            "the password was changed"
        );
        let later = now + Duration::from_secs(6);
        assert!(!backoff.is_blocked(thief, 1, later));
        for _ in 0..200 {
            backoff.failed(thief, 1, later);
        }
        assert!(backoff.is_blocked(thief, 1, later + Duration::from_secs(59)));
        assert!(
            !backoff.is_blocked(thief, 1, later + Duration::from_secs(61)),
            "never for good"
        );
    }

    #[test]
    fn success_and_time_forgive() {
        let (backoff, now) = (Backoff::default(), Instant::now());
        let clumsy = guesser("alice", "AA");
        for _ in 0..4 {
            backoff.failed(clumsy, 1, now);
        }
        backoff.succeeded(clumsy);
        backoff.failed(clumsy, 1, now);
        assert!(!backoff.is_blocked(clumsy, 1, now));
        for _ in 0..3 {
            backoff.failed(clumsy, 1, now);
        }
        let later = now + MEMORY;
        backoff.failed(clumsy, 1, later);
        assert!(!backoff.is_blocked(clumsy, 1, later));
    }

    #[test]
    fn memory_is_bounded() {
        let (backoff, now) = (Backoff::default(), Instant::now());
        for number in 0..100_000 {
            backoff.failed(guesser(&format!("user{number}"), "AA"), 1, now);
        }
        for shard in &backoff.shards {
            let shard = shard.lock();
            assert!(shard.young.len() <= SHARD_ENTRIES && shard.old.len() <= SHARD_ENTRIES);
        }
    }

    #[test]
    fn callers_without_an_address_are_not_blocked() {
        assert_eq!(
            Guesser::new(NasId::from_uuid(uuid_of_one()), b"alice", None),
            None
        );
    }
}
