use std::time::Duration as StdDuration;

use super::*;

fn rule(json: &str) -> FaultRule {
    serde_json::from_str(json).unwrap()
}

fn with_fault(json: &str) -> (Router, Session) {
    let mut router = router("7.20");
    router.faults().add(rule(json));
    let session = signed_in(&mut router);
    (router, session)
}

fn add(name: &str) -> Request {
    request(&format!("/ppp/secret/add name={name} comment=x"))
}

#[test]
fn the_second_write_is_refused_and_the_third_is_not() {
    let (mut router, mut session) = with_fault(
        r#"{"when":{"writes":true,"nth":2,"times":1},"fault":{"trap":{"category":4,"message":"busy"}}}"#,
    );
    let requests = [add("a"), request("/ppp/secret/print"), add("b"), add("c")];
    let replies = converse(&mut session, &mut router, &requests);
    let traps = replies
        .iter()
        .filter(|reply| matches!(reply.kind, ReplyKind::Trap(_)));
    assert_eq!(traps.count(), 1);
    assert_eq!(names(&router.rows("/ppp/secret")), ["a", "c"]);
}

#[test]
fn a_slow_command_is_overtaken() {
    let (mut router, mut session) =
        with_fault(r#"{"when":{"command":"/ppp"},"fault":{"delay":{"ms":1500}}}"#);
    let requests = [
        add("a").tag("slow"),
        request("/system/identity/print").tag("fast"),
    ];
    let replies = converse(&mut session, &mut router, &requests);
    assert!(replies.iter().all(|reply| reply.tag == Some("fast".into())));
    assert_eq!(
        session.next_due(),
        Some(start() + Duration::milliseconds(1500))
    );
    router.advance(start() + Duration::seconds(2));
    session.poll(&mut router);
    assert_eq!(heard(&mut session).len(), 1);
    assert_eq!(names(&router.rows("/ppp/secret")), ["a"]);
}

#[test]
fn a_hung_command_can_be_cancelled() {
    let (mut router, mut session) = with_fault(r#"{"when":{"command":"/ppp"},"fault":"hang"}"#);
    assert!(converse(&mut session, &mut router, &[add("a").tag("1")]).is_empty());
    let replies = converse(
        &mut session,
        &mut router,
        &[request("/cancel tag=1").tag("2")],
    );
    assert_eq!(replies.len(), 3);
    assert!(router.rows("/ppp/secret").is_empty());
}

#[test]
fn half_is_applied_and_the_connection_is_gone() {
    let (mut router, mut session) = with_fault(r#"{"when":{"writes":true},"fault":"half_apply"}"#);
    assert!(converse(&mut session, &mut router, &[add("a")]).is_empty());
    assert!(!session.is_open());
    let secrets = router.rows("/ppp/secret");
    assert_eq!(names(&secrets), ["a"]);
    assert_eq!(secrets[0].get("comment"), None);
}

#[test]
fn the_answer_ends_in_the_middle() {
    let (mut router, mut session) =
        with_fault(r#"{"when":{"command":"/user"},"fault":"drop_mid_sentence"}"#);
    let mut bytes = Vec::new();
    request("/user/print")
        .to_sentence()
        .unwrap()
        .encode(&mut bytes);
    session.receive(&bytes, &mut router);
    let said = session.take_output();
    let mut decoder = Decoder::new(Limits::default());
    let mut rest = said.as_slice();
    while decoder.decode(&mut rest).unwrap().is_some() {}
    assert!(!decoder.is_between_sentences());
    assert!(!session.is_open());
}

#[test]
fn a_lie_is_answered_and_not_done() {
    let (mut router, mut session) = with_fault(r#"{"when":{"writes":true},"fault":"lie"}"#);
    let replies = converse(&mut session, &mut router, &[add("a")]);
    assert!(matches!(
        &*replies,
        [Reply {
            kind: ReplyKind::Done(_),
            ..
        }]
    ));
    assert!(router.rows("/ppp/secret").is_empty());
}

#[test]
fn a_full_disk_refuses_files_only() {
    let (mut router, mut session) = with_fault(r#"{"fault":"disk_full"}"#);
    let replies = converse(
        &mut session,
        &mut router,
        &[request("/system/backup/save name=x"), add("a")],
    );
    assert!(matches!(replies[0].kind, ReplyKind::Trap(_)));
    assert!(router.rows("/file").is_empty());
    assert_eq!(names(&router.rows("/ppp/secret")), ["a"]);
}

#[test]
fn a_router_that_goes_away_comes_back() {
    let (mut router, mut session) =
        with_fault(r#"{"when":{"writes":true,"times":1},"fault":{"away":{"ms":5000}}}"#);
    assert!(converse(&mut session, &mut router, &[add("a")]).is_empty());
    assert!(!session.is_open());
    assert!(!router.lets_in(PEER, "api"));
    router.advance(start() + Duration::seconds(6));
    assert!(router.lets_in(PEER, "api"));
    let mut session = signed_in(&mut router);
    converse(&mut session, &mut router, &[add("a")]);
    assert_eq!(names(&router.rows("/ppp/secret")), ["a"]);
}

#[test]
fn an_outage_within_another_does_not_make_it_shorter() {
    let mut router = router("7.20");
    router.power_cut(StdDuration::from_secs(60));
    let boots = router.boots();
    router.reboot_for(StdDuration::from_secs(3600));
    assert_eq!(router.boots(), boots, "it has no power to restart with");
    router.power_cut(StdDuration::from_secs(1));
    router.advance(start() + Duration::seconds(59));
    assert!(!router.is_up());
    router.advance(start() + Duration::seconds(60));
    assert!(router.is_up());
}

#[test]
fn an_address_that_is_not_let_in_is_told_nothing() {
    let mut router = router("7.20");
    done(
        &mut router,
        "/ip/service/set numbers=api address=10.0.0.0/8",
    );
    assert!(!router.lets_in(PEER, "api"));
    assert!(router.lets_in("10.1.2.3".parse().unwrap(), "api"));
}
