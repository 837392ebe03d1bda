//! One command of an export, and how it is read.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

use std::borrow::Cow;

use super::cursor::{Cursor, decode, excerpt};
use super::error::ExportErrorKind;

/// Words that end a menu path.
const VERBS: [&str; 13] = [
    "add", "set", "remove", "enable", "disable", "unset", "move", "print", "export", "edit",
    "comment", "find", "reset",
];

/// Most targets and arguments of one command; the longest real ones have about 60.
pub(super) const MAX_WORDS: usize = 512;

/// Longest menu path; the longest real ones have about 40 bytes.
const MAX_MENU: usize = 128;

/// One command with the menu in which it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command<'a> {
    /// Line on which the command begins, counted from 1.
    pub line: usize,
    /// Menu in one form: `/ppp secret`.
    pub menu: Cow<'a, str>,
    /// `add`, `set`, …; `print` for one record of the output of `print detail`.
    pub verb: Cow<'a, str>,
    /// What the command applies to: names, numbers, `*1A`, `[ find … ]`.
    pub targets: Vec<Cow<'a, str>>,
    /// `name=value` pairs in the order of the text.
    pub arguments: Vec<Argument<'a>>,
}

/// One `name=value` of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument<'a> {
    /// Line on which the argument stands, counted from 1.
    pub line: usize,
    /// Name without `=`.
    pub name: Cow<'a, str>,
    /// Value without quotes and escapes; empty when there is none, or for `!name`.
    pub value: Cow<'a, str>,
}

impl Command<'_> {
    /// Value of an argument; the last one counts when it is repeated.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .arguments
            .iter()
            .rev()
            .find(|argument| argument.name == name)?;
        Some(&found.value)
    }
}

/// Result of reading one logical line.
pub(super) enum Line<'a> {
    Menu(String),
    Command(Command<'a>),
}

pub(super) fn read_line<'a>(
    cursor: &mut Cursor<'a>,
    menu: &str,
) -> Result<Line<'a>, ExportErrorKind> {
    let line = cursor.line();
    let absolute = cursor.peek() == Some(b'/');
    let start = cursor.clone();
    let mut path = Vec::new();
    let verb = read_path(cursor, &mut path);
    let first_word = || excerpt(start.clone().take_word());
    let Some(verb) = verb else {
        if absolute && cursor.at_command_end() {
            return Ok(Line::Menu(join("", &path)));
        }
        return Err(ExportErrorKind::NotACommand { word: first_word() });
    };
    let menu = join(if absolute { "" } else { menu }, &path);
    if menu == "/" {
        return Err(ExportErrorKind::NoMenu);
    }
    let (targets, arguments) = read_rest(cursor)?;
    Ok(Line::Command(Command {
        line,
        menu: menu.into(),
        verb,
        targets,
        arguments,
    }))
}

/// Reads path words up to and including the verb.
fn read_path<'a>(cursor: &mut Cursor<'a>, path: &mut Vec<Cow<'a, str>>) -> Option<Cow<'a, str>> {
    let mut length = 0;
    loop {
        cursor.skip_blanks();
        if cursor.at_command_end() {
            return None;
        }
        let mut ahead = cursor.clone();
        let word = ahead.take_word();
        length += word.len();
        let is_path = !word.is_empty() && word.iter().all(|byte| is_path_byte(*byte));
        if !is_path || length > MAX_MENU || ahead.peek() == Some(b'=') {
            return None;
        }
        *cursor = ahead;
        let mut parts = word
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty())
            .peekable();
        while let Some(part) = parts.next() {
            let part = decode(part);
            if parts.peek().is_none() && VERBS.contains(&part.as_ref()) {
                return Some(part);
            }
            path.push(part);
        }
    }
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/')
}

fn join(base: &str, path: &[Cow<'_, str>]) -> String {
    let mut menu = String::from(if base.is_empty() { "/" } else { base });
    for part in path {
        if menu.len() > 1 {
            menu.push(' ');
        }
        menu.push_str(part);
    }
    menu
}

type Rest<'a> = (Vec<Cow<'a, str>>, Vec<Argument<'a>>);

/// Reads targets and arguments up to the end of the command.
pub(super) fn read_rest<'a>(cursor: &mut Cursor<'a>) -> Result<Rest<'a>, ExportErrorKind> {
    let mut targets = Vec::new();
    let mut arguments = Vec::new();
    loop {
        cursor.skip_blanks();
        if cursor.at_command_end() {
            return Ok((targets, arguments));
        }
        if targets.len() + arguments.len() >= MAX_WORDS {
            return Err(ExportErrorKind::TooManyWords);
        }
        match cursor.peek() {
            Some(b'"') => targets.push(cursor.take_quoted()?),
            Some(b'[' | b'(' | b'{') => targets.push(decode(cursor.take_balanced()?)),
            _ => match read_argument(cursor)? {
                Word::Argument(argument) => arguments.push(argument),
                Word::Target(target) => targets.push(target),
            },
        }
    }
}

pub(super) enum Word<'a> {
    Argument(Argument<'a>),
    Target(Cow<'a, str>),
}

pub(super) fn read_argument<'a>(cursor: &mut Cursor<'a>) -> Result<Word<'a>, ExportErrorKind> {
    let line = cursor.line();
    let mut ahead = cursor.clone();
    let name = ahead.take_word();
    if ahead.peek() != Some(b'=') || name.is_empty() {
        return Ok(match cursor.peek() {
            Some(b'!') => Word::Argument(unset(cursor, line)),
            Some(b'=') => {
                return Err(ExportErrorKind::NotACommand {
                    word: excerpt(cursor.rest()),
                });
            }
            _ => Word::Target(cursor.take_value()?),
        });
    }
    *cursor = ahead;
    cursor.advance(1);
    let value = cursor.take_value()?;
    Ok(Word::Argument(Argument {
        line,
        name: decode(name),
        value,
    }))
}

/// `!name` takes a value back to its default.
fn unset<'a>(cursor: &mut Cursor<'a>, line: usize) -> Argument<'a> {
    cursor.advance(1);
    let name = decode(cursor.take_word());
    Argument {
        line,
        name,
        value: Cow::Borrowed(""),
    }
}

/// The conditions of a target such as `[ find name="x" ]`.
pub(crate) fn find_conditions(target: &str) -> Option<Vec<(String, String)>> {
    let inner = target.strip_prefix('[')?.strip_suffix(']')?.trim();
    let inner = inner.strip_prefix("find")?;
    let inner = inner.trim_start().strip_prefix("where ").unwrap_or(inner);
    let mut cursor = Cursor::at_line(inner.as_bytes(), 1);
    let (targets, arguments) = read_rest(&mut cursor).ok()?;
    if !targets.is_empty() {
        return None;
    }
    let own = |argument: Argument<'_>| (argument.name.into_owned(), argument.value.into_owned());
    Some(arguments.into_iter().map(own).collect())
}
