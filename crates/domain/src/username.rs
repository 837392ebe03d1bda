//! The name under which a subscriber logs in.

use std::fmt;

use crate::text::{self, InvalidText};

/// A login name as the router sends it; compared without regard to letter case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Reads a login name of at most 64 characters without white space.
    pub fn parse(raw: &str) -> Result<Self, InvalidText> {
        let name = text::line(raw, 64)?;
        if name.chars().any(char::is_whitespace) {
            return Err(InvalidText::Control);
        }
        // A name that looks like another and is none: a router would never send it.
        if name.chars().any(text::is_invisible) {
            return Err(InvalidText::Invisible);
        }
        Ok(Self(name))
    }

    /// The name as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name under which it is looked up and must be unique.
    #[must_use]
    pub fn folded(&self) -> String {
        text::folded(&self.0)
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_something_invisible_are_refused() {
        for pasted in [
            "rafi.home\u{200b}",
            "kamal\u{200d}",
            "\u{feff}enc12",
            "a\u{ad}b",
        ] {
            assert_eq!(
                Username::parse(pasted),
                Err(InvalidText::Invisible),
                "{pasted:?}"
            );
        }
        assert!(Username::parse("রফিক.home").is_ok());
    }
}
