//! A server that is silent, or that lies.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use radius::packet::builder::PacketBuilder;
use radius::packet::codec::{Code, Packet};
use simnet::nas::{NasConfig, Timing};
use simnet::snapshot::State;
use simnet::subscribers::Method;
use simnet::{Network, NetworkConfig};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use crate::world::{SECRET, find, subscriber, timing, until};

async fn dial_in_to(server: &UdpSocket, method: Method, timing: Timing) -> Network {
    let address = server.local_addr().expect("bound");
    let nas = NasConfig {
        auth_server: address,
        acct_server: address,
        secret: SECRET.to_owned(),
        ..NasConfig::default()
    };
    let config = NetworkConfig {
        nas: vec![nas],
        subscribers: vec![subscriber("rahim", "p", method)],
        timing,
        ..NetworkConfig::default()
    };
    Network::start(config, CancellationToken::new())
        .await
        .expect("the network starts")
}

async fn server() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("loopback can be bound")
}

async fn receive(server: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 4096];
    let received = tokio::time::timeout(Duration::from_secs(5), server.recv_from(&mut buffer));
    let (length, from) = received
        .await
        .expect("a request in time")
        .expect("a datagram");
    buffer.truncate(length);
    (buffer, from)
}

#[tokio::test]
async fn silence_brings_the_same_bytes_again() {
    let server = server().await;
    let timing = Timing {
        reply_timeout_ms: 30,
        attempts: 3,
        ..timing()
    };
    let network = dial_in_to(&server, Method::Chap, timing).await;
    let (first, _) = receive(&server).await;
    assert_eq!(receive(&server).await.0, first);
    assert_eq!(receive(&server).await.0, first);
    let (fresh, _) = receive(&server).await;
    assert_ne!(fresh, first, "a new try has a new authenticator");
    let snapshot = until(&network, |snapshot| {
        find(snapshot, "rahim").message.is_some()
    })
    .await;
    assert!(snapshot.nas[0].counters.login_timeouts >= 1);
    assert!(matches!(
        find(&snapshot, "rahim").state,
        State::Dialing | State::Unanswered
    ));
    network.shut_down().await;
}

#[tokio::test]
async fn forged_answers_are_not_believed() {
    let server = server().await;
    let timing = Timing {
        reply_timeout_ms: 2_000,
        ..timing()
    };
    let network = dial_in_to(&server, Method::MsChapV2, timing).await;
    let (request, from) = receive(&server).await;
    let request = Packet::parse(&request).expect("a packet");
    let answer = |builder: PacketBuilder, secret: &str| {
        builder
            .finish_response(request.authenticator(), secret.as_bytes())
            .expect("it fits")
    };
    let signed = || PacketBuilder::signed(Code::AccessAccept, request.id());
    let unsigned = PacketBuilder::new(Code::AccessAccept, request.id());
    for lie in [answer(signed(), "another secret"), answer(unsigned, SECRET)] {
        server.send_to(&lie, from).await.expect("sent");
    }
    let two = |snapshot: &simnet::snapshot::Snapshot| snapshot.nas[0].counters.bad_replies == 2;
    let snapshot = until(&network, two).await;
    assert_eq!(find(&snapshot, "rahim").state, State::Dialing);
    // Signed with the right secret, but without the proof that MS-CHAPv2 demands.
    server
        .send_to(&answer(signed(), SECRET), from)
        .await
        .expect("sent");
    let refused = until(&network, |snapshot| snapshot.rejected() == 1).await;
    assert_eq!(refused.online(), 0);
    network.shut_down().await;
}

#[tokio::test]
async fn requests_that_cannot_be_proven_are_dropped() {
    let server = server().await;
    let network = dial_in_to(&server, Method::Pap, timing()).await;
    let control = network.addresses()[0].control.expect("it listens");
    let request = PacketBuilder::new(Code::DisconnectRequest, 1);
    let forged = request
        .finish_accounting_style(b"another secret")
        .expect("it fits");
    server.send_to(&forged, control).await.expect("sent");
    until(&network, |snapshot| {
        snapshot.nas[0].counters.bad_requests == 1
    })
    .await;
    network.shut_down().await;
}
