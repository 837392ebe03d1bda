//! The simulated network against the real RADIUS server, and against one that misbehaves.

mod hostile;
mod joined;
mod world;

use std::net::Ipv4Addr;
use std::time::Duration;

use domain::customer::CustomerStatus;
use domain::network::ports::{ControlOutcome, SessionChange, SessionControl};
use domain::network::rate_limit::RateLimit;
use domain::network::session::{AccountingEvent, TerminateCause};
use radius::coa::CoaClient;
use simnet::load::{self, Arrival, LoadConfig, Numbered, Sessions};
use simnet::nas::Timing;
use simnet::snapshot::{Snapshot, State};
use simnet::subscribers::Method;
use tokio::net::UdpSocket;

use crate::world::{World, find, subscriber, timing, until};

/// So many are online and the server knows it.
fn all_reported(snapshot: &Snapshot, online: usize) -> bool {
    snapshot.online() == online && snapshot.nas[0].unanswered == 0
}

const METHODS: [Method; 3] = [Method::Pap, Method::Chap, Method::MsChapV2];

#[tokio::test]
async fn every_method_gets_online() {
    let world = World::start();
    for name in ["pap", "chap", "mschap"] {
        world.customer(name, "the password");
    }
    let network = world
        .network(vec![
            subscriber("pap", "the password", Method::Pap),
            subscriber("chap", "the password", Method::Chap),
            subscriber("mschap", "the password", Method::MsChapV2),
        ])
        .await;
    let snapshot = until(&network, |snapshot| all_reported(snapshot, 3)).await;
    for known in snapshot.subscribers() {
        let session = known.session.as_ref().expect("online");
        assert_eq!(session.rate.as_deref(), Some("5M/10M"));
        assert_eq!(session.framed_ip.octets()[..2], [100, 64]);
        let records = world.sink.of(&known.username);
        let start = records.first().expect("a Start was reported");
        assert_eq!(start.event, AccountingEvent::Start);
        assert_eq!(start.framed_ip, Some(session.framed_ip));
        assert_eq!(
            start.calling_station_id.as_deref(),
            Some(known.calling_station.as_str())
        );
        assert!(start.customer_id.is_some(), "the Class came back");
    }
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_tried_again_later() {
    let world = World::start();
    world.customer("rahim", "right");
    for method in METHODS {
        let network = world
            .network(vec![subscriber("rahim", "wrong", method)])
            .await;
        let snapshot = until(&network, |snapshot| find(snapshot, "rahim").rejects >= 3).await;
        assert_eq!(snapshot.online(), 0);
        assert!(find(&snapshot, "rahim").message.is_some());
        // The owner types the right one.
        network.add(subscriber("rahim", "right", method));
        until(&network, |snapshot| snapshot.online() == 1).await;
        network.shut_down().await;
    }
    world.stop().await;
}

#[tokio::test]
async fn a_suspended_customer_gets_behind_the_wall() {
    let world = World::start();
    world.customer_with("karim", "p", |karim| {
        karim.status = CustomerStatus::Suspended;
    });
    world.customer_with("fixed", "p", |fixed| {
        fixed.static_ipv4 = Some(Ipv4Addr::new(203, 0, 113, 7));
    });
    let network = world
        .network(vec![
            subscriber("karim", "p", Method::Pap),
            subscriber("fixed", "p", Method::Chap),
        ])
        .await;
    let snapshot = until(&network, |snapshot| all_reported(snapshot, 2)).await;
    let walled = find(&snapshot, "karim").session.clone().expect("online");
    assert_eq!(walled.framed_ip.octets()[..3], [10, 255, 255]);
    assert_eq!(walled.address_list.as_deref(), Some("suspended"));
    assert_eq!(walled.rate.as_deref(), Some("512k/512k"));
    let fixed = find(&snapshot, "fixed").session.clone().expect("online");
    assert_eq!(fixed.framed_ip, Ipv4Addr::new(203, 0, 113, 7));
    let reports = world.sink.of("karim");
    assert!(!reports.is_empty() && reports.iter().all(|record| record.walled));
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn a_disconnect_ends_the_session_and_the_subscriber_dials_again() {
    let world = World::start();
    world.customer("rahim", "p");
    let network = world
        .network(vec![subscriber("rahim", "p", Method::MsChapV2)])
        .await;
    until(&network, |snapshot| snapshot.online() == 1).await;
    let old = world.target(&network, "rahim");
    let coa = CoaClient::default();
    assert_eq!(coa.disconnect(&old).await, ControlOutcome::Acked);
    until(&network, |snapshot| {
        snapshot.online() == 1 && find(snapshot, "rahim").logins == 2
    })
    .await;
    until(&network, |snapshot| snapshot.nas[0].unanswered == 0).await;
    let stops: Vec<_> = world
        .sink
        .of("rahim")
        .into_iter()
        .filter(|record| matches!(record.event, AccountingEvent::Stop { .. }))
        .collect();
    assert_eq!(stops.len(), 1);
    assert_eq!(
        stops[0].event,
        AccountingEvent::Stop {
            cause: TerminateCause::AdminReset
        }
    );
    assert_eq!(stops[0].acct_session_id, old.acct_session_id);
    assert_eq!(
        coa.disconnect(&old).await,
        ControlOutcome::Refused {
            error_cause: Some(503)
        }
    );
    let counters = network.snapshot().nas[0].counters;
    assert_eq!(
        (counters.disconnects_done, counters.disconnects_refused),
        (1, 1)
    );
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn a_change_reaches_the_live_session() {
    let world = World::start();
    world.customer("rahim", "p");
    let network = world
        .network(vec![subscriber("rahim", "p", Method::Pap)])
        .await;
    until(&network, |snapshot| snapshot.online() == 1).await;
    let target = world.target(&network, "rahim");
    let coa = CoaClient::default();
    let rate = SessionChange {
        rate: Some(RateLimit::new(1_000, 2_000)),
        session_timeout: None,
        ..SessionChange::default()
    };
    assert_eq!(coa.change(&target, rate).await, ControlOutcome::Acked);
    let session = find(&network.snapshot(), "rahim")
        .session
        .clone()
        .expect("still online");
    assert_eq!(session.rate.as_deref(), Some("1M/2M"));
    assert_eq!(session.session_id, target.acct_session_id);
    let end = SessionChange {
        rate: None,
        session_timeout: Some(1),
        ..SessionChange::default()
    };
    assert_eq!(coa.change(&target, end).await, ControlOutcome::Acked);
    until(&network, |snapshot| find(snapshot, "rahim").logins == 2).await;
    until(&network, |snapshot| snapshot.nas[0].unanswered == 0).await;
    let causes: Vec<_> = world
        .sink
        .of("rahim")
        .into_iter()
        .map(|record| record.event)
        .collect();
    assert!(causes.contains(&AccountingEvent::Stop {
        cause: TerminateCause::SessionTimeout
    }));
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn accounting_delivers_every_byte_that_moved() {
    let world = World::start();
    let names: Vec<String> = (0..50).map(|number| format!("user{number}")).collect();
    for name in &names {
        world.customer(name, "p");
    }
    let dialers = names.iter().zip(METHODS.iter().cycle());
    let dialers = dialers
        .map(|(name, method)| subscriber(name, "p", *method))
        .collect();
    let timing = Timing {
        interim_ms: Some(100),
        ..timing()
    };
    let network = world.network_timed(dialers, timing).await;
    until(&network, |snapshot| snapshot.online() == 50).await;
    let enough = |snapshot: &Snapshot| snapshot.nas[0].counters.interims_acknowledged > 200;
    until(&network, enough).await;
    network.redial_all(None, Duration::ZERO);
    until(&network, |snapshot| {
        snapshot
            .subscribers()
            .all(|known| known.logins == 2 && known.state == State::Online)
    })
    .await;
    network.hang_up_all();
    let snapshot = until(&network, |snapshot| snapshot.nas[0].unanswered == 0).await;
    let truth = snapshot.nas[0].traffic;
    assert!(truth.upload_bytes > 0 && truth.download_bytes > truth.upload_bytes);
    assert_eq!(
        world.sink.totals(),
        (truth.upload_bytes, truth.download_bytes)
    );
    assert_eq!(truth.acknowledged_upload_bytes, truth.upload_bytes);
    assert_eq!(truth.acknowledged_download_bytes, truth.download_bytes);
    let counters = snapshot.nas[0].counters;
    assert_eq!(
        (counters.starts_acknowledged, counters.stops_acknowledged),
        (100, 100)
    );
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_loses_nobody() {
    let world = World::start();
    let names: Vec<String> = (0..2_000).map(|number| format!("user{number}")).collect();
    for name in &names {
        world.customer(name, "p");
    }
    let dialers = names.iter().zip(METHODS.iter().cycle());
    let dialers = dialers
        .map(|(name, method)| subscriber(name, "p", *method))
        .collect();
    let network = world
        .network_timed(
            dialers,
            Timing {
                attempts: 10,
                ..timing()
            },
        )
        .await;
    until(&network, |snapshot| snapshot.online() == 2_000).await;
    network.power_cut(None, Duration::from_millis(50));
    assert_eq!(network.snapshot().online(), 0);
    until(&network, |snapshot| snapshot.online() == 2_000).await;
    let snapshot = until(&network, |snapshot| snapshot.nas[0].unanswered == 0).await;
    let counters = snapshot.nas[0].counters;
    assert_eq!(
        (
            counters.login_timeouts,
            counters.rejects,
            counters.reports_given_up
        ),
        (0, 0, 0)
    );
    assert_eq!(
        counters.stops_acknowledged, 0,
        "a power cut reports nothing"
    );
    let mut addresses: Vec<_> = snapshot
        .subscribers()
        .filter_map(|known| known.session.as_ref().map(|session| session.framed_ip))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), 2_000, "every address is given once");
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn subscribers_come_and_go() {
    let world = World::start();
    world.customer("rahim", "p");
    world.customer("karim", "p");
    let network = world.network(Vec::new()).await;
    assert_eq!(
        network.add_all(vec![subscriber("rahim", "p", Method::Pap)]),
        1
    );
    assert!(network.add(subscriber("karim", "p", Method::Chap)));
    until(&network, |snapshot| snapshot.online() == 2).await;
    let renamed = "/system identity set name=POP-1";
    assert!(!network.command(None, renamed), "it has no menus");
    assert!(network.remove("karim"));
    assert!(!network.remove("karim"));
    assert!(network.hang_up("rahim"));
    let snapshot = until(&network, |snapshot| snapshot.nas[0].unanswered == 0).await;
    assert_eq!(snapshot.subscribers().count(), 1);
    assert_eq!(find(&snapshot, "rahim").state, State::Down);
    assert_eq!(snapshot.nas[0].counters.stops_acknowledged, 2);
    assert!(network.dial("rahim"));
    until(&network, |snapshot| snapshot.online() == 1).await;
    network.reboot(None, Duration::from_millis(30));
    until(&network, |snapshot| find(snapshot, "rahim").logins == 3).await;
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn a_load_is_measured() {
    let world = World::start();
    for number in 1..=20 {
        world.customer(&format!("load{number}"), "p");
    }
    let config = LoadConfig {
        auth_server: world.auth,
        acct_server: world.acct,
        secret: world::SECRET.to_owned(),
        bind: world::NAS_ADDRESS.into(),
        logins: 600,
        window: 100,
        sessions: Sessions::Brief { interims: 1 },
        ..LoadConfig::default()
    };
    // One of the names does not exist.
    let config = config.with_numbered_subscribers(&numbered(21));
    let report = load::run(config).await.expect("the load runs");
    assert_eq!(
        (
            report.logins.sent,
            report.logins.answered,
            report.logins.lost
        ),
        (600, 600, 0)
    );
    assert_eq!(report.rejected, 600 / 21);
    assert_eq!(report.accepted + report.rejected, 600);
    for kind in [&report.starts, &report.interims, &report.stops] {
        assert_eq!((kind.answered, kind.lost), (report.accepted, 0));
    }
    assert!(report.logins.latency_us.p50 > 0 && report.logins.per_second > 0);
    assert_eq!(world.sink.totals().0, report.accepted * 2_000_000);
    world.stop().await;
}

#[tokio::test]
async fn the_floor_grants_every_login_and_acknowledges_no_report() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("bound");
    let config = LoadConfig {
        auth_server: address,
        acct_server: address,
        secret: world::SECRET.to_owned(),
        logins: 200,
        sessions: Sessions::Open,
        reply_timeout_ms: 1_000,
        attempts: 1,
        ..LoadConfig::default()
    };
    let config = config.with_numbered_subscribers(&Numbered {
        methods: &[Method::Pap],
        ..numbered(20)
    });
    let report = tokio::select! {
        failed = load::floor::grant_all(&socket, world::SECRET.as_bytes()) => panic!("{failed:?}"),
        report = load::run(config) => report.expect("the load runs"),
    };
    let logins = &report.logins;
    assert_eq!(
        (report.accepted, logins.bad_replies, logins.lost),
        (200, 0, 0)
    );
    assert_eq!((report.starts.answered, report.starts.lost), (0, 200));
}

#[tokio::test]
async fn open_sessions_report_in_turn_and_a_storm_has_an_end() {
    let world = World::start();
    for number in 1..=20 {
        world.customer(&format!("load{number}"), "p");
    }
    let config = LoadConfig {
        auth_server: world.auth,
        acct_server: world.acct,
        secret: world::SECRET.to_owned(),
        bind: world::NAS_ADDRESS.into(),
        logins: 20,
        window: 100,
        arrival: Arrival::Storm { within_ms: 200 },
        sessions: Sessions::Steady {
            for_ms: 300,
            rate: Some(400),
        },
        ..LoadConfig::default()
    };
    let config = config.with_numbered_subscribers(&numbered(20));
    let report = load::run(config).await.expect("the load runs");
    assert_eq!((report.accepted, report.starts.answered), (20, 20));
    assert_eq!((report.stops.answered, report.logins.late), (20, 0));
    assert!((60..=120).contains(&report.interims.answered), "{report:?}");
    assert!(report.logins.elapsed_ms >= 150);
    world.stop().await;
}

fn numbered(count: usize) -> Numbered<'static> {
    Numbered {
        prefix: "load",
        first: 1,
        count,
        password: "p",
        methods: &METHODS,
    }
}
