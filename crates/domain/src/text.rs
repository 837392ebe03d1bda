//! Text as people and the two databases can both keep it.

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Longer than the field holds.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The most characters the field holds.
        max: usize,
    },
    /// Holds NUL or another control character.
    #[error("must not hold control characters")]
    Control,
}

/// One line of text: trimmed, not empty, without control characters, at most `max` characters.
pub fn line(raw: &str, max: usize) -> Result<String, InvalidText> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(InvalidText::Empty);
    }
    bounded(text, max, |c| c.is_control())
}

/// Whether it is one part of a domain name: letters, digits and hyphens inside.
#[must_use]
pub fn is_domain_label(label: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(fits)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Text of many lines: trimmed, may be empty, at most `max` characters.
pub fn paragraph(raw: &str, max: usize) -> Result<String, InvalidText> {
    bounded(raw.trim(), max, |c| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t')
    })
}

fn bounded(text: &str, max: usize, refused: impl Fn(char) -> bool) -> Result<String, InvalidText> {
    if text.chars().any(refused) {
        return Err(InvalidText::Control);
    }
    if text.chars().nth(max).is_some() {
        return Err(InvalidText::TooLong { max });
    }
    Ok(text.to_owned())
}

/// The form under which two texts are the same to somebody who searches.
#[must_use]
pub fn folded(text: &str) -> String {
    text.to_lowercase()
}
