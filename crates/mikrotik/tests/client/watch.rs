//! The look at a router that is watched, where a simulated router cannot be brought to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::ids::RouterId;
use domain::network::outgoing::{Outgoing, parse_list};
use domain::network::ports::{ApiSecurity, RouterControl as _, RouterTarget};
use domain::network::router::{CheckCause, CheckFailure, CheckOutcome};
use domain::network::secret::SecretBytes;
use mikrotik::api::{ReplyKind, Request, Trap, TrapCategory};
use mikrotik::client::Settings;
use mikrotik::watch::WatchedRouters;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::peer::{Peer, Router, quick, row};

fn target(router: &Router) -> RouterTarget {
    RouterTarget {
        id: RouterId::generate(),
        version: 1,
        host: router.address.ip().to_string(),
        port: router.address.port(),
        security: ApiSecurity::Plain,
        username: "api".to_owned(),
        password: SecretBytes::new("secret"),
    }
}

/// Answers like a router of that version, which has no hotspot.
async fn answer(peer: &mut Peer, request: &Request, version: &str) {
    match request.command.as_str() {
        "/system/identity/print" => peer.row(request, &[("name", "POP\0 1")]).await,
        "/system/resource/print" => {
            let row = [("version", version), ("cpu-load", "7"), ("uptime", "1w2d")];
            peer.row(request, &row).await;
        }
        "/ppp/active/print" => {
            let returned = ReplyKind::Done(row(&[("ret", "42")]));
            return peer.say(returned, request.tag.as_ref()).await;
        }
        _ => {
            let trap = Trap::new(TrapCategory::MissingItem, "no such command prefix");
            peer.say(ReplyKind::Trap(trap), request.tag.as_ref()).await;
        }
    }
    peer.done(request).await;
}

async fn router_of(version: &'static str, answers: usize) -> (Router, Arc<AtomicUsize>) {
    let logins = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&logins);
    let router = Router::logged_in(move |mut peer| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            for _request in 0..answers {
                let Some(request) = peer.request().await else {
                    return;
                };
                answer(&mut peer, &request, version).await;
            }
        }
    })
    .await;
    (router, logins)
}

#[tokio::test]
async fn many_looks_are_one_login() {
    let (router, logins) = router_of("7.16.2 (stable)", usize::MAX).await;
    let (watched, target) = (WatchedRouters::new(quick()), target(&router));
    for _look in 0..3 {
        let CheckOutcome::Answered(facts) = watched.check(&target).await else {
            panic!("it answers");
        };
        assert_eq!(facts.identity, "POP 1");
        assert_eq!((facts.ppp_sessions, facts.hotspot_sessions), (42, 0));
        assert_eq!(
            (facts.cpu_load, facts.uptime_seconds),
            (Some(7), Some(777_600))
        );
        assert_eq!(facts.free_memory, None);
    }
    assert_eq!(logins.load(Ordering::Relaxed), 1);
    assert_eq!(watched.connected(), [(target.id, 1)]);

    let edited = RouterTarget {
        version: 2,
        ..target
    };
    assert!(matches!(
        watched.check(&edited).await,
        CheckOutcome::Answered(_)
    ));
    assert_eq!(
        logins.load(Ordering::Relaxed),
        2,
        "other settings, another connection"
    );
    watched.forget(edited.id);
    assert_eq!(watched.connected(), []);
}

#[tokio::test]
async fn a_connection_that_grew_old_is_made_anew_once() {
    let (router, logins) = router_of("7.16.2 (stable)", 4).await;
    let (watched, target) = (WatchedRouters::new(quick()), target(&router));
    for _look in 0..3 {
        let found = watched.check(&target).await;
        assert!(matches!(found, CheckOutcome::Answered(_)), "{found:?}");
    }
    assert_eq!(logins.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_version_that_is_too_old_is_told() {
    let (router, _logins) = router_of("6.40.9 (bugfix)", usize::MAX).await;
    let watched = WatchedRouters::new(quick());
    let CheckOutcome::Failed(failure) = watched.check(&target(&router)).await else {
        panic!("it is not supported");
    };
    assert_eq!(failure.cause, CheckCause::NotSupported);
    assert_eq!(failure.detail.as_deref(), Some("6.40.9 (bugfix)"));
}

/// What listens on this machine, and whether anybody called.
async fn called_by_a_router_at(host: &str, outgoing: Outgoing) -> (CheckOutcome, bool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let mut peer = RouterTarget {
        id: RouterId::generate(),
        version: 1,
        host: host.to_owned(),
        port: listener.local_addr().expect("bound").port(),
        security: ApiSecurity::Plain,
        username: "api".to_owned(),
        password: SecretBytes::new("secret"),
    };
    let settings = Settings {
        outgoing,
        ..quick()
    };
    let watched = WatchedRouters::new(settings);
    let outcome = watched.check(&peer).await;
    peer.version += 1;
    peer.security = ApiSecurity::Tls(None);
    assert_eq!(
        watched.check(&peer).await,
        outcome,
        "nor for its certificate"
    );
    let called = timeout(Duration::from_millis(50), listener.accept()).await;
    (outcome, called.is_ok())
}

#[tokio::test]
async fn a_router_is_never_called_at_an_address_that_is_closed() {
    let closed = CheckOutcome::Failed(CheckFailure {
        cause: CheckCause::NotAllowed,
        detail: None,
    });
    for host in [
        "127.0.0.1",
        "localhost",
        "::ffff:127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
    ] {
        let seen = called_by_a_router_at(host, Outgoing::default()).await;
        assert_eq!(seen, (closed.clone(), false), "{host}");
    }
    let refused = Outgoing::new(
        parse_list("127.0.0.0/8").expect("a network"),
        parse_list("127.0.0.1").expect("an address"),
    );
    assert_eq!(
        called_by_a_router_at("127.0.0.1", refused).await,
        (closed, false)
    );
}
