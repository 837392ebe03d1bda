//! The index that logins are answered from: every subscriber, RADIUS client and access rule of the
//! installation in memory, loaded at start and kept in step by the change feed.
//!
//! A login never waits for the database, and goes on when the database is away.

mod load;
mod nas_index;

pub(crate) use load::present;

use std::{
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};

use domain::{
    ids::{CustomerId, IspId, PackageId},
    mac::MacAddress,
    network::{
        access::{IspAccessSettings, QuotaLeft},
        nas::{Claims, Nas},
        ports::SubscriberDirectory,
        realm::{Realm, RealmPosition},
        subscriber::{ServicePackage, Subscriber},
    },
};
use parking_lot::RwLock;
use persistence::change_feed::{self, Change, ChangeKind, Position};
use rustc_hash::{FxHashMap, FxHashSet};
use tokio_util::sync::CancellationToken;

use self::nas_index::NasIndex;
use crate::{ctx::AppCtx, meter::Meter};

/// How often the feed is read when nobody in this process rings.
const POLL: Duration = Duration::from_millis(500);

type Key = (IspId, Box<str>);

#[derive(Default)]
struct Index {
    subscribers: FxHashMap<Key, Arc<Subscriber>>,
    keys: FxHashMap<CustomerId, Key>,
    /// Who may log in by a device alone; a device of several lets nobody in so.
    devices: FxHashMap<(IspId, MacAddress), Vec<CustomerId>>,
    packages: FxHashMap<PackageId, Arc<ServicePackage>>,
    nas: NasIndex,
    /// By ISP and name.
    realms: FxHashMap<Key, Arc<Realm>>,
    access: FxHashMap<IspId, IspAccessSettings>,
    traces: Vec<Trace>,
}

/// Somebody whose packets are kept for a while; there are few.
struct Trace {
    customer_id: CustomerId,
    key: Key,
    until: DateTime<Utc>,
}

/// The directory of one RADIUS node.
pub struct Directory {
    ctx: AppCtx,
    index: RwLock<Index>,
    /// Read for every packet, without the lock.
    is_tracing: AtomicBool,
    meter: OnceLock<Arc<Meter>>,
    /// Grows with every change that was read.
    version: AtomicU64,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory")
            .field("subscribers", &self.len())
            .finish_non_exhaustive()
    }
}

impl Directory {
    /// Loads everything and answers the directory with the position in the feed it stands at.
    pub async fn load(ctx: AppCtx) -> Result<(Arc<Self>, Position), persistence::Error> {
        let directory = Arc::new(Self {
            ctx,
            index: RwLock::default(),
            is_tracing: AtomicBool::new(false),
            meter: OnceLock::new(),
            version: AtomicU64::new(0),
        });
        let read = directory.ctx.db.read_platform().await?;
        // What commits while the rest is being read is read again from here on.
        let position = change_feed::end(&read).await?;
        directory.reload_access(&read).await?;
        directory.reload_nas(&read).await?;
        directory.reload_realms(&read).await?;
        directory.reload_packages(&read).await?;
        directory.reload_subscribers(&read).await?;
        directory.reload_traces(&read).await?;
        read.done().await?;
        Ok((directory, position))
    }

    /// Says who measures what is left of limits; without it nobody counts.
    pub fn ask_for_quotas(&self, meter: Arc<Meter>) {
        if self.meter.set(meter).is_err() {
            tracing::warn!("the directory has a usage meter already");
        }
    }

    /// How many subscribers are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.read().subscribers.len()
    }

    /// About how much memory the subscribers take, by a sample of them.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const SAMPLE: usize = 200;
        // Two tables, and the two counters of a shared entry.
        let fixed = 2 * size_of::<Key>() + size_of::<CustomerId>() + size_of::<Subscriber>() + 24;
        let index = self.index.read();
        let sample = index.subscribers.iter().take(SAMPLE);
        let texts: usize = sample
            .map(|((_, key), known)| {
                2 * key.len() + known.username.len() + known.password.expose().len()
            })
            .sum();
        let sampled = index.subscribers.len().clamp(1, SAMPLE);
        index.subscribers.len() * (fixed + texts / sampled)
    }

    /// Everybody who is known, for the demo network, which dials as them.
    #[must_use]
    pub fn subscribers(&self) -> Vec<Arc<Subscriber>> {
        self.index
            .read()
            .subscribers
            .values()
            .map(Arc::clone)
            .collect()
    }

    /// A number that grows with every change that was read.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Whether no subscriber is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Follows the change feed until told to stop.
    pub async fn follow(self: Arc<Self>, mut position: Position, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.ctx.signals.changes() => {}
                () = tokio::time::sleep(POLL) => {}
            }
            match self.catch_up(&position).await {
                Ok(next) => position = next,
                Err(error) => {
                    // Logins go on with what is known; the feed keeps what is missed.
                    tracing::warn!(%error, "the RADIUS directory could not read the change feed");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }

    /// Reads what changed since a position and answers the position after it.
    pub async fn catch_up(&self, position: &Position) -> Result<Position, persistence::Error> {
        let read = self.ctx.db.read_platform().await?;
        let (changes, next) = change_feed::since(&read, position).await?;
        let has_changes = !changes.is_empty();
        let kinds: FxHashSet<ChangeKind> = changes.iter().map(|change| change.kind).collect();
        if kinds.contains(&ChangeKind::IspAccess) {
            self.reload_access(&read).await?;
        }
        if kinds.contains(&ChangeKind::Nas) {
            self.reload_nas(&read).await?;
        }
        if kinds.contains(&ChangeKind::Realm) {
            self.reload_realms(&read).await?;
        }
        if kinds.contains(&ChangeKind::Package) {
            self.reload_packages(&read).await?;
        }
        if kinds.contains(&ChangeKind::RadiusTrace) {
            self.reload_traces(&read).await?;
        }
        if kinds.contains(&ChangeKind::AllCustomers) || kinds.contains(&ChangeKind::Package) {
            self.reload_subscribers(&read).await?;
        } else {
            for change in changes {
                self.apply_customer(&read, change).await?;
            }
        }
        read.done().await?;
        if has_changes {
            self.version.fetch_add(1, Ordering::AcqRel);
        }
        metrics::gauge!("lastmile_radius_subscribers").set(metric(self.len()));
        metrics::gauge!("lastmile_radius_directory_bytes").set(metric(self.bytes()));
        Ok(next)
    }

    async fn apply_customer(
        &self,
        read: &persistence::Read,
        change: Change,
    ) -> Result<(), persistence::Error> {
        match change.kind {
            ChangeKind::Customer => {
                self.reload_subscriber(read, CustomerId::from_uuid(change.subject_id))
                    .await
            }
            ChangeKind::Package
            | ChangeKind::Nas
            | ChangeKind::Realm
            | ChangeKind::IspAccess
            | ChangeKind::RadiusTrace
            | ChangeKind::AllCustomers => Ok(()),
        }
    }
}

/// A count as a gauge takes it.
pub(crate) fn metric(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

impl SubscriberDirectory for Directory {
    fn nas_by_address(&self, address: IpAddr) -> Claims {
        self.index.read().nas.claims(address)
    }

    fn nas_by_certificate(&self, names: &[String]) -> Option<Arc<Nas>> {
        self.index.read().nas.by_certificate(names)
    }

    fn subscriber(&self, isp_id: IspId, username: &str) -> Option<Arc<Subscriber>> {
        let key = (isp_id, domain::text::folded(username).into_boxed_str());
        self.index.read().subscribers.get(&key).map(Arc::clone)
    }

    fn subscriber_by_mac(&self, isp_id: IspId, mac: MacAddress) -> Option<Arc<Subscriber>> {
        let index = self.index.read();
        let [customer_id] = index.devices.get(&(isp_id, mac))?.as_slice() else {
            return None;
        };
        let key = index.keys.get(customer_id)?;
        index.subscribers.get(key).map(Arc::clone)
    }

    fn quota_left(&self, customer_id: CustomerId) -> Option<QuotaLeft> {
        self.meter.get()?.quota_left(customer_id)
    }

    fn realm(&self, isp_id: IspId, username: &str) -> Option<Arc<Realm>> {
        let index = self.index.read();
        if index.realms.is_empty() {
            return None;
        }
        [RealmPosition::Suffix, RealmPosition::Prefix]
            .into_iter()
            .find_map(|position| {
                let (_, name) = position.split(username)?;
                let key = (isp_id, name.to_ascii_lowercase().into_boxed_str());
                let realm = index.realms.get(&key)?;
                (realm.position == position).then(|| Arc::clone(realm))
            })
    }

    fn isp_access(&self, isp_id: IspId) -> IspAccessSettings {
        self.index
            .read()
            .access
            .get(&isp_id)
            .cloned()
            .unwrap_or_default()
    }

    fn is_tracing(&self) -> bool {
        self.is_tracing.load(Ordering::Relaxed)
    }

    fn traced(
        &self,
        isp_id: IspId,
        username: &str,
        customer_id: Option<CustomerId>,
    ) -> Option<CustomerId> {
        let (now, name) = (self.ctx.clock.now(), domain::text::folded(username));
        let index = self.index.read();
        let trace = index.traces.iter().find(|trace| {
            let (of, named) = &trace.key;
            *of == isp_id && (**named == *name || Some(trace.customer_id) == customer_id)
        })?;
        (trace.until > now).then_some(trace.customer_id)
    }
}
