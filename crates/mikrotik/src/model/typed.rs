//! The settings as types, so that what is wanted can only be what RouterOS takes.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::menu::Menu;
use super::settings::{InvalidValue, Settings};
use crate::api::Text;
use crate::duration::{format_duration, parse_duration};

/// An item of a menu as a type.
pub trait Model: Sized {
    /// The menu.
    const MENU: Menu;

    /// As RouterOS writes it.
    fn to_settings(&self) -> Result<Settings, InvalidValue>;

    /// From what RouterOS wrote.
    fn from_settings(settings: &Settings) -> Result<Self, InvalidValue>;
}

/// Addresses that are given to subscribers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// Its ranges: `10.0.0.2-10.0.0.254`, prefixes, or several with commas.
    pub ranges: String,
    /// The pool that follows when this one is used up.
    pub next_pool: Option<String>,
}

/// What PPP subscribers of one kind get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PppProfile {
    /// Its name.
    pub name: String,
    /// The router's end: an address or a pool.
    pub local_address: Option<String>,
    /// The subscriber's end: an address or a pool.
    pub remote_address: Option<String>,
    /// The rate, upload first.
    pub rate_limit: Option<String>,
    /// Whether a name may be online once only.
    pub only_one: OnlyOne,
    /// Resolvers, with commas.
    pub dns_server: Option<String>,
    /// The list that subscribers' addresses join.
    pub address_list: Option<String>,
    /// After which a session ends.
    pub session_timeout: Option<Duration>,
    /// After which a silent session ends.
    pub idle_timeout: Option<Duration>,
    /// The script that runs when a session begins.
    pub on_up: Option<String>,
}

/// Whether a name may be online once only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnlyOne {
    /// As the default profile says.
    #[default]
    Default,
    /// Any number of times.
    No,
    /// Once.
    Yes,
}

/// A RADIUS server that the router asks.
#[derive(Clone, PartialEq, Eq)]
pub struct RadiusClient {
    /// The server.
    pub address: IpAddr,
    /// The shared secret.
    pub secret: String,
    /// What it is asked about.
    pub services: Vec<RadiusService>,
    /// Port of authentication.
    pub authentication_port: u16,
    /// Port of accounting.
    pub accounting_port: u16,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// The address from which it is asked.
    pub src_address: Option<Ipv4Addr>,
    /// Whether answers must be signed (7.15 and later).
    pub require_message_auth: RequireMessageAuth,
}

/// What a RADIUS server is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RadiusService {
    /// PPP sessions.
    Ppp,
    /// Users of the router itself.
    Login,
    /// Hotspot users.
    Hotspot,
    /// Wireless clients.
    Wireless,
    /// DHCP leases.
    Dhcp,
    /// Peers of `IPsec`.
    Ipsec,
}

/// Whether answers of a RADIUS server must be signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RequireMessageAuth {
    /// They must.
    #[default]
    Yes,
    /// They need not.
    No,
}

/// Whether the router takes Disconnect and CoA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RadiusIncoming {
    /// Whether it takes them.
    pub accept: bool,
    /// On which port.
    pub port: u16,
}

/// How the router accounts for PPP sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PppAaa {
    /// Whether RADIUS is asked.
    pub use_radius: bool,
    /// Whether sessions are reported.
    pub accounting: bool,
    /// How often, while they last.
    pub interim_update: Duration,
    /// Whether IPv6 traffic is reported too (7.15 and later).
    pub ipv6_accounting: bool,
}

/// An address in a list of the firewall.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressListEntry {
    /// The list.
    pub list: String,
    /// Address, prefix, range or name.
    pub address: String,
    /// Whether it is out of use.
    pub disabled: bool,
}

/// A rule of address translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatRule {
    /// `srcnat`, `dstnat`, or a chain of the ISP's own.
    pub chain: String,
    /// What is done.
    pub action: NatAction,
    /// Which protocol it is about.
    pub protocol: Option<Protocol>,
    /// Addresses it is from.
    pub src_address: Option<String>,
    /// List of addresses it is from.
    pub src_address_list: Option<String>,
    /// Addresses it is to.
    pub dst_address: Option<String>,
    /// List of addresses it is to.
    pub dst_address_list: Option<String>,
    /// Ports it is to.
    pub dst_port: Option<String>,
    /// Interface by which it comes.
    pub in_interface: Option<String>,
    /// List of interfaces by which it comes.
    pub in_interface_list: Option<String>,
    /// Interface by which it leaves.
    pub out_interface: Option<String>,
    /// List of interfaces by which it leaves.
    pub out_interface_list: Option<String>,
    /// The new addresses.
    pub to_addresses: Option<String>,
    /// The new ports.
    pub to_ports: Option<String>,
    /// Whether it is out of use.
    pub disabled: bool,
}

/// What a rule of address translation does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NatAction {
    /// Nothing: translation ends here.
    #[default]
    Accept,
    /// Translates the destination.
    DstNat,
    /// Translates the source to the interface's address.
    Masquerade,
    /// Sends to the router itself.
    Redirect,
    /// Translates the source.
    SrcNat,
}

/// A protocol that rules are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// ICMP.
    Icmp,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// Words of RouterOS for a type's values.
macro_rules! words {
    ($type:ident, $expected:literal, $($value:ident = $word:literal),+) => {
        impl $type {
            /// All values.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// RouterOS's word for it.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word),+
                }
            }

            fn from_word(property: &'static str, word: &str) -> Result<Self, InvalidValue> {
                let mut all = Self::ALL.iter().copied();
                all.find(|value| value.word() == word)
                    .ok_or(InvalidValue::Value { property, expected: $expected })
            }
        }
    };
}

words!(
    OnlyOne,
    "default, no or yes",
    Default = "default",
    No = "no",
    Yes = "yes"
);
words!(
    RadiusService,
    "a known service",
    Ppp = "ppp",
    Login = "login",
    Hotspot = "hotspot",
    Wireless = "wireless",
    Dhcp = "dhcp",
    Ipsec = "ipsec"
);
words!(
    RequireMessageAuth,
    "yes-for-request-resp or no",
    Yes = "yes-for-request-resp",
    No = "no"
);
words!(
    NatAction,
    "a known action",
    Accept = "accept",
    DstNat = "dst-nat",
    Masquerade = "masquerade",
    Redirect = "redirect",
    SrcNat = "src-nat"
);
words!(
    Protocol,
    "icmp, tcp or udp",
    Icmp = "icmp",
    Tcp = "tcp",
    Udp = "udp"
);

/// Writes settings of a menu.
struct Writer(Menu, Settings);

impl Writer {
    fn put(&mut self, name: &str, value: impl Into<Text>) -> Result<(), InvalidValue> {
        self.1.set(self.0, name, value)
    }

    fn put_some(&mut self, name: &str, value: Option<&str>) -> Result<(), InvalidValue> {
        value.map_or(Ok(()), |value| self.put(name, value))
    }

    fn put_bool(&mut self, name: &str, value: bool) -> Result<(), InvalidValue> {
        self.put(name, if value { "true" } else { "false" })
    }

    fn put_span(&mut self, name: &str, value: Option<Duration>) -> Result<(), InvalidValue> {
        value.map_or(Ok(()), |value| self.put(name, format_duration(value)))
    }
}

/// Reads settings of a menu; what is left out has its default.
struct Reader<'a>(Menu, &'a Settings);

impl Reader<'_> {
    fn some(&self, name: &'static str) -> Result<Option<String>, InvalidValue> {
        let expected = "UTF-8";
        let read = |text: &Text| match text.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(InvalidValue::Value {
                property: name,
                expected,
            }),
        };
        self.1.get(name).map(read).transpose()
    }

    fn text(&self, name: &'static str) -> Result<String, InvalidValue> {
        let default = self.0.property(name).and_then(|property| property.default);
        Ok(self
            .some(name)?
            .unwrap_or_else(|| default.unwrap_or_default().to_owned()))
    }

    fn bool(&self, name: &'static str) -> Result<bool, InvalidValue> {
        Ok(self.text(name)? == "true")
    }

    fn number(&self, name: &'static str) -> Result<u16, InvalidValue> {
        self.parsed(name, "a port", |text| text.parse().ok())
    }

    fn span(&self, name: &'static str) -> Result<Duration, InvalidValue> {
        self.parsed(name, "a span of time", parse_duration)
    }

    fn some_span(&self, name: &'static str) -> Result<Option<Duration>, InvalidValue> {
        self.1.get(name).map(|_| self.span(name)).transpose()
    }

    fn parsed<T>(
        &self,
        property: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, InvalidValue> {
        let value = parse(&self.text(property)?);
        value.ok_or(InvalidValue::Value { property, expected })
    }
}

impl Model for Pool {
    const MENU: Menu = Menu::Pool;

    fn to_settings(&self) -> Result<Settings, InvalidValue> {
        let mut to = Writer(Self::MENU, Settings::new());
        to.put("name", &*self.name)?;
        to.put("ranges", &*self.ranges)?;
        to.put_some("next-pool", self.next_pool.as_deref())?;
        Ok(to.1)
    }

    fn from_settings(settings: &Settings) -> Result<Self, InvalidValue> {
        let from = Reader(Self::MENU, settings);
        Ok(Self {
            name: from.text("name")?,
            ranges: from.text("ranges")?,
            next_pool: from.some("next-pool")?,
        })
    }
}

impl Model for PppProfile {
    const MENU: Menu = Menu::PppProfile;

    fn to_settings(&self) -> Result<Settings, InvalidValue> {
        let mut to = Writer(Self::MENU, Settings::new());
        to.put("name", &*self.name)?;
        to.put_some("local-address", self.local_address.as_deref())?;
        to.put_some("remote-address", self.remote_address.as_deref())?;
        to.put_some("rate-limit", self.rate_limit.as_deref())?;
        to.put("only-one", self.only_one.word())?;
        to.put_some("dns-server", self.dns_server.as_deref())?;
        to.put_some("address-list", self.address_list.as_deref())?;
        to.put_span("session-timeout", self.session_timeout)?;
        to.put_span("idle-timeout", self.idle_timeout)?;
        to.put_some("on-up", self.on_up.as_deref())?;
        Ok(to.1)
    }

    fn from_settings(settings: &Settings) -> Result<Self, InvalidValue> {
        let from = Reader(Self::MENU, settings);
        Ok(Self {
            name: from.text("name")?,
            local_address: from.some("local-address")?,
            remote_address: from.some("remote-address")?,
            rate_limit: from.some("rate-limit")?,
            only_one: OnlyOne::from_word("only-one", &from.text("only-one")?)?,
            dns_server: from.some("dns-server")?,
            address_list: from.some("address-list")?,
            session_timeout: from.some_span("session-timeout")?,
            idle_timeout: from.some_span("idle-timeout")?,
            on_up: from.some("on-up")?,
        })
    }
}

impl Model for RadiusClient {
    const MENU: Menu = Menu::Radius;

    fn to_settings(&self) -> Result<Settings, InvalidValue> {
        let mut to = Writer(Self::MENU, Settings::new());
        let services: Vec<&str> = self.services.iter().map(|service| service.word()).collect();
        let src_address = self.src_address.map(|address| address.to_string());
        to.put("address", self.address.to_string())?;
        to.put("secret", &*self.secret)?;
        to.put("service", services.join(","))?;
        to.put("authentication-port", self.authentication_port.to_string())?;
        to.put("accounting-port", self.accounting_port.to_string())?;
        to.put_span("timeout", Some(self.timeout))?;
        to.put_some("src-address", src_address.as_deref())?;
        to.put("require-message-auth", self.require_message_auth.word())?;
        Ok(to.1)
    }

    fn from_settings(settings: &Settings) -> Result<Self, InvalidValue> {
        let from = Reader(Self::MENU, settings);
        let services = from.text("service")?;
        let services = services.split(',').filter(|word| !word.is_empty());
        let services = services.map(|word| RadiusService::from_word("service", word));
        let src_address = from.some("src-address")?;
        let message_auth = from.text("require-message-auth")?;
        Ok(Self {
            address: from.parsed("address", "an address", |text| text.parse().ok())?,
            secret: from.text("secret")?,
            services: services.collect::<Result<_, _>>()?,
            authentication_port: from.number("authentication-port")?,
            accounting_port: from.number("accounting-port")?,
            timeout: from.span("timeout")?,
            src_address: src_address.and_then(|text| text.parse().ok()),
            require_message_auth: RequireMessageAuth::from_word(
                "require-message-auth",
                &message_auth,
            )?,
        })
    }
}

impl std::fmt::Debug for RadiusClient {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RadiusClient")
            .field("address", &self.address)
            .field("services", &self.services)
            .finish_non_exhaustive()
    }
}

impl Model for RadiusIncoming {
    const MENU: Menu = Menu::RadiusIncoming;

    fn to_settings(&self) -> Result<Settings, InvalidValue> {
        let mut to = Writer(Self::MENU, Settings::new());
        to.put_bool("accept", self.accept)?;
        to.put("port", self.port.to_string())?;
        Ok(to.1)
    }

    fn from_settings(settings: &Settings) -> Result<Self, InvalidValue> {
        let from = Reader(Self::MENU, settings);
        Ok(Self {
            accept: from.bool("accept")?,
            port: from.number("port")?,
        })
    }
}

impl Model for PppAaa {
    const MENU: Menu = Menu::PppAaa;

    fn to_settings(&self) -> Result<Settings, InvalidValue> {
        let mut to = Writer(Self::MENU, Settings::new());
        to.put_bool("use-radius", self.use_radius)?;
        to.put_bool("accounting", self.accounting)?;
        to.put_span("interim-update", Some(self.interim_update))?;
        to.put_bool("enable-ipv6-accounting", self.ipv6_accounting)?;
        Ok(to.1)
    }

    fn from_settings(settings: &Settings) -> Result<Self, InvalidValue> {
        let from = Reader(Self::MENU, settings);
        Ok(Self {
            use_radius: from.bool("use-radius")?,
            accounting: from.bool("accounting")?,
            interim_update: from.span("interim-update")?,
            ipv6_accounting: from.bool("enable-ipv6-accounting")?,
        })
    }
}

impl Model for AddressListEntry {
    const MENU: Menu = Menu::AddressList;

    fn to_settings(&self) -> Result<Settings, InvalidValue> {
        let mut to = Writer(Self::MENU, Settings::new());
        to.put("list", &*self.list)?;
        to.put("address", &*self.address)?;
        to.put_bool("disabled", self.disabled)?;
        Ok(to.1)
    }

    fn from_settings(settings: &Settings) -> Result<Self, InvalidValue> {
        let from = Reader(Self::MENU, settings);
        Ok(Self {
            list: from.text("list")?,
            address: from.text("address")?,
            disabled: from.bool("disabled")?,
        })
    }
}

impl Model for NatRule {
    const MENU: Menu = Menu::Nat;

    fn to_settings(&self) -> Result<Settings, InvalidValue> {
        let mut to = Writer(Self::MENU, Settings::new());
        to.put("chain", &*self.chain)?;
        to.put("action", self.action.word())?;
        to.put_some("protocol", self.protocol.map(Protocol::word))?;
        to.put_some("src-address", self.src_address.as_deref())?;
        to.put_some("src-address-list", self.src_address_list.as_deref())?;
        to.put_some("dst-address", self.dst_address.as_deref())?;
        to.put_some("dst-address-list", self.dst_address_list.as_deref())?;
        to.put_some("dst-port", self.dst_port.as_deref())?;
        to.put_some("in-interface", self.in_interface.as_deref())?;
        to.put_some("in-interface-list", self.in_interface_list.as_deref())?;
        to.put_some("out-interface", self.out_interface.as_deref())?;
        to.put_some("out-interface-list", self.out_interface_list.as_deref())?;
        to.put_some("to-addresses", self.to_addresses.as_deref())?;
        to.put_some("to-ports", self.to_ports.as_deref())?;
        to.put_bool("disabled", self.disabled)?;
        Ok(to.1)
    }

    fn from_settings(settings: &Settings) -> Result<Self, InvalidValue> {
        let from = Reader(Self::MENU, settings);
        let protocol = from.some("protocol")?;
        let protocol = protocol.map(|word| Protocol::from_word("protocol", &word));
        Ok(Self {
            chain: from.text("chain")?,
            action: NatAction::from_word("action", &from.text("action")?)?,
            protocol: protocol.transpose()?,
            src_address: from.some("src-address")?,
            src_address_list: from.some("src-address-list")?,
            dst_address: from.some("dst-address")?,
            dst_address_list: from.some("dst-address-list")?,
            dst_port: from.some("dst-port")?,
            in_interface: from.some("in-interface")?,
            in_interface_list: from.some("in-interface-list")?,
            out_interface: from.some("out-interface")?,
            out_interface_list: from.some("out-interface-list")?,
            to_addresses: from.some("to-addresses")?,
            to_ports: from.some("to-ports")?,
            disabled: from.bool("disabled")?,
        })
    }
}
