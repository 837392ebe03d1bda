//! Mobile numbers, stored as E.164 and read in the ISP's country.

use std::fmt;

use crate::text;

/// A valid number in E.164 form (`+8801712345678`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPhone {
    /// No valid number in that country.
    #[error("not a valid mobile number for this country")]
    NotInCountry,
    /// Something that stands in no number. A letter is not read as the digit beside it on a key: the
    /// number would be somebody else's.
    #[error("a mobile number does not hold `{0}`")]
    Sign(char),
}

impl PhoneNumber {
    /// Reads a local or international form, in the digits of any script; `country` is an ISO 3166
    /// code such as `BD`.
    pub fn parse(raw: &str, country: &str) -> Result<Self, InvalidPhone> {
        let invalid = InvalidPhone::NotInCountry;
        let region = country.parse().map_err(|_| invalid)?;
        let typed: String = raw
            .chars()
            .filter(|&c| !text::is_invisible(c))
            .map(text::ascii_digit)
            .collect();
        if let Some(sign) = typed.chars().find(|&c| !stands_in_numbers(c)) {
            return Err(InvalidPhone::Sign(sign));
        }
        let number = phonenumber::parse(Some(region), typed).map_err(|_| invalid)?;
        if !number.is_valid() {
            return Err(invalid);
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

/// Digits, and what people put between them.
fn stands_in_numbers(c: char) -> bool {
    c.is_ascii_digit()
        || c.is_whitespace()
        || matches!(
            c,
            '+' | '＋' | '-' | '‐'..='―' | '.' | '(' | ')' | '/' | '\'' | '’'
        )
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
        for none in [("12345", "BD"), ("01712345678", "Atlantis"), ("", "BD")] {
            let parsed = PhoneNumber::parse(none.0, none.1);
            assert_eq!(parsed, Err(InvalidPhone::NotInCountry), "{none:?}");
        }
    }

    #[test]
    fn digits_of_any_script_are_a_number() {
        for (raw, meant) in [
            ("০১৯১১২২৩৩৪৫", "+8801911223345"),
            ("+৮৮০ ১৯১১-২২৩৩৪৬", "+8801911223346"),
            ("۰۱۹۱۱۲۲۳۳۴۹", "+8801911223349"),
            ("01711234577\u{200b}", "+8801711234577"),
            ("01711–234577", "+8801711234577"),
        ] {
            let parsed = PhoneNumber::parse(raw, "BD").map(|number| number.to_string());
            assert_eq!(parsed, Ok(meant.to_owned()), "{raw}");
        }
    }

    #[test]
    fn a_letter_is_never_taken_for_a_digit() {
        for (raw, sign) in [
            ("01711 22 33 4l", 'l'),
            ("01711CALL12", 'C'),
            ("01711234582 (father)", 'f'),
            ("8.8017E+12", 'E'),
            ("=01711234578", '='),
        ] {
            let parsed = PhoneNumber::parse(raw, "BD");
            assert_eq!(parsed, Err(InvalidPhone::Sign(sign)), "{raw}");
        }
    }
}
