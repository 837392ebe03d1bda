//! Live and past RADIUS sessions.
//!
//! Reports arrive twice, late and out of order: counters only grow, a session that ended stays
//! ended, and one that we merely presumed dead comes back when its router speaks of it again.

mod batch;
mod live;

pub use batch::apply;
pub use live::{
    LiveSession, OpenSession, close_presumed, customers_with_session, live_of_customer,
    open_sessions, sweep_stale, touch_nas,
};
