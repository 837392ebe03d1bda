//! How far customers with limits are from the next thing to decide, in memory: accounting asks for an
//! evaluation the moment a threshold is passed, and no query is made for anybody else.
//!
//! What is measured here may be off by what another process counted or by a batch that was stored
//! twice; the evaluation reads the database, and a sweep finds what no meter heard of.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ids::{CustomerId, IspId, PackageId},
    network::{
        access::QuotaLeft,
        fup::{Cause, Counts, Mark, Used},
        usage::UsageDelta,
    },
};
use parking_lot::RwLock;
use persistence::{
    Error, Read,
    change_feed::{self, ChangeKind, Position},
    query::fair_use as query,
};
use rustc_hash::{FxHashMap, FxHashSet};
use tokio_util::sync::CancellationToken;

use crate::{
    accounting::UsageListener,
    ctx::AppCtx,
    fair_use::{self, Facts},
    jobs::Job,
};

/// How often the feed is read when nobody in this process rings.
const POLL: Duration = Duration::from_millis(500);
const BATCH: i64 = 1000;
/// An evaluation that was asked for and did not come by then is asked for again.
const ASK_AGAIN: TimeDelta = TimeDelta::minutes(2);

/// One customer with limits.
#[derive(Debug)]
struct Gauge {
    package_id: PackageId,
    marks: Vec<Mark>,
    /// What is left of the limits, and which octets the first of it counts.
    quota: Option<(QuotaLeft, Counts)>,
    /// When a window ends and everything is measured anew.
    ends_at: Option<DateTime<Utc>>,
    asked_at: Option<DateTime<Utc>>,
}

/// Measures what customers with limits use.
pub struct Meter {
    ctx: AppCtx,
    gauges: RwLock<FxHashMap<CustomerId, Gauge>>,
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter")
            .field("customers", &self.len())
            .finish_non_exhaustive()
    }
}

impl Meter {
    /// Measures everybody with limits, and answers the position in the feed it stands at.
    pub async fn load(ctx: AppCtx) -> Result<(Arc<Self>, Position), Error> {
        let meter = Arc::new(Self {
            ctx,
            gauges: RwLock::default(),
        });
        let read = meter.ctx.db.read_platform().await?;
        // What commits while the rest is being read is read again from here on.
        let position = change_feed::end(&read).await?;
        meter.measure_all(&read).await?;
        read.done().await?;
        Ok((meter, position))
    }

    /// How many customers are measured.
    #[must_use]
    pub fn len(&self) -> usize {
        self.gauges.read().len()
    }

    /// Whether nobody has limits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a customer has left of the limits of the package; nothing without limits.
    #[must_use]
    pub fn quota_left(&self, customer_id: CustomerId) -> Option<QuotaLeft> {
        let gauges = self.gauges.read();
        gauges.get(&customer_id)?.quota.map(|(left, _)| left)
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
                    tracing::warn!(%error, "the usage meter could not read the change feed");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }

    /// Measures anew what changed since a position, and answers the position after it.
    pub async fn catch_up(&self, position: &Position) -> Result<Position, Error> {
        let read = self.ctx.db.read_platform().await?;
        let (changes, next) = change_feed::since(&read, position).await?;
        let (mut customers, mut packages, mut all) = (FxHashSet::default(), Vec::new(), false);
        for change in changes {
            match change.kind {
                ChangeKind::Customer => {
                    customers.insert(CustomerId::from_uuid(change.subject_id));
                }
                ChangeKind::Package => packages.push(PackageId::from_uuid(change.subject_id)),
                ChangeKind::AllCustomers => all = true,
                ChangeKind::Nas
                | ChangeKind::Realm
                | ChangeKind::IspAccess
                | ChangeKind::RadiusTrace => {}
            }
        }
        if all {
            self.measure_all(&read).await?;
        } else {
            self.measure_packages(&read, &packages).await?;
            customers.extend(self.ended());
            let customers: Vec<CustomerId> = customers.into_iter().collect();
            for some in customers.chunks(usize::try_from(BATCH).unwrap_or(1)) {
                self.measure(&read, some).await?;
            }
        }
        read.done().await?;
        metrics::gauge!("lastmile_metered_customers").set(crate::directory::metric(self.len()));
        Ok(next)
    }

    /// Those whose window is over.
    fn ended(&self) -> Vec<CustomerId> {
        let now = self.ctx.clock.now();
        let gauges = self.gauges.read();
        let over = gauges
            .iter()
            .filter(|(_, gauge)| gauge.ends_at.is_some_and(|ends_at| ends_at <= now));
        over.map(|(&id, _)| id).collect()
    }

    async fn measure_all(&self, read: &Read) -> Result<(), Error> {
        self.gauges.write().clear();
        let packages = fair_use::limited_packages(read).await?;
        self.read_packages(read, &packages).await
    }

    async fn measure_packages(&self, read: &Read, packages: &[PackageId]) -> Result<(), Error> {
        if packages.is_empty() {
            return Ok(());
        }
        self.gauges
            .write()
            .retain(|_, gauge| !packages.contains(&gauge.package_id));
        let limited = fair_use::limited_packages(read).await?;
        let changed: Vec<PackageId> = limited
            .into_iter()
            .filter(|id| packages.contains(id))
            .collect();
        self.read_packages(read, &changed).await
    }

    async fn read_packages(&self, read: &Read, packages: &[PackageId]) -> Result<(), Error> {
        if packages.is_empty() {
            return Ok(());
        }
        let mut after = None;
        loop {
            let now = self.ctx.clock.now();
            let facts = fair_use::of_packages(read, packages, after, BATCH, now).await?;
            let Some(last) = facts.last() else {
                return Ok(());
            };
            after = Some(last.customer_id);
            self.keep(facts, now);
        }
    }

    async fn measure(&self, read: &Read, customers: &[CustomerId]) -> Result<(), Error> {
        let now = self.ctx.clock.now();
        let subjects = query::subjects(read, customers).await?;
        let facts = fair_use::load(read, subjects, now).await?;
        {
            let mut gauges = self.gauges.write();
            for id in customers {
                gauges.remove(id);
            }
        }
        self.keep(facts, now);
        Ok(())
    }

    fn keep(&self, facts: Vec<Facts>, now: DateTime<Utc>) {
        let measured = facts.into_iter().filter(|found| !found.rules.is_empty());
        let measured: Vec<_> = measured.map(|found| gauge(&found, now)).collect();
        self.gauges.write().extend(measured);
    }
}

fn gauge(facts: &Facts, now: DateTime<Utc>) -> (CustomerId, Gauge) {
    let plan = facts.plan(now);
    let gauge = Gauge {
        package_id: facts.package_id,
        quota: facts.quota_left(now).map(|left| {
            let volume = facts
                .rules
                .iter()
                .find(|rule| rule.cause == Cause::VolumeLimit);
            (left, volume.map_or(Counts::Total, |rule| rule.counts))
        }),
        marks: plan.marks,
        ends_at: plan.next_at,
        asked_at: None,
    };
    (facts.customer_id, gauge)
}

impl Gauge {
    /// Takes a step of use in, and answers whether something must be decided.
    fn moves(&mut self, delta: &UsageDelta, now: DateTime<Utc>) -> bool {
        let used = Used {
            input_octets: delta.input_octets,
            output_octets: delta.output_octets,
            seconds: delta.seconds,
        };
        if let Some((left, counts)) = &mut self.quota {
            let octets = counts.octets(used);
            left.octets = left.octets.map(|left| left.saturating_sub(octets));
            left.seconds = left.seconds.map(|left| left.saturating_sub(used.seconds));
        }
        let mut passed = false;
        for mark in &mut self.marks {
            let octets = mark.counts.octets(used);
            for (left, step) in [
                (&mut mark.octets_left, octets),
                (&mut mark.seconds_left, used.seconds),
            ] {
                if let Some(left) = left {
                    *left = left.saturating_sub(step);
                    passed |= *left == 0;
                }
            }
        }
        let waits = self
            .asked_at
            .is_some_and(|asked_at| now < asked_at + ASK_AGAIN);
        if passed && !waits {
            self.asked_at = Some(now);
        }
        passed && !waits
    }
}

impl UsageListener for Meter {
    fn moved(&self, deltas: &[UsageDelta]) -> Vec<(IspId, Job)> {
        let now = self.ctx.clock.now();
        let mut gauges = self.gauges.write();
        let mut jobs = Vec::new();
        for delta in deltas {
            if let Some(gauge) = gauges.get_mut(&delta.customer_id)
                && gauge.moves(delta, now)
            {
                let customer_id = delta.customer_id;
                jobs.push((delta.isp_id, Job::EvaluateUsage { customer_id }));
            }
        }
        jobs
    }
}
