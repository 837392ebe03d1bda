//! What a router has when it leaves the factory.

use mikrotik::api::Text;
use mikrotik::schema::{Menu, Schema};

use super::config::{Release, RouterConfig};
use super::menu::{INTERFACES, family};
use super::store::{Item, ItemId, Origin, Store};

/// A built-in item: its id where that is fixed, and what differs from the defaults.
type BuiltIn = (Option<u32>, &'static [(&'static str, &'static str)]);

const SERVICES: [(&str, &str, bool); 8] = [
    ("telnet", "23", false),
    ("ftp", "21", false),
    ("www", "80", false),
    ("ssh", "22", false),
    ("www-ssl", "443", true),
    ("api", "8728", false),
    ("winbox", "8291", false),
    ("api-ssl", "8729", false),
];

const BUILT_IN: [(&str, &[BuiltIn]); 10] = [
    (
        "/ppp/profile",
        &[
            (Some(0), &[("name", "default"), ("change-tcp-mss", "yes")]),
            (
                Some(0xFFFF_FFFE),
                &[
                    ("name", "default-encryption"),
                    ("change-tcp-mss", "yes"),
                    ("use-encryption", "yes"),
                ],
            ),
        ],
    ),
    (
        "/ip/hotspot/profile",
        &[(
            Some(0),
            &[
                ("name", "default"),
                ("hotspot-address", "0.0.0.0"),
                ("html-directory", "hotspot"),
                ("login-by", "cookie,http-chap"),
                ("http-cookie-lifetime", "3d"),
                ("use-radius", "false"),
            ],
        )],
    ),
    (
        "/ip/hotspot/user/profile",
        &[(
            Some(0),
            &[
                ("name", "default"),
                ("idle-timeout", "none"),
                ("keepalive-timeout", "2m"),
                ("status-autorefresh", "1m"),
                ("shared-users", "1"),
                ("add-mac-cookie", "true"),
                ("mac-cookie-timeout", "3d"),
                ("transparent-proxy", "false"),
            ],
        )],
    ),
    (
        "/queue/type",
        &[
            (
                Some(0),
                &[
                    ("name", "default"),
                    ("kind", "pfifo"),
                    ("pfifo-limit", "50"),
                ],
            ),
            (
                Some(1),
                &[
                    ("name", "ethernet-default"),
                    ("kind", "pfifo"),
                    ("pfifo-limit", "50"),
                ],
            ),
            (Some(2), &[("name", "wireless-default"), ("kind", "sfq")]),
            (Some(3), &[("name", "synchronous-default"), ("kind", "red")]),
            (Some(4), &[("name", "hotspot-default"), ("kind", "sfq")]),
            (Some(5), &[("name", "pcq-upload-default"), ("kind", "pcq")]),
            (
                Some(6),
                &[("name", "pcq-download-default"), ("kind", "pcq")],
            ),
            (
                Some(7),
                &[("name", "only-hardware-queue"), ("kind", "none")],
            ),
            (
                Some(8),
                &[
                    ("name", "multi-queue-ethernet-default"),
                    ("kind", "mq-pfifo"),
                ],
            ),
            (
                Some(9),
                &[
                    ("name", "default-small"),
                    ("kind", "pfifo"),
                    ("pfifo-limit", "10"),
                ],
            ),
        ],
    ),
    (
        "/interface/list",
        &[
            (
                Some(0x0200_0000),
                &[("name", "all"), ("comment", "contains all interfaces")],
            ),
            (
                Some(0x0200_0001),
                &[("name", "none"), ("comment", "contains no interfaces")],
            ),
            (
                Some(0x0200_0002),
                &[
                    ("name", "dynamic"),
                    ("comment", "contains dynamic interfaces"),
                ],
            ),
            (
                Some(0x0200_0003),
                &[
                    ("name", "static"),
                    ("comment", "contains static interfaces"),
                ],
            ),
        ],
    ),
    (
        "/snmp/community",
        &[(
            Some(0),
            &[
                ("name", "public"),
                ("addresses", "::/0"),
                ("read-access", "true"),
            ],
        )],
    ),
    (
        "/system/logging/action",
        &[
            (Some(0), &[("name", "memory"), ("target", "memory")]),
            (Some(1), &[("name", "disk"), ("target", "disk")]),
            (Some(2), &[("name", "echo"), ("target", "echo")]),
            (Some(3), &[("name", "remote"), ("target", "remote")]),
        ],
    ),
    (
        "/system/logging",
        &[
            (Some(0), &[("topics", "info"), ("action", "memory")]),
            (Some(1), &[("topics", "error"), ("action", "memory")]),
            (Some(2), &[("topics", "warning"), ("action", "memory")]),
            (Some(3), &[("topics", "critical"), ("action", "echo")]),
        ],
    ),
    ("/system/package", &[(Some(1), &[("name", "routeros")])]),
    (
        "/ip/hotspot/user",
        &[(
            Some(0),
            &[
                ("name", "default-trial"),
                ("comment", "counters and limits for trial users"),
            ],
        )],
    ),
];

/// The policies of the three groups.
const GROUPS: [(&str, &str); 3] = [
    (
        "read",
        "local,telnet,ssh,reboot,read,test,winbox,password,web,sniff,sensitive,api,romon,rest-api",
    ),
    (
        "write",
        "local,telnet,ssh,reboot,read,write,test,winbox,password,web,sniff,sensitive,api,romon,rest-api",
    ),
    (
        "full",
        "local,telnet,ssh,ftp,reboot,read,write,policy,test,winbox,password,web,sniff,sensitive,api,romon,rest-api",
    ),
];

/// All policies in the order that a router prints them.
const POLICIES: [&str; 17] = [
    "local",
    "telnet",
    "ssh",
    "ftp",
    "reboot",
    "read",
    "write",
    "policy",
    "test",
    "winbox",
    "password",
    "web",
    "sniff",
    "sensitive",
    "api",
    "romon",
    "rest-api",
];

/// All policies of a version, those not granted with `!`.
pub(super) fn policies(release: &Release, granted: &str) -> String {
    let granted: Vec<&str> = granted.split(',').collect();
    let known = POLICIES
        .into_iter()
        .filter(|policy| !(release.is_six() && *policy == "rest-api"));
    let all = known.map(|policy| match granted.contains(&policy) {
        true => policy.to_owned(),
        false => format!("!{policy}"),
    });
    all.collect::<Vec<_>>().join(",")
}

/// The tables of a new router.
pub(super) fn store(release: &Release, config: &RouterConfig) -> Store {
    let mut factory = Factory {
        schema: Schema::of(release.schema_version()),
        store: Store::default(),
    };
    for (path, items) in BUILT_IN {
        for (id, values) in items {
            factory.put(path, *id, values);
        }
    }
    factory.put_ports(config.ports);
    factory.put_services();
    for (id, (name, granted)) in (1..).zip(GROUPS) {
        let granted = policies(release, granted);
        let values = [("name", name), ("policy", &granted), ("skin", "default")];
        factory.put("/user/group", Some(id), &values);
    }
    factory.put_users(config);
    factory.put("/system/identity", Some(0), &[("name", &config.identity)]);
    let forbidden = |feature: &str| config.forbidden.iter().any(|name| name == feature);
    let mode = DEVICE_MODE.map(|(feature, value)| match forbidden(feature) {
        true => (feature, "no"),
        false => (feature, value),
    });
    factory.put("/system/device-mode", Some(0), &mode);
    factory.store
}

/// What a router of version 7 allows at first.
const DEVICE_MODE: [(&str, &str); 10] = [
    ("mode", "advanced"),
    ("scheduler", "yes"),
    ("fetch", "yes"),
    ("hotspot", "yes"),
    ("email", "yes"),
    ("pptp", "yes"),
    ("l2tp", "yes"),
    ("ipsec", "yes"),
    ("flagged", "no"),
    ("container", "no"),
];

struct Factory {
    schema: &'static Schema,
    store: Store,
}

impl Factory {
    fn menu(&self, path: &str) -> Option<(&'static str, &'static Menu)> {
        self.schema.menus().find(|(known, _)| *known == path)
    }

    /// Puts a built-in item, as far as the version has the menu and the properties.
    fn put(&mut self, path: &str, id: Option<u32>, values: &[(&str, &str)]) {
        let Some((path, menu)) = self.menu(path) else {
            return;
        };
        let id = match id {
            Some(id) => ItemId(id),
            None => self.store.next_id(family(path)),
        };
        self.store.reserve(family(path), id);
        let mut item = Item::new(id, Origin::BuiltIn);
        for (name, value) in &menu.defaults {
            if !value.is_empty() {
                item.values.insert(name, Text::from(*value));
            }
        }
        for (name, value) in values {
            let known = menu.properties.iter().find(|known| *known == name);
            if let Some(name) = known {
                item.values.insert(name, Text::from(*value));
            }
        }
        self.store.put(path, item);
    }

    fn put_ports(&mut self, ports: u32) {
        for number in 1..=ports {
            let name = format!("ether{number}");
            let mac = format!("48:8F:5A:00:00:{:02X}", number % 256);
            let values = [
                ("name", name.as_str()),
                ("default-name", &name),
                ("mac-address", &mac),
                ("orig-mac-address", &mac),
                ("mtu", "1500"),
                ("running", if number == 1 { "true" } else { "false" }),
                ("disabled", "false"),
            ];
            if self.menu("/interface/ethernet").is_some() {
                let id = self.store.next_id(INTERFACES);
                self.put("/interface/ethernet", Some(id.0), &values);
            }
        }
    }

    fn put_services(&mut self) {
        for (id, (name, port, disabled)) in (0..).zip(SERVICES) {
            let disabled = if disabled { "true" } else { "false" };
            let certificate = if name.ends_with("-ssl") { "none" } else { "" };
            let mut values = vec![
                ("name", name),
                ("port", port),
                ("address", ""),
                ("disabled", disabled),
            ];
            if !certificate.is_empty() {
                values.extend([("certificate", certificate), ("tls-version", "any")]);
            }
            self.put("/ip/service", Some(id), &values);
        }
    }

    fn put_users(&mut self, config: &RouterConfig) {
        let admin = config.users.iter().find(|user| user.name == "admin");
        let password = admin.map_or("", |user| user.password.as_str());
        self.put_user("admin", password, "full", Some("system default user"));
        for user in config.users.iter().filter(|user| user.name != "admin") {
            self.put_user(&user.name, &user.password, &user.group, None);
        }
    }

    fn put_user(&mut self, name: &str, password: &str, group: &str, comment: Option<&str>) {
        let mut values = vec![
            ("name", name),
            ("password", password),
            ("group", group),
            ("address", ""),
            ("disabled", "false"),
        ];
        values.extend(comment.map(|comment| ("comment", comment)));
        let id = self.store.next_id("/user");
        self.put("/user", Some(id.0), &values);
        let user = self
            .menu("/user")
            .and_then(|(path, _)| self.store.item_mut(path, id));
        if let Some(user) = user {
            user.origin = Origin::Configured;
            // Old menus do not list it as readable, and nobody may read it.
            user.values.insert("password", Text::from(password));
        }
    }
}
