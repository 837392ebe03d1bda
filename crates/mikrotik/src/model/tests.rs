use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::schema::{Evidence, Schema, Version};

#[test]
fn every_menu_command_and_property_exists_in_every_version() {
    let mut by_manual: BTreeMap<&str, usize> = BTreeMap::new();
    let mut checked = 0;
    for version in Version::ALL {
        for menu in Menu::ALL {
            let known = Schema::of(version).menu(menu.path()).unwrap();
            let argument = |verb: &str, name: &str| {
                let command = known.command(verb);
                command
                    .unwrap_or_else(|| panic!("{version} {} {verb}", menu.path()))
                    .argument(name)
            };
            let writers: &[&str] = if menu.is_singleton() {
                &["set"]
            } else {
                &["add", "set"]
            };
            for property in menu.all_properties() {
                for verb in writers {
                    let place = format!("{version} {}/{verb} {}", menu.path(), property.name);
                    let found = argument(verb, property.name);
                    assert_eq!(found.is_some(), property.is_in(version), "{place}");
                    let Some(found) = found else { continue };
                    checked += 1;
                    if found.evidence == Evidence::Manual {
                        *by_manual.entry(menu.path()).or_default() += 1;
                    }
                    if let Some(default) = property.default {
                        assert!(found.value.accepts(default), "{place}={default}");
                    }
                }
                let readable = known.can_read(property.name);
                assert_eq!(readable, property.is_in(version), "{version} {property:?}");
            }
            check_commands(version, menu);
        }
    }
    assert!(checked > 500, "{checked}");
    let menus: Vec<&str> = by_manual.into_keys().collect();
    // For 6.49 these rest, in part, on the manual.
    assert_eq!(
        menus,
        ["/ip/firewall/address-list", "/ip/pool", "/radius"],
        "only these"
    );
}

fn check_commands(version: Version, menu: Menu) {
    let known = Schema::of(version).menu(menu.path()).unwrap();
    let has = |verb: &str, name: &str| {
        let command = known.command(verb);
        let found = command.and_then(|command| command.argument(name));
        assert!(found.is_some(), "{version} {}/{verb} {name}", menu.path());
    };
    assert!(known.command("print").is_some());
    assert_eq!(menu.is_singleton(), !known.is_list(), "{version} {menu:?}");
    let comments = known
        .command("add")
        .is_some_and(|add| add.argument("comment").is_some());
    let expected = match menu.identity(version) {
        Identity::Singleton | Identity::Name => false,
        Identity::Comment => true,
    };
    assert_eq!(comments, expected, "{version} {menu:?}");
    if comments {
        assert!(known.can_read("comment"));
    }
    if !menu.is_singleton() {
        has("remove", ".id");
        has("set", ".id");
    }
    if menu.can_unset() {
        has("unset", ".id");
        has("unset", "value-name");
    }
    if menu.is_ordered() {
        has("move", "numbers");
        has("move", "destination");
    }
    let hides = known
        .command("print")
        .unwrap()
        .argument("show-sensitive")
        .is_some();
    let secrets = menu.properties(version).any(|property| property.secret);
    assert_eq!(
        menu.hides_secrets(version),
        hides && secrets,
        "{version} {menu:?}"
    );
}

#[test]
fn every_word_of_a_type_is_accepted_by_every_version() {
    let accepts = |path: &str, name: &str, since: Option<Version>, words: &[&str]| {
        for version in Version::ALL {
            let add = Schema::of(version)
                .menu(path)
                .unwrap()
                .command("add")
                .unwrap();
            let Some(argument) = add.argument(name) else {
                assert!(
                    since.is_some_and(|since| version < since),
                    "{version} {path} {name}"
                );
                continue;
            };
            for word in words {
                assert!(
                    argument.value.accepts(word),
                    "{version} {path} {name}={word}"
                );
            }
            let strict = !argument.value.accepts("no-such-word");
            assert!(
                strict || name == "protocol",
                "{version} {path} {name} takes anything"
            );
        }
    };
    fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
        all.iter().copied().map(word).collect()
    }
    accepts(
        "/ppp/profile",
        "only-one",
        None,
        &words(OnlyOne::ALL, OnlyOne::word),
    );
    accepts(
        "/radius",
        "service",
        None,
        &words(RadiusService::ALL, RadiusService::word),
    );
    accepts(
        "/radius",
        "require-message-auth",
        Some(Version::V7_15),
        &words(RequireMessageAuth::ALL, RequireMessageAuth::word),
    );
    accepts(
        "/ip/firewall/nat",
        "action",
        None,
        &words(NatAction::ALL, NatAction::word),
    );
    accepts(
        "/ip/firewall/nat",
        "protocol",
        None,
        &words(Protocol::ALL, Protocol::word),
    );
}

#[test]
fn everything_that_is_only_read_exists_in_every_version() {
    for version in Version::ALL {
        for read in reads::ALL {
            let menu = Schema::of(version).menu(read.menu).unwrap();
            assert!(menu.command("print").is_some());
            for property in read.properties {
                assert!(
                    menu.can_read(property),
                    "{version} {} {property}",
                    read.menu
                );
            }
        }
        for (path, verb, arguments) in reads::COMMANDS {
            let command = Schema::of(version)
                .menu(path)
                .unwrap()
                .command(verb)
                .unwrap();
            for argument in arguments {
                assert!(
                    command.argument(argument).is_some(),
                    "{version} {path}/{verb} {argument}"
                );
            }
        }
    }
}

#[test]
fn equal_values_are_equal_however_they_are_written() {
    for (menu, name, one, other) in [
        (Menu::PppAaa, "interim-update", "00:05:00", "5m"),
        (Menu::PppAaa, "use-radius", "yes", "true"),
        (Menu::Radius, "service", "hotspot,ppp", "ppp,hotspot"),
        (Menu::AddressList, "address", "10.0.0.1/32", "10.0.0.1"),
        (
            Menu::Pool,
            "ranges",
            "10.0.0.2-9,10.0.1.1-10.0.1.1",
            "10.0.0.2-10.0.0.9,10.0.1.1",
        ),
        (Menu::Radius, "timeout", "00:00:00.300", ""),
        (Menu::Pool, "next-pool", "none", ""),
    ] {
        let written = |value: &str| {
            let mut settings = Settings::new();
            settings.set(menu, name, value).unwrap();
            settings
        };
        assert_eq!(written(one), written(other), "{name}");
    }
}

#[test]
fn types_are_read_as_they_were_written() {
    fn same<M: Model + PartialEq + std::fmt::Debug>(model: &M) {
        let settings = model.to_settings().unwrap();
        assert_eq!(&M::from_settings(&settings).unwrap(), model);
    }
    same(&Pool {
        name: "suspended".into(),
        ranges: "10.255.255.2-10.255.255.254".into(),
        next_pool: None,
    });
    same(&PppProfile {
        name: "10M".into(),
        rate_limit: Some("5M/10M".into()),
        only_one: OnlyOne::Yes,
        session_timeout: Some(Duration::from_secs(3600)),
        ..PppProfile::default()
    });
    same(&RadiusClient {
        address: "192.0.2.1".parse().unwrap(),
        secret: "s".into(),
        services: vec![RadiusService::Hotspot, RadiusService::Ppp],
        authentication_port: 1812,
        accounting_port: 11813,
        timeout: Duration::from_secs(3),
        src_address: None,
        require_message_auth: RequireMessageAuth::Yes,
    });
    same(&RadiusIncoming {
        accept: true,
        port: 3799,
    });
    same(&PppAaa {
        use_radius: true,
        accounting: true,
        interim_update: Duration::from_secs(300),
        ipv6_accounting: false,
    });
    same(&AddressListEntry {
        list: "suspended".into(),
        address: "10.0.0.0/24".into(),
        disabled: true,
    });
}

#[test]
fn secrets_are_not_shown_and_zero_bytes_refused() {
    let mut settings = Settings::new();
    settings.set(Menu::Radius, "secret", "hidden").unwrap();
    assert!(!format!("{settings:?}").contains("hidden"));
    let nul = settings.set(Menu::Pool, "name", "a\0b");
    assert_eq!(nul, Err(InvalidValue::Nul("name")));
    let unknown = settings.set(Menu::Pool, "colour", "red");
    assert!(matches!(unknown, Err(InvalidValue::Property { .. })));
}
