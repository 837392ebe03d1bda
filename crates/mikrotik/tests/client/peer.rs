//! A router whose every word is scripted.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::network::outgoing::{Outgoing, parse_list};
use mikrotik::api::{Decoder, Limits, Reply, ReplyKind, Request, Row, Text, Trap, TrapCategory};
use mikrotik::client::{Client, Credentials, Endpoint, Security, Settings};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Settings with short limits.
pub(crate) fn quick() -> Settings {
    Settings {
        connect: Duration::from_millis(300),
        login: Duration::from_millis(300),
        command: Duration::from_millis(400),
        cancel: Duration::from_millis(300),
        answer_bytes: 64 << 10,
        listen_rows: 16,
        first_wait: Duration::from_millis(200),
        outgoing: Outgoing::new(parse_list("127.0.0.0/8").expect("a network"), Vec::new()),
        ..Settings::default()
    }
}

/// One connection, seen from the router.
pub(crate) struct Peer<S = TcpStream> {
    pub(crate) stream: S,
    decoder: Decoder,
    unread: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            decoder: Decoder::new(Limits::default()),
            unread: Vec::new(),
        }
    }

    /// The next request; none when the client closed.
    pub(crate) async fn request(&mut self) -> Option<Request> {
        loop {
            let mut input = &self.unread[..];
            let sentence = self.decoder.decode(&mut input).expect("sentences");
            self.unread = input.to_vec();
            if let Some(sentence) = sentence {
                return Some(Request::from_sentence(&sentence).expect("a request"));
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(read) => self.unread.extend_from_slice(&buffer[..read]),
            }
        }
    }

    pub(crate) async fn say(&mut self, kind: ReplyKind, tag: Option<&Text>) {
        let mut bytes = Vec::new();
        let reply = Reply::new(kind, tag.cloned());
        reply.to_sentence().expect("words").encode(&mut bytes);
        self.raw(&bytes).await;
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        // A client that has seen enough may be gone.
        drop(self.stream.write_all(bytes).await);
        drop(self.stream.flush().await);
    }

    pub(crate) async fn done(&mut self, request: &Request) {
        self.say(ReplyKind::Done(Row::new()), request.tag.as_ref())
            .await;
    }

    pub(crate) async fn row(&mut self, request: &Request, properties: &[(&str, &str)]) {
        let kind = ReplyKind::Row(row(properties));
        self.say(kind, request.tag.as_ref()).await;
    }

    pub(crate) async fn trap(&mut self, request: &Request, category: TrapCategory, message: &str) {
        let kind = ReplyKind::Trap(Trap::new(category, message));
        self.say(kind, request.tag.as_ref()).await;
        self.done(request).await;
    }

    /// Lets the client in as since 6.43.
    pub(crate) async fn let_in(&mut self) {
        let login = self.request().await.expect("a login");
        assert_eq!(login.command, "/login");
        assert_eq!(login.get("name"), Some(&Text::from("api")));
        assert_eq!(login.get("password"), Some(&Text::from("secret")));
        self.done(&login).await;
    }
}

pub(crate) fn row(properties: &[(&str, &str)]) -> Row {
    let mut row = Row::new();
    for (name, value) in properties {
        row.push(name, value.as_bytes()).expect("a property");
    }
    row
}

/// A listening router; its script runs for each connection.
pub(crate) struct Router {
    pub(crate) address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Router {
    pub(crate) async fn start<F, R>(script: F) -> Self
    where
        F: Fn(TcpStream) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut tasks = JoinSet::new();
        let script = Arc::new(script);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(script(stream));
            }
        });
        Self {
            address,
            _tasks: tasks,
        }
    }

    /// A router that lets the client in first.
    pub(crate) async fn logged_in<F, R>(script: F) -> Self
    where
        F: Fn(Peer) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let script = Arc::new(script);
        Self::start(move |stream| {
            let script = Arc::clone(&script);
            async move {
                let mut peer = Peer::new(stream);
                peer.let_in().await;
                script(peer).await;
            }
        })
        .await
    }

    pub(crate) fn endpoint(&self, security: Security) -> Endpoint {
        Endpoint {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            security,
        }
    }

    pub(crate) fn client(&self) -> Client {
        let credentials = Credentials::new("api", "secret");
        Client::new(self.endpoint(Security::Plain), credentials, quick())
    }
}

/// Waits as long as a silent router would.
pub(crate) async fn hang() {
    tokio::time::sleep(Duration::from_secs(60)).await;
}
