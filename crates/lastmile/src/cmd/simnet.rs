//! Simulated routers and subscribers from the command line.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::Context as _;
use clap::Subcommand;
use simnet::{
    load::{self, LoadConfig},
    network::{Network, NetworkConfig},
    subscribers::Method,
};
use tokio_util::sync::CancellationToken;

use super::say;

/// What to simulate.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs routers and their subscribers until stopped, and prints their state as JSON lines.
    Dial {
        /// The network, as JSON.
        #[arg(long)]
        config: PathBuf,
        /// Seconds between two lines.
        #[arg(long, default_value_t = 5)]
        every: u64,
    },
    /// Measures a RADIUS server.
    Load(LoadArguments),
}

/// The load to make.
#[derive(Debug, clap::Args)]
pub(crate) struct LoadArguments {
    /// Where logins go.
    #[arg(long, default_value = "127.0.0.1:1812")]
    auth: SocketAddr,
    /// Where accounting goes.
    #[arg(long, default_value = "127.0.0.1:1813")]
    acct: SocketAddr,
    /// The secret shared with the server.
    #[arg(long)]
    secret: String,
    /// The address to send from; the server must know it as a NAS.
    #[arg(long, default_value = "127.0.0.1")]
    bind: IpAddr,
    /// How many subscribers there are.
    #[arg(long, default_value_t = 1000)]
    subscribers: usize,
    /// Their names without the number.
    #[arg(long, default_value = "user")]
    prefix: String,
    /// Their common password.
    #[arg(long)]
    password: String,
    /// How they prove it, in turn: pap, chap, mschapv2.
    #[arg(long, value_delimiter = ',', default_value = "pap,chap,mschapv2")]
    method: Vec<String>,
    /// Logins in total.
    #[arg(long, default_value_t = 10_000)]
    logins: u64,
    /// Logins per second; as many as go through when absent.
    #[arg(long)]
    rate: Option<u32>,
    /// Most requests in flight.
    #[arg(long, default_value_t = 256)]
    window: usize,
    /// Whether each granted login is followed by a Start and a Stop.
    #[arg(long)]
    accounting: bool,
    /// Interims between Start and Stop.
    #[arg(long, default_value_t = 0)]
    interims: u32,
}

/// Simulates.
pub(crate) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Dial { config, every } => dial(&config, Duration::from_secs(every.max(1))).await,
        Command::Load(arguments) => load(arguments).await,
    }
}

async fn dial(file: &std::path::Path, every: Duration) -> anyhow::Result<()> {
    let text = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let config: NetworkConfig = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not a network", file.display()))?;
    let network = Network::start(config, CancellationToken::new()).await?;
    loop {
        tokio::select! {
            stopped = tokio::signal::ctrl_c() => {
                stopped?;
                network.hang_up_all();
                tokio::time::sleep(Duration::from_secs(1)).await;
                network.shut_down().await;
                return Ok(());
            }
            () = tokio::time::sleep(every) => say(&serde_json::to_string(&network.snapshot())?),
        }
    }
}

async fn load(arguments: LoadArguments) -> anyhow::Result<()> {
    let methods = arguments
        .method
        .iter()
        .map(|name| serde_json::from_value::<Method>(name.as_str().into()))
        .collect::<Result<Vec<_>, _>>()
        .context("--method: pap, chap or mschapv2")?;
    let config = LoadConfig {
        auth_server: arguments.auth,
        acct_server: arguments.acct,
        secret: arguments.secret,
        bind: arguments.bind,
        logins: arguments.logins,
        rate: arguments.rate,
        window: arguments.window,
        accounting: arguments.accounting,
        interims: arguments.interims,
        ..LoadConfig::default()
    }
    .with_numbered_subscribers(
        &arguments.prefix,
        arguments.subscribers,
        &arguments.password,
        &methods,
    );
    say(&serde_json::to_string_pretty(&load::run(config).await?)?);
    Ok(())
}
