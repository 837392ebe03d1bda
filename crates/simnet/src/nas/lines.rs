//! Lines of subscribers: dialling, being online, hanging up, dialling again.

use std::time::Duration;

use domain::network::session::TerminateCause;
use radius::client::ResponseError;
use radius::packet::codec::Packet;
use tokio::time::Instant;

use crate::nas::core::{Channel, Core, Transmit};
use crate::nas::exchange::{Late, Ticket};
use crate::nas::timers::Timer;
use crate::snapshot::{State, Traffic};
use crate::subscribers::dialer::{Dial, Grant, Verdict, back_off, read_answer};
use crate::subscribers::session::{Event, Identity, Session};
use crate::subscribers::{SubscriberConfig, fingerprint};

/// A subscriber and the state of the line.
pub(crate) struct Subscriber {
    pub(super) config: SubscriberConfig,
    pub(super) calling_station: String,
    pub(super) port: u32,
    pub(super) line: Line,
    /// Number of the current dial; older timers and answers mean nothing.
    pub(super) dial: u64,
    pub(super) failures: u32,
    pub(super) message: Option<String>,
    pub(super) logins: u64,
    pub(super) rejects: u64,
    /// Traffic of sessions that are over.
    pub(super) past: Traffic,
}

pub(crate) enum Line {
    /// Nobody dials.
    Down,
    /// A dial is planned; the state tells why it is not now.
    Waiting(State),
    /// An Access-Request is on its way or queued.
    Dialing,
    Online(Box<Session>),
}

/// Whose Access-Request is on its way.
pub(crate) struct Login {
    subscriber: u64,
    dial: u64,
    number: u64,
    session_id: String,
}

impl Subscriber {
    pub(super) fn new(config: SubscriberConfig, key: u64) -> Self {
        Self {
            calling_station: config.calling_station(),
            // RouterOS numbers PPP ports from 15728640 (0xF00000).
            port: 0x00F0_0000 | u32::try_from(key & 0xF_FFFF).unwrap_or_default(),
            config,
            line: Line::Down,
            dial: 0,
            failures: 0,
            message: None,
            logins: 0,
            rejects: 0,
            past: Traffic::default(),
        }
    }
}

impl Core {
    pub(super) fn plan_dial(&mut self, key: u64, at: Instant) {
        self.plan_dial_because(key, State::Waiting, at);
    }

    fn plan_dial_because(&mut self, key: u64, why: State, at: Instant) {
        let Some(subscriber) = self.subscribers.get_mut(&key) else {
            return;
        };
        subscriber.dial += 1;
        subscriber.line = Line::Waiting(why);
        self.timers.add(
            at,
            Timer::Dial {
                subscriber: key,
                number: subscriber.dial,
            },
        );
    }

    /// Dials now, unless the line is busy.
    pub(crate) fn dial(&mut self, username: &str, now: Instant) -> bool {
        let Some(key) = self.by_name.get(username).copied() else {
            return false;
        };
        let subscriber = self.subscribers.get(&key);
        let is_idle = subscriber
            .is_some_and(|subscriber| matches!(subscriber.line, Line::Down | Line::Waiting(_)));
        if is_idle {
            self.plan_dial(key, now);
        }
        is_idle
    }

    /// Ends the session and leaves the line down.
    pub(crate) fn hang_up(&mut self, username: &str, now: Instant) -> bool {
        let Some(key) = self.by_name.get(username).copied() else {
            return false;
        };
        self.end_session(key, TerminateCause::UserRequest, now);
        if let Some(subscriber) = self.subscribers.get_mut(&key) {
            subscriber.dial += 1;
            subscriber.line = Line::Down;
        }
        true
    }

    pub(super) fn dial_due(&mut self, key: u64, number: u64, now: Instant) {
        let Some(subscriber) = self.subscribers.get_mut(&key) else {
            return;
        };
        if subscriber.dial == number && matches!(subscriber.line, Line::Waiting(_)) {
            subscriber.line = Line::Dialing;
            self.waiting_logins.push_back((key, number));
            self.send_logins(now);
        }
    }

    /// Sends as many waiting logins as the window allows.
    pub(super) fn send_logins(&mut self, now: Instant) {
        while let Some((key, dial)) = self.waiting_logins.front().copied() {
            let is_current = self.subscribers.get(&key).is_some_and(|subscriber| {
                subscriber.dial == dial && matches!(subscriber.line, Line::Dialing)
            });
            if !is_current {
                self.waiting_logins.pop_front();
                continue;
            }
            let Some(id) = self.logins.free_id() else {
                return;
            };
            self.waiting_logins.pop_front();
            self.send_login(key, id, now);
        }
    }

    fn send_login(&mut self, key: u64, id: u8, now: Instant) {
        let Some(subscriber) = self.subscribers.get(&key) else {
            return;
        };
        self.next_session += 1;
        let session_id = session_id(self.boots, self.next_session);
        let dial = Dial {
            subscriber: &subscriber.config,
            calling_station: &subscriber.calling_station,
            session_id: &session_id,
            port: subscriber.port,
            nas: &self.identifiers,
            secret: self.config.secret.as_bytes(),
        };
        let Ok(request) = dial.request(id) else {
            self.login_failed(
                key,
                State::Rejected,
                "the name or password is too long",
                now,
            );
            return;
        };
        let bytes = request.bytes.clone();
        let number = self.next_session;
        let login = Login {
            subscriber: key,
            dial: subscriber.dial,
            number,
            session_id,
        };
        let ticket = self.logins.begin(request, login, now);
        self.counters.access_requests += 1;
        self.timers
            .add(now + self.timing.reply_timeout(), Timer::LoginLate(ticket));
        let to = self.config.auth_server;
        self.outbox.push_back(Transmit {
            channel: Channel::Auth,
            to,
            bytes,
        });
    }

    pub(super) fn login_late(&mut self, ticket: Ticket, now: Instant) {
        match self.logins.late(ticket, self.timing.attempts) {
            Late::Void => {}
            Late::Again(bytes) => {
                self.counters.retransmissions += 1;
                self.timers
                    .add(now + self.timing.reply_timeout(), Timer::LoginLate(ticket));
                let to = self.config.auth_server;
                self.outbox.push_back(Transmit {
                    channel: Channel::Auth,
                    to,
                    bytes,
                });
            }
            Late::GiveUp(login) => {
                self.counters.login_timeouts += 1;
                if self.is_dialing(&login) {
                    let message = "the RADIUS server does not answer";
                    self.login_failed(login.subscriber, State::Unanswered, message, now);
                }
                self.send_logins(now);
            }
        }
    }

    fn is_dialing(&self, login: &Login) -> bool {
        self.subscribers
            .get(&login.subscriber)
            .is_some_and(|subscriber| {
                subscriber.dial == login.dial && matches!(subscriber.line, Line::Dialing)
            })
    }

    pub(super) fn login_answered(&mut self, datagram: &[u8], now: Instant) {
        let verdict = match self.verify_login(datagram) {
            Ok(Some((id, verdict))) => self.logins.finish(id).map(|sent| (sent.owner, verdict)),
            Ok(None) => None,
            Err(error) => {
                tracing::debug!(nas.name = self.name(), %error, "Ignored an answer to a login");
                self.counters.bad_replies += 1;
                None
            }
        };
        if let Some((login, verdict)) = verdict {
            if self.is_dialing(&login) {
                self.login_decided(login, verdict, now);
            }
            self.send_logins(now);
        }
    }

    fn verify_login(&self, datagram: &[u8]) -> Result<Option<(u8, Verdict)>, ResponseError> {
        let id = Packet::parse(datagram)?.id();
        let Some(sent) = self.logins.get(id) else {
            return Ok(None);
        };
        let answer = sent.request.verify(datagram, self.secret())?;
        Ok(Some((id, read_answer(&answer, &sent.request))))
    }

    fn login_decided(&mut self, login: Login, verdict: Verdict, now: Instant) {
        let key = login.subscriber;
        match verdict {
            Verdict::Accepted(grant) => {
                self.counters.accepts += 1;
                self.go_online(login, grant, now);
            }
            Verdict::Rejected(message) => {
                self.counters.rejects += 1;
                let message = message.unwrap_or_default();
                self.login_failed(key, State::Rejected, &message, now);
            }
            Verdict::Unproven => {
                self.counters.bad_replies += 1;
                let message = "the server did not prove that it knows the password";
                self.login_failed(key, State::Rejected, message, now);
            }
        }
    }

    fn login_failed(&mut self, key: u64, state: State, message: &str, now: Instant) {
        let Some(subscriber) = self.subscribers.get_mut(&key) else {
            return;
        };
        subscriber.failures += 1;
        subscriber.rejects += u64::from(state == State::Rejected);
        subscriber.message = Some(message.to_owned());
        let (first, ceiling) = (self.timing.first_back_off(), self.timing.max_back_off());
        let pause = back_off(subscriber.failures, first, ceiling);
        self.plan_dial_because(key, state, now + pause);
    }

    fn go_online(&mut self, login: Login, grant: Grant, now: Instant) {
        let key = login.subscriber;
        let framed_ip = match self.pools.take(grant.framed_ip, grant.pool.as_deref()) {
            Ok(address) => address,
            Err(error) => {
                self.login_failed(key, State::Rejected, &error.to_string(), now);
                return;
            }
        };
        let Some(subscriber) = self.subscribers.get_mut(&key) else {
            return;
        };
        let identity = Identity {
            username: subscriber.config.username.clone(),
            session_id: login.session_id.clone(),
            calling_station: subscriber.calling_station.clone(),
            port: subscriber.port,
            framed_ip,
            class: grant.class.clone(),
        };
        let seed = fingerprint(identity.username.as_bytes()) ^ subscriber.logins;
        let mut session = Session::new(login.number, identity, grant, seed, now);
        session.interim = self.timing.interim().or(session.interim);
        let report = session.report(key, Event::Start, now);
        let (interim, ends_at) = (session.interim, session.ends_at);
        subscriber.line = Line::Online(Box::new(session));
        subscriber.failures = 0;
        subscriber.message = None;
        subscriber.logins += 1;
        self.by_session.insert(login.session_id, key);
        self.send_report(report, now);
        self.plan_interim(key, login.number, interim, now);
        self.plan_session_timeout(key, login.number, ends_at);
    }

    fn plan_interim(&mut self, key: u64, session: u64, interval: Option<Duration>, now: Instant) {
        if let Some(interval) = interval {
            self.timers.add(
                now + interval,
                Timer::Interim {
                    subscriber: key,
                    session,
                },
            );
        }
    }

    pub(super) fn plan_session_timeout(&mut self, key: u64, session: u64, at: Option<Instant>) {
        if let Some(at) = at {
            self.timers.add(
                at,
                Timer::SessionTimeout {
                    subscriber: key,
                    session,
                },
            );
        }
    }

    pub(super) fn session_mut(&mut self, key: u64, number: u64) -> Option<&mut Session> {
        match &mut self.subscribers.get_mut(&key)?.line {
            Line::Online(session) if session.number == number => Some(session),
            _ => None,
        }
    }

    pub(super) fn interim_due(&mut self, key: u64, number: u64, now: Instant) {
        let Some(session) = self.session_mut(key, number) else {
            return;
        };
        let interval = session.interim;
        // With the server away, one unanswered report per session is enough.
        let is_outstanding = std::mem::replace(&mut session.interim_outstanding, true);
        if !is_outstanding {
            let report = session.report(key, Event::Interim, now);
            self.send_report(report, now);
        }
        self.plan_interim(key, number, interval, now);
    }

    /// The limit may have been moved by a CoA-Request meanwhile.
    pub(super) fn session_timeout_due(&mut self, key: u64, number: u64, now: Instant) {
        let session = self.session_mut(key, number);
        if session
            .and_then(|session| session.ends_at)
            .is_some_and(|ends_at| ends_at <= now)
        {
            self.end_session(key, TerminateCause::SessionTimeout, now);
            self.plan_dial(key, now + self.timing.redial());
        }
    }

    /// Reports the end of a session and frees its address; the line is down afterwards.
    pub(super) fn end_session(&mut self, key: u64, cause: TerminateCause, now: Instant) -> bool {
        let Some(subscriber) = self.subscribers.get_mut(&key) else {
            return false;
        };
        if !matches!(subscriber.line, Line::Online(_)) {
            return false;
        }
        let Line::Online(mut session) = std::mem::replace(&mut subscriber.line, Line::Down) else {
            return false;
        };
        let report = session.report(key, Event::Stop(cause), now);
        subscriber.past.moved(session.moved);
        self.past.moved(session.moved);
        self.by_session.remove(&session.identity.session_id);
        self.pools.release(session.identity.framed_ip);
        self.send_report(report, now);
        true
    }
}

/// RouterOS: two characters for the service, one that changes with every restart, a counter.
fn session_id(boots: u8, number: u64) -> String {
    format!("81{:x}{:05x}", boots & 0xF, number & 0xF_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_ids_show_the_restart() {
        assert_eq!(session_id(0x12, 0x1_0000_002a), "8120002a");
        assert_ne!(session_id(1, 7), session_id(2, 7));
    }
}
