//! One pair of sockets of a load, with its own identifiers.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::network::session::TerminateCause;
use radius::packet::codec::Packet;
use radius::packet::dictionary::attr;
use tokio::net::UdpSocket;
use tokio::time::Instant;

use crate::load::LoadConfig;
use crate::load::tally::Tally;
use crate::nas::exchange::{Exchange, Late, Ticket};
use crate::nas::{Identifiers, accounting};
use crate::subscribers::dialer::{Dial, Grant, Verdict, read_answer};
use crate::subscribers::session::{Event, Identity, Report};
use crate::subscribers::traffic::Moved;

/// Bytes that each interim adds.
const INTERIM_BYTES: u64 = 1_000_000;

/// The logins that all lanes share.
pub(crate) struct Work {
    next: AtomicU64,
    total: u64,
    rate: Option<u32>,
    begun: Instant,
}

enum Next {
    Login(u64),
    At(Instant),
    Done,
}

impl Work {
    pub(crate) fn new(total: u64, rate: Option<u32>, begun: Instant) -> Self {
        Self {
            next: AtomicU64::new(0),
            total,
            rate: rate.filter(|rate| *rate > 0),
            begun,
        }
    }

    fn take(&self, now: Instant) -> Next {
        if let Some(rate) = self.rate {
            let next = self.next.load(Ordering::Relaxed);
            let due = self.begun + Duration::from_micros(next * 1_000_000 / u64::from(rate));
            if next < self.total && due > now {
                return Next::At(due);
            }
        }
        match self.next.fetch_add(1, Ordering::Relaxed) {
            index if index < self.total => Next::Login(index),
            _ => Next::Done,
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Login,
    Report,
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
    waiting: VecDeque<Report>,
    /// In order of time, because every wait is equally long.
    late: VecDeque<(Instant, Kind, Ticket)>,
    tally: Tally,
    done: bool,
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
            address: None,
            service: "load".to_owned(),
            interface: "ether1".to_owned(),
        };
        Ok(Self {
            config,
            work,
            identifiers,
            auth,
            acct,
            logins: Exchange::new(window),
            reports: Exchange::new(window),
            waiting: VecDeque::new(),
            late: VecDeque::new(),
            tally: Tally::default(),
            done: false,
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
                () = tokio::time::sleep_until(wake) => {}
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
    }

    fn reply_timeout(&self) -> Duration {
        Duration::from_millis(self.config.reply_timeout_ms)
    }

    /// Sends what the windows allow; the moment at which there is more to do.
    async fn fill(&mut self) -> Instant {
        let now = Instant::now();
        self.repeat_late(now).await;
        while !self.waiting.is_empty() {
            let Some(id) = self.reports.free_id() else {
                break;
            };
            let Some(report) = self.waiting.pop_front() else {
                break;
            };
            self.send_report(report, id, now).await;
        }
        let mut wake = now + self.reply_timeout();
        while !self.done {
            let Some(id) = self.logins.free_id() else {
                break;
            };
            match self.work.take(now) {
                Next::Login(index) => self.send_login(index, id, now).await,
                Next::Done => self.done = true,
                Next::At(due) => {
                    wake = wake.min(due);
                    break;
                }
            }
        }
        self.late.front().map_or(wake, |(due, _, _)| wake.min(*due))
    }

    async fn send_login(&mut self, index: u64, id: u8, now: Instant) {
        let count = u64::try_from(self.config.subscribers.len()).unwrap_or(u64::MAX);
        let position = usize::try_from(index % count).unwrap_or_default();
        let Some(subscriber) = self.config.subscribers.get(position) else {
            return;
        };
        self.tally.logins.sent += 1;
        let dial = Dial {
            subscriber,
            calling_station: &subscriber.calling_station(),
            session_id: &session_id(index),
            port: 1,
            nas: &self.identifiers,
            secret: self.config.secret.as_bytes(),
        };
        let Ok(request) = dial.request(id) else {
            self.tally.logins.lost += 1;
            return;
        };
        send(&self.auth, &request.bytes).await;
        let owner = LoginOf {
            subscriber: position,
            session: index,
        };
        let ticket = self.logins.begin(request, owner, now);
        self.late
            .push_back((now + self.reply_timeout(), Kind::Login, ticket));
    }

    async fn send_report(&mut self, report: Report, id: u8, now: Instant) {
        self.tally.reports.sent += 1;
        let secret = self.config.secret.as_bytes();
        let Ok(request) = accounting::request(&report, id, &self.identifiers, secret, now) else {
            self.tally.reports.lost += 1;
            return;
        };
        send(&self.acct, &request.bytes).await;
        let ticket = self.reports.begin(request, report, now);
        self.late
            .push_back((now + self.reply_timeout(), Kind::Report, ticket));
    }

    async fn repeat_late(&mut self, now: Instant) {
        while let Some((due, kind, ticket)) = self.late.front().copied() {
            if due > now {
                return;
            }
            self.late.pop_front();
            let attempts = self.config.attempts;
            let (socket, late, tally) = match kind {
                Kind::Login => (
                    &self.auth,
                    without_owner(self.logins.late(ticket, attempts)),
                    &mut self.tally.logins,
                ),
                Kind::Report => (
                    &self.acct,
                    without_owner(self.reports.late(ticket, attempts)),
                    &mut self.tally.reports,
                ),
            };
            match late {
                Late::Void => {}
                Late::GiveUp(()) => tally.lost += 1,
                Late::Again(bytes) => {
                    tally.retransmissions += 1;
                    send(socket, &bytes).await;
                    self.late
                        .push_back((now + self.reply_timeout(), kind, ticket));
                }
            }
        }
    }

    fn login_answered(&mut self, datagram: &[u8]) {
        let secret = self.config.secret.as_bytes();
        let Some(sent) = Packet::parse(datagram)
            .ok()
            .and_then(|packet| self.logins.get(packet.id()))
        else {
            return;
        };
        let Ok(answer) = sent.request.verify(datagram, secret) else {
            self.tally.logins.bad_replies += 1;
            return;
        };
        let verdict = read_answer(&answer, &sent.request);
        let framed_ip = answer
            .attribute(attr::FRAMED_IP_ADDRESS)
            .and_then(|found| found.as_ipv4());
        let Some(sent) = self.logins.finish(answer.id()) else {
            return;
        };
        self.tally.logins.answered(sent.first_sent.elapsed());
        match verdict {
            Verdict::Accepted(grant) => {
                self.tally.accepted += 1;
                if self.config.accounting {
                    self.begin_session(&sent.owner, grant, framed_ip);
                }
            }
            Verdict::Rejected(_) => self.tally.rejected += 1,
            Verdict::Unproven => self.tally.logins.bad_replies += 1,
        }
    }

    fn begin_session(&mut self, login: &LoginOf, grant: Grant, framed_ip: Option<Ipv4Addr>) {
        let Some(subscriber) = self.config.subscribers.get(login.subscriber) else {
            return;
        };
        let identity = Identity {
            username: subscriber.username.clone(),
            session_id: session_id(login.session),
            calling_station: subscriber.calling_station(),
            port: 1,
            framed_ip: framed_ip.unwrap_or(Ipv4Addr::new(100, 64, 0, 1)),
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
            rounds: 0,
        });
    }

    fn report_answered(&mut self, datagram: &[u8]) {
        let secret = self.config.secret.as_bytes();
        let packet = Packet::parse(datagram).ok();
        let Some(sent) = packet.and_then(|packet| self.reports.get(packet.id())) else {
            return;
        };
        let Ok(answer) = sent.request.verify(datagram, secret) else {
            self.tally.reports.bad_replies += 1;
            return;
        };
        let Some(sent) = self.reports.finish(answer.id()) else {
            return;
        };
        self.tally.reports.answered(sent.first_sent.elapsed());
        self.waiting
            .extend(following(sent.owner, self.config.interims));
    }
}

/// The report after an answered one: interims, then the Stop.
fn following(mut report: Report, interims: u32) -> Option<Report> {
    if matches!(report.event, Event::Stop(_)) {
        return None;
    }
    // `rounds` counts the interims here: a load never begins a report anew.
    if report.rounds < interims {
        report.rounds += 1;
        report.event = Event::Interim;
    } else {
        report.event = Event::Stop(TerminateCause::UserRequest);
    }
    report.moved.upload += INTERIM_BYTES;
    report.moved.download += INTERIM_BYTES;
    report.lasted += Duration::from_secs(300);
    report.happened = Instant::now();
    Some(report)
}

fn without_owner<T>(late: Late<T>) -> Late<()> {
    match late {
        Late::Void => Late::Void,
        Late::Again(bytes) => Late::Again(bytes),
        Late::GiveUp(_) => Late::GiveUp(()),
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
