//! What this process knows of each NAS beyond its row: how much it asks, what it has proven, what
//! is to be reported. Bounded, and touched by every packet, so almost all of it is atomic.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{IspId, NasId};
use domain::network::nas::{ClientLimits, Learnt, Nas};
use domain::network::ports::{ClientReport, ClientReports, LoginMethod, RealmReport, SourceReport};
use domain::network::service_policy::{Access, RejectCause};
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;

use crate::counters::{Discard, position};
use crate::server::realms::RealmCounts;

/// Addresses remembered of one NAS; a network of more is served and not remembered.
const MAX_SOURCES: usize = 4_096;
/// That an address was heard is reported at most this often.
const HEARD_EVERY: TimeDelta = TimeDelta::seconds(30);

/// What a request is about; each has a purse of its own, so that logins starve no accounting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Logins,
    Reports,
}

/// Every NAS that was heard of.
#[derive(Default)]
pub(crate) struct Clients {
    known: RwLock<FxHashMap<NasId, Arc<Client>>>,
    /// Reports that could not be stored.
    returned: Mutex<FxHashMap<NasId, ClientReport>>,
    /// What became of requests that went on to home servers.
    pub(crate) realms: RealmCounts,
}

/// One NAS.
pub(crate) struct Client {
    nas_id: NasId,
    isp_id: IspId,
    requests: AtomicU64,
    duplicates: AtomicU64,
    reports: AtomicU64,
    accepts: AtomicU64,
    accepts_walled: AtomicU64,
    rejects: [AtomicU64; RejectCause::ALL.len()],
    discards: [AtomicU64; Discard::ALL.len()],
    methods: [AtomicU64; LoginMethod::ALL.len()],
    purses: [Purse; 2],
    sources: RwLock<FxHashMap<IpAddr, Arc<Source>>>,
}

#[derive(Default)]
struct Purse {
    in_flight: AtomicU32,
    /// Millionths of a request that may be taken, and when that was so.
    bucket: Mutex<Option<(u64, Instant)>>,
}

/// One address of a NAS.
pub(crate) struct Source {
    bits: AtomicU8,
    /// What was learnt counts only while the NAS was not made to forget after this.
    forgotten_at: AtomicI64,
    heard_at: AtomicI64,
    reported_at: AtomicI64,
    is_news: AtomicBool,
    uses_old_secret: AtomicBool,
    /// When it first proved the secret; zero before.
    proven_at: AtomicI64,
}

const SIGNS: u8 = 1;
const PROXY_STATE_KNOWN: u8 = 2;
const LIMITS_PROXY_STATE: u8 = 4;

/// A request that is under way; it makes room when it is dropped.
pub(crate) struct InFlight {
    client: Arc<Client>,
    channel: Channel,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let purse = self.client.purse(self.channel);
        purse.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Clients {
    /// What is known of a NAS.
    pub(crate) fn of(&self, nas: &Nas) -> Arc<Client> {
        if let Some(client) = self.known.read().get(&nas.id) {
            return Arc::clone(client);
        }
        let mut known = self.known.write();
        let client = known.entry(nas.id);
        Arc::clone(client.or_insert_with(|| Arc::new(Client::new(nas))))
    }

    /// Requests under way, logins and accounting.
    pub(crate) fn in_flight(&self) -> (u64, u64) {
        let known = self.known.read();
        known.values().fold((0, 0), |(logins, reports), client| {
            let count = |channel| client.purse(channel).in_flight.load(Ordering::Relaxed);
            (
                logins + u64::from(count(Channel::Logins)),
                reports + u64::from(count(Channel::Reports)),
            )
        })
    }
}

impl Client {
    fn new(nas: &Nas) -> Self {
        Self {
            nas_id: nas.id,
            isp_id: nas.isp_id,
            requests: AtomicU64::default(),
            duplicates: AtomicU64::default(),
            reports: AtomicU64::default(),
            accepts: AtomicU64::default(),
            accepts_walled: AtomicU64::default(),
            rejects: std::array::from_fn(|_| AtomicU64::default()),
            discards: std::array::from_fn(|_| AtomicU64::default()),
            methods: std::array::from_fn(|_| AtomicU64::default()),
            purses: std::array::from_fn(|_| Purse::default()),
            sources: RwLock::default(),
        }
    }

    fn purse(&self, channel: Channel) -> &Purse {
        let [logins, reports] = &self.purses;
        match channel {
            Channel::Logins => logins,
            Channel::Reports => reports,
        }
    }

    /// Takes a request, or says why the NAS asks too much.
    pub(crate) fn admit(
        self: &Arc<Self>,
        channel: Channel,
        limits: ClientLimits,
        now: Instant,
    ) -> Result<InFlight, Discard> {
        let purse = self.purse(channel);
        if let Some(rate) = limits.max_requests_per_second
            && !purse.spend(rate, now)
        {
            return Err(Discard::RateLimited);
        }
        let before = purse.in_flight.fetch_add(1, Ordering::Relaxed);
        let taken = InFlight {
            client: Arc::clone(self),
            channel,
        };
        if limits.max_in_flight.is_some_and(|most| before >= most) {
            return Err(Discard::TooManyInFlight);
        }
        Ok(taken)
    }

    /// What is known of an address of the NAS.
    pub(crate) fn source(&self, nas: &Nas, address: IpAddr) -> Arc<Source> {
        let known = self.sources.read().get(&address).map(Arc::clone);
        let source = known.unwrap_or_else(|| self.remember(address));
        source.refresh(nas, address);
        source
    }

    fn remember(&self, address: IpAddr) -> Arc<Source> {
        let mut sources = self.sources.write();
        if sources.len() >= MAX_SOURCES && !sources.contains_key(&address) {
            return Arc::new(Source::new());
        }
        Arc::clone(
            sources
                .entry(address)
                .or_insert_with(|| Arc::new(Source::new())),
        )
    }

    pub(crate) fn requested(&self, method: LoginMethod) {
        add(&self.requests, 1);
        if let Some(counter) = position(&LoginMethod::ALL, method, &self.methods) {
            add(counter, 1);
        }
    }

    pub(crate) fn repeated(&self) {
        add(&self.duplicates, 1);
    }

    pub(crate) fn reported(&self) {
        add(&self.reports, 1);
    }

    pub(crate) fn answered(&self, outcome: Result<Access, RejectCause>) {
        match outcome {
            Ok(Access::Open) => add(&self.accepts, 1),
            Ok(Access::Walled) => add(&self.accepts_walled, 1),
            Err(cause) => {
                if let Some(counter) = position(&RejectCause::ALL, cause, &self.rejects) {
                    add(counter, 1);
                }
            }
        }
    }

    pub(crate) fn discarded(&self, reason: Discard) {
        if let Some(counter) = position(&Discard::ALL, reason, &self.discards) {
            add(counter, 1);
        }
    }

    fn take(&self) -> Vec<(String, u64)> {
        let mut counted = Vec::new();
        let mut take = |name: String, counter: &AtomicU64| match counter.swap(0, Ordering::Relaxed)
        {
            0 => {}
            by => counted.push((name, by)),
        };
        take("requests".to_owned(), &self.requests);
        take("duplicates".to_owned(), &self.duplicates);
        take("accounting".to_owned(), &self.reports);
        take("accepts".to_owned(), &self.accepts);
        take("accepts.walled".to_owned(), &self.accepts_walled);
        for (cause, counter) in RejectCause::ALL.iter().zip(&self.rejects) {
            take(format!("rejects.{}", cause.as_str()), counter);
        }
        for (reason, counter) in Discard::ALL.iter().zip(&self.discards) {
            take(format!("discards.{}", reason.as_str()), counter);
        }
        for (method, counter) in LoginMethod::ALL.iter().zip(&self.methods) {
            take(format!("methods.{}", method.as_str()), counter);
        }
        counted
    }
}

impl Purse {
    /// A token bucket that holds the requests of one second.
    fn spend(&self, rate: u32, now: Instant) -> bool {
        const ONE: u64 = 1_000_000;
        let most = u64::from(rate) * ONE;
        let mut bucket = self.bucket.lock();
        let (left, since) = bucket.unwrap_or((most, now));
        let micros = u64::try_from((now - since).as_micros()).unwrap_or(u64::MAX);
        let left = micros
            .saturating_mul(u64::from(rate))
            .saturating_add(left)
            .min(most);
        let (is_enough, left) = match left.checked_sub(ONE) {
            Some(rest) => (true, rest),
            None => (false, left),
        };
        *bucket = Some((left, now));
        is_enough
    }
}

impl Source {
    const fn new() -> Self {
        Self {
            bits: AtomicU8::new(0),
            forgotten_at: AtomicI64::new(0),
            heard_at: AtomicI64::new(0),
            reported_at: AtomicI64::new(0),
            is_news: AtomicBool::new(false),
            uses_old_secret: AtomicBool::new(false),
            proven_at: AtomicI64::new(0),
        }
    }

    /// Takes over what the database knows, and forgets what people had forgotten.
    fn refresh(&self, nas: &Nas, address: IpAddr) {
        let forgotten_at = nas.forgotten_at.map_or(0, |at| at.timestamp_micros());
        if self.forgotten_at.swap(forgotten_at, Ordering::Relaxed) != forgotten_at {
            self.bits.store(0, Ordering::Relaxed);
            self.proven_at.store(0, Ordering::Relaxed);
        }
        if let Some(learnt) = nas.learnt.get(&address) {
            self.bits.fetch_or(bits(*learnt), Ordering::Relaxed);
            self.proved_first(learnt.proven_at);
        }
    }

    pub(crate) fn learnt(&self) -> Learnt {
        let bits = self.bits.load(Ordering::Relaxed);
        Learnt {
            signs: bits & SIGNS != 0,
            limits_proxy_state: (bits & PROXY_STATE_KNOWN != 0)
                .then_some(bits & LIMITS_PROXY_STATE != 0),
            proven_at: self.proven_at(),
        }
    }

    /// When the address first proved that it knows the secret of the NAS.
    pub(crate) fn proven_at(&self) -> Option<DateTime<Utc>> {
        match self.proven_at.load(Ordering::Relaxed) {
            0 => None,
            micros => DateTime::from_timestamp_micros(micros),
        }
    }

    /// The address proved with a packet that it knows the secret.
    pub(crate) fn proved(&self, at: DateTime<Utc>) {
        if self.proved_first(Some(at)) {
            self.is_news.store(true, Ordering::Relaxed);
        }
    }

    /// Only the first time counts; says whether it was this.
    fn proved_first(&self, at: Option<DateTime<Utc>>) -> bool {
        let Some(at) = at.filter(|_| self.proven_at.load(Ordering::Relaxed) == 0) else {
            return false;
        };
        let known = &self.proven_at;
        let (order, micros) = (Ordering::Relaxed, at.timestamp_micros());
        known.compare_exchange(0, micros, order, order).is_ok()
    }

    /// Learns; says whether that was new.
    pub(crate) fn learn(&self, learnt: Learnt) -> bool {
        let new = bits(learnt);
        let before = self.bits.fetch_or(new, Ordering::Relaxed);
        let is_news = before | new != before;
        if is_news {
            self.is_news.store(true, Ordering::Relaxed);
        }
        is_news
    }

    /// The address proved itself with a packet.
    pub(crate) fn heard(&self, at: DateTime<Utc>) {
        self.heard_at
            .store(at.timestamp_micros(), Ordering::Relaxed);
    }

    pub(crate) fn uses_old_secret(&self) -> bool {
        self.uses_old_secret.load(Ordering::Relaxed)
    }

    pub(crate) fn set_uses_old_secret(&self, uses: bool) {
        if self.uses_old_secret() != uses {
            self.uses_old_secret.store(uses, Ordering::Relaxed);
        }
    }

    fn take(&self, address: IpAddr) -> Option<SourceReport> {
        let heard_at = self.heard_at.load(Ordering::Relaxed);
        let is_news = self.is_news.swap(false, Ordering::Relaxed);
        let reported_at = self.reported_at.load(Ordering::Relaxed);
        let every = HEARD_EVERY.num_microseconds().unwrap_or(i64::MAX);
        let is_due = heard_at.saturating_sub(reported_at) >= every;
        if heard_at == 0 || !(is_news || is_due) {
            return None;
        }
        self.reported_at.store(heard_at, Ordering::Relaxed);
        Some(SourceReport {
            address,
            seen_at: DateTime::from_timestamp_micros(heard_at)?,
            learnt: self.learnt(),
            is_news,
        })
    }
}

const fn bits(learnt: Learnt) -> u8 {
    let signs = if learnt.signs { SIGNS } else { 0 };
    let proxy_state = match learnt.limits_proxy_state {
        None => 0,
        Some(false) => PROXY_STATE_KNOWN,
        Some(true) => PROXY_STATE_KNOWN | LIMITS_PROXY_STATE,
    };
    signs | proxy_state
}

impl ClientReports for Clients {
    fn take(&self) -> Vec<ClientReport> {
        let mut reports = std::mem::take(&mut *self.returned.lock());
        for client in self.known.read().values() {
            let sources = client.sources.read();
            let report = ClientReport {
                nas_id: client.nas_id,
                isp_id: client.isp_id,
                counted: client.take(),
                sources: sources
                    .iter()
                    .filter_map(|(at, known)| known.take(*at))
                    .collect(),
            };
            if !report.counted.is_empty() || !report.sources.is_empty() {
                merge(&mut reports, report);
            }
        }
        reports.into_values().collect()
    }

    fn put_back(&self, reports: Vec<ClientReport>) {
        let mut returned = self.returned.lock();
        for report in reports {
            merge(&mut returned, report);
        }
    }

    fn take_realms(&self) -> Vec<RealmReport> {
        self.realms.take()
    }

    fn put_back_realms(&self, reports: Vec<RealmReport>) {
        self.realms.put_back(reports);
    }
}

fn merge(reports: &mut FxHashMap<NasId, ClientReport>, newer: ClientReport) {
    let Some(report) = reports.get_mut(&newer.nas_id) else {
        reports.insert(newer.nas_id, newer);
        return;
    };
    for (name, by) in newer.counted {
        match report.counted.iter_mut().find(|(known, _)| *known == name) {
            Some((_, value)) => *value += by,
            None => report.counted.push((name, by)),
        }
    }
    for mut source in newer.sources {
        let found = report
            .sources
            .iter_mut()
            .find(|known| known.address == source.address);
        match found {
            Some(known) => {
                source.is_news |= known.is_news;
                *known = source;
            }
            None => report.sources.push(source),
        }
    }
}

fn add(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::network::secret::SecretBytes;

    use super::*;

    fn nas() -> Nas {
        Nas::new(
            NasId::generate(),
            IspId::generate(),
            "r1".into(),
            "10.0.0.0/24".parse().expect("a network"),
            SecretBytes::new("secret"),
        )
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn rates_and_crowds_are_capped_apart() {
        let (clients, nas, now) = (Clients::default(), nas(), Instant::now());
        let limits = ClientLimits {
            max_requests_per_second: Some(2),
            max_in_flight: None,
        };
        let client = clients.of(&nas);
        let admit = |channel, at| client.admit(channel, limits, at).map(drop);
        assert_eq!(admit(Channel::Logins, now), Ok(()));
        assert_eq!(admit(Channel::Logins, now), Ok(()));
        assert_eq!(admit(Channel::Logins, now), Err(Discard::RateLimited));
        assert_eq!(
            admit(Channel::Reports, now),
            Ok(()),
            "accounting has its own"
        );
        let later = now + Duration::from_millis(500);
        assert_eq!(admit(Channel::Logins, later), Ok(()));
        assert_eq!(admit(Channel::Logins, later), Err(Discard::RateLimited));

        let limits = ClientLimits {
            max_requests_per_second: None,
            max_in_flight: Some(1),
        };
        let first = client.admit(Channel::Logins, limits, now).expect("room");
        let second = client.admit(Channel::Logins, limits, now).map(drop);
        assert_eq!(second, Err(Discard::TooManyInFlight));
        assert_eq!(clients.in_flight(), (1, 0));
        drop(first);
        assert!(client.admit(Channel::Logins, limits, now).is_ok());
        assert_eq!(clients.in_flight(), (0, 0));
    }

    #[test]
    fn what_is_learnt_is_reported_once_and_can_be_forgotten() {
        let (clients, mut nas) = (Clients::default(), nas());
        let client = clients.of(&nas);
        let source = client.source(&nas, address(1));
        let signs = Learnt {
            signs: true,
            ..Learnt::default()
        };
        assert!(source.learn(signs));
        assert!(!source.learn(signs));
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("valid");
        source.heard(now);
        client.answered(Err(RejectCause::WrongPassword));
        let [report] = clients.take().try_into().expect("one NAS");
        assert_eq!(report.counted, [("rejects.wrong_password".to_owned(), 1)]);
        let [seen] = report.sources.clone().try_into().expect("one address");
        assert!(seen.is_news && seen.learnt.signs && seen.seen_at == now);
        assert_eq!(seen.learnt.proven_at, None);
        assert_eq!(clients.take(), []);

        client.answered(Err(RejectCause::WrongPassword));
        clients.put_back(vec![report]);
        let [again] = clients.take().try_into().expect("one NAS");
        assert_eq!(again.counted, [("rejects.wrong_password".to_owned(), 2)]);
        assert_eq!(again.sources.len(), 1);

        nas.forgotten_at = Some(now);
        assert_eq!(client.source(&nas, address(1)).learnt(), Learnt::default());
        nas.learnt.insert(address(2), signs);
        assert!(
            client.source(&nas, address(2)).learnt().signs,
            "known from the database"
        );
    }

    #[test]
    fn addresses_are_bounded() {
        let (clients, nas) = (Clients::default(), nas());
        let client = clients.of(&nas);
        for number in 0..5_000_u32 {
            client.source(&nas, IpAddr::from(number.to_be_bytes()));
        }
        assert_eq!(client.sources.read().len(), MAX_SOURCES);
    }
}
