use super::*;

fn menu(version: Version, path: &str) -> &'static Menu {
    Schema::of(version).menu(path).unwrap()
}

#[test]
fn every_version_is_read_and_sane() {
    for version in Version::ALL {
        let schema = Schema::of(version);
        assert_eq!(schema.version(), version);
        assert!(schema.menus().count() > 60, "{version}");
        for (path, menu) in schema.menus() {
            assert!(path.starts_with('/'), "{path}");
            for (name, value) in &menu.defaults {
                let set = menu.command("set").and_then(|set| set.argument(name));
                let accepted = set.is_none_or(|set| set.value.accepts(value));
                assert!(accepted || value.is_empty(), "{path} {name}={value}");
                assert!(set.is_some() || menu.can_read(name), "{path} {name}");
            }
        }
    }
}

#[test]
fn what_a_router_writes_it_can_read_back() {
    for version in Version::ALL {
        for path in [
            "/ppp/secret",
            "/ppp/profile",
            "/ppp/aaa",
            "/radius",
            "/ip/pool",
        ] {
            let menu = menu(version, path);
            let set = menu.command("set").unwrap();
            for (name, _) in set.arguments().filter(|(name, _)| *name != "numbers") {
                assert!(menu.can_read(name), "{version} {path} {name}");
            }
        }
    }
}

#[test]
fn differences_between_versions_are_kept() {
    let vpn = "/interface/ovpn-server/server";
    assert!(!menu(Version::V6_49, vpn).is_list());
    assert!(!menu(Version::V7_15, vpn).is_list());
    assert!(menu(Version::V7_20, vpn).is_list());
    let ntp = |version| menu(version, "/system/ntp/client").command("set").unwrap();
    assert!(ntp(Version::V6_49).argument("primary-ntp").is_some());
    assert!(ntp(Version::V7_9).argument("primary-ntp").is_none());
    assert!(ntp(Version::V7_9).argument("servers").is_some());
    let aaa = |version| menu(version, "/ppp/aaa");
    assert!(!aaa(Version::V7_12).can_read("enable-ipv6-accounting"));
    assert!(aaa(Version::V7_15).can_read("enable-ipv6-accounting"));
    let radius = |version| menu(version, "/radius").command("add").unwrap();
    assert!(
        radius(Version::V7_12)
            .argument("require-message-auth")
            .is_none()
    );
    assert!(
        radius(Version::V7_15)
            .argument("require-message-auth")
            .is_some()
    );
    let incoming = |version| menu(version, "/radius/incoming").command("set").unwrap();
    assert!(incoming(Version::V6_49).argument("vrf").is_none());
    assert!(incoming(Version::V7_9).argument("vrf").is_some());
    assert!(menu(Version::V7_9, "/ppp/secret").can_read("comment"));
    assert_eq!(aaa(Version::V6_49).default_of("interim-update"), Some("0s"));
    assert_eq!(
        aaa(Version::V7_12).default_of("enable-ipv6-accounting"),
        None
    );
}

#[test]
fn evidence_is_kept_apart() {
    let add = menu(Version::V6_49, "/ppp/secret").command("add").unwrap();
    let evidence = |name| add.argument(name).unwrap().evidence;
    assert_eq!(evidence("profile"), Evidence::Router);
    assert_eq!(evidence("password"), Evidence::Manual);
}

#[test]
fn versions_of_routers_are_recognised() {
    for (text, version) in [
        ("6.49.17 (long-term)", Some(Version::V6_49)),
        ("6.48.6 (long-term)", None),
        ("7.16.2 (stable)", Some(Version::V7_15)),
        ("7.20.8", Some(Version::V7_20)),
        ("7.21beta3 (testing)", Some(Version::V7_21)),
        ("7.30", Some(Version::V7_24)),
        ("7.8", None),
        ("8.1", None),
        ("", None),
        ("router", None),
    ] {
        assert_eq!(Version::of_router(text), version, "{text}");
    }
}

#[test]
fn values_are_judged_by_their_type() {
    let accepts = |path: &str, name: &str, value: &str| {
        let add = menu(Version::V7_20, path);
        let add = add.command("add").or_else(|| add.command("set")).unwrap();
        add.argument(name).unwrap().value.accepts(value)
    };
    for (path, name, good, bad) in [
        ("/ppp/secret", "service", "pppoe", "pppoa"),
        ("/ppp/secret", "name", "x", ""),
        ("/ppp/secret", "disabled", "yes", "maybe"),
        ("/ppp/secret", "remote-address", "10.0.0.1", "10.0.0.300"),
        ("/radius", "service", "ppp,hotspot", "ppp,pop"),
        ("/radius", "timeout", "3s", "3h"),
        (
            "/ip/pool",
            "ranges",
            "10.0.0.2-10.0.0.9,10.1.0.0/24",
            "10.0.0.2-x",
        ),
        (
            "/ip/hotspot/profile",
            "login-by",
            "mac,http-chap",
            "telepathy",
        ),
        ("/system/scheduler", "start-time", "startup", ""),
        ("/interface/vlan", "arp-timeout", "auto", "soon"),
    ] {
        assert!(accepts(path, name, good), "{path} {name}={good}");
        if !bad.is_empty() || name == "name" {
            assert!(!accepts(path, name, bad), "{path} {name}={bad}");
        }
    }
}
