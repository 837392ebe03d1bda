//! The caller's name for one attempt to move money, so that trying again does not move it twice.

/// A key that the caller chose: 8 to 64 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 8 to 64 visible ASCII characters, for example a UUID")]
pub struct InvalidIdempotencyKey;

impl IdempotencyKey {
    /// Reads a key.
    pub fn parse(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        let fits = (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
            .ok_or(InvalidIdempotencyKey)
    }

    /// The text of the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_visible() {
        assert!(IdempotencyKey::parse("12345678").is_ok());
        assert!(IdempotencyKey::parse(&"x".repeat(64)).is_ok());
        for bad in ["1234567", "1234 5678", "1234567\u{e9}", "1234567\0"] {
            assert_eq!(IdempotencyKey::parse(bad), Err(InvalidIdempotencyKey));
        }
        assert!(IdempotencyKey::parse(&"x".repeat(65)).is_err());
    }
}
