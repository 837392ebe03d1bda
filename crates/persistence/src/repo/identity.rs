//! People, how they come in, and the tree of tenancies and ISPs that they live in.

pub mod api_keys;
pub mod platform;
pub mod sign_ins;
pub mod users;
