//! The client for Disconnect- and `CoA`-Requests against a small NAS.

use std::net::Ipv4Addr;
use std::time::Duration;

use domain::network::ports::{ControlOutcome, SessionChange, SessionControl, SessionTarget};
use domain::network::rate_limit::RateLimit;
use domain::network::secret::SecretBytes;
use radius::client::ControlRequest;
use radius::coa::CoaClient;
use radius::packet::codec::Code;
use radius::packet::dictionary::{attr, error_cause};
use radius::packet::vendor_mikrotik as mikrotik;
use tokio::net::UdpSocket;

use crate::support::SECRET;

async fn nas() -> (UdpSocket, SessionTarget) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let target = SessionTarget {
        nas: socket.local_addr().expect("bound"),
        secret: SecretBytes::new(SECRET),
        username: "alice".into(),
        acct_session_id: "81000001".into(),
        framed_ip: Some(Ipv4Addr::new(100, 64, 0, 9)),
    };
    (socket, target)
}

fn client() -> CoaClient {
    CoaClient {
        timeout: Duration::from_millis(100),
        ..CoaClient::default()
    }
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
async fn a_router_that_is_away_is_no_answer() {
    let (socket, target) = nas().await;
    drop(socket);
    assert_eq!(client().disconnect(&target).await, ControlOutcome::NoAnswer);
}
