//! Keeps the last answers to logins for support, off the hot path.

use std::{fmt, time::Duration};

use domain::{
    authz::{Actor, SystemActor},
    event::DomainEvent,
    network::ports::{LoginAnswer, LoginObserver, TracedPacket},
};
use persistence::{
    Backend,
    repo::{login_answers, macs, radius_traces},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{ctx::AppCtx, reactions};

const WAITING: usize = 16_384;
const TRACED: usize = 1_024;
/// Room that grants leave to refusals, which support asks for.
const KEPT_FOR_REFUSALS: usize = WAITING / 4;

/// How many answers are written at once, and how long others are gathered meanwhile: support can
/// wait, and in a storm the database belongs to accounting.
#[derive(Debug, Clone, Copy)]
struct Pace {
    batch: usize,
    gather: Duration,
}

impl Pace {
    /// PostgreSQL may share a core with us: no statement shall keep it from a login for longer than
    /// the login takes. SQLite has one writer, which commits as seldom as can be.
    const fn on(backend: Backend) -> Self {
        match backend {
            Backend::Postgres => Self {
                batch: 64,
                gather: Duration::from_millis(25),
            },
            Backend::Sqlite => Self {
                batch: 1_000,
                gather: Duration::from_millis(400),
            },
        }
    }
}

/// Takes answers on the hot path; what does not fit is counted and dropped.
pub struct LoginLog {
    sender: mpsc::Sender<LoginAnswer>,
    traced: mpsc::Sender<TracedPacket>,
}

impl fmt::Debug for LoginLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginLog").finish_non_exhaustive()
    }
}

/// Writes what the log took.
pub struct LoginLogWriter {
    receiver: mpsc::Receiver<LoginAnswer>,
    traced: mpsc::Receiver<TracedPacket>,
    ctx: AppCtx,
}

impl fmt::Debug for LoginLogWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginLogWriter").finish_non_exhaustive()
    }
}

impl LoginLog {
    /// A log and its writer.
    #[must_use]
    pub fn new(ctx: AppCtx) -> (Self, LoginLogWriter) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let (traced_sender, traced) = mpsc::channel(TRACED);
        let log = Self {
            sender,
            traced: traced_sender,
        };
        let writer = LoginLogWriter {
            receiver,
            traced,
            ctx,
        };
        (log, writer)
    }
}

impl LoginObserver for LoginLog {
    fn login_answered(&self, answer: LoginAnswer) {
        let is_crowded = answer.outcome.is_ok() && self.sender.capacity() < KEPT_FOR_REFUSALS;
        if is_crowded || self.sender.try_send(answer).is_err() {
            metrics::counter!("lastmile_radius_login_log_dropped_total").increment(1);
        }
    }

    fn packet_traced(&self, packet: TracedPacket) {
        if self.traced.try_send(packet).is_err() {
            metrics::counter!("lastmile_radius_trace_dropped_total").increment(1);
        }
    }
}

impl LoginLogWriter {
    /// Writes until told to stop or until the log is gone, then what is left.
    pub async fn run(mut self, stop: CancellationToken) {
        let pace = Pace::on(self.ctx.db.backend());
        let mut batch = Vec::with_capacity(pace.batch);
        let mut packets = Vec::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                taken = self.receiver.recv_many(&mut batch, pace.batch) => {
                    if taken == 0 {
                        break;
                    }
                    self.write(&mut batch).await;
                    pause(&stop, pace.gather).await;
                }
                taken = self.traced.recv_many(&mut packets, TRACED) => {
                    if taken == 0 {
                        break;
                    }
                    self.write_traced(&mut packets).await;
                }
            }
        }
        self.traced.close();
        while self.traced.recv_many(&mut packets, TRACED).await > 0 {
            self.write_traced(&mut packets).await;
        }
        self.receiver.close();
        while self.receiver.recv_many(&mut batch, pace.batch).await > 0 {
            self.write(&mut batch).await;
        }
    }

    async fn write_traced(&self, packets: &mut Vec<TracedPacket>) {
        if let Err(error) = self.try_write_traced(packets).await {
            tracing::warn!(%error, packets = packets.len(), "traced packets were not kept");
        }
        packets.clear();
    }

    async fn try_write_traced(&self, packets: &[TracedPacket]) -> Result<(), persistence::Error> {
        let actor = Actor::System(SystemActor::Installation);
        let tx = self.ctx.db.begin_platform("keep_trace", &actor).await?;
        radius_traces::insert(&tx, packets).await?;
        tx.commit().await
    }

    async fn write(&self, batch: &mut Vec<LoginAnswer>) {
        if let Err(error) = self.try_write(batch).await {
            tracing::warn!(%error, answers = batch.len(), "login answers were not kept");
        }
        batch.clear();
    }

    /// Binds the devices of first logins; who logs in by another meanwhile is ended by the job.
    async fn bind_devices(&self, batch: &[LoginAnswer]) -> Result<(), persistence::Error> {
        for answer in batch {
            let (Some(customer_id), Some(mac)) = (answer.customer_id, answer.binds_mac) else {
                continue;
            };
            let actor = Actor::System(SystemActor::Worker(answer.isp_id));
            let tx = self
                .ctx
                .db
                .begin_platform("bind_first_device", &actor)
                .await?;
            if macs::bind_first(&tx, answer.isp_id, customer_id, mac).await? {
                reactions::record(&tx, DomainEvent::CustomerAccessChanged { customer_id }).await?;
                tx.commit().await?;
                self.ctx.signals.committed();
            }
        }
        Ok(())
    }

    async fn try_write(&self, batch: &[LoginAnswer]) -> Result<(), persistence::Error> {
        let actor = Actor::System(SystemActor::Installation);
        let tx = self
            .ctx
            .db
            .begin_platform("keep_login_answers", &actor)
            .await?;
        login_answers::insert(&tx, batch).await?;
        tx.commit().await?;
        self.bind_devices(batch).await
    }
}

async fn pause(stop: &CancellationToken, gather: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(gather) => {}
    }
}
