//! The demo as a newcomer meets it: the accounts of its notes are free for a tool like `radclient`.

use std::{
    net::SocketAddr,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use radius::{
    auth::pap,
    client::{self, Login, LoginMethod, SentRequest},
    packet::{
        builder::PacketBuilder,
        codec::{Code, Packet},
        dictionary::attr,
    },
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
    process::{Child, Command},
    time::timeout,
};

use crate::support::free_udp;

/// Making the demo takes a while on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn the_demos_spare_accounts_stay_free_for_tools_that_sign_or_do_not() {
    let data = tempfile::tempdir().expect("a directory");
    let mut demo = start(data.path());
    let notes = notes(data.path(), &mut demo).await;
    let server = address(&notes["radius_auth"]);
    let secret = text(&notes["nas_secret"]);
    let spare = notes["subscribers"].as_array().expect("a list");
    assert_eq!(spare.len(), 10);
    network_is_up(text(&notes["http"])).await;

    // One tool signs: an address that learns from it drops everybody who does not.
    let first = &spare[0];
    assert_eq!(
        ask(server, secret, &signed(first, secret)).await,
        Some(Code::AccessAccept)
    );
    for account in spare {
        let answer = ask(server, secret, &unsigned(account, secret)).await;
        assert_eq!(answer, Some(Code::AccessAccept), "{account}");
    }
    let said = as_the_readme_says(server).await;
    assert!(said.contains("Access-Accept"), "{said}");
    demo.kill().await.expect("it was running");
}

/// What the README's own command prints, sent to where this demo listens.
async fn as_the_readme_says(server: SocketAddr) -> String {
    let readme = include_str!("../../../../README.md");
    let parts = readme.lines().flat_map(|line| line.split('`'));
    let command = parts
        .filter(|part| part.contains("| radclient "))
        .map(|part| part.replace("127.0.0.1:1812", &server.to_string()))
        .next()
        .expect("the README shows radclient");
    let done = Command::new("sh").args(["-c", &command]).output().await;
    let done = done.expect("a shell");
    let said = [done.stdout, done.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

fn start(data: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_lastmile"))
        .args(["serve", "--demo"])
        .env("LASTMILE_DATA_DIR", data)
        .env("LASTMILE_HTTP_LISTEN", "127.0.0.1:0")
        .env("LASTMILE_RADIUS_AUTH_LISTEN", free_udp().to_string())
        .env("LASTMILE_RADIUS_ACCT_LISTEN", free_udp().to_string())
        .env("LASTMILE_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the binary starts")
}

async fn notes(data: &Path, demo: &mut Child) -> Value {
    let (file, begun) = (data.join("demo.json"), Instant::now());
    while !file.exists() {
        assert!(begun.elapsed() < PATIENCE, "the demo did not come up");
        assert_eq!(demo.try_wait().expect("a child"), None, "the demo ended");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let notes = std::fs::read(file).expect("the notes");
    serde_json::from_slice(&notes).expect("notes are JSON")
}

/// Waits until the simulated network has dialled its subscribers in.
async fn network_is_up(http: &str) {
    const DIALLED: f64 = 150.0;
    let address = http.strip_prefix("http://").expect("an address");
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let measured = get(address, "/metrics").await;
        let open = measured
            .lines()
            .find_map(|line| line.strip_prefix("lastmile_radius_open_sessions "))
            .and_then(|count| count.parse::<f64>().ok());
        if open.is_some_and(|open| open >= DIALLED) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("the simulated network did not dial in");
}

async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

async fn ask(server: SocketAddr, secret: &str, request: &[u8]) -> Option<Code> {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).await.expect("a socket");
    socket.connect(server).await.expect("connected");
    socket.send(request).await.expect("sent");
    let mut answer = [0; 4096];
    let heard = timeout(Duration::from_secs(5), socket.recv(&mut answer)).await;
    let length = heard.ok()?.expect("received");
    let asked = Packet::parse(request).expect("a packet");
    let packet = Packet::parse(&answer[..length]).expect("a packet");
    assert!(
        radius::packet::integrity::is_response_authentic(
            &packet,
            asked.authenticator(),
            secret.as_bytes()
        ),
        "the answer is signed with the secret of the notes"
    );
    Some(packet.code())
}

fn signed(account: &Value, secret: &str) -> Vec<u8> {
    let login = Login {
        username: text(&account["username"]),
        password: text(&account["password"]).as_bytes(),
        method: LoginMethod::Pap,
    };
    let sent: SentRequest =
        client::access_request(1, secret.as_bytes(), login, |_| {}).expect("a request");
    sent.bytes
}

/// What `radclient` sends for `User-Name=…,User-Password=…`.
fn unsigned(account: &Value, secret: &str) -> Vec<u8> {
    let authenticator = *b"sixteen-octets-!";
    let password = text(&account["password"]).as_bytes();
    let mut request = PacketBuilder::new(Code::AccessRequest, 2);
    request.text(attr::USER_NAME, text(&account["username"]));
    request.attribute(
        attr::USER_PASSWORD,
        &pap::hide(password, &authenticator, secret.as_bytes()),
    );
    request
        .finish_with_authenticator(&authenticator, secret.as_bytes())
        .expect("a request")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn address(value: &Value) -> SocketAddr {
    text(value).parse().expect("an address")
}
