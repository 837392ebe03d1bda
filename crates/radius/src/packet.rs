//! The wire format of RADIUS: parsing and building without I/O.
//!
//! Sockets, policies and passwords are not here.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

pub mod attribute;
pub mod builder;
pub mod codec;
pub mod describe;
pub mod dictionary;
pub mod integrity;
pub mod vendor_microsoft;
pub mod vendor_mikrotik;
