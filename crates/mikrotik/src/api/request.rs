//! What a client asks of a router.

use std::fmt;

use super::query::{Query, QueryError, QueryWord};
use super::sentence::{EncodeError, Sentence};
use super::text::Text;

/// A command with its arguments, queries and tag.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The command: `/ppp/secret/add`.
    pub command: String,
    /// Arguments in their order; one without a value has an empty one.
    pub arguments: Vec<(String, Text)>,
    /// Properties to be answered; none asks for all.
    pub proplist: Option<Vec<String>>,
    /// Which rows a print gives.
    pub query: Query,
    /// What the router repeats in every answer to this request.
    pub tag: Option<Text>,
}

/// Why a sentence is not a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The first word is not a command.
    #[error("the sentence does not begin with a command")]
    NoCommand,
    /// A name is not UTF-8; names of RouterOS are ASCII.
    #[error("the name of a command or argument is not UTF-8")]
    Name,
    /// A word is of no known kind.
    #[error("a word begins with {0:#04x}, which no kind of word does")]
    Word(u8),
    /// A query word cannot be read.
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl Request {
    /// A command without arguments.
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            ..Self::default()
        }
    }

    /// With an argument.
    #[must_use]
    pub fn argument(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.arguments.push((name.into(), value.into()));
        self
    }

    /// With the properties to be answered.
    #[must_use]
    pub fn proplist<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.proplist = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// With one more query word.
    #[must_use]
    pub fn query(mut self, word: QueryWord) -> Self {
        self.query.0.push(word);
        self
    }

    /// With a tag.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<Text>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// The value of an argument.
    pub fn get(&self, name: &str) -> Option<&Text> {
        let found = self.arguments.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value)
    }

    /// The menu and the verb of the command: `/ppp/secret` and `add`.
    pub fn menu_and_verb(&self) -> (&str, &str) {
        self.command.rsplit_once('/').unwrap_or(("", &self.command))
    }

    /// The request as words.
    pub fn to_sentence(&self) -> Result<Sentence, EncodeError> {
        let mut sentence = Sentence::new();
        sentence.push(self.command.as_bytes())?;
        for (name, value) in &self.arguments {
            sentence.push_parts(&[b"=", name.as_bytes(), b"=", value.as_bytes()])?;
        }
        if let Some(names) = &self.proplist {
            sentence.push_parts(&[b"=.proplist=", names.join(",").as_bytes()])?;
        }
        for word in &self.query.0 {
            sentence.push(&word.to_bytes())?;
        }
        if let Some(tag) = &self.tag {
            sentence.push_parts(&[b".tag=", tag.as_bytes()])?;
        }
        Ok(sentence)
    }

    /// Reads a request that a client sent.
    pub fn from_sentence(sentence: &Sentence) -> Result<Self, RequestError> {
        let mut words = sentence.words();
        let command = words.next().filter(|word| word.starts_with(b"/"));
        let mut request = Self::new(name(command.ok_or(RequestError::NoCommand)?)?);
        for word in words {
            request.take(word)?;
        }
        Ok(request)
    }

    fn take(&mut self, word: &[u8]) -> Result<(), RequestError> {
        match word.split_first() {
            Some((b'=', rest)) => {
                let (key, value) = split_pair(rest);
                match key {
                    b".proplist" => self.proplist = Some(names(value)?),
                    b".tag" => self.tag = Some(value.into()),
                    _ => self.arguments.push((name(key)?, value.into())),
                }
            }
            Some((b'.', rest)) => match split_pair(rest) {
                (b"tag", value) => self.tag = Some(value.into()),
                (b"proplist", value) => self.proplist = Some(names(value)?),
                // Attributes of the API itself that are not known here change nothing.
                _ => {}
            },
            Some((b'?', rest)) => self.query.0.push(QueryWord::from_bytes(rest)?),
            Some((byte, _)) => return Err(RequestError::Word(*byte)),
            None => {}
        }
        Ok(())
    }
}

/// `name=value`; the value may hold `=`, and is empty where there is none.
pub(super) fn split_pair(word: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = word.splitn(2, |byte| *byte == b'=');
    let key = parts.next().unwrap_or_default();
    (key, parts.next().unwrap_or_default())
}

fn name(bytes: &[u8]) -> Result<String, RequestError> {
    let text = std::str::from_utf8(bytes).map_err(|_| RequestError::Name)?;
    Ok(text.to_owned())
}

fn names(list: &[u8]) -> Result<Vec<String>, RequestError> {
    let parts = list.split(|byte| *byte == b',');
    parts.filter(|part| !part.is_empty()).map(name).collect()
}

impl fmt::Debug for Request {
    /// Names only: values may be passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.arguments.iter().map(|(name, _)| &**name).collect();
        f.debug_struct("Request")
            .field("command", &self.command)
            .field("arguments", &names)
            .field("tag", &self.tag)
            .finish_non_exhaustive()
    }
}
