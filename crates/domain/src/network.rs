//! The network side of a subscription: who may log in, with what service, and what a session used.
//!
//! Everything here is pure. How it travels (RADIUS, the RouterOS API) is the business of other
//! crates; this module says what is decided and which ports the deciders need.

pub mod access;
pub mod access_terms;
pub mod diagnosis;
pub mod fup;
pub mod history;
pub mod live_step;
pub mod nas;
pub mod operator_name;
pub mod outgoing;
pub mod overrides;
pub mod ports;
pub mod radsec;
pub mod rate_limit;
pub mod realm;
pub mod restriction;
pub mod router;
pub mod secret;
pub mod service_policy;
pub mod session;
pub mod subscriber;
pub mod tally;
pub mod time_window;
pub mod usage;
