//! Lines of subscribers: dialling, being online, hanging up, dialling again.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use domain::network::session::TerminateCause;
use tokio::time::Instant;

use crate::nas::core::Core;
use crate::nas::notes::{LineEvent, Note};
use crate::nas::settings::Server;
use crate::nas::timers::Timer;
use crate::snapshot::{State, Traffic};
use crate::subscribers::SubscriberConfig;
use crate::subscribers::session::{Event, Session};

/// A subscriber and the state of the line.
pub(crate) struct Subscriber {
    pub(super) config: SubscriberConfig,
    pub(super) calling_station: String,
    pub(super) port: u32,
    /// The address of a hotspot's host, kept also while nobody is logged in on it.
    pub(super) host: Option<Ipv4Addr>,
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
    pub(super) subscriber: u64,
    pub(super) dial: u64,
    pub(super) number: u64,
    pub(super) session_id: String,
    pub(super) server: Arc<Server>,
    /// How many servers were asked in vain before.
    pub(super) turn: usize,
}

impl Subscriber {
    pub(super) fn new(config: SubscriberConfig, key: u64) -> Self {
        Self {
            calling_station: config.calling_station(),
            // RouterOS numbers PPP ports from 15728640 (0xF00000).
            port: 0x00F0_0000 | u32::try_from(key & 0xF_FFFF).unwrap_or_default(),
            config,
            host: None,
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

    /// Plans a dial; nobody dials before the router has started.
    pub(super) fn plan_dial_because(&mut self, key: u64, why: State, at: Instant) {
        let Some(subscriber) = self.subscribers.get_mut(&key) else {
            return;
        };
        let at = self.starts_at.map_or(at, |starts_at| starts_at.max(at));
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

    /// Dials now, or when the router has started, unless the line is busy.
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

    pub(super) fn plan_interim(
        &mut self,
        key: u64,
        session: u64,
        interval: Option<Duration>,
        now: Instant,
    ) {
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
        let identity = &session.identity;
        let note = Note {
            service: identity.service,
            username: identity.username.clone(),
            calling_station: identity.calling_station.clone(),
            event: LineEvent::Down {
                number: session.number,
                address: identity.framed_ip,
                cause,
                seconds: session.lasted(now).as_secs(),
                moved: session.moved,
            },
        };
        subscriber.past.moved(session.moved);
        self.past.moved(session.moved);
        self.by_session.remove(&session.identity.session_id);
        if subscriber.host != Some(session.identity.framed_ip) {
            self.pools.release(session.identity.framed_ip);
        }
        self.note(note);
        self.send_report(report, now);
        true
    }
}
