//! Logins and reports of a realm: one server of ours forwards, another is the home server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::RealmId;
use domain::network::nas::RequireMessageAuthenticator;
use domain::network::operator_name::OperatorName;
use domain::network::realm::{HomeServer, Realm, RealmPosition, WAITING_LOGINS};
use domain::network::secret::SecretBytes;
use domain::network::service_policy::{Access, RejectCause};
use radius::client::{
    Login, LoginMethod, SentRequest, access_request, accounting_request, status_server,
};
use radius::packet::builder::PacketBuilder;
use radius::packet::codec::{Code, Packet};
use radius::packet::dictionary::{acct_status, attr};
use radius::packet::vendor_mikrotik as mikrotik;
use tokio::net::UdpSocket;

use crate::support::{Directory, SECRET, World, ask, is_eventually};

const PATIENCE: Duration = Duration::from_secs(9);

struct Federation {
    visited: World,
    home: World,
}

pub(crate) fn server(auth: SocketAddr, acct: SocketAddr) -> HomeServer {
    HomeServer {
        address: auth.ip(),
        auth_port: auth.port(),
        acct_port: acct.port(),
        secret: SecretBytes::new(SECRET),
        require_message_authenticator: true,
    }
}

async fn visited(home_servers: Vec<HomeServer>) -> World {
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    directory.realms = vec![Arc::new(partner(&directory, home_servers))];
    World::with(directory).await
}

pub(crate) fn partner(directory: &Directory, home_servers: Vec<HomeServer>) -> Realm {
    Realm {
        id: RealmId::generate(),
        isp_id: directory.nas.isp_id,
        name: "partner".into(),
        position: RealmPosition::Suffix,
        strip: true,
        authentication: true,
        accounting: true,
        max_waiting_logins: WAITING_LOGINS,
        home_servers,
    }
}

impl Federation {
    async fn start() -> Self {
        let home = World::start().await;
        let visited = visited(vec![server(home.auth, home.acct)]).await;
        Self { visited, home }
    }
}

async fn login_at(world: &World, request: &SentRequest) -> Option<Vec<u8>> {
    ask(&world.client, world.auth, &request.bytes, PATIENCE).await
}

fn login(username: &str, method: LoginMethod) -> SentRequest {
    let login = Login {
        username,
        password: b"secret1",
        method,
    };
    access_request(7, SECRET, login, |builder| {
        builder.attribute(attr::PROXY_STATE, b"another proxy");
    })
    .expect("it fits")
}

fn report(status: u32) -> SentRequest {
    accounting_request(8, SECRET, status, |builder| {
        builder
            .text(attr::USER_NAME, "alice@partner")
            .text(attr::ACCT_SESSION_ID, "81000001")
            .u32(attr::ACCT_INPUT_OCTETS, 77);
    })
    .expect("it fits")
}

#[tokio::test]
async fn the_home_server_decides_and_keeps_its_hands_off_our_network() {
    let Federation { visited, home } = Federation::start().await;
    for method in [LoginMethod::Pap, LoginMethod::Chap, LoginMethod::MsChapV1] {
        let request = login("alice@partner", method);
        let answer = login_at(&visited, &request).await.expect("answered");
        let packet = request.verify(&answer, SECRET).expect("authentic");
        assert_eq!(packet.code(), Code::AccessAccept, "{method:?}");
        let rate = packet.vendor_attribute(mikrotik::VENDOR, mikrotik::RATE_LIMIT);
        assert_eq!(rate.expect("the home's rate").value, b"5M/10M");
        assert!(packet.attribute(attr::FRAMED_POOL).is_none());
        let states: Vec<_> = packet.all(attr::PROXY_STATE).map(|s| s.value).collect();
        assert_eq!(states, [b"another proxy"], "ours is stripped");
    }
    let told = visited.answers.0.lock();
    assert!(told.iter().all(|answer| answer.outcome == Ok(Access::Open)));
    assert!(told.iter().all(|answer| answer.customer_id.is_none()));
    assert_eq!(home.counters.accepts(Access::Open), 3);
}

#[tokio::test]
async fn no_is_no_and_a_repetition_gets_the_same_bytes() {
    let Federation { visited, home } = Federation::start().await;
    let request = login("nobody@partner", LoginMethod::Pap);
    let first = login_at(&visited, &request).await.expect("answered");
    let packet = request.verify(&first, SECRET).expect("authentic");
    assert_eq!(packet.code(), Code::AccessReject);
    assert_eq!(visited.counters.rejects(RejectCause::HomeRejected), 1);
    let second = login_at(&visited, &request).await.expect("answered");
    assert_eq!(first, second);
    assert_eq!(
        home.counters.rejects(RejectCause::UnknownUser),
        1,
        "asked once"
    );
}

#[tokio::test]
async fn names_of_no_realm_are_ours() {
    let Federation { visited, home } = Federation::start().await;
    let request = login("alice", LoginMethod::Pap);
    let answer = login_at(&visited, &request).await.expect("answered");
    let packet = request.verify(&answer, SECRET).expect("authentic");
    assert_eq!(packet.code(), Code::AccessAccept);
    assert_eq!(home.counters.accepts(Access::Open), 0);
}

#[tokio::test]
async fn a_silent_home_server_is_passed_over_and_all_silent_means_no() {
    // A socket that nobody reads: nothing answers, and no error comes back.
    let deaf = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let silent = deaf.local_addr().expect("bound");
    let home = World::start().await;
    let both = visited(vec![server(silent, silent), server(home.auth, home.acct)]).await;
    let request = login("alice@partner", LoginMethod::Pap);
    let answer = login_at(&both, &request).await.expect("answered");
    let packet = request.verify(&answer, SECRET).expect("authentic");
    assert_eq!(packet.code(), Code::AccessAccept);
    let before = std::time::Instant::now();
    let request = login("steady@partner", LoginMethod::Pap);
    assert!(login_at(&both, &request).await.is_some());
    assert!(
        before.elapsed() < Duration::from_millis(900),
        "known to be silent"
    );
    let none = visited(vec![server(silent, silent)]).await;
    let request = login("alice@partner", LoginMethod::MsChapV2);
    let answer = login_at(&none, &request).await.expect("answered");
    let packet = request.verify(&answer, SECRET).expect("authentic");
    assert_eq!(packet.code(), Code::AccessReject);
    assert_eq!(none.counters.rejects(RejectCause::ProxyFailed), 1);
    drop(deaf);
}

#[tokio::test]
async fn logins_of_ours_do_not_wait_for_a_silent_home_server() {
    let deaf = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let silent = deaf.local_addr().expect("bound");
    let world = visited(vec![server(silent, silent)]).await;
    for id in 0..200 {
        let login = Login {
            username: "alice@partner",
            password: b"secret1",
            method: LoginMethod::Pap,
        };
        let request = access_request(id, SECRET, login, |_| {}).expect("it fits");
        world
            .client
            .send_to(&request.bytes, world.auth)
            .await
            .expect("sent");
    }
    let other = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let request = login("alice", LoginMethod::Pap);
    let answer = ask(
        &other,
        world.auth,
        &request.bytes,
        Duration::from_millis(900),
    )
    .await;
    assert!(answer.is_some());
}

/// A login of a realm, sent over a socket of its own, and what came back in that time.
async fn answer_within(world: &World, username: &str, patience: Duration) -> Option<Code> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let request = login(username, LoginMethod::Pap);
    let answer = ask(&socket, world.auth, &request.bytes, patience).await?;
    Some(request.verify(&answer, SECRET).expect("authentic").code())
}

#[tokio::test]
async fn a_silent_home_server_takes_its_own_places_and_no_other_realms() {
    let deaf = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let (silent, home) = (deaf.local_addr().expect("bound"), World::start().await);
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    let quiet = Realm {
        name: "quiet".into(),
        max_waiting_logins: 3,
        ..partner(&directory, vec![server(silent, silent)])
    };
    let (quiet_id, lively) = (
        quiet.id,
        partner(&directory, vec![server(home.auth, home.acct)]),
    );
    directory.realms = vec![Arc::new(quiet), Arc::new(lively)];
    let world = World::with(directory).await;
    for id in 0..3 {
        let login = Login {
            username: "alice@quiet",
            password: b"secret1",
            method: LoginMethod::Pap,
        };
        let request = access_request(id, SECRET, login, |_| {}).expect("it fits");
        let sent = world.client.send_to(&request.bytes, world.auth).await;
        sent.expect("sent");
        deaf.recv(&mut [0; 4096]).await.expect("asked");
    }
    let at_once = Duration::from_millis(900);
    let refused = answer_within(&world, "alice@quiet", at_once).await;
    assert_eq!(refused, Some(Code::AccessReject), "no place is left");
    assert_eq!(world.counters.rejects(RejectCause::RealmBusy), 1);
    let other = answer_within(&world, "alice@partner", at_once).await;
    assert_eq!(other, Some(Code::AccessAccept));

    // Once the three have waited in vain, there is room again.
    assert!(is_eventually(|| world.counters.rejects(RejectCause::ProxyFailed) == 3).await);
    assert_eq!(answer_within(&world, "alice@quiet", at_once).await, None);
    assert_eq!(world.counters.rejects(RejectCause::RealmBusy), 1);
    let told = world.reports.take_realms();
    let quiet = told.iter().find(|report| report.realm_id == quiet_id);
    let mut counted = quiet.expect("told").counted.clone();
    counted.sort();
    let expected = [("logins.busy", 1), ("logins.unanswered", 3)];
    assert_eq!(counted, expected.map(|(name, by)| (name.to_owned(), by)));
}

#[tokio::test]
async fn reports_that_nobody_takes_hold_up_no_login() {
    let deaf = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let home = World::start().await;
    let silent = deaf.local_addr().expect("bound");
    let world = visited(vec![server(home.auth, silent)]).await;
    for number in 0..700_u32 {
        let status = acct_status::START;
        let report = accounting_request(rand::random(), SECRET, status, |builder| {
            builder
                .text(attr::USER_NAME, "alice@partner")
                .text(attr::ACCT_SESSION_ID, &format!("{number:08x}"));
        })
        .expect("it fits");
        let answer = ask(&world.client, world.acct, &report.bytes, PATIENCE).await;
        assert!(answer.is_some(), "it is durable here");
    }
    let request = login("alice@partner", LoginMethod::Pap);
    let patience = Duration::from_secs(3);
    let answer = ask(&world.client, world.auth, &request.bytes, patience).await;
    assert_eq!(answer.expect("answered")[0], Code::AccessAccept.as_u8());
    drop(deaf);
}

#[tokio::test]
async fn reports_are_kept_here_and_go_home() {
    let Federation { visited, home } = Federation::start().await;
    for status in [acct_status::START, acct_status::STOP] {
        let request = report(status);
        let answer = ask(&visited.client, visited.acct, &request.bytes, PATIENCE).await;
        let answer = answer.expect("acknowledged");
        let packet = request.verify(&answer, SECRET).expect("authentic");
        assert_eq!(packet.code(), Code::AccountingResponse);
    }
    assert!(is_eventually(|| home.sink.records.lock().len() == 2).await);
    assert!(
        home.sink
            .records
            .lock()
            .iter()
            .all(|record| record.username == "alice"
                && record.customer_id.is_some()
                && record.usage.input_octets == Some(77))
    );
    let here = visited.sink.records.lock();
    assert_eq!(here.len(), 2);
    assert!(here.iter().all(|record| record.customer_id.is_none()));
}

#[tokio::test]
async fn a_forged_answer_is_not_believed() {
    let liar = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let address = liar.local_addr().expect("bound");
    let world = visited(vec![server(address, address)]).await;
    let request = login("alice@partner", LoginMethod::Pap);
    world
        .client
        .send_to(&request.bytes, world.auth)
        .await
        .expect("sent");
    let mut buffer = vec![0; 4096];
    let (length, proxy) = liar.recv_from(&mut buffer).await.expect("asked");
    let asked = Packet::parse(&buffer[..length]).expect("valid");
    let answer = |secret: &[u8], signed: bool| {
        let builder = if signed {
            PacketBuilder::signed(Code::AccessAccept, asked.id())
        } else {
            PacketBuilder::new(Code::AccessAccept, asked.id())
        };
        builder
            .finish_response(asked.authenticator(), secret)
            .expect("it fits")
    };
    for forged in [answer(b"another secret", true), answer(SECRET, false)] {
        liar.send_to(&forged, proxy).await.expect("sent");
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.counters.accepts(Access::Open), 0);
    liar.send_to(&answer(SECRET, true), proxy)
        .await
        .expect("sent");
    assert!(is_eventually(|| world.counters.accepts(Access::Open) == 1).await);
}

#[tokio::test]
async fn circles_and_status_server_stay_here() {
    let Federation { visited, home } = Federation::start().await;
    let login = Login {
        username: "alice@partner",
        password: b"secret1",
        method: LoginMethod::Pap,
    };
    let circling = access_request(3, SECRET, login, |builder| {
        for hop in 0..6_u8 {
            builder.attribute(attr::PROXY_STATE, &[hop]);
        }
    })
    .expect("it fits");
    let answer = login_at(&visited, &circling).await.expect("answered");
    assert_eq!(answer[0], Code::AccessReject.as_u8());
    assert_eq!(visited.counters.rejects(RejectCause::ProxyLoop), 1);
    let status = status_server(4, SECRET).expect("it fits");
    assert!(login_at(&visited, &status).await.is_some());
    assert_eq!(home.counters.status_requests(), 0);
    assert_eq!(home.counters.accepts(Access::Open), 0);
}

/// A request by name through so many proxies; it carries the Operator-Name when there is one.
fn named(username: &str, operator_name: Option<&[u8]>, proxies: u8) -> SentRequest {
    let login = Login {
        username,
        password: b"secret1",
        method: LoginMethod::Pap,
    };
    access_request(rand::random(), SECRET, login, |builder| {
        if let Some(name) = operator_name {
            builder.attribute(attr::OPERATOR_NAME, name);
        }
        for hop in 0..proxies {
            builder.attribute(attr::PROXY_STATE, &[hop]);
        }
    })
    .expect("it fits")
}

const OURS: Option<&[u8]> = Some(b"1isp.example");
const ANOTHERS: Option<&[u8]> = Some(b"1other.example");

async fn named_world(home_servers: Vec<HomeServer>) -> World {
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    directory.realms = vec![Arc::new(partner(&directory, home_servers))];
    directory.settings.operator_name = OperatorName::parse("isp.example").ok();
    World::with(directory).await
}

#[tokio::test]
async fn home_servers_hear_who_sends_a_request() {
    let home = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let address = home.local_addr().expect("bound");
    let world = named_world(vec![server(address, address)]).await;
    for (came, proxies, goes) in [(None, 0, OURS), (ANOTHERS, 1, ANOTHERS), (OURS, 0, OURS)] {
        let request = named("alice@partner", came, proxies);
        let sent = world.client.send_to(&request.bytes, world.auth).await;
        sent.expect("sent");
        let mut buffer = vec![0; 4096];
        let asked = async {
            loop {
                let length = home.recv(&mut buffer).await.expect("asked");
                let asked = Packet::parse(&buffer[..length]).expect("valid");
                let names: Vec<_> = asked.all(attr::OPERATOR_NAME).map(|n| n.value).collect();
                // A repetition of the one before may come first.
                if asked.code() == Code::AccessRequest
                    && names == goes.into_iter().collect::<Vec<_>>()
                {
                    return;
                }
            }
        };
        let heard = tokio::time::timeout(Duration::from_millis(900), asked).await;
        assert!(heard.is_ok(), "{came:?}");
    }
    let request = report(acct_status::START);
    let answer = ask(&world.client, world.acct, &request.bytes, PATIENCE).await;
    assert!(answer.is_some(), "acknowledged");
    let heard = async {
        let mut buffer = vec![0; 4096];
        loop {
            let length = home.recv(&mut buffer).await.expect("told");
            let told = Packet::parse(&buffer[..length]).expect("valid");
            if told.code() == Code::AccountingRequest {
                return told
                    .attribute(attr::OPERATOR_NAME)
                    .map(|name| name.value.to_vec());
            }
        }
    };
    let heard = tokio::time::timeout(PATIENCE, heard).await.expect("told");
    assert_eq!(heard.as_deref(), OURS);
}

#[tokio::test]
async fn what_comes_back_under_our_name_is_refused_and_counts_once() {
    let home = World::start().await;
    let world = named_world(vec![server(home.auth, home.acct)]).await;
    for (username, operator_name, proxies, code) in [
        ("alice@partner", OURS, 1, Code::AccessReject),
        ("alice", OURS, 1, Code::AccessReject),
        ("alice", OURS, 0, Code::AccessAccept),
        ("alice", ANOTHERS, 1, Code::AccessAccept),
        ("alice@partner", ANOTHERS, 1, Code::AccessAccept),
    ] {
        let request = named(username, operator_name, proxies);
        let answer = login_at(&world, &request).await.expect("answered");
        let packet = request.verify(&answer, SECRET).expect("authentic");
        assert_eq!(
            packet.code(),
            code,
            "{username} {operator_name:?} {proxies}"
        );
    }
    assert_eq!(world.counters.rejects(RejectCause::ProxyLoop), 2);
    assert_eq!(home.counters.accepts(Access::Open), 1);
    let causes = world
        .answers
        .0
        .lock()
        .iter()
        .map(|told| told.outcome)
        .collect::<Vec<_>>();
    assert_eq!(
        causes[..2],
        [Err(RejectCause::ProxyLoop); 2],
        "kept for support"
    );
    let told = world.reports.take_realms();
    let counted = &told.first().expect("told").counted;
    assert!(
        counted.contains(&("logins.loop".to_owned(), 1)),
        "{counted:?}"
    );

    let again = accounting_request(9, SECRET, acct_status::STOP, |builder| {
        builder
            .text(attr::USER_NAME, "alice")
            .text(attr::ACCT_SESSION_ID, "81000002")
            .attribute(attr::OPERATOR_NAME, b"1isp.example")
            .attribute(attr::PROXY_STATE, b"theirs");
    })
    .expect("it fits");
    let answer = ask(&world.client, world.acct, &again.bytes, PATIENCE).await;
    let answer = answer.expect("acknowledged");
    let packet = again.verify(&answer, SECRET).expect("authentic");
    assert_eq!(packet.code(), Code::AccountingResponse);
    assert!(world.sink.records.lock().is_empty(), "it is known");
}
