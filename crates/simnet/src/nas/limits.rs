//! What ends a session besides its time: too many bytes, or none for too long.

use std::time::Duration;

use domain::network::session::TerminateCause;
use tokio::time::Instant;

use crate::nas::core::Core;
use crate::nas::timers::Timer;

/// How often a session with a limit is looked at; traffic changes no more often.
const LOOK: Duration = Duration::from_secs(10);

impl Core {
    pub(super) fn plan_watch(&mut self, key: u64, number: u64, now: Instant) {
        let Some(session) = self.session_mut(key, number) else {
            return;
        };
        if !session.is_watched() {
            return;
        }
        let idle_at = session.idle_timeout.map(|idle| session.active_at + idle);
        let at = idle_at.map_or(now + LOOK, |idle_at| idle_at.clamp(now, now + LOOK));
        // Never twice in the same moment: the end is decided by then.
        let at = at.max(now + Duration::from_millis(1));
        self.timers.add(
            at,
            Timer::Watch {
                subscriber: key,
                session: number,
            },
        );
    }

    pub(super) fn watch_due(&mut self, key: u64, number: u64, now: Instant) {
        let Some(session) = self.session_mut(key, number) else {
            return;
        };
        session.advance(now);
        let idle_at = session.idle_timeout.map(|idle| session.active_at + idle);
        let cause = if session.is_used_up() {
            TerminateCause::NasRequest
        } else if idle_at.is_some_and(|idle_at| idle_at <= now) {
            TerminateCause::IdleTimeout
        } else {
            return self.plan_watch(key, number, now);
        };
        self.end_session(key, cause, now);
        self.plan_dial(key, now + self.timing.redial());
    }
}
