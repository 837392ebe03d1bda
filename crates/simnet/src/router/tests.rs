use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, Duration, TimeZone as _, Utc};
use mikrotik::api::{Decoder, Limits, Operator, QueryWord, Reply, ReplyKind, Request, Row};
use mikrotik::schema::Schema;

use super::*;

mod faults;
mod files;
mod session;
mod tables;

const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const VERSIONS: [&str; 4] = ["6.49.10", "7.9.2", "7.16.2", "7.20.8"];

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap()
}

fn router(version: &str) -> Router {
    let config = RouterConfig {
        version: version.to_owned(),
        ..RouterConfig::default()
    };
    Router::new(&config, start()).unwrap()
}

/// A request from a line: `/ppp/secret/add name=a profile=default`.
fn request(line: &str) -> Request {
    let mut words = line.split(' ');
    let mut request = Request::new(words.next().unwrap());
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        request = request.argument(name, value);
    }
    request
}

fn run(router: &mut Router, line: &str) -> Result<Answer, Refusal> {
    router.execute(&request(line), &User::system())
}

fn done(router: &mut Router, line: &str) {
    let answer = run(router, line);
    assert!(answer.is_ok(), "{line}: {answer:?}");
}

fn added(router: &mut Router, line: &str) -> String {
    match run(router, line) {
        Ok(Answer::Returned(id)) => id.to_string(),
        other => panic!("{line}: {other:?}"),
    }
}

fn rows(router: &mut Router, request: &Request) -> Vec<Row> {
    match router.execute(request, &User::system()) {
        Ok(Answer::Rows(rows)) => rows,
        other => panic!("{request:?}: {other:?}"),
    }
}

fn names(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| shown(row, "name")).collect()
}

fn shown(row: &Row, name: &str) -> String {
    row.text(name).unwrap_or_default().to_string()
}

fn refusal(router: &mut Router, line: &str) -> String {
    match run(router, line) {
        Err(refusal) => refusal.to_string(),
        other => panic!("{line}: {other:?}"),
    }
}

/// What a client hears when it sends requests on a connection.
fn converse(session: &mut Session, router: &mut Router, requests: &[Request]) -> Vec<Reply> {
    let mut bytes = Vec::new();
    for request in requests {
        request.to_sentence().unwrap().encode(&mut bytes);
    }
    session.receive(&bytes, router);
    session.poll(router);
    heard(session)
}

fn heard(session: &mut Session) -> Vec<Reply> {
    let bytes = session.take_output();
    let mut decoder = Decoder::new(Limits::default());
    let mut rest = bytes.as_slice();
    let mut replies = Vec::new();
    while let Some(sentence) = decoder.decode(&mut rest).unwrap() {
        replies.push(Reply::from_sentence(&sentence).unwrap());
    }
    replies
}

fn log_in() -> Request {
    request("/login name=admin password=")
}

fn signed_in(router: &mut Router) -> Session {
    let mut session = Session::new(router, PEER, [7; 16]);
    let replies = converse(&mut session, router, &[log_in()]);
    assert!(matches!(
        &*replies,
        [Reply {
            kind: ReplyKind::Done(_),
            ..
        }]
    ));
    session
}
