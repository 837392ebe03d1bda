//! A digital twin of an ISP's network: simulated routers whose subscribers log in by RADIUS,
//! move traffic, report it, and obey what the server says.
//!
//! The cores are sans-IO and take the time as an argument; sockets and clocks live in
//! [`network`], [`load`] and [`router::server`]. A [`router`] has menus and the lines of those who
//! dial in to it; [`network`] runs many of them with one clock.
#![warn(missing_docs)]

mod clock;
pub mod group;
pub mod load;
pub mod nas;
pub mod network;
pub mod router;
pub mod scenario;
pub mod snapshot;
pub mod subscribers;

pub use self::network::{Network, NetworkConfig, StartError};
