//! What can go wrong, and whether the router may have acted all the same.

use std::io;
use std::time::Duration;

use domain::network::router::Fingerprint;

use crate::api::{DecodeError, EncodeError, ReplyError, Text, Trap, TrapCategory};

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The router cannot be reached.
    #[error("the router cannot be reached: {0}")]
    Connect(#[source] io::Error),
    /// No address of the router may be called.
    #[error(
        "the router's address is closed by the configuration (outgoing_allow, outgoing_refuse)"
    )]
    NotAllowed,
    /// The router did not take the connection in time; its `/ip service` may not serve our address.
    #[error("the router did not answer in time: does `/ip service` allow our address?")]
    ConnectTimeout,
    /// The certificate is not the pinned one.
    #[error("the router's certificate is {presented}, not the one that was pinned: it is refused")]
    Certificate {
        /// What the router showed.
        presented: Fingerprint,
    },
    /// The router was tried in vain a moment ago.
    #[error("the router could not be reached; it is tried again in {} s", .0.as_secs().max(1))]
    BackingOff(Duration),
    /// The router did not answer the login in time.
    #[error("the router did not answer the login in time")]
    LoginTimeout,
    /// The router refused name or password.
    #[error("the router refused the login: {0}")]
    LoginRefused(Text),
    /// The connection ended, or could not be understood, during the login.
    #[error("the login failed: {0}")]
    Login(#[source] Loss),
    /// The command did not get its turn in time.
    #[error("the router has too many commands in flight")]
    Busy,
    /// The command cannot be written.
    #[error("the command cannot be sent: {0}")]
    Unsendable(#[from] EncodeError),
    /// The connection had ended before the command was sent.
    #[error("the command was not sent: {0}")]
    NotSent(#[source] Loss),
    /// The router refused the command.
    #[error("the router refused: {0}")]
    Trap(Trap),
    /// The router did not answer in time.
    #[error("the router did not answer in time; whether it acted is not known")]
    Timeout,
    /// The connection ended before the answer was complete.
    #[error("the connection ended before the answer was complete: {0}")]
    Lost(#[source] Loss),
    /// The answer is larger than is taken.
    #[error("the answer is larger than is taken")]
    AnswerTooLarge,
    /// The listener was slower than the router.
    #[error("changes came faster than they were taken")]
    Lagged,
}

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// The router closed it.
    #[error("the router closed the connection")]
    Closed,
    /// The router said why it closes it.
    #[error("the router ended the connection: {0}")]
    Fatal(Text),
    /// The network failed.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The router sent what cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The router sent what is no reply.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// The router answered without saying what.
    #[error("the router answered without a tag while several commands were in flight")]
    Untagged,
    /// A cancelled command did not end.
    #[error("the router did not end a cancelled command")]
    Stuck,
    /// We closed it.
    #[error("the connection was closed by this side")]
    Dropped,
}

/// What a failed command did on the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing.
    NotDone,
    /// Everything, something or nothing: only reading tells.
    Unknown,
}

impl ClientError {
    /// What the command did on the router, as far as this error tells.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Connect(_)
            | Self::NotAllowed
            | Self::ConnectTimeout
            | Self::Certificate { .. }
            | Self::BackingOff(_)
            | Self::LoginTimeout
            | Self::LoginRefused(_)
            | Self::Login(_)
            | Self::Busy
            | Self::Unsendable(_)
            | Self::NotSent(_) => Outcome::NotDone,
            Self::Trap(trap) => match trap.category {
                // A command that was interrupted, or a script that failed, may have begun its work.
                Some(TrapCategory::Interrupted | TrapCategory::Script | TrapCategory::Return) => {
                    Outcome::Unknown
                }
                _ => Outcome::NotDone,
            },
            Self::Timeout | Self::Lost(_) | Self::AnswerTooLarge | Self::Lagged => Outcome::Unknown,
        }
    }
}
