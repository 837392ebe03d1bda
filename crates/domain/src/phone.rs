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

    /// The digits behind the country's calling code, as a local caller would type them.
    #[must_use]
    pub fn national_digits(&self) -> &str {
        let digits = self.0.trim_start_matches('+');
        digits.get(calling_code_length(digits)..).unwrap_or(digits)
    }

    /// All digits, calling code first.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// The E.164 text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How long a calling code is (ITU-T E.164): it follows from the first two digits.
fn calling_code_length(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
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
    fn national_digits_leave_the_calling_code_out() {
        for (e164, national) in [
            ("+8801712345678", "1712345678"),
            ("+14155550100", "4155550100"),
            ("+919812345678", "9812345678"),
            ("+97455123456", "55123456"),
        ] {
            let number = PhoneNumber::from_stored(e164.to_owned());
            assert_eq!(number.national_digits(), national);
        }
    }

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
