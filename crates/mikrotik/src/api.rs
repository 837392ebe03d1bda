//! The binary API of RouterOS as bytes and sentences, for clients and for routers alike.
//!
//! Nothing here does IO or keeps time: [`Decoder`] is given bytes as they arrive, in any pieces, and
//! gives [`Sentence`]s; [`Request`] is what a client says, [`Reply`] what a router answers, and both
//! are read and written, so that a router made of software speaks with the same code.
//! The peer is not trusted: what it sends is bounded by [`Limits`] before memory is taken for it.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod decoder;
mod length;
mod login;
mod query;
mod reply;
mod request;
mod sentence;
mod text;

#[cfg(test)]
mod tests;

pub use self::decoder::{DecodeError, Decoder, Limits};
pub use self::length::write_length;
pub use self::login::{Challenge, challenge_response};
pub use self::query::{Operator, Query, QueryError, QueryWord};
pub use self::reply::{Reply, ReplyError, ReplyKind, Row, Trap, TrapCategory};
pub use self::request::{Request, RequestError};
pub use self::sentence::{EncodeError, Sentence};
pub use self::text::Text;

/// TCP port of the API in the clear.
pub const PORT: u16 = 8728;
/// TCP port of the API in TLS.
pub const TLS_PORT: u16 = 8729;
