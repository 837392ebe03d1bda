//! What a router answers.

use std::borrow::Cow;
use std::fmt;

use super::request::split_pair;
use super::sentence::{EncodeError, Sentence};
use super::text::Text;

/// One sentence of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The tag of the request it answers; old versions leave it out of [`ReplyKind::Fatal`].
    pub tag: Option<Text>,
    /// What it says.
    pub kind: ReplyKind,
}

/// What a sentence of an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyKind {
    /// `!re`: a row.
    Row(Row),
    /// `!done`: the answer is complete, with what it returned.
    Done(Row),
    /// `!trap`: something failed; `!done` follows.
    Trap(Trap),
    /// `!empty`: there are no rows (7.18 and later); `!done` follows.
    Empty,
    /// `!fatal`: the router ends the connection.
    Fatal(Text),
}

/// Properties of an item, or what a command returned.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Row(Sentence);

/// What a router refused, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trap {
    /// What kind of failure it is; many traps do not say.
    pub category: Option<TrapCategory>,
    /// The router's words.
    pub message: Text,
}

/// The kinds of failure that RouterOS tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrapCategory {
    /// 0: an item or a command is missing.
    MissingItem,
    /// 1: an argument has a bad value.
    BadValue,
    /// 2: the command was interrupted.
    Interrupted,
    /// 3: a script failed.
    Script,
    /// 4: anything else.
    General,
    /// 5: the API was used wrongly.
    Api,
    /// 6: the terminal failed.
    Terminal,
    /// 7: a value made by `:return`.
    Return,
    /// A number that is not documented.
    Other(u8),
}

/// Why a sentence is not a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// The first word is of no known kind.
    #[error("the peer answered with a sentence that is no reply")]
    Kind,
}

impl Reply {
    /// A reply with the tag of the request.
    pub fn new(kind: ReplyKind, tag: Option<Text>) -> Self {
        Self { tag, kind }
    }

    /// Reads what a router sent.
    pub fn from_sentence(sentence: &Sentence) -> Result<Self, ReplyError> {
        let mut words = sentence.words();
        let first = words.next().unwrap_or_default();
        let mut tag = None;
        let mut rest = Sentence::new();
        for word in words {
            match word.strip_prefix(b".tag=") {
                Some(given) => tag = Some(Text::from(given)),
                None => rest
                    .push(word)
                    .expect("invariant: no shorter word than was read"),
            }
        }
        let row = Row(rest);
        let kind = match first {
            b"!re" => ReplyKind::Row(row),
            b"!done" => ReplyKind::Done(row),
            b"!trap" => ReplyKind::Trap(Trap::from_row(&row)),
            b"!empty" => ReplyKind::Empty,
            b"!fatal" => ReplyKind::Fatal(fatal_reason(&row)),
            _ => return Err(ReplyError::Kind),
        };
        Ok(Self { tag, kind })
    }

    /// The reply as words.
    pub fn to_sentence(&self) -> Result<Sentence, EncodeError> {
        let mut sentence = Sentence::new();
        let (first, row) = match &self.kind {
            ReplyKind::Row(row) => ("!re", Cow::Borrowed(row)),
            ReplyKind::Done(row) => ("!done", Cow::Borrowed(row)),
            ReplyKind::Trap(trap) => ("!trap", Cow::Owned(trap.to_row()?)),
            ReplyKind::Empty => ("!empty", Cow::Owned(Row::default())),
            ReplyKind::Fatal(_) => ("!fatal", Cow::Owned(Row::default())),
        };
        sentence.push(first.as_bytes())?;
        if let Some(tag) = &self.tag {
            sentence.push_parts(&[b".tag=", tag.as_bytes()])?;
        }
        for word in row.0.words() {
            sentence.push(word)?;
        }
        if let ReplyKind::Fatal(reason) = &self.kind
            && !reason.is_empty()
        {
            sentence.push(reason.as_bytes())?;
        }
        Ok(sentence)
    }
}

/// The reason stands alone as a word, yet some versions send it like a trap's.
fn fatal_reason(row: &Row) -> Text {
    let word = row.0.first().unwrap_or_default();
    row.get("message").unwrap_or(word).into()
}

impl Row {
    /// A row without properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a property.
    pub fn push(&mut self, name: &str, value: &[u8]) -> Result<(), EncodeError> {
        self.0.push_parts(&[b"=", name.as_bytes(), b"=", value])
    }

    /// The value of a property, as bytes.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let mut found = self.iter().filter(|(key, _)| *key == name.as_bytes());
        found.next().map(|(_, value)| value)
    }

    /// The value of a property, to be kept.
    pub fn text(&self, name: &str) -> Option<Text> {
        self.get(name).map(Text::from)
    }

    /// Names and values in the order they were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let words = self.0.words();
        words.filter_map(|word| word.strip_prefix(b"=").map(split_pair))
    }

    /// How much memory the row takes.
    pub fn capacity(&self) -> usize {
        size_of::<Self>() + self.0.capacity()
    }

    /// Whether there are no properties.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl fmt::Debug for Row {
    /// Names only: values may be passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.iter().map(|(name, _)| String::from_utf8_lossy(name));
        f.debug_list().entries(names).finish()
    }
}

impl Trap {
    /// A trap of a category.
    pub fn new(category: TrapCategory, message: impl Into<Text>) -> Self {
        Self {
            category: Some(category),
            message: message.into(),
        }
    }

    fn from_row(row: &Row) -> Self {
        let category = row.get("category").and_then(|digits| {
            let number: u8 = std::str::from_utf8(digits).ok()?.parse().ok()?;
            Some(TrapCategory::from(number))
        });
        Self {
            category,
            message: row.text("message").unwrap_or_default(),
        }
    }

    fn to_row(&self) -> Result<Row, EncodeError> {
        let mut row = Row::new();
        if let Some(category) = self.category {
            row.push("category", u8::from(category).to_string().as_bytes())?;
        }
        row.push("message", self.message.as_bytes())?;
        Ok(row)
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl From<u8> for TrapCategory {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::MissingItem,
            1 => Self::BadValue,
            2 => Self::Interrupted,
            3 => Self::Script,
            4 => Self::General,
            5 => Self::Api,
            6 => Self::Terminal,
            7 => Self::Return,
            other => Self::Other(other),
        }
    }
}

impl From<TrapCategory> for u8 {
    fn from(category: TrapCategory) -> Self {
        match category {
            TrapCategory::MissingItem => 0,
            TrapCategory::BadValue => 1,
            TrapCategory::Interrupted => 2,
            TrapCategory::Script => 3,
            TrapCategory::General => 4,
            TrapCategory::Api => 5,
            TrapCategory::Terminal => 6,
            TrapCategory::Return => 7,
            TrapCategory::Other(number) => number,
        }
    }
}
