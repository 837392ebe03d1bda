//! What a provider is called by others whose home servers it asks (RFC 5580 §4.1).

use std::sync::Arc;

use crate::text::is_domain_label;

/// The longest domain name that fits the attribute behind its namespace.
pub const MAX_OPERATOR_NAME: usize = 252;

/// The namespace REALM: what follows is a domain name.
const REALM: u8 = b'1';

/// The domain name of a provider, in small letters and without a dot at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorName(Arc<str>);

/// The text is no domain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a domain name of your own, such as isp.example")]
pub struct InvalidOperatorName;

impl OperatorName {
    /// Reads a domain name of at least two labels.
    ///
    /// # Errors
    /// The text is none.
    pub fn parse(text: &str) -> Result<Self, InvalidOperatorName> {
        let name = text.trim().to_ascii_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name);
        let fits = name.len() <= MAX_OPERATOR_NAME
            && name.contains('.')
            && name.split('.').all(is_domain_label);
        fits.then(|| Self(name.into())).ok_or(InvalidOperatorName)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of the attribute Operator-Name.
    #[must_use]
    pub fn to_attribute(&self) -> Vec<u8> {
        let mut value = vec![REALM];
        value.extend_from_slice(self.0.as_bytes());
        value
    }

    /// Whether the value of an attribute Operator-Name says this name, in letters of any size.
    #[must_use]
    pub fn is_in(&self, attribute: &[u8]) -> bool {
        let Some((&REALM, name)) = attribute.split_first() else {
            return false;
        };
        let name = name.strip_suffix(b".").unwrap_or(name);
        name.eq_ignore_ascii_case(self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_domain_names() {
        for (text, name) in [
            ("isp.example", "isp.example"),
            (" ISP-1.Example.NET. ", "isp-1.example.net"),
            ("xn--dkf4c.example", "xn--dkf4c.example"),
        ] {
            assert_eq!(OperatorName::parse(text).expect(text).as_str(), name);
        }
        let (long, longest) = ("a".repeat(64), format!("{}example", "a.".repeat(130)));
        for wrong in [
            "",
            ".",
            "isp",
            "isp..example",
            ".isp.example",
            "-isp.example",
            "isp-.example",
            "i sp.example",
            "isp.example:1",
            "bob@isp.example",
            "isp_1.example",
            &format!("{long}.example"),
            &longest,
        ] {
            assert_eq!(
                OperatorName::parse(wrong),
                Err(InvalidOperatorName),
                "{wrong}"
            );
        }
    }

    #[test]
    fn the_attribute_names_its_namespace() {
        let name = OperatorName::parse("isp.example").expect("a name");
        assert_eq!(name.to_attribute(), b"1isp.example");
        for (value, is_ours) in [
            (b"1isp.example".as_slice(), true),
            (b"1ISP.Example.", true),
            (b"1other.example", false),
            (b"1sub.isp.example", false),
            (b"0isp.example", false),
            (b"isp.example", false),
            (b"1", false),
            (b"", false),
        ] {
            assert_eq!(name.is_in(value), is_ours, "{value:?}");
        }
    }
}
