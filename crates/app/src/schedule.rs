//! What happens by the clock: one static table. The scheduler only enqueues, and however many
//! processes run it, each slot is taken once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{Actor, SystemActor},
    ids::IspId,
};
use persistence::{jobs as queue, query::directory};
use tokio_util::sync::CancellationToken;

use crate::{ctx::AppCtx, jobs::Job};

const TICK: Duration = Duration::from_secs(5);

/// Something that happens again and again.
struct Entry {
    name: &'static str,
    every: TimeDelta,
    jobs: Jobs,
}

enum Jobs {
    /// One job for the installation.
    Once(fn() -> Job),
    /// One job for each ISP.
    ForEachIsp(fn(IspId) -> Job),
}

const SCHEDULE: [Entry; 7] = [
    Entry {
        name: "expire_subscriptions",
        every: TimeDelta::minutes(1),
        jobs: Jobs::ForEachIsp(|isp_id| Job::ExpireSubscriptions {
            isp_id,
            force: false,
        }),
    },
    Entry {
        name: "end_overrides",
        every: TimeDelta::minutes(1),
        jobs: Jobs::ForEachIsp(|isp_id| Job::EndOverrides { isp_id }),
    },
    Entry {
        name: "sweep_sessions",
        every: TimeDelta::minutes(1),
        jobs: Jobs::Once(|| Job::SweepSessions),
    },
    Entry {
        name: "lift_restrictions",
        every: TimeDelta::minutes(1),
        jobs: Jobs::Once(|| Job::SweepUsage { missed: false }),
    },
    Entry {
        name: "sweep_usage",
        every: TimeDelta::minutes(5),
        jobs: Jobs::Once(|| Job::SweepUsage { missed: true }),
    },
    Entry {
        name: "prune",
        every: TimeDelta::hours(1),
        jobs: Jobs::Once(|| Job::Prune),
    },
    Entry {
        name: "check_balances",
        every: TimeDelta::days(1),
        jobs: Jobs::ForEachIsp(|isp_id| Job::CheckBalances { isp_id }),
    },
];

/// Enqueues what is due until told to stop.
pub async fn run(ctx: AppCtx, stop: CancellationToken) {
    loop {
        if let Err(error) = tick(&ctx).await {
            tracing::warn!(%error, "the schedule could not be kept");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Enqueues what is due now and that nobody has enqueued yet.
pub async fn tick(ctx: &AppCtx) -> Result<usize, persistence::Error> {
    let now = ctx.clock.now();
    let mut enqueued = 0;
    for entry in &SCHEDULE {
        let actor = Actor::System(SystemActor::Installation);
        let slot = slot(now, entry.every);
        let read = ctx.db.read_platform().await?;
        let taken = queue::slot_taken(&read, entry.name, slot).await?;
        let isps = directory::isps(&read).await?;
        read.done().await?;
        if taken {
            continue;
        }
        let tx = ctx.db.begin_platform("keep_schedule", &actor).await?;
        if queue::claim_slot(&tx, entry.name, slot).await? {
            let jobs: Vec<(Option<IspId>, Job)> = match entry.jobs {
                Jobs::Once(job) => vec![(None, job())],
                Jobs::ForEachIsp(job) => isps.into_iter().map(|id| (Some(id), job(id))).collect(),
            };
            for (isp_id, job) in jobs {
                let new = queue::NewJob {
                    isp_id,
                    ..job.to_new()
                };
                enqueued += usize::from(queue::enqueue(&tx, new).await?.is_some());
            }
        }
        tx.commit().await?;
    }
    if enqueued > 0 {
        ctx.signals.committed();
    }
    Ok(enqueued)
}

/// The start of the stretch of `every` that holds the instant.
fn slot(now: DateTime<Utc>, every: TimeDelta) -> DateTime<Utc> {
    let step = every.num_seconds().max(1);
    let start = now.timestamp().div_euclid(step) * step;
    DateTime::from_timestamp(start, 0).unwrap_or(now)
}
