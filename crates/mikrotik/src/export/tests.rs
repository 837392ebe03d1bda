use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Vec<Command<'_>> {
    commands(text.as_bytes())
        .map(|command| command.expect("the text is correct"))
        .collect()
}

fn value(text: &str) -> String {
    let text = format!("/ppp secret\nadd comment={text}\n");
    let commands = read(&text);
    commands[0]
        .get("comment")
        .expect("the argument is there")
        .to_owned()
}

fn errors(text: &str) -> Vec<ExportError> {
    commands(text.as_bytes()).filter_map(Result::err).collect()
}

#[test]
fn reads_an_export_of_version_6() {
    let text = "# jan/02/2026 10:11:12 by RouterOS 6.49.10\r\n# software id = ABCD-1234\r\n#\r\n\
        /interface ethernet\r\nset [ find default-name=ether1 ] name=ether1-wan\r\n\
        /ppp profile\r\nset *0 only-one=yes\r\n\
        add local-address=10.0.0.1 name=10M only-one=yes rate-limit=\\\r\n    10M/10M remote-address=pool1\r\n\
        set *FFFFFFFE rate-limit=\"1M/2M 2M/4M\"\r\n\
        /ppp secret\r\n\
        add comment=\"Md. Rahim, \\\"Uttara\\\"\" name=rahim01 password=a=b\\$c profile=10M \\\r\n    service=pppoe\r\n\
        add disabled=yes limit-bytes-in=1000 limit-bytes-out=0 name=karim password=\"\" remote-address=\\\r\n    10.9.8.7 caller-id=AA:BB:CC:DD:EE:FF\r\n";
    let export = parse(text.as_bytes());
    assert_eq!(export.errors, []);
    let names: Vec<&str> = export
        .profiles
        .iter()
        .map(|profile| profile.name.as_str())
        .collect();
    assert_eq!(names, ["default", "10M", "default-encryption"]);
    assert!(export.profiles[0].is_built_in());
    assert_eq!(export.profiles[0].only_one, Some(true));
    assert_eq!(export.profiles[1].rate_limit.as_deref(), Some("10M/10M"));
    assert_eq!(export.profiles[1].line, 8);
    assert_eq!(
        export.profiles[2].rate_limit.as_deref(),
        Some("1M/2M 2M/4M")
    );
    let rahim = &export.secrets[0];
    assert_eq!(rahim.comment.as_deref(), Some("Md. Rahim, \"Uttara\""));
    assert_eq!(rahim.password.as_deref(), Some("a=b$c"));
    assert_eq!(
        (rahim.service.as_str(), rahim.profile.as_str()),
        ("pppoe", "10M")
    );
    assert!(rahim.serves_pppoe() && !rahim.disabled);
    let karim = &export.secrets[1];
    assert!(karim.disabled);
    assert_eq!(karim.password, None);
    assert_eq!(
        (karim.limit_bytes_in, karim.limit_bytes_out),
        (Some(1000), None)
    );
    assert_eq!(karim.remote_address.as_deref(), Some("10.9.8.7"));
    assert_eq!(karim.caller_id.as_deref(), Some("AA:BB:CC:DD:EE:FF"));
}

#[test]
fn reads_menus_in_every_form() {
    for text in [
        "/ppp secret\nadd name=x",
        "/ppp/secret\nadd name=x",
        "/ppp secret add name=x",
        "/ppp/secret/add name=x",
        "/ppp\nsecret add name=x",
        "/ppp secret; add name=x",
        "\u{feff}/ppp  secret \\\n   add \\  \n name=\\\n x",
    ] {
        let commands = read(text);
        assert_eq!(commands.len(), 1, "{text}");
        assert_eq!(
            (commands[0].menu.as_ref(), commands[0].verb.as_ref()),
            ("/ppp secret", "add")
        );
        assert_eq!(commands[0].get("name"), Some("x"), "{text}");
    }
}

#[test]
fn a_full_command_leaves_the_menu_alone() {
    let commands = read("/ppp secret\n/ip pool add name=p\nadd name=x");
    assert_eq!(commands[1].menu, "/ppp secret");
}

#[test]
fn reads_values() {
    for (text, expected) in [
        ("plain", "plain"),
        ("", ""),
        ("\"\"", ""),
        ("a=b=c", "a=b=c"),
        (r#""a b""#, "a b"),
        (
            r#""say \"hi\" \\ \$x \? \n\r\t\_.""#,
            "say \"hi\" \\ $x ? \n\r\t .",
        ),
        (r#""\E0\A6\95""#, "ক"),
        (r"\E0\A6\95", "ক"),
        ("\"long \\\n    text\"", "long text"),
        ("\"lo\\\r\n    ng\"", "long"),
        ("\"spaced\\\n    \\_out\"", "spaced out"),
        ("\\\n    later", "later"),
        ("[:rndstr length=8]", "[:rndstr length=8]"),
        ("[/a \"]\" [b] c]", "[/a \"]\" [b] c]"),
        ("\"two\nlines\"", "two\nlines"),
        (r#""\FF|""#, "\u{fffd}|"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn bytes_that_are_not_text_are_replaced() {
    let text = b"/ppp secret\nadd name=a\xFFb comment=\"x\\n\xFE\"\n";
    let export = parse(text);
    assert_eq!(export.secrets[0].name, "a\u{fffd}b");
    assert_eq!(export.secrets[0].comment.as_deref(), Some("x\n\u{fffd}"));
}

#[test]
fn one_bad_line_costs_one_line() {
    let text = "/ppp secret\nadd name=\"a\nadd name=b\nadd name=\"c\"d\nadd name=\"\\q\"\n\
        add name=[x\nhello world\n:delay 5s\nadd password=x\nadd name=e limit-bytes-in=1G\n\
        add name=f disabled=maybe\nadd name=\"\\00\"\nset nobody password=x\nadd name=z\n";
    let export = parse(text.as_bytes());
    let names: Vec<&str> = export
        .secrets
        .iter()
        .map(|secret| secret.name.as_str())
        .collect();
    assert_eq!(names, ["b", "z"]);
    let lines: Vec<usize> = export.errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    assert_eq!(
        export.errors[0].kind,
        ExportErrorKind::UnclosedQuote { opened: 2 }
    );
    assert_eq!(
        export.errors[4].to_string(),
        "line 7: `hello` is not a command of an export; remove the line if it does not belong here"
    );
}

#[test]
fn commands_without_a_menu_are_refused() {
    assert_eq!(errors("add name=x")[0].kind, ExportErrorKind::NoMenu);
}

#[test]
fn an_endless_command_is_refused() {
    let text = format!("/ppp secret\nadd {}\nadd name=x", "a=1 ".repeat(600));
    let kinds: Vec<ExportErrorKind> = errors(&text).into_iter().map(|error| error.kind).collect();
    assert_eq!(kinds, [ExportErrorKind::TooManyWords]);
    assert_eq!(parse(text.as_bytes()).secrets.len(), 1);
}

#[test]
fn set_changes_what_add_made() {
    let text = "/ppp secret\nadd name=a\nadd name=b\nadd name=c\nset a password=1\n\
        set [ find name=b ] password=2 name=bb\nset 2 password=3\nset [find where name=\"bb\"] profile=p\n\
        disable a\nremove c\n";
    let export = parse(text.as_bytes());
    assert_eq!(export.errors, []);
    let seen: Vec<_> = export
        .secrets
        .iter()
        .map(|secret| {
            (
                secret.name.as_str(),
                secret.password.as_deref(),
                secret.disabled,
            )
        })
        .collect();
    assert_eq!(seen, [("a", Some("1"), true), ("bb", Some("2"), false)]);
    assert_eq!(export.secrets[1].profile, "p");
}

#[test]
fn reads_print_detail() {
    let text = "[admin@POP-1] > /ppp secret print detail\nFlags: X - disabled \n \
        0   ;;; Rahim; 2nd floor\n     name=\"rahim\" service=pppoe caller-id=\"\" password=\"p 1\" \n     \
        profile=10M routes=\"\" limit-bytes-in=0 limit-bytes-out=0 \n\n \
        1 X name=\"karim\" service=any password=\"p2\" profile=default\n\
        [admin@POP-1] /ppp secret> print terse\n 2   name=x password=y comment=two words profile=p\n";
    let export = parse(text.as_bytes());
    assert_eq!(export.errors, []);
    let seen: Vec<_> = export
        .secrets
        .iter()
        .map(|secret| {
            (
                secret.name.as_str(),
                secret.password.as_deref(),
                secret.disabled,
            )
        })
        .collect();
    let expected = [
        ("rahim", Some("p 1"), false),
        ("karim", Some("p2"), true),
        ("x", Some("y"), false),
    ];
    assert_eq!(seen, expected);
    assert_eq!(
        export.secrets[0].comment.as_deref(),
        Some("Rahim; 2nd floor")
    );
    assert_eq!(export.secrets[2].comment.as_deref(), Some("two words"));
    assert_eq!(export.secrets[0].line, 3);
}

#[test]
fn a_table_is_refused() {
    let text = "/ppp secret print\nFlags: X - disabled\nColumns: NAME, SERVICE\n0   rahim  pppoe\n";
    assert_eq!(errors(text)[0].kind, ExportErrorKind::TableOutput);
}

#[test]
fn reads_many_secrets() {
    let mut writer = ExportWriter::new();
    for number in 0..100_000 {
        let (name, password) = (format!("user{number}"), format!("pass {number}"));
        let arguments = [
            ("name", name.as_str()),
            ("password", &password),
            ("service", "pppoe"),
        ];
        writer.command("/ppp secret", "add", arguments);
    }
    let export = parse(writer.into_text().as_bytes());
    assert_eq!((export.secrets.len(), export.errors.len()), (100_000, 0));
    assert_eq!(export.secrets[99_999].name, "user99999");
}

#[test]
fn errors_are_bounded() {
    let export = parse("nonsense\n".repeat(1_500).as_bytes());
    assert_eq!((export.errors.len(), export.more_errors), (MAX_ERRORS, 500));
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9]{0,8}",
        "[ -~]{0,200}",
        any::<String>(),
        "[\\\\\"$ \n\r\tক]{0,100}"
    ]
}

type Written = (String, Vec<(String, String)>);

fn any_commands() -> impl Strategy<Value = Vec<Written>> {
    let menu = prop_oneof![Just("/ppp secret".to_owned()), Just("/ip pool".to_owned())];
    vec((menu, vec(("[a-z][a-z-]{0,20}", any_value()), 0..8)), 0..8)
}

proptest! {
    #[test]
    fn never_panics_on_bytes(bytes in vec(any::<u8>(), 0..400)) {
        let export = parse(&bytes);
        prop_assert!(export.errors.len() <= bytes.len());
    }

    #[test]
    fn never_panics_on_export_like_text(
        text in "(/ppp secret|add |set |name=|\"|\\\\|\n|\r\n|\\[| find |;;;|;|=|0 X |#|!|a| |ক){0,40}",
    ) {
        let export = parse(text.as_bytes());
        prop_assert!(export.errors.len() <= text.len());
    }

    #[test]
    fn reads_what_it_wrote(written in any_commands()) {
        let mut writer = ExportWriter::new();
        for (menu, arguments) in &written {
            let arguments = arguments.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            writer.command(menu, "add", arguments);
        }
        let text = writer.into_text();
        let read: Vec<Written> = read(&text)
            .into_iter()
            .map(|command| {
                let own = |argument: Argument<'_>| {
                    (argument.name.into_owned(), argument.value.into_owned())
                };
                (command.menu.into_owned(), command.arguments.into_iter().map(own).collect())
            })
            .collect();
        prop_assert_eq!(read, written);
    }
}

#[test]
fn reads_the_sample_export() {
    let export = parse(include_bytes!("../../../../docs/samples/ppp-secrets.rsc"));
    assert_eq!(export.errors, []);
    let profiles: Vec<&str> = export
        .profiles
        .iter()
        .map(|profile| profile.name.as_str())
        .collect();
    assert_eq!(profiles, ["default", "Home-10M", "Home-20M", "Home-40M"]);
    let rates: Vec<Option<(u32, u32)>> = export
        .profiles
        .iter()
        .map(|profile| profile.rate().map(|rate| (rate.up_kbps, rate.down_kbps)))
        .collect();
    let expected = [
        None,
        Some((10_000, 10_000)),
        Some((20_000, 20_000)),
        Some((20_000, 40_000)),
    ];
    assert_eq!(rates, expected);
    assert_eq!(export.secrets.len(), 60);
    assert_eq!(
        export
            .secrets
            .iter()
            .filter(|secret| secret.disabled)
            .count(),
        1
    );
    assert_eq!(
        export.secrets[7].comment.as_deref(),
        Some("মোঃ শাহিন, মিরপুর ১০")
    );
    let password = |index: usize| export.secrets[index].password.as_deref();
    assert_eq!(password(5), Some("pa ss=word;5"));
    assert_eq!(password(9), Some("q\"uote9"));
    assert_eq!(password(13), Some("back\\slash13"));
    assert_eq!(password(21), Some("dollar$21"));
}
