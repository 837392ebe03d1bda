//! Writes commands the way `/export` does: for sample files and for tests of the reader.

use std::fmt::Write as _;

/// Column after which RouterOS continues on the next line.
const WIDTH: usize = 76;

const CONTINUATION: &str = "\\\n    ";

/// Text of an export under construction.
#[derive(Debug, Default)]
pub struct ExportWriter {
    text: String,
    menu: String,
    column: usize,
}

impl ExportWriter {
    /// Starts an empty export.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a comment line.
    pub fn comment(&mut self, comment: &str) {
        for line in comment.lines() {
            self.text.push_str("# ");
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// Adds a command, and the line of its menu when that changes.
    pub fn command<'v>(
        &mut self,
        menu: &str,
        verb: &str,
        arguments: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) {
        if self.menu != menu {
            menu.clone_into(&mut self.menu);
            self.text.push_str(menu);
            self.text.push('\n');
        }
        self.text.push_str(verb);
        self.column = verb.len();
        for (name, value) in arguments {
            self.argument(name, value);
        }
        self.text.push('\n');
    }

    /// The export as text.
    pub fn into_text(self) -> String {
        self.text
    }

    fn argument(&mut self, name: &str, value: &str) {
        self.text.push(' ');
        if self.column + name.len() + 2 > WIDTH {
            self.text.push_str(CONTINUATION);
            self.column = 4;
        }
        self.text.push_str(name);
        self.text.push('=');
        self.column += name.len() + 2;
        if is_bare(value) {
            if self.column + value.len() > WIDTH {
                self.text.push_str(CONTINUATION);
                self.column = 4;
            }
            self.text.push_str(value);
            self.column += value.len();
            return;
        }
        self.quoted(value);
    }

    fn quoted(&mut self, value: &str) {
        self.text.push('"');
        let mut after_break = false;
        for byte in value.bytes() {
            if self.column > WIDTH {
                self.text.push_str(CONTINUATION);
                self.column = 4;
                after_break = true;
            }
            let before = self.text.len();
            self.escaped(byte, after_break);
            self.column += self.text.len() - before;
            after_break = false;
        }
        self.text.push('"');
        self.column += 2;
    }

    /// A blank right after a break would be taken for indentation, so it is written `\_`.
    fn escaped(&mut self, byte: u8, after_break: bool) {
        match byte {
            b'"' | b'\\' | b'$' | b'?' => {
                self.text.push('\\');
                self.text.push(char::from(byte));
            }
            b'\n' => self.text.push_str("\\n"),
            b'\r' => self.text.push_str("\\r"),
            b'\t' => self.text.push_str("\\t"),
            b' ' if after_break => self.text.push_str("\\_"),
            b' '..=b'~' => self.text.push(char::from(byte)),
            _ => write!(self.text, "\\{byte:02X}").expect("writing to a String cannot fail"),
        }
    }
}

fn is_bare(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/,@+*".contains(&byte);
    !value.is_empty() && value.bytes().all(plain)
}
