//! What the product knows about MikroTik's RouterOS, free of any IO.
//!
//! This crate reads (and, for samples and tests, writes) the text that `/export` prints.
//! Talking to a router over its API is deliberately not here.
#![warn(missing_docs)]

pub mod export;
pub mod ppp_profile;
pub mod ppp_secret;
