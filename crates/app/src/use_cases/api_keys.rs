//! Keys of programs.

mod create;
mod revoke;

pub use create::{ApiKeyError, CreateApiKey, create_api_key};
pub use revoke::revoke_api_key;
