//! What the product knows about MikroTik's RouterOS.
//!
//! [`api`] is the wire of its binary API, free of IO; [`export`] reads (and, for samples and tests,
//! writes) the text that `/export` prints; [`schema`] is what each version of RouterOS knows.
#![warn(missing_docs)]

pub mod api;
pub mod duration;
pub mod export;
pub mod ppp_profile;
pub mod ppp_secret;
pub mod schema;
