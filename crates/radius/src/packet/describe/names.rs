//! Names of attributes and how their values are read.

/// How a value is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Number,
    Seconds,
    Instant,
    Word(&'static [(u32, &'static str)]),
    Ipv4,
    Ipv6,
    Prefix,
    Bytes,
    /// Holds a password, a proof of one, or a key.
    Secret,
}

use Kind::{Bytes, Instant, Ipv4, Ipv6, Number, Prefix, Seconds, Secret, Text, Word};

/// What is known of an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

type Table = &'static [(u8, &'static str, Kind)];

pub(super) fn standard(kind: u8) -> Option<Named> {
    find(STANDARD, kind)
}

pub(super) fn vendor(vendor: u32, kind: u8) -> Option<Named> {
    let (_, table) = VENDORS.iter().find(|(number, _)| *number == vendor)?;
    find(table, kind)
}

fn find(table: Table, wanted: u8) -> Option<Named> {
    table
        .iter()
        .find(|(number, _, _)| *number == wanted)
        .map(|&(_, name, kind)| Named { name, kind })
}

const SERVICE_TYPES: &[(u32, &str)] = &[
    (1, "Login"),
    (2, "Framed"),
    (3, "Callback-Login"),
    (5, "Outbound"),
    (6, "Administrative"),
    (8, "Authenticate-Only"),
    (10, "Call-Check"),
    (17, "Authorize-Only"),
];

const PORT_TYPES: &[(u32, &str)] = &[
    (0, "Async"),
    (5, "Virtual"),
    (15, "Ethernet"),
    (16, "xDSL"),
    (17, "Cable"),
    (18, "Wireless-Other"),
    (19, "Wireless-802.11"),
    (30, "PPPoA"),
    (31, "PPPoEoA"),
    (32, "PPPoEoE"),
    (33, "PPPoEoVLAN"),
];

const STATUS_TYPES: &[(u32, &str)] = &[
    (1, "Start"),
    (2, "Stop"),
    (3, "Interim-Update"),
    (7, "Accounting-On"),
    (8, "Accounting-Off"),
    (15, "Failed"),
];

const TERMINATE_CAUSES: &[(u32, &str)] = &[
    (1, "User-Request"),
    (2, "Lost-Carrier"),
    (3, "Lost-Service"),
    (4, "Idle-Timeout"),
    (5, "Session-Timeout"),
    (6, "Admin-Reset"),
    (7, "Admin-Reboot"),
    (8, "Port-Error"),
    (9, "NAS-Error"),
    (10, "NAS-Request"),
    (11, "NAS-Reboot"),
    (12, "Port-Unneeded"),
    (13, "Port-Preempted"),
    (14, "Port-Suspended"),
    (15, "Service-Unavailable"),
    (16, "Callback"),
    (17, "User-Error"),
    (18, "Host-Request"),
];

const STANDARD: Table = &[
    (1, "User-Name", Text),
    (2, "User-Password", Secret),
    (3, "CHAP-Password", Secret),
    (4, "NAS-IP-Address", Ipv4),
    (5, "NAS-Port", Number),
    (6, "Service-Type", Word(SERVICE_TYPES)),
    (7, "Framed-Protocol", Word(&[(1, "PPP"), (2, "SLIP")])),
    (8, "Framed-IP-Address", Ipv4),
    (9, "Framed-IP-Netmask", Ipv4),
    (11, "Filter-Id", Text),
    (12, "Framed-MTU", Number),
    (13, "Framed-Compression", Number),
    (18, "Reply-Message", Text),
    (22, "Framed-Route", Text),
    (24, "State", Bytes),
    (25, "Class", Text),
    (27, "Session-Timeout", Seconds),
    (28, "Idle-Timeout", Seconds),
    (29, "Termination-Action", Number),
    (30, "Called-Station-Id", Text),
    (31, "Calling-Station-Id", Text),
    (32, "NAS-Identifier", Text),
    (33, "Proxy-State", Bytes),
    (40, "Acct-Status-Type", Word(STATUS_TYPES)),
    (41, "Acct-Delay-Time", Seconds),
    (42, "Acct-Input-Octets", Number),
    (43, "Acct-Output-Octets", Number),
    (44, "Acct-Session-Id", Text),
    (
        45,
        "Acct-Authentic",
        Word(&[(1, "RADIUS"), (2, "Local"), (3, "Remote")]),
    ),
    (46, "Acct-Session-Time", Seconds),
    (47, "Acct-Input-Packets", Number),
    (48, "Acct-Output-Packets", Number),
    (49, "Acct-Terminate-Cause", Word(TERMINATE_CAUSES)),
    (50, "Acct-Multi-Session-Id", Text),
    (51, "Acct-Link-Count", Number),
    (52, "Acct-Input-Gigawords", Number),
    (53, "Acct-Output-Gigawords", Number),
    (55, "Event-Timestamp", Instant),
    (60, "CHAP-Challenge", Secret),
    (61, "NAS-Port-Type", Word(PORT_TYPES)),
    (62, "Port-Limit", Number),
    (69, "Tunnel-Password", Secret),
    (77, "Connect-Info", Text),
    (79, "EAP-Message", Secret),
    (80, "Message-Authenticator", Secret),
    (85, "Acct-Interim-Interval", Seconds),
    (87, "NAS-Port-Id", Text),
    (88, "Framed-Pool", Text),
    (89, "Chargeable-User-Identity", Text),
    (95, "NAS-IPv6-Address", Ipv6),
    (96, "Framed-Interface-Id", Bytes),
    (97, "Framed-IPv6-Prefix", Prefix),
    (99, "Framed-IPv6-Route", Text),
    (100, "Framed-IPv6-Pool", Text),
    (101, "Error-Cause", Number),
    (123, "Delegated-IPv6-Prefix", Prefix),
    (126, "Operator-Name", Text),
    (168, "Framed-IPv6-Address", Ipv6),
    (171, "Delegated-IPv6-Prefix-Pool", Text),
    (172, "Stateful-IPv6-Address-Pool", Text),
];

const VENDORS: &[(u32, Table)] = &[
    (311, MICROSOFT),
    (529, ASCEND),
    (
        2352,
        &[
            (96, "Agent-Remote-Id", Text),
            (97, "Agent-Circuit-Id", Text),
        ],
    ),
    (
        3561,
        &[
            (1, "ADSL-Agent-Circuit-Id", Text),
            (2, "ADSL-Agent-Remote-Id", Text),
        ],
    ),
    (14122, WISPR),
    (14988, MIKROTIK),
];

const MICROSOFT: Table = &[
    (1, "MS-CHAP-Response", Secret),
    (2, "MS-CHAP-Error", Text),
    (3, "MS-CHAP-CPW-1", Secret),
    (4, "MS-CHAP-CPW-2", Secret),
    (
        7,
        "MS-MPPE-Encryption-Policy",
        Word(&[(1, "Allowed"), (2, "Required")]),
    ),
    (8, "MS-MPPE-Encryption-Types", Number),
    (10, "MS-CHAP-Domain", Text),
    (11, "MS-CHAP-Challenge", Secret),
    (12, "MS-CHAP-MPPE-Keys", Secret),
    (16, "MS-MPPE-Send-Key", Secret),
    (17, "MS-MPPE-Recv-Key", Secret),
    (25, "MS-CHAP2-Response", Secret),
    (26, "MS-CHAP2-Success", Secret),
    (27, "MS-CHAP2-CPW", Secret),
    (28, "MS-Primary-DNS-Server", Ipv4),
    (29, "MS-Secondary-DNS-Server", Ipv4),
];

const ASCEND: Table = &[
    (132, "Ascend-Client-Gateway", Ipv4),
    (197, "Ascend-Data-Rate", Number),
    (255, "Ascend-Xmit-Rate", Number),
];

const WISPR: Table = &[
    (1, "WISPr-Location-ID", Text),
    (2, "WISPr-Location-Name", Text),
    (3, "WISPr-Logoff-URL", Text),
    (4, "WISPr-Redirection-URL", Text),
    (5, "WISPr-Bandwidth-Min-Up", Number),
    (6, "WISPr-Bandwidth-Min-Down", Number),
    (7, "WISPr-Bandwidth-Max-Up", Number),
    (8, "WISPr-Bandwidth-Max-Down", Number),
    (9, "WISPr-Session-Terminate-Time", Text),
];

const MIKROTIK: Table = &[
    (1, "Mikrotik-Recv-Limit", Number),
    (2, "Mikrotik-Xmit-Limit", Number),
    (3, "Mikrotik-Group", Text),
    (4, "Mikrotik-Wireless-Forward", Number),
    (5, "Mikrotik-Wireless-Skip-Dot1x", Number),
    (6, "Mikrotik-Wireless-Enc-Algo", Number),
    (7, "Mikrotik-Wireless-Enc-Key", Secret),
    (8, "Mikrotik-Rate-Limit", Text),
    (9, "Mikrotik-Realm", Text),
    (10, "Mikrotik-Host-IP", Ipv4),
    (11, "Mikrotik-Mark-Id", Text),
    (12, "Mikrotik-Advertise-URL", Text),
    (13, "Mikrotik-Advertise-Interval", Seconds),
    (14, "Mikrotik-Recv-Limit-Gigawords", Number),
    (15, "Mikrotik-Xmit-Limit-Gigawords", Number),
    (16, "Mikrotik-Wireless-PSK", Secret),
    (17, "Mikrotik-Total-Limit", Number),
    (18, "Mikrotik-Total-Limit-Gigawords", Number),
    (19, "Mikrotik-Address-List", Text),
    (20, "Mikrotik-Wireless-MPKey", Secret),
    (21, "Mikrotik-Wireless-Comment", Text),
    (22, "Mikrotik-Delegated-IPv6-Pool", Text),
    (23, "Mikrotik-DHCP-Option-Set", Text),
    (26, "Mikrotik-Wireless-VLANID", Number),
    (30, "Mikrotik-Switching-Filter", Text),
];
