//! Which sessions are open, so that nobody shares an account beyond what the package allows.
//!
//! Learnt from logins and accounting, in memory of this process. Doubt favours the customer:
//! a session that fell silent does not count, and a device may replace its own session.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{CustomerId, NasId};
use domain::mac::MacAddress;
use domain::network::session::{AccountingEvent, AccountingRecord, SessionKey};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

const SHARDS: usize = 16;
/// How long an Accept holds its place before the Start must have come.
const RESERVATION: TimeDelta = TimeDelta::seconds(60);

/// A session that was open before this process started.
#[derive(Debug, Clone)]
pub struct RememberedSession {
    /// Whose it is.
    pub customer_id: CustomerId,
    /// The router it is on.
    pub nas_id: NasId,
    /// Its key.
    pub session_key: SessionKey,
    /// MAC address or number of the caller.
    pub calling_station_id: Option<String>,
    /// When it was heard of last.
    pub updated_at: DateTime<Utc>,
}

/// A login that wants a place.
pub(crate) struct Attempt<'a> {
    pub(crate) customer_id: CustomerId,
    /// Zero means any number.
    pub(crate) limit: u16,
    pub(crate) nas_id: NasId,
    pub(crate) station: Option<&'a str>,
    /// Unique per login; comes back in the Class.
    pub(crate) nonce: u128,
    pub(crate) now: DateTime<Utc>,
}

#[derive(Default)]
pub(crate) struct OpenSessions {
    shards: [Mutex<FxHashMap<CustomerId, Vec<OpenSession>>>; SHARDS],
}

struct OpenSession {
    // The nonce of the login while reserved, the session key once started.
    id: u128,
    nas_id: NasId,
    station: Option<Box<str>>,
    counts_until: DateTime<Utc>,
    is_from_database: bool,
}

impl OpenSessions {
    /// Takes a place for a login, or says that there is none.
    pub(crate) fn reserve(&self, attempt: &Attempt<'_>) -> bool {
        let mut shard = self.shard(attempt.customer_id).lock();
        let sessions = shard.entry(attempt.customer_id).or_default();
        sessions.retain(|session| session.counts_until > attempt.now);
        let station = attempt.station.map(device);
        let is_own = |session: &OpenSession| station.is_some() && session.station == station;
        let others = sessions.iter().filter(|session| !is_own(session)).count();
        if attempt.limit > 0 && others >= usize::from(attempt.limit) {
            return false;
        }
        // Without a caller's name a re-dial could not be told from a second device: only its
        // Start takes the place then.
        if station.is_some() {
            sessions.retain(|session| !is_own(session));
            sessions.push(OpenSession {
                id: attempt.nonce,
                nas_id: attempt.nas_id,
                station,
                counts_until: attempt.now + RESERVATION,
                is_from_database: false,
            });
        }
        true
    }

    /// Learns from a report; `nonce` is that of the login when our Class came back.
    pub(crate) fn note(
        &self,
        record: &AccountingRecord,
        nonce: Option<u128>,
        counts_until: DateTime<Utc>,
    ) {
        if matches!(
            record.event,
            AccountingEvent::NasOn | AccountingEvent::NasOff
        ) {
            return self.forget_nas(record.nas_id);
        }
        let Some(customer_id) = record.customer_id else {
            return;
        };
        let id = u128::from_be_bytes(*record.session_key.as_bytes());
        let station = record.calling_station_id.as_deref().map(device);
        let mut shard = self.shard(customer_id).lock();
        let sessions = shard.entry(customer_id).or_default();
        // A Start from a device that has an open session means that its Stop was lost.
        let is_start = record.event == AccountingEvent::Start;
        sessions.retain(|session| {
            let is_replaced = is_start && station.is_some() && session.station == station;
            session.id != id && Some(session.id) != nonce && !is_replaced
        });
        if !matches!(record.event, AccountingEvent::Stop { .. }) {
            sessions.push(OpenSession {
                id,
                nas_id: record.nas_id,
                station,
                counts_until,
                is_from_database: false,
            });
        }
        if sessions.is_empty() {
            shard.remove(&customer_id);
        }
    }

    /// Takes over what the database knows to be open: sessions of other processes, and those from
    /// before this one. What this process heard itself is newer and stays; what came from the
    /// database once and is not there any more has ended elsewhere.
    pub(crate) fn learn(&self, known: Vec<(RememberedSession, DateTime<Utc>)>) {
        let mut by_shard: [Vec<_>; SHARDS] = std::array::from_fn(|_| Vec::new());
        for session in known {
            if let Some(part) = by_shard.get_mut(shard_index(session.0.customer_id)) {
                part.push(session);
            }
        }
        for (shard, known) in self.shards.iter().zip(by_shard) {
            let mut shard = shard.lock();
            shard.retain(|_, sessions| {
                sessions.retain(|session| !session.is_from_database);
                !sessions.is_empty()
            });
            for (session, counts_until) in known {
                let id = u128::from_be_bytes(*session.session_key.as_bytes());
                let sessions = shard.entry(session.customer_id).or_default();
                if sessions.iter().all(|open| open.id != id) {
                    sessions.push(OpenSession {
                        id,
                        nas_id: session.nas_id,
                        station: session.calling_station_id.as_deref().map(device),
                        counts_until,
                        is_from_database: true,
                    });
                }
            }
        }
    }

    /// How many sessions count, reservations among them.
    pub(crate) fn len(&self) -> usize {
        let count = |shard: &Mutex<FxHashMap<CustomerId, Vec<OpenSession>>>| -> usize {
            shard.lock().values().map(Vec::len).sum()
        };
        self.shards.iter().map(count).sum()
    }

    /// Forgets what counts no more, so that customers who left cost no memory.
    pub(crate) fn forget_expired(&self, now: DateTime<Utc>) {
        for shard in &self.shards {
            shard.lock().retain(|_, sessions| {
                sessions.retain(|session| session.counts_until > now);
                !sessions.is_empty()
            });
        }
    }

    fn forget_nas(&self, nas_id: NasId) {
        for shard in &self.shards {
            shard.lock().retain(|_, sessions| {
                sessions.retain(|session| session.nas_id != nas_id);
                !sessions.is_empty()
            });
        }
    }

    fn shard(&self, customer_id: CustomerId) -> &Mutex<FxHashMap<CustomerId, Vec<OpenSession>>> {
        self.shards
            .get(shard_index(customer_id))
            .expect("the index is taken modulo the number of shards")
    }
}

fn shard_index(customer_id: CustomerId) -> usize {
    // The last byte of a UUIDv7 is random.
    let [.., last] = *customer_id.as_uuid().as_bytes();
    usize::from(last) % SHARDS
}

/// The caller in one spelling: routers write one hardware address in many ways.
fn device(station: &str) -> Box<str> {
    match station.parse::<MacAddress>() {
        Ok(address) => address.to_string().into(),
        Err(_) => station.into(),
    }
}

/// How long after its last report a session still counts: two and a half interims and a minute.
pub(crate) fn counts_until(heard_at: DateTime<Utc>, interim_seconds: u32) -> DateTime<Utc> {
    heard_at + TimeDelta::seconds(i64::from(interim_seconds) * 5 / 2 + 60)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use domain::ids::IspId;
    use domain::network::session::{SessionUsage, TerminateCause};

    use super::*;

    struct Rig {
        sessions: OpenSessions,
        customer_id: CustomerId,
        nas_id: NasId,
        now: DateTime<Utc>,
    }

    const STOP: AccountingEvent = AccountingEvent::Stop {
        cause: TerminateCause::UserRequest,
    };

    impl Rig {
        fn new() -> Self {
            Self {
                sessions: OpenSessions::default(),
                customer_id: CustomerId::generate(),
                nas_id: NasId::generate(),
                now: DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant"),
            }
        }

        fn dial(&self, limit: u16, station: Option<&str>, nonce: u128) -> bool {
            self.sessions.reserve(&Attempt {
                customer_id: self.customer_id,
                limit,
                nas_id: self.nas_id,
                station,
                nonce,
                now: self.now,
            })
        }

        fn report(&self, event: AccountingEvent, key: u8, station: Option<&str>, nonce: u128) {
            let record = AccountingRecord {
                isp_id: IspId::generate(),
                nas_id: self.nas_id,
                nas_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                customer_id: Some(self.customer_id),
                session_key: SessionKey::from_bytes([key; 16]),
                event,
                acct_session_id: String::new(),
                username: String::new(),
                framed_ip: None,
                calling_station_id: station.map(str::to_owned),
                nas_port_id: None,
                class: None,
                usage: SessionUsage::default(),
                event_time: self.now,
                stamped: true,
                walled: false,
            };
            self.sessions
                .note(&record, Some(nonce), counts_until(self.now, 300));
        }
    }

    #[test]
    fn a_second_device_is_refused_until_the_first_stops() {
        let rig = Rig::new();
        assert!(rig.dial(1, Some("A"), 1));
        assert!(!rig.dial(1, Some("B"), 2), "the Accept took the place");
        rig.report(AccountingEvent::Start, 1, Some("A"), 1);
        assert!(!rig.dial(1, Some("B"), 2));
        assert!(rig.dial(2, Some("B"), 2));
        rig.report(STOP, 2, Some("B"), 2);
        rig.report(STOP, 1, Some("A"), 1);
        assert!(rig.dial(1, Some("B"), 3));
        assert!(rig.dial(0, Some("C"), 4), "zero means any number");
    }

    #[test]
    fn a_device_replaces_its_own_session() {
        let rig = Rig::new();
        assert!(rig.dial(1, Some("A"), 1));
        rig.report(AccountingEvent::Start, 1, Some("A"), 1);
        assert!(rig.dial(1, Some("A"), 2), "the Stop was lost");

        rig.report(AccountingEvent::Start, 2, Some("A"), 2);
        rig.report(STOP, 2, Some("A"), 2);
        assert!(
            rig.dial(1, Some("B"), 3),
            "the old session went with the new one"
        );
    }

    #[test]
    fn one_address_in_two_spellings_is_one_device() {
        let rig = Rig::new();
        assert!(rig.dial(1, Some("AA:BB:CC:00:00:01"), 1));
        rig.report(AccountingEvent::Start, 1, Some("AA-BB-CC-00-00-01"), 1);
        assert!(rig.dial(1, Some("aabb.cc00.0001"), 2));
        assert!(!rig.dial(1, Some("AA:BB:CC:00:00:02"), 3));
    }

    #[test]
    fn what_counts_no_more_is_forgotten() {
        let rig = Rig::new();
        assert!(rig.dial(1, Some("A"), 1));
        assert_eq!(rig.sessions.len(), 1);
        rig.sessions.forget_expired(rig.now + RESERVATION);
        assert_eq!(rig.sessions.len(), 0);
    }

    #[test]
    fn silence_and_reboots_free_the_place() {
        let mut rig = Rig::new();
        assert!(rig.dial(1, Some("A"), 1));
        rig.now += TimeDelta::seconds(61);
        assert!(rig.dial(1, Some("B"), 2), "no Start came");
        rig.report(AccountingEvent::Start, 2, Some("B"), 2);
        rig.now += TimeDelta::seconds(809);
        assert!(!rig.dial(1, Some("A"), 3));
        rig.now += TimeDelta::seconds(2);
        assert!(rig.dial(1, Some("A"), 4), "no interim came");
        rig.report(AccountingEvent::NasOn, 0, None, 0);
        assert!(rig.dial(1, Some("B"), 5));
    }

    #[test]
    fn unnamed_callers_count_from_their_start() {
        let rig = Rig::new();
        assert!(rig.dial(1, None, 1));
        assert!(rig.dial(1, None, 2), "perhaps the same device again");
        rig.report(AccountingEvent::Start, 2, None, 2);
        assert!(!rig.dial(1, None, 3));
    }

    #[test]
    fn remembered_sessions_count() {
        let rig = Rig::new();
        let session = RememberedSession {
            customer_id: rig.customer_id,
            nas_id: rig.nas_id,
            session_key: SessionKey::from_bytes([1; 16]),
            calling_station_id: Some("A".into()),
            updated_at: rig.now,
        };
        let until = counts_until(session.updated_at, 300);
        for _ in 0..2 {
            rig.sessions.learn(vec![(session.clone(), until)]);
            assert!(!rig.dial(1, Some("B"), 2));
            assert!(rig.dial(2, Some("B"), 2), "learnt twice, counted once");
            rig.report(STOP, 9, Some("B"), 2);
        }
        rig.sessions.learn(Vec::new());
        assert!(rig.dial(1, Some("B"), 3), "it ended elsewhere");
        rig.report(AccountingEvent::Start, 2, Some("B"), 3);
        rig.sessions.learn(Vec::new());
        assert!(!rig.dial(1, Some("A"), 4), "heard here, and not stored yet");
    }
}
