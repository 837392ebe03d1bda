//! Background work: which jobs there are, how they are tried, and their bodies beside this file.
//!
//! A job carries ids and never what changed: it looks at the present state, so that running it
//! twice, late, or after another does no harm.

pub mod apply_access;
pub mod apply_import;
mod ask_router;
pub mod check_balances;
pub mod disconnect;
pub mod end_overrides;
pub mod evaluate_usage;
pub mod expire_subscriptions;
pub mod housekeeping;

use chrono::TimeDelta;
use domain::authz::{Actor, Scope, SystemActor};
use domain::ids::{CustomerId, ImportId, IspId, JobId, PackageId};
use persistence::jobs::{JobRow, NewJob, Queue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ctx::WorkerCtx;

/// A job and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Brings a customer's live sessions in line with what the customer may do now.
    ApplyAccess {
        /// Whose sessions.
        customer_id: CustomerId,
        /// The second look at what the first one ended.
        #[serde(default)]
        recheck: bool,
    },
    /// The same for everybody on a package.
    ApplyPackage {
        /// Which package.
        package_id: PackageId,
    },
    /// Settles requests to end sessions once their Stop should have come.
    CheckStop {
        /// Whose sessions.
        customer_id: CustomerId,
    },
    /// Looks at what a customer used, and restricts, lifts and notifies.
    EvaluateUsage {
        /// Which customer.
        customer_id: CustomerId,
    },
    /// The same for everybody on a package whose rules changed.
    EvaluatePackage {
        /// Which package.
        package_id: PackageId,
    },
    /// Evaluates where a window or a person's decision ended.
    SweepUsage {
        /// And where use was counted that no meter heard of.
        #[serde(default)]
        missed: bool,
    },
    /// Ends a customer's live sessions because a person asked for it.
    DisconnectCustomer {
        /// Whose sessions.
        customer_id: CustomerId,
    },
    /// Applies an upload.
    ApplyImport {
        /// Which one.
        import_id: ImportId,
    },
    /// Renews, expires and suspends those whose time has come.
    ExpireSubscriptions {
        /// In which ISP.
        isp_id: IspId,
        /// Goes on although unusually many would be cut.
        #[serde(default)]
        force: bool,
    },
    /// Compares running balances with the postings.
    CheckBalances {
        /// In which ISP.
        isp_id: IspId,
    },
    /// Ends overrides whose time is over.
    EndOverrides {
        /// In which ISP.
        isp_id: IspId,
    },
    /// Closes sessions that were not heard of for too long.
    SweepSessions,
    /// Forgets what nobody needs any more.
    Prune,
}

impl Job {
    /// The name in the database and the API.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ApplyAccess { .. } => "apply_access",
            Self::ApplyPackage { .. } => "apply_package",
            Self::CheckStop { .. } => "check_stop",
            Self::EvaluateUsage { .. } => "evaluate_usage",
            Self::EvaluatePackage { .. } => "evaluate_package",
            Self::SweepUsage { .. } => "sweep_usage",
            Self::DisconnectCustomer { .. } => "disconnect_customer",
            Self::ApplyImport { .. } => "apply_import",
            Self::ExpireSubscriptions { .. } => "expire_subscriptions",
            Self::CheckBalances { .. } => "check_balances",
            Self::EndOverrides { .. } => "end_overrides",
            Self::SweepSessions => "sweep_sessions",
            Self::Prune => "prune",
        }
    }

    /// Whose workers do it.
    #[must_use]
    pub const fn queue(&self) -> Queue {
        match self {
            Self::ApplyAccess { .. }
            | Self::ApplyPackage { .. }
            | Self::CheckStop { .. }
            | Self::EvaluateUsage { .. }
            | Self::DisconnectCustomer { .. } => Queue::Network,
            Self::ExpireSubscriptions { .. } | Self::CheckBalances { .. } => Queue::Money,
            Self::ApplyImport { .. }
            | Self::EndOverrides { .. }
            | Self::EvaluatePackage { .. }
            | Self::SweepUsage { .. }
            | Self::SweepSessions
            | Self::Prune => Queue::Reports,
        }
    }

    /// How often it is tried before a person must look.
    const fn max_attempts(&self) -> i64 {
        match self {
            Self::ApplyAccess { .. } | Self::ApplyPackage { .. } => 8,
            Self::DisconnectCustomer { .. } => 1,
            Self::ApplyImport { .. }
            | Self::CheckStop { .. }
            | Self::EvaluateUsage { .. }
            | Self::EvaluatePackage { .. }
            | Self::SweepUsage { .. }
            | Self::ExpireSubscriptions { .. }
            | Self::CheckBalances { .. }
            | Self::EndOverrides { .. }
            | Self::SweepSessions
            | Self::Prune => 5,
        }
    }

    /// Two jobs with one key are one job while the first still waits.
    fn dedup_key(&self) -> Option<String> {
        match self {
            // A second change while the first is being applied must be applied too, so these are
            // never merged; they look at the present state and do nothing when there is nothing.
            Self::ApplyAccess { .. } | Self::ApplyPackage { .. } => None,
            Self::CheckStop { customer_id } => Some(format!("stop:{customer_id}")),
            Self::EvaluateUsage { customer_id } => Some(format!("usage:{customer_id}")),
            Self::EvaluatePackage { package_id } => Some(format!("usage_of:{package_id}")),
            Self::SweepUsage { missed } => Some(format!("sweep_usage:{missed}")),
            Self::DisconnectCustomer { customer_id } => Some(format!("disconnect:{customer_id}")),
            Self::ApplyImport { import_id } => Some(format!("import:{import_id}")),
            Self::ExpireSubscriptions {
                isp_id,
                force: false,
            } => Some(format!("expire:{isp_id}")),
            Self::ExpireSubscriptions {
                isp_id,
                force: true,
            } => Some(format!("expire:{isp_id}:forced")),
            Self::CheckBalances { isp_id } => Some(format!("balances:{isp_id}")),
            Self::EndOverrides { isp_id } => Some(format!("overrides:{isp_id}")),
            Self::SweepSessions => Some("sweep".to_owned()),
            Self::Prune => Some("prune".to_owned()),
        }
    }

    /// The job as a row to be.
    #[must_use]
    pub fn to_new(&self) -> NewJob {
        NewJob {
            kind: self.name(),
            queue: self.queue(),
            payload: serde_json::to_value(self).expect("invariant: ids and flags serialize"),
            run_at: None,
            dedup_key: self.dedup_key(),
            max_attempts: self.max_attempts(),
            isp_id: None,
        }
    }

    /// The job as a row to be, for an ISP that the unit of work need not know.
    #[must_use]
    pub fn to_new_in(&self, isp_id: IspId) -> NewJob {
        NewJob {
            isp_id: Some(isp_id),
            ..self.to_new()
        }
    }

    /// The job of a row.
    pub fn of_row(row: &JobRow) -> Result<Self, JobError> {
        serde_json::from_value(row.payload.clone())
            .map_err(|error| JobError::Final(format!("unknown payload: {error}")))
    }
}

/// Why a try failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Trying again later makes sense.
    #[error("{0}")]
    Later(String),
    /// It never will: a person must look.
    #[error("{0}")]
    Final(String),
}

impl From<persistence::Error> for JobError {
    fn from(error: persistence::Error) -> Self {
        Self::Later(error.to_string())
    }
}

/// What a running job knows of itself.
#[derive(Debug, Clone, Copy)]
pub struct Running {
    /// Its identifier, for progress.
    pub id: JobId,
    /// How often it was tried, this try included.
    pub attempt: i64,
    /// Whose it is; what it asks for in turn is the same ISP's.
    pub isp_id: Option<IspId>,
}

/// How long after the n-th failure a job is tried again: 2 s, 4 s, 8 s … 15 min.
#[must_use]
pub fn backoff(attempt: i64) -> TimeDelta {
    let exponent = u32::try_from(attempt.clamp(1, 10)).unwrap_or(10);
    TimeDelta::seconds(2_i64.pow(exponent).min(900))
}

/// Carries a job out; the answer is kept as its result.
pub async fn run(ctx: &WorkerCtx, job: Job, running: Running) -> Result<Value, JobError> {
    match job {
        Job::ApplyAccess {
            customer_id,
            recheck,
        } => apply_access::customer(ctx, customer_id, recheck).await,
        Job::ApplyPackage { package_id } => apply_access::package(ctx, package_id, running).await,
        Job::CheckStop { customer_id } => {
            apply_access::check_stops(ctx, customer_id, running).await
        }
        Job::EvaluateUsage { customer_id } => evaluate_usage::customer(&ctx.app, customer_id).await,
        Job::EvaluatePackage { package_id } => {
            evaluate_usage::package(&ctx.app, package_id, running).await
        }
        Job::SweepUsage { missed } => evaluate_usage::sweep(&ctx.app, missed).await,
        Job::DisconnectCustomer { customer_id } => {
            disconnect::customer(ctx, customer_id, running).await
        }
        Job::ApplyImport { import_id } => apply_import::apply(ctx, import_id, running).await,
        Job::ExpireSubscriptions { isp_id, force } => {
            let now = ctx.app.clock.now();
            let report = expire_subscriptions::run(&ctx.app, isp_id, force, now).await?;
            Ok(report.to_json())
        }
        Job::CheckBalances { isp_id } => check_balances::run(&ctx.app, isp_id).await,
        Job::EndOverrides { isp_id } => end_overrides::run(&ctx.app, isp_id).await,
        Job::SweepSessions => housekeeping::sweep_sessions(ctx).await,
        Job::Prune => housekeeping::prune(ctx).await,
    }
}

/// The rows that a job of one ISP works on.
fn worker_scope(isp_id: IspId) -> Scope {
    Scope::own(&Actor::System(SystemActor::Worker(isp_id)))
}
