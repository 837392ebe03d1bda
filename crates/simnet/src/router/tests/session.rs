use super::*;

fn kinds(replies: &[Reply]) -> Vec<&'static str> {
    let kind = |reply: &Reply| match &reply.kind {
        ReplyKind::Row(_) => "re",
        ReplyKind::Done(_) => "done",
        ReplyKind::Trap(_) => "trap",
        ReplyKind::Empty => "empty",
        ReplyKind::Fatal(_) => "fatal",
    };
    replies.iter().map(kind).collect()
}

#[test]
fn nobody_does_anything_before_the_login() {
    let mut router = router("7.20");
    let mut session = Session::new(&router, PEER, [7; 16]);
    let replies = converse(&mut session, &mut router, &[request("/user/print")]);
    assert_eq!(replies[0].kind, ReplyKind::Fatal("not logged in".into()));
    assert!(!session.is_open());
}

#[test]
fn a_wrong_password_is_refused_and_may_be_tried_again() {
    let mut router = router("7.20");
    let mut session = Session::new(&router, PEER, [7; 16]);
    let wrong = request("/login name=admin password=no");
    let replies = converse(&mut session, &mut router, &[wrong, log_in()]);
    assert_eq!(kinds(&replies), ["trap", "done", "done"]);
    assert!(session.is_signed_in());
}

#[test]
fn an_old_router_asks_for_the_answer_to_a_challenge() {
    let config = RouterConfig {
        version: "6.49".to_owned(),
        login: LoginMethod::Challenge,
        users: vec![Account {
            name: "admin".to_owned(),
            password: "pw".to_owned(),
            group: "full".to_owned(),
        }],
        ..RouterConfig::default()
    };
    let mut router = Router::new(&config, start()).unwrap();
    let mut session = Session::new(&router, PEER, [7; 16]);
    let replies = converse(&mut session, &mut router, &[Request::new("/login")]);
    let [
        Reply {
            kind: ReplyKind::Done(row),
            ..
        },
    ] = &*replies
    else {
        panic!("{replies:?}")
    };
    let challenge = mikrotik::api::Challenge::from_hex(row.get("ret").unwrap()).unwrap();
    let response = mikrotik::api::challenge_response(challenge, b"pw");
    let login = request(&format!("/login name=admin response={response}"));
    assert_eq!(
        kinds(&converse(&mut session, &mut router, &[login])),
        ["done"]
    );
}

#[test]
fn an_empty_result_is_said_as_the_version_says_it() {
    for (version, expected) in [("7.16", vec!["done"]), ("7.20", vec!["empty", "done"])] {
        let mut router = router(version);
        let mut session = signed_in(&mut router);
        let replies = converse(&mut session, &mut router, &[request("/ppp/secret/print")]);
        assert_eq!(kinds(&replies), expected);
    }
}

#[test]
fn listeners_hear_of_changes_until_they_cancel() {
    let mut router = router("7.20");
    let mut session = signed_in(&mut router);
    let listen = request("/ppp/secret/listen")
        .tag("l")
        .proplist([".id", "name"]);
    assert!(converse(&mut session, &mut router, &[listen]).is_empty());
    done(&mut router, "/ppp/secret/add name=a");
    session.poll(&mut router);
    let replies = heard(&mut session);
    let ReplyKind::Row(row) = &replies[0].kind else {
        panic!("{replies:?}")
    };
    assert_eq!(replies[0].tag, Some("l".into()));
    assert_eq!(
        (shown(row, ".id"), shown(row, "name")),
        ("*1".into(), "a".into())
    );
    done(&mut router, "/ppp/secret/remove .id=*1");
    session.poll(&mut router);
    let replies = heard(&mut session);
    let ReplyKind::Row(row) = &replies[0].kind else {
        panic!("no row")
    };
    assert_eq!(shown(row, ".dead"), "yes");
    let cancel = request("/cancel tag=l").tag("c");
    let replies = converse(&mut session, &mut router, &[cancel]);
    assert_eq!(kinds(&replies), ["trap", "done", "done"]);
    assert_eq!(replies[2].tag, Some("c".into()));
    done(&mut router, "/ppp/secret/add name=b");
    session.poll(&mut router);
    assert!(heard(&mut session).is_empty());
}

#[test]
fn tags_tell_answers_apart_and_quit_ends() {
    let mut router = router("7.20");
    let mut session = signed_in(&mut router);
    let requests = [
        request("/system/identity/print").tag("1"),
        request("/ppp/nothing/print").tag("2"),
        request("/quit").tag("3"),
    ];
    let replies = converse(&mut session, &mut router, &requests);
    assert_eq!(kinds(&replies), ["re", "done", "trap", "done", "fatal"]);
    let tags: Vec<String> = replies
        .iter()
        .map(|reply| reply.tag.clone().unwrap().to_string())
        .collect();
    assert_eq!(tags, ["1", "1", "2", "2", "3"]);
    assert!(!session.is_open());
}

#[test]
fn a_reboot_ends_the_connection() {
    let mut router = router("7.20");
    let mut session = signed_in(&mut router);
    done(&mut router, "/system/reboot");
    session.poll(&mut router);
    assert!(!session.is_open());
}

#[test]
fn hostile_bytes_end_the_connection_and_nothing_else() {
    let mut router = router("7.20");
    for bytes in [
        &[0xFF; 64][..],
        &[0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0x41][..],
        &[0xE0, 0x7F, 0xFF, 0xFF][..],
        b"\x05/\xC3\x28\x00\xA0\x00",
    ] {
        let mut session = signed_in(&mut router);
        session.receive(bytes, &mut router);
        session.poll(&mut router);
        assert!(session.take_output().len() < 200);
    }
    let mut session = signed_in(&mut router);
    let words = (0..5000).map(|_| "=a=b");
    let mut flood = mikrotik::api::Sentence::new();
    for word in words {
        flood.push(word.as_bytes()).unwrap();
    }
    let mut bytes = Vec::new();
    flood.encode(&mut bytes);
    session.receive(&bytes, &mut router);
    assert!(!session.is_open());
}
