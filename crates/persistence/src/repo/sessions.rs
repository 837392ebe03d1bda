//! Live and past RADIUS sessions, and what was used in them.
//!
//! Reports arrive twice, late and out of order: counters only grow, a session that ended stays
//! ended, and one that we merely presumed dead comes back when its router speaks of it again.

mod batch;
mod closing;
mod forgetting;
mod live;
mod memory;
mod rows;
mod usage;

pub use batch::{Applied, apply};
pub use closing::{close_presumed, prepare_history, sweep_stale};
pub use forgetting::{drop_empty_months, forget_ended, isps_that_forget};
pub use live::{
    LiveSession, OpenSession, customers_with_session, live_of_customer, open_sessions, touch_nas,
};
pub use memory::Memory;
