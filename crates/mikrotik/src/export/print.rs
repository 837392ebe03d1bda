//! Records of `print detail` and `print terse`, which support staff paste instead of an export.
//!
//! ```text
//!  0 X ;;; moved away
//!      name="rahim01" service=pppoe password="x" profile=default
//! ```
#![deny(clippy::indexing_slicing, clippy::string_slice)]

use std::borrow::Cow;

use super::command::{Argument, Command, MAX_WORDS, Word, read_argument};
use super::cursor::{Cursor, decode, is_blank};
use super::error::ExportErrorKind;

/// Whether the line begins with the number of a record.
pub(super) fn at_record(cursor: &Cursor<'_>) -> bool {
    let mut ahead = cursor.clone();
    ahead.skip_spaces();
    let digits = ahead
        .rest()
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    digits > 0
        && ahead
            .rest()
            .get(digits)
            .copied()
            .is_none_or(|byte| is_blank(byte) || byte == b'\n')
}

pub(super) fn read_record<'a>(
    cursor: &mut Cursor<'a>,
    menu: &str,
) -> Result<Command<'a>, ExportErrorKind> {
    cursor.skip_spaces();
    let line = cursor.line();
    let number = decode(cursor.take_word());
    let mut arguments = Vec::new();
    read_flags(cursor, &mut arguments);
    loop {
        cursor.skip_blanks();
        if cursor.at_end() {
            break;
        }
        if cursor.at_newline() {
            if take_record_newline(cursor) {
                continue;
            }
            break;
        }
        if arguments.len() > MAX_WORDS {
            return Err(ExportErrorKind::TooManyWords);
        }
        match cursor.peek() {
            Some(b';') if cursor.starts_with(b";;;") => arguments.push(comment(cursor)),
            Some(b';') => cursor.advance(1),
            _ => match read_argument(cursor)? {
                Word::Argument(argument) => arguments.push(argument),
                Word::Target(word) => extend_last(&mut arguments, &word)?,
            },
        }
    }
    if arguments
        .iter()
        .all(|argument| argument.name == "disabled" || argument.name == "comment")
    {
        return Err(ExportErrorKind::TableOutput);
    }
    let menu = Cow::Owned(menu.to_owned());
    Ok(Command {
        line,
        menu,
        verb: Cow::Borrowed("print"),
        targets: vec![number],
        arguments,
    })
}

/// Flags stand between the number and the first argument; `X` marks a disabled item.
fn read_flags(cursor: &mut Cursor<'_>, arguments: &mut Vec<Argument<'_>>) {
    cursor.skip_spaces();
    let mut ahead = cursor.clone();
    let flags = ahead.take_word();
    let is_flags = !flags.is_empty()
        && flags.len() <= 4
        && flags.iter().all(u8::is_ascii_uppercase)
        && ahead.peek() != Some(b'=');
    if !is_flags {
        return;
    }
    if flags.contains(&b'X') {
        let (name, value) = (Cow::Borrowed("disabled"), Cow::Borrowed("yes"));
        arguments.push(Argument {
            line: cursor.line(),
            name,
            value,
        });
    }
    *cursor = ahead;
}

fn comment<'a>(cursor: &mut Cursor<'a>) -> Argument<'a> {
    let line = cursor.line();
    cursor.advance(3);
    let mut ahead = cursor.clone();
    let text = ahead.take_line().trim_ascii();
    let length = cursor.rest().iter().position(|byte| *byte == b'\n');
    cursor.advance(length.unwrap_or(cursor.rest().len()));
    Argument {
        line,
        name: Cow::Borrowed("comment"),
        value: decode(text),
    }
}

/// A record goes on while lines are indented and do not begin with the next number.
fn take_record_newline(cursor: &mut Cursor<'_>) -> bool {
    let mut ahead = cursor.clone();
    ahead.take_newline();
    if !ahead.peek().is_some_and(is_blank) || at_record(&ahead) {
        return false;
    }
    ahead.skip_spaces();
    if ahead.at_newline() || ahead.at_end() {
        return false;
    }
    *cursor = ahead;
    true
}

/// `terse` does not quote: a word without `=` belongs to the value before it.
fn extend_last(arguments: &mut [Argument<'_>], word: &str) -> Result<(), ExportErrorKind> {
    let last = arguments.last_mut().ok_or(ExportErrorKind::TableOutput)?;
    let value = last.value.to_mut();
    value.push(' ');
    value.push_str(word);
    Ok(())
}
