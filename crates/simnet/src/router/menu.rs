//! What the schema does not say of menus: which names are unique, what an item cannot do without,
//! what refers to what, and what nobody may read.

/// The menu whose items are the items of several others.
pub(super) const INTERFACES: &str = "/interface";

/// Menus of interfaces, with the type that `/interface` shows. They share ids and names.
pub(super) const INTERFACE_MENUS: [(&str, &str); 9] = [
    ("/interface/ethernet", "ether"),
    ("/interface/bridge", "bridge"),
    ("/interface/vlan", "vlan"),
    ("/interface/wireguard", "wg"),
    ("/interface/pppoe-client", "pppoe-out"),
    ("/interface/pppoe-server", "pppoe-in"),
    ("/interface/l2tp-server", "l2tp-in"),
    ("/interface/sstp-server", "sstp-in"),
    ("/interface/ovpn-server", "ovpn-in"),
];

/// Whether a menu holds interfaces.
pub(super) fn is_interface(path: &str) -> bool {
    INTERFACE_MENUS.iter().any(|(menu, _)| *menu == path)
}

/// The menu that numbers are given by.
pub(super) fn family(path: &'static str) -> &'static str {
    if is_interface(path) { INTERFACES } else { path }
}

/// What two items of a menu may not have in common, and what the router says then.
pub(super) fn unique(path: &str) -> (&'static [&'static str], &'static str) {
    match path {
        "/ppp/secret" => (
            &["name", "service"],
            "secret with the same name already exists",
        ),
        "/ppp/profile" => (&["name"], "profile with the same name already exists"),
        "/ip/pool" => (&["name"], "pool with such name exists"),
        "/user" => (&["name"], "user with the same name already exists"),
        "/user/group" => (&["name"], "group with the same name already exists"),
        "/ip/address" => (&["address", "interface"], "already have such address"),
        "/ip/firewall/address-list" | "/ipv6/firewall/address-list" => {
            (&["list", "address"], "already have such entry")
        }
        "/ip/hotspot/user" => (
            &["name", "server"],
            "already have user with this name for this server",
        ),
        "/queue/simple" => (&["name"], "already have such name"),
        "/system/script" | "/system/scheduler" => (&["name"], "item with this name already exists"),
        "/certificate" => (&["name"], "already have certificate with such name"),
        "/interface/bridge/port" => (&["interface"], "device already added as bridge port"),
        "/log" | "/ppp/active" => (&[], ""),
        path if is_interface(path) => (&["name"], "already have interface with such name"),
        _ => (&["name"], "already have item with such name"),
    }
}

/// Arguments without which `add` refuses.
pub(super) fn required(path: &str) -> &'static [&'static str] {
    match path {
        "/ppp/secret" | "/ppp/profile" | "/user/group" | "/ip/hotspot/user" => &["name"],
        "/ip/pool" => &["name", "ranges"],
        "/user" => &["name", "group"],
        "/ip/address" => &["address", "interface"],
        "/ip/firewall/filter" | "/ip/firewall/nat" | "/ip/firewall/mangle" => &["chain"],
        "/ip/firewall/address-list" => &["address", "list"],
        "/interface/vlan" => &["interface"],
        "/interface/bridge/port" => &["bridge", "interface"],
        "/interface/pppoe-server/server" | "/ip/hotspot" | "/ip/dhcp-server" => &["interface"],
        "/queue/simple" => &["target"],
        _ => &[],
    }
}

/// What an item is called when nobody says, before its number.
pub(super) fn automatic_name(path: &str) -> Option<&'static str> {
    Some(match path {
        "/interface/bridge" => "bridge",
        "/interface/vlan" => "vlan",
        "/interface/wireguard" => "wireguard",
        "/interface/pppoe-client" => "pppoe-out",
        "/queue/simple" => "queue",
        "/system/scheduler" => "schedule",
        "/system/script" => "script",
        "/ip/hotspot" => "hotspot",
        "/ip/hotspot/profile" => "hsprof",
        "/ip/hotspot/user/profile" => "uprof",
        "/ip/dhcp-server" => "dhcp",
        _ => return None,
    })
}

/// An argument that names an item of another menu.
pub(super) struct Reference {
    pub(super) path: &'static str,
    pub(super) argument: &'static str,
    pub(super) to: &'static str,
    /// Whether it may be something else, an address.
    pub(super) or_else: bool,
}

const fn names(path: &'static str, argument: &'static str, to: &'static str) -> Reference {
    Reference {
        path,
        argument,
        to,
        or_else: false,
    }
}

const fn may_name(path: &'static str, argument: &'static str, to: &'static str) -> Reference {
    Reference {
        path,
        argument,
        to,
        or_else: true,
    }
}

/// All references that are checked, and renamed along.
pub(super) const REFERENCES: [Reference; 26] = [
    names("/ppp/secret", "profile", "/ppp/profile"),
    may_name("/ppp/secret", "remote-address", "/ip/pool"),
    may_name("/ppp/profile", "local-address", "/ip/pool"),
    may_name("/ppp/profile", "remote-address", "/ip/pool"),
    names("/ip/pool", "next-pool", "/ip/pool"),
    names("/user", "group", "/user/group"),
    names("/ip/address", "interface", INTERFACES),
    names("/ip/dhcp-client", "interface", INTERFACES),
    names("/ip/dhcp-server", "interface", INTERFACES),
    names("/ip/dhcp-server", "address-pool", "/ip/pool"),
    names("/ip/hotspot", "interface", INTERFACES),
    names("/ip/hotspot", "profile", "/ip/hotspot/profile"),
    names("/ip/hotspot", "address-pool", "/ip/pool"),
    names("/ip/hotspot/user", "profile", "/ip/hotspot/user/profile"),
    names("/ip/hotspot/user/profile", "address-pool", "/ip/pool"),
    names("/ip/service", "certificate", "/certificate"),
    names("/ip/hotspot/profile", "ssl-certificate", "/certificate"),
    names("/interface/vlan", "interface", INTERFACES),
    names("/interface/bridge/port", "interface", INTERFACES),
    names("/interface/bridge/port", "bridge", "/interface/bridge"),
    names("/interface/list/member", "interface", INTERFACES),
    names("/interface/list/member", "list", "/interface/list"),
    names("/interface/pppoe-client", "interface", INTERFACES),
    names("/interface/pppoe-server/server", "interface", INTERFACES),
    names(
        "/interface/pppoe-server/server",
        "default-profile",
        "/ppp/profile",
    ),
    names("/queue/simple", "parent", "/queue/simple"),
];

/// Properties that no print shows at all.
pub(super) fn is_write_only(path: &str, property: &str) -> bool {
    path == "/user" && property == "password"
}

/// Properties that only the policy `sensitive` shows, and an export may leave out.
pub(super) fn is_sensitive(property: &str) -> bool {
    matches!(
        property,
        "password"
            | "secret"
            | "private-key"
            | "preshared-key"
            | "authentication-password"
            | "encryption-password"
    )
}

/// Menus that are no configuration: no export has them, and a backup does not bring them back.
pub(super) const NOT_CONFIGURATION: [&str; 8] = [
    "/file",
    "/log",
    "/ppp/active",
    "/ip/hotspot/active",
    "/ip/hotspot/host",
    "/user/active",
    "/certificate",
    "/system/device-mode",
];
