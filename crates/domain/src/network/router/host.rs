//! Where a router is found: an address or a name.

use std::net::IpAddr;

use crate::text::is_domain_label;

/// The longest name, as in DNS.
const MAX_HOST: usize = 253;

/// The text is neither an address of a host nor a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be the address of a host, such as 203.0.113.7, or its name, such as core.example.net"
)]
pub struct InvalidHost;

/// Reads an address or a name into its one normal form.
///
/// # Errors
/// It is neither, or an address that no single host has.
pub fn parse_host(text: &str) -> Result<String, InvalidHost> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return if is_of_one_host(address) {
            Ok(address.to_string())
        } else {
            Err(InvalidHost)
        };
    }
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    // Resolvers take 127.1, 2130706433 and 0x7f000001 for addresses; no name ends so.
    let last_is_number = name.rsplit('.').next().is_some_and(is_number);
    if name.len() <= MAX_HOST && !last_is_number && name.split('.').all(is_label) {
        Ok(name)
    } else {
        Err(InvalidHost)
    }
}

fn is_of_one_host(address: IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    !address.is_unspecified() && !address.is_multicast() && !is_broadcast
}

fn is_number(label: &str) -> bool {
    match label.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// People call routers by an underscore, too, which counts as a letter.
fn is_label(label: &str) -> bool {
    is_domain_label(&label.replace('_', "x"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_have_one_form() {
        for (text, host) in [
            (" 203.0.113.7 ", "203.0.113.7"),
            ("2001:DB8::0:1", "2001:db8::1"),
            ("[::1]", "::1"),
            ("Core-1.Example.NET.", "core-1.example.net"),
            ("router", "router"),
        ] {
            assert_eq!(parse_host(text).as_deref(), Ok(host), "{text}");
        }
        for text in [
            "",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "300.1.1.1",
            "1.2.3",
            "127.1",
            "2130706433",
            "0177.0.0.1",
            "0x7f000001",
            "0X7F.0x1",
            "a b",
            "a/b",
            "http://a",
            "a:8728",
            "-a.example",
            "a..example",
            &"a".repeat(64),
            &"a.".repeat(130),
        ] {
            assert_eq!(parse_host(text), Err(InvalidHost), "{text}");
        }
    }
}
