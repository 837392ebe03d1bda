//! A client of RouterOS's binary API.
//!
//! [`Client`] stands for one router: it connects when needed, keeps one connection, lets at most a few
//! commands be in flight and waits longer after each failure. Every step has a time limit. A command
//! whose caller goes away is cancelled on the router. An error says whether the command may have been
//! carried out ([`ClientError::outcome`]); a read that failed is an error, never an empty list.

mod backoff;
mod connection;
mod driver;
mod endpoint;
mod error;
mod handshake;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use domain::network::outgoing::Outgoing;
pub use domain::network::router::{Fingerprint, InvalidFingerprint};
use tokio::sync::Mutex;

pub use self::backoff::Backoff;
pub use self::connection::{Answer, Connection, Listener};
pub use self::endpoint::{Credentials, Endpoint, Security};
pub use self::error::{ClientError, Loss, Outcome};
pub use self::tls::{fingerprint_of, presented_fingerprint};
use crate::api::{Limits, Request};

/// Time limits and bounds of a client.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where connections may go at all.
    pub outgoing: Outgoing,
    /// To connect, TLS included. An address that the router does not serve gets silence, so it is short.
    pub connect: Duration,
    /// To log in.
    pub login: Duration,
    /// For a command, the wait for its turn included.
    pub command: Duration,
    /// For a cancelled command to end; then the connection is given up.
    pub cancel: Duration,
    /// Commands in flight on one router, listeners included.
    pub in_flight: usize,
    /// What a sentence may take.
    pub limits: Limits,
    /// What all rows of an answer may take.
    pub answer_bytes: usize,
    /// Rows that wait for a listener; one that is slower loses its listening.
    pub listen_rows: usize,
    /// The first wait after a failure to connect, doubled by each further one.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            outgoing: Outgoing::default(),
            connect: Duration::from_secs(5),
            login: Duration::from_secs(5),
            command: Duration::from_secs(30),
            cancel: Duration::from_secs(5),
            in_flight: 4,
            limits: Limits::default(),
            answer_bytes: 64 << 20,
            listen_rows: 1_024,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(300),
        }
    }
}

/// One router, connected when needed.
pub struct Client {
    endpoint: Endpoint,
    credentials: Credentials,
    settings: Settings,
    state: Mutex<State>,
}

struct State {
    connection: Option<Arc<Connection>>,
    backoff: Backoff,
}

impl Client {
    /// A client that has not connected yet.
    pub fn new(endpoint: Endpoint, credentials: Credentials, settings: Settings) -> Self {
        let backoff = Backoff::new(settings.first_wait, settings.longest_wait);
        Self {
            endpoint,
            credentials,
            settings,
            state: Mutex::new(State {
                connection: None,
                backoff,
            }),
        }
    }

    /// Runs a command within the usual time.
    pub async fn run(&self, request: Request) -> Result<Answer, ClientError> {
        self.run_within(request, self.settings.command).await
    }

    /// Runs a command within a time of its own.
    pub async fn run_within(
        &self,
        request: Request,
        limit: Duration,
    ) -> Result<Answer, ClientError> {
        let connection = self.connection().await?;
        match connection.run_within(request.clone(), limit).await {
            // The connection ended before anything of the request left: it may be asked anew.
            Err(ClientError::NotSent(_)) => {
                let connection = self.connection().await?;
                connection.run_within(request, limit).await
            }
            result => result,
        }
    }

    /// Follows the changes of a menu: `/ppp/active`.
    pub async fn listen(&self, menu: &str, properties: &[&str]) -> Result<Listener, ClientError> {
        self.connection().await?.listen(menu, properties).await
    }

    /// The connection, opened where there is none; while failures are being waited out, an error.
    pub async fn connection(&self) -> Result<Arc<Connection>, ClientError> {
        let mut state = self.state.lock().await;
        if let Some(open) = state.connection.as_ref().filter(|held| held.is_open()) {
            return Ok(Arc::clone(open));
        }
        state.connection = None;
        if let Some(wait) = state.backoff.remaining() {
            return Err(ClientError::BackingOff(wait));
        }
        let opened =
            Connection::open(&self.endpoint, &self.credentials, self.settings.clone()).await;
        match opened {
            Ok(connection) => {
                let connection = Arc::new(connection);
                state.backoff.succeeded();
                state.connection = Some(Arc::clone(&connection));
                Ok(connection)
            }
            Err(error) => {
                state.backoff.failed();
                Err(error)
            }
        }
    }
}
