//! Which addresses connections go to that an ISP asks for: routers, their control ports, home servers.
//!
//! What an ISP enters is not trusted: the machine itself, its neighbours on the link and the metadata
//! of its cloud are nobody's router. The installation's configuration opens networks of these and
//! closes others.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use ipnet::IpNet;

/// Nobody's router, unless somebody opened it.
const RESERVED: [&str; 12] = [
    // "This host", loopback, link-local with the metadata of most clouds.
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    // Multicast, reserved, broadcast.
    "224.0.0.0/4",
    "240.0.0.0/4",
    // Metadata of clouds that stand elsewhere.
    "100.100.100.200/32",
    "168.63.129.16/32",
    "192.0.0.192/32",
    "fd00:ec2::254/128",
    // Unspecified and loopback, link-local, multicast.
    "::/96",
    "fe80::/10",
    "ff00::/8",
];

/// IPv6 that wraps IPv4: each address is looked at for itself, so a network of them is nobody's.
const WRAPPING: [&str; 3] = ["::ffff:0:0/96", "64:ff9b::/96", "2002::/16"];

static CLOSED: LazyLock<Vec<IpNet>> = LazyLock::new(|| networks(&RESERVED));
static WRAPPED: LazyLock<Vec<IpNet>> = LazyLock::new(|| networks(&WRAPPING));

fn networks(texts: &[&str]) -> Vec<IpNet> {
    let parsed = texts.iter().map(|text| text.parse());
    parsed
        .collect::<Result<_, _>>()
        .expect("invariant: networks")
}

/// The rule; the usual one opens nothing.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    opened: Arc<[IpNet]>,
    closed: Arc<[IpNet]>,
}

/// A list is not one of addresses and networks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an address nor a network: write 127.0.0.0/8, 10.0.0.5")]
pub struct InvalidList(String);

impl Outgoing {
    /// A rule that opens networks that are closed usually, and closes others; what is both is closed.
    #[must_use]
    pub fn new(opened: Vec<IpNet>, closed: Vec<IpNet>) -> Self {
        Self {
            opened: opened.into(),
            closed: closed.into(),
        }
    }

    /// Whether a connection may go there.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = meant(address);
        let within = |networks: &[IpNet]| networks.iter().any(|known| known.contains(&address));
        !within(&self.closed) && (within(&self.opened) || !within(&CLOSED))
    }

    /// Whether connections may go to each address of a network.
    #[must_use]
    pub fn allows_all_of(&self, network: IpNet) -> bool {
        if network.prefix_len() == network.max_prefix_len() {
            return self.allows(network.addr());
        }
        let opens = |part: IpNet| self.opened.iter().any(|opened| opened.contains(&part));
        let is_apart = |closed: &IpNet| common(*closed, network).is_none();
        self.closed.iter().all(is_apart)
            && CLOSED
                .iter()
                .chain(WRAPPED.iter())
                .all(|closed| common(*closed, network).is_none_or(opens))
    }

    /// Whether a host, as somebody enters it, may be one; a name is looked up when it is called.
    #[must_use]
    pub fn may_enter(&self, host: &str) -> bool {
        let is_local = host == "localhost" || host.ends_with(".localhost");
        let local = is_local.then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let named = host.parse().ok().or(local);
        named.is_none_or(|address| self.allows(address))
    }
}

/// Reads addresses and networks that commas separate.
///
/// # Errors
/// One of them is neither.
pub fn parse_list(list: &str) -> Result<Vec<IpNet>, InvalidList> {
    let entries = list.split(',').map(str::trim);
    entries
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let address = || entry.parse::<IpAddr>().map(IpNet::from);
            let network = entry.parse::<IpNet>().or_else(|_| address());
            network
                .map(|network| network.trunc())
                .map_err(|_| InvalidList(entry.to_owned()))
        })
        .collect()
}

/// What two networks have in common: the inner one, when one is in the other.
fn common(one: IpNet, other: IpNet) -> Option<IpNet> {
    if one.contains(&other) {
        return Some(other);
    }
    other.contains(&one).then_some(one)
}

/// Where a packet arrives in the end: IPv6 has forms that wrap an address of IPv4.
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(wrapped) = address.to_canonical() else {
        return address.to_canonical();
    };
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match wrapped.segments() {
        // The prefix of translators (RFC 6052), and 6to4 (RFC 3056).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        _ => IpAddr::V6(wrapped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(opened: &str, closed: &str) -> Outgoing {
        let list = |text| parse_list(text).expect("a list");
        Outgoing::new(list(opened), list(closed))
    }

    fn allows(rule: &Outgoing, address: &str) -> bool {
        rule.allows(address.parse().expect("an address"))
    }

    #[test]
    fn nobodys_router_is_closed_in_every_spelling() {
        let usual = Outgoing::default();
        for address in [
            "0.0.0.0",
            "127.0.0.1",
            "127.255.0.9",
            "169.254.169.254",
            "100.100.100.200",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
        ] {
            assert!(!allows(&usual, address), "{address}");
        }
        for address in [
            "10.0.0.1",
            "100.64.0.1",
            "203.0.113.7",
            "2001:db8::1",
            "64:ff9b::a00:1",
        ] {
            assert!(allows(&usual, address), "{address}");
        }
    }

    #[test]
    fn the_configuration_opens_and_closes() {
        let rule = rule("127.0.0.0/8, ::1", "10.0.0.0/24,127.0.0.53");
        for (address, is_open) in [
            ("127.0.0.2", true),
            ("127.0.0.53", false),
            ("::1", true),
            ("169.254.169.254", false),
            ("10.0.0.5", false),
            ("10.0.1.5", true),
        ] {
            assert_eq!(allows(&rule, address), is_open, "{address}");
        }
        assert_eq!(
            parse_list("10.0.0.0/8,nonsense"),
            Err(InvalidList("nonsense".into()))
        );
    }

    #[test]
    fn a_network_is_open_when_all_of_it_is() {
        let (usual, opened) = (Outgoing::default(), rule("127.0.0.0/8", "10.7.0.0/16"));
        for (network, is_usual, is_opened) in [
            ("127.0.0.0/24", false, true),
            ("126.0.0.0/7", false, true),
            ("168.63.0.0/16", false, false),
            ("10.0.0.0/24", true, true),
            ("10.0.0.0/12", true, false),
            ("10.7.7.0/24", true, false),
            ("64:ff9b::7f00:0/104", false, false),
            ("::ffff:127.0.0.1/128", false, true),
        ] {
            let network = network.parse().expect("a network");
            assert_eq!(usual.allows_all_of(network), is_usual, "{network}");
            assert_eq!(opened.allows_all_of(network), is_opened, "{network}");
        }
    }

    #[test]
    fn names_of_this_machine_cannot_be_entered() {
        let usual = Outgoing::default();
        for host in ["localhost", "db.localhost", "127.0.0.1", "::1"] {
            assert!(!usual.may_enter(host), "{host}");
            assert!(rule("127.0.0.0/8,::1", "").may_enter(host), "{host}");
        }
        assert!(
            usual.may_enter("core.example.net"),
            "looked at when it is called"
        );
    }
}
