//! What can be wrong with an export, and what to do about it.

use thiserror::Error;

/// A part of an export that was left out, with the line where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {kind}")]
pub struct ExportError {
    /// Line of the text, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub kind: ExportErrorKind,
}

/// Why a part of an export was left out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExportErrorKind {
    /// A quoted value never ends.
    #[error("the quote opened on line {opened} is not closed; add the missing \" or export again")]
    UnclosedQuote {
        /// Line of the opening quote.
        opened: usize,
    },
    /// A bracketed expression never ends.
    #[error("the bracket opened on line {opened} is not closed; close it or remove the command")]
    UnclosedBracket {
        /// Line of the opening bracket.
        opened: usize,
    },
    /// A backslash is followed by something that RouterOS does not know.
    #[error("\\{escape} is not an escape that RouterOS knows; write \\\\ for a backslash")]
    BadEscape {
        /// The character after the backslash.
        escape: String,
    },
    /// Something follows a closing quote without a blank.
    #[error("text follows a closing quote; put a blank after it, or \\\" for a quote in a value")]
    TextAfterQuote,
    /// A line is neither a menu nor a command.
    #[error("`{word}` is not a command of an export; remove the line if it does not belong here")]
    NotACommand {
        /// The first word of the line.
        word: String,
    },
    /// A command stands before any menu line.
    #[error("the command has no menu; put a line such as /ppp secret before it")]
    NoMenu,
    /// A command is longer than any that a router has.
    #[error("the command has more than 512 words; look for a missing line end")]
    TooManyWords,
    /// A table as `print` shows it without `detail`: columns cut values off.
    #[error("this is a table, which cuts values off; use the output of export or print detail")]
    TableOutput,
    /// A secret or profile without a name.
    #[error("the {item} has no name; add name=… or remove the line")]
    MissingName {
        /// `secret` or `profile`.
        item: &'static str,
    },
    /// A command changes an item that the export does not hold.
    #[error("`{target}` names no {item} of this export; put the add command before this one")]
    UnknownTarget {
        /// `secret` or `profile`.
        item: &'static str,
        /// What the command names.
        target: String,
    },
    /// A value that must be a whole number is not.
    #[error("{argument} must be a whole number of bytes")]
    NotANumber {
        /// Name of the argument.
        argument: &'static str,
    },
    /// A value that must be yes or no is not.
    #[error("{argument} must be yes or no")]
    NotYesOrNo {
        /// Name of the argument.
        argument: &'static str,
    },
    /// A value holds a NUL, which nothing here can store.
    #[error("{argument} holds a NUL character; remove \\00 from it")]
    NulInValue {
        /// Name of the argument.
        argument: String,
    },
}
