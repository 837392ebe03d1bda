//! The text that RouterOS prints for `/export`, versions 6 and 7.
//!
//! Reading is tolerant: what cannot be read becomes an error with its line, and the next command
//! is read all the same. It is exact: escapes, continuation lines and quoting follow RouterOS.
//! Running scripts (`:if`, `:foreach`, variables) is deliberately not here.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod command;
mod cursor;
mod error;
mod print;
#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test may fail by panicking")]
mod tests;
mod writer;

use crate::ppp_profile::{PppProfile, Profiles};
use crate::ppp_secret::{PppSecret, Secrets};

pub(crate) use self::command::find_conditions;
pub use self::command::{Argument, Command};
use self::command::{Line, read_line};
use self::cursor::{Cursor, excerpt};
pub use self::error::{ExportError, ExportErrorKind};
pub use self::writer::ExportWriter;

/// Most errors that an [`Export`] keeps; the rest are only counted.
pub const MAX_ERRORS: usize = 1_000;

/// What an export says about PPP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// `/ppp profile`, in the order of the text.
    pub profiles: Vec<PppProfile>,
    /// `/ppp secret`, in the order of the text.
    pub secrets: Vec<PppSecret>,
    /// What was left out, at most [`MAX_ERRORS`].
    pub errors: Vec<ExportError>,
    /// How many more errors there were.
    pub more_errors: usize,
}

/// Reads the PPP part of an export.
pub fn parse(text: &[u8]) -> Export {
    let mut export = Export::default();
    let mut profiles = Profiles::default();
    let mut secrets = Secrets::default();
    for command in commands(text) {
        let applied = command.and_then(|command| match menu_of(&command) {
            Menu::Secret => secrets.apply(&command),
            Menu::Profile => profiles.apply(&command),
            Menu::Other => Ok(()),
        });
        match applied {
            Ok(()) => {}
            Err(error) if export.errors.len() < MAX_ERRORS => export.errors.push(error),
            Err(_) => export.more_errors += 1,
        }
    }
    export.profiles = profiles.into_profiles();
    export.secrets = secrets.into_secrets();
    export
}

enum Menu {
    Secret,
    Profile,
    Other,
}

/// Pasted `print` output may come without its menu: then the properties tell.
fn menu_of(command: &Command<'_>) -> Menu {
    match command.menu.as_ref() {
        "/ppp secret" => Menu::Secret,
        "/ppp profile" => Menu::Profile,
        "/" if command.get("password").is_some() || command.get("service").is_some() => {
            Menu::Secret
        }
        "/" if command.get("rate-limit").is_some() || command.get("only-one").is_some() => {
            Menu::Profile
        }
        _ => Menu::Other,
    }
}

/// Reads the commands of an export one by one.
pub fn commands(text: &[u8]) -> Commands<'_> {
    Commands {
        cursor: Cursor::new(text),
        menu: "/".to_owned(),
        print_menu: None,
    }
}

/// Iterator over the commands of an export.
pub struct Commands<'a> {
    cursor: Cursor<'a>,
    menu: String,
    print_menu: Option<String>,
}

impl<'a> Iterator for Commands<'a> {
    type Item = Result<Command<'a>, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.skip_between();
            if self.cursor.at_end() {
                return None;
            }
            let (line, start) = (self.cursor.line(), self.cursor.position());
            match self.read_one() {
                Ok(None) => {}
                Ok(Some(command)) => return Some(Ok(command)),
                Err(kind) => {
                    // A missing quote is noticed where the next command begins: that one is kept.
                    if self.cursor.position() == start || !self.cursor.at_line_start() {
                        self.cursor.skip_logical_line();
                    }
                    return Some(Err(ExportError { line, kind }));
                }
            }
        }
    }
}

impl<'a> Commands<'a> {
    fn read_one(&mut self) -> Result<Option<Command<'a>>, ExportErrorKind> {
        if print::at_record(&self.cursor) {
            let menu = self.print_menu.as_deref().unwrap_or(&self.menu);
            return print::read_record(&mut self.cursor, menu).map(Some);
        }
        match read_line(&mut self.cursor, &self.menu)? {
            Line::Menu(menu) => {
                self.menu = menu;
                self.print_menu = None;
                Ok(None)
            }
            Line::Command(command) if command.verb == "print" || command.verb == "export" => {
                self.print_menu = Some(command.menu.into_owned());
                Ok(None)
            }
            Line::Command(command) => Ok(Some(command)),
        }
    }

    /// Skips what separates commands: blanks, empty lines, `;`, comments, prompts and headings.
    fn skip_between(&mut self) {
        loop {
            self.cursor.skip_blanks();
            if self.cursor.take_newline() {
                continue;
            }
            match self.cursor.peek() {
                Some(b';') => self.cursor.advance(1),
                Some(b'#') => drop(self.cursor.take_line()),
                Some(b'[') if self.take_prompt() => {}
                Some(b'F') if self.cursor.starts_with(b"Flags:") => drop(self.cursor.take_line()),
                Some(b'C') if self.cursor.starts_with(b"Columns:") => drop(self.cursor.take_line()),
                _ => return,
            }
        }
    }

    /// `[admin@router] /ppp secret> print detail`: the prompt names the menu.
    fn take_prompt(&mut self) -> bool {
        let mut ahead = self.cursor.clone();
        let line = ahead.take_line();
        let Some(close) = line.iter().position(|byte| *byte == b']') else {
            return false;
        };
        let (user, rest) = (line.get(..close).unwrap_or_default(), line.get(close + 1..));
        let path = rest.unwrap_or_default().split(|byte| *byte == b'>').next();
        let path = path.unwrap_or_default();
        let end = close + 1 + path.len();
        if !user.contains(&b'@') || line.get(end) != Some(&b'>') {
            return false;
        }
        self.cursor.advance(end + 1);
        let path = excerpt(path);
        let words = path.split(['/', ' ']).filter(|word| !word.is_empty());
        let words: Vec<&str> = words.collect();
        self.menu = format!("/{}", words.join(" "));
        true
    }
}
