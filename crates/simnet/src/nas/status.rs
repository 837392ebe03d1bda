//! What a simulated router knows to be true, for comparison with what the server believes.

use tokio::time::Instant;

use crate::nas::core::Core;
use crate::nas::lines::{Line, Subscriber};
use crate::snapshot::{NasSnapshot, SessionSnapshot, State, SubscriberSnapshot, Summary};

impl Core {
    /// The state of this moment, with traffic counted up to it.
    pub(crate) fn snapshot(&mut self, now: Instant) -> NasSnapshot {
        let mut traffic = self.past;
        let mut subscribers = Vec::with_capacity(self.subscribers.len());
        for subscriber in self.subscribers.values_mut() {
            let snapshot = subscriber.snapshot(now);
            if let Some(session) = &snapshot.session {
                traffic.upload_bytes += session.upload_bytes;
                traffic.download_bytes += session.download_bytes;
            }
            subscribers.push(snapshot);
        }
        subscribers.sort_by(|left, right| left.username.cmp(&right.username));
        NasSnapshot {
            name: self.name.clone(),
            powered: self.powered,
            traffic,
            counters: self.counters,
            unanswered: self.unanswered(),
            subscribers,
        }
    }

    /// Adds the state of this moment to the sums of a network.
    pub(crate) fn add_to(&mut self, summary: &mut Summary, now: Instant) {
        summary.routers += 1;
        summary.subscribers += self.subscribers.len();
        summary.unanswered += self.unanswered();
        summary.counters.add(&self.counters);
        summary.traffic.add(self.past);
        for subscriber in self.subscribers.values() {
            match &subscriber.line {
                Line::Online(session) => {
                    summary.online += 1;
                    summary.traffic.moved(session.moved_at(now));
                }
                Line::Waiting(State::Rejected) => summary.rejected += 1,
                Line::Waiting(State::Unanswered) => summary.no_answer += 1,
                Line::Down | Line::Waiting(_) | Line::Dialing => {}
            }
        }
    }

    fn unanswered(&self) -> usize {
        self.logins.in_flight()
            + self.reports.in_flight()
            + self.callers.len()
            + self.waiting_logins.len()
            + self.waiting_reports.len()
            + self.delayed_reports
    }
}

impl Subscriber {
    fn snapshot(&mut self, now: Instant) -> SubscriberSnapshot {
        let mut traffic = self.past;
        let (state, session) = match &mut self.line {
            Line::Down => (State::Down, None),
            Line::Waiting(why) => (*why, None),
            Line::Dialing => (State::Dialing, None),
            Line::Online(session) => {
                session.advance(now);
                traffic.moved(session.moved);
                let snapshot = SessionSnapshot {
                    session_id: session.identity.session_id.clone(),
                    framed_ip: session.identity.framed_ip,
                    pool: session.pool.clone(),
                    rate: session.rate.map(|rate| rate.to_string()),
                    address_list: session.address_list.clone(),
                    seconds: session.lasted(now).as_secs(),
                    upload_bytes: session.moved.upload,
                    download_bytes: session.moved.download,
                };
                (State::Online, Some(snapshot))
            }
        };
        SubscriberSnapshot {
            username: self.config.username.clone(),
            line: self.config.line.clone(),
            calling_station: self.calling_station.clone(),
            state,
            session,
            traffic,
            logins: self.logins,
            rejects: self.rejects,
            message: self.message.clone(),
        }
    }
}
