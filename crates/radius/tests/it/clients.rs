//! What a NAS may and may not, what is learnt of it, and how guessing is met.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::network::access::UnpaidAccess;
use domain::network::nas::{
    ClientLimits, Learnt, LimitProxyState, Nas, OldSecret, RequireMessageAuthenticator,
};
use domain::network::ports::{LoginMethod as Method, TraceDirection};
use domain::network::secret::SecretBytes;
use domain::network::service_policy::RejectCause;
use radius::client::{Login, LoginMethod, SentRequest, access_request, accounting_request};
use radius::counters::Discard;
use radius::packet::builder::PacketBuilder;
use radius::packet::codec::{Code, Packet};
use radius::packet::dictionary::{acct_status, attr};
use radius::packet::vendor_microsoft as microsoft;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use crate::support::{Directory, SECRET, World, ask, now};

fn directory(change: impl FnOnce(&mut Nas)) -> Directory {
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    change(Arc::make_mut(&mut directory.nas));
    directory
}

fn login(id: u8, username: &str, password: &str, station: &str) -> SentRequest {
    login_with(id, SECRET, username, password, station)
}

fn login_with(id: u8, secret: &[u8], username: &str, password: &str, station: &str) -> SentRequest {
    let login = Login {
        username,
        password: password.as_bytes(),
        method: LoginMethod::Pap,
    };
    access_request(id, secret, login, |builder| {
        builder.text(attr::CALLING_STATION_ID, station);
    })
    .expect("it fits")
}

/// PAP without Message-Authenticator, from a proxy or not.
fn unsigned(id: u8, is_proxied: bool) -> Vec<u8> {
    let authenticator = [id; 16];
    let mut builder = PacketBuilder::new(Code::AccessRequest, id);
    builder.text(attr::USER_NAME, "alice").attribute(
        attr::USER_PASSWORD,
        &radius::auth::pap::hide(b"secret1", &authenticator, SECRET),
    );
    if is_proxied {
        builder.attribute(attr::PROXY_STATE, b"x");
    }
    builder
        .finish_with_authenticator(&authenticator, SECRET)
        .expect("it fits")
}

async fn code(world: &World, sent: &SentRequest) -> Code {
    code_with(world, sent, SECRET).await
}

async fn code_with(world: &World, sent: &SentRequest, secret: &[u8]) -> Code {
    let answer = world.ask(world.auth, &sent.bytes).await.expect("an answer");
    sent.verify(&answer, secret).expect("authentic").code()
}

#[tokio::test]
async fn the_first_request_says_whether_it_is_a_proxy() {
    let world = World::start().await;
    assert!(
        world.ask(world.auth, &unsigned(1, true)).await.is_some(),
        "an old proxy"
    );
    assert!(world.ask(world.auth, &unsigned(2, true)).await.is_some());
    world.shut_down().await;

    let world = World::start().await;
    assert!(
        world.ask(world.auth, &unsigned(1, false)).await.is_some(),
        "a router"
    );
    assert!(world.is_silent(world.auth, &unsigned(2, true)).await);
    assert_eq!(world.counters.discards(Discard::NoMessageAuthenticator), 1);
    world.shut_down().await;

    for (rule, is_answered) in [(LimitProxyState::Yes, false), (LimitProxyState::No, true)] {
        let world = World::with(directory(|nas| nas.limit_proxy_state = rule)).await;
        let proxied = unsigned(1, true);
        if is_answered {
            assert!(world.ask(world.auth, &proxied).await.is_some(), "{rule:?}");
        } else {
            assert!(world.is_silent(world.auth, &proxied).await, "{rule:?}");
        }
        world.shut_down().await;
    }
}

#[tokio::test]
async fn what_was_learnt_survives_a_restart() {
    let world = World::start().await;
    assert_eq!(
        code(&world, &login(1, "alice", "secret1", "AA")).await,
        Code::AccessAccept
    );
    let [report] = world.reports.take().try_into().expect("one NAS");
    let [seen] = report.sources.try_into().expect("one address");
    assert!(seen.is_news && seen.learnt.signs);
    assert_eq!(seen.learnt.limits_proxy_state, Some(true));
    assert_eq!(seen.seen_at, now());
    for (name, value) in [("requests", 1), ("accepts", 1), ("methods.pap", 1)] {
        assert!(report.counted.contains(&(name.to_owned(), value)), "{name}");
    }
    let address = seen.address;
    world.shut_down().await;

    let learnt = |nas: &mut Nas| {
        nas.learnt.insert(address, seen.learnt);
    };
    let world = World::with(directory(learnt)).await;
    assert!(world.is_silent(world.auth, &unsigned(1, false)).await);
    world.shut_down().await;

    let nothing = |nas: &mut Nas| {
        nas.learnt.insert(address, Learnt::default());
    };
    let world = World::with(directory(nothing)).await;
    assert!(world.ask(world.auth, &unsigned(1, false)).await.is_some());
    world.shut_down().await;
}

#[tokio::test]
async fn two_secrets_are_taken_side_by_side_for_a_while() {
    const OLD: &[u8] = b"the-secret-before";
    let overlap = |until| {
        move |nas: &mut Nas| {
            let secret = SecretBytes::new(OLD);
            nas.old_secret = Some(OldSecret { secret, until });
        }
    };
    let world = World::with(directory(overlap(now() + TimeDelta::hours(1)))).await;
    for secret in [OLD, SECRET, OLD] {
        let sent = login_with(rand::random(), secret, "alice", "secret1", "AA");
        assert_eq!(code_with(&world, &sent, secret).await, Code::AccessAccept);
        let sent = accounting_request(rand::random(), secret, acct_status::START, |builder| {
            builder
                .text(attr::ACCT_SESSION_ID, "s1")
                .text(attr::USER_NAME, "carl");
        })
        .expect("it fits");
        let answer = world.ask(world.acct, &sent.bytes).await.expect("an answer");
        assert!(sent.verify(&answer, secret).is_ok());
    }
    world.shut_down().await;

    let world = World::with(directory(overlap(now()))).await;
    let sent = login_with(1, OLD, "alice", "secret1", "AA");
    assert!(
        world.is_silent(world.auth, &sent.bytes).await,
        "its time is over"
    );
    world.shut_down().await;
}

#[tokio::test]
async fn a_nas_that_asks_too_much_starves_no_accounting() {
    let limits = ClientLimits {
        max_requests_per_second: Some(3),
        max_in_flight: None,
    };
    let world = World::with(directory(|nas| nas.limits = limits)).await;
    let mut answered = 0;
    for id in 0..6 {
        let sent = login(id, "alice", "secret1", "AA");
        let patience = Duration::from_millis(50);
        let answer = ask(&world.client, world.auth, &sent.bytes, patience).await;
        answered += u32::from(answer.is_some());
    }
    assert!((3..6).contains(&answered), "{answered}");
    assert!(world.counters.discards(Discard::RateLimited) > 0);
    let report = accounting_request(1, SECRET, acct_status::START, |builder| {
        builder
            .text(attr::ACCT_SESSION_ID, "s1")
            .text(attr::USER_NAME, "alice");
    })
    .expect("it fits");
    assert!(world.ask(world.acct, &report.bytes).await.is_some());
    world.shut_down().await;
}

#[tokio::test]
async fn refusals_wait_and_accepts_do_not() {
    let delay = Duration::from_millis(400);
    let directory = Directory::new(RequireMessageAuthenticator::Auto);
    let world = World::with_delay(directory, delay).await;
    let wrong = login(1, "alice", "wrong", "AA");
    let begun = Instant::now();
    world
        .client
        .send_to(&wrong.bytes, world.auth)
        .await
        .expect("sent");
    tokio::time::sleep(Duration::from_millis(50)).await;
    let other = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let right = login(2, "alice", "secret1", "AA");
    let patience = Duration::from_secs(2);
    assert!(
        ask(&other, world.auth, &right.bytes, patience)
            .await
            .is_some()
    );
    assert!(
        begun.elapsed() < delay,
        "somebody else's refusal holds nobody up"
    );
    let answer = world
        .ask(world.auth, &wrong.bytes)
        .await
        .expect("an answer");
    let spent = begun.elapsed();
    assert!(spent >= delay * 3 / 4, "{spent:?}");
    let packet = wrong.verify(&answer, SECRET).expect("authentic");
    assert_eq!(packet.code(), Code::AccessReject);
    assert_eq!(
        world.counters.discards(Discard::InProgress),
        1,
        "it asked twice"
    );
    assert_eq!(world.counters.rejects(RejectCause::WrongPassword), 1);
    assert!(
        world.ask(world.auth, &wrong.bytes).await.is_some(),
        "stored by now"
    );
    world.shut_down().await;
}

#[tokio::test]
async fn refusals_that_wait_take_no_place_of_good_logins() {
    let directory = directory(|nas| nas.limits.max_in_flight = Some(1));
    let world = World::with_delay(directory, Duration::from_secs(5)).await;
    for id in 0..20 {
        let wrong = login(id, &format!("nobody{id}"), "wrong", "AA");
        let sent = world.client.send_to(&wrong.bytes, world.auth);
        sent.await.expect("sent");
    }
    let right = login(20, "alice", "secret1", "AA");
    assert_eq!(code(&world, &right).await, Code::AccessAccept);
    assert_eq!(world.counters.discards(Discard::TooManyInFlight), 0);
    world.shut_down().await;
}

#[tokio::test]
async fn guessing_is_blocked_for_the_guesser_alone() {
    let world = World::start().await;
    for id in 0..5 {
        let sent = login(id, "alice", "guess", "EE");
        assert_eq!(code(&world, &sent).await, Code::AccessReject);
    }
    let sent = login(10, "alice", "secret1", "EE");
    assert_eq!(code(&world, &sent).await, Code::AccessReject);
    assert_eq!(world.counters.rejects(RejectCause::Blocked), 1);
    let sent = login(11, "alice", "secret1", "AA");
    assert_eq!(
        code(&world, &sent).await,
        Code::AccessAccept,
        "the owner's device"
    );
    world.shut_down().await;
}

#[tokio::test]
async fn a_device_logs_in_by_its_address_alone() {
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    directory.device = Some(("AA:BB:CC:00:00:01".parse().expect("an address"), "alice"));
    let world = World::with(directory).await;
    for (id, (name, password, is_known)) in (0..).zip([
        ("AA:BB:CC:00:00:01", "AA:BB:CC:00:00:01", true),
        ("aa-bb-cc-00-00-01", "aa-bb-cc-00-00-01", true),
        ("aabb.cc00.0001", "aabbcc000001", true),
        ("aabbcc000001", "", true),
        ("AA:BB:CC:00:00:01", "something", false),
        ("AA:BB:CC:00:00:02", "AA:BB:CC:00:00:02", false),
    ]) {
        let wanted = if is_known {
            Code::AccessAccept
        } else {
            Code::AccessReject
        };
        assert_eq!(
            code(&world, &login(id, name, password, "AA:BB:CC:00:00:01")).await,
            wanted,
            "{name}"
        );
    }
    let mut checked = PacketBuilder::signed(Code::AccessRequest, 99);
    checked
        .text(attr::USER_NAME, "AA-BB-CC-00-00-01")
        .u32(attr::SERVICE_TYPE, 10);
    let bytes = checked
        .finish_with_authenticator(&[3; 16], SECRET)
        .expect("it fits");
    let answer = world.ask(world.auth, &bytes).await.expect("an answer");
    let packet = Packet::parse(&answer).expect("valid");
    assert_eq!(
        packet.code(),
        Code::AccessAccept,
        "Call-Check carries no password"
    );
    {
        let answers = world.answers.0.lock();
        assert!(
            answers
                .iter()
                .take(4)
                .all(|answer| answer.method == Method::Mac)
        );
        assert_eq!(
            answers[0].customer_id,
            Some(world.directory.customer("alice"))
        );
    }
    world.shut_down().await;
}

#[tokio::test]
async fn many_logins_at_once_get_one_place() {
    let world = World::start().await;
    let mut dialling = JoinSet::new();
    for number in 0..100_u8 {
        let (server, sent) = (
            world.auth,
            login(number, "steady", "secret1", &format!("S{number}")),
        );
        dialling.spawn(async move {
            let client = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
            let answer = ask(&client, server, &sent.bytes, Duration::from_secs(5)).await;
            let answer = answer.expect("an answer");
            sent.verify(&answer, SECRET).expect("authentic").code()
        });
    }
    let codes = dialling.join_all().await;
    let accepts = codes
        .iter()
        .filter(|code| **code == Code::AccessAccept)
        .count();
    assert_eq!(accepts, 1);
    assert_eq!(world.counters.rejects(RejectCause::TooManySessions), 99);
    world.shut_down().await;
}

#[tokio::test]
async fn a_trace_tells_everything_but_secrets() {
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    directory.traced = Some("alice");
    let world = World::with(directory).await;
    code(&world, &login(1, "alice", "secret1", "AA")).await;
    code(&world, &login(2, "steady", "secret1", "BB")).await;
    let stranger = login_with(3, b"another-secret", "alice", "secret1", "AA");
    assert!(world.is_silent(world.auth, &stranger.bytes).await);
    let traced = world.answers.1.lock().clone();
    let directions: Vec<_> = traced.iter().map(|packet| packet.direction).collect();
    let (request, answer) = (TraceDirection::Request, TraceDirection::Answer);
    assert_eq!(directions, [request, answer, TraceDirection::Dropped]);
    let has = |packet: usize, name: &str, value: &str| {
        let words = &traced[packet].attributes;
        words.contains(&(name.to_owned(), value.to_owned()))
    };
    assert!(has(0, "User-Name", "alice") && has(0, "User-Password", "(hidden)"));
    assert!(has(1, "Mikrotik-Rate-Limit", "5M/10M"));
    assert_eq!(traced[1].note.as_deref(), Some("accepted"));
    assert_eq!(traced[2].note.as_deref(), Some("bad_message_authenticator"));
    assert!(!format!("{traced:?}").contains("secret1"));
    world.shut_down().await;
}

#[tokio::test]
async fn ms_chap_errors_have_their_numbers() {
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    directory.settings.unpaid = UnpaidAccess::Reject;
    let world = World::with(directory).await;
    for method in [LoginMethod::MsChapV1, LoginMethod::MsChapV2] {
        for (name, password, number) in [
            ("alice", "wrong", "691"),
            ("sam", "secret1", "647"),
            ("eve", "secret1", "648"),
        ] {
            let (username, password) = (name, password.as_bytes());
            let login = Login {
                username,
                password,
                method,
            };
            let sent = access_request(rand::random(), SECRET, login, |_| {}).expect("it fits");
            let answer = world.ask(world.auth, &sent.bytes).await.expect("an answer");
            let packet = sent.verify(&answer, SECRET).expect("authentic");
            let error = packet.vendor_attribute(microsoft::VENDOR, microsoft::CHAP_ERROR);
            let text = error.expect("an error").as_text().into_owned();
            assert!(text.contains(&format!("E={number} R=0")), "{name}: {text}");
        }
    }
    world.shut_down().await;
}
