//! Storms, power cuts and restarts.

use std::time::Duration;

use domain::network::session::TerminateCause;
use tokio::time::Instant;

use crate::nas::core::Core;
use crate::nas::lines::Line;
use crate::nas::timers::Timer;
use crate::subscribers::storm;

impl Core {
    /// Every session ends by a report and every line dials again over `spread`.
    pub(crate) fn redial_all(&mut self, spread: Duration, now: Instant) {
        self.end_all(TerminateCause::LostCarrier, now);
        self.dial_all(spread, now);
    }

    /// Every session ends by a report and every line stays down.
    pub(crate) fn hang_up_all(&mut self, now: Instant) {
        self.end_all(TerminateCause::UserRequest, now);
        for subscriber in self.subscribers.values_mut() {
            subscriber.dial += 1;
            subscriber.line = Line::Down;
        }
    }

    /// The power goes: no Stop, no answer to anything, until it comes back after `outage`.
    pub(crate) fn power_cut(&mut self, outage: Duration, now: Instant) {
        for subscriber in self.subscribers.values_mut() {
            if let Line::Online(session) = &mut subscriber.line {
                session.advance(now);
                subscriber.past.moved(session.moved);
                self.past.moved(session.moved);
            }
            subscriber.dial += 1;
            subscriber.line = Line::Down;
            subscriber.host = None;
        }
        self.by_session.clear();
        self.acknowledged.clear();
        self.logins.clear();
        self.reports.clear();
        self.callers.clear();
        self.waiting_logins.clear();
        self.waiting_reports.clear();
        self.outbox.clear();
        self.answered.clear();
        self.pools.release_all();
        self.timers.clear();
        self.delayed_reports = 0;
        self.powered = false;
        let starts_at = self.start_after(outage, now);
        self.timers.add(starts_at, Timer::PowerOn);
    }

    pub(crate) fn is_powered(&self) -> bool {
        self.powered
    }

    pub(super) fn power_on(&mut self, now: Instant) {
        self.powered = true;
        self.boots = self.boots.wrapping_add(1);
        self.dial_all(self.timing.dial_spread(), now);
    }

    /// An orderly restart: Stops are sent and repeated, lines come back after `outage`.
    pub(crate) fn reboot(&mut self, outage: Duration, now: Instant) {
        self.end_all(TerminateCause::AdminReboot, now);
        self.logins.clear();
        self.boots = self.boots.wrapping_add(1);
        let starts_at = self.start_after(outage, now);
        self.dial_all(self.timing.dial_spread(), starts_at);
    }

    /// When the router has started: an outage within another does not make that one shorter.
    fn start_after(&mut self, outage: Duration, now: Instant) -> Instant {
        let at = now + outage;
        let at = self.starts_at.map_or(at, |before| before.max(at));
        self.starts_at = Some(at);
        at
    }

    fn dial_all(&mut self, spread: Duration, from: Instant) {
        let mut keys: Vec<u64> = self.subscribers.keys().copied().collect();
        keys.sort_unstable();
        let from = self.starts_at.map_or(from, |starts_at| starts_at.max(from));
        let count = keys.len();
        for (index, key) in keys.into_iter().enumerate() {
            self.plan_dial(key, from + storm::delay(index, count, spread));
        }
    }
}
