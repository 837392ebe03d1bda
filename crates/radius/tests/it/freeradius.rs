//! Debian's FreeRADIUS as the home server of a realm.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use domain::network::nas::RequireMessageAuthenticator;
use domain::network::service_policy::RejectCause;
use radius::client::{Login, LoginMethod, SentRequest, access_request, accounting_request};
use radius::packet::codec::Code;
use radius::packet::dictionary::{acct_status, attr};
use radius::packet::vendor_mikrotik as mikrotik;

use crate::proxy::{partner, server};
use crate::support::{Directory, SECRET, World, ask, is_eventually};

const CONFIGURATION: &str = r#"
prefix = /usr
libdir = /usr/lib/freeradius
logdir = HOME
run_dir = HOME
raddbdir = HOME
modconfdir = HOME
name = radiusd
proxy_requests = yes
log {
    destination = stdout
}
security {
    max_attributes = 200
    reject_delay = 0
    status_server = yes
}
thread pool {
    start_servers = 2
    max_servers = 4
    min_spare_servers = 1
    max_spare_servers = 2
}
client visited {
    ipaddr = 127.0.0.1
    secret = testing123
    require_message_authenticator = yes
}
proxy server {
}
home_server back {
    type = auth
    ipaddr = 127.0.0.1
    port = BACK
    secret = testing123
}
home_server_pool back {
    type = fail-over
    home_server = back
}
realm back {
    auth_pool = back
}
modules {
    pap {
    }
    chap {
    }
    mschap {
        use_mppe = yes
    }
    files {
        usersfile = HOME/users
    }
    detail {
        filename = HOME/detail
    }
}
server default {
    listen {
        type = auth
        ipaddr = 127.0.0.1
        port = AUTH
    }
    listen {
        type = acct
        ipaddr = 127.0.0.1
        port = ACCT
    }
    authorize {
        if (&User-Name == "circle") {
            update control {
                &Proxy-To-Realm := "back"
            }
        }
        files
        chap
        mschap
        pap
    }
    authenticate {
        Auth-Type PAP {
            pap
        }
        Auth-Type CHAP {
            chap
        }
        Auth-Type MS-CHAP {
            mschap
        }
    }
    # Debian 12 has a FreeRADIUS from before CVE-2024-3596: it signs when it is told to.
    post-auth {
        update reply {
            &Message-Authenticator := 0x00
        }
        Post-Auth-Type REJECT {
            update reply {
                &Message-Authenticator := 0x00
            }
        }
    }
    pre-proxy {
        update proxy-request {
            &User-Name := "circle@partner"
        }
    }
    accounting {
        detail
    }
}
"#;

const USERS: &str = r#"
alice Cleartext-Password := "secret1"
    Mikrotik-Rate-Limit = "2M/4M",
    Framed-Pool = "theirs",
    Session-Timeout = 600

alice@partner Cleartext-Password := "secret1"
    Mikrotik-Rate-Limit = "2M/4M",
    Framed-Pool = "theirs",
    Session-Timeout = 600
"#;

/// What the first home server says, so that its answers are told from the second's.
const RATE: &[u8] = b"2M/4M";
const PATIENCE: Duration = Duration::from_secs(9);

struct FreeRadius {
    process: Child,
}

impl Drop for FreeRadius {
    fn drop(&mut self) {
        self.process.kill().expect("stopped");
        self.process.wait().expect("stopped");
    }
}

impl FreeRadius {
    async fn start(home: &Path) -> Self {
        let log = fs::File::create(home.join("log")).expect("created");
        let mut process = Command::new("freeradius")
            .args(["-f", "-n", "radiusd", "-l", "stdout", "-d"])
            .arg(home)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("opened"))
            .stderr(log)
            .spawn()
            .expect("it is installed");
        let log = || fs::read_to_string(home.join("log")).unwrap_or_default();
        while !log().contains("Ready to process") {
            let ended = process.try_wait().expect("known");
            assert!(ended.is_none(), "{}", log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self { process }
    }
}

fn free_port() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("bound");
    socket.local_addr().expect("bound")
}

fn write_configuration(home: &Path, auth: SocketAddr, acct: SocketAddr, back: SocketAddr) {
    let text = CONFIGURATION
        .replace("HOME", &home.display().to_string())
        .replace("AUTH", &auth.port().to_string())
        .replace("ACCT", &acct.port().to_string())
        .replace("BACK", &back.port().to_string());
    fs::write(home.join("radiusd.conf"), text).expect("written");
    fs::write(home.join("users"), USERS).expect("written");
}

struct Answered {
    code: Code,
    rate: Option<Vec<u8>>,
    has_pool: bool,
    has_keys: bool,
}

fn login(username: &str, password: &str, method: LoginMethod) -> SentRequest {
    let login = Login {
        username,
        password: password.as_bytes(),
        method,
    };
    access_request(rand::random(), SECRET, login, |_| {}).expect("it fits")
}

async fn answer(world: &World, request: &SentRequest) -> Answered {
    let answer = ask(&world.client, world.auth, &request.bytes, PATIENCE).await;
    let answer = answer.expect("answered");
    let packet = request.verify(&answer, SECRET).expect("authentic");
    let rate = packet.vendor_attribute(mikrotik::VENDOR, mikrotik::RATE_LIMIT);
    Answered {
        code: packet.code(),
        rate: rate.map(|rate| rate.value.to_vec()),
        has_pool: packet.attribute(attr::FRAMED_POOL).is_some(),
        has_keys: request.mppe_keys(&packet, SECRET).is_some(),
    }
}

async fn report(world: &World, session: &str) {
    let request = accounting_request(rand::random(), SECRET, acct_status::START, |builder| {
        builder
            .text(attr::USER_NAME, "alice@partner")
            .text(attr::ACCT_SESSION_ID, session);
    })
    .expect("it fits");
    let answer = ask(&world.client, world.acct, &request.bytes, PATIENCE).await;
    assert!(answer.is_some(), "acknowledged");
}

#[tokio::test]
async fn real_peer_decides_and_when_it_dies_the_next_does() {
    if Command::new("freeradius").arg("-v").output().is_err() {
        println!("SKIPPED: freeradius is not on PATH (apt install freeradius)");
        return;
    }
    let folder = tempfile::tempdir().expect("a directory");
    let (auth, acct, second) = (free_port(), free_port(), World::start().await);
    let mut directory = Directory::new(RequireMessageAuthenticator::Auto);
    let servers = vec![server(auth, acct), server(second.auth, second.acct)];
    directory.realms = vec![Arc::new(partner(&directory, servers))];
    let world = World::with(directory).await;
    write_configuration(folder.path(), auth, acct, world.auth);
    let first = FreeRadius::start(folder.path()).await;

    for method in [LoginMethod::Pap, LoginMethod::Chap, LoginMethod::MsChapV2] {
        let found = answer(&world, &login("alice@partner", "secret1", method)).await;
        assert_eq!(found.code, Code::AccessAccept, "{method:?}");
        assert_eq!(found.rate.as_deref(), Some(RATE), "{method:?}");
        assert!(!found.has_pool, "our network stays ours");
        assert_eq!(found.has_keys, matches!(method, LoginMethod::MsChapV2));
    }
    let wrong = login("alice@partner", "wrong", LoginMethod::Pap);
    assert_eq!(answer(&world, &wrong).await.code, Code::AccessReject);
    assert_eq!(world.counters.rejects(RejectCause::HomeRejected), 1);
    report(&world, "81000001").await;
    let told = || fs::read_to_string(folder.path().join("detail")).unwrap_or_default();
    assert!(is_eventually(|| told().contains("81000001")).await);

    // It sends this name back to us, which finds our own Proxy-State in it.
    let circle = login("circle@partner", "secret1", LoginMethod::Pap);
    assert_eq!(answer(&world, &circle).await.code, Code::AccessReject);
    assert_eq!(world.counters.rejects(RejectCause::ProxyLoop), 1, "once");
    assert_eq!(world.counters.rejects(RejectCause::ProxyFailed), 0);
    assert_eq!(world.counters.rejects(RejectCause::HomeRejected), 2);

    drop(first);
    let again = login("alice@partner", "secret1", LoginMethod::Pap);
    let found = answer(&world, &again).await;
    assert_eq!(found.code, Code::AccessAccept, "the second home server");
    assert_eq!(found.rate.as_deref(), Some(b"5M/10M".as_slice()));
    report(&world, "81000002").await;
    let second_heard = || second.sink.records.lock().len() == 1;
    assert!(is_eventually(second_heard).await);
}
