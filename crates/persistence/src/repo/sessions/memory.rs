//! The live sessions as the last batch left them, so that the next one need not read them.
//!
//! A memory is a guess and never the truth: a row is written on condition that it is still the one
//! that is remembered, by its identifier and its version. A batch takes what it works on out of the
//! memory, and puts it back once its unit of work is committed; so what fails, and what two batches
//! want at once, is read again.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{
    ids::IspId,
    network::{session::SessionKey, tally::Tally},
};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use super::rows::Live;

/// A session that was silent for so long is read again when it is heard of.
const KEPT: TimeDelta = TimeDelta::hours(1);
/// How often the memory is gone through for such sessions.
const TIDIED_EVERY: TimeDelta = TimeDelta::minutes(5);
/// The most sessions remembered; others are read from the database each time.
const MOST: usize = 1_000_000;
/// A change of an ISP's time zone is heard of after so long.
const ZONES_KEPT: TimeDelta = TimeDelta::seconds(60);

/// What a process remembers of live sessions between two batches.
#[derive(Debug, Default)]
pub struct Memory {
    sessions: Mutex<Sessions>,
    zones: Mutex<FxHashMap<IspId, (Tz, DateTime<Utc>)>>,
}

#[derive(Debug, Default)]
struct Sessions {
    live: FxHashMap<SessionKey, Remembered>,
    tidied_at: Option<DateTime<Utc>>,
}

/// A live session as it is stored.
#[derive(Debug)]
pub(super) struct Remembered {
    pub(super) live: Live,
    pub(super) tally: Tally,
    pub(super) at: DateTime<Utc>,
}

impl Memory {
    /// How many sessions it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.lock().live.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes these sessions out, as far as they are known.
    pub(super) fn take(
        &self,
        keys: impl Iterator<Item = SessionKey>,
    ) -> FxHashMap<SessionKey, Remembered> {
        let mut sessions = self.sessions.lock();
        keys.filter_map(|key| Some((key, sessions.live.remove(&key)?)))
            .collect()
    }

    /// Puts sessions in that a committed unit of work left so.
    pub(super) fn put(&self, written: Vec<(SessionKey, Remembered)>, now: DateTime<Utc>) {
        let mut sessions = self.sessions.lock();
        let is_due = |at: DateTime<Utc>| at + TIDIED_EVERY <= now;
        if sessions.tidied_at.is_none_or(is_due) {
            sessions.live.retain(|_, session| session.at + KEPT > now);
            sessions.tidied_at = Some(now);
        }
        let room = MOST.saturating_sub(sessions.live.len());
        sessions.live.extend(written.into_iter().take(room));
    }

    /// The time zone of an ISP, if it was read a moment ago.
    pub(super) fn zone(&self, isp_id: IspId, now: DateTime<Utc>) -> Option<Tz> {
        let zones = self.zones.lock();
        let (zone, at) = zones.get(&isp_id)?;
        (*at + ZONES_KEPT > now).then_some(*zone)
    }

    /// Remembers the time zone of an ISP.
    pub(super) fn set_zone(&self, isp_id: IspId, zone: Tz, now: DateTime<Utc>) {
        self.zones.lock().insert(isp_id, (zone, now));
    }
}
