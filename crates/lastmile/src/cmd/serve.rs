//! Runs the product until it is told to stop, then lets open work finish.

use std::time::Duration;

use anyhow::Context as _;
use api::{ApiConfig, RateLimits, RunningApi};
use clap::{Args, ValueEnum};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    demo, files,
    parts::{self, Parts},
};

/// How long open work may take once the process is to stop.
const DRAIN: Duration = Duration::from_secs(15);

/// What one process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Everything.
    All,
    /// The API and the app.
    Api,
    /// Jobs and the schedule.
    Worker,
    /// The RADIUS server.
    Radius,
}

/// How to serve.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What this process does; several processes share PostgreSQL and Redis.
    #[arg(long, value_enum, default_value = "all")]
    role: Role,
    /// Makes a demo ISP with simulated routers and subscribers, on an empty database.
    #[arg(long)]
    demo: bool,
}

impl Arguments {
    fn does(&self, role: Role) -> bool {
        self.role == Role::All || self.role == role
    }
}

/// Runs the product.
pub(crate) async fn run(mut config: Config, arguments: Arguments) -> anyhow::Result<()> {
    if arguments.demo {
        config.open_for_demo();
    }
    let metrics = PrometheusBuilder::new()
        .install_recorder()
        .context("metrics")?;
    let _alone = files::take_database(&config)?;
    let parts = parts::assemble(&config).await?;
    if arguments.demo {
        demo::prepare(&parts)
            .await
            .context("the demo ISP cannot be made")?;
    }
    let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
    keep_metrics_fresh(metrics.clone(), &mut tasks, &stop);
    let followed = if arguments.does(Role::Radius) {
        Some(parts::start_radius(&parts, &config, &mut tasks, &stop).await?)
    } else {
        None
    };
    if arguments.does(Role::Worker) {
        parts::start_worker(&parts, &config, &mut tasks, &stop);
        parts::start_freeradius(&parts, &config, followed.clone(), &mut tasks, &stop).await?;
    }
    let api = if arguments.does(Role::Api) {
        Some(start_api(&config, &arguments, &parts, metrics)?)
    } else {
        None
    };
    if let (true, Some(followed)) = (arguments.demo, followed) {
        let listening = api.as_ref().map_or(config.http_listen, |api| api.address);
        demo::start(
            &parts,
            &config,
            listening,
            followed.directory,
            &mut tasks,
            &stop,
        )
        .await?;
    }
    serve_until_stopped(api, tasks, stop).await?;
    Ok(parts.ctx.db.close().await?)
}

fn start_api(
    config: &Config,
    arguments: &Arguments,
    parts: &Parts,
    metrics: PrometheusHandle,
) -> anyhow::Result<RunningApi> {
    let rates = RateLimits {
        api_per_minute: config.rate_api_per_minute,
        sign_in_per_minute: config.rate_sign_in_per_minute,
        public_per_minute: config.rate_public_per_minute,
    };
    let settings = ApiConfig {
        secure_cookie: config.secure_cookie,
        behind_proxy: config.behind_proxy,
        metrics_token: config.metrics_token.clone(),
        spa_dir: config.spa_dir.clone(),
        rates,
        ..ApiConfig::new(config.http_listen, parts.token_key.clone())
    };
    let api = api::start(&settings, parts.ctx.clone(), Some(metrics))
        .with_context(|| format!("http_listen: {} cannot be opened", config.http_listen))?;
    tracing::info!(address = %api.address, demo = arguments.demo, "serving the API and the app");
    Ok(api)
}

async fn serve_until_stopped(
    api: Option<RunningApi>,
    mut tasks: JoinSet<()>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let handle = api.as_ref().map(|api| api.server.handle());
    if let Some(api) = api {
        let stopping = stop.clone();
        tasks.spawn(async move {
            if let Err(error) = api.server.await {
                tracing::error!(%error, "the API failed");
            }
            stopping.cancel();
        });
    }
    tokio::select! {
        stopped = super::stopped() => stopped?,
        () = stop.cancelled() => {}
    }
    tracing::info!("stopping: open work finishes first");
    stop.cancel();
    if let Some(handle) = handle {
        handle.stop(true).await;
    }
    let drained = tokio::time::timeout(DRAIN, async { while tasks.join_next().await.is_some() {} });
    if drained.await.is_err() {
        tracing::warn!("some work did not finish in time; it is done again after the next start");
    }
    Ok(())
}

/// Histograms are folded from time to time, so that they do not grow between two visits.
fn keep_metrics_fresh(
    metrics: PrometheusHandle,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) {
    let stop = stop.clone();
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(5)) => metrics.run_upkeep(),
            }
        }
    });
}
