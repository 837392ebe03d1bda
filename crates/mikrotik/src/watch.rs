//! How routers fare, for those who watch many: one kept client each, and every trouble by its cause.

mod trouble;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::RouterId;
use domain::network::outgoing::Outgoing;
use domain::network::ports::{ApiSecurity, RouterControl, RouterTarget};
use domain::network::router::{CheckCause, CheckFailure, CheckOutcome, RouterFacts};
use domain::ports::PortFuture;
use parking_lot::Mutex;

use self::trouble::{failure, is_of_an_old_connection};
use crate::api::{Request, Row};
use crate::client::{
    Answer, Client, ClientError, Credentials, Endpoint, Security, Settings, presented_fingerprint,
};
use crate::duration::parse_duration;
use crate::model::reads::{HOTSPOT_ACTIVE, IDENTITY, PPP_ACTIVE, RESOURCE, Read};
use crate::schema::Version;

/// The most letters that are kept of what a router says of itself.
const MAX_TEXT: usize = 200;

/// The clients of the routers that are watched.
pub struct WatchedRouters {
    clients: Mutex<HashMap<RouterId, Kept>>,
    settings: Settings,
}

struct Kept {
    version: i64,
    client: Arc<Client>,
}

impl WatchedRouters {
    /// No clients yet; they go where they may.
    pub fn within(outgoing: Outgoing) -> Self {
        Self::new(Settings {
            outgoing,
            command: Duration::from_secs(5),
            ..Settings::default()
        })
    }

    /// No clients yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            clients: Mutex::default(),
            settings,
        }
    }

    async fn look(&self, router: &RouterTarget) -> CheckOutcome {
        let security = match router.security {
            ApiSecurity::Plain => Security::Plain,
            ApiSecurity::Tls(Some(pinned)) => Security::Pinned(pinned),
            ApiSecurity::Tls(None) => return self.ask_for_certificate(router).await,
        };
        let (client, was_kept) = self.client(router, security);
        let found = match read_facts(&client).await {
            // What was silent since the last look may have been forgotten by a box between us, or the
            // router has started anew: only a fresh connection tells.
            Err(error) if was_kept && is_of_an_old_connection(&error) => {
                self.forget(router.id);
                let (client, _) = self.client(router, security);
                read_facts(&client).await
            }
            found => found,
        };
        match found {
            Ok(facts) if Version::of_router(&facts.routeros).is_none() => {
                CheckOutcome::Failed(CheckFailure {
                    cause: CheckCause::NotSupported,
                    detail: Some(facts.routeros),
                })
            }
            Ok(facts) => CheckOutcome::Answered(facts),
            Err(error) => {
                // The watch has its own pace: a client that waits after failures would hide a return.
                self.forget(router.id);
                failed(error, router.security)
            }
        }
    }

    async fn ask_for_certificate(&self, router: &RouterTarget) -> CheckOutcome {
        match presented_fingerprint(&router.host, router.port, &self.settings).await {
            Ok(presented) => CheckOutcome::Unconfirmed(presented),
            Err(error) => CheckOutcome::Failed(failure(&error, router.security)),
        }
    }

    /// The client of a router with these settings, and whether it was there already.
    fn client(&self, router: &RouterTarget, security: Security) -> (Arc<Client>, bool) {
        let mut clients = self.clients.lock();
        if let Some(kept) = clients
            .get(&router.id)
            .filter(|kept| kept.version == router.version)
        {
            return (Arc::clone(&kept.client), true);
        }
        let endpoint = Endpoint {
            host: router.host.clone(),
            port: router.port,
            security,
        };
        let password = String::from_utf8_lossy(router.password.expose());
        let credentials = Credentials::new(router.username.as_str(), password);
        let client = Arc::new(Client::new(endpoint, credentials, self.settings.clone()));
        let kept = Kept {
            version: router.version,
            client: Arc::clone(&client),
        };
        clients.insert(router.id, kept);
        (client, false)
    }
}

impl RouterControl for WatchedRouters {
    fn check<'a>(&'a self, router: &'a RouterTarget) -> PortFuture<'a, CheckOutcome> {
        Box::pin(self.look(router))
    }

    fn connected(&self) -> Vec<(RouterId, i64)> {
        let clients = self.clients.lock();
        let versions = clients.iter().map(|(id, kept)| (*id, kept.version));
        versions.collect()
    }

    fn forget(&self, id: RouterId) {
        self.clients.lock().remove(&id);
    }
}

fn failed(error: ClientError, security: ApiSecurity) -> CheckOutcome {
    match error {
        ClientError::Certificate { presented } => CheckOutcome::FingerprintChanged(presented),
        error => CheckOutcome::Failed(failure(&error, security)),
    }
}

async fn read_facts(client: &Client) -> Result<RouterFacts, ClientError> {
    let identity = client.run(IDENTITY.request()).await?;
    let resource = client.run(RESOURCE.request()).await?;
    let ppp_sessions = count(client, &PPP_ACTIVE).await?;
    let hotspot_sessions = count(client, &HOTSPOT_ACTIVE).await?;
    let empty = Row::default();
    let first = |answer: &Answer| answer.rows.first().cloned();
    let identity = first(&identity);
    let resource = first(&resource);
    let resource = resource.as_ref().unwrap_or(&empty);
    Ok(RouterFacts {
        identity: text(identity.as_ref().unwrap_or(&empty), "name"),
        routeros: text(resource, "version"),
        board: text(resource, "board-name"),
        architecture: text(resource, "architecture-name"),
        cpu_load: number(resource, "cpu-load").and_then(|load| u8::try_from(load).ok()),
        free_memory: number(resource, "free-memory"),
        total_memory: number(resource, "total-memory"),
        uptime_seconds: parse_duration(&text(resource, "uptime"))
            .and_then(|uptime| i64::try_from(uptime.as_secs()).ok()),
        ppp_sessions,
        hotspot_sessions,
    })
}

/// How many rows a menu has; a router without the menu has none.
async fn count(client: &Client, read: &Read) -> Result<u32, ClientError> {
    let request = Request::new(format!("{}/print", read.menu)).argument("count-only", "");
    match client.run(request).await {
        Ok(answer) => Ok(answer
            .ret()
            .and_then(|ret| ret.to_shown().parse().ok())
            .unwrap_or(0)),
        Err(ClientError::Trap(trap)) if trouble::is_unknown_menu(&trap) => Ok(0),
        Err(error) => Err(error),
    }
}

/// A property as text that any database takes.
fn text(row: &Row, name: &str) -> String {
    let text = row.text(name).unwrap_or_default();
    shown(&text.to_shown())
}

fn shown(text: &str) -> String {
    let letters = text.chars().filter(|letter| !letter.is_control());
    letters.take(MAX_TEXT).collect()
}

fn number(row: &Row, name: &str) -> Option<i64> {
    let number: i64 = text(row, name).parse().ok()?;
    (number >= 0).then_some(number)
}
