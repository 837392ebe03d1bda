//! domain

pub mod ids;
pub mod network;
