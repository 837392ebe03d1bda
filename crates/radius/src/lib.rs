//! RADIUS: wire codec, password checks, server, and the client for Disconnect- and `CoA`-Requests.

pub mod acct;
pub mod auth;
pub mod client;
pub mod coa;
pub mod counters;
pub mod packet;
pub mod policy;
pub mod proxy;
pub mod radsec;
pub mod server;
