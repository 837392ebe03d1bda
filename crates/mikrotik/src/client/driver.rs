//! The task that owns a connection: writes what is asked, hands out what is answered.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;

use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::Settings;
use super::connection::Answer;
use super::error::{ClientError, Loss};
use super::handshake::{Ready, Stream};
use crate::api::{Decoder, Reply, ReplyKind, Request, Row, Sentence, Trap};

/// What a connection's owner asks of its driver.
pub(super) enum Event {
    Start(Start),
    Abandon(u64),
}

pub(super) struct Start {
    pub(super) tag: u64,
    pub(super) sentence: Sentence,
    pub(super) sink: Sink,
    /// Held until the router ended the command.
    pub(super) permits: Vec<OwnedSemaphorePermit>,
}

/// Who waits for the replies to a command.
pub(super) enum Sink {
    Answer {
        waiting: oneshot::Sender<Result<Answer, ClientError>>,
        rows: Vec<Row>,
        bytes: usize,
    },
    Changes {
        rows: mpsc::Sender<Row>,
        failure: oneshot::Sender<ClientError>,
    },
    Nobody,
}

struct Pending {
    sink: Sink,
    trap: Option<Trap>,
    /// When the command must have ended, once it is cancelled.
    deadline: Option<Instant>,
    _permits: Vec<OwnedSemaphorePermit>,
}

/// Owns a connection.
pub(super) struct Driver {
    reader: ReadHalf<Pin<Box<dyn Stream>>>,
    writer: WriteHalf<Pin<Box<dyn Stream>>>,
    decoder: Decoder,
    unread: Vec<u8>,
    events: mpsc::UnboundedReceiver<Event>,
    out: Vec<u8>,
    unflushed: bool,
    pending: HashMap<u64, Pending>,
    settings: Settings,
}

impl Driver {
    pub(super) fn new(
        ready: Ready,
        events: mpsc::UnboundedReceiver<Event>,
        settings: Settings,
    ) -> Self {
        let (reader, writer) = tokio::io::split(ready.stream);
        Self {
            reader,
            writer,
            decoder: ready.decoder,
            unread: ready.unread,
            events,
            out: Vec::new(),
            unflushed: false,
            pending: HashMap::new(),
            settings,
        }
    }

    /// Runs until the connection ends or nobody holds it; then everybody who waits is told.
    pub(super) async fn run(mut self) {
        let loss = match self.drive().await {
            Ok(()) => Loss::Dropped,
            Err(loss) => loss,
        };
        self.events.close();
        for (_, pending) in self.pending.drain() {
            pending.sink.fail(ClientError::Lost(loss.clone()));
        }
        while let Ok(event) = self.events.try_recv() {
            if let Event::Start(start) = event {
                start.sink.fail(ClientError::NotSent(loss.clone()));
            }
        }
    }

    async fn drive(&mut self) -> Result<(), Loss> {
        let unread = std::mem::take(&mut self.unread);
        self.receive(&unread)?;
        let mut buffer = vec![0; 16 << 10];
        loop {
            let deadlines = self.pending.values().filter_map(|pending| pending.deadline);
            let deadline = deadlines.min();
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.take(event),
                    None => return Ok(()),
                },
                read = self.reader.read(&mut buffer) => match read {
                    Ok(0) => return Err(Loss::Closed),
                    Ok(count) => self.receive(buffer.get(..count).unwrap_or_default())?,
                    Err(error) => return Err(Loss::Broken(error.to_string())),
                },
                written = write_some(&mut self.writer, &self.out), if !self.out.is_empty() || self.unflushed => {
                    let count = written.map_err(|error| Loss::Broken(error.to_string()))?;
                    self.unflushed = count > 0;
                    self.out.drain(..count);
                }
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    return Err(Loss::Stuck);
                }
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Start(start) => {
                start.sentence.encode(&mut self.out);
                let pending = Pending {
                    sink: start.sink,
                    trap: None,
                    deadline: None,
                    _permits: start.permits,
                };
                self.pending.insert(start.tag, pending);
            }
            Event::Abandon(tag) => self.cancel(tag),
        }
    }

    /// Asks the router to end a command in which nobody is interested any more.
    fn cancel(&mut self, tag: u64) {
        let Some(pending) = self.pending.get_mut(&tag) else {
            return;
        };
        pending.sink = Sink::Nobody;
        if pending.deadline.is_some() {
            return;
        }
        pending.deadline = Some(Instant::now() + self.settings.cancel);
        let cancel = Request::new("/cancel")
            .argument("tag", tag.to_string())
            .tag(format!("c{tag}"));
        let sentence = cancel.to_sentence();
        sentence
            .expect("invariant: no word is empty")
            .encode(&mut self.out);
    }

    fn receive(&mut self, mut bytes: &[u8]) -> Result<(), Loss> {
        while let Some(sentence) = self.decoder.decode(&mut bytes)? {
            let reply = Reply::from_sentence(&sentence)?;
            self.dispatch(reply)?;
        }
        Ok(())
    }

    fn dispatch(&mut self, reply: Reply) -> Result<(), Loss> {
        if let ReplyKind::Fatal(reason) = reply.kind {
            return Err(Loss::Fatal(reason));
        }
        // What no tag names belongs to the only command there is, or to nothing that can be told.
        let tag = match (&reply.tag, self.pending.len()) {
            (Some(tag), _) => tag.as_str().and_then(|digits| digits.parse().ok()),
            (None, 1) => self.pending.keys().next().copied(),
            (None, _) => return Err(Loss::Untagged),
        };
        // Answers to `/cancel`, and to commands that were never asked, are nobody's.
        let Some((tag, pending)) = tag.and_then(|tag| Some((tag, self.pending.get_mut(&tag)?)))
        else {
            return Ok(());
        };
        match reply.kind {
            ReplyKind::Row(row) => {
                if let Err(error) = pending.sink.take_row(row, self.settings.answer_bytes) {
                    std::mem::replace(&mut pending.sink, Sink::Nobody).fail(error);
                    self.cancel(tag);
                }
            }
            ReplyKind::Trap(trap) => {
                pending.trap.get_or_insert(trap);
            }
            ReplyKind::Empty | ReplyKind::Fatal(_) => {}
            ReplyKind::Done(returned) => {
                if let Some(pending) = self.pending.remove(&tag) {
                    pending.end(returned);
                }
            }
        }
        Ok(())
    }
}

/// Writes a part of what is to be written, or flushes where that is nothing.
async fn write_some(writer: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<usize> {
    if bytes.is_empty() {
        writer.flush().await?;
        return Ok(0);
    }
    match writer.write(bytes).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        count => Ok(count),
    }
}

impl Pending {
    fn end(self, returned: Row) {
        match (self.sink, self.trap) {
            (Sink::Answer { waiting, rows, .. }, None) => {
                // Whoever went away in this moment needs no answer.
                drop(waiting.send(Ok(Answer { rows, returned })));
            }
            (sink, Some(trap)) => sink.fail(ClientError::Trap(trap)),
            (sink @ Sink::Changes { .. }, None) => sink.fail(ClientError::Lost(Loss::Closed)),
            (Sink::Nobody, None) => {}
        }
    }
}

impl Sink {
    pub(super) fn answer(waiting: oneshot::Sender<Result<Answer, ClientError>>) -> Self {
        Self::Answer {
            waiting,
            rows: Vec::new(),
            bytes: 0,
        }
    }

    fn take_row(&mut self, row: Row, most: usize) -> Result<(), ClientError> {
        match self {
            Self::Answer { rows, bytes, .. } => {
                *bytes = bytes.saturating_add(row.capacity());
                if *bytes > most {
                    return Err(ClientError::AnswerTooLarge);
                }
                rows.push(row);
                Ok(())
            }
            Self::Changes { rows, .. } => rows.try_send(row).map_err(|_| ClientError::Lagged),
            Self::Nobody => Ok(()),
        }
    }

    fn fail(self, error: ClientError) {
        // Whoever went away in this moment needs no error.
        match self {
            Self::Answer { waiting, .. } => drop(waiting.send(Err(error))),
            Self::Changes { failure, .. } => drop(failure.send(error)),
            Self::Nobody => {}
        }
    }
}
