use super::*;

const SET_UP: &str = r#"
/interface bridge add name=lan
/ip pool
add name=customers ranges=100.64.0.2-100.64.255.254
add name=suspended ranges=10.255.255.0/24 next-pool=customers
/ppp profile
set [ find name=default ] dns-server=10.0.0.1
add name="gold 10M" remote-address=customers rate-limit="5M/10M" \
    comment="a \"quoted\" one"
/ppp secret add name=rahim password="p w;=x" profile="gold 10M" service=pppoe
/radius add address=10.0.0.5 service=ppp,hotspot secret=s3cret timeout=3s
/ppp aaa set use-radius=yes interim-update=5m
/system identity set name=POP-1
/ip firewall filter
add chain=input action=drop src-address=10.9.0.0/16
add chain=forward
"#;

fn furnished(version: &str) -> Router {
    let config = RouterConfig {
        version: version.to_owned(),
        setup: SET_UP.to_owned(),
        ..RouterConfig::default()
    };
    Router::new(&config, start()).unwrap()
}

#[test]
fn an_export_makes_the_same_router_again() {
    for version in VERSIONS {
        let router = furnished(version);
        let text = router.export();
        let config = RouterConfig {
            version: version.to_owned(),
            setup: text.clone(),
            ..RouterConfig::default()
        };
        let again = Router::new(&config, start()).unwrap();
        assert_eq!(again.export(), text, "{version}");
        assert!(text.contains("/ppp secret\nadd name=rahim"), "{text}");
    }
}

#[test]
fn the_products_reader_reads_the_export() {
    let export = mikrotik::export::parse(furnished("7.16").export().as_bytes());
    assert_eq!(export.errors, []);
    assert_eq!(export.secrets.len(), 1);
}

#[test]
fn an_export_goes_into_a_file_and_hides_secrets_unless_asked() {
    for (version, line, open) in [
        ("7.20", "/export file=a", false),
        ("7.20", "/export file=a show-sensitive=", true),
        ("6.49", "/export file=a", true),
        ("6.49", "/export file=a hide-sensitive=", false),
    ] {
        let mut router = furnished(version);
        done(&mut router, line);
        let text = router.file("a.rsc").unwrap().to_string();
        assert_eq!(text.contains("s3cret"), open, "{version} {line}");
    }
}

#[test]
fn a_file_is_written_imported_and_removed() {
    let mut router = router("7.20");
    router.put_file(
        "x.rsc",
        "/ip pool add name=p ranges=10.0.0.0/24\n:log info done".into(),
    );
    done(&mut router, "/import file-name=x.rsc");
    assert_eq!(names(&router.rows("/ip/pool")), ["p"]);
    assert_eq!(shown(&router.rows("/log")[0], "message"), "done");
    assert_eq!(
        refusal(&mut router, "/import file-name=x.rsc"),
        "failure: pool with such name exists (line 1 column 1)"
    );
    done(&mut router, "/file/remove numbers=x.rsc");
    assert!(router.rows("/file").is_empty());
}

#[test]
fn a_long_file_is_read_in_chunks() {
    let mut router = router("7.20");
    router.put_file("long.txt", "x".repeat(70_000).into());
    assert_eq!(router.rows("/file")[0].get("contents"), None);
    let read = |router: &mut Router, offset: usize| {
        let line = format!("/file/read file=long.txt chunk-size=32768 offset={offset}");
        rows(router, &request(&line))[0].get("data").unwrap().len()
    };
    assert_eq!(
        [0, 32_768, 65_536].map(|offset| read(&mut router, offset)),
        [32_768, 32_768, 4_464]
    );
}

#[test]
fn the_guard_restores_the_backup_unless_it_is_taken_away() {
    for (confirmed, expected) in [(false, "POP-1"), (true, "broken")] {
        let mut router = furnished("7.20");
        done(&mut router, "/system/backup/save name=before password=");
        let guard = request("/system/scheduler/add name=guard interval=5m").argument(
            "on-event",
            ":do { /system backup load name=before password=\"\" } on-error={ :log error failed }",
        );
        router.execute(&guard, &User::system()).unwrap();
        done(&mut router, "/system/identity/set name=broken");
        if confirmed {
            done(&mut router, "/system/scheduler/remove numbers=guard");
        }
        let boots = router.boots();
        router.advance(start() + Duration::minutes(4));
        assert_eq!(router.boots(), boots);
        router.advance(start() + Duration::minutes(6));
        assert_eq!(shown(&router.rows("/system/identity")[0], "name"), expected);
        assert_eq!(router.boots() > boots, !confirmed);
        assert_eq!(router.rows("/system/scheduler").len(), 0);
    }
}

#[test]
fn on_error_goes_on_where_a_command_is_refused() {
    let mut router = router("7.9");
    router.put_file(
        "x.rsc",
        ":do { /ppp secret remove [find name=x]; /ppp profile remove default } on-error={ :log info saved }".into(),
    );
    done(&mut router, "/import file-name=x.rsc");
    assert_eq!(shown(&router.rows("/log")[0], "message"), "saved");
}

#[test]
fn a_signed_certificate_can_serve_the_api() {
    let mut router = router("7.20");
    done(
        &mut router,
        "/certificate/add name=api common-name=router subject-alt-name=IP:127.0.0.1",
    );
    done(&mut router, "/certificate/sign numbers=api");
    done(
        &mut router,
        "/ip/service/set numbers=api-ssl certificate=api tls-version=only-1.2",
    );
    assert!(router.api_certificate().is_some());
    assert_eq!(
        shown(&router.rows("/certificate")[0], "fingerprint").len(),
        64
    );
    assert!(run(&mut router, "/certificate/sign numbers=api").is_err());
}
