//! The server against its own client, against Debian's `radclient`, and the `CoA` client against
//! a small NAS.

mod claims;
mod clients;
mod coa;
mod freeradius;
mod ingest;
mod packets;
mod proxy;
mod radclient;
mod radsec;
mod robustness;
mod server;
mod spool;
mod support;
