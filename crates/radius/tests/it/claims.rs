//! Several ISPs name one address: none of them can take another's router off the air by that.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::ids::{IspId, NasId};
use domain::network::nas::{Learnt, LimitProxyState, Nas, RequireMessageAuthenticator};
use domain::network::secret::SecretBytes;
use radius::client::{Login, LoginMethod, access_request, accounting_request, status_server};
use radius::packet::builder::PacketBuilder;
use radius::packet::codec::{Code, Packet};
use radius::packet::dictionary::attr;
use radius::packet::integrity::is_response_authentic;

use crate::support::{Directory, SECRET, World, now};

const RIVALS_SECRET: &[u8] = b"evil-secret-123456";
const START: u32 = 1;

/// Somebody else named the address before, by a network and by itself.
fn squatted() -> Directory {
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    directory.rivals = ["127.0.0.0/24", "127.0.0.1/32"]
        .map(|network| Arc::new(rival(network)))
        .into();
    directory
}

fn rival(network: &str) -> Nas {
    Nas {
        limit_proxy_state: LimitProxyState::No,
        ..Nas::new(
            NasId::generate(),
            IspId::generate(),
            "a rival's".into(),
            network.parse().expect("a network"),
            SecretBytes::new(RIVALS_SECRET),
        )
    }
}

/// An unsigned login whose only proof is what `credentials` adds.
fn unsigned(id: u8, credentials: impl FnOnce(&mut PacketBuilder, &[u8; 16])) -> Vec<u8> {
    let authenticator = [id; 16];
    let mut builder = PacketBuilder::new(Code::AccessRequest, id);
    builder.text(attr::USER_NAME, "alice");
    credentials(&mut builder, &authenticator);
    builder
        .finish_with_authenticator(&authenticator, SECRET)
        .expect("it fits")
}

fn pap(id: u8, secret: &[u8]) -> Vec<u8> {
    unsigned(id, |builder, authenticator| {
        let hidden = radius::auth::pap::hide(b"secret1", authenticator, secret);
        builder.attribute(attr::USER_PASSWORD, &hidden);
    })
}

/// CHAP has nothing to do with the secret between server and router.
fn chap(id: u8) -> Vec<u8> {
    unsigned(id, |builder, challenge| {
        let mut value = vec![1];
        value.extend(radius::auth::chap::response(1, b"secret1", challenge));
        builder
            .attribute(attr::CHAP_PASSWORD, &value)
            .attribute(attr::CHAP_CHALLENGE, challenge);
    })
}

async fn accepted(world: &World, request: &[u8]) -> bool {
    let Some(answer) = world.ask(world.auth, request).await else {
        return false;
    };
    let asked = Packet::parse(request).expect("a packet");
    let answer = Packet::parse(&answer).expect("a packet");
    is_response_authentic(&answer, asked.authenticator(), SECRET)
        && answer.code() == Code::AccessAccept
}

async fn report(world: &World, id: u8, secret: &[u8]) -> bool {
    let sent = accounting_request(id, secret, START, |builder| {
        builder.text(attr::USER_NAME, "somebody else");
        builder.text(attr::ACCT_SESSION_ID, &format!("8100{id:04}"));
    })
    .expect("it fits");
    let answer = world.ask(world.acct, &sent.bytes).await;
    answer.is_some_and(|answer| sent.verify(&answer, secret).is_ok())
}

#[tokio::test]
async fn another_isp_that_names_a_routers_address_takes_nothing_from_it() {
    let world = World::with(squatted()).await;
    let methods = [
        LoginMethod::Pap,
        LoginMethod::Chap,
        LoginMethod::MsChapV1,
        LoginMethod::MsChapV2,
    ];
    for (id, method) in (1..).zip(methods) {
        let login = Login {
            username: "alice",
            password: b"secret1",
            method,
        };
        let sent = access_request(id, SECRET, login, |_| {}).expect("it fits");
        let answer = world.ask(world.auth, &sent.bytes).await;
        let answer = answer.unwrap_or_else(|| unreachable!("{method:?} was not answered"));
        let answer = sent
            .verify(&answer, SECRET)
            .expect("signed with our secret");
        assert_eq!(answer.code(), Code::AccessAccept, "{method:?}");
    }
    for server in [world.auth, world.acct] {
        let sent = status_server(9, SECRET).expect("it fits");
        let answer = world.ask(server, &sent.bytes).await.expect("an answer");
        assert!(sent.verify(&answer, SECRET).is_ok());
    }
    assert!(report(&world, 10, SECRET).await);

    let [told] = world.reports.take().try_into().expect("of one NAS alone");
    assert_eq!(
        told.nas_id, world.directory.nas.id,
        "the rivals learn nothing"
    );
    let isp_id = world.directory.nas.isp_id;
    let records = world.shut_down().await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].isp_id, isp_id);
}

#[tokio::test]
async fn whoever_named_the_address_gets_its_own_packets_there_and_no_others() {
    let world = World::with(squatted()).await;
    let login = Login {
        username: "alice",
        password: b"secret1",
        method: LoginMethod::Pap,
    };
    let theirs = access_request(1, RIVALS_SECRET, login, |_| {}).expect("it fits");
    let answer = world
        .ask(world.auth, &theirs.bytes)
        .await
        .expect("an answer");
    let answer = theirs
        .verify(&answer, RIVALS_SECRET)
        .expect("signed with theirs");
    assert_eq!(answer.code(), Code::AccessReject, "alice is ours");

    let nobodys = access_request(2, b"a secret of nobody", login, |_| {}).expect("it fits");
    assert!(world.is_silent(world.auth, &nobodys.bytes).await);
    assert!(!report(&world, 3, b"a secret of nobody").await);
    world.shut_down().await;
}

#[tokio::test]
async fn unsigned_logins_are_told_apart_by_the_hidden_password_or_by_an_earlier_proof() {
    let world = World::with(squatted()).await;
    assert!(accepted(&world, &pap(1, SECRET)).await, "it reads as text");
    assert!(
        world.is_silent(world.auth, &chap(2)).await,
        "nobody may guess"
    );
    let [told] = world
        .reports
        .take()
        .into_iter()
        .filter(|report| report.nas_id == world.directory.nas.id)
        .collect::<Vec<_>>()
        .try_into()
        .expect("one report");
    let dropped = ("discards.no_message_authenticator".to_owned(), 1);
    assert!(
        told.counted.contains(&dropped),
        "its page says what to do: {told:?}"
    );

    assert!(report(&world, 3, SECRET).await);
    assert!(
        accepted(&world, &chap(4)).await,
        "a report proved whose it is"
    );
    world.shut_down().await;
}

#[tokio::test]
async fn who_proved_a_secret_first_keeps_the_address_also_after_a_restart() {
    let world = World::with(squatted()).await;
    assert!(report(&world, 1, SECRET).await);
    let [told] = world.reports.take().try_into().expect("one NAS");
    let [seen] = told.sources.try_into().expect("one address");
    assert!(seen.is_news && seen.learnt.proven_at.is_some());
    world.shut_down().await;

    let mut directory = squatted();
    let mut nas = (*directory.nas).clone();
    let learnt = Learnt {
        proven_at: Some(now() - TimeDelta::hours(1)),
        ..seen.learnt
    };
    nas.learnt.insert(seen.address, learnt);
    directory.nas = Arc::new(nas);
    let world = World::with(directory).await;
    assert!(report(&world, 2, RIVALS_SECRET).await, "it proves its own");
    assert!(accepted(&world, &chap(3)).await);
    world.shut_down().await;
}
