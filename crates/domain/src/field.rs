//! What is wrong with the fields of an input, for people and for programs.

use std::net::Ipv4Addr;

use crate::text::{self, InvalidText};

/// One field that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Its name in the API.
    pub field: &'static str,
    /// The machine-readable reason.
    pub code: &'static str,
    /// What to do about it.
    pub detail: String,
}

impl FieldProblem {
    /// A refused field.
    #[must_use]
    pub fn new(field: &'static str, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            field,
            code,
            detail: detail.into(),
        }
    }
}

/// Collects the problems of many fields, so that a person sees all of them at once.
#[derive(Debug, Default)]
pub struct Fields {
    problems: Vec<FieldProblem>,
}

impl Fields {
    /// Notes a problem.
    pub fn refuse(&mut self, field: &'static str, code: &'static str, detail: impl Into<String>) {
        self.problems.push(FieldProblem::new(field, code, detail));
    }

    /// A line of text that must be there.
    pub fn line(&mut self, field: &'static str, raw: &str, max: usize) -> String {
        match text::line(raw, max) {
            Ok(text) => text,
            Err(problem) => {
                self.refuse(field, text_code(problem), problem.to_string());
                String::new()
            }
        }
    }

    /// A line of text that may be missing; blank counts as missing.
    pub fn optional_line(
        &mut self,
        field: &'static str,
        raw: Option<&str>,
        max: usize,
    ) -> Option<String> {
        let raw = raw.filter(|raw| !raw.trim().is_empty())?;
        Some(self.line(field, raw, max))
    }

    /// Text of many lines that may be missing; blank counts as missing.
    pub fn optional_paragraph(
        &mut self,
        field: &'static str,
        raw: Option<&str>,
        max: usize,
    ) -> Option<String> {
        match text::paragraph(raw?, max) {
            Ok(text) if text.is_empty() => None,
            Ok(text) => Some(text),
            Err(problem) => {
                self.refuse(field, text_code(problem), problem.to_string());
                None
            }
        }
    }

    /// An e-mail address that may be missing.
    pub fn optional_email(&mut self, field: &'static str, raw: Option<&str>) -> Option<String> {
        let email = self.optional_line(field, raw, 254)?;
        if looks_like_email(&email) {
            return Some(email);
        }
        self.refuse(
            field,
            "invalid_email",
            "must be an e-mail address such as name@example.com",
        );
        None
    }

    /// The IPv4 address of one host, which may be missing.
    pub fn optional_ipv4(&mut self, field: &'static str, raw: Option<&str>) -> Option<Ipv4Addr> {
        let raw = raw.map(str::trim).filter(|raw| !raw.is_empty())?;
        let address = raw.parse::<Ipv4Addr>().ok().filter(|&at| is_of_a_host(at));
        if address.is_none() {
            self.refuse(
                field,
                "invalid_ipv4",
                "must be the IPv4 address of a host, such as 203.0.113.7",
            );
        }
        address
    }

    /// The value, when every field was good.
    pub fn finish<T>(self, value: T) -> Result<T, Vec<FieldProblem>> {
        if self.problems.is_empty() {
            Ok(value)
        } else {
            Err(self.problems)
        }
    }
}

/// Whether one host can have the address. In RADIUS (RFC 2865, 5.8) the last two of all have meanings
/// of their own: the customer chooses, and the router chooses.
fn is_of_a_host(address: Ipv4Addr) -> bool {
    // 240.0.0.0/4 is reserved and holds the broadcast address.
    let is_reserved = address.octets()[0] >= 240;
    let is_nowhere = address.octets()[0] == 0;
    !(is_nowhere || is_reserved || address.is_loopback() || address.is_multicast())
}

/// The machine-readable reason of a refused text.
#[must_use]
pub const fn text_code(problem: InvalidText) -> &'static str {
    match problem {
        InvalidText::Empty => "required",
        InvalidText::TooLong { .. } => "too_long",
        InvalidText::Control | InvalidText::Invisible => "invalid_characters",
    }
}

fn looks_like_email(email: &str) -> bool {
    let Some((local, host)) = email.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && !host.is_empty()
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !email.chars().any(char::is_whitespace)
        && local.matches('@').count() == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_told_at_once() {
        let mut fields = Fields::default();
        fields.line("name", "  ", 10);
        fields.optional_email("email", Some("nobody"));
        fields.optional_ipv4("static_ipv4", Some("300.1.1.1"));
        for nobody in [
            "0.0.0.0",
            "127.0.0.1",
            "224.0.0.1",
            "255.255.255.254",
            "255.255.255.255",
        ] {
            let mut fields = Fields::default();
            assert_eq!(
                fields.optional_ipv4("static_ipv4", Some(nobody)),
                None,
                "{nobody}"
            );
            assert!(fields.finish(()).is_err(), "{nobody}");
        }
        let codes: Vec<_> = fields
            .finish(())
            .unwrap_err()
            .into_iter()
            .map(|problem| (problem.field, problem.code))
            .collect();
        let expected = [
            ("name", "required"),
            ("email", "invalid_email"),
            ("static_ipv4", "invalid_ipv4"),
        ];
        assert_eq!(codes, expected);
    }

    #[test]
    fn blank_is_missing() {
        let mut fields = Fields::default();
        assert_eq!(fields.optional_line("address", Some("  "), 10), None);
        assert_eq!(fields.optional_email("email", Some("")), None);
        assert_eq!(
            fields.optional_email("email", Some(" a@b.example ")),
            Some("a@b.example".to_owned())
        );
        assert!(fields.finish(()).is_ok());
    }
}
