//! A simulated router: its menus, the binary API in front of them, and its subscribers.
//!
//! [`Router`] is pure: it is told the time by [`Router::advance`] and commands by
//! [`Router::execute`]. [`Session`] is one connection without its socket. Sockets are in [`server`].
//! What a version knows, and which values it takes, comes from [`mikrotik::schema`].
//! Who is dialled in stands in a line table next to the menus: logins go as the menus say at that
//! moment, and what RouterOS shows of sessions is rendered from it when somebody looks.

mod access;
mod answer;
mod certificate;
mod changes;
mod config;
mod export;
mod factory;
mod faults;
mod files;
mod line_rows;
mod menu;
mod print;
mod refusal;
mod script;
pub mod server;
mod session;
mod store;
mod subscribers;
mod system;
mod value;
mod write;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, Utc};
use mikrotik::api::{Request, Row};
use mikrotik::schema::{Menu, Schema};
use tokio::time::Instant;

pub use self::access::User;
pub use self::answer::Answer;
use self::certificate::Keys;
use self::changes::Changes;
pub use self::config::{Account, ConfigError, LoginMethod, Release, RouterConfig};
pub use self::faults::{Fault, FaultRule, FaultWhen, Faults};
use self::files::Backups;
pub use self::refusal::Refusal;
pub use self::session::Session;
use self::store::Store;
pub use self::store::{ItemId, Origin};
use crate::nas::core::Core;
use crate::nas::{NasConfig, Timing};

/// Most unanswered requests to RADIUS servers at a time, unless it is told otherwise.
const WINDOW: usize = 64;

/// A simulated router.
pub struct Router {
    release: Release,
    login: LoginMethod,
    store: Store,
    changes: Changes,
    backups: Backups,
    keys: Keys,
    faults: Faults,
    now: DateTime<Utc>,
    booted_at: DateTime<Utc>,
    boots: u64,
    boot_time: chrono::Duration,
    log_lines: usize,
    lines: Core,
    /// Whether logins go by the configuration of a NAS and not by the menus.
    is_fixed: bool,
    /// The state of the menus by which logins go now.
    settings_seen: Option<u64>,
    /// The address that it sends from.
    address: Option<Ipv4Addr>,
    /// The clock of the lines at the moment of `made_at`.
    epoch: Instant,
    made_at: DateTime<Utc>,
    /// The deadline of the lines for which somebody waits.
    planned: Option<Instant>,
    /// The port on which somebody listens to requests of servers, or tries to.
    heard_port: Option<u16>,
}

impl Router {
    /// A router as it leaves the factory, with what the configuration adds.
    ///
    /// # Errors
    /// The version is not known, or a line of the set-up is refused.
    pub fn new(config: &RouterConfig, now: DateTime<Utc>) -> Result<Self, ConfigError> {
        let release = Release::parse(&config.version)?;
        let mut router = Self {
            store: factory::store(&release, config),
            release,
            login: config.login,
            changes: Changes::default(),
            backups: Backups::default(),
            keys: Keys::default(),
            faults: Faults::new(config.faults.clone()),
            now,
            booted_at: now,
            boots: 1,
            boot_time: chrono::Duration::milliseconds(config.boot_ms.into()),
            log_lines: usize::try_from(config.log_lines).unwrap_or(usize::MAX),
            lines: Core::bare(config.identity.clone(), WINDOW, Timing::default()),
            is_fixed: false,
            settings_seen: None,
            address: config.address,
            epoch: Instant::now(),
            made_at: now,
            planned: None,
            heard_port: None,
        };
        router.set_up(config)?;
        router.work_lines();
        Ok(router)
    }

    /// A router whose subscribers log in by the configuration of a NAS, whatever its menus say.
    pub(crate) fn of_nas(
        nas: &NasConfig,
        timing: Timing,
        now: DateTime<Utc>,
    ) -> Result<Self, ConfigError> {
        let config = RouterConfig {
            identity: nas.name.clone(),
            log_lines: 0,
            ..RouterConfig::default()
        };
        let mut router = Self::new(&config, now)?;
        router.is_fixed = true;
        router.lines = Core::new(nas, timing);
        Ok(router)
    }

    /// How fast things happen on its lines, how many requests are in flight at a time, and the
    /// name by which scenarios mean it.
    pub(crate) fn pace(&mut self, name: &str, timing: Timing, window: usize) {
        self.lines.rename(name);
        self.lines.pace(timing, window);
    }

    /// Tells the time, and does what is due: schedulers run, lines dial and report.
    pub fn advance(&mut self, now: DateTime<Utc>) {
        self.now = self.now.max(now);
        if self.is_up() {
            self.run_schedulers();
        }
        self.work_lines();
    }

    /// Carries out one command of a user.
    ///
    /// # Errors
    /// The router refuses; nothing has changed then.
    pub fn execute(&mut self, request: &Request, user: &User) -> Result<Answer, Refusal> {
        let (path, verb) = request.menu_and_verb();
        let (path, menu) = self.menu(path)?;
        self.check_permission(path, verb, user)?;
        if let Some(answer) = self.system_command(path, verb, request, user)? {
            return Ok(answer);
        }
        if menu.command(verb).is_none() {
            return Err(Refusal::NoSuchCommand);
        }
        match verb {
            "print" | "getall" => self.print(path, menu, request, user),
            "export" => self.export_command(path, request, user),
            _ => self.write(path, menu, verb, request),
        }
    }

    /// All rows of a menu as an administrator's print shows them.
    pub fn rows(&self, path: &str) -> Vec<Row> {
        let Ok((path, menu)) = self.menu(path) else {
            return Vec::new();
        };
        self.all_rows(path, menu, &User::system())
    }

    /// The faults that are planned.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// The version that the router plays.
    pub fn release(&self) -> &Release {
        &self.release
    }

    /// Whether logins go as its menus say.
    pub(crate) fn has_menus(&self) -> bool {
        !self.is_fixed
    }

    /// How often it was started; connections do not outlive a start.
    pub fn boots(&self) -> u64 {
        self.boots
    }

    /// Whether it has started.
    pub fn is_up(&self) -> bool {
        self.now >= self.booted_at
    }

    /// Whether `/ip/service` lets an address use the API; others get no answer at all.
    pub fn lets_in(&self, peer: IpAddr, service: &str) -> bool {
        self.is_up() && !self.faults.is_away() && self.service_allows(peer, service)
    }

    fn menu(&self, path: &str) -> Result<(&'static str, &'static Menu), Refusal> {
        let schema = Schema::of(self.release.schema_version());
        let path = if path.is_empty() { "/" } else { path };
        let mut found = schema.menus().filter(|(known, _)| *known == path);
        let (path, menu) = found.next().ok_or(Refusal::NoSuchMenu)?;
        Ok((path, menu))
    }

    fn unknown_parameter(&self, name: &str) -> Refusal {
        let name = (!self.release.is_six()).then(|| name.to_owned());
        Refusal::UnknownParameter(name)
    }
}
