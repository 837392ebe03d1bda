//! One RadSec connection: requests in, answers out, in whatever order they are ready.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::network::ports::SubscriberDirectory;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::packet::codec::{Code, MAX_LEN};
use crate::proxy::ProxyQueue;
use crate::radsec::frame::Frames;
use crate::radsec::peer::Peer;
use crate::server::access::{AccessHandler, Reply};
use crate::server::accounting::{AccountingHandler, Route, Step};
use crate::server::delay::RejectDelay;
use crate::server::lanes::Lanes;
use crate::server::origin::Origin;

/// Answers that may wait for the other side to read.
const ANSWERS: usize = 1024;
/// How long the other side may take to read one answer.
const WRITE: Duration = Duration::from_secs(20);
/// How long answers under way may take once nothing more is read.
const LINGER: Duration = Duration::from_secs(12);

/// Who answers what a connection brings.
#[derive(Clone)]
pub(crate) struct Handlers {
    pub(crate) directory: Arc<dyn SubscriberDirectory>,
    pub(crate) access: Arc<AccessHandler>,
    pub(crate) accounting: Arc<AccountingHandler>,
    pub(crate) queue: Lanes,
    pub(crate) proxy: ProxyQueue,
    pub(crate) delay: RejectDelay,
}

/// A connection whose certificate names a NAS.
pub(crate) struct Connection {
    pub(crate) peer: Peer,
    pub(crate) source: SocketAddr,
    pub(crate) idle: Duration,
    pub(crate) handlers: Handlers,
}

impl Connection {
    /// Serves until either side ends it, it was silent for too long, or `stop`.
    pub(crate) async fn run<S: AsyncRead + AsyncWrite>(self, stream: S, stop: CancellationToken) {
        let (reader, writer) = tokio::io::split(stream);
        let (answers, waiting) = mpsc::channel(ANSWERS);
        let reading = self.read_requests(reader, answers, stop);
        let writing = write_answers(waiting, writer);
        tokio::pin!(writing);
        tokio::select! {
            () = &mut writing => return,
            () = reading => {}
        }
        // Reports that are being stored still get their answers.
        if timeout(LINGER, writing).await.is_err() {
            tracing::debug!("a RadSec connection closed before every answer was read");
        }
    }

    async fn read_requests<R: AsyncRead + Unpin>(
        mut self,
        mut reader: R,
        answers: mpsc::Sender<Arc<[u8]>>,
        stop: CancellationToken,
    ) {
        let (mut frames, mut buffer) = (Frames::default(), vec![0; MAX_LEN]);
        loop {
            let received = tokio::select! {
                () = stop.cancelled() => return,
                received = timeout(self.idle, reader.read(&mut buffer)) => received,
            };
            // Silence, the end and a broken connection are the same to us.
            let Ok(Ok(length @ 1..)) = received else {
                return;
            };
            frames.feed(buffer.get(..length).unwrap_or_default());
            loop {
                match frames.next_frame() {
                    Ok(Some(frame)) => {
                        if self.handle(frame, &answers).await.is_none() {
                            return;
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::info!(source = %self.source, %error, "a RadSec connection is closed");
                        return;
                    }
                }
            }
        }
    }

    /// Answers one request; `None` ends the connection.
    async fn handle(&mut self, frame: &[u8], answers: &mpsc::Sender<Arc<[u8]>>) -> Option<()> {
        let origin = Origin {
            source: self.source,
            certified: Some(self.peer.nas()?),
        };
        let is_report = frame.first() == Some(&Code::AccountingRequest.as_u8());
        let answer = if is_report {
            self.take_report(frame, &origin, answers)
        } else {
            self.take_login(frame, &origin, answers)
        };
        // Waiting here stops reading: a router that takes no answers may not ask more.
        match answer {
            Some(answer) => answers.send(answer).await.ok(),
            None => Some(()),
        }
    }

    fn take_login(
        &self,
        frame: &[u8],
        origin: &Origin,
        answers: &mpsc::Sender<Arc<[u8]>>,
    ) -> Option<Arc<[u8]>> {
        let handlers = &self.handlers;
        let route = || Route::Stream(answers.clone());
        match handlers.access.take(frame, origin)? {
            Reply::Now(answer) => Some(answer),
            // The certificate is the router's; who guesses are those behind it.
            Reply::Later(held) => {
                let refused = handlers.delay.hold(held, route()).err();
                refused.map(|held| handlers.access.release(held))
            }
            Reply::Proxy(login) => handlers.proxy.hand_over(&handlers.access, login, route()),
        }
    }

    fn take_report(
        &self,
        frame: &[u8],
        origin: &Origin,
        answers: &mpsc::Sender<Arc<[u8]>>,
    ) -> Option<Arc<[u8]>> {
        match self.handlers.accounting.handle(frame, origin)? {
            Step::Answer(answer) => Some(answer),
            Step::Store(pending) => {
                let pending = pending.via(Route::Stream(answers.clone()));
                if let Err(full) = self.handlers.queue.try_send(pending) {
                    self.handlers.accounting.refuse(&full);
                }
                None
            }
        }
    }
}

async fn write_answers<W: AsyncWrite + Unpin>(
    mut waiting: mpsc::Receiver<Arc<[u8]>>,
    mut writer: W,
) {
    while let Some(answer) = waiting.recv().await {
        let written = timeout(WRITE, async {
            writer.write_all(&answer).await?;
            writer.flush().await
        });
        if !matches!(written.await, Ok(Ok(()))) {
            return;
        }
    }
    // The other side may be gone already.
    timeout(WRITE, writer.shutdown()).await.ok();
}
