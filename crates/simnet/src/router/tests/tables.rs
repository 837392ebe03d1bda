use super::*;

const REFUSALS: [(&str, &str); 14] = [
    ("/no/such/print", "no such command prefix"),
    ("/ppp/secret/fly", "no such command"),
    (
        "/ppp/secret/add name=b colour=red",
        "unknown parameter colour",
    ),
    ("/ppp/secret/add password=x", "missing =name="),
    (
        "/ppp/secret/add name=a",
        "failure: secret with the same name already exists",
    ),
    (
        "/ip/pool/add name=p ranges=10.1.0.0/24",
        "failure: pool with such name exists",
    ),
    (
        "/ip/pool/add name=q ranges=nowhere",
        "invalid value for argument ranges",
    ),
    (
        "/ppp/secret/add name=b service=smoke",
        "input does not match any value of service",
    ),
    (
        "/ppp/secret/add name=b profile=gold",
        "input does not match any value of profile",
    ),
    ("/ppp/secret/set .id=*99 comment=x", "no such item"),
    ("/ppp/secret/remove numbers=nobody", "no such item"),
    (
        "/ppp/profile/remove numbers=default",
        "failure: can not remove default profile",
    ),
    (
        "/radius/add timeout=2h",
        "value of timeout out of range (10ms..1m)",
    ),
    (
        "/user/remove numbers=admin",
        "failure: at least one user with full rights must be left",
    ),
];

#[test]
fn every_menu_of_every_version_prints() {
    for version in VERSIONS {
        let mut router = router(version);
        let schema = Schema::of(router.release().schema_version());
        for (path, menu) in schema.menus() {
            if menu.command("print").is_none() {
                continue;
            }
            let rows = rows(&mut router, &Request::new(format!("{path}/print")));
            for row in &rows {
                for (name, _) in row.iter() {
                    let name = std::str::from_utf8(name).unwrap();
                    let settable = ["add", "set"].iter().any(|verb| {
                        let command = menu.command(verb);
                        command.is_some_and(|command| command.argument(name).is_some())
                    });
                    let known = settable || menu.can_read(name) || matches!(name, ".id" | "type");
                    assert!(known, "{version} {path} {name}");
                }
            }
        }
    }
}

#[test]
fn an_item_lives_from_add_to_remove() {
    for version in VERSIONS {
        let mut router = router(version);
        let id = added(&mut router, "/ppp/secret/add name=rahim password=pw");
        assert_eq!(id, "*1", "{version}");
        let print = request("/ppp/secret/print");
        let secrets = rows(&mut router, &print);
        assert_eq!(shown(&secrets[0], "service"), "any");
        assert_eq!(shown(&secrets[0], "profile"), "default");
        assert_eq!(shown(&secrets[0], "disabled"), "false");
        done(
            &mut router,
            "/ppp/secret/set .id=*1 service=pppoe comment=paid",
        );
        done(&mut router, "/ppp/secret/disable numbers=rahim");
        let secrets = rows(&mut router, &print);
        assert_eq!(shown(&secrets[0], "service"), "pppoe");
        assert_eq!(shown(&secrets[0], "comment"), "paid");
        assert_eq!(shown(&secrets[0], "disabled"), "true");
        assert_eq!(added(&mut router, "/ppp/secret/add name=karim"), "*2");
        done(&mut router, "/ppp/secret/remove .id=*1,*2");
        assert!(rows(&mut router, &print).is_empty());
        assert_eq!(added(&mut router, "/ppp/secret/add name=next"), "*3");
    }
}

#[test]
fn refusals_are_the_routers_own() {
    let mut router = router("7.20");
    done(&mut router, "/ppp/secret/add name=a");
    done(&mut router, "/ip/pool/add name=p ranges=10.0.0.2-10.0.0.9");
    for (line, words) in REFUSALS {
        assert_eq!(refusal(&mut router, line), words, "{line}");
    }
    let mut old = super::router("6.49");
    assert_eq!(
        refusal(&mut old, "/ppp/secret/add name=b colour=red"),
        "unknown parameter"
    );
    assert_eq!(
        refusal(&mut old, "/radius/add require-message-auth=no"),
        "unknown parameter"
    );
}

#[test]
fn a_refused_command_changes_nothing() {
    let mut router = router("7.16");
    done(&mut router, "/ppp/secret/add name=a");
    let before = router.export();
    for line in [
        "/ppp/secret/set .id=*1 name=b service=smoke",
        "/ppp/secret/remove .id=*1,*77",
        "/ppp/secret/set .id=*1,*77 comment=x",
    ] {
        assert!(run(&mut router, line).is_err(), "{line}");
    }
    assert_eq!(router.export(), before);
}

#[test]
fn values_are_kept_as_a_router_prints_them() {
    let mut router = router("7.20");
    done(
        &mut router,
        "/ppp/aaa/set use-radius=yes interim-update=00:05:00",
    );
    let aaa = rows(&mut router, &request("/ppp/aaa/print"));
    assert_eq!(shown(&aaa[0], "use-radius"), "true");
    assert_eq!(shown(&aaa[0], "interim-update"), "5m");
    assert_eq!(aaa[0].get(".id"), None);
    done(
        &mut router,
        "/ip/address/add address=10.5.0.1/24 interface=ether2",
    );
    let addresses = rows(&mut router, &request("/ip/address/print"));
    assert_eq!(shown(&addresses[0], "network"), "10.5.0.0");
    done(
        &mut router,
        "/ppp/profile/set numbers=default rate-limit=1M/2M",
    );
    done(&mut router, "/ppp/profile/set numbers=default !rate-limit=");
    let profiles = rows(&mut router, &request("/ppp/profile/print"));
    assert_eq!(profiles[0].get("rate-limit"), None);
    assert_eq!(shown(&profiles[1], ".id"), "*FFFFFFFE");
}

#[test]
fn queries_proplist_and_count_pick_rows() {
    let mut router = router("7.9");
    for (name, profile) in [
        ("a", "default"),
        ("b", "default-encryption"),
        ("c", "default"),
    ] {
        done(
            &mut router,
            &format!("/ppp/secret/add name={name} profile={profile}"),
        );
    }
    let print = request("/ppp/secret/print")
        .query(QueryWord::equal("name", "a"))
        .query(QueryWord::equal("name", "b"))
        .query(QueryWord::Operators(vec![Operator::Or]))
        .query(QueryWord::equal("profile", "default"))
        .proplist(["name"]);
    let found = rows(&mut router, &print);
    assert_eq!(names(&found), ["a"]);
    assert_eq!(found[0].iter().count(), 1);
    let count =
        request("/ppp/secret/print count-only=").query(QueryWord::equal("profile", "default"));
    let answer = router.execute(&count, &User::system());
    assert_eq!(answer, Ok(Answer::Returned("2".into())));
}

#[test]
fn rules_keep_the_order_they_are_moved_to() {
    let mut router = router("7.20");
    for comment in ["one", "two", "three"] {
        done(
            &mut router,
            &format!("/ip/firewall/filter/add chain=input comment={comment}"),
        );
    }
    done(
        &mut router,
        "/ip/firewall/filter/move numbers=*3 destination=*1",
    );
    done(
        &mut router,
        "/ip/firewall/filter/add chain=input comment=first place-before=*3",
    );
    done(&mut router, "/ip/firewall/filter/move numbers=*1");
    let rules = rows(&mut router, &request("/ip/firewall/filter/print"));
    let order: Vec<String> = rules.iter().map(|row| shown(row, "comment")).collect();
    assert_eq!(order, ["first", "three", "two", "one"]);
}

#[test]
fn a_new_name_is_followed_by_those_who_use_it() {
    let mut router = router("7.20");
    done(&mut router, "/ppp/profile/add name=gold");
    done(&mut router, "/ppp/secret/add name=a profile=gold");
    done(&mut router, "/ppp/profile/set numbers=gold name=silver");
    let secrets = rows(&mut router, &request("/ppp/secret/print"));
    assert_eq!(shown(&secrets[0], "profile"), "silver");
    done(&mut router, "/interface/bridge/add");
    done(
        &mut router,
        "/interface/vlan/add interface=bridge1 vlan-id=5 name=v5",
    );
    done(&mut router, "/interface/set numbers=bridge1 name=lan");
    let vlans = rows(&mut router, &request("/interface/vlan/print"));
    assert_eq!(shown(&vlans[0], "interface"), "lan");
    let interfaces = rows(&mut router, &request("/interface/print"));
    assert_eq!(names(&interfaces).last().unwrap(), "v5");
    assert_eq!(
        refusal(&mut router, "/interface/bridge/add name=ether1"),
        "failure: already have interface with such name"
    );
}

#[test]
fn a_group_limits_what_its_users_do() {
    let mut router = router("7.20");
    done(&mut router, "/user/group/add name=looker policy=read,api");
    done(&mut router, "/user/add name=eye group=looker password=pw");
    done(&mut router, "/ppp/secret/add name=a password=hidden");
    let eye = router.sign_in(&"eye".into(), &"pw".into(), PEER).unwrap();
    let Ok(Answer::Rows(secrets)) = router.execute(&request("/ppp/secret/print"), &eye) else {
        panic!("no rows")
    };
    assert_eq!(shown(&secrets[0], "password"), "*****");
    for line in [
        "/ppp/secret/remove numbers=a",
        "/user/add name=b group=full",
        "/system/reboot",
    ] {
        assert_eq!(
            router.execute(&request(line), &eye),
            Err(Refusal::NotPermitted),
            "{line}"
        );
    }
    done(&mut router, "/user/set numbers=eye address=10.0.0.0/8");
    let elsewhere = router.sign_in(&"eye".into(), &"pw".into(), PEER);
    assert_eq!(elsewhere, Err(Refusal::BadLogin));
    let users = rows(&mut router, &request("/user/print"));
    assert!(users.iter().all(|user| user.get("password").is_none()));
}

#[test]
fn device_mode_forbids_features() {
    let config = RouterConfig {
        forbidden: vec!["scheduler".to_owned()],
        ..RouterConfig::default()
    };
    let mut router = Router::new(&config, start()).unwrap();
    assert_eq!(
        refusal(&mut router, "/system/scheduler/add name=a"),
        "not allowed by device-mode"
    );
}

#[test]
fn no_two_items_of_a_menu_have_the_same_id() {
    for version in VERSIONS {
        let mut router = router(version);
        done(&mut router, "/user/group/add name=a policy=read");
        done(&mut router, "/user/add name=a group=a");
        done(&mut router, "/ppp/profile/add name=a");
        done(&mut router, "/interface/bridge/add name=a");
        for path in [
            "/user/group",
            "/user",
            "/ppp/profile",
            "/interface",
            "/queue/type",
        ] {
            let rows = router.rows(path);
            let ids: std::collections::BTreeSet<String> =
                rows.iter().map(|row| shown(row, ".id")).collect();
            assert_eq!(ids.len(), rows.len(), "{version} {path}");
        }
    }
}
