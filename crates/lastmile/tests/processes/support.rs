//! Starts the binary on a world's database, and plays a router.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr, UdpSocket as StdUdpSocket},
    process::Stdio,
    time::{Duration, Instant},
};

use radius::{client, packet::dictionary::attr};
use testkit::World;
use tokio::{
    net::UdpSocket,
    process::{Child, Command},
    time::timeout,
};

const SECRET: &[u8] = b"a-shared-secret";

/// A running binary.
pub(crate) struct Process {
    child: Child,
    pub(crate) acct_address: SocketAddr,
    _data: tempfile::TempDir,
}

/// A port that nobody has at this moment.
pub(crate) fn free_udp() -> SocketAddr {
    let socket = StdUdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.local_addr().expect("an address")
}

impl Process {
    /// Starts one role of the product on the database of the world.
    pub(crate) async fn start(world: &World, role: &str) -> Self {
        Self::start_with(world, role, &[]).await
    }

    /// The same, with more settings.
    pub(crate) async fn start_with(world: &World, role: &str, settings: &[(&str, String)]) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let (auth, acct) = (free_udp(), free_udp());
        let child = Command::new(env!("CARGO_BIN_EXE_lastmile"))
            .args(["serve", "--role", role])
            .env("LASTMILE_DATABASE_URL", &world.database.url)
            .env("LASTMILE_DATABASE_CONNECTIONS", "6")
            .env("LASTMILE_DATA_DIR", data.path())
            .env("LASTMILE_RADIUS_AUTH_LISTEN", auth.to_string())
            .env("LASTMILE_RADIUS_ACCT_LISTEN", acct.to_string())
            .env("LASTMILE_SECRET_KEYS", format!("1:{}", "07".repeat(32)))
            .env("LASTMILE_TOKEN_KEY", "09".repeat(32))
            .env("LASTMILE_LOG", "warn")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        Self {
            child,
            acct_address: acct,
            _data: data,
        }
    }

    /// Waits until it answers.
    pub(crate) async fn answers_radius(&self) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a socket");
        socket.connect(self.acct_address).await.expect("connected");
        for _ in 0..200 {
            let request = client::status_server(1, SECRET).expect("a request");
            // A port that nobody listens on yet refuses; that is what is waited out.
            let sent = socket.send(&request.bytes).await;
            let mut answer = [0; 4096];
            let heard = timeout(Duration::from_millis(100), socket.recv(&mut answer)).await;
            if sent.is_ok() && matches!(heard, Ok(Ok(_))) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the RADIUS server does not answer");
    }

    /// Kills it without a word, as a power cut does.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("it was running");
    }

    /// Ends it.
    pub(crate) async fn stop(&mut self) {
        self.kill().await;
    }
}

/// The most that was acknowledged of a session.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Acknowledged {
    pub(crate) octets: i64,
}

/// Reports sessions as fast as answers come, until none comes any more, and says what was
/// acknowledged.
pub(crate) async fn send_accounting(
    server: SocketAddr,
    longest: Duration,
) -> HashMap<String, Acknowledged> {
    let mut lanes = tokio::task::JoinSet::new();
    for lane in 0..16_u32 {
        lanes.spawn(lane_of(server, lane, longest));
    }
    let mut all = HashMap::new();
    while let Some(lane) = lanes.join_next().await {
        all.extend(lane.expect("a lane ran"));
    }
    all
}

async fn lane_of(
    server: SocketAddr,
    lane: u32,
    longest: Duration,
) -> HashMap<String, Acknowledged> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a socket");
    socket.connect(server).await.expect("connected");
    let (begun, mut acknowledged) = (Instant::now(), HashMap::new());
    for report in 0_u32.. {
        if begun.elapsed() > longest {
            break;
        }
        // Every session is reported three times: a Start and two interims.
        let session = format!("81{lane:02}{:06}", report / 3);
        let octets = (report % 3) * 1_000;
        let request = report_of(&session, report, octets);
        if socket.send(&request.bytes).await.is_err() {
            break;
        }
        let mut answer = [0; 4096];
        match timeout(Duration::from_secs(2), socket.recv(&mut answer)).await {
            Ok(Ok(length)) if request.verify(&answer[..length], SECRET).is_ok() => {
                let known: &mut Acknowledged = acknowledged.entry(session).or_default();
                known.octets = known.octets.max(i64::from(octets));
            }
            _ => break,
        }
    }
    acknowledged
}

fn report_of(session: &str, report: u32, octets: u32) -> client::SentRequest {
    let status = if octets == 0 { 1 } else { 3 };
    let id = u8::try_from(report % 256).expect("below 256");
    client::accounting_request(id, SECRET, status, |packet| {
        packet.text(attr::ACCT_SESSION_ID, session);
        packet.text(attr::USER_NAME, "nobody");
        packet.u32(attr::ACCT_INPUT_OCTETS, octets);
        packet.u32(attr::ACCT_SESSION_TIME, report % 3);
    })
    .expect("a request")
}
