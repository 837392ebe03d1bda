//! What a simulated router is to be like.

use std::net::Ipv4Addr;

use mikrotik::schema::Version;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::faults::FaultRule;

/// What a simulated router is to be like.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RouterConfig {
    /// Its version: `6.49`, `7.9`, `7.16`, `7.20`, or a longer one as a router writes it.
    pub version: String,
    /// Its name.
    pub identity: String,
    /// Who may sign in besides `admin`, who has no password until one is set here.
    pub users: Vec<Account>,
    /// How a password is proven.
    pub login: LoginMethod,
    /// How many Ethernet ports it has.
    pub ports: u32,
    /// Commands run before anybody connects, as in an export.
    pub setup: String,
    /// How long a start takes, in milliseconds.
    pub boot_ms: u32,
    /// Features that device-mode forbids: `scheduler`, `hotspot`, `fetch`, …
    pub forbidden: Vec<String>,
    /// What goes wrong.
    pub faults: Vec<FaultRule>,
    /// The address that it sends from, which it tells servers.
    pub address: Option<Ipv4Addr>,
    /// Most lines of its log.
    pub log_lines: u32,
}

impl Default for RouterConfig {
    fn default() -> Self {
        Self {
            version: "7.20".to_owned(),
            identity: "MikroTik".to_owned(),
            users: Vec::new(),
            login: LoginMethod::Plain,
            ports: 5,
            setup: String::new(),
            boot_ms: 0,
            forbidden: Vec::new(),
            faults: Vec::new(),
            address: None,
            log_lines: 1000,
        }
    }
}

/// Somebody who may sign in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The name; `admin` gives the built-in user a password.
    pub name: String,
    /// The password.
    pub password: String,
    /// The group: `full`, `write` or `read`.
    #[serde(default = "full")]
    pub group: String,
}

fn full() -> String {
    "full".to_owned()
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({}, {})", self.name, self.group)
    }
}

/// How a password is proven.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginMethod {
    /// It is sent, as from 6.43 on.
    #[default]
    Plain,
    /// By an answer to a challenge, as before 6.43.
    Challenge,
}

/// Why a router cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The version is older than those whose menus are known, or no version.
    #[error("RouterOS {0} is not known: use 6.49, or 7.9 and later")]
    UnknownVersion(String),
    /// A command of the set-up failed.
    #[error("set-up, line {line}: {reason}")]
    SetUp {
        /// Where, counted from 1.
        line: usize,
        /// The router's words.
        reason: String,
    },
}

/// A version as a router names it, and the menus it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    text: String,
    numbers: (u16, u16),
    schema: Version,
}

impl Release {
    /// Reads `7.20` or `7.16.2 (stable)`.
    ///
    /// # Errors
    /// The menus of that version are not known.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let unknown = || ConfigError::UnknownVersion(text.to_owned());
        let schema = Version::of_router(text).ok_or_else(unknown)?;
        let mut parts = text.split(|c: char| !c.is_ascii_digit());
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        let (major, minor) = number().zip(number()).ok_or_else(unknown)?;
        let text = match (text, schema.is_six()) {
            (text, _) if text.contains('(') => text.to_owned(),
            (text, true) => format!("{text} (long-term)"),
            (text, false) => format!("{text} (stable)"),
        };
        Ok(Self {
            text,
            numbers: (major, minor),
            schema,
        })
    }

    /// What `/system/resource` shows: `7.16.2 (stable)`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The version whose menus it has.
    pub fn schema_version(&self) -> Version {
        self.schema
    }

    /// Whether it is a version 6.
    pub fn is_six(&self) -> bool {
        self.schema.is_six()
    }

    /// Whether an empty result is said with `!empty`: from 7.18 on.
    pub fn says_empty(&self) -> bool {
        self.numbers >= (7, 18)
    }

    /// Whether dates are `2026-01-02` and not `jan/02/2026`: from 7.10 on.
    pub fn has_iso_dates(&self) -> bool {
        self.numbers >= (7, 10)
    }
}
