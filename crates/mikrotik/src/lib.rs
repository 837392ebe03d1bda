//! What the product knows about MikroTik's RouterOS.
//!
//! [`api`] is the wire of its binary API, free of IO, and [`client`]
//! speaks it; [`export`] reads (and, for samples and tests,
//! writes) the text that `/export` prints; [`schema`] is what each version of RouterOS knows.
//!
//! [`model`] has the settings the product keeps in order; from [`desired`] and [`actual`], [`diff`] makes a
//! plan, which [`apply`] carries out. [`watch`] looks how routers fare.
#![warn(missing_docs)]

pub mod actual;
pub mod api;
pub mod apply;
pub mod client;
pub mod desired;
pub mod diff;
pub mod duration;
pub mod export;
pub mod model;
pub mod ppp_profile;
pub mod ppp_secret;
pub mod schema;
pub mod watch;
