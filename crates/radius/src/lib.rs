//! RADIUS: wire codec, password checks, server, and the CoA client.

pub mod auth;
pub mod client;
pub mod packet;
pub mod policy;
