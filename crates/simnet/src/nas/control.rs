//! Disconnect- and CoA-Requests (RFC 5176), answered the way RouterOS does.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::network::rate_limit::RateLimit;
use domain::network::session::TerminateCause;
use radius::client::ControlRequest;
use radius::packet::codec::{Code, Packet};
use radius::packet::dictionary::{attr, error_cause};
use radius::packet::vendor_mikrotik as mikrotik;
use tokio::time::Instant;

use crate::nas::core::{Channel, Core, Transmit};
use crate::nas::lines::Line;
use crate::subscribers::Service;
use crate::subscribers::dialer::{Limits, limits};
use crate::subscribers::session::Session;

/// Error-Cause: the request names another NAS.
const NAS_IDENTIFICATION_MISMATCH: u32 = 403;
/// Error-Cause: an attribute has a value that cannot be used.
const INVALID_ATTRIBUTE_VALUE: u32 = 407;
/// How many answers are kept for requests that are repeated.
const KEPT_ANSWERS: usize = 256;

/// An answer that was given.
pub(crate) struct Answered {
    from: SocketAddr,
    id: u8,
    authenticator: [u8; 16],
    bytes: Vec<u8>,
}

/// What a CoA-Request changes.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    rate: Option<RateLimit>,
    session_timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    limits: Limits,
    group: Option<String>,
}

impl Core {
    pub(super) fn control(&mut self, datagram: &[u8], from: SocketAddr, now: Instant) {
        let read = self.settings.secrets_from(from.ip()).find_map(|server| {
            let request = ControlRequest::read(datagram, &server.secret)?;
            Some((request, Arc::clone(server)))
        });
        let Some((request, server)) = read else {
            self.counters.bad_requests += 1;
            return;
        };
        let packet = request.packet;
        if let Some(bytes) = self.repeated(&packet, from) {
            self.outbox.push_back(Transmit {
                channel: Channel::Control,
                to: from,
                bytes,
            });
            return;
        }
        let outcome = match packet.code() {
            Code::DisconnectRequest => self.disconnect(&packet, now),
            _ => self.change(&packet, now),
        };
        self.count(packet.code(), outcome.is_ok());
        let answer = match outcome {
            Ok(()) => request.acknowledge(&server.secret),
            Err(cause) => request.refuse(cause, &server.secret),
        };
        let Ok(bytes) = answer else { return };
        if self.answered.len() >= KEPT_ANSWERS {
            self.answered.pop_front();
        }
        let (id, authenticator) = (packet.id(), *packet.authenticator());
        self.answered.push_back(Answered {
            from,
            id,
            authenticator,
            bytes: bytes.clone(),
        });
        self.outbox.push_back(Transmit {
            channel: Channel::Control,
            to: from,
            bytes,
        });
    }

    fn repeated(&self, packet: &Packet<'_>, from: SocketAddr) -> Option<Vec<u8>> {
        let answered = self.answered.iter().find(|answered| {
            answered.from == from
                && answered.id == packet.id()
                && answered.authenticator == *packet.authenticator()
        })?;
        Some(answered.bytes.clone())
    }

    fn count(&mut self, code: Code, done: bool) {
        let counter = match (code, done) {
            (Code::DisconnectRequest, true) => &mut self.counters.disconnects_done,
            (Code::DisconnectRequest, false) => &mut self.counters.disconnects_refused,
            (_, true) => &mut self.counters.changes_done,
            (_, false) => &mut self.counters.changes_refused,
        };
        *counter += 1;
    }

    fn disconnect(&mut self, packet: &Packet<'_>, now: Instant) -> Result<(), u32> {
        let key = self.find_session(packet)?;
        self.end_session(key, TerminateCause::AdminReset, now);
        self.plan_dial(key, now + self.timing.redial());
        Ok(())
    }

    fn change(&mut self, packet: &Packet<'_>, now: Instant) -> Result<(), u32> {
        let change = Change::read(packet)?;
        let key = self.find_session(packet)?;
        let service = self.session(key).map(|session| session.identity.service);
        let profiles = service.map(|service| &self.settings.service(service).profiles);
        let profile = change.group.as_ref().zip(profiles);
        let profile_rate = match profile.map(|(group, profiles)| profiles.get(group)) {
            Some(None) => return Err(INVALID_ATTRIBUTE_VALUE),
            Some(Some(profile)) => profile.rate,
            None => None,
        };
        let Some(subscriber) = self.subscribers.get_mut(&key) else {
            return Err(error_cause::SESSION_NOT_FOUND);
        };
        let Line::Online(session) = &mut subscriber.line else {
            return Err(error_cause::SESSION_NOT_FOUND);
        };
        session.advance(now);
        session.rate = change.rate.or(profile_rate).or(session.rate);
        let was_watched = session.is_watched();
        if let Some(idle) = change.idle_timeout {
            // Zero is none, as in the answer to a login.
            session.idle_timeout = Some(idle).filter(|idle| !idle.is_zero());
        }
        let (new, limits) = (change.limits, &mut session.limits);
        limits.upload = new.upload.or(limits.upload);
        limits.download = new.download.or(limits.download);
        if session.identity.service == Service::Hotspot {
            // Only a hotspot counts both directions together.
            limits.total = new.total.or(limits.total);
        }
        let number = session.number;
        if let Some(timeout) = change.session_timeout {
            session.ends_at = Some(now + timeout);
            self.plan_session_timeout(key, number, Some(now + timeout));
        }
        if !was_watched {
            self.plan_watch(key, number, now);
        }
        Ok(())
    }

    /// The session that every identifying attribute means.
    fn find_session(&self, packet: &Packet<'_>) -> Result<u64, u32> {
        self.check_nas(packet)?;
        let wanted = Wanted::read(packet);
        let key = match (&wanted.session_id, &wanted.username) {
            (Some(session_id), _) => self.by_session.get(session_id).copied(),
            (None, Some(username)) => self.online_as(username, &wanted),
            (None, None) if wanted.is_empty() => return Err(error_cause::MISSING_ATTRIBUTE),
            (None, None) => {
                let mut keys = self.by_session.values().copied();
                keys.find(|key| self.session(*key).is_some_and(|session| wanted.is(session)))
            }
        };
        let key = key.filter(|key| self.session(*key).is_some_and(|session| wanted.is(session)));
        key.ok_or(error_cause::SESSION_NOT_FOUND)
    }

    /// The line of that name, or another that uses the same login.
    fn online_as(&self, username: &str, wanted: &Wanted) -> Option<u64> {
        let is_meant = |key: &u64| self.session(*key).is_some_and(|session| wanted.is(session));
        let named = self.by_name.get(username).copied().filter(is_meant);
        named.or_else(|| self.by_session.values().copied().find(is_meant))
    }

    /// Every session that is up.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = &Session> {
        let keys = self.by_session.values();
        keys.filter_map(|key| self.session(*key))
    }

    /// Ends a session as an administrator does; the subscriber dials again.
    pub(crate) fn kick(&mut self, number: u64, now: Instant) -> bool {
        let mut keys = self.by_session.values().copied();
        let key = keys.find(|key| {
            let session = self.session(*key);
            session.is_some_and(|session| session.number == number)
        });
        let Some(key) = key else { return false };
        self.end_session(key, TerminateCause::AdminReset, now);
        self.plan_dial(key, now + self.timing.redial());
        true
    }

    fn check_nas(&self, packet: &Packet<'_>) -> Result<(), u32> {
        let name = packet.attribute(attr::NAS_IDENTIFIER);
        let address = packet
            .attribute(attr::NAS_IP_ADDRESS)
            .and_then(|found| found.as_ipv4());
        let identifiers = &self.settings.ppp.identifiers;
        let is_us = name.is_none_or(|name| name.value == identifiers.name.as_bytes())
            && address.is_none_or(|address| Some(address) == identifiers.address);
        if is_us {
            Ok(())
        } else {
            Err(NAS_IDENTIFICATION_MISMATCH)
        }
    }

    fn session(&self, key: u64) -> Option<&Session> {
        match &self.subscribers.get(&key)?.line {
            Line::Online(session) => Some(session),
            Line::Down | Line::Waiting(_) | Line::Dialing => None,
        }
    }
}

/// The attributes by which a request names a session.
struct Wanted {
    session_id: Option<String>,
    username: Option<String>,
    framed_ip: Option<Ipv4Addr>,
    calling_station: Option<String>,
}

impl Wanted {
    fn read(packet: &Packet<'_>) -> Self {
        let text = |kind: u8| {
            packet
                .attribute(kind)
                .map(|found| found.as_text().into_owned())
        };
        let framed_ip = packet.attribute(attr::FRAMED_IP_ADDRESS);
        Self {
            session_id: text(attr::ACCT_SESSION_ID),
            username: text(attr::USER_NAME),
            framed_ip: framed_ip.and_then(|found| found.as_ipv4()),
            calling_station: text(attr::CALLING_STATION_ID),
        }
    }

    fn is_empty(&self) -> bool {
        self.framed_ip.is_none() && self.calling_station.is_none()
    }

    fn is(&self, session: &Session) -> bool {
        let identity = &session.identity;
        let same = |wanted: &Option<String>, actual: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(actual))
        };
        same(&self.session_id, &identity.session_id)
            && self
                .username
                .as_ref()
                .is_none_or(|wanted| *wanted == identity.username)
            && self
                .framed_ip
                .is_none_or(|wanted| wanted == identity.framed_ip)
            && same(&self.calling_station, &identity.calling_station)
    }
}

impl Change {
    /// RouterOS changes rates and time limits of a live session; addresses, pools and routes
    /// need a new login.
    fn read(packet: &Packet<'_>) -> Result<Self, u32> {
        if packet.attribute(attr::FRAMED_POOL).is_some() {
            return Err(error_cause::UNSUPPORTED_ATTRIBUTE);
        }
        let rate = match packet.vendor_attribute(mikrotik::VENDOR, mikrotik::RATE_LIMIT) {
            Some(rate) => Some(
                rate.as_text()
                    .parse()
                    .map_err(|_| INVALID_ATTRIBUTE_VALUE)?,
            ),
            None => None,
        };
        let seconds = |kind: u8| {
            let Some(found) = packet.attribute(kind) else {
                return Ok(None);
            };
            let seconds = found.as_u32().ok_or(INVALID_ATTRIBUTE_VALUE)?;
            Ok::<_, u32>(Some(Duration::from_secs(seconds.into())))
        };
        let group = packet.vendor_attribute(mikrotik::VENDOR, mikrotik::GROUP);
        Ok(Self {
            rate,
            session_timeout: seconds(attr::SESSION_TIMEOUT)?,
            idle_timeout: seconds(attr::IDLE_TIMEOUT)?,
            limits: limits(packet),
            group: group.map(|group| group.as_text().into_owned()),
        })
    }
}
