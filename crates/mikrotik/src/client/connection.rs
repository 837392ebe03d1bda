//! A connection that is logged in: many commands at a time, each with its tag.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::driver::{Driver, Event, Sink, Start};
use super::endpoint::{Credentials, Endpoint};
use super::error::{ClientError, Loss};
use super::{Settings, handshake};
use crate::api::{Request, Row, Text};

/// A complete answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The rows, in the router's order.
    pub rows: Vec<Row>,
    /// What the command returned: `ret` is the id of a new item, or a count.
    pub returned: Row,
}

impl Answer {
    /// What the command returned as `ret`.
    pub fn ret(&self) -> Option<Text> {
        self.returned.text("ret")
    }
}

/// A connection that is logged in; dropping it closes it.
pub struct Connection {
    events: mpsc::UnboundedSender<Event>,
    in_flight: Arc<Semaphore>,
    listening: Arc<Semaphore>,
    next_tag: AtomicU64,
    settings: Settings,
    _driver: JoinSet<()>,
}

impl Connection {
    /// Connects and logs in.
    pub async fn open(
        endpoint: &Endpoint,
        credentials: &Credentials,
        settings: Settings,
    ) -> Result<Self, ClientError> {
        let ready = handshake::open(endpoint, credentials, &settings).await?;
        let (events, received) = mpsc::unbounded_channel();
        let mut driver = JoinSet::new();
        driver.spawn(Driver::new(ready, received, settings.clone()).run());
        Ok(Self {
            events,
            in_flight: Arc::new(Semaphore::new(settings.in_flight.max(1))),
            // One place is kept for commands.
            listening: Arc::new(Semaphore::new(settings.in_flight.saturating_sub(1))),
            next_tag: AtomicU64::new(1),
            settings,
            _driver: driver,
        })
    }

    /// Whether commands can be sent still.
    pub fn is_open(&self) -> bool {
        !self.events.is_closed()
    }

    /// Runs a command within the usual time.
    pub async fn run(&self, request: Request) -> Result<Answer, ClientError> {
        self.run_within(request, self.settings.command).await
    }

    /// Runs a command within a time of its own; when the caller goes away it is cancelled.
    pub async fn run_within(
        &self,
        request: Request,
        limit: Duration,
    ) -> Result<Answer, ClientError> {
        let deadline = Instant::now() + limit;
        let permit = turn(&self.in_flight, deadline).await?;
        let (answer, answered) = oneshot::channel();
        let abandon = self.start(request, Sink::answer(answer), vec![permit])?;
        let result = timeout_at(deadline, answered).await;
        if result.is_ok() {
            abandon.not_needed();
        }
        match result {
            Err(_) => Err(ClientError::Timeout),
            Ok(Err(_)) => Err(ClientError::Lost(Loss::Dropped)),
            Ok(Ok(result)) => result,
        }
    }

    /// Follows the changes of a menu; dropping the listener ends it.
    pub async fn listen(&self, menu: &str, properties: &[&str]) -> Result<Listener, ClientError> {
        let deadline = Instant::now() + self.settings.command;
        let listening = turn(&self.listening, deadline).await?;
        let in_flight = turn(&self.in_flight, deadline).await?;
        let request = Request::new(format!("{menu}/listen"));
        let request = match properties {
            [] => request,
            names => request.proplist([".id", ".dead"].iter().chain(names).copied()),
        };
        let (rows, changes) = mpsc::channel(self.settings.listen_rows.max(1));
        let (failure, failed) = oneshot::channel();
        let sink = Sink::Changes { rows, failure };
        let abandon = self.start(request, sink, vec![listening, in_flight])?;
        Ok(Listener {
            changes,
            failed: Some(failed),
            _abandon: abandon,
        })
    }

    fn start(
        &self,
        request: Request,
        sink: Sink,
        permits: Vec<OwnedSemaphorePermit>,
    ) -> Result<Abandon, ClientError> {
        let tag = self.next_tag.fetch_add(1, Ordering::Relaxed);
        let sentence = request.tag(tag.to_string()).to_sentence()?;
        let start = Event::Start(Start {
            tag,
            sentence,
            sink,
            permits,
        });
        let sent = self.events.send(start);
        sent.map_err(|_| ClientError::NotSent(Loss::Dropped))?;
        Ok(Abandon {
            tag: Some(tag),
            events: self.events.clone(),
        })
    }
}

async fn turn(
    semaphore: &Arc<Semaphore>,
    deadline: Instant,
) -> Result<OwnedSemaphorePermit, ClientError> {
    let permit = timeout_at(deadline, Arc::clone(semaphore).acquire_owned()).await;
    match permit {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => Err(ClientError::Busy),
    }
}

/// Cancels a command on the router when it is dropped.
struct Abandon {
    tag: Option<u64>,
    events: mpsc::UnboundedSender<Event>,
}

impl Abandon {
    fn not_needed(mut self) {
        self.tag = None;
    }
}

impl Drop for Abandon {
    fn drop(&mut self) {
        if let Some(tag) = self.tag {
            // A connection that ended has nothing to cancel.
            drop(self.events.send(Event::Abandon(tag)));
        }
    }
}

/// Changes of a menu as they happen.
pub struct Listener {
    changes: mpsc::Receiver<Row>,
    failed: Option<oneshot::Receiver<ClientError>>,
    _abandon: Abandon,
}

impl Listener {
    /// The next change; a row with `.dead` tells of a removed item. None after the end.
    pub async fn next(&mut self) -> Option<Result<Row, ClientError>> {
        if let Some(row) = self.changes.recv().await {
            return Some(Ok(row));
        }
        let error = self.failed.take()?.await;
        Some(Err(error.unwrap_or(ClientError::Lost(Loss::Dropped))))
    }
}
