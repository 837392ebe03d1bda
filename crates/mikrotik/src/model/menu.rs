//! The menus that the product writes. What differs between versions stands here.

use crate::schema::Version;

/// A menu that the product writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Menu {
    /// `/ip/pool`.
    Pool,
    /// `/ppp/profile`.
    PppProfile,
    /// `/radius`.
    Radius,
    /// `/radius/incoming`.
    RadiusIncoming,
    /// `/ppp/aaa`.
    PppAaa,
    /// `/ip/firewall/address-list`.
    AddressList,
    /// `/ip/firewall/nat`.
    Nat,
}

/// How items of a menu are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// There is one set of settings.
    Singleton,
    /// By our mark in the comment: `lastmile:` and the item's key.
    Comment,
    /// By the name, where the menu has no comments.
    Name,
}

/// A property that the product keeps in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Property {
    /// RouterOS's name of it.
    pub name: &'static str,
    /// How equal values may be written differently.
    pub form: Form,
    /// The value that stands for "none given"; without one the property is unset instead.
    pub default: Option<&'static str>,
    /// The first version that has it; none where all have.
    pub since: Option<Version>,
    /// Whether it is never shown or logged.
    pub secret: bool,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Text,
    /// `yes` is `true`.
    Bool,
    /// A span of time.
    Span,
    /// Words with commas, in any order.
    Words,
    /// Addresses or ranges with commas; an address is a range of one, or a prefix of all bits.
    Addresses,
}

const fn property(name: &'static str, form: Form) -> Property {
    Property {
        name,
        form,
        default: None,
        since: None,
        secret: false,
    }
}

impl Property {
    const fn default(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    const fn since(mut self, version: Version) -> Self {
        self.since = Some(version);
        self
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Whether a version has it.
    pub fn is_in(&self, version: Version) -> bool {
        self.since.is_none_or(|since| version >= since)
    }
}

const POOL: &[Property] = &[
    property("name", Form::Text),
    property("next-pool", Form::Text).default("none"),
    property("ranges", Form::Addresses),
];

const PPP_PROFILE: &[Property] = &[
    property("address-list", Form::Text).default(""),
    property("change-tcp-mss", Form::Text).default("default"),
    property("dns-server", Form::Text),
    property("idle-timeout", Form::Span),
    property("local-address", Form::Text),
    property("name", Form::Text),
    property("on-up", Form::Text).default(""),
    property("only-one", Form::Text).default("default"),
    property("rate-limit", Form::Text),
    property("remote-address", Form::Text),
    property("session-timeout", Form::Span),
];

const RADIUS: &[Property] = &[
    property("accounting-port", Form::Text).default("1813"),
    property("address", Form::Text),
    property("authentication-port", Form::Text).default("1812"),
    property("require-message-auth", Form::Text)
        .default("yes-for-request-resp")
        .since(Version::V7_15),
    property("secret", Form::Text).secret(),
    property("service", Form::Words),
    property("src-address", Form::Text).default("0.0.0.0"),
    property("timeout", Form::Span).default("300ms"),
];

const RADIUS_INCOMING: &[Property] = &[
    property("accept", Form::Bool).default("false"),
    property("port", Form::Text).default("3799"),
];

const PPP_AAA: &[Property] = &[
    property("accounting", Form::Bool).default("true"),
    property("enable-ipv6-accounting", Form::Bool)
        .default("false")
        .since(Version::V7_15),
    property("interim-update", Form::Span).default("0s"),
    property("use-radius", Form::Bool).default("false"),
];

const ADDRESS_LIST: &[Property] = &[
    property("address", Form::Addresses),
    property("disabled", Form::Bool).default("false"),
    property("list", Form::Text),
];

const NAT: &[Property] = &[
    property("action", Form::Text).default("accept"),
    property("chain", Form::Text),
    property("disabled", Form::Bool).default("false"),
    property("dst-address", Form::Addresses),
    property("dst-address-list", Form::Text),
    property("dst-port", Form::Text),
    property("in-interface", Form::Text),
    property("in-interface-list", Form::Text),
    property("out-interface", Form::Text),
    property("out-interface-list", Form::Text),
    property("protocol", Form::Text),
    property("src-address", Form::Addresses),
    property("src-address-list", Form::Text),
    property("to-addresses", Form::Addresses),
    property("to-ports", Form::Text),
];

impl Menu {
    /// All of them, each after those it refers to.
    pub const ALL: [Self; 7] = [
        Self::Pool,
        Self::PppProfile,
        Self::Radius,
        Self::RadiusIncoming,
        Self::PppAaa,
        Self::AddressList,
        Self::Nat,
    ];

    /// Its path: `/ip/pool`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Pool => "/ip/pool",
            Self::PppProfile => "/ppp/profile",
            Self::Radius => "/radius",
            Self::RadiusIncoming => "/radius/incoming",
            Self::PppAaa => "/ppp/aaa",
            Self::AddressList => "/ip/firewall/address-list",
            Self::Nat => "/ip/firewall/nat",
        }
    }

    /// The properties that the product keeps in order, whatever the version.
    pub const fn all_properties(self) -> &'static [Property] {
        match self {
            Self::Pool => POOL,
            Self::PppProfile => PPP_PROFILE,
            Self::Radius => RADIUS,
            Self::RadiusIncoming => RADIUS_INCOMING,
            Self::PppAaa => PPP_AAA,
            Self::AddressList => ADDRESS_LIST,
            Self::Nat => NAT,
        }
    }

    /// The properties of a version.
    pub fn properties(self, version: Version) -> impl Iterator<Item = &'static Property> {
        let all = self.all_properties().iter();
        all.filter(move |property| property.is_in(version))
    }

    /// A property by its name.
    pub fn property(self, name: &str) -> Option<&'static Property> {
        let mut all = self.all_properties().iter();
        all.find(|property| property.name == name)
    }

    /// How its items are told apart; pools have comments since version 7.
    pub const fn identity(self, version: Version) -> Identity {
        match self {
            Self::RadiusIncoming | Self::PppAaa => Identity::Singleton,
            Self::Pool if version.is_six() => Identity::Name,
            Self::Pool | Self::PppProfile | Self::Radius | Self::AddressList | Self::Nat => {
                Identity::Comment
            }
        }
    }

    /// Whether there is one set of settings.
    pub const fn is_singleton(self) -> bool {
        matches!(self, Self::RadiusIncoming | Self::PppAaa)
    }

    /// Whether a property without a default can be unset.
    pub const fn can_unset(self) -> bool {
        matches!(self, Self::PppProfile | Self::Nat)
    }

    /// Whether two items may not have the same name.
    pub const fn has_unique_names(self) -> bool {
        matches!(self, Self::Pool | Self::PppProfile)
    }

    /// Whether the order of items matters.
    pub const fn is_ordered(self) -> bool {
        matches!(self, Self::Nat)
    }

    /// Whether a print must be asked for secrets, which later versions hide from those who do not.
    pub const fn hides_secrets(self, version: Version) -> bool {
        matches!(self, Self::Radius) && matches!(version, Version::V7_21 | Version::V7_24)
    }
}
