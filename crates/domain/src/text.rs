//! Text as people and the two databases can both keep it.

/// Where the ten decimal digits of a script begin.
const ZEROS: [u32; 19] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0xff10,
];

/// The digit of any script as an ASCII digit; every other character as it is.
#[must_use]
pub fn ascii_digit(c: char) -> char {
    let point = u32::from(c);
    let value = ZEROS
        .iter()
        .find_map(|&zero| point.checked_sub(zero).filter(|value| *value < 10));
    value
        .and_then(|value| char::from_digit(value, 10))
        .unwrap_or(c)
}

/// Whether a character is not seen and only changes how others are shown: zero width, direction, tag
/// (Unicode category Cf).
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x8e2 | 0x180e | 0x200b..=0x200f
        | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb | 0x110bd | 0x110cd
        | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0001 | 0xe0020..=0xe007f)
}

/// Whether a character turns the text behind it round, so that it reads as another.
#[must_use]
const fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

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
    /// Holds something that nobody sees or types.
    #[error("must not hold invisible characters: type it anew instead of pasting it")]
    Invisible,
}

/// One line of text: trimmed, not empty, without control characters, at most `max` characters.
pub fn line(raw: &str, max: usize) -> Result<String, InvalidText> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(InvalidText::Empty);
    }
    bounded(text, max, |c| c.is_control() || turns_text(c))
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
        turns_text(c) || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_are_digits() {
        for digits in [
            "0123456789",
            "০১২৩৪৫৬৭৮৯",
            "٠١٢٣٤٥٦٧٨٩",
            "۰۱۲۳۴۵۶۷۸۹",
            "०१२३४५६७८९",
        ] {
            let ascii: String = digits.chars().map(ascii_digit).collect();
            assert_eq!(ascii, "0123456789", "{digits}");
        }
        assert_eq!(
            "a-+ x½".chars().map(ascii_digit).collect::<String>(),
            "a-+ x½"
        );
    }

    #[test]
    fn text_that_turns_round_is_refused_and_joiners_of_letters_are_not() {
        assert_eq!(line("\u{202e}evil", 20), Err(InvalidText::Control));
        assert_eq!(paragraph("a\n\u{2066}b", 20), Err(InvalidText::Control));
        assert!(line("র\u{200d}্যাপিড", 20).is_ok());
    }
}
