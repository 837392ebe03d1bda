//! What an argument may be set to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crate::duration::parse_duration;

/// What an argument may be set to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueType {
    /// Its form.
    pub base: Base,
    /// Words that are allowed besides the form, or make it up.
    ///
    /// They are those of a router with 7.21; an older one may lack some.
    pub words: Vec<String>,
}

/// The form of a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Base {
    /// Not known, or a reference to something else on the router.
    #[default]
    Any,
    /// `yes` or `no`, read as `true` or `false`.
    Bool,
    /// One of the words.
    OneOf,
    /// Some of the words with commas between them, each perhaps denied by `!`.
    SetOf,
    /// Text of a length.
    Text {
        /// Fewest bytes.
        min: usize,
        /// Most bytes.
        max: usize,
    },
    /// A span of time.
    Span {
        /// Shortest.
        min: Duration,
        /// Longest.
        max: Duration,
    },
    /// Addresses, prefixes or ranges with commas between them, each perhaps denied by `!`.
    Address,
    /// A hardware address.
    Mac,
    /// Hexadecimal digits.
    Hex,
}

impl ValueType {
    /// Whether a router would take the value; what is not known is let through.
    pub fn accepts(&self, value: &str) -> bool {
        if self.words.iter().any(|word| word == value) {
            return true;
        }
        match self.base {
            Base::Any => true,
            Base::Bool => matches!(value, "yes" | "no" | "true" | "false"),
            Base::OneOf => false,
            Base::SetOf => self.accepts_set(value),
            Base::Text { min, max } => (min..=max).contains(&value.len()),
            Base::Span { min, max } => {
                parse_duration(value).is_some_and(|span| (min..=max).contains(&span))
            }
            Base::Address => value.is_empty() || value.split(',').all(is_address),
            Base::Mac => is_mac(value),
            Base::Hex => value.bytes().all(|byte| byte.is_ascii_hexdigit()),
        }
    }

    fn accepts_set(&self, value: &str) -> bool {
        let known = |part: &str| {
            let part = part.trim_start_matches('!');
            self.words.iter().any(|word| word == part)
        };
        value.is_empty() || value.split(',').all(known)
    }
}

/// An address, a prefix, or a range whose end may be short.
fn is_address(text: &str) -> bool {
    let text = text.trim_start_matches('!');
    if let Some((first, last)) = text.split_once('-') {
        return first.parse::<Ipv4Addr>().is_ok()
            && (last.parse::<Ipv4Addr>().is_ok() || last.parse::<u8>().is_ok())
            || first.parse::<Ipv6Addr>().is_ok() && last.parse::<Ipv6Addr>().is_ok();
    }
    let (address, prefix) = text.split_once('/').unwrap_or((text, "0"));
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => {
            prefix.parse::<u8>().is_ok_and(|bits| bits <= 32) || prefix.parse::<Ipv4Addr>().is_ok()
        }
        Ok(IpAddr::V6(_)) => prefix.parse::<u8>().is_ok_and(|bits| bits <= 128),
        Err(_) => false,
    }
}

fn is_mac(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let separators = text.bytes().filter(|byte| b":-.".contains(byte)).count();
    digits.len() == 12 && digits.len() + separators == text.len()
}
