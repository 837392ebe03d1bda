//! Debian's `radclient` as an independent judge of the server.

use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use domain::network::access::UnpaidAccess;
use domain::network::nas::RequireMessageAuthenticator;
use domain::network::service_policy::RejectCause;
use domain::network::session::{AccountingEvent, TerminateCause};
use radius::counters::Discard;

use crate::support::{Directory, World, now};

const SIGNED: &str = "Message-Authenticator=0x00";

/// What `radclient` printed; `None` when it is not installed.
#[expect(clippy::print_stdout, reason = "a skipped judge must be seen")]
async fn radclient(server: SocketAddr, kind: &str, secret: &str, request: &str) -> Option<String> {
    let arguments = ["-x", "-r1", "-t1", &server.to_string(), kind, secret].map(str::to_owned);
    let request = request.to_owned();
    let run = move || {
        let mut child = Command::new("radclient")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let mut stdin = child.stdin.take()?;
        stdin.write_all(request.as_bytes()).ok()?;
        drop(stdin);
        let output = child.wait_with_output().ok()?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Some(text)
    };
    let printed = tokio::task::spawn_blocking(run).await.expect("no panic");
    if printed.is_none() {
        println!("SKIPPED: radclient is not on PATH (apt install freeradius-utils)");
    }
    printed
}

fn assert_has(printed: &str, wanted: &[&str]) {
    for text in wanted {
        assert!(printed.contains(text), "{text} is not in:\n{printed}");
    }
}

#[tokio::test]
async fn pap_chap_and_ms_chap_v1_are_accepted() {
    let world = World::start().await;
    for password in ["User-Password", "CHAP-Password", "MS-CHAP-Password"] {
        let request =
            format!("User-Name=alice,{password}=secret1,NAS-IP-Address=10.0.0.1,{SIGNED}");
        let Some(printed) = radclient(world.auth, "auth", "testing123", &request).await else {
            return;
        };
        assert_has(
            &printed,
            &[
                "Received Access-Accept",
                "Mikrotik-Rate-Limit = \"5M/10M\"",
                "Framed-Pool = \"customers\"",
                "Session-Timeout = 86400",
                "Acct-Interim-Interval = 300",
                "Message-Authenticator = 0x",
                "Class = 0x61693a",
            ],
        );
        if password == "MS-CHAP-Password" {
            let keys = "MS-CHAP-MPPE-Keys = 0x00000000000000002a10c22bd1a43a55f2a62cfe5609e677";
            assert_has(&printed, &[keys]);
        }
    }
    world.shut_down().await;
}

#[tokio::test]
async fn the_replay_of_rfc_2759_yields_its_answer_and_the_key_of_rfc_3079() {
    let world = World::start().await;
    let request = format!(
        "User-Name=User,MS-CHAP-Challenge=0x5b5d7c7d7b3f2f3e3c2c602132262628,\
         MS-CHAP2-Response=0x000021402324255e262a28295f2b3a337c7e0000000000000000\
         82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df,{SIGNED}"
    );
    let Some(printed) = radclient(world.auth, "auth", "testing123", &request).await else {
        return;
    };
    let success = hex::encode("S=407A5589115FD0D6209F510FE9C04566932CDA56");
    assert_has(
        &printed,
        &[
            "Received Access-Accept",
            &format!("MS-CHAP2-Success = 0x00{success}"),
            "MS-MPPE-Send-Key = 0x8b7cdc149b993a1ba118cb153f56dccb",
            "MS-MPPE-Recv-Key = 0xd5f0e9521e3ea9589645e86051c82226",
            "MS-MPPE-Encryption-Policy = Encryption-Allowed",
        ],
    );
    world.shut_down().await;
}

#[tokio::test]
async fn a_session_is_reported_from_start_to_stop() {
    let world = World::start().await;
    let session = "Acct-Session-Id=81000001,User-Name=alice,NAS-IP-Address=10.0.0.1,\
                   Framed-IP-Address=100.64.0.9,Calling-Station-Id=AA:BB:CC:00:00:01";
    let stamp = now().timestamp() - 5;
    let reports = [
        format!("Acct-Status-Type=Start,Event-Timestamp={stamp},{session}"),
        format!(
            "Acct-Status-Type=Interim-Update,Acct-Session-Time=60,Acct-Input-Octets=5,\
             Acct-Input-Gigawords=1,{session}"
        ),
        format!("Acct-Status-Type=Stop,Acct-Terminate-Cause=Session-Timeout,{session}"),
        "Acct-Status-Type=Accounting-On,Acct-Session-Id=0,NAS-IP-Address=10.0.0.1".to_owned(),
    ];
    for report in reports {
        let Some(printed) = radclient(world.acct, "acct", "testing123", &report).await else {
            return;
        };
        assert_has(&printed, &["Received Accounting-Response"]);
    }
    let records = world.shut_down().await;
    let events: Vec<AccountingEvent> = records.iter().map(|record| record.event).collect();
    let cause = TerminateCause::SessionTimeout;
    assert_eq!(
        events,
        [
            AccountingEvent::Start,
            AccountingEvent::Interim,
            AccountingEvent::Stop { cause },
            AccountingEvent::NasOn
        ]
    );
    assert_eq!(records[0].event_time.timestamp(), stamp);
    assert_eq!(records[1].usage.input_octets, Some((1 << 32) + 5));
    assert_eq!(records[0].session_key, records[1].session_key);
    assert_eq!(records[0].session_key, records[2].session_key);
}

#[tokio::test]
async fn status_server_is_answered() {
    let world = World::start().await;
    for (server, wanted) in [
        (world.auth, "Received Access-Accept"),
        (world.acct, "Received Accounting-Response"),
    ] {
        let Some(printed) = radclient(server, "status", "testing123", SIGNED).await else {
            return;
        };
        assert_has(&printed, &[wanted]);
    }
    world.shut_down().await;
}

#[tokio::test]
async fn refusals_say_why() {
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    directory.settings.unpaid = UnpaidAccess::Reject;
    let world = World::with(directory).await;
    for (name, password, cause) in [
        ("alice", "wrong", RejectCause::WrongPassword),
        ("nobody", "secret1", RejectCause::UnknownUser),
        ("sam", "secret1", RejectCause::Suspended),
        ("eve", "secret1", RejectCause::Expired),
    ] {
        let request = format!("User-Name={name},User-Password={password},{SIGNED}");
        let Some(printed) = radclient(world.auth, "auth", "testing123", &request).await else {
            return;
        };
        let message = format!("Reply-Message = \"{}\"", cause.reply_message());
        assert_has(&printed, &["Received Access-Reject", &message]);
        assert_eq!(world.counters.rejects(cause), 1);
    }
    world.shut_down().await;
}

#[tokio::test]
async fn a_wrong_secret_is_met_with_silence() {
    let world = World::start().await;
    let request = format!("User-Name=alice,CHAP-Password=secret1,{SIGNED}");
    let Some(printed) = radclient(world.auth, "auth", "another", &request).await else {
        return;
    };
    assert!(!printed.contains("Received"), "{printed}");
    assert_eq!(world.counters.discards(Discard::BadMessageAuthenticator), 1);
    let report = "Acct-Status-Type=Start,Acct-Session-Id=1,User-Name=alice";
    let Some(printed) = radclient(world.acct, "acct", "another", report).await else {
        return;
    };
    assert!(!printed.contains("Received"), "{printed}");
    assert_eq!(world.counters.discards(Discard::BadAuthenticator), 1);
    assert!(world.shut_down().await.is_empty());
}
