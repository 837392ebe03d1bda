//! The client against routers that follow a script, most of them badly.
#![expect(clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod peer;
mod tls;
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mikrotik::api::{
    Challenge, DecodeError, ReplyKind, Request, Text, TrapCategory, challenge_response,
};
use mikrotik::client::{Client, ClientError, Loss, Outcome};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::peer::{Peer, Router, hang, row};

fn print() -> Request {
    Request::new("/ppp/secret/print").proplist(["name"])
}

#[tokio::test]
async fn rows_counts_and_empty_answers_are_told_apart() {
    let router = Router::logged_in(|mut peer| async move {
        let request = peer.request().await.unwrap();
        peer.row(&request, &[("name", "alice"), ("comment", "a=b")])
            .await;
        peer.row(&request, &[("name", "bob")]).await;
        peer.done(&request).await;
        let request = peer.request().await.unwrap();
        peer.say(ReplyKind::Empty, request.tag.as_ref()).await;
        peer.done(&request).await;
        let request = peer.request().await.unwrap();
        let returned = ReplyKind::Done(row(&[("ret", "*1A")]));
        peer.say(returned, request.tag.as_ref()).await;
        hang().await;
    })
    .await;
    let client = router.client();
    let answer = client.run(print()).await.unwrap();
    assert_eq!(answer.rows.len(), 2);
    assert_eq!(answer.rows[0].get("comment"), Some(&b"a=b"[..]));
    assert!(client.run(print()).await.unwrap().rows.is_empty());
    let added = client.run(Request::new("/ppp/secret/add")).await.unwrap();
    assert_eq!(added.ret(), Some(Text::from("*1A")));
}

#[tokio::test]
async fn an_old_router_is_logged_in_to_by_its_challenge() {
    let router = Router::start(|stream| async move {
        let mut peer = Peer::new(stream);
        let first = peer.request().await.unwrap();
        let challenge = Challenge([7; 16]);
        let returned = row(&[("ret", &challenge.to_hex())]);
        peer.say(ReplyKind::Done(returned), first.tag.as_ref())
            .await;
        let second = peer.request().await.unwrap();
        let expected = challenge_response(challenge, b"secret");
        assert_eq!(second.get("response"), Some(&Text::from(expected)));
        assert_eq!(second.get("password"), None);
        peer.done(&second).await;
        let request = peer.request().await.unwrap();
        peer.done(&request).await;
        hang().await;
    })
    .await;
    router.client().run(print()).await.unwrap();
}

#[tokio::test]
async fn a_refused_login_is_told_in_the_routers_words_and_not_repeated_at_once() {
    let router = Router::start(|stream| async move {
        let mut peer = Peer::new(stream);
        let login = peer.request().await.unwrap();
        let message = "invalid user name or password (6)";
        peer.trap(&login, TrapCategory::General, message).await;
    })
    .await;
    let client = router.client();
    let refused = client.run(print()).await.unwrap_err();
    assert!(
        matches!(&refused, ClientError::LoginRefused(text) if *text == "invalid user name or password (6)")
    );
    assert_eq!(refused.outcome(), Outcome::NotDone);
    let again = client.run(print()).await.unwrap_err();
    assert!(matches!(again, ClientError::BackingOff(_)), "{again}");
    tokio::time::sleep(Duration::from_millis(250)).await;
    let tried = client.run(print()).await.unwrap_err();
    assert!(matches!(tried, ClientError::LoginRefused(_)), "{tried}");
}

#[tokio::test]
async fn a_router_that_says_nothing_to_the_login_is_given_up() {
    let router = Router::start(|stream| async move {
        let _open = stream;
        hang().await;
    })
    .await;
    let error = router.client().run(print()).await.unwrap_err();
    assert!(matches!(error, ClientError::LoginTimeout), "{error}");
}

#[tokio::test]
async fn a_command_without_an_answer_is_cancelled_and_its_outcome_unknown() {
    let router = Router::logged_in(|mut peer| async move {
        let request = peer.request().await.unwrap();
        let cancel = peer.request().await.unwrap();
        assert_eq!(cancel.command, "/cancel");
        assert_eq!(cancel.get("tag"), request.tag.as_ref());
        peer.trap(&request, TrapCategory::Interrupted, "interrupted")
            .await;
        peer.done(&cancel).await;
        let next = peer.request().await.unwrap();
        peer.row(&next, &[("name", "alice")]).await;
        peer.done(&next).await;
        hang().await;
    })
    .await;
    let client = router.client();
    let connection = client.connection().await.unwrap();
    let error = client.run(print()).await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(client.run(print()).await.unwrap().rows.len(), 1);
    assert!(connection.is_open(), "the connection is used on");
}

#[tokio::test]
async fn a_caller_who_goes_away_cancels_his_command() {
    let cancelled = Arc::new(Notify::new());
    let seen = Arc::clone(&cancelled);
    let router = Router::logged_in(move |mut peer| {
        let seen = Arc::clone(&seen);
        async move {
            let request = peer.request().await.unwrap();
            let cancel = peer.request().await.unwrap();
            assert_eq!(cancel.get("tag"), request.tag.as_ref());
            seen.notify_one();
            hang().await;
        }
    })
    .await;
    let client = router.client();
    let gone = timeout(Duration::from_millis(100), client.run(print())).await;
    assert!(gone.is_err());
    timeout(Duration::from_secs(2), cancelled.notified())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_router_that_does_not_end_a_cancelled_command_is_given_up() {
    let router =
        Router::logged_in(|mut peer| async move { while peer.request().await.is_some() {} }).await;
    let client = router.client();
    let connection = client.connection().await.unwrap();
    client.run(print()).await.unwrap_err();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!connection.is_open());
}

#[tokio::test]
async fn a_connection_that_ends_amid_a_sentence_leaves_the_outcome_unknown() {
    let router = Router::logged_in(|mut peer| async move {
        peer.request().await.unwrap();
        peer.raw(&[3, b'!', b'r', b'e', 9, b'=', b'n']).await;
    })
    .await;
    let error = router.client().run(print()).await.unwrap_err();
    assert!(matches!(error, ClientError::Lost(Loss::Closed)), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn what_is_not_the_protocol_ends_the_connection() {
    for (bytes, expected) in [
        (
            &b"\xFFgarbage"[..],
            Loss::Decode(DecodeError::Reserved(0xFF)),
        ),
        (
            &[0xF0, 0xFF, 0xFF, 0xFF, 0xFF],
            Loss::Decode(DecodeError::WordTooLong(u32::MAX)),
        ),
        (
            &[0xEF, 0xFF, 0xFF, 0xFF],
            Loss::Decode(DecodeError::WordTooLong(0x0FFF_FFFF)),
        ),
        (b"\x04HTTP\0", Loss::Reply(mikrotik::api::ReplyError::Kind)),
        (b"\x06!fatal\x08too many\0", Loss::Fatal("too many".into())),
    ] {
        let router = Router::logged_in(move |mut peer| async move {
            peer.request().await.unwrap();
            peer.raw(bytes).await;
            hang().await;
        })
        .await;
        match router.client().run(print()).await {
            Err(ClientError::Lost(loss)) => assert_eq!(loss, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn garbage_instead_of_a_login_is_told() {
    let router = Router::start(|stream| async move {
        Peer::new(stream).raw(b"\xFFSSH-2.0-ROSSSH\r\n").await;
        hang().await;
    })
    .await;
    let error = router.client().run(print()).await.unwrap_err();
    let expected = DecodeError::Reserved(0xFF);
    assert!(
        matches!(&error, ClientError::Login(Loss::Decode(found)) if *found == expected),
        "{error}"
    );
}

#[tokio::test]
async fn a_slow_router_is_waited_for_byte_by_byte() {
    let router = Router::logged_in(|mut peer| async move {
        let request = peer.request().await.unwrap();
        let tag = request.tag.unwrap();
        let answer = [&b"\x05!done"[..], &[6], b".tag=", tag.as_bytes(), b"\0"].concat();
        for byte in answer {
            peer.raw(&[byte]).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        hang().await;
    })
    .await;
    router.client().run(print()).await.unwrap();
}

#[tokio::test]
async fn answers_in_any_order_find_their_commands() {
    let router = Router::logged_in(|mut peer| async move {
        let mut requests = Vec::new();
        for _ in 0..3 {
            requests.push(peer.request().await.unwrap());
        }
        for request in requests.iter().rev() {
            let name = request.get("name").unwrap().to_string();
            peer.row(request, &[("name", &name)]).await;
        }
        for request in &requests {
            peer.done(request).await;
        }
        hang().await;
    })
    .await;
    let client = router.client();
    let ask = async |name: &str| {
        let request = Request::new("/echo").argument("name", name);
        let answer = client.run(request).await.unwrap();
        assert_eq!(answer.rows[0].get("name"), Some(name.as_bytes()));
    };
    tokio::join!(ask("a"), ask("b"), ask("c"));
}

#[tokio::test]
async fn at_most_four_commands_are_in_flight() {
    let most = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&most);
    let router = Router::logged_in(move |mut peer| {
        let seen = Arc::clone(&seen);
        async move {
            let mut waiting = Vec::new();
            loop {
                match timeout(Duration::from_millis(30), peer.request()).await {
                    Ok(Some(request)) => waiting.push(request),
                    Ok(None) => return,
                    Err(_) => {
                        seen.fetch_max(waiting.len(), Ordering::Relaxed);
                        for request in waiting.drain(..) {
                            peer.done(&request).await;
                        }
                    }
                }
            }
        }
    })
    .await;
    let client = Arc::new(router.client());
    let mut tasks = JoinSet::new();
    for _ in 0..12 {
        let client = Arc::clone(&client);
        tasks.spawn(async move { client.run(print()).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.len(), 12);
    assert_eq!(most.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn a_trap_keeps_its_category_and_rows_before_it_are_no_answer() {
    let router = Router::logged_in(|mut peer| async move {
        let request = peer.request().await.unwrap();
        peer.row(&request, &[("name", "alice")]).await;
        peer.trap(&request, TrapCategory::MissingItem, "no such item")
            .await;
        hang().await;
    })
    .await;
    let error = router.client().run(print()).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotDone);
    match error {
        ClientError::Trap(trap) => {
            assert_eq!(trap.category, Some(TrapCategory::MissingItem));
            assert_eq!(trap.message, "no such item");
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_and_cancelled() {
    let router = Router::logged_in(|mut peer| async move {
        let request = peer.request().await.unwrap();
        let filler = "x".repeat(1000);
        for _ in 0..200 {
            peer.row(&request, &[("name", &filler)]).await;
        }
        let cancel = peer.request().await.unwrap();
        assert_eq!(cancel.command, "/cancel");
        peer.trap(&request, TrapCategory::Interrupted, "interrupted")
            .await;
        let next = peer.request().await.unwrap();
        peer.done(&next).await;
        hang().await;
    })
    .await;
    let client = router.client();
    let error = client.run(print()).await.unwrap_err();
    assert!(matches!(error, ClientError::AnswerTooLarge), "{error}");
    client.run(print()).await.unwrap();
}

#[tokio::test]
async fn changes_are_listened_to_until_nobody_listens() {
    let ended = Arc::new(Notify::new());
    let seen = Arc::clone(&ended);
    let router = Router::logged_in(move |mut peer| {
        let seen = Arc::clone(&seen);
        async move {
            let listen = peer.request().await.unwrap();
            assert_eq!(listen.command, "/ppp/active/listen");
            peer.row(&listen, &[(".id", "*1"), ("name", "alice")]).await;
            peer.row(&listen, &[(".id", "*1"), (".dead", "true")]).await;
            let other = peer.request().await.unwrap();
            peer.done(&other).await;
            let cancel = peer.request().await.unwrap();
            assert_eq!(cancel.get("tag"), listen.tag.as_ref());
            peer.trap(&listen, TrapCategory::Interrupted, "interrupted")
                .await;
            seen.notify_one();
            hang().await;
        }
    })
    .await;
    let client = router.client();
    let mut listener = client.listen("/ppp/active", &["name"]).await.unwrap();
    let come = listener.next().await.unwrap().unwrap();
    assert_eq!(come.get("name"), Some(&b"alice"[..]));
    let gone = listener.next().await.unwrap().unwrap();
    assert_eq!(gone.get(".dead"), Some(&b"true"[..]));
    client.run(print()).await.unwrap();
    drop(listener);
    timeout(Duration::from_secs(2), ended.notified())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_listener_that_is_too_slow_is_told() {
    let router = Router::logged_in(|mut peer| async move {
        let listen = peer.request().await.unwrap();
        for _ in 0..40 {
            peer.row(&listen, &[(".id", "*1")]).await;
        }
        hang().await;
    })
    .await;
    let client = router.client();
    let mut listener = client.listen("/ppp/active", &[]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(150)).await;
    let mut taken = 0;
    let error = loop {
        match listener.next().await.unwrap() {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ClientError::Lagged), "{error}");
    assert_eq!(taken, 16);
    assert!(listener.next().await.is_none());
}

#[tokio::test]
async fn a_router_that_came_back_is_connected_to_again() {
    let router = Router::logged_in(|mut peer| async move {
        let request = peer.request().await.unwrap();
        peer.done(&request).await;
    })
    .await;
    let client: Client = router.client();
    for _ in 0..3 {
        client.run(print()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
