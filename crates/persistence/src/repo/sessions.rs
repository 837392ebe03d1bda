//! Live and past RADIUS sessions.
//!
//! Reports arrive twice, late and out of order: counters only grow, a session that ended stays
//! ended, and one that we merely presumed dead comes back when its router speaks of it again.

mod batch;
mod live;

pub use batch::apply;
pub use live::{
    LiveSession, close_presumed, customers_with_session, live_of_customer, sweep_stale, touch_nas,
};
