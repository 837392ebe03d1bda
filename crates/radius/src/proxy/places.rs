//! How many logins wait for home servers: of each realm, and of all together.
//!
//! A login takes a place when it is handed over and leaves it with its answer, so that what waits
//! takes bounded memory and bounded sockets. A realm gets as many places as are set, but no more than
//! twice what is left then for the others, and some are set aside for realms that have hardly any:
//! however many home servers are silent, the logins of the next realm go on.

use std::sync::Arc;

use domain::ids::RealmId;
use domain::network::realm::Realm;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// Places of all realms together, and so sockets.
const ROOM: u32 = 512;
/// Of these, the places for realms that have fewer than [`FIRST`].
const SET_ASIDE: u32 = 128;
/// So many places of a realm are not weighed against those of others.
const FIRST: u32 = 8;
/// A realm may have so many times the places that are still free.
const TIMES_THE_FREE: u32 = 2;

#[derive(Default)]
pub(crate) struct Places(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    all: u32,
    by_realm: FxHashMap<RealmId, u32>,
}

/// A place that is free again when it is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    realm_id: RealmId,
}

impl Places {
    /// A place for a login of the realm, unless it has as many as it may.
    pub(crate) fn take(self: &Arc<Self>, realm: &Realm) -> Option<Place> {
        let mut taken = self.0.lock();
        let own = taken.by_realm.get(&realm.id).copied().unwrap_or(0);
        let shared = (ROOM - SET_ASIDE).saturating_sub(taken.all);
        let is_fair = own < FIRST || own < shared * TIMES_THE_FREE;
        if own >= realm.max_waiting_logins || !is_fair || taken.all >= ROOM {
            return None;
        }
        taken.by_realm.insert(realm.id, own + 1);
        taken.all += 1;
        Some(Place {
            places: Arc::clone(self),
            realm_id: realm.id,
        })
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> u32 {
        self.0.lock().all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock();
        taken.all = taken.all.saturating_sub(1);
        let left = taken.by_realm.get(&self.realm_id).copied().unwrap_or(0);
        if left > 1 {
            taken.by_realm.insert(self.realm_id, left - 1);
        } else {
            taken.by_realm.remove(&self.realm_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::IspId;
    use domain::network::realm::{MOST_WAITING_LOGINS, RealmPosition, WAITING_LOGINS};

    use super::*;

    fn realm(max_waiting_logins: u32) -> Realm {
        Realm {
            id: RealmId::generate(),
            isp_id: IspId::generate(),
            name: "partner".into(),
            position: RealmPosition::Suffix,
            strip: false,
            authentication: true,
            accounting: true,
            max_waiting_logins,
            home_servers: Vec::new(),
        }
    }

    /// As many places as a realm gets.
    fn fill(places: &Arc<Places>, realm: &Realm) -> Vec<Place> {
        std::iter::from_fn(|| places.take(realm)).collect()
    }

    #[test]
    fn a_realm_gets_as_many_places_as_are_set() {
        for most in [1, 7, WAITING_LOGINS, MOST_WAITING_LOGINS] {
            let (places, realm) = (Arc::new(Places::default()), realm(most));
            let mut taken = fill(&places, &realm);
            assert_eq!(taken.len(), usize::try_from(most).expect("small"));
            drop(taken.pop());
            assert!(places.take(&realm).is_some(), "one left");
            drop(taken);
            assert_eq!(places.taken(), 0);
            assert!(places.0.lock().by_realm.is_empty(), "nothing is remembered");
        }
    }

    #[test]
    fn silent_realms_leave_places_for_the_next_one() {
        let places = Arc::new(Places::default());
        let mut held = Vec::new();
        for number in 0..16 {
            let healthy = fill(&places, &realm(WAITING_LOGINS));
            assert!(healthy.len() >= 8, "beside {number} silent ones");
            drop(healthy);
            held.extend(fill(&places, &realm(MOST_WAITING_LOGINS)));
        }
        held.extend((0..200).flat_map(|_| fill(&places, &realm(MOST_WAITING_LOGINS))));
        assert_eq!(places.taken(), ROOM, "and never more");
    }
}
