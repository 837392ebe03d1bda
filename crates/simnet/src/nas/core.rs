//! State of one simulated router, and the doors through which events come in.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use tokio::time::Instant;

use crate::nas::control::Answered;
use crate::nas::exchange::Exchange;
use crate::nas::lines::{Login, Subscriber};
use crate::nas::notes::Note;
use crate::nas::pool::Pools;
use crate::nas::settings::Settings;
use crate::nas::timers::{Timer, Timers};
use crate::nas::{NasConfig, Timing};
use crate::snapshot::{Counters, Traffic};
use crate::subscribers::SubscriberConfig;
use crate::subscribers::session::Report;
use crate::subscribers::traffic::Moved;

/// The sockets of a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Auth,
    Acct,
    Control,
}

/// A datagram that must leave.
#[derive(Debug)]
pub(crate) struct Transmit {
    pub(crate) channel: Channel,
    pub(crate) to: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

/// A simulated router.
pub(crate) struct Core {
    /// Its name in scenarios and snapshots.
    pub(super) name: String,
    pub(super) settings: Settings,
    pub(super) timing: Timing,
    pub(super) subscribers: HashMap<u64, Subscriber>,
    pub(super) by_name: HashMap<String, u64>,
    pub(super) by_session: HashMap<String, u64>,
    pub(super) next_subscriber: u64,
    pub(super) next_session: u64,
    pub(super) boots: u8,
    pub(super) powered: bool,
    /// When the start under way is over; nobody dials and no server is heard before.
    pub(super) starts_at: Option<Instant>,
    pub(super) logins: Exchange<Login>,
    /// Dials of which nobody has said yet who decides on them.
    pub(super) callers: VecDeque<(u64, u64)>,
    pub(super) waiting_logins: VecDeque<(u64, u64)>,
    pub(super) reports: Exchange<Report>,
    pub(super) waiting_reports: VecDeque<Report>,
    /// Reports that were given up and wait to begin anew.
    pub(super) delayed_reports: usize,
    /// What the server has acknowledged, per session whose Stop it has not.
    pub(super) acknowledged: HashMap<u64, Moved>,
    pub(super) pools: Pools,
    pub(super) timers: Timers,
    pub(super) outbox: VecDeque<Transmit>,
    pub(super) answered: VecDeque<Answered>,
    pub(super) notes: VecDeque<Note>,
    pub(super) counters: Counters,
    /// Traffic of sessions that are over.
    pub(super) past: Traffic,
}

impl Core {
    /// A router that asks one server about everybody.
    pub(crate) fn new(config: &NasConfig, timing: Timing) -> Self {
        let mut core = Self::bare(config.name.clone(), config.window, timing);
        core.configure(Settings::of(config));
        core
    }

    /// A router that lets nobody in until it is configured.
    pub(crate) fn bare(name: String, window: usize, timing: Timing) -> Self {
        Self {
            name,
            settings: Settings::default(),
            pools: Pools::default(),
            timing,
            subscribers: HashMap::new(),
            by_name: HashMap::new(),
            by_session: HashMap::new(),
            next_subscriber: 0,
            // A real router remembers its restarts; this one must not repeat the ids of its
            // previous life.
            next_session: rand::random::<u16>().into(),
            boots: rand::random(),
            powered: true,
            starts_at: None,
            logins: Exchange::new(window),
            callers: VecDeque::new(),
            waiting_logins: VecDeque::new(),
            reports: Exchange::new(window),
            waiting_reports: VecDeque::new(),
            delayed_reports: 0,
            acknowledged: HashMap::new(),
            timers: Timers::default(),
            outbox: VecDeque::new(),
            answered: VecDeque::new(),
            notes: VecDeque::new(),
            counters: Counters::default(),
            past: Traffic::default(),
        }
    }

    /// Takes on another configuration; it holds for what comes, and sessions go on as they are.
    pub(crate) fn configure(&mut self, settings: Settings) {
        self.pools.configure(&settings.pools);
        self.settings = settings;
    }

    /// How fast things happen from now on, and how much is in flight at a time.
    pub(crate) fn pace(&mut self, timing: Timing, window: usize) {
        self.timing = timing;
        self.logins = Exchange::new(window);
        self.reports = Exchange::new(window);
    }

    /// The configuration in force.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    pub(crate) fn knows(&self, username: &str) -> bool {
        self.by_name.contains_key(username)
    }

    /// Takes a datagram that arrived.
    pub(crate) fn receive(
        &mut self,
        channel: Channel,
        datagram: &[u8],
        from: SocketAddr,
        now: Instant,
    ) {
        if !self.powered {
            return;
        }
        let is_starting = self.starts_at.is_some_and(|at| now < at);
        match channel {
            Channel::Control if is_starting || self.settings.incoming.is_none() => {}
            Channel::Auth => self.login_answered(datagram, from, now),
            Channel::Acct => self.report_answered(datagram, from, now),
            Channel::Control => self.control(datagram, from, now),
        }
    }

    /// Does what is due.
    pub(crate) fn run_timers(&mut self, now: Instant) {
        while let Some(timer) = self.timers.take_due(now) {
            match timer {
                Timer::Dial { subscriber, number } => self.dial_due(subscriber, number),
                Timer::Interim {
                    subscriber,
                    session,
                } => {
                    self.interim_due(subscriber, session, now);
                }
                Timer::SessionTimeout {
                    subscriber,
                    session,
                } => {
                    self.session_timeout_due(subscriber, session, now);
                }
                Timer::Watch {
                    subscriber,
                    session,
                } => self.watch_due(subscriber, session, now),
                Timer::LoginLate(ticket) => self.login_late(ticket, now),
                Timer::ReportLate(ticket) => self.report_late(ticket, now),
                Timer::ReportAgain(report) => {
                    self.delayed_reports -= 1;
                    self.send_report(*report, now);
                }
                Timer::PowerOn => self.power_on(now),
            }
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.timers.next_at()
    }

    pub(crate) fn has_output(&self) -> bool {
        !self.outbox.is_empty()
    }

    pub(crate) fn next_transmit(&mut self) -> Option<Transmit> {
        self.outbox.pop_front()
    }

    /// Connects a subscriber; its line dials at `dial_at`. A known name is only updated.
    pub(crate) fn add(&mut self, config: SubscriberConfig, dial_at: Instant) {
        if let Some(key) = self.by_name.get(config.line())
            && let Some(known) = self.subscribers.get_mut(key)
        {
            known.calling_station = config.calling_station();
            known.config = config;
            return;
        }
        let key = self.next_subscriber;
        self.next_subscriber += 1;
        self.by_name.insert(config.line().to_owned(), key);
        self.subscribers.insert(key, Subscriber::new(config, key));
        self.plan_dial(key, dial_at);
    }

    /// Hangs up and forgets a subscriber.
    pub(crate) fn remove(&mut self, username: &str, now: Instant) -> bool {
        self.hang_up(username, now);
        let Some(key) = self.by_name.remove(username) else {
            return false;
        };
        let removed = self.subscribers.remove(&key);
        if let Some(host) = removed.as_ref().and_then(|subscriber| subscriber.host) {
            self.pools.release(host);
        }
        removed.is_some()
    }
}
