//! RADIUS: wire codec, password checks, server, and the CoA client.

pub mod packet;
