//! Byte-level reading: blanks, continuation lines, words, quoting and brackets.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

use std::borrow::Cow;

use super::error::ExportErrorKind;

/// Longest piece of the input that an error repeats.
const EXCERPT: usize = 32;

#[derive(Clone)]
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    position: usize,
    line: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        let byte_order_mark = b"\xEF\xBB\xBF";
        let position = if text.starts_with(byte_order_mark) {
            byte_order_mark.len()
        } else {
            0
        };
        Self {
            text,
            position,
            line: 1,
        }
    }

    /// A cursor over a part of another text, which keeps counting that text's lines.
    pub(super) fn at_line(text: &'a [u8], line: usize) -> Self {
        Self {
            text,
            position: 0,
            line,
        }
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn at_line_start(&self) -> bool {
        self.text
            .get(..self.position)
            .is_some_and(|before| before.last() == Some(&b'\n'))
    }

    pub(super) fn at_end(&self) -> bool {
        self.position >= self.text.len()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.position..).unwrap_or_default()
    }

    pub(super) fn starts_with(&self, prefix: &[u8]) -> bool {
        self.rest().starts_with(prefix)
    }

    /// Moves on inside one line.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(bytes).min(self.text.len());
    }

    fn newline_length(&self) -> Option<usize> {
        let rest = self.rest();
        match rest.first() {
            Some(b'\n') => Some(1),
            Some(b'\r') if rest.get(1) == Some(&b'\n') => Some(2),
            _ => None,
        }
    }

    pub(super) fn at_newline(&self) -> bool {
        self.newline_length().is_some()
    }

    pub(super) fn take_newline(&mut self) -> bool {
        let Some(length) = self.newline_length() else {
            return false;
        };
        self.position += length;
        self.line += 1;
        true
    }

    /// A backslash that only blanks separate from the end of its line continues on the next one,
    /// whose indentation does not count.
    pub(super) fn take_continuation(&mut self) -> bool {
        if self.peek() != Some(b'\\') {
            return false;
        }
        let mut ahead = self.clone();
        ahead.advance(1);
        ahead.skip_spaces();
        if !ahead.at_end() && !ahead.take_newline() {
            return false;
        }
        ahead.skip_spaces();
        *self = ahead;
        true
    }

    /// Skips blanks of this physical line only.
    pub(super) fn skip_spaces(&mut self) {
        while self.peek().is_some_and(is_blank) && !self.at_newline() {
            self.advance(1);
        }
    }

    /// Skips blanks and continuations: the logical line goes on.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            self.skip_spaces();
            if !self.take_continuation() {
                return;
            }
        }
    }

    /// The rest of the physical line, without its end.
    pub(super) fn take_line(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        self.advance(length);
        self.take_newline();
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// Leaves a command that cannot be read: up to the end of its logical line.
    pub(super) fn skip_logical_line(&mut self) {
        while !self.at_end() {
            let line = self.take_line();
            if line.trim_ascii_end().last() != Some(&b'\\') {
                return;
            }
        }
    }

    pub(super) fn at_command_end(&self) -> bool {
        self.at_end() || self.at_newline() || self.peek() == Some(b';')
    }

    /// A bare word: up to a blank, `=`, `;` or the end of the line.
    pub(super) fn take_word(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest
            .iter()
            .position(|byte| is_blank(*byte) || matches!(byte, b'\n' | b'=' | b';' | b'"' | b'\\'))
            .unwrap_or(rest.len());
        self.advance(length);
        rest.get(..length).unwrap_or_default()
    }

    /// What stands after `name=`: quoted, bracketed, bare or nothing.
    pub(super) fn take_value(&mut self) -> Result<Cow<'a, str>, ExportErrorKind> {
        while self.take_continuation() {}
        match self.peek() {
            Some(b'"') => self.take_quoted(),
            Some(b'[' | b'(' | b'{') => Ok(decode(self.take_balanced()?)),
            _ => self.take_bare(),
        }
    }

    fn take_bare(&mut self) -> Result<Cow<'a, str>, ExportErrorKind> {
        let rest = self.rest();
        let ends = |byte: &u8| is_blank(*byte) || matches!(byte, b'\n' | b';');
        let length = rest
            .iter()
            .position(|byte| ends(byte) || *byte == b'\\')
            .unwrap_or(rest.len());
        let plain = rest.get(..length).unwrap_or_default();
        self.advance(length);
        if self.peek() != Some(b'\\') {
            return Ok(decode(plain));
        }
        let mut value = plain.to_vec();
        while let Some(byte) = self.peek() {
            if ends(&byte) {
                break;
            }
            self.take_character(byte, &mut value)?;
        }
        Ok(Cow::Owned(decode_owned(value)))
    }

    pub(super) fn take_quoted(&mut self) -> Result<Cow<'a, str>, ExportErrorKind> {
        let opened = self.line;
        self.advance(1);
        let rest = self.rest();
        let plain = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | b'\n'))
            .unwrap_or(rest.len());
        if rest.get(plain) == Some(&b'"') {
            self.advance(plain + 1);
            self.expect_boundary()?;
            return Ok(decode(rest.get(..plain).unwrap_or_default()));
        }
        let mut value = Vec::new();
        loop {
            match self.peek() {
                None => return Err(ExportErrorKind::UnclosedQuote { opened }),
                Some(b'"') => break,
                Some(b'\n') => self.take_raw_newline(opened, &mut value)?,
                Some(byte) => self.take_character(byte, &mut value)?,
            }
        }
        self.advance(1);
        self.expect_boundary()?;
        Ok(Cow::Owned(decode_owned(value)))
    }

    /// The router writes line ends as escapes; files edited by hand hold them raw. A next line
    /// that looks like a command means that the closing quote is missing.
    fn take_raw_newline(
        &mut self,
        opened: usize,
        value: &mut Vec<u8>,
    ) -> Result<(), ExportErrorKind> {
        self.take_newline();
        if looks_like_command(self.rest()) {
            return Err(ExportErrorKind::UnclosedQuote { opened });
        }
        value.push(b'\n');
        Ok(())
    }

    fn take_character(&mut self, byte: u8, value: &mut Vec<u8>) -> Result<(), ExportErrorKind> {
        if byte != b'\\' {
            value.push(byte);
            self.advance(1);
            return Ok(());
        }
        if self.take_continuation() {
            return Ok(());
        }
        self.advance(1);
        let (byte, length) = unescape(self.rest()).ok_or_else(|| ExportErrorKind::BadEscape {
            escape: excerpt(self.rest().get(..1).unwrap_or_default()),
        })?;
        value.push(byte);
        self.advance(length);
        Ok(())
    }

    fn expect_boundary(&self) -> Result<(), ExportErrorKind> {
        let next = self.peek();
        if next.is_none_or(|byte| is_blank(byte) || matches!(byte, b'\n' | b';' | b'\\' | b']')) {
            return Ok(());
        }
        Err(ExportErrorKind::TextAfterQuote)
    }

    /// A bracketed expression with its brackets, unread: `[ find default=yes ]`.
    pub(super) fn take_balanced(&mut self) -> Result<&'a [u8], ExportErrorKind> {
        let start = self.position;
        let opened = self.line;
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => drop(self.take_quoted_inside(opened)?),
                b'\n' => break,
                b'\\' if self.take_continuation() => {}
                _ => {
                    self.advance(1);
                    depth = match byte {
                        b'[' | b'(' | b'{' => depth + 1,
                        b']' | b')' | b'}' => depth.saturating_sub(1),
                        _ => depth,
                    };
                }
            }
            if depth == 0 {
                return Ok(self.text.get(start..self.position).unwrap_or_default());
            }
        }
        Err(ExportErrorKind::UnclosedBracket { opened })
    }

    /// Inside brackets a quote may be followed by anything, as in `("a" . "b")`.
    fn take_quoted_inside(&mut self, opened: usize) -> Result<Cow<'a, str>, ExportErrorKind> {
        match self.take_quoted() {
            Err(ExportErrorKind::TextAfterQuote) => Ok(Cow::Borrowed("")),
            Err(ExportErrorKind::UnclosedQuote { .. }) => {
                Err(ExportErrorKind::UnclosedBracket { opened })
            }
            other => other,
        }
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

/// Values are bytes on the router; what is not UTF-8 becomes U+FFFD.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn decode_owned(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// A short, printable piece of the input for an error.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    decode(bytes)
        .chars()
        .filter(|letter| !letter.is_control())
        .take(EXCERPT)
        .collect()
}

fn looks_like_command(rest: &[u8]) -> bool {
    rest.starts_with(b"/")
        || rest.starts_with(b"#")
        || rest.starts_with(b"add ")
        || rest.starts_with(b"set ")
}

/// The byte that an escape stands for and the length of the escape after its backslash.
/// Hexadecimal digits are upper case: `\b` is a backspace, `\BF` a byte.
fn unescape(rest: &[u8]) -> Option<(u8, usize)> {
    let first = *rest.first()?;
    let single = match first {
        b'"' | b'\\' | b'$' | b'?' | b'\'' => Some(first),
        b'_' | b' ' => Some(b' '),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'a' => Some(0x07),
        b'b' => Some(0x08),
        b'f' => Some(0x0C),
        b'v' => Some(0x0B),
        _ => None,
    };
    if let Some(byte) = single {
        return Some((byte, 1));
    }
    let high = hexadecimal(first)?;
    let low = hexadecimal(rest.get(1)?.to_ascii_uppercase())?;
    Some((high << 4 | low, 2))
}

fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
