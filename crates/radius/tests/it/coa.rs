//! The client for Disconnect- and `CoA`-Requests against a small NAS.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use domain::ids::IspId;
use domain::network::ports::{ControlOutcome, SessionChange, SessionControl, SessionTarget};
use domain::network::rate_limit::RateLimit;
use domain::network::secret::SecretBytes;
use radius::client::ControlRequest;
use radius::coa::{CoaClient, CoaSettings};
use radius::packet::codec::Code;
use radius::packet::dictionary::{attr, error_cause};
use radius::packet::vendor_mikrotik as mikrotik;
use tokio::net::UdpSocket;

use crate::support::SECRET;

async fn nas() -> (UdpSocket, SessionTarget) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let target = SessionTarget {
        isp_id: IspId::generate(),
        nas: socket.local_addr().expect("bound"),
        secret: SecretBytes::new(SECRET),
        old_secret: None,
        username: "alice".into(),
        acct_session_id: "81000001".into(),
        framed_ip: Some(Ipv4Addr::new(100, 64, 0, 9)),
    };
    (socket, target)
}

fn client() -> CoaClient {
    CoaClient::new(CoaSettings {
        timeout: Duration::from_millis(100),
        ..CoaSettings::default()
    })
}

/// Takes one request and answers it with what `reply` makes of it.
async fn serve_one(
    socket: &UdpSocket,
    reply: impl FnOnce(&ControlRequest<'_>) -> Option<Vec<u8>>,
) -> Vec<u8> {
    let mut buffer = vec![0; 4096];
    let (length, source) = socket.recv_from(&mut buffer).await.expect("received");
    buffer.truncate(length);
    let request = ControlRequest::read(&buffer, SECRET).expect("authentic");
    if let Some(answer) = reply(&request) {
        socket.send_to(&answer, source).await.expect("sent");
    }
    buffer
}

#[tokio::test]
async fn a_disconnect_names_the_session_in_every_way() {
    let (socket, target) = nas().await;
    let served = serve_one(&socket, |request| {
        assert_eq!(request.packet.code(), Code::DisconnectRequest);
        let text = |kind| request.packet.attribute(kind).expect("present").as_text();
        assert_eq!(text(attr::USER_NAME), "alice");
        assert_eq!(text(attr::ACCT_SESSION_ID), "81000001");
        let address = request.packet.attribute(attr::FRAMED_IP_ADDRESS);
        assert_eq!(
            address.and_then(|found| found.as_ipv4()),
            Some(Ipv4Addr::new(100, 64, 0, 9))
        );
        Some(request.acknowledge(SECRET).expect("it fits"))
    });
    let client = client();
    let (outcome, _) = tokio::join!(client.disconnect(&target), served);
    assert_eq!(outcome, ControlOutcome::Acked);
}

#[tokio::test]
async fn a_change_carries_rate_and_time_and_a_refusal_its_cause() {
    let (socket, target) = nas().await;
    let served = serve_one(&socket, |request| {
        assert_eq!(request.packet.code(), Code::CoaRequest);
        let rate = request
            .packet
            .vendor_attribute(mikrotik::VENDOR, mikrotik::RATE_LIMIT);
        assert_eq!(rate.expect("present").as_text(), "5M/10M");
        let timeout = request.packet.attribute(attr::SESSION_TIMEOUT);
        assert_eq!(timeout.and_then(|found| found.as_u32()), Some(60));
        Some(
            request
                .refuse(error_cause::SESSION_NOT_FOUND, SECRET)
                .expect("it fits"),
        )
    });
    let change = SessionChange {
        rate: Some(RateLimit::new(5000, 10_000)),
        session_timeout: Some(60),
        ..SessionChange::default()
    };
    let client = client();
    let (outcome, _) = tokio::join!(client.change(&target, change), served);
    assert_eq!(
        outcome,
        ControlOutcome::Refused {
            error_cause: Some(503)
        }
    );
}

#[tokio::test]
async fn the_same_bytes_are_sent_three_times_before_giving_up() {
    let (socket, target) = nas().await;
    let served = async {
        let first = serve_one(&socket, |_| None).await;
        // An answer that proves nothing is no answer.
        let forge = |request: &ControlRequest<'_>| request.acknowledge(b"forged").ok();
        assert_eq!(serve_one(&socket, forge).await, first);
        assert_eq!(serve_one(&socket, |_| None).await, first);
    };
    let client = client();
    let (outcome, ()) = tokio::join!(client.disconnect(&target), served);
    assert_eq!(outcome, ControlOutcome::NoAnswer);
}

#[tokio::test]
async fn a_router_that_still_has_the_old_secret_is_asked_with_it() {
    let (socket, target) = nas().await;
    let target = SessionTarget {
        secret: SecretBytes::new("the new secret"),
        old_secret: Some(SecretBytes::new(SECRET)),
        ..target
    };
    let served = async {
        let mut buffer = vec![0; 4096];
        let (length, _) = socket.recv_from(&mut buffer).await.expect("received");
        assert!(ControlRequest::read(&buffer[..length], b"the new secret").is_some());
        serve_one(&socket, |request| request.acknowledge(SECRET).ok()).await;
    };
    let client = client();
    let (outcome, ()) = tokio::join!(client.disconnect(&target), served);
    assert_eq!(outcome, ControlOutcome::Acked);
    let served = async {
        for secret in [b"the new secret".as_slice(), SECRET].repeat(3) {
            let mut buffer = vec![0; 4096];
            let (length, _) = socket.recv_from(&mut buffer).await.expect("received");
            assert!(ControlRequest::read(&buffer[..length], secret).is_some());
        }
    };
    let (outcome, ()) = tokio::join!(client.disconnect(&target), served);
    assert_eq!(outcome, ControlOutcome::NoAnswer);
}

#[tokio::test]
async fn a_router_that_is_away_is_no_answer() {
    let (socket, target) = nas().await;
    drop(socket);
    assert_eq!(client().disconnect(&target).await, ControlOutcome::NoAnswer);
}

/// Acknowledges everything until it is dropped, and tells from which addresses it was asked.
async fn acknowledge_all(socket: UdpSocket, wanted: usize) -> HashSet<SocketAddr> {
    let (mut buffer, mut sources) = (vec![0; 4096], HashSet::new());
    for _ in 0..wanted {
        let (length, source) = socket.recv_from(&mut buffer).await.expect("received");
        let request = ControlRequest::read(&buffer[..length], SECRET).expect("authentic");
        let answer = request.acknowledge(SECRET).expect("it fits");
        socket.send_to(&answer, source).await.expect("sent");
        sources.insert(source);
    }
    sources
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_changes_share_a_few_sockets() {
    const SESSIONS: usize = 10_000;
    let (socket, target) = nas().await;
    let mut router = tokio::task::JoinSet::new();
    router.spawn(acknowledge_all(socket, SESSIONS));
    let client = CoaClient::default();
    let mut requests = tokio::task::JoinSet::new();
    for number in 0..SESSIONS {
        let client = client.clone();
        let target = SessionTarget {
            acct_session_id: format!("{number:08x}"),
            ..target.clone()
        };
        requests.spawn(async move { client.disconnect(&target).await });
    }
    let outcomes = requests.join_all().await;
    assert!(
        outcomes
            .iter()
            .all(|outcome| *outcome == ControlOutcome::Acked)
    );
    let sources = router.join_all().await.pop().expect("one router");
    assert!(sources.len() <= 4, "{} sockets", sources.len());
}

#[tokio::test]
async fn answers_find_their_request_however_they_are_ordered() {
    let (socket, target) = nas().await;
    let client = client();
    let other = SessionTarget {
        acct_session_id: "81000002".into(),
        ..target.clone()
    };
    let served = async {
        let mut first = vec![0; 4096];
        let (length, from) = socket.recv_from(&mut first).await.expect("received");
        let held = first[..length].to_vec();
        // The second is answered before the first, which is refused.
        let is_second = |request: &ControlRequest<'_>| {
            let session = request.packet.attribute(attr::ACCT_SESSION_ID);
            session.expect("present").as_text() == "81000002"
        };
        let answer = |datagram: &[u8]| {
            let request = ControlRequest::read(datagram, SECRET).expect("authentic");
            if is_second(&request) {
                request.acknowledge(SECRET).expect("it fits")
            } else {
                request.refuse(501, SECRET).expect("it fits")
            }
        };
        let mut second = vec![0; 4096];
        let (length, source) = socket.recv_from(&mut second).await.expect("received");
        socket
            .send_to(&answer(&second[..length]), source)
            .await
            .expect("sent");
        socket.send_to(&answer(&held), from).await.expect("sent");
    };
    let (first, second, ()) = tokio::join!(
        client.disconnect(&target),
        client.disconnect(&other),
        served
    );
    let refused = ControlOutcome::Refused {
        error_cause: Some(501),
    };
    assert_eq!((first, second), (refused, ControlOutcome::Acked));
}

#[tokio::test]
async fn a_router_that_is_away_holds_up_nobody_for_long() {
    let (silent, target) = nas().await;
    let client = client();
    for _ in 0..3 {
        assert_eq!(client.disconnect(&target).await, ControlOutcome::NoAnswer);
    }
    let started = Instant::now();
    for _ in 0..100 {
        assert_eq!(client.disconnect(&target).await, ControlOutcome::NoAnswer);
    }
    assert!(started.elapsed() < Duration::from_millis(200));
    drop(silent);
    let (awake, other) = nas().await;
    let served = serve_one(&awake, |request| request.acknowledge(SECRET).ok());
    let (outcome, _) = tokio::join!(client.disconnect(&other), served);
    assert_eq!(
        outcome,
        ControlOutcome::Acked,
        "others are served meanwhile"
    );
}
