//! Attributes of a packet and how their values are read.

use std::borrow::Cow;
use std::net::Ipv4Addr;

/// One attribute, or one vendor's sub-attribute; borrows the packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Type byte.
    pub kind: u8,
    /// Value bytes.
    pub value: &'a [u8],
}

impl<'a> Attribute<'a> {
    /// The value as a 32-bit number, when it has four bytes.
    #[must_use]
    pub fn as_u32(&self) -> Option<u32> {
        <[u8; 4]>::try_from(self.value).ok().map(u32::from_be_bytes)
    }

    /// The value as an IPv4 address, when it has four bytes.
    #[must_use]
    pub fn as_ipv4(&self) -> Option<Ipv4Addr> {
        <[u8; 4]>::try_from(self.value).ok().map(Ipv4Addr::from)
    }

    /// The value as text that is safe to store and log: invalid UTF-8 and control characters
    /// (also NUL, which databases refuse) become U+FFFD; trailing NULs go.
    #[must_use]
    pub fn as_text(&self) -> Cow<'a, str> {
        let mut value = self.value;
        while let Some((0, rest)) = value.split_last() {
            value = rest;
        }
        let text = String::from_utf8_lossy(value);
        if text.chars().any(char::is_control) {
            return Cow::Owned(text.replace(char::is_control, "\u{fffd}"));
        }
        text
    }
}

/// Walks attributes; stops early at the first that does not fit.
#[derive(Debug, Clone)]
pub struct Attributes<'a> {
    rest: &'a [u8],
}

impl<'a> Attributes<'a> {
    pub(crate) const fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    /// Whether every byte was consumed by whole attributes.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let ([kind, length], _) = self.rest.split_first_chunk::<2>()?;
        let length = usize::from(*length);
        let value = self.rest.get(2..length)?;
        self.rest = self.rest.get(length..)?;
        Some(Attribute { kind: *kind, value })
    }
}

/// The content of one Vendor-Specific attribute in the recommended format.
#[derive(Debug, Clone)]
pub struct VendorAttributes<'a> {
    /// Enterprise number of the vendor.
    pub vendor: u32,
    /// The vendor's attributes, as far as they are well formed.
    pub attributes: Attributes<'a>,
}

impl<'a> VendorAttributes<'a> {
    /// Reads a Vendor-Specific attribute; `None` when there is no room for a vendor number.
    #[must_use]
    pub fn read(attribute: Attribute<'a>) -> Option<Self> {
        let (vendor, rest) = attribute.value.split_first_chunk::<4>()?;
        Some(Self {
            vendor: u32::from_be_bytes(*vendor),
            attributes: Attributes::new(rest),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_made_safe() {
        let table: [(&[u8], &str); 5] = [
            (b"alice", "alice"),
            (b"alice\0\0", "alice"),
            (b"a\0b\nc", "a\u{fffd}b\u{fffd}c"),
            (b"\xff", "\u{fffd}"),
            (b"", ""),
        ];
        for (value, text) in table {
            assert_eq!(Attribute { kind: 1, value }.as_text(), text);
        }
    }

    #[test]
    fn numbers_need_four_bytes() {
        assert_eq!(
            Attribute {
                kind: 27,
                value: &[0, 0, 1, 44]
            }
            .as_u32(),
            Some(300)
        );
        assert_eq!(
            Attribute {
                kind: 27,
                value: &[1, 44]
            }
            .as_u32(),
            None
        );
    }
}
