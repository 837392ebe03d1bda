//! Why a customer is offline: the last answers, a trace of its packets, and a diagnosis.

mod diagnose;
mod trace;

pub use diagnose::{diagnose_connection, login_answers};
pub use trace::{RadiusTrace, get_radius_trace, start_radius_trace, stop_radius_trace};
