//! The configuration: one TOML file, overridden by `LASTMILE_…` variables, checked at start.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use domain::network::outgoing::{Outgoing, parse_list};
use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
};
use radius::{
    acct::spool::SpoolConfig,
    radsec::{RadSecConfig, TlsFiles},
};
use serde::{Deserialize, Serialize};

/// Everything that can be set.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where the API and the app are served.
    pub(crate) http_listen: SocketAddr,
    /// Where logins are answered.
    pub(crate) radius_auth_listen: SocketAddr,
    /// Where accounting is taken.
    pub(crate) radius_acct_listen: SocketAddr,
    /// Where RADIUS over TLS (RFC 6614) is taken; it is not served when absent.
    pub(crate) radius_radsec_listen: Option<SocketAddr>,
    /// Our certificate for it and those between it and its root, in PEM.
    pub(crate) radius_radsec_cert: Option<PathBuf>,
    /// The key of that certificate, in PEM.
    pub(crate) radius_radsec_key: Option<PathBuf>,
    /// Who signs the routers' certificates, in PEM.
    pub(crate) radius_radsec_client_ca: Option<PathBuf>,
    /// Where accounting waits while the database is away; `spool` in `data_dir` when absent.
    pub(crate) radius_spool_dir: Option<PathBuf>,
    /// The most megabytes that may wait there.
    pub(crate) radius_spool_max_mb: u32,
    /// Milliseconds that a refused login waits at most; stay below the routers' RADIUS timeout.
    pub(crate) radius_reject_delay_ms: u32,
    /// Networks that connections of ISPs may go to although nobody's router is there usually.
    pub(crate) outgoing_allow: Option<String>,
    /// Networks that they may not go to.
    pub(crate) outgoing_refuse: Option<String>,
    /// Where the embedded database, keys and the demo's notes live.
    pub(crate) data_dir: PathBuf,
    /// `postgres://…` or `sqlite://…`; the embedded database in `data_dir` when absent.
    pub(crate) database_url: Option<String>,
    /// The most connections to the database.
    pub(crate) database_connections: u32,
    /// `redis://…`, needed when several processes run; in memory when absent.
    pub(crate) redis_url: Option<String>,
    /// The ISP whose customers a FreeRADIUS on this PostgreSQL serves, by its id; none when absent.
    pub(crate) freeradius_isp: Option<domain::ids::IspId>,
    /// The built app, when it is not the one inside the binary.
    pub(crate) spa_dir: Option<PathBuf>,
    /// What is logged, in the words of `RUST_LOG`.
    pub(crate) log: String,
    /// Whether logs are JSON lines.
    pub(crate) log_json: bool,
    /// Whether the refresh cookie is sent over HTTPS only.
    pub(crate) secure_cookie: bool,
    /// Whether a proxy in front tells the caller's address.
    pub(crate) behind_proxy: bool,
    /// The bearer token that Prometheus shows for `/metrics`; only callers on this machine get the
    /// measurements when absent, and nobody behind a proxy.
    pub(crate) metrics_token: Option<String>,
    /// API calls per minute and person.
    pub(crate) rate_api_per_minute: u32,
    /// Sign-in attempts per minute and account.
    pub(crate) rate_sign_in_per_minute: u32,
    /// Calls per minute and address where nobody is signed in.
    pub(crate) rate_public_per_minute: u32,
    /// Keys that seal secrets at rest, `id:64 hexadecimal digits`, separated by commas; kept in
    /// `data_dir` when absent.
    pub(crate) secret_keys: Option<String>,
    /// The key of access tokens and session marks, 64 hexadecimal digits; kept in `data_dir` when
    /// absent.
    pub(crate) token_key: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            http_listen: local(8080),
            radius_auth_listen: local(1812),
            radius_acct_listen: local(1813),
            radius_radsec_listen: None,
            radius_radsec_cert: None,
            radius_radsec_key: None,
            radius_radsec_client_ca: None,
            radius_spool_dir: None,
            radius_spool_max_mb: 1024,
            radius_reject_delay_ms: 1_000,
            outgoing_allow: None,
            outgoing_refuse: None,
            data_dir: PathBuf::from("var"),
            database_url: None,
            database_connections: 16,
            redis_url: None,
            freeradius_isp: None,
            spa_dir: None,
            log: "info,sqlx=warn,sea_orm_migration=warn".to_owned(),
            log_json: false,
            secure_cookie: false,
            behind_proxy: false,
            metrics_token: None,
            rate_api_per_minute: 300,
            rate_sign_in_per_minute: 5,
            rate_public_per_minute: 30,
            secret_keys: None,
            token_key: None,
        }
    }
}

impl Config {
    /// The URL of the database in use.
    pub(crate) fn database(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| {
            format!(
                "sqlite://{}?mode=rwc",
                self.data_dir.join("lastmile.db").display()
            )
        })
    }

    /// The file of the embedded database, when one is in use and it is a file.
    pub(crate) fn sqlite_file(&self) -> Option<PathBuf> {
        let url = self.database();
        let path = url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or(path);
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }

    /// Where accounting waits while the database is away, and how much of it.
    pub(crate) fn spool(&self) -> SpoolConfig {
        let beside = || self.data_dir.join("spool");
        SpoolConfig {
            directory: self.radius_spool_dir.clone().unwrap_or_else(beside),
            max_bytes: u64::from(self.radius_spool_max_mb) << 20,
            patience: Duration::from_secs(2),
        }
    }

    /// How RADIUS over TLS is served; none when it is not.
    pub(crate) fn radsec(&self) -> anyhow::Result<Option<RadSecConfig>> {
        let Some(address) = self.radius_radsec_listen else {
            return Ok(None);
        };
        let needed = |key: &str, file: &Option<PathBuf>| {
            file.clone()
                .with_context(|| format!("{key}: is needed with radius_radsec_listen"))
        };
        let files = TlsFiles {
            certificate: needed("radius_radsec_cert", &self.radius_radsec_cert)?,
            key: needed("radius_radsec_key", &self.radius_radsec_key)?,
            client_ca: needed("radius_radsec_client_ca", &self.radius_radsec_client_ca)?,
        };
        Ok(Some(RadSecConfig::new(vec![address], files)))
    }

    /// Where connections may go that an ISP asks for.
    pub(crate) fn outgoing(&self) -> anyhow::Result<Outgoing> {
        let list = |key: &'static str, list: &Option<String>| {
            parse_list(list.as_deref().unwrap_or_default()).context(key)
        };
        Ok(Outgoing::new(
            list("outgoing_allow", &self.outgoing_allow)?,
            list("outgoing_refuse", &self.outgoing_refuse)?,
        ))
    }

    /// The simulated routers of the demo are on this machine.
    pub(crate) fn open_for_demo(&mut self) {
        const SIMULATED: &str = "127.0.0.0/8";
        self.outgoing_allow = Some(match self.outgoing_allow.take() {
            Some(list) => format!("{list},{SIMULATED}"),
            None => SIMULATED.to_owned(),
        });
    }

    fn check(&self) -> anyhow::Result<()> {
        self.radsec()?;
        self.outgoing()?;
        let database = self.database();
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|kind| database.starts_with(kind))
        {
            bail!("database_url: must start with sqlite: or postgres:");
        }
        if self.freeradius_isp.is_some() && !database.starts_with("postgres") {
            bail!("freeradius_isp: needs PostgreSQL, set database_url");
        }
        if self
            .redis_url
            .as_ref()
            .is_some_and(|url| !url.starts_with("redis"))
        {
            bail!("redis_url: must start with redis: or rediss:");
        }
        if self
            .metrics_token
            .as_ref()
            .is_some_and(|token| token.len() < 16)
        {
            bail!("metrics_token: must have at least 16 characters");
        }
        if self.radius_reject_delay_ms > 2_900 {
            bail!(
                "radius_reject_delay_ms: must be at most 2900, since routers ask again after 3 s"
            );
        }
        for (key, value) in [
            ("database_connections", self.database_connections),
            ("radius_spool_max_mb", self.radius_spool_max_mb),
            ("rate_api_per_minute", self.rate_api_per_minute),
            ("rate_sign_in_per_minute", self.rate_sign_in_per_minute),
            ("rate_public_per_minute", self.rate_public_per_minute),
        ] {
            if value == 0 {
                bail!("{key}: must be at least 1");
            }
        }
        Ok(())
    }

    /// The configuration with secrets masked.
    pub(crate) fn masked(&self) -> Self {
        let masked = |value: &Option<String>| value.as_ref().map(|_| "********".to_owned());
        Self {
            database_url: self.database_url.as_deref().map(without_password),
            redis_url: self.redis_url.as_deref().map(without_password),
            secret_keys: masked(&self.secret_keys),
            token_key: masked(&self.token_key),
            metrics_token: masked(&self.metrics_token),
            ..self.clone()
        }
    }
}

fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://********@{host}"),
        _ => url.to_owned(),
    }
}

/// Reads the configuration; an error names the key.
pub(crate) fn load(file: Option<&Path>) -> anyhow::Result<Config> {
    let mut figment = Figment::from(Serialized::defaults(Config::default()));
    if let Some(file) = file {
        if !file.exists() {
            bail!("the configuration file {} does not exist", file.display());
        }
        figment = figment.merge(Toml::file(file));
    }
    // LASTMILE_CONFIG names the file and is no key of it.
    let figment = figment.merge(Env::prefixed("LASTMILE_").ignore(&["config"]));
    let config: Config = figment
        .extract()
        .context("the configuration is not valid")?;
    config.check()?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_value_names_its_key() {
        let config = Config {
            redis_url: Some("http://x".to_owned()),
            ..Config::default()
        };
        assert!(
            config
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("redis_url")
        );
        let config = Config {
            radius_radsec_listen: Some(SocketAddr::from(([127, 0, 0, 1], 2083))),
            ..Config::default()
        };
        assert!(
            config
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("radius_radsec_cert")
        );
        let config = Config {
            database_connections: 0,
            ..Config::default()
        };
        assert!(
            config
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("database_connections")
        );
    }

    #[test]
    fn printing_masks_every_secret() {
        let config = Config {
            database_url: Some("postgres://me:hunter2@db/lastmile".to_owned()),
            redis_url: Some("redis://:hunter2@cache".to_owned()),
            secret_keys: Some("1:hunter2".to_owned()),
            token_key: Some("hunter2".to_owned()),
            metrics_token: Some("hunter2".to_owned()),
            ..Config::default()
        };
        let printed = serde_json::to_string(&config.masked()).unwrap();
        assert!(!printed.contains("hunter2"), "{printed}");
        assert!(printed.contains("@db/lastmile"));
    }
}
