//! One pair of sockets of a load, with its own identifiers.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::network::session::TerminateCause;
use radius::client::{Answers, SentRequest};
use radius::packet::codec::Packet;
use tokio::net::UdpSocket;
use tokio::time::Instant;

use crate::load::pace::Next;
use crate::load::tally::Tally;
use crate::load::work::Work;
use crate::load::{LoadConfig, Sessions};
use crate::nas::exchange::{Exchange, Late, Ticket};
use crate::nas::settings::Remote;
use crate::nas::{Identifiers, accounting};
use crate::subscribers::dialer::{Dial, Grant, Verdict, read_answer};
use crate::subscribers::session::{Event, Identity, Report};
use crate::subscribers::traffic::Moved;

/// Bytes that each interim adds.
const INTERIM_BYTES: u64 = 1_000_000;
/// How often a lane looks whether the other lanes' sessions are open, too.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A request that is sent so much after it was due is told of.
const SENT_LATE: Duration = Duration::from_millis(1);

/// How late a timer may be.
const TICK: Duration = Duration::from_millis(2);

#[derive(Clone, Copy)]
enum Side {
    Logins,
    Reports,
}

struct LoginOf {
    subscriber: usize,
    session: u64,
}

pub(crate) struct Lane {
    config: Arc<LoadConfig>,
    work: Arc<Work>,
    identifiers: Identifiers,
    auth: UdpSocket,
    acct: UdpSocket,
    logins: Exchange<LoginOf>,
    reports: Exchange<Report>,
    /// To be sent as soon as there is room.
    waiting: VecDeque<Report>,
    /// Open sessions, the one that reported longest ago first.
    open: VecDeque<Report>,
    /// In order of time, because every wait is equally long.
    late: VecDeque<(Instant, Side, Ticket)>,
    tally: Tally,
    done: bool,
    /// Whether something had to wait for room since the last look, by side.
    was_full: Full,
}

/// Which windows were full.
#[derive(Clone, Copy, Default)]
struct Full {
    logins: bool,
    reports: bool,
}

impl Lane {
    pub(crate) async fn open(
        config: Arc<LoadConfig>,
        work: Arc<Work>,
        window: usize,
    ) -> io::Result<Self> {
        let open = async |server: SocketAddr| {
            let socket = UdpSocket::bind(SocketAddr::new(config.bind, 0)).await?;
            socket.connect(server).await?;
            io::Result::Ok(socket)
        };
        let (auth, acct) = (
            open(config.auth_server).await?,
            open(config.acct_server).await?,
        );
        let identifiers = Identifiers {
            name: "simnet-load".to_owned(),
            address: match config.bind {
                IpAddr::V4(address) => Some(address),
                IpAddr::V6(_) => None,
            },
            service: "load".to_owned(),
            interface: "ether1".to_owned(),
        };
        Ok(Self {
            tally: Tally::new(config.late_after()),
            config,
            work,
            identifiers,
            auth,
            acct,
            logins: Exchange::new(window),
            reports: Exchange::new(window),
            waiting: VecDeque::new(),
            open: VecDeque::new(),
            late: VecDeque::new(),
            done: false,
            was_full: Full::default(),
        })
    }

    pub(crate) async fn run(mut self) -> Tally {
        let mut auth_buffer = vec![0; 4096];
        let mut acct_buffer = vec![0; 4096];
        loop {
            let wake = self.fill().await;
            if self.is_finished() {
                return self.tally;
            }
            tokio::select! {
                received = self.auth.recv(&mut auth_buffer) => {
                    // An error is an ICMP message: the server is away, requests are repeated.
                    if let Ok(length) = received {
                        self.login_answered(auth_buffer.get(..length).unwrap_or_default());
                    }
                }
                received = self.acct.recv(&mut acct_buffer) => {
                    if let Ok(length) = received {
                        self.report_answered(acct_buffer.get(..length).unwrap_or_default());
                    }
                }
                () = until(wake) => {}
            }
            while let Ok(length) = self.auth.try_recv(&mut auth_buffer) {
                self.login_answered(auth_buffer.get(..length).unwrap_or_default());
            }
            while let Ok(length) = self.acct.try_recv(&mut acct_buffer) {
                self.report_answered(acct_buffer.get(..length).unwrap_or_default());
            }
        }
    }

    fn is_finished(&self) -> bool {
        self.done
            && self.logins.in_flight() == 0
            && self.reports.in_flight() == 0
            && self.waiting.is_empty()
            && self.open.is_empty()
    }

    fn reply_timeout(&self) -> Duration {
        Duration::from_millis(self.config.reply_timeout_ms)
    }

    /// Sends what the windows allow; the moment at which there is more to do.
    async fn fill(&mut self) -> Instant {
        let now = Instant::now();
        let was_full = std::mem::take(&mut self.was_full);
        self.repeat_late(now).await;
        while !self.waiting.is_empty() {
            let Some(id) = self.reports.free_id() else {
                break;
            };
            let Some(report) = self.waiting.pop_front() else {
                break;
            };
            self.send_report(report, id, now, now).await;
        }
        let mut wake = self.send_interims(now, was_full.reports).await;
        while !self.done {
            let Some(id) = self.logins.free_id() else {
                self.was_full.logins = true;
                break;
            };
            match self.work.next_login(now) {
                Next::Go(index, due) => {
                    let (from, late) = counted_from(due, was_full.logins);
                    if let Some(late) = late {
                        self.tally.logins.sent_late += 1;
                        self.work.put_logins_off(late);
                    }
                    self.send_login(index, id, from, now).await;
                }
                Next::Done => {
                    self.done = true;
                    self.work.lane_done();
                }
                Next::At(due) => {
                    wake = wake.min(due);
                    break;
                }
            }
        }
        self.late.front().map_or(wake, |(due, _, _)| wake.min(*due))
    }

    /// Reports of open sessions in turn, as far as pace and window go.
    async fn send_interims(&mut self, now: Instant, was_full: bool) -> Instant {
        let work = Arc::clone(&self.work);
        while !self.open.is_empty() {
            let Some(steady) = work.steady(now) else {
                return now + LOOK_EVERY;
            };
            let Some(id) = self.reports.free_id() else {
                self.was_full.reports = true;
                break;
            };
            let (event, from) = match steady.take(now) {
                Next::Go(_, due) => {
                    let (from, late) = counted_from(due, was_full);
                    if let Some(late) = late {
                        self.tally.interims.sent_late += 1;
                        steady.put_off(late);
                    }
                    (Event::Interim, from)
                }
                Next::Done => (Event::Stop(TerminateCause::UserRequest), now),
                Next::At(due) => return due,
            };
            let Some(report) = self.open.pop_front() else {
                break;
            };
            self.send_report(later(report, event), id, from, now).await;
        }
        now + self.reply_timeout()
    }

    async fn send_login(&mut self, index: u64, id: u8, from: Instant, now: Instant) {
        let count = u64::try_from(self.config.subscribers.len()).unwrap_or(u64::MAX);
        let position = usize::try_from(index % count).unwrap_or_default();
        let Some(subscriber) = self.config.subscribers.get(position) else {
            return;
        };
        self.tally.logins.sent(from);
        let dial = Dial {
            subscriber,
            calling_station: &subscriber.calling_station(),
            session_id: &session_id(index),
            port: 1,
            host: None,
            nas: &self.identifiers,
            secret: self.config.secret.as_bytes(),
        };
        let Ok(request) = dial.request(id) else {
            self.tally.logins.lost += 1;
            self.work.settled();
            return;
        };
        send(&self.auth, &request.bytes).await;
        let owner = LoginOf {
            subscriber: position,
            session: index,
        };
        let ticket = self.logins.begin(request, owner, from);
        self.late
            .push_back((now + self.reply_timeout(), Side::Logins, ticket));
    }

    async fn send_report(&mut self, report: Report, id: u8, from: Instant, now: Instant) {
        self.tally.of(report.event).sent(from);
        let secret = self.config.secret.as_bytes();
        let delay = now.saturating_duration_since(report.happened);
        let Ok(request) = accounting::request(&report, id, &self.identifiers, secret, delay) else {
            self.report_lost(&report);
            return;
        };
        send(&self.acct, &request.bytes).await;
        let ticket = self.reports.begin(request, report, from);
        self.late
            .push_back((now + self.reply_timeout(), Side::Reports, ticket));
    }

    async fn repeat_late(&mut self, now: Instant) {
        while let Some((due, side, ticket)) = self.late.front().copied() {
            if due > now {
                return;
            }
            self.late.pop_front();
            let repeated = match side {
                Side::Logins => self.repeat_login(ticket).await,
                Side::Reports => self.repeat_report(ticket).await,
            };
            if repeated {
                self.late
                    .push_back((now + self.reply_timeout(), side, ticket));
            }
        }
    }

    async fn repeat_login(&mut self, ticket: Ticket) -> bool {
        match self.logins.late(ticket, self.config.attempts) {
            Late::Void => false,
            Late::Again(bytes) => {
                self.tally.logins.retransmissions += 1;
                send(&self.auth, &bytes).await;
                true
            }
            Late::GiveUp(_) => {
                self.tally.logins.lost += 1;
                self.work.settled();
                false
            }
        }
    }

    async fn repeat_report(&mut self, ticket: Ticket) -> bool {
        let event = self.reports.get(ticket.id).map(|sent| sent.owner.event);
        match self.reports.late(ticket, self.config.attempts) {
            Late::Void => false,
            Late::Again(bytes) => {
                if let Some(event) = event {
                    self.tally.of(event).retransmissions += 1;
                }
                send(&self.acct, &bytes).await;
                true
            }
            Late::GiveUp(report) => {
                self.report_lost(&report);
                false
            }
        }
    }

    fn report_lost(&mut self, report: &Report) {
        self.tally.of(report.event).lost += 1;
        if report.event == Event::Start {
            self.work.settled();
        }
    }

    fn login_answered(&mut self, datagram: &[u8]) {
        let Some((id, answer)) = verified(&self.logins, datagram, &self.config) else {
            return;
        };
        let Some(answer) = answer else {
            self.tally.logins.bad_replies += 1;
            return;
        };
        let Some(sent) = self.logins.finish(id) else {
            return;
        };
        let verdict = read_answer(&answer, &sent.request);
        self.tally.logins.answered(sent.first_sent);
        if !matches!(verdict, Verdict::Accepted(_)) || self.config.sessions == Sessions::None {
            self.work.settled();
        }
        match verdict {
            Verdict::Accepted(grant) => {
                self.tally.accepted += 1;
                if self.config.sessions != Sessions::None {
                    self.begin_session(&sent.owner, grant);
                }
            }
            Verdict::Rejected(_) => self.tally.rejected += 1,
            Verdict::Unproven => self.tally.logins.bad_replies += 1,
        }
    }

    fn begin_session(&mut self, login: &LoginOf, grant: Grant) {
        let Some(subscriber) = self.config.subscribers.get(login.subscriber) else {
            return;
        };
        let framed_ip = match grant.remote {
            Some(Remote::Address(address)) => address,
            Some(Remote::Pool(_)) | None => pool_address(login.session),
        };
        let identity = Identity {
            service: subscriber.service,
            server: Some(0),
            username: subscriber.username.clone(),
            session_id: session_id(login.session),
            calling_station: subscriber.calling_station(),
            port: 1,
            framed_ip,
            class: grant.class,
        };
        self.waiting.push_back(Report {
            subscriber: 0,
            session: 0,
            identity: Arc::new(identity),
            event: Event::Start,
            moved: Moved::default(),
            lasted: Duration::ZERO,
            happened: Instant::now(),
            to: None,
            rounds: 0,
        });
    }

    fn report_answered(&mut self, datagram: &[u8]) {
        let Some((id, answer)) = verified(&self.reports, datagram, &self.config) else {
            return;
        };
        let Some(sent) = self.reports.finish(id) else {
            return;
        };
        let kind = self.tally.of(sent.owner.event);
        if answer.is_none() {
            kind.bad_replies += 1;
            return;
        }
        kind.answered(sent.first_sent);
        if sent.owner.event == Event::Start {
            self.work.settled();
        }
        match self.config.sessions {
            Sessions::None | Sessions::Open => {}
            Sessions::Brief { interims } => self.waiting.extend(following(sent.owner, interims)),
            Sessions::Steady { .. } => {
                if !matches!(sent.owner.event, Event::Stop(_)) {
                    self.open.push_back(sent.owner);
                }
            }
        }
    }
}

/// Which request a datagram answers, and the answer when it is believed.
fn verified<'d, T>(
    exchange: &Exchange<T>,
    datagram: &'d [u8],
    config: &LoadConfig,
) -> Option<(u8, Option<Packet<'d>>)> {
    let id = *datagram.get(1)?;
    let sent: &SentRequest = &exchange.get(id)?.request;
    let answers = if config.unsigned_answers {
        Answers::MayBeUnsigned
    } else {
        Answers::Signed
    };
    let secret = config.secret.as_bytes();
    Some((id, sent.verify_as(datagram, secret, answers).ok()))
}

/// The report after an answered one: interims, then the Stop.
fn following(mut report: Report, interims: u32) -> Option<Report> {
    if matches!(report.event, Event::Stop(_)) {
        return None;
    }
    // `rounds` counts the interims here: a load never begins a report anew.
    if report.rounds < interims {
        report.rounds += 1;
        return Some(later(report, Event::Interim));
    }
    Some(later(report, Event::Stop(TerminateCause::UserRequest)))
}

/// The same session five minutes on.
fn later(mut report: Report, event: Event) -> Report {
    report.event = event;
    report.moved.upload += INTERIM_BYTES;
    report.moved.download += INTERIM_BYTES;
    report.lasted += Duration::from_secs(300);
    report.happened = Instant::now();
    report
}

/// From when an answer is waited for: from when its request was due where the server's answers to
/// others kept it waiting, and otherwise from now, since the generator alone is late; and by how
/// much it is, if that matters.
fn counted_from(due: Instant, was_full: bool) -> (Instant, Option<Duration>) {
    if was_full {
        return (due, None);
    }
    let now = Instant::now();
    let late = now.saturating_duration_since(due);
    (now, (late > SENT_LATE).then_some(late))
}

/// Waits for the moment itself: a timer that ticks by the millisecond would count its own lateness as
/// the server's.
async fn until(moment: Instant) {
    if let Some(coarse) = moment.checked_sub(TICK) {
        tokio::time::sleep_until(coarse).await;
    }
    while Instant::now() < moment {
        tokio::task::yield_now().await;
    }
}

async fn send(socket: &UdpSocket, bytes: &[u8]) {
    if let Err(error) = socket.send(bytes).await {
        tracing::debug!(%error, "A datagram could not be sent");
    }
}

fn session_id(number: u64) -> String {
    format!("82{:06x}", number & 0xFF_FFFF)
}

/// An address that a router would have taken from its pool 100.64.0.0/10.
fn pool_address(session: u64) -> Ipv4Addr {
    let host = u32::try_from(session & 0x3F_FFFF).unwrap_or_default();
    Ipv4Addr::from(0x6440_0000 | host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_delay_counts_and_the_generators_is_told_apart() {
        let five = Duration::from_millis(5);
        let due = Instant::now() - five;
        assert_eq!(counted_from(due, true), (due, None));
        let (from, late) = counted_from(due, false);
        assert!(from >= due + five && late >= Some(five));
    }
}
