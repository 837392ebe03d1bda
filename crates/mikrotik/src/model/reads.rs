//! Menus that are only read, and commands that change no settings.

use crate::api::{Request, Row, Text};

/// A print of some properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The menu.
    pub menu: &'static str,
    /// What is read.
    pub properties: &'static [&'static str],
}

/// The version, and what the router has left.
pub const RESOURCE: Read = Read {
    menu: "/system/resource",
    properties: &[
        "architecture-name",
        "board-name",
        "cpu-load",
        "free-hdd-space",
        "free-memory",
        "total-memory",
        "uptime",
        "version",
    ],
};

/// The router's name.
pub const IDENTITY: Read = Read {
    menu: "/system/identity",
    properties: &["name"],
};

/// PPP sessions.
pub const PPP_ACTIVE: Read = Read {
    menu: "/ppp/active",
    properties: &[
        ".id",
        "address",
        "caller-id",
        "name",
        "radius",
        "service",
        "session-id",
        "uptime",
    ],
};

/// PPP secrets, for imports.
pub const PPP_SECRET: Read = Read {
    menu: "/ppp/secret",
    properties: &[
        ".id",
        "caller-id",
        "comment",
        "disabled",
        "local-address",
        "name",
        "password",
        "profile",
        "remote-address",
        "service",
    ],
};

/// Hotspot users, for imports.
pub const HOTSPOT_USER: Read = Read {
    menu: "/ip/hotspot/user",
    properties: &[
        ".id",
        "comment",
        "disabled",
        "mac-address",
        "name",
        "password",
        "profile",
        "server",
    ],
};

/// Hotspot sessions.
pub const HOTSPOT_ACTIVE: Read = Read {
    menu: "/ip/hotspot/active",
    properties: &[
        ".id",
        "address",
        "mac-address",
        "radius",
        "server",
        "uptime",
        "user",
    ],
};

/// All of them.
pub const ALL: [Read; 6] = [
    RESOURCE,
    IDENTITY,
    PPP_ACTIVE,
    PPP_SECRET,
    HOTSPOT_USER,
    HOTSPOT_ACTIVE,
];

/// Commands that are not prints, with their arguments.
pub const COMMANDS: [(&str, &str, &[&str]); 3] = [
    ("/ppp/active", "remove", &[".id"]),
    ("/ip/hotspot/active", "remove", &[".id"]),
    (
        "/ip/hotspot/active",
        "login",
        &["user", "password", "ip", "mac-address"],
    ),
];

impl Read {
    /// The command.
    pub fn request(&self) -> Request {
        let request = Request::new(format!("{}/print", self.menu));
        request.proplist(self.properties.iter().copied())
    }
}

/// Ends a PPP session.
pub fn end_ppp_session(id: &Text) -> Request {
    Request::new("/ppp/active/remove").argument(".id", id.clone())
}

/// Ends a hotspot session.
pub fn end_hotspot_session(id: &Text) -> Request {
    Request::new("/ip/hotspot/active/remove").argument(".id", id.clone())
}

/// Logs a hotspot host in without its browser.
pub fn hotspot_login(user: &str, password: &str, address: &str, mac: &str) -> Request {
    Request::new("/ip/hotspot/active/login")
        .argument("user", user)
        .argument("password", password)
        .argument("ip", address)
        .argument("mac-address", mac)
}

/// A PPP session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PppSession {
    /// The router's id of it.
    pub id: Text,
    /// The subscriber's name.
    pub name: Text,
    /// His address.
    pub address: Option<Text>,
    /// Where he calls from: a hardware address for PPPoE.
    pub caller_id: Option<Text>,
    /// Whether RADIUS let him in.
    pub radius: bool,
}

impl PppSession {
    /// Reads a row of [`PPP_ACTIVE`]; none without id and name.
    pub fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            id: row.text(".id")?,
            name: row.text("name")?,
            address: row.text("address"),
            caller_id: row.text("caller-id"),
            radius: row.get("radius") == Some(b"true"),
        })
    }
}
