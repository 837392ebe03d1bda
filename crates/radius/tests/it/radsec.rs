//! RadSec with certificates made for the test and a TLS client of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::network::nas::RequireMessageAuthenticator;
use domain::network::service_policy::Access;
use radius::client::{
    Login, LoginMethod, SentRequest, access_request, accounting_request, status_server,
};
use radius::packet::codec::Code;
use radius::packet::dictionary::{acct_status, attr};
use radius::radsec::identity::names_of;
use radius::radsec::{RadSecConfig, SECRET, TlsFiles};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::{Directory, World};

struct Authority {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

struct Identity {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("signed");
        Self {
            certificate,
            issuer: Issuer::new(params, key),
        }
    }

    fn sign(&self, common_name: &str, dns_names: &[&str]) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let names = dns_names.iter().map(|name| (*name).to_owned());
        let mut params = CertificateParams::new(names.collect::<Vec<_>>()).expect("names");
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        Identity {
            certificate: certificate.der().clone(),
            key,
        }
    }
}

struct Rig {
    world: World,
    address: SocketAddr,
    authority: Authority,
    _files: tempfile::TempDir,
}

impl Rig {
    async fn start(registered: &str) -> Self {
        Self::with(registered, |_| {}).await
    }

    async fn with(registered: &str, adjust: impl FnOnce(&mut RadSecConfig)) -> Self {
        Self::delaying(registered, Duration::ZERO, adjust).await
    }

    async fn delaying(
        registered: &str,
        reject_delay: Duration,
        adjust: impl FnOnce(&mut RadSecConfig),
    ) -> Self {
        let authority = Authority::new("test authority");
        let files = tempfile::tempdir().expect("a directory");
        let own = authority.sign("radius.example", &["localhost"]);
        let mut radsec = RadSecConfig::new(
            vec![SocketAddr::from(([127, 0, 0, 1], 0))],
            write_files(files.path(), &authority, &own),
        );
        adjust(&mut radsec);
        let mut directory = Directory::new(RequireMessageAuthenticator::Yes);
        directory.certificate = Some(registered.to_owned());
        let world = World::with_settings(directory, |config| {
            config.radsec = Some(radsec);
            config.reject_delay = reject_delay;
        })
        .await;
        Self {
            address: world.radsec.expect("RadSec is served"),
            world,
            authority,
            _files: files,
        }
    }

    async fn connect(&self, identity: Option<&Identity>) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots
            .add(self.authority.certificate.der().clone())
            .expect("a root");
        let config = ClientConfig::builder().with_root_certificates(roots);
        let config = match identity {
            None => config.with_no_client_auth(),
            Some(identity) => {
                let key = PrivateKeyDer::try_from(identity.key.serialize_der()).expect("a key");
                config
                    .with_client_auth_cert(vec![identity.certificate.clone()], key)
                    .expect("they go together")
            }
        };
        let name = ServerName::try_from("localhost").expect("a name");
        TlsConnector::from(Arc::new(config))
            .connect(name, TcpStream::connect(self.address).await?)
            .await
    }
}

fn write_files(folder: &Path, authority: &Authority, own: &Identity) -> TlsFiles {
    let pem = |label: &str, der: &[u8]| {
        let path = folder.join(label);
        let kind = if label == "key" {
            "PRIVATE KEY"
        } else {
            "CERTIFICATE"
        };
        let body = base64_lines(der);
        std::fs::write(
            &path,
            format!("-----BEGIN {kind}-----\n{body}-----END {kind}-----\n"),
        )
        .expect("written");
        path
    };
    TlsFiles {
        certificate: pem("certificate", &own.certificate),
        key: pem("key", &own.key.serialize_der()),
        client_ca: pem("authority", authority.certificate.der()),
    }
}

fn base64_lines(der: &[u8]) -> String {
    let mut text = String::new();
    for line in der.chunks(48) {
        text.push_str(&base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            line,
        ));
        text.push('\n');
    }
    text
}

async fn read_packet(stream: &mut TlsStream<TcpStream>) -> Option<Vec<u8>> {
    let reading = async {
        let mut header = [0; 4];
        stream.read_exact(&mut header).await.ok()?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let mut packet = vec![0; length];
        packet[..4].copy_from_slice(&header);
        stream.read_exact(&mut packet[4..]).await.ok()?;
        Some(packet)
    };
    timeout(Duration::from_secs(5), reading).await.ok()?
}

async fn is_closed(mut stream: TlsStream<TcpStream>) -> bool {
    let mut byte = [0; 1];
    let read = timeout(Duration::from_secs(5), stream.read(&mut byte)).await;
    !matches!(read, Ok(Ok(1)) | Err(_))
}

fn login(id: u8, username: &str) -> SentRequest {
    let login = Login {
        username,
        password: b"secret1",
        method: LoginMethod::Pap,
    };
    access_request(id, SECRET, login, |_| {}).expect("it fits")
}

fn start(id: u8) -> SentRequest {
    accounting_request(id, SECRET, acct_status::START, |builder| {
        builder
            .text(attr::USER_NAME, "alice")
            .text(attr::ACCT_SESSION_ID, "81000001");
    })
    .expect("it fits")
}

#[tokio::test]
async fn refusals_wait_and_hold_up_nobody_on_the_stream() {
    let delay = Duration::from_millis(400);
    let rig = Rig::delaying("r1.example", delay, |_| {}).await;
    let router = rig.authority.sign("r1.example", &[]);
    let mut stream = rig.connect(Some(&router)).await.expect("let in");
    let begun = Instant::now();
    for request in [login(1, "nobody"), login(2, "alice")] {
        stream.write_all(&request.bytes).await.expect("sent");
    }
    let first = read_packet(&mut stream).await.expect("an answer");
    assert_eq!(first[..2], [Code::AccessAccept.as_u8(), 2]);
    let second = read_packet(&mut stream).await.expect("an answer");
    assert_eq!(second[..2], [Code::AccessReject.as_u8(), 1]);
    assert!(begun.elapsed() >= delay * 3 / 4);
}

#[tokio::test]
async fn logins_reports_and_status_share_a_stream() {
    let rig = Rig::start("r1.example").await;
    let router = rig.authority.sign("whatever", &["R1.example"]);
    let mut stream = rig.connect(Some(&router)).await.expect("let in");
    let requests = [
        (login(1, "alice"), Code::AccessAccept),
        (login(2, "nobody"), Code::AccessReject),
        (start(3), Code::AccountingResponse),
        (
            status_server(4, SECRET).expect("it fits"),
            Code::AccessAccept,
        ),
    ];
    // All at once, and cut where no packet ends: the stream has no borders.
    let sent: Vec<u8> = requests
        .iter()
        .flat_map(|(request, _)| request.bytes.clone())
        .collect();
    for piece in sent.chunks(33) {
        stream.write_all(piece).await.expect("sent");
        stream.flush().await.expect("sent");
    }
    for _ in &requests {
        let answer = read_packet(&mut stream).await.expect("answered");
        let (request, code) = requests
            .iter()
            .find(|(request, _)| request.id == answer[1])
            .expect("an answer to one of ours");
        let packet = request.verify(&answer, SECRET).expect("authentic");
        assert_eq!(packet.code(), *code);
    }
    assert_eq!(rig.world.counters.accepts(Access::Open), 1);
    assert_eq!(rig.world.sink.records.lock().len(), 1);
    drop(stream);
    rig.world.shut_down().await;
}

#[tokio::test]
async fn a_nas_is_known_by_common_name_or_fingerprint_too() {
    let rig = Rig::start("tower 7").await;
    let router = rig.authority.sign("Tower 7", &["other.example"]);
    let mut stream = rig.connect(Some(&router)).await.expect("let in");
    stream
        .write_all(&login(1, "alice").bytes)
        .await
        .expect("sent");
    assert!(read_packet(&mut stream).await.is_some());
    let names = names_of(&router.certificate);
    assert!(names[0].starts_with("sha256:") && names[0].len() == 71);
    assert_eq!(names[1..], ["other.example", "tower 7"]);
}

#[tokio::test]
async fn certificates_of_others_are_refused() {
    let rig = Rig::start("r1.example").await;
    let stranger = Authority::new("test authority").sign("r1.example", &["r1.example"]);
    let unregistered = rig.authority.sign("r2.example", &["r2.example"]);
    for identity in [Some(&stranger), Some(&unregistered), None] {
        // In TLS 1.3 the client learns of a refusal with its first read.
        let Ok(mut stream) = rig.connect(identity).await else {
            continue;
        };
        stream.write_all(&login(1, "alice").bytes).await.ok();
        assert!(is_closed(stream).await);
    }
    assert_eq!(rig.world.counters.accepts(Access::Open), 0);
}

#[tokio::test]
async fn a_stream_out_of_step_and_a_silent_one_are_closed() {
    let rig = Rig::with("r1.example", |config| {
        config.idle = Duration::from_millis(300);
    })
    .await;
    let router = rig.authority.sign("r1.example", &[]);
    let mut stream = rig.connect(Some(&router)).await.expect("let in");
    stream.write_all(&[1, 1, 0, 3, 9, 9]).await.expect("sent");
    assert!(is_closed(stream).await);
    let silent = rig.connect(Some(&router)).await.expect("let in");
    assert!(is_closed(silent).await);
}

#[tokio::test]
async fn connections_are_limited() {
    let rig = Rig::with("r1.example", |config| config.max_connections = 1).await;
    let router = rig.authority.sign("r1.example", &[]);
    let mut first = rig.connect(Some(&router)).await.expect("let in");
    assert!(rig.connect(Some(&router)).await.is_err());
    first
        .write_all(&login(1, "alice").bytes)
        .await
        .expect("sent");
    assert!(read_packet(&mut first).await.is_some(), "the first lives");
}

#[tokio::test]
async fn a_nas_that_was_removed_loses_its_connection() {
    let rig = Rig::start("r1.example").await;
    let router = rig.authority.sign("r1.example", &[]);
    let mut stream = rig.connect(Some(&router)).await.expect("let in");
    rig.world
        .directory
        .is_gone
        .store(true, std::sync::atomic::Ordering::Relaxed);
    stream
        .write_all(&login(1, "alice").bytes)
        .await
        .expect("sent");
    assert!(is_closed(stream).await);
}

#[tokio::test]
async fn what_was_taken_is_answered_before_the_server_ends() {
    let rig = Rig::start("r1.example").await;
    let router = rig.authority.sign("r1.example", &[]);
    let mut stream = rig.connect(Some(&router)).await.expect("let in");
    let turn = rig.world.sink.turns.acquire().await.expect("open");
    stream.write_all(&start(1).bytes).await.expect("sent");
    stream
        .write_all(&login(2, "alice").bytes)
        .await
        .expect("sent");
    let answer = read_packet(&mut stream).await.expect("the login");
    assert_eq!(answer[1], 2, "a slow store delays no login");
    rig.world.stop();
    drop(turn);
    let answer = read_packet(&mut stream).await.expect("the report");
    assert_eq!(answer[1], 1);
}
