//! The server over real UDP, asked by our own client.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::network::access::UnpaidAccess;
use domain::network::nas::RequireMessageAuthenticator;
use domain::network::service_policy::{Access, RejectCause};
use domain::network::session::AccountingEvent;
use radius::acct::class::SessionClass;
use radius::client::{
    Login, LoginMethod, SentRequest, access_request, accounting_request, status_server,
};
use radius::counters::Discard;
use radius::packet::builder::PacketBuilder;
use radius::packet::codec::{Code, Packet};
use radius::packet::dictionary::{acct_status, attr};
use radius::packet::vendor_microsoft as microsoft;
use radius::packet::vendor_mikrotik as mikrotik;
use tokio::net::UdpSocket;

use crate::support::{Directory, SECRET, World, ask, class_key};

const METHODS: [LoginMethod; 4] = [
    LoginMethod::Pap,
    LoginMethod::Chap,
    LoginMethod::MsChapV1,
    LoginMethod::MsChapV2,
];

fn login(username: &str, password: &str, method: LoginMethod) -> SentRequest {
    let login = Login {
        username,
        password: password.as_bytes(),
        method,
    };
    access_request(1, SECRET, login, |builder| {
        builder.text(attr::CALLING_STATION_ID, "AA:BB:CC:00:00:01");
    })
    .expect("it fits")
}

fn report(id: u8, session: &str, status_type: u32) -> SentRequest {
    accounting_request(id, SECRET, status_type, |builder| {
        builder
            .text(attr::ACCT_SESSION_ID, session)
            .text(attr::USER_NAME, "alice");
    })
    .expect("it fits")
}

/// PAP as old clients send it: without Message-Authenticator.
fn unsigned(id: u8, extra: impl FnOnce(&mut PacketBuilder)) -> Vec<u8> {
    let authenticator = [id; 16];
    let mut builder = PacketBuilder::new(Code::AccessRequest, id);
    builder.text(attr::USER_NAME, "alice").attribute(
        attr::USER_PASSWORD,
        &radius::auth::pap::hide(b"secret1", &authenticator, SECRET),
    );
    extra(&mut builder);
    builder
        .finish_with_authenticator(&authenticator, SECRET)
        .expect("it fits")
}

#[tokio::test]
async fn every_method_lets_the_right_password_in_and_no_other() {
    let world = World::start().await;
    for method in METHODS {
        let sent = login("alice", "secret1", method);
        let answer = world.ask(world.auth, &sent.bytes).await.expect("an answer");
        let packet = sent.verify(&answer, SECRET).expect("authentic");
        assert_eq!(packet.code(), Code::AccessAccept, "{method:?}");
        let first = packet.attributes().next().map(|first| first.kind);
        assert_eq!(first, Some(attr::MESSAGE_AUTHENTICATOR));
        assert!(sent.server_is_proven(&packet));
        if method == LoginMethod::MsChapV2 {
            assert_eq!(sent.mppe_keys(&packet, SECRET), sent.expected_mppe_keys());
        }
        let sent = login("alice", "secret2", method);
        let answer = world.ask(world.auth, &sent.bytes).await.expect("an answer");
        let packet = sent.verify(&answer, SECRET).expect("authentic");
        assert_eq!(packet.code(), Code::AccessReject, "{method:?}");
    }
    assert_eq!(world.counters.accepts(Access::Open), 4);
    assert_eq!(world.counters.rejects(RejectCause::WrongPassword), 4);
    world.shut_down().await;
}

#[tokio::test]
async fn an_accept_says_what_the_policy_says() {
    let world = World::start().await;
    let sent = login("alice", "secret1", LoginMethod::Chap);
    let answer = world.ask(world.auth, &sent.bytes).await.expect("an answer");
    let packet = sent.verify(&answer, SECRET).expect("authentic");
    let number = |kind| packet.attribute(kind).and_then(|found| found.as_u32());
    let rate = packet
        .vendor_attribute(mikrotik::VENDOR, mikrotik::RATE_LIMIT)
        .expect("a rate");
    assert_eq!(rate.as_text(), "5M/10M");
    assert_eq!(number(attr::SESSION_TIMEOUT), Some(86_400));
    assert_eq!(number(attr::ACCT_INTERIM_INTERVAL), Some(300));
    let class = packet.attribute(attr::CLASS).expect("a class").value;
    let class = SessionClass::decode(class, &class_key(), world.directory.nas.isp_id);
    let class = class.expect("our class");
    assert_eq!(class.customer_id, world.directory.customer("alice"));
    assert_eq!(class.access, Access::Open);
    let answers = world.answers.0.lock().clone();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].outcome, Ok(Access::Open));
    assert_eq!(
        answers[0].calling_station_id.as_deref(),
        Some("AA:BB:CC:00:00:01")
    );
    world.shut_down().await;
}

#[tokio::test]
async fn suspended_and_expired_customers_meet_the_wall() {
    let world = World::start().await;
    for name in ["sam", "eve"] {
        let sent = login(name, "secret1", LoginMethod::Pap);
        let answer = world.ask(world.auth, &sent.bytes).await.expect("an answer");
        let packet = sent.verify(&answer, SECRET).expect("authentic");
        assert_eq!(packet.code(), Code::AccessAccept);
        let vendor = |kind| {
            packet
                .vendor_attribute(mikrotik::VENDOR, kind)
                .expect("present")
        };
        assert_eq!(
            packet
                .attribute(attr::FRAMED_POOL)
                .expect("present")
                .as_text(),
            "suspended"
        );
        assert_eq!(vendor(mikrotik::ADDRESS_LIST).as_text(), "suspended");
        assert_eq!(vendor(mikrotik::RATE_LIMIT).as_text(), "512k/512k");
        let timeout = packet
            .attribute(attr::SESSION_TIMEOUT)
            .and_then(|found| found.as_u32());
        assert_eq!(timeout, Some(3600));
    }
    assert_eq!(world.counters.accepts(Access::Walled), 2);
    world.shut_down().await;
}

#[tokio::test]
async fn every_refusal_has_its_cause() {
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    directory.settings.unpaid = UnpaidAccess::Reject;
    let world = World::with(directory).await;
    let table = [
        ("nobody", RejectCause::UnknownUser, 691),
        ("sam", RejectCause::Suspended, 647),
        ("eve", RejectCause::Expired, 648),
        ("penny", RejectCause::Pending, 647),
        ("carl", RejectCause::Closed, 647),
    ];
    for (name, cause, error) in table {
        let sent = login(name, "secret1", LoginMethod::MsChapV2);
        let answer = world.ask(world.auth, &sent.bytes).await.expect("an answer");
        let packet = sent.verify(&answer, SECRET).expect("authentic");
        assert_eq!(packet.code(), Code::AccessReject, "{name}");
        let message = packet.attribute(attr::REPLY_MESSAGE).expect("a message");
        assert_eq!(message.as_text(), cause.reply_message());
        let text = packet.vendor_attribute(microsoft::VENDOR, microsoft::CHAP_ERROR);
        let text = String::from_utf8_lossy(&text.expect("an error").value[1..]).into_owned();
        assert!(text.starts_with(&format!("E={error} R=0 C=")), "{text}");
        assert_eq!(world.counters.rejects(cause), 1);
        assert_eq!(
            world.answers.0.lock().last().expect("told").outcome,
            Err(cause)
        );
    }
    world.shut_down().await;
}

#[tokio::test]
async fn eap_and_missing_passwords_are_refused_with_a_signature() {
    let world = World::start().await;
    for (kind, cause) in [
        (attr::EAP_MESSAGE, RejectCause::EapUnsupported),
        (attr::NAS_IDENTIFIER, RejectCause::NoCredentials),
    ] {
        let mut builder = PacketBuilder::signed(Code::AccessRequest, 3);
        builder
            .text(attr::USER_NAME, "alice")
            .attribute(kind, &[2, 1, 0, 5, 1]);
        let bytes = builder
            .finish_with_authenticator(&[kind; 16], SECRET)
            .expect("it fits");
        let answer = world.ask(world.auth, &bytes).await.expect("an answer");
        let packet = Packet::parse(&answer).expect("valid");
        assert_eq!(packet.code(), Code::AccessReject);
        assert!(packet.attribute(attr::MESSAGE_AUTHENTICATOR).is_some());
        assert_eq!(world.counters.rejects(cause), 1);
    }
    let bytes = unsigned(9, |builder| {
        builder.attribute(attr::EAP_MESSAGE, &[2, 1, 0, 5, 1]);
    });
    assert!(world.is_silent(world.auth, &bytes).await);
    assert_eq!(world.counters.discards(Discard::NoMessageAuthenticator), 1);
    world.shut_down().await;
}

#[tokio::test]
async fn windows_domains_are_stripped() {
    let world = World::start().await;
    for method in METHODS {
        let sent = login("OFFICE\\alice", "secret1", method);
        let answer = world.ask(world.auth, &sent.bytes).await.expect("an answer");
        assert_eq!(
            sent.verify(&answer, SECRET).expect("authentic").code(),
            Code::AccessAccept
        );
    }
    world.shut_down().await;
}

#[tokio::test]
async fn strangers_and_wrong_secrets_hear_nothing() {
    let world = World::start().await;
    let request = login("alice", "secret1", LoginMethod::Pap).bytes;
    let stranger = UdpSocket::bind("127.0.0.2:0").await.expect("bound");
    let patience = Duration::from_millis(150);
    assert!(
        ask(&stranger, world.auth, &request, patience)
            .await
            .is_none()
    );
    assert_eq!(world.counters.discards(Discard::UnknownClient), 1);

    let wrong = Login {
        username: "alice",
        password: b"secret1",
        method: LoginMethod::Pap,
    };
    let wrong = access_request(1, b"wrong secret", wrong, |_| {}).expect("it fits");
    assert!(world.is_silent(world.auth, &wrong.bytes).await);
    assert_eq!(world.counters.discards(Discard::BadMessageAuthenticator), 1);

    let wrong = accounting_request(1, b"wrong secret", acct_status::START, |_| {});
    assert!(
        world
            .is_silent(world.acct, &wrong.expect("it fits").bytes)
            .await
    );
    assert_eq!(world.counters.discards(Discard::BadAuthenticator), 1);

    assert!(world.is_silent(world.auth, b"GET / HTTP/1.1\r\n\r\n").await);
    assert!(world.is_silent(world.auth, &[]).await);
    assert_eq!(world.counters.discards(Discard::Malformed), 2);
    assert!(
        world
            .is_silent(world.auth, &report(1, "s", acct_status::START).bytes)
            .await
    );
    assert!(world.is_silent(world.acct, &request).await);
    assert_eq!(world.counters.discards(Discard::UnexpectedCode), 2);
    assert!(world.shut_down().await.is_empty());
}

#[tokio::test]
async fn a_router_that_once_signed_must_go_on_signing() {
    let world = World::start().await;
    assert!(
        world.ask(world.auth, &unsigned(1, |_| {})).await.is_some(),
        "old clients work"
    );
    let proxied = unsigned(2, |builder| {
        builder.attribute(attr::PROXY_STATE, b"x");
    });
    assert!(
        world.is_silent(world.auth, &proxied).await,
        "never with a place for the collision"
    );
    let signed = login("alice", "secret1", LoginMethod::Pap);
    assert!(world.ask(world.auth, &signed.bytes).await.is_some());
    assert!(world.is_silent(world.auth, &unsigned(3, |_| {})).await);
    assert_eq!(world.counters.discards(Discard::NoMessageAuthenticator), 2);
    world.shut_down().await;

    let world = World::with(Directory::new(RequireMessageAuthenticator::No)).await;
    assert!(world.ask(world.auth, &signed.bytes).await.is_some());
    assert!(world.ask(world.auth, &unsigned(3, |_| {})).await.is_some());
    world.shut_down().await;

    let world = World::with(Directory::new(RequireMessageAuthenticator::Yes)).await;
    assert!(world.is_silent(world.auth, &unsigned(1, |_| {})).await);
    world.shut_down().await;
}

#[tokio::test]
async fn proxy_states_come_back_in_order() {
    let world = World::start().await;
    let attempt = Login {
        username: "alice",
        password: b"secret1",
        method: LoginMethod::Pap,
    };
    let add = |builder: &mut PacketBuilder| {
        builder
            .attribute(attr::PROXY_STATE, b"first")
            .attribute(attr::PROXY_STATE, b"second");
    };
    let sent = access_request(1, SECRET, attempt, add).expect("it fits");
    let reported = accounting_request(1, SECRET, acct_status::START, |builder| {
        builder.text(attr::ACCT_SESSION_ID, "s1");
        add(builder);
    })
    .expect("it fits");
    for (server, sent) in [(world.auth, sent), (world.acct, reported)] {
        let answer = world.ask(server, &sent.bytes).await.expect("an answer");
        let packet = sent.verify(&answer, SECRET).expect("authentic");
        let states: Vec<&[u8]> = packet
            .all(attr::PROXY_STATE)
            .map(|found| found.value)
            .collect();
        assert_eq!(states, [&b"first"[..], b"second"]);
    }
    world.shut_down().await;
}

#[tokio::test]
async fn a_repetition_gets_the_same_bytes_and_changes_nothing() {
    let world = World::start().await;
    let sent = login("alice", "secret1", LoginMethod::MsChapV2);
    let first = world.ask(world.auth, &sent.bytes).await.expect("an answer");
    let second = world.ask(world.auth, &sent.bytes).await.expect("an answer");
    assert_eq!(first, second);
    assert_eq!(world.answers.0.lock().len(), 1);
    let sent = report(4, "s1", acct_status::START);
    let first = world.ask(world.acct, &sent.bytes).await.expect("an answer");
    let second = world.ask(world.acct, &sent.bytes).await.expect("an answer");
    assert_eq!(first, second);
    assert_eq!(world.counters.duplicates(), 2);
    assert_eq!(world.shut_down().await.len(), 1);
}

#[tokio::test]
async fn status_server_is_answered_on_both_ports_when_signed() {
    let world = World::start().await;
    for (server, code) in [
        (world.auth, Code::AccessAccept),
        (world.acct, Code::AccountingResponse),
    ] {
        let sent = status_server(8, SECRET).expect("it fits");
        let answer = world.ask(server, &sent.bytes).await.expect("an answer");
        assert_eq!(
            sent.verify(&answer, SECRET).expect("authentic").code(),
            code
        );
        let unsigned = PacketBuilder::new(Code::StatusServer, 9)
            .finish_with_authenticator(&[1; 16], SECRET)
            .expect("it fits");
        assert!(world.is_silent(server, &unsigned).await);
    }
    assert_eq!(world.counters.status_requests(), 2);
    assert_eq!(world.counters.discards(Discard::NoMessageAuthenticator), 2);
    assert_eq!(world.counters.accepts(Access::Open), 0);
    world.shut_down().await;
}

#[tokio::test]
async fn accounting_is_acknowledged_only_when_durable() {
    let world = World::start().await;
    let sent = report(1, "s1", acct_status::START);

    let turn = world.sink.turns.acquire().await.expect("open");
    assert!(
        world.is_silent(world.acct, &sent.bytes).await,
        "nothing is stored yet"
    );
    assert!(
        world.is_silent(world.acct, &sent.bytes).await,
        "and a repetition waits too"
    );
    assert_eq!(world.counters.discards(Discard::InProgress), 1);
    let attempt = login("alice", "secret1", LoginMethod::Chap);
    assert!(
        world.ask(world.auth, &attempt.bytes).await.is_some(),
        "logins do not wait"
    );
    drop(turn);
    let mut buffer = [0; 64];
    let (length, _) = world
        .client
        .recv_from(&mut buffer)
        .await
        .expect("the late answer");
    assert!(sent.verify(&buffer[..length], SECRET).is_ok());

    world.sink.is_broken.store(true, Ordering::Relaxed);
    let sent = report(2, "s1", acct_status::STOP);
    assert!(world.is_silent(world.acct, &sent.bytes).await);
    assert_eq!(world.counters.accounting_failed(), 1);
    world.sink.is_broken.store(false, Ordering::Relaxed);
    assert!(
        world.ask(world.acct, &sent.bytes).await.is_some(),
        "the retry is a new attempt"
    );

    let records = world.shut_down().await;
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].event, AccountingEvent::Start);
    assert_eq!(records[0].session_key, records[1].session_key);
}

#[tokio::test]
async fn what_waits_is_stored_in_one_batch_and_survives_shutdown() {
    let world = World::start().await;
    let turn = world.sink.turns.acquire().await.expect("open");
    for id in 0..200 {
        let sent = report(id, &format!("s{id}"), acct_status::INTERIM_UPDATE);
        world
            .client
            .send_to(&sent.bytes, world.acct)
            .await
            .expect("sent");
    }
    assert!(
        world
            .is_silent(world.acct, &report(255, "last", acct_status::START).bytes)
            .await
    );
    drop(turn);
    world.stop();
    let counters = std::sync::Arc::clone(&world.counters);
    assert_eq!(world.shut_down().await.len(), 201);
    assert!(
        counters.accounting_batches() <= 3,
        "{}",
        counters.accounting_batches()
    );
    assert_eq!(counters.accounting_stored(), 201);
}

#[tokio::test]
async fn one_report_the_store_refuses_does_not_hold_up_the_others() {
    let world = World::start().await;
    *world.sink.poison.lock() = Some("bad");
    let turn = world.sink.turns.acquire().await.expect("open");
    for id in 0..100 {
        let session = if id == 37 {
            "bad".to_owned()
        } else {
            format!("s{id}")
        };
        let sent = report(id, &session, acct_status::INTERIM_UPDATE);
        world
            .client
            .send_to(&sent.bytes, world.acct)
            .await
            .expect("sent");
    }
    assert!(
        world
            .is_silent(world.acct, &report(255, "last", acct_status::START).bytes)
            .await
    );
    drop(turn);
    let mut acknowledged = Vec::new();
    let mut buffer = [0; 64];
    let patience = Duration::from_millis(300);
    while let Ok(received) =
        tokio::time::timeout(patience, world.client.recv_from(&mut buffer)).await
    {
        received.expect("received");
        acknowledged.push(buffer[1]);
    }
    assert_eq!(acknowledged.len(), 100);
    assert!(!acknowledged.contains(&37));
    assert_eq!(world.counters.accounting_failed(), 1);
    assert_eq!(world.shut_down().await.len(), 100);
}

#[tokio::test]
async fn reports_nobody_needs_are_acknowledged_and_broken_ones_are_not() {
    let world = World::start().await;
    assert!(
        world
            .ask(world.acct, &report(1, "s1", 9).bytes)
            .await
            .is_some(),
        "a tunnel event"
    );
    let nameless = accounting_request(2, SECRET, acct_status::START, |_| {}).expect("it fits");
    assert!(world.is_silent(world.acct, &nameless.bytes).await);
    assert_eq!(world.counters.discards(Discard::Malformed), 1);
    assert!(world.shut_down().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_logins_is_answered() {
    let world = World::start().await;
    let (clients, each) = (20_u8, 100_u8);
    let mut answered = 0;
    for _ in 0..clients {
        let client = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
        for id in 0..each {
            let attempt = Login {
                username: "alice",
                password: b"secret1",
                method: LoginMethod::MsChapV2,
            };
            let sent = access_request(id, SECRET, attempt, |_| {}).expect("it fits");
            client.send_to(&sent.bytes, world.auth).await.expect("sent");
        }
        let mut buffer = [0; 4096];
        for _ in 0..each {
            let patience = Duration::from_secs(5);
            tokio::time::timeout(patience, client.recv_from(&mut buffer))
                .await
                .expect("an answer in time")
                .expect("received");
            answered += 1;
        }
    }
    assert_eq!(answered, u32::from(clients) * u32::from(each));
    world.shut_down().await;
}

#[tokio::test]
async fn an_account_is_not_shared_beyond_its_limit() {
    let world = World::start().await;
    let dial = |id: u8, station: &'static str| {
        let attempt = Login {
            username: "steady",
            password: b"secret1",
            method: LoginMethod::Chap,
        };
        access_request(id, SECRET, attempt, |builder| {
            builder.text(attr::CALLING_STATION_ID, station);
        })
        .expect("it fits")
    };
    let first = dial(1, "AA");
    let answer = world
        .ask(world.auth, &first.bytes)
        .await
        .expect("an answer");
    let packet = first.verify(&answer, SECRET).expect("authentic");
    assert_eq!(packet.code(), Code::AccessAccept);
    let class = packet.attribute(attr::CLASS).expect("a class").value;
    let tell = |id: u8, status_type| {
        accounting_request(id, SECRET, status_type, |builder| {
            builder
                .text(attr::ACCT_SESSION_ID, "s1")
                .attribute(attr::CLASS, class);
            builder.text(attr::CALLING_STATION_ID, "AA");
        })
        .expect("it fits")
    };
    assert!(
        world
            .ask(world.acct, &tell(1, acct_status::START).bytes)
            .await
            .is_some()
    );
    let second = dial(2, "BB");
    let answer = world
        .ask(world.auth, &second.bytes)
        .await
        .expect("an answer");
    let packet = second.verify(&answer, SECRET).expect("authentic");
    assert_eq!(packet.code(), Code::AccessReject);
    assert_eq!(world.counters.rejects(RejectCause::TooManySessions), 1);
    assert!(
        world
            .ask(world.acct, &tell(2, acct_status::STOP).bytes)
            .await
            .is_some()
    );
    let third = dial(3, "BB");
    let answer = world
        .ask(world.auth, &third.bytes)
        .await
        .expect("an answer");
    let packet = third.verify(&answer, SECRET).expect("authentic");
    assert_eq!(packet.code(), Code::AccessAccept);
    world.shut_down().await;
}
