//! What a router refuses, in its own words.

use mikrotik::api::{Text, Trap, TrapCategory};
use thiserror::Error;

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No menu has that path.
    #[error("no such command prefix")]
    NoSuchMenu,
    /// The menu has no such command.
    #[error("no such command")]
    NoSuchCommand,
    /// The command has no such argument; version 6 does not say which.
    #[error("unknown parameter{}", .0.as_ref().map(|name| format!(" {name}")).unwrap_or_default())]
    UnknownParameter(Option<String>),
    /// An argument without which the command means nothing.
    #[error("missing ={0}=")]
    Missing(&'static str),
    /// The value has the wrong form.
    #[error("invalid value for argument {0}")]
    BadValue(String),
    /// The value is none of those that can be chosen.
    #[error("input does not match any value of {0}")]
    NotAChoice(String),
    /// A number or span of time beyond its bounds.
    #[error("value of {name} out of range ({range})")]
    OutOfRange {
        /// The argument.
        name: String,
        /// What would be taken.
        range: String,
    },
    /// No item has that id or name.
    #[error("no such item")]
    NoSuchItem,
    /// The user's group lacks a policy.
    #[error("not enough permissions (9)")]
    NotPermitted,
    /// Name or password is wrong, or the group may not use the API.
    #[error("invalid user name or password (6)")]
    BadLogin,
    /// The same for versions before 6.43.
    #[error("cannot log in")]
    CannotLogIn,
    /// The command was cancelled.
    #[error("interrupted")]
    Interrupted,
    /// Device-mode forbids it.
    #[error("not allowed by device-mode")]
    DeviceMode,
    /// The router's own reason.
    #[error("failure: {0}")]
    Failure(String),
    /// What a fault plan says instead.
    #[error("{message}")]
    Injected {
        /// Its category.
        category: Option<u8>,
        /// Its words.
        message: String,
    },
}

impl Refusal {
    /// A failure with a reason.
    pub(super) fn failure(reason: impl Into<String>) -> Self {
        Self::Failure(reason.into())
    }

    /// The refusal on the wire.
    pub fn to_trap(&self) -> Trap {
        let category = match self {
            Self::NoSuchMenu | Self::NoSuchCommand | Self::NoSuchItem => {
                Some(TrapCategory::MissingItem)
            }
            Self::UnknownParameter(_) | Self::Missing(_) => Some(TrapCategory::MissingItem),
            Self::BadValue(_) | Self::NotAChoice(_) | Self::OutOfRange { .. } => {
                Some(TrapCategory::BadValue)
            }
            Self::Interrupted => Some(TrapCategory::Interrupted),
            Self::Injected { category, .. } => category.map(TrapCategory::from),
            Self::NotPermitted
            | Self::BadLogin
            | Self::CannotLogIn
            | Self::DeviceMode
            | Self::Failure(_) => None,
        };
        Trap {
            category,
            message: Text::from(self.to_string()),
        }
    }
}
