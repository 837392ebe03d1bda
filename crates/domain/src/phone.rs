//! Mobile numbers, stored as E.164 and read in the ISP's country.

use std::fmt;

/// A valid number in E.164 form (`+8801712345678`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

/// A text that is no valid number in that country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid mobile number for this country")]
pub struct InvalidPhone;

impl PhoneNumber {
    /// Reads a local or international form; `country` is an ISO 3166 code such as `BD`.
    pub fn parse(raw: &str, country: &str) -> Result<Self, InvalidPhone> {
        let region = country.parse().map_err(|_| InvalidPhone)?;
        let number = phonenumber::parse(Some(region), raw).map_err(|_| InvalidPhone)?;
        if !number.is_valid() {
            return Err(InvalidPhone);
        }
        Ok(Self(
            number.format().mode(phonenumber::Mode::E164).to_string(),
        ))
    }

    /// Takes a number that this product stored.
    #[must_use]
    pub fn from_stored(e164: String) -> Self {
        Self(e164)
    }

    /// The E.164 text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_and_international_forms_are_one_number() {
        for raw in [
            "01712345678",
            "+880 1712-345678",
            "8801712345678",
            "1712345678",
        ] {
            assert_eq!(
                PhoneNumber::parse(raw, "BD").map(|n| n.to_string()),
                Ok("+8801712345678".to_owned())
            );
        }
        assert_eq!(PhoneNumber::parse("12345", "BD"), Err(InvalidPhone));
        assert_eq!(
            PhoneNumber::parse("01712345678", "Atlantis"),
            Err(InvalidPhone)
        );
    }
}
