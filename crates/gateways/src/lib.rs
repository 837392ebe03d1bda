//! Adapters to systems that are not ours, behind the ports of `domain`.
//!
//! Today these are the stores that processes of one installation share. Nothing here knows a rule.

pub mod shared;
