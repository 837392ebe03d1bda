//! `lastmile simnet router`: a router to manage.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use anyhow::Context as _;
use domain::clock::Clock as _;
use simnet::router::{
    Account, Router, RouterConfig,
    server::{Listen, RouterServer},
};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::WallClock,
    cmd::{say, stopped},
};

/// The router to run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Its version: 6.49, 7.9, 7.16 or 7.20.
    #[arg(long)]
    version: Option<String>,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    listen: IpAddr,
    /// The port of the API.
    #[arg(long, default_value_t = 8728)]
    port: u16,
    /// The port of the API in TLS; it answers once a certificate is assigned to api-ssl.
    #[arg(long)]
    tls_port: Option<u16>,
    /// The password of the user admin.
    #[arg(long)]
    password: Option<String>,
    /// The router as JSON: version, identity, users, set-up commands, faults.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// An export (.rsc) that is run before anybody connects.
    #[arg(long)]
    import: Option<PathBuf>,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let listen = Listen {
        plain: SocketAddr::new(arguments.listen, arguments.port),
        tls: arguments
            .tls_port
            .map(|port| SocketAddr::new(arguments.listen, port)),
    };
    let config = arguments.into_config()?;
    let router = Router::new(&config, WallClock.now())?;
    let version = router.release().text().to_owned();
    let stop = CancellationToken::new();
    let server = RouterServer::start(router, listen, Arc::new(WallClock), stop)
        .await
        .context("the router's ports cannot be opened")?;
    say(&format!(
        "RouterOS {version} listens on {}",
        server.address()
    ));
    stopped().await?;
    server.shut_down().await;
    Ok(())
}

impl Arguments {
    fn into_config(self) -> anyhow::Result<RouterConfig> {
        let mut config = match &self.scenario {
            Some(file) => {
                let text = std::fs::read(file)
                    .with_context(|| format!("{} cannot be read", file.display()))?;
                serde_json::from_slice(&text)
                    .with_context(|| format!("{} is not a router", file.display()))?
            }
            None => RouterConfig::default(),
        };
        if let Some(version) = self.version {
            config.version = version;
        }
        if let Some(password) = self.password {
            config.users.retain(|user| user.name != "admin");
            config.users.push(Account {
                name: "admin".to_owned(),
                password,
                group: "full".to_owned(),
            });
        }
        if let Some(file) = &self.import {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            config.setup.push('\n');
            config.setup.push_str(&text);
        }
        Ok(config)
    }
}
