//! A router on a clock that the test moves.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use radius::packet::builder::PacketBuilder;
use radius::packet::codec::{Code, Packet};
use radius::packet::dictionary::attr;
use radius::packet::vendor_mikrotik as mikrotik;
use tokio::time::Instant;

use super::core::{Channel, Core, Transmit};
use super::settings::Settings;
use super::{NasConfig, Timing};
use crate::snapshot::{Counters, State, SubscriberSnapshot};
use crate::subscribers::{Method, Service, SubscriberConfig};

const SECRET: &str = "secret";

/// A router with one subscriber, and what it sent with the second at which it did.
struct Rig {
    core: Core,
    begun: Instant,
    sent: Vec<(u64, Transmit)>,
}

impl Rig {
    fn new() -> Self {
        let config = NasConfig {
            secret: SECRET.to_owned(),
            ..NasConfig::default()
        };
        let mut core = Core::new(&config, Timing::default());
        let begun = Instant::now();
        core.add(SubscriberConfig::new("rahim", "p", Method::Pap), begun);
        Self {
            core,
            begun,
            sent: Vec::new(),
        }
    }

    /// Runs every timer up to that second; `answer` plays the server.
    fn run(&mut self, seconds: u64, answer: impl Fn(&Packet<'_>) -> Option<Vec<u8>>) {
        let end = self.begun + Duration::from_secs(seconds);
        loop {
            let now = self
                .core
                .next_deadline()
                .filter(|deadline| *deadline <= end);
            self.core.run_timers(now.unwrap_or(end));
            let nobody = |_, _: &str| None;
            self.core.admit_callers(now.unwrap_or(end), &nobody);
            let is_quiet = !self.exchange(now.unwrap_or(end), &answer);
            if now.is_none() && is_quiet {
                return;
            }
        }
    }

    fn exchange(&mut self, now: Instant, answer: impl Fn(&Packet<'_>) -> Option<Vec<u8>>) -> bool {
        let mut is_busy = false;
        while let Some(transmit) = self.core.next_transmit() {
            is_busy = true;
            let request = Packet::parse(&transmit.bytes).expect("a router sends packets");
            if let Some(bytes) = answer(&request) {
                self.core
                    .receive(transmit.channel, &bytes, transmit.to, now);
            }
            let second = now.saturating_duration_since(self.begun).as_secs();
            self.sent.push((second, transmit));
        }
        is_busy
    }

    fn control(&mut self, second: u64, request: &[u8]) -> (Code, Option<u32>) {
        let now = self.begun + Duration::from_secs(second);
        let server = SocketAddr::from(([127, 0, 0, 1], 40_000));
        self.core.receive(Channel::Control, request, server, now);
        let is_ours = |transmit: &Transmit| transmit.channel == Channel::Control;
        let position = self
            .core
            .outbox
            .iter()
            .position(is_ours)
            .expect("an answer");
        let answer = self.core.outbox.remove(position).expect("an answer");
        let packet = Packet::parse(&answer.bytes).expect("a packet");
        let cause = packet
            .attribute(attr::ERROR_CAUSE)
            .and_then(|cause| cause.as_u32());
        (packet.code(), cause)
    }

    fn seconds(&self, code: Code) -> Vec<u64> {
        let is = |transmit: &Transmit| transmit.bytes.first() == Some(&code.as_u8());
        let sent = self.sent.iter().filter(|(_, transmit)| is(transmit));
        sent.map(|(second, _)| *second).collect()
    }

    fn subscriber(&mut self, second: u64) -> (SubscriberSnapshot, Counters) {
        let snapshot = self.core.snapshot(self.begun + Duration::from_secs(second));
        let subscriber = snapshot
            .subscribers
            .into_iter()
            .next()
            .expect("one subscriber");
        (subscriber, snapshot.counters)
    }
}

fn silence(_: &Packet<'_>) -> Option<Vec<u8>> {
    None
}

fn accept(request: &Packet<'_>) -> Option<Vec<u8>> {
    accept_with(request, |_| {})
}

fn accept_with(request: &Packet<'_>, grant: impl Fn(&mut PacketBuilder)) -> Option<Vec<u8>> {
    let mut answer = match request.code() {
        Code::AccessRequest => PacketBuilder::signed(Code::AccessAccept, request.id()),
        _ => PacketBuilder::new(Code::AccountingResponse, request.id()),
    };
    if request.code() == Code::AccessRequest {
        grant(&mut answer);
    }
    answer
        .finish_response(request.authenticator(), SECRET.as_bytes())
        .ok()
}

fn reject(request: &Packet<'_>) -> Option<Vec<u8>> {
    let answer = PacketBuilder::signed(Code::AccessReject, request.id());
    answer
        .finish_response(request.authenticator(), SECRET.as_bytes())
        .ok()
}

fn request(code: Code, fill: impl Fn(&mut PacketBuilder)) -> Vec<u8> {
    let mut packet = PacketBuilder::new(code, 9);
    fill(&mut packet);
    packet
        .finish_accounting_style(SECRET.as_bytes())
        .expect("it fits")
}

#[test]
fn silence_is_repeated_given_up_and_tried_later() {
    let mut rig = Rig::new();
    rig.run(40, silence);
    // Three sendings, given up after 9 s, then pauses of 5 and 10 s.
    assert_eq!(
        rig.seconds(Code::AccessRequest),
        [0, 3, 6, 14, 17, 20, 33, 36, 39]
    );
    assert_eq!(rig.subscriber(40).1.login_timeouts, 2);
}

#[test]
fn who_waits_for_a_turn_is_refused_when_no_server_is_left() {
    let mut rig = Rig::new();
    rig.core.pace(Timing::default(), 1);
    let karim = SubscriberConfig::new("karim", "p", Method::Pap);
    rig.core.add(karim, rig.begun);
    rig.run(1, silence);
    rig.core.settings.servers.clear();
    rig.run(12, silence);
    let snapshot = rig.core.snapshot(rig.begun + Duration::from_secs(12));
    let still = snapshot.subscribers.iter();
    let still = still.filter(|known| known.state == State::Dialing);
    assert_eq!(
        still.count(),
        0,
        "the window was free for the second at 9 s"
    );
    let refused = snapshot.subscribers.iter();
    let refused = refused.filter(|known| known.state == State::Rejected);
    assert_eq!(refused.count(), 1);
}

#[test]
fn refusals_are_tried_with_growing_pauses() {
    let mut rig = Rig::new();
    rig.run(200, reject);
    assert_eq!(
        rig.seconds(Code::AccessRequest),
        [0, 5, 15, 35, 75, 135, 195]
    );
    let (subscriber, counters) = rig.subscriber(200);
    assert_eq!((subscriber.state, subscriber.rejects), (State::Rejected, 7));
    assert_eq!(counters.rejects, 7);
}

#[test]
fn limits_and_intervals_are_obeyed() {
    let mut rig = Rig::new();
    rig.run(130, |request| {
        accept_with(request, |grant| {
            grant
                .u32(attr::SESSION_TIMEOUT, 100)
                .u32(attr::ACCT_INTERIM_INTERVAL, 30);
        })
    });
    assert_eq!(rig.seconds(Code::AccessRequest), [0, 102]);
    // Start, three interims, Stop, Start.
    assert_eq!(
        rig.seconds(Code::AccountingRequest),
        [0, 30, 60, 90, 100, 102]
    );
    let (subscriber, counters) = rig.subscriber(130);
    assert_eq!((subscriber.logins, counters.stops_acknowledged), (2, 1));
}

#[test]
fn a_stop_survives_a_server_that_is_away() {
    let mut rig = Rig::new();
    rig.run(10, accept);
    let hung_up = rig.begun + Duration::from_secs(10);
    assert!(rig.core.hang_up("rahim", hung_up));
    rig.run(30, silence);
    assert_eq!(
        rig.core
            .snapshot(rig.begun + Duration::from_secs(30))
            .unanswered,
        1
    );
    rig.run(60, accept);
    let (subscriber, counters) = rig.subscriber(60);
    assert_eq!(counters.stops_acknowledged, 1);
    assert_eq!(subscriber.state, State::Down);
    let traffic = subscriber.traffic;
    assert!(traffic.download_bytes > 0);
    assert_eq!(traffic.acknowledged_download_bytes, traffic.download_bytes);
}

#[test]
fn a_lower_rate_counts_from_its_moment() {
    let mut fast = Rig::new();
    let grant = |request: &Packet<'_>| {
        accept_with(request, |grant| {
            grant.vendor(mikrotik::VENDOR, mikrotik::RATE_LIMIT, b"10M/10M");
        })
    };
    fast.run(100, grant);
    let before = fast.subscriber(100).0.traffic.download_bytes;
    let change = request(Code::CoaRequest, |packet| {
        packet.text(attr::USER_NAME, "rahim");
        packet.vendor(mikrotik::VENDOR, mikrotik::RATE_LIMIT, b"8k/8k");
    });
    assert_eq!(fast.control(100, &change), (Code::CoaAck, None));
    fast.run(200, grant);
    let after = fast.subscriber(200).0.traffic.download_bytes;
    // 8 kbit/s are 1,000 bytes a second.
    assert!(
        after > before && after - before <= 100_000,
        "{before} {after}"
    );
}

#[test]
fn requests_are_refused_with_their_cause() {
    let mut rig = Rig::new();
    rig.run(5, accept);
    let mut refused = HashMap::new();
    let mut ask = |name, code, fill: &dyn Fn(&mut PacketBuilder)| {
        refused.insert(name, rig.control(5, &request(code, fill)).1);
    };
    ask("nobody", Code::DisconnectRequest, &|packet| {
        packet.text(attr::USER_NAME, "karim");
    });
    ask("old session", Code::DisconnectRequest, &|packet| {
        packet
            .text(attr::USER_NAME, "rahim")
            .text(attr::ACCT_SESSION_ID, "81ffffff");
    });
    ask("unnamed", Code::DisconnectRequest, &|_| {});
    ask("other NAS", Code::DisconnectRequest, &|packet| {
        packet
            .text(attr::USER_NAME, "rahim")
            .text(attr::NAS_IDENTIFIER, "SIM-2");
    });
    ask("pool", Code::CoaRequest, &|packet| {
        packet
            .text(attr::USER_NAME, "rahim")
            .text(attr::FRAMED_POOL, "gold");
    });
    ask("no rate", Code::CoaRequest, &|packet| {
        packet.text(attr::USER_NAME, "rahim");
        packet.vendor(mikrotik::VENDOR, mikrotik::RATE_LIMIT, b"fast");
    });
    let expected = HashMap::from([
        ("nobody", Some(503)),
        ("old session", Some(503)),
        ("unnamed", Some(402)),
        ("other NAS", Some(403)),
        ("pool", Some(401)),
        ("no rate", Some(407)),
    ]);
    assert_eq!(refused, expected);
}

#[test]
fn a_repeated_disconnect_gets_the_same_answer() {
    let mut rig = Rig::new();
    rig.run(5, accept);
    let disconnect = request(Code::DisconnectRequest, |packet| {
        packet.text(attr::USER_NAME, "rahim");
    });
    assert_eq!(rig.control(5, &disconnect), (Code::DisconnectAck, None));
    assert_eq!(rig.control(6, &disconnect), (Code::DisconnectAck, None));
    rig.run(10, accept);
    let (subscriber, counters) = rig.subscriber(10);
    assert_eq!((subscriber.logins, counters.disconnects_done), (2, 1));
}

#[test]
fn a_power_cut_reports_nothing_and_changes_the_session_ids() {
    let mut rig = Rig::new();
    rig.run(5, accept);
    let before = rig.subscriber(5).0.session.expect("online").session_id;
    rig.core
        .power_cut(Duration::from_secs(20), rig.begun + Duration::from_secs(5));
    rig.run(24, accept);
    assert_eq!(rig.subscriber(24).0.state, State::Down);
    rig.run(40, accept);
    let (subscriber, counters) = rig.subscriber(40);
    let after = subscriber.session.expect("online again").session_id;
    assert_ne!(before.get(2..3), after.get(2..3));
    assert_eq!(counters.stops_acknowledged, 0);
    assert_eq!(rig.seconds(Code::AccessRequest), [0, 25]);
}

#[test]
fn nobody_dials_before_the_power_is_back() {
    let mut rig = Rig::new();
    rig.run(5, accept);
    let at = |second| rig.begun + Duration::from_secs(second);
    let (cut, later) = (at(5), at(10));
    rig.core.power_cut(Duration::from_secs(20), cut);
    let karim = SubscriberConfig::new("karim", "p", Method::Pap);
    rig.core.add(karim, later);
    assert!(rig.core.dial("rahim", later));
    rig.core.redial_all(Duration::ZERO, later);
    // A short cut within a long one does not bring the power back.
    rig.core.power_cut(Duration::from_secs(1), later);
    rig.run(24, accept);
    assert_eq!(rig.seconds(Code::AccessRequest), [0]);
    rig.run(60, accept);
    // Both dial once, over the ten seconds of a start.
    assert_eq!(rig.seconds(Code::AccessRequest), [0, 25, 30]);
}

#[test]
fn a_restart_hears_no_server_and_lets_nobody_in() {
    let mut rig = Rig::new();
    let karim = SubscriberConfig::new("karim", "p", Method::Pap);
    rig.core.add(karim, rig.begun + Duration::from_secs(5));
    let only_rahim = |request: &Packet<'_>| {
        let name = request.attribute(attr::USER_NAME).map(|name| name.value);
        (name == Some(b"rahim")).then(|| accept(request)).flatten()
    };
    rig.run(5, only_rahim);
    assert_eq!(rig.seconds(Code::AccessRequest), [0, 5]);
    let at = |second| rig.begun + Duration::from_secs(second);
    let (restarted, later) = (at(6), at(10));
    rig.core.reboot(Duration::from_secs(20), restarted);
    rig.run(9, accept);
    assert_eq!(stops(&rig).len(), 1, "the Stop goes out");
    assert_eq!(stops(&rig)[0].0, 7, "Admin-Reboot");
    let disconnect = request(Code::DisconnectRequest, |packet| {
        packet.text(attr::USER_NAME, "rahim");
    });
    let server = SocketAddr::from(([127, 0, 0, 1], 40_000));
    let (core, channel) = (&mut rig.core, Channel::Control);
    core.receive(channel, &disconnect, server, later);
    assert!(!core.has_output(), "nobody answers");
    assert!(core.dial("rahim", later));
    core.redial_all(Duration::ZERO, later);
    rig.run(25, accept);
    assert_eq!(rig.seconds(Code::AccessRequest), [0, 5]);
    rig.run(60, accept);
    assert_eq!(rig.seconds(Code::AccessRequest), [0, 5, 26, 26]);
    assert_eq!(rig.control(60, &disconnect), (Code::DisconnectAck, None));
}

#[test]
fn a_pool_that_is_not_there_fails_the_login() {
    let mut rig = Rig::new();
    rig.run(3, |request| {
        accept_with(request, |grant| {
            grant.text(attr::FRAMED_POOL, "gold");
        })
    });
    let (subscriber, _) = rig.subscriber(3);
    assert_eq!(subscriber.state, State::Rejected);
    assert_eq!(
        subscriber.message.as_deref(),
        Some("the router has no pool named gold")
    );
}

/// The Acct-Terminate-Cause and the bytes up and down of the Stops that were sent.
fn stops(rig: &Rig) -> Vec<(u32, u64, u64)> {
    let sent = rig.sent.iter().filter_map(|(_, transmit)| {
        let packet = Packet::parse(&transmit.bytes).expect("a router sends packets");
        let number = |kind: u8| packet.attribute(kind).and_then(|found| found.as_u32());
        let bytes =
            |low: u8, high: u8| Some((u64::from(number(high)?) << 32) + u64::from(number(low)?));
        Some((
            number(attr::ACCT_TERMINATE_CAUSE)?,
            bytes(attr::ACCT_INPUT_OCTETS, attr::ACCT_INPUT_GIGAWORDS)?,
            bytes(attr::ACCT_OUTPUT_OCTETS, attr::ACCT_OUTPUT_GIGAWORDS)?,
        ))
    });
    sent.collect()
}

#[test]
fn a_limit_of_bytes_ends_the_session_to_the_byte() {
    let mut rig = Rig::new();
    let grant = |request: &Packet<'_>| {
        accept_with(request, |grant| {
            grant
                .vendor(mikrotik::VENDOR, mikrotik::RATE_LIMIT, b"10M/900M")
                .vendor(mikrotik::VENDOR, mikrotik::XMIT_LIMIT, &7_u32.to_be_bytes())
                .vendor(mikrotik::VENDOR, mikrotik::XMIT_LIMIT_GIGAWORDS, &1_u32.to_be_bytes())
                // Only a hotspot counts both together.
                .vendor(mikrotik::VENDOR, mikrotik::TOTAL_LIMIT, &9_u32.to_be_bytes());
        })
    };
    rig.run(3600, grant);
    let ended = stops(&rig);
    let (cause, _, down) = *ended.first().expect("more than 4 GiB went down in an hour");
    assert_eq!((cause, down), (10, (1 << 32) + 7));
    assert!(
        rig.subscriber(3600).0.logins > 1,
        "the subscriber dials again"
    );
}

fn with_a_quiet_subscriber() -> Rig {
    let mut rig = Rig::new();
    let quiet = SubscriberConfig {
        quiet: true,
        ..SubscriberConfig::new("rahim", "p", Method::Pap)
    };
    rig.core.add(quiet, rig.begun);
    rig
}

fn accept_for_45_idle_seconds(request: &Packet<'_>) -> Option<Vec<u8>> {
    accept_with(request, |grant| {
        grant.u32(attr::IDLE_TIMEOUT, 45);
    })
}

#[test]
fn who_moves_nothing_is_hung_up_on() {
    let mut rig = with_a_quiet_subscriber();
    rig.run(60, accept_for_45_idle_seconds);
    assert_eq!(stops(&rig), [(4, 0, 0)]);
    assert_eq!(rig.seconds(Code::AccessRequest), [0, 47]);
}

#[test]
fn an_idle_timeout_of_zero_is_none() {
    let mut rig = with_a_quiet_subscriber();
    rig.run(10, accept_for_45_idle_seconds);
    let never = request(Code::CoaRequest, |packet| {
        packet
            .text(attr::USER_NAME, "rahim")
            .u32(attr::IDLE_TIMEOUT, 0);
    });
    assert_eq!(rig.control(10, &never), (Code::CoaAck, None));
    rig.run(300, accept_for_45_idle_seconds);
    assert_eq!(stops(&rig), []);
}

/// What becomes in an hour of a session whose limit for both directions together is changed to a
/// thousand bytes more than have moved: its Stops, and that limit.
fn with_a_total_limit(service: Service) -> (Vec<(u32, u64, u64)>, u32) {
    let mut rig = Rig::new();
    let settings = &mut rig.core.settings;
    settings.hotspot = Settings::of(&NasConfig::default()).ppp;
    let server = settings.servers.first_mut().and_then(Arc::get_mut);
    server.expect("nobody else has it").hotspot = true;
    let karim = SubscriberConfig {
        service,
        ..SubscriberConfig::new("karim", "p", Method::Pap)
    };
    assert!(rig.core.remove("rahim", rig.begun));
    rig.core.add(karim, rig.begun);
    rig.run(100, accept);
    let moved = rig.subscriber(100).0.traffic;
    let limit = u32::try_from(moved.upload_bytes + moved.download_bytes).expect("it fits") + 1_000;
    let change = request(Code::CoaRequest, |packet| {
        packet.text(attr::USER_NAME, "karim");
        packet.vendor(
            mikrotik::VENDOR,
            mikrotik::TOTAL_LIMIT,
            &limit.to_be_bytes(),
        );
    });
    assert_eq!(rig.control(100, &change), (Code::CoaAck, None));
    rig.run(3600, accept);
    (stops(&rig), limit)
}

#[test]
fn a_change_of_the_total_limit_is_for_hotspots_alone() {
    let (ended, limit) = with_a_total_limit(Service::Hotspot);
    let (cause, up, down) = *ended.first().expect("it is used up in an hour");
    assert_eq!((cause, up + down), (10, u64::from(limit)));
    assert_eq!(with_a_total_limit(Service::Pppoe).0, []);
}
