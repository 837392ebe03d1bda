//! Looks at the routers of every ISP, each about once a minute, and keeps what changed.
//!
//! No job is written for it: what is due stands in the router's own row, a lease keeps two processes
//! from one router, and what was found is written in batches. Routers that are away take their turn
//! among themselves, so that those which answer never wait for them.

use std::{fmt, sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{
    authz::{Actor, SystemActor},
    event::DomainEvent,
    ids::{IspId, JobId, RouterId},
    network::{
        ports::{ApiSecurity, RouterControl, RouterTarget},
        router::{Change, CheckCause, CheckFailure, CheckOutcome, judge},
        secret::SecretBytes,
    },
};
use persistence::{
    Error,
    repo::routers::watch::{self, DueRouter, Finding, Lane},
};
use rustc_hash::FxHashMap;
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{ctx::AppCtx, reactions};

/// How many routers of each lane one process looks at at once.
const AT_ONCE: usize = 128;
/// How often what was found is written while there is something under way, however often somebody
/// rings.
const BATCH: Duration = Duration::from_millis(250);
/// How often it is looked whether anything is due when nothing is under way and nobody in this process
/// rings.
const POLL: Duration = Duration::from_secs(1);
/// For how long a router belongs to a worker that was not heard of; a check ends well before.
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// How often connections to routers that are not watched any more are looked for.
const TIDY: Duration = Duration::from_secs(5);

/// Looks at routers, in one process of any number.
#[derive(Clone)]
pub struct RouterWatch {
    ctx: AppCtx,
    routers: Arc<dyn RouterControl>,
    worker: String,
}

impl fmt::Debug for RouterWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterWatch")
            .field("worker", &self.worker)
            .finish_non_exhaustive()
    }
}

/// What a look found; a look that broke off is known by its task alone.
type Ended = Result<(Id, (DueRouter, CheckOutcome)), JoinError>;

/// What is under way.
#[derive(Default)]
struct UnderWay {
    looks: JoinSet<(DueRouter, CheckOutcome)>,
    taken: FxHashMap<Id, (Lane, RouterId)>,
}

impl UnderWay {
    fn free(&self, lane: Lane) -> usize {
        let taken = self.taken.values().filter(|(of, _)| *of == lane);
        AT_ONCE.saturating_sub(taken.count())
    }

    fn lanes_with_room(&self) -> Vec<Lane> {
        let lanes = Lane::ALL.into_iter();
        lanes.filter(|lane| self.free(*lane) > 0).collect()
    }

    fn ended(&mut self, ended: Ended) -> Option<(DueRouter, CheckOutcome)> {
        match ended {
            Ok((task, found)) => {
                self.taken.remove(&task);
                Some(found)
            }
            Err(error) => {
                // Its lease ends, and it is looked at again.
                self.taken.remove(&error.id());
                tracing::error!(%error, "a look at a router broke off");
                None
            }
        }
    }
}

/// What was found and is not written yet.
struct Batch<T> {
    found: Vec<T>,
    written_at: Instant,
}

impl<T> Batch<T> {
    const fn new(now: Instant) -> Self {
        Self {
            found: Vec::new(),
            written_at: now,
        }
    }

    fn due_at(&self) -> Instant {
        self.written_at + BATCH
    }

    /// What is to be written now: nothing before its time, unless nothing more comes.
    fn take(&mut self, now: Instant, is_last: bool) -> Vec<T> {
        if !is_last && now < self.due_at() {
            return Vec::new();
        }
        self.written_at = now;
        std::mem::take(&mut self.found)
    }
}

impl RouterWatch {
    /// A watch that reaches routers by that control.
    #[must_use]
    pub fn new(ctx: AppCtx, routers: Arc<dyn RouterControl>) -> Self {
        Self {
            ctx,
            routers,
            worker: JobId::generate().to_string(),
        }
    }

    /// Looks at what is due until told to stop; what is under way then is left to others.
    pub async fn run(self, stop: CancellationToken) {
        let mut under_way = UnderWay::default();
        let mut batch = Batch::new(Instant::now());
        let mut tidied = Instant::now();
        while !stop.is_cancelled() {
            self.start_due(&mut under_way).await;
            let wake_at = if under_way.looks.is_empty() {
                Instant::now() + POLL
            } else {
                batch.due_at()
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.ctx.signals.routers() => {}
                () = tokio::time::sleep_until(wake_at) => {}
            }
            while let Some(ended) = under_way.looks.try_join_next_with_id() {
                batch.found.extend(under_way.ended(ended));
            }
            let is_last = under_way.looks.is_empty();
            self.keep(batch.take(Instant::now(), is_last)).await;
            if tidied.elapsed() >= TIDY {
                tidied = Instant::now();
                self.tidy().await;
            }
        }
        self.keep(batch.take(Instant::now(), true)).await;
        under_way.looks.abort_all();
        let ids: Vec<RouterId> = under_way.taken.into_values().map(|(_, id)| id).collect();
        if let Err(error) = self.give_back(&ids).await {
            tracing::warn!(%error, "routers under way could not be given back: they are due again when their leases end");
        }
    }

    /// Looks at everything that is due now and answers how many routers that were; for tests.
    pub async fn drain(&self) -> Result<usize, Error> {
        let mut under_way = UnderWay::default();
        let mut looked_at = 0;
        loop {
            self.start_due(&mut under_way).await;
            if under_way.looks.is_empty() {
                self.let_go().await?;
                return Ok(looked_at);
            }
            let mut found = Vec::new();
            while let Some(ended) = under_way.looks.join_next_with_id().await {
                found.extend(under_way.ended(ended));
            }
            looked_at += found.len();
            self.keep_all(found).await?;
        }
    }

    async fn start_due(&self, under_way: &mut UnderWay) {
        match self.claim(under_way).await {
            Ok(claimed) => {
                for (lane, router) in claimed {
                    let (watch, id) = (self.clone(), router.id);
                    let look = under_way.looks.spawn(async move {
                        let outcome = watch.look(&router).await;
                        (router, outcome)
                    });
                    under_way.taken.insert(look.id(), (lane, id));
                }
            }
            Err(error) => tracing::warn!(%error, "routers that are due could not be claimed"),
        }
    }

    async fn claim(&self, under_way: &UnderWay) -> Result<Vec<(Lane, DueRouter)>, Error> {
        let lanes = self.lanes_to_claim(under_way).await?;
        if lanes.is_empty() {
            return Ok(Vec::new());
        }
        let tx = self.begin("claim_routers").await?;
        let mut claimed = Vec::new();
        for lane in lanes {
            let limit = i64::try_from(under_way.free(lane)).unwrap_or(0);
            let due = watch::claim(&tx, lane, &self.worker, LEASE, limit).await?;
            claimed.extend(due.into_iter().map(|router| (lane, router)));
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// The lanes that have room and something due. Looking is cheap; claiming takes the writer's turn.
    async fn lanes_to_claim(&self, under_way: &UnderWay) -> Result<Vec<Lane>, Error> {
        let lanes = under_way.lanes_with_room();
        if lanes.is_empty() {
            return Ok(lanes);
        }
        let read = self.ctx.db.read_platform().await?;
        let mut due = Vec::new();
        for lane in lanes {
            if watch::any_due(&read, lane, self.ctx.clock.now()).await? {
                due.push(lane);
            }
        }
        read.done().await?;
        Ok(due)
    }

    async fn look(&self, router: &DueRouter) -> CheckOutcome {
        let started = std::time::Instant::now();
        let outcome = match self.ctx.keyring.open(&router.password) {
            Ok(password) => {
                let target = RouterTarget {
                    id: router.id,
                    version: router.version,
                    host: router.host.clone(),
                    port: router.port,
                    security: if router.tls {
                        ApiSecurity::Tls(router.pinned)
                    } else {
                        ApiSecurity::Plain
                    },
                    username: router.username.clone(),
                    password: SecretBytes::new(password.to_vec()),
                };
                self.routers.check(&target).await
            }
            Err(error) => {
                tracing::warn!(router.id = %router.id, %error, "a router's password cannot be opened");
                CheckOutcome::Failed(CheckFailure {
                    cause: CheckCause::PasswordUnreadable,
                    detail: None,
                })
            }
        };
        let word = match &outcome {
            CheckOutcome::Answered(_) => "answered",
            CheckOutcome::Unconfirmed(_) | CheckOutcome::FingerprintChanged(_) => "unconfirmed",
            CheckOutcome::Failed(failure) => failure.cause.as_str(),
        };
        metrics::counter!("lastmile_router_checks_total", "outcome" => word).increment(1);
        metrics::histogram!("lastmile_router_check_seconds").record(started.elapsed());
        outcome
    }

    async fn keep(&self, found: Vec<(DueRouter, CheckOutcome)>) {
        if let Err(error) = self.keep_all(found).await {
            // The leases end, and the routers are looked at again.
            tracing::warn!(%error, "what routers answered could not be kept");
        }
    }

    /// What changed for an ISP is kept with its events, everything else in one unit of work. What cannot
    /// be kept of one is no reason to lose what was found of the others.
    async fn keep_all(&self, found: Vec<(DueRouter, CheckOutcome)>) -> Result<(), Error> {
        let (mut same, mut changed) = (Vec::new(), FxHashMap::<IspId, Vec<Finding>>::default());
        for (router, outcome) in found {
            let finding = self.finding(&router, outcome);
            match finding.change {
                None => same.push(finding),
                Some(_) => changed.entry(finding.isp_id).or_default().push(finding),
            }
        }
        let mut outcome = self.keep_unchanged(&same).await;
        for (isp_id, findings) in changed {
            let kept = self.keep_changes(isp_id, &findings).await;
            outcome = outcome.and(kept);
        }
        outcome
    }

    async fn keep_unchanged(&self, findings: &[Finding]) -> Result<(), Error> {
        if findings.is_empty() {
            return Ok(());
        }
        let tx = self.begin("keep_router_checks").await?;
        watch::keep(&tx, &self.worker, findings).await?;
        tx.commit().await
    }

    async fn keep_changes(&self, isp_id: IspId, findings: &[Finding]) -> Result<(), Error> {
        let actor = Actor::System(SystemActor::Worker(isp_id));
        let db = &self.ctx.db;
        let tx = db.begin_platform("keep_router_changes", &actor).await?;
        let kept = watch::keep(&tx, &self.worker, findings).await?;
        for finding in findings.iter().filter(|finding| kept.contains(&finding.id)) {
            if let Some(change) = finding.change {
                tracing::info!(router.id = %finding.id, state = finding.standing.state.as_str(), "a router fares otherwise");
                reactions::record(&tx, event(finding.id, change)).await?;
            }
        }
        tx.commit().await?;
        self.ctx.signals.committed();
        Ok(())
    }

    fn finding(&self, router: &DueRouter, outcome: CheckOutcome) -> Finding {
        let now = self.ctx.clock.now();
        let judged = judge(&router.standing, router.presented, &outcome, now);
        Finding {
            id: router.id,
            isp_id: router.isp_id,
            version: router.version,
            standing: judged.standing,
            change: judged.change,
            presented: judged.presented,
            facts: match outcome {
                CheckOutcome::Answered(facts) => Some(facts),
                CheckOutcome::Unconfirmed(_)
                | CheckOutcome::FingerprintChanged(_)
                | CheckOutcome::Failed(_) => None,
            },
            checked_at: now,
            next_check_at: now + judged.next_in,
        }
    }

    async fn tidy(&self) {
        if let Err(error) = self.let_go().await {
            tracing::warn!(%error, "connections to routers could not be looked through");
        }
    }

    /// Gives up connections to routers that were deleted, changed, or are not watched any more.
    async fn let_go(&self) -> Result<(), Error> {
        let connected = self.routers.connected();
        if connected.is_empty() {
            return Ok(());
        }
        let ids: Vec<RouterId> = connected.iter().map(|(id, _)| *id).collect();
        let read = self.ctx.db.read_platform().await?;
        let watched = watch::watched_versions(&read, &ids).await?;
        read.done().await?;
        let watched: FxHashMap<RouterId, i64> = watched.into_iter().collect();
        for (id, version) in connected {
            if watched.get(&id) != Some(&version) {
                self.routers.forget(id);
            }
        }
        Ok(())
    }

    async fn give_back(&self, ids: &[RouterId]) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        let tx = self.begin("give_routers_back").await?;
        watch::release(&tx, &self.worker, ids).await?;
        tx.commit().await
    }

    async fn begin(&self, name: &'static str) -> Result<persistence::Tx, Error> {
        let actor = Actor::System(SystemActor::Installation);
        self.ctx.db.begin_platform(name, &actor).await
    }
}

fn event(router_id: RouterId, change: Change) -> DomainEvent {
    match change {
        Change::Reached => DomainEvent::RouterReached { router_id },
        Change::FingerprintPresented => DomainEvent::RouterFingerprintPresented { router_id },
        Change::WentAway(cause) => DomainEvent::RouterWentAway { router_id, cause },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_written_after_its_time_or_when_nothing_more_comes() {
        let start = Instant::now();
        let mut batch = Batch::new(start);
        let none: [u8; 0] = [];
        batch.found.push(1_u8);
        assert_eq!(batch.take(start + BATCH / 2, false), none);
        batch.found.push(2);
        assert_eq!(batch.take(start + BATCH, false), [1, 2]);
        batch.found.push(3);
        let early = start + BATCH + BATCH / 2;
        assert_eq!(batch.take(early, false), none, "its time starts anew");
        assert_eq!(batch.take(early, true), [3]);
    }

    #[tokio::test]
    async fn a_full_lane_is_not_claimed_from() {
        let mut under_way = UnderWay::default();
        assert_eq!(under_way.lanes_with_room(), Lane::ALL);
        for _look in 0..AT_ONCE {
            let look = under_way.looks.spawn(std::future::pending());
            let taken = (Lane::Answering, RouterId::generate());
            under_way.taken.insert(look.id(), taken);
        }
        assert_eq!(under_way.lanes_with_room(), [Lane::Away]);
    }
}
