//! Puts the parts of one process together.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use app::{
    AppCtx, WorkerCtx, accounting::DatabaseSink, client_ledger::ClientLedger, directory::Directory,
    freeradius::Bridge, login_log::LoginLog, meter::Meter, router_watch::RouterWatch,
    signals::Signals, worker::Worker,
};
use domain::{clock::Clock, ports::SharedStore};
use gateways::shared::{MemoryStore, RedisStore};
use mikrotik::watch::WatchedRouters;
use persistence::{Backend, Db, DbOptions, repo::sessions};
use radius::{
    acct::{class::ClassKey, spool::SpooledSink},
    coa::{CoaClient, CoaSettings},
    server::{RememberedSession, Server, ServerConfig, ServerPorts, SessionMemory},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{clock::WallClock, config::Config, files, keys};

/// How often sessions of other RADIUS processes are learnt.
const SESSIONS_EVERY: Duration = Duration::from_secs(60);
/// How many batches of accounting are under way on PostgreSQL; the embedded database has one writer.
const LANES: usize = 2;

/// A process about to run.
pub(crate) struct Parts {
    /// What use cases work with.
    pub(crate) ctx: AppCtx,
    /// Signs access tokens and marks sessions.
    pub(crate) token_key: Vec<u8>,
}

/// What RADIUS goes by, held in memory and in step, and where its accounting goes.
#[derive(Clone)]
pub(crate) struct Followed {
    /// Who may log in.
    pub(crate) directory: Arc<Directory>,
    /// Stores what is reported, and has limits looked at that were passed by it.
    sink: Arc<DatabaseSink>,
}

impl Followed {
    async fn start(
        ctx: &AppCtx,
        tasks: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let (meter, metered) = Meter::load(ctx.clone()).await?;
        let (directory, position) = Directory::load(ctx.clone()).await?;
        directory.ask_for_quotas(Arc::clone(&meter));
        tasks.spawn(Arc::clone(&directory).follow(position, stop.clone()));
        tasks.spawn(Arc::clone(&meter).follow(metered, stop.clone()));
        Ok(Self {
            directory,
            sink: DatabaseSink::heard_by(ctx.clone(), Some(meter)),
        })
    }
}

/// Opens the database and the shared store and finds the keys.
pub(crate) async fn assemble(config: &Config) -> anyhow::Result<Parts> {
    files::prepare(config)?;
    let found = keys::find(config)?;
    let clock: Arc<dyn Clock> = Arc::new(WallClock);
    let db = Db::connect(&DbOptions {
        url: config.database(),
        max_connections: config.database_connections,
        clock: Arc::clone(&clock),
    })
    .await
    .context("database_url: the database cannot be opened")?;
    db.migrate()
        .await
        .context("the schema cannot be brought up to date")?;
    let keys = keys::for_database(config, found, &db).await?;
    let shared: Arc<dyn SharedStore> = match &config.redis_url {
        Some(url) => Arc::new(RedisStore::connect(url, "lastmile").context("redis_url")?),
        None => Arc::new(MemoryStore::default()),
    };
    let ctx = AppCtx {
        db,
        clock,
        keyring: Arc::new(keys.keyring),
        shared,
        outgoing: config.outgoing()?,
        signals: Signals::default(),
    };
    Ok(Parts {
        ctx,
        token_key: keys.token_key.to_vec(),
    })
}

/// Runs jobs and the schedule.
pub(crate) fn start_worker(
    parts: &Parts,
    config: &Config,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) {
    // Routers take requests only from the address that they know as their RADIUS server.
    let listens = config.radius_auth_listen.ip();
    let source = (!listens.is_unspecified()).then_some(listens);
    let ctx = WorkerCtx {
        app: parts.ctx.clone(),
        sessions: Arc::new(CoaClient::new(CoaSettings {
            source,
            ..CoaSettings::default()
        })),
    };
    tasks.spawn(Worker::new(ctx).run(stop.clone()));
    let watch = RouterWatch::new(
        parts.ctx.clone(),
        Arc::new(WatchedRouters::within(parts.ctx.outgoing.clone())),
    );
    tasks.spawn(watch.run(stop.clone()));
    tasks.spawn(app::schedule::run(parts.ctx.clone(), stop.clone()));
}

/// Holds the tables of a FreeRADIUS in step, or clears them when none is configured.
pub(crate) async fn start_freeradius(
    parts: &Parts,
    config: &Config,
    followed: Option<Followed>,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let Some(isp_id) = config.freeradius_isp else {
        return Ok(app::freeradius::switch_off(&parts.ctx).await?);
    };
    let Followed { directory, sink } = match followed {
        Some(followed) => followed,
        None => Followed::start(&parts.ctx, tasks, stop).await?,
    };
    let bridge = Bridge::new(parts.ctx.clone(), isp_id, directory, sink);
    tasks.spawn(bridge.run(stop.clone()));
    Ok(())
}

/// Runs the RADIUS server and answers what it goes by.
pub(crate) async fn start_radius(
    parts: &Parts,
    config: &Config,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> anyhow::Result<Followed> {
    let followed = Followed::start(&parts.ctx, tasks, stop).await?;
    let directory = Arc::clone(&followed.directory);
    let (log, writer) = LoginLog::new(parts.ctx.clone());
    let mut key = [0; 32];
    key.copy_from_slice(&parts.token_key);
    let mut settings = ServerConfig::new(
        config.radius_auth_listen,
        config.radius_acct_listen,
        ClassKey::new(key),
    );
    settings.radsec = config.radsec()?;
    if parts.ctx.db.backend() == Backend::Postgres {
        settings.lanes = LANES;
    }
    let spool = config.spool();
    let sink = SpooledSink::open(&spool, Arc::<DatabaseSink>::clone(&followed.sink))
        .with_context(|| format!("radius_spool_dir: {}", spool.directory.display()))?;
    settings.reject_delay = Duration::from_millis(config.radius_reject_delay_ms.into());
    let ports = ServerPorts {
        directory: Arc::<Directory>::clone(&directory),
        sink: Arc::<SpooledSink>::clone(&sink),
        clock: Arc::clone(&parts.ctx.clock),
        observer: Some(Arc::new(log)),
    };
    let server = Server::bind(settings, ports).with_context(|| {
        format!(
            "radius_auth_listen, radius_acct_listen, radius_radsec_…: {}, {} or RadSec cannot be \
             served",
            config.radius_auth_listen, config.radius_acct_listen
        )
    })?;
    let memory = server.session_memory();
    remember_sessions(&parts.ctx, &memory).await?;
    tracing::info!(
        subscribers = directory.len(),
        auth = %config.radius_auth_listen,
        acct = %config.radius_acct_listen,
        radsec = ?config.radius_radsec_listen,
        "answering RADIUS"
    );
    tasks.spawn(writer.run(stop.clone()));
    tasks.spawn(sink.drain(stop.clone()));
    let ledger = ClientLedger::new(parts.ctx.clone(), server.client_reports());
    tasks.spawn(ledger.run(stop.clone()));
    if parts.ctx.db.backend() == Backend::Postgres {
        tasks.spawn(follow_sessions(parts.ctx.clone(), memory, stop.clone()));
    }
    let stopping = stop.clone();
    tasks.spawn(async move {
        if let Err(error) = server.run(stopping.clone()).await {
            tracing::error!(%error, "the RADIUS server failed");
            stopping.cancel();
        }
    });
    Ok(followed)
}

/// Sessions that were open before this process started still count.
async fn remember_sessions(ctx: &AppCtx, memory: &SessionMemory) -> anyhow::Result<()> {
    let read = ctx.db.read_platform().await?;
    let open = sessions::open_sessions(&read).await?;
    read.done().await?;
    let known = open.into_iter().map(|open| {
        let session = RememberedSession {
            customer_id: open.customer_id,
            nas_id: open.nas_id,
            session_key: open.session_key,
            calling_station_id: open.calling_station_id,
            updated_at: open.updated_at,
        };
        (session, open.isp_id)
    });
    memory.learn(known.collect());
    Ok(())
}

/// Sessions that other RADIUS processes heard of count too; the embedded database has one process.
async fn follow_sessions(ctx: AppCtx, memory: SessionMemory, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SESSIONS_EVERY) => {}
        }
        if let Err(error) = remember_sessions(&ctx, &memory).await {
            tracing::warn!(%error, "sessions of other RADIUS processes could not be learnt");
        }
    }
}
