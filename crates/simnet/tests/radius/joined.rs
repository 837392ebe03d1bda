//! Subscribers who dial in to whole routers: what the menus say is what they get.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use domain::ids::IspId;
use domain::network::outgoing::{Outgoing, parse_list};
use domain::network::ports::{ControlOutcome, SessionChange, SessionControl, SessionTarget};
use domain::network::rate_limit::RateLimit;
use domain::network::secret::SecretBytes;
use domain::network::session::{AccountingEvent, TerminateCause};
use mikrotik::api::{Query, QueryWord, Request, Row};
use mikrotik::client::{Client, Credentials, Endpoint, Security, Settings};
use radius::coa::CoaClient;
use radius::packet::codec::{Code, Packet};
use simnet::group::{Crowd, RouterGroup};
use simnet::router::Account;
use simnet::snapshot::{Snapshot, State};
use simnet::subscribers::{Method, Service, SubscriberConfig};
use simnet::{Network, NetworkConfig, StartError};
use tokio_util::sync::CancellationToken;

use crate::world::{SECRET, World, find, subscriber, timing, until};

/// The menus of a router whose subscribers are let in by the world's server.
fn setup(world: &World) -> String {
    format!(
        "/radius add service=ppp,hotspot address=127.0.0.1 secret={SECRET} timeout=1s \
         authentication-port={} accounting-port={}\n\
         /radius incoming set accept=yes port=3799\n\
         /ppp aaa set use-radius=yes accounting=yes interim-update=0s\n\
         /ip pool add name=more ranges=100.65.0.2-100.65.255.254\n\
         /ip pool add name=customers ranges=100.64.0.2-100.64.0.3 next-pool=more\n\
         /ip pool add name=suspended ranges=10.255.255.2-10.255.255.254\n\
         /ppp profile set default local-address=100.64.0.1 remote-address=customers\n\
         /ppp profile add name=staff remote-address=more rate-limit=20M/30M only-one=yes\n\
         /ppp secret add name=engineer password=local profile=staff service=pppoe\n\
         /interface pppoe-server server add interface=ether2 service-name=internet disabled=no\n\
         /ip hotspot profile set default use-radius=yes\n\
         /ip hotspot add name=lobby interface=ether3 address-pool=more disabled=no\n",
        world.auth.port(),
        world.acct.port(),
    )
}

/// Addresses of its own for each test: the port of requests is always the same.
fn group(world: &World, place: u8) -> RouterGroup {
    RouterGroup {
        address: Ipv4Addr::new(127, 77, place, 1),
        api_port: Some(0),
        users: vec![Account {
            name: "admin".to_owned(),
            password: "secret".to_owned(),
            group: "full".to_owned(),
        }],
        setup: setup(world),
        log_lines: 1000,
        ..RouterGroup::default()
    }
}

async fn start(group: RouterGroup, subscribers: Vec<SubscriberConfig>) -> Network {
    let config = NetworkConfig {
        routers: vec![group],
        subscribers,
        timing: timing(),
        ..NetworkConfig::default()
    };
    Network::start(config, CancellationToken::new())
        .await
        .expect("the network starts")
}

fn client(network: &Network) -> Client {
    let addresses = network.addresses();
    let api = addresses.first().and_then(|found| found.api);
    let api = api.expect("the router has an API");
    let endpoint = Endpoint {
        host: api.ip().to_string(),
        port: api.port(),
        security: Security::Plain,
    };
    Client::new(
        endpoint,
        Credentials::new("admin", "secret"),
        Settings {
            outgoing: Outgoing::new(parse_list("127.0.0.0/8").expect("a network"), Vec::new()),
            ..Settings::default()
        },
    )
}

async fn rows(client: &Client, menu: &str) -> Vec<Row> {
    let request = Request::new(format!("{menu}/print"));
    client.run(request).await.expect("it prints").rows
}

async fn dynamic_rows(client: &Client, menu: &str) -> Vec<Row> {
    let query = Query(vec![QueryWord::equal("dynamic", "true")]);
    let mut request = Request::new(format!("{menu}/print"));
    request.query = query;
    client.run(request).await.expect("it prints").rows
}

fn shown(row: &Row, name: &str) -> String {
    row.text(name).unwrap_or_default().to_string()
}

fn target(network: &Network, username: &str) -> SessionTarget {
    let snapshot = network.snapshot();
    let session = find(&snapshot, username).session.clone();
    let session = session.expect("the subscriber is online");
    let addresses = network.addresses();
    SessionTarget {
        isp_id: IspId::generate(),
        nas: addresses[0].control.expect("the router listens"),
        secret: SecretBytes::new(SECRET),
        old_secret: None,
        username: username.to_owned(),
        acct_session_id: session.session_id,
        framed_ip: Some(session.framed_ip),
    }
}

/// Waits until something about the sockets of a network holds.
async fn settled(holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(holds(), "it never came to that");
}

/// How many reports of a kind the server has counted.
fn counted(world: &World, is_meant: impl Fn(AccountingEvent) -> bool) -> usize {
    let records = world.sink.records().into_iter();
    records.filter(|record| is_meant(record.event)).count()
}

/// How many sessions ended for that cause, as the server was told.
fn ended_by(world: &World, cause: TerminateCause) -> usize {
    counted(world, |event| event == AccountingEvent::Stop { cause })
}

fn reported(snapshot: &Snapshot, online: usize) -> bool {
    snapshot.online() == online && snapshot.nas.iter().all(|nas| nas.unanswered == 0)
}

#[tokio::test]
async fn a_session_shows_in_every_menu_and_obeys_the_server() {
    let world = World::start();
    world.customer("rahim", "p");
    let rahim = subscriber("rahim", "p", Method::MsChapV2);
    let network = start(group(&world, 1), vec![rahim]).await;
    until(&network, |snapshot| reported(snapshot, 1)).await;
    let client = client(&network);
    let active = rows(&client, "/ppp/active").await;
    let session = find(&network.snapshot(), "rahim")
        .session
        .clone()
        .expect("online");
    assert_eq!(active.len(), 1);
    assert_eq!(shown(&active[0], "name"), "rahim");
    assert_eq!(shown(&active[0], "radius"), "true");
    assert_eq!(shown(&active[0], "address"), session.framed_ip.to_string());
    let queues = dynamic_rows(&client, "/queue/simple").await;
    assert_eq!(shown(&queues[0], "name"), "<pppoe-rahim>");
    assert_eq!(shown(&queues[0], "max-limit"), "5000000/10000000");
    let interfaces = dynamic_rows(&client, "/interface").await;
    assert_eq!(shown(&interfaces[0], "type"), "pppoe-in");
    assert_eq!(rows(&client, "/interface/pppoe-server").await.len(), 1);
    let used = rows(&client, "/ip/pool/used").await;
    assert_eq!(shown(&used[0], "pool"), "customers");

    let coa = CoaClient::default();
    let faster = SessionChange {
        rate: Some(RateLimit::new(1_000, 2_000)),
        ..SessionChange::default()
    };
    let old = target(&network, "rahim");
    assert_eq!(coa.change(&old, faster).await, ControlOutcome::Acked);
    let queues = dynamic_rows(&client, "/queue/simple").await;
    assert_eq!(shown(&queues[0], "max-limit"), "1000000/2000000");
    assert_eq!(coa.disconnect(&old).await, ControlOutcome::Acked);
    until(&network, |snapshot| find(snapshot, "rahim").logins == 2).await;
    until(&network, |snapshot| reported(snapshot, 1)).await;
    let again = rows(&client, "/ppp/active").await;
    assert_eq!(again.len(), 1);
    assert_ne!(shown(&again[0], ".id"), shown(&active[0], ".id"));
    assert_ne!(
        shown(&again[0], "session-id"),
        shown(&active[0], "session-id")
    );
    network.hang_up("rahim");
    for menu in ["/ppp/active", "/interface/pppoe-server", "/ip/pool/used"] {
        assert!(rows(&client, menu).await.is_empty(), "{menu}");
    }
    assert!(dynamic_rows(&client, "/queue/simple").await.is_empty());
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn whom_the_router_removes_dials_again() {
    let world = World::start();
    world.customer("rahim", "p");
    let network = start(
        group(&world, 2),
        vec![subscriber("rahim", "p", Method::Chap)],
    )
    .await;
    until(&network, |snapshot| reported(snapshot, 1)).await;
    let client = client(&network);
    let active = rows(&client, "/ppp/active").await;
    let remove = Request::new("/ppp/active/remove").argument(".id", shown(&active[0], ".id"));
    client.run(remove.clone()).await.expect("it is removed");
    until(&network, |snapshot| find(snapshot, "rahim").logins == 2).await;
    until(&network, |snapshot| reported(snapshot, 1)).await;
    assert_eq!(ended_by(&world, TerminateCause::AdminReset), 1);
    client.run(remove).await.expect_err("it is gone");
    let log = rows(&client, "/log").await;
    let lines: Vec<String> = log.iter().map(|row| shown(row, "message")).collect();
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("rahim logged out")),
        "{lines:?}"
    );
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn the_routers_own_users_win() {
    let world = World::start();
    world.customer("engineer", "elsewhere");
    let mut second = subscriber("engineer", "local", Method::Pap);
    second.line = Some("second".to_owned());
    let subscribers = vec![subscriber("engineer", "local", Method::Chap), second];
    let network = start(group(&world, 3), subscribers).await;
    until(&network, |snapshot| {
        snapshot.online() == 1 && snapshot.rejected() == 1
    })
    .await;
    let snapshot = network.snapshot();
    let counters = snapshot.nas[0].counters;
    assert_eq!((counters.access_requests, counters.reports_sent), (0, 0));
    let refused = snapshot
        .subscribers()
        .find(|known| known.state == State::Rejected);
    let message = refused.and_then(|known| known.message.clone());
    assert_eq!(message.as_deref(), Some("the user is already active"));
    let client = client(&network);
    let active = rows(&client, "/ppp/active").await;
    assert_eq!(shown(&active[0], "radius"), "false");
    assert_eq!(shown(&active[0], "address"), "100.65.0.2");
    let queues = dynamic_rows(&client, "/queue/simple").await;
    assert_eq!(shown(&queues[0], "max-limit"), "20000000/30000000");
    // Without the secret the next dial asks the server, where the password is another.
    let remove = Request::new("/ppp/secret/remove").argument(".id", "engineer");
    client.run(remove).await.expect("it is removed");
    let kick = Request::new("/ppp/active/remove").argument(".id", shown(&active[0], ".id"));
    client.run(kick).await.expect("it is ended");
    until(&network, |snapshot| snapshot.nas[0].counters.rejects >= 2).await;
    assert_eq!(network.snapshot().online(), 0);
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn the_menus_decide_at_the_next_dial() {
    let world = World::start();
    world.customer("rahim", "p");
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback can be bound");
    let mut group = group(&world, 4);
    // The first server never answers: the second is asked then.
    group.setup = format!(
        "/radius add service=ppp address=127.0.0.1 secret=x timeout=50ms authentication-port={}\n{}",
        silent.local_addr().expect("bound").port(),
        group.setup,
    );
    let network = start(group, vec![subscriber("rahim", "p", Method::Pap)]).await;
    until(&network, |snapshot| reported(snapshot, 1)).await;
    let mut asked = [0; 4096];
    silent.set_nonblocking(true).expect("it is allowed");
    let length = silent.recv(&mut asked).expect("the first was asked");
    let asked = Packet::parse(&asked[..length]).expect("a packet");
    assert_eq!(asked.code(), Code::AccessRequest);
    let client = client(&network);
    let run = async |command: &str, arguments: &[(&str, &str)]| {
        let request = arguments
            .iter()
            .fold(Request::new(command), |request, (name, value)| {
                request.argument(*name, *value)
            });
        client.run(request).await.expect("it is taken");
    };
    run("/ppp/aaa/set", &[("use-radius", "no")]).await;
    network.redial_all(None, Duration::ZERO);
    until(&network, |snapshot| snapshot.rejected() == 1).await;
    let log = rows(&client, "/log").await;
    let refused = log.iter().map(|row| shown(row, "message"));
    assert!(
        refused
            .into_iter()
            .any(|line| line.contains("user rahim authentication failed"))
    );
    run("/ppp/aaa/set", &[("use-radius", "yes")]).await;
    until(&network, |snapshot| reported(snapshot, 1)).await;

    for row in rows(&client, "/radius").await {
        run("/radius/disable", &[(".id", &shown(&row, ".id"))]).await;
    }
    network.redial_all(None, Duration::ZERO);
    let refused = until(&network, |snapshot| snapshot.rejected() == 1).await;
    let message = find(&refused, "rahim").message.as_deref();
    assert_eq!(message, Some("no RADIUS server is configured"));
    run("/radius/incoming/set", &[("accept", "no")]).await;
    let control = || network.addresses()[0].control;
    settled(|| control().is_none()).await;

    for row in rows(&client, "/radius").await {
        run("/radius/enable", &[(".id", &shown(&row, ".id"))]).await;
    }
    let open = [("accept", "yes"), ("port", "3801")];
    run("/radius/incoming/set", &open).await;
    settled(|| control().is_some_and(|found| found.port() == 3801)).await;
    until(&network, |snapshot| reported(snapshot, 1)).await;
    let session = target(&network, "rahim");
    let done = CoaClient::default().disconnect(&session).await;
    assert_eq!(done, ControlOutcome::Acked);
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn a_port_of_requests_that_was_taken_is_tried_again() {
    let world = World::start();
    world.customer("rahim", "p");
    let group = group(&world, 42);
    let port = SocketAddr::from((group.address, 3800));
    let holder = UdpSocket::bind(port).expect("nobody has it");
    let network = start(group, vec![subscriber("rahim", "p", Method::Pap)]).await;
    until(&network, |snapshot| reported(snapshot, 1)).await;
    let control = || network.addresses()[0].control;
    let moved = Request::new("/radius/incoming/set").argument("port", "3800");
    client(&network).run(moved).await.expect("it is taken");
    settled(|| control().is_none()).await;
    drop(holder);
    settled(|| control() == Some(port)).await;
    let session = target(&network, "rahim");
    let done = CoaClient::default().disconnect(&session).await;
    assert_eq!(done, ControlOutcome::Acked);
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn a_start_that_fails_names_the_port_and_leaves_none_open() {
    let world = World::start();
    let group = RouterGroup {
        count: 2,
        api_port: Some(18_728),
        tls_port: Some(18_729),
        ..group(&world, 43)
    };
    let api = SocketAddr::from((group.address, 18_728));
    let taken = SocketAddr::from((Ipv4Addr::new(127, 77, 43, 2), 18_729));
    let holder = TcpListener::bind(taken).expect("nobody has it");
    let config = NetworkConfig {
        routers: vec![group],
        ..NetworkConfig::default()
    };
    let stop = CancellationToken::new();
    let refused = Network::start(config.clone(), stop.clone()).await.err();
    let Some(StartError::Bind { address, .. }) = refused else {
        unreachable!("{refused:?}");
    };
    assert_eq!(address, taken);
    drop(TcpListener::bind(api).expect("the first router is closed again"));
    drop(holder);
    let network = Network::start(config, stop.clone()).await;
    let network = network.expect("the network starts");
    TcpListener::bind(api).expect_err("the first router has it");
    network.shut_down().await;
    TcpListener::bind(api).expect("the API ends with the network");
    assert!(!stop.is_cancelled(), "it is the caller's");
    world.stop().await;
}

#[tokio::test]
async fn a_hotspot_lets_people_in_too() {
    let world = World::start();
    world.customer("guest", "p");
    world.customer_with("walled", "p", |walled| {
        walled.status = domain::customer::CustomerStatus::Suspended;
    });
    let guest = SubscriberConfig {
        service: Service::Hotspot,
        ..subscriber("guest", "p", Method::MsChapV2)
    };
    let walled = subscriber("walled", "p", Method::Pap);
    let network = start(group(&world, 5), vec![guest, walled]).await;
    until(&network, |snapshot| reported(snapshot, 2)).await;
    let client = client(&network);
    let active = rows(&client, "/ip/hotspot/active").await;
    assert_eq!(active.len(), 1);
    assert_eq!(shown(&active[0], "user"), "guest");
    assert_eq!(shown(&active[0], "server"), "lobby");
    let listed = dynamic_rows(&client, "/ip/firewall/address-list").await;
    assert_eq!(listed.len(), 1);
    assert_eq!(shown(&listed[0], "list"), "suspended");
    assert!(shown(&listed[0], "address").starts_with("10.255.255."));
    let snapshot = network.snapshot();
    for (name, row) in [("guest", &active[0]), ("walled", &listed[0])] {
        let session = find(&snapshot, name).session.as_ref().expect("online");
        assert_eq!(shown(row, "address"), session.framed_ip.to_string());
    }
    let remove = Request::new("/ip/hotspot/active/remove");
    let remove = remove.argument(".id", shown(&active[0], ".id"));
    client.run(remove).await.expect("it is ended");
    until(&network, |snapshot| find(snapshot, "guest").logins == 2).await;
    until(&network, |snapshot| reported(snapshot, 2)).await;
    assert_eq!(ended_by(&world, TerminateCause::AdminReset), 1);
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_routers_agree_with_the_server_to_the_byte() {
    let world = World::start();
    let group = RouterGroup {
        count: 20,
        api_port: None,
        versions: vec!["7.20".to_owned(), "6.49".to_owned()],
        subscribers: vec![Crowd {
            count: 25,
            ..Crowd::default()
        }],
        ..group(&world, 6)
    };
    for number in 1..=500 {
        world.customer(&format!("user{number}"), &format!("pw{number}"));
    }
    let config = NetworkConfig {
        routers: vec![group],
        timing: timing(),
        speed: 60,
        ..NetworkConfig::default()
    };
    let network = Network::start(config, CancellationToken::new())
        .await
        .expect("the network starts");
    until(&network, |snapshot| reported(snapshot, 500)).await;
    // A minute of theirs is a second of ours.
    tokio::time::sleep(Duration::from_secs(1)).await;
    network.redial_all(None, Duration::from_secs(20));
    until(&network, |snapshot| {
        let again = |known: &simnet::snapshot::SubscriberSnapshot| known.logins == 2;
        snapshot.subscribers().all(again) && reported(snapshot, 500)
    })
    .await;
    assert!(network.reboot(Some("POP-3"), Duration::from_secs(10)));
    until(&network, |snapshot| reported(snapshot, 500)).await;
    network.hang_up_all();
    let end = until(&network, |snapshot| reported(snapshot, 0)).await;
    let truth = network.summary().traffic;
    assert!(truth.upload_bytes > 10_000_000, "{truth:?}");
    assert_eq!(
        world.sink.totals(),
        (truth.upload_bytes, truth.download_bytes)
    );
    let given_up: u64 = end
        .nas
        .iter()
        .map(|nas| nas.counters.reports_given_up)
        .sum();
    assert_eq!(given_up, 0);
    assert_eq!(ended_by(&world, TerminateCause::LostCarrier), 500);
    assert_eq!(ended_by(&world, TerminateCause::AdminReboot), 25);
    assert_eq!(ended_by(&world, TerminateCause::UserRequest), 500);
    let begun = counted(&world, |event| event == AccountingEvent::Start);
    assert_eq!(begun, 1025);
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn a_reboot_over_the_api_ends_sessions_with_reports() {
    let world = World::start();
    world.customer("rahim", "p");
    let rahim = subscriber("rahim", "p", Method::Pap);
    let network = start(group(&world, 40), vec![rahim]).await;
    until(&network, |snapshot| reported(snapshot, 1)).await;
    let client = client(&network);
    let rebooted = client.run(Request::new("/system/reboot")).await;
    drop(rebooted.map(|_| ()));
    until(&network, |snapshot| {
        find(snapshot, "rahim").logins == 2 && reported(snapshot, 1)
    })
    .await;
    assert_eq!(ended_by(&world, TerminateCause::AdminReboot), 1);
    network.power_cut(Some("POP-1"), Duration::from_millis(200));
    until(&network, |snapshot| find(snapshot, "rahim").logins == 3).await;
    until(&network, |snapshot| reported(snapshot, 1)).await;
    let ends = counted(&world, |event| {
        matches!(event, AccountingEvent::Stop { .. })
    });
    assert_eq!(ends, 1, "a power cut reports nothing");
    network.shut_down().await;
    world.stop().await;
}

#[tokio::test]
async fn faults_and_commands_come_while_it_runs() {
    let world = World::start();
    world.customer("rahim", "p");
    let rahim = subscriber("rahim", "p", Method::Pap);
    let network = start(group(&world, 41), vec![rahim]).await;
    until(&network, |snapshot| reported(snapshot, 1)).await;
    let client = client(&network);
    let fault = r#"{"action": "fault", "nas": "POP-1", "rule": {
        "when": {"command": "/ppp/active"}, "fault": {"trap": {"message": "failure: busy"}}}}"#;
    let act = |text: &str| {
        let action = serde_json::from_str(text).expect("an action");
        simnet::scenario::perform(&network, action)
    };
    assert!(act(fault));
    let print = Request::new("/ppp/active/print");
    client.run(print.clone()).await.expect_err("it is refused");
    assert!(!act(r#"{"action": "clear_faults", "nas": "POP-2"}"#));
    assert!(!act(r#"{"action": "away", "nas": "POP-2"}"#));
    client.run(print.clone()).await.expect_err("it still is");
    assert!(act(r#"{"action": "clear_faults"}"#));
    assert_eq!(client.run(print).await.expect("it prints").rows.len(), 1);
    let disable = r#"{"action": "command", "nas": "POP-1", "run": "/radius disable [find]"}"#;
    assert!(act(disable));
    assert!(!act(&disable.replace("POP-1", "POP-2")));
    assert!(!act(&disable.replace("/radius disable", "/radius forget")));
    network.redial_all(None, Duration::ZERO);
    until(&network, |snapshot| snapshot.rejected() == 1).await;
    let summary = network.summary();
    assert_eq!(
        (summary.routers, summary.online, summary.rejected),
        (1, 0, 1)
    );
    network.shut_down().await;
    world.stop().await;
}
