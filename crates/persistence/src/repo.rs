//! Reading and writing what the domain knows, one file per noun, free functions.

pub mod sessions;
