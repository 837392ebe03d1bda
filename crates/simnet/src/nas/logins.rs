//! Who decides on a login, the requests to RADIUS servers, and what becomes of the answers.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use radius::client::ResponseError;
use radius::packet::codec::Packet;
use tokio::time::Instant;

use crate::nas::admission::{self, Admission, Caller, LocalUser, Terms};
use crate::nas::core::{Channel, Core, Transmit};
use crate::nas::exchange::{Late, Ticket};
use crate::nas::lines::{Line, Login, Subscriber};
use crate::nas::notes::{LineEvent, Note};
use crate::nas::settings::Remote;
use crate::nas::timers::Timer;
use crate::snapshot::State;
use crate::subscribers::dialer::{Dial, Grant, Verdict, back_off, read_answer};
use crate::subscribers::session::{Behaviour, Event, Identity, Session};
use crate::subscribers::{Service, fingerprint};

/// The session that a granted login becomes.
struct Opening {
    key: u64,
    number: u64,
    session_id: String,
    /// The RADIUS server that granted it.
    server: Option<u32>,
}

impl Core {
    pub(super) fn dial_due(&mut self, key: u64, number: u64) {
        let Some(subscriber) = self.subscribers.get_mut(&key) else {
            return;
        };
        if subscriber.dial == number && matches!(subscriber.line, Line::Waiting(_)) {
            subscriber.line = Line::Dialing;
            self.callers.push_back((key, number));
        }
    }

    /// Decides on who has dialled since; `users` finds a user of the router's own.
    pub(crate) fn admit_callers(
        &mut self,
        now: Instant,
        users: &dyn Fn(Service, &str) -> Option<LocalUser>,
    ) {
        while let Some((key, dial)) = self.callers.pop_front() {
            self.give_host_address(key);
            let Some(subscriber) = self.dialing(key, dial) else {
                continue;
            };
            let caller = Caller {
                subscriber: &subscriber.config,
                calling_station: &subscriber.calling_station,
            };
            let service = subscriber.config.service;
            let local = users(service, &subscriber.config.username);
            match admission::decide(&self.settings, &caller, local) {
                Admission::Local(grant) => self.admit_locally(key, grant, now),
                Admission::Ask => self.waiting_logins.push_back((key, dial)),
                Admission::Refused(why) => self.login_failed(key, State::Rejected, &why, now),
                Admission::Nobody(why) => self.login_failed(key, State::Unanswered, &why, now),
            }
        }
        self.send_logins(now);
    }

    /// A host in a hotspot has an address before it has a session.
    fn give_host_address(&mut self, key: u64) {
        let Some(subscriber) = self.subscribers.get_mut(&key) else {
            return;
        };
        if subscriber.config.service == Service::Hotspot && subscriber.host.is_none() {
            let pool = self.settings.hotspot.pool.clone().map(Remote::Pool);
            let taken = self.pools.take(pool.as_ref());
            subscriber.host = taken.ok().map(|(address, _)| address);
        }
    }

    fn admit_locally(&mut self, key: u64, grant: Grant, now: Instant) {
        self.next_session += 1;
        let number = self.next_session;
        let service = self.service_of(key);
        self.counters.local_accepts += 1;
        let opening = Opening {
            key,
            number,
            session_id: session_id(service, self.boots, number),
            server: None,
        };
        self.go_online(opening, grant, now);
    }

    fn service_of(&self, key: u64) -> Service {
        let subscriber = self.subscribers.get(&key);
        subscriber.map_or(Service::Pppoe, |subscriber| subscriber.config.service)
    }

    /// The subscriber, if that dial is still under way.
    fn dialing(&self, key: u64, dial: u64) -> Option<&Subscriber> {
        let subscriber = self.subscribers.get(&key)?;
        let is_current = subscriber.dial == dial && matches!(subscriber.line, Line::Dialing);
        is_current.then_some(subscriber)
    }

    /// Sends as many waiting logins as the window allows.
    fn send_logins(&mut self, now: Instant) {
        while let Some((key, dial)) = self.waiting_logins.front().copied() {
            if self.dialing(key, dial).is_none() {
                self.waiting_logins.pop_front();
                continue;
            }
            let Some(id) = self.logins.free_id() else {
                return;
            };
            self.waiting_logins.pop_front();
            if !self.send_login(key, id, 0, now) {
                // They were taken away while it waited for its turn.
                let why = "no RADIUS server is configured";
                self.login_failed(key, State::Rejected, why, now);
            }
        }
    }

    /// Asks the server whose turn it is; false when there is none left.
    #[must_use]
    fn send_login(&mut self, key: u64, id: u8, turn: usize, now: Instant) -> bool {
        let Some(subscriber) = self.subscribers.get(&key) else {
            return false;
        };
        let service = subscriber.config.service;
        let Some(server) = self.settings.servers_of(service).nth(turn).cloned() else {
            return false;
        };
        self.next_session += 1;
        let number = self.next_session;
        let session_id = session_id(service, self.boots, number);
        let dial = Dial {
            subscriber: &subscriber.config,
            calling_station: &subscriber.calling_station,
            session_id: &session_id,
            port: subscriber.port,
            host: subscriber.host,
            nas: &self.settings.service(service).identifiers,
            secret: &server.secret,
        };
        let dialled = subscriber.dial;
        let Ok(request) = dial.request(id) else {
            let why = "the name or password is too long";
            self.login_failed(key, State::Rejected, why, now);
            return true;
        };
        let (bytes, to) = (request.bytes.clone(), server.auth);
        let timeout = self.timing.reply_timeout_of(&server);
        let login = Login {
            subscriber: key,
            dial: dialled,
            number,
            session_id,
            server,
            turn,
        };
        let ticket = self.logins.begin(request, login, now);
        self.counters.access_requests += 1;
        self.timers.add(now + timeout, Timer::LoginLate(ticket));
        self.outbox.push_back(Transmit {
            channel: Channel::Auth,
            to,
            bytes,
        });
        true
    }

    pub(super) fn login_late(&mut self, ticket: Ticket, now: Instant) {
        let server = self.logins.get(ticket.id);
        let server = server.map(|sent| Arc::clone(&sent.owner.server));
        match (self.logins.late(ticket, self.timing.attempts), server) {
            (Late::Void, _) | (Late::Again(_), None) => {}
            (Late::Again(bytes), Some(server)) => {
                self.counters.retransmissions += 1;
                let timeout = self.timing.reply_timeout_of(&server);
                self.timers.add(now + timeout, Timer::LoginLate(ticket));
                self.outbox.push_back(Transmit {
                    channel: Channel::Auth,
                    to: server.auth,
                    bytes,
                });
            }
            (Late::GiveUp(login), _) => {
                if self.is_dialing(&login) && !self.ask_next(&login, now) {
                    self.counters.login_timeouts += 1;
                    let message = "the RADIUS server does not answer";
                    self.login_failed(login.subscriber, State::Unanswered, message, now);
                }
                self.send_logins(now);
            }
        }
    }

    /// A place in the window has just become free.
    fn ask_next(&mut self, login: &Login, now: Instant) -> bool {
        let Some(id) = self.logins.free_id() else {
            return false;
        };
        self.send_login(login.subscriber, id, login.turn + 1, now)
    }

    fn is_dialing(&self, login: &Login) -> bool {
        self.dialing(login.subscriber, login.dial).is_some()
    }

    pub(super) fn login_answered(&mut self, datagram: &[u8], from: SocketAddr, now: Instant) {
        let verdict = match self.verify_login(datagram, from) {
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

    fn verify_login(
        &self,
        datagram: &[u8],
        from: SocketAddr,
    ) -> Result<Option<(u8, Verdict)>, ResponseError> {
        let id = Packet::parse(datagram)?.id();
        let Some(sent) = self.logins.get(id) else {
            return Ok(None);
        };
        let server = &sent.owner.server;
        if server.auth != from {
            return Err(ResponseError::OtherRequest);
        }
        let answer = sent
            .request
            .verify_as(datagram, &server.secret, server.answers)?;
        Ok(Some((id, read_answer(&answer, &sent.request))))
    }

    fn login_decided(&mut self, login: Login, verdict: Verdict, now: Instant) {
        let key = login.subscriber;
        match verdict {
            Verdict::Accepted(grant) => {
                self.counters.accepts += 1;
                let opening = Opening {
                    key,
                    number: login.number,
                    session_id: login.session_id,
                    server: Some(login.server.id),
                };
                self.go_online(opening, grant, now);
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
        let note = Note {
            service: subscriber.config.service,
            username: subscriber.config.username.clone(),
            calling_station: subscriber.calling_station.clone(),
            event: LineEvent::Failed {
                why: message.to_owned(),
            },
        };
        let (first, ceiling) = (self.timing.first_back_off(), self.timing.max_back_off());
        let pause = back_off(subscriber.failures, first, ceiling);
        self.note(note);
        self.plan_dial_because(key, state, now + pause);
    }

    fn go_online(&mut self, opening: Opening, grant: Grant, now: Instant) {
        let key = opening.key;
        let service = self.service_of(key);
        let terms = admission::complete(&self.settings, service, grant);
        let place = match self.place(key, &terms) {
            Ok(place) => place,
            Err(error) => return self.login_failed(key, State::Rejected, &error, now),
        };
        let Some(subscriber) = self.subscribers.get_mut(&key) else {
            return;
        };
        let (framed_ip, pool) = place;
        let identity = Identity {
            service,
            server: opening.server,
            username: subscriber.config.username.clone(),
            session_id: opening.session_id.clone(),
            calling_station: subscriber.calling_station.clone(),
            port: subscriber.port,
            framed_ip,
            class: terms.grant.class.clone(),
        };
        let behaviour = Behaviour {
            seed: fingerprint(subscriber.config.line().as_bytes()) ^ subscriber.logins,
            quiet: subscriber.config.quiet,
        };
        let note = Note {
            service,
            username: identity.username.clone(),
            calling_station: identity.calling_station.clone(),
            event: LineEvent::Up {
                number: opening.number,
                address: framed_ip,
            },
        };
        let mut session = Session::new(opening.number, identity, terms.grant, behaviour, now);
        session.interim = self.timing.interim().or(session.interim);
        session.pool = pool;
        session.local_address = terms.local_address;
        subscriber.failures = 0;
        subscriber.message = None;
        subscriber.logins += 1;
        self.note(note);
        self.open(opening, session, now);
    }

    /// The address of a session, unless the profile keeps the login from having a second one.
    fn place(&mut self, key: u64, terms: &Terms) -> Result<(Ipv4Addr, Option<String>), String> {
        let username = self.subscribers.get(&key);
        let username = username.map(|subscriber| subscriber.config.username.as_str());
        let is_active = || {
            let mut online = self.sessions();
            online.any(|session| Some(session.identity.username.as_str()) == username)
        };
        if terms.only_one && is_active() {
            return Err("the user is already active".to_owned());
        }
        let host = self.subscribers.get(&key);
        if let (Some(host), None) = (host.and_then(|host| host.host), &terms.grant.remote) {
            return Ok((host, self.settings.hotspot.pool.clone()));
        }
        self.pools
            .take(terms.grant.remote.as_ref())
            .map_err(|error| error.to_string())
    }

    fn open(&mut self, opening: Opening, mut session: Session, now: Instant) {
        let (key, number) = (opening.key, opening.number);
        let report = session.report(key, Event::Start, now);
        let (interim, ends_at) = (session.interim, session.ends_at);
        if let Some(subscriber) = self.subscribers.get_mut(&key) {
            subscriber.line = Line::Online(Box::new(session));
        }
        self.by_session.insert(opening.session_id, key);
        self.send_report(report, now);
        self.plan_interim(key, number, interim, now);
        self.plan_session_timeout(key, number, ends_at);
        self.plan_watch(key, number, now);
    }
}

/// RouterOS: two characters for the service, one that changes with every restart, a counter.
fn session_id(service: Service, boots: u8, number: u64) -> String {
    let kind = match service {
        Service::Hotspot => "80",
        Service::Pppoe => "81",
    };
    format!("{kind}{:x}{:05x}", boots & 0xF, number & 0xF_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_ids_show_the_restart() {
        let id = |boots, number| session_id(Service::Pppoe, boots, number);
        assert_eq!(id(0x12, 0x1_0000_002a), "8120002a");
        assert_ne!(id(1, 7), id(2, 7));
        assert_ne!(id(1, 7), session_id(Service::Hotspot, 1, 7));
    }
}
