//! Simulated routers and subscribers from the command line.

mod router;
mod run;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::Context as _;
use clap::Subcommand;
use simnet::{
    load::{self, Arrival, LoadConfig, Numbered, Sessions},
    network::{Network, NetworkConfig},
    subscribers::{Method, SubscriberConfig},
};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use super::{say, stopped};

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
    /// Grants every login by PAP and CHAP until stopped: how fast a server can be measured to be here.
    Floor {
        /// The address to listen on.
        #[arg(long, default_value = "127.0.0.1:1812")]
        listen: SocketAddr,
        /// The secret shared with the generator.
        #[arg(long)]
        secret: String,
    },
    /// Measures a RADIUS server.
    Load(Box<LoadArguments>),
    /// Runs the management side of a router, its binary API, until stopped.
    Router(router::Arguments),
    /// Runs whole routers and their subscribers until stopped; takes actions as JSON lines.
    Run(run::Arguments),
    /// Lets everybody dial, drop, dial again and hang up, and prints how it went.
    Storm(run::StormArguments),
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
    /// The number of the first of them.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Their password; {n} in it stands for the number.
    #[arg(long, required_unless_present = "names")]
    password: Option<String>,
    /// A file with a name and a password on each line, in place of numbered subscribers.
    #[arg(long, conflicts_with = "password")]
    names: Option<PathBuf>,
    /// How they prove it, in turn: pap, chap, mschapv1, mschapv2.
    #[arg(long, value_delimiter = ',', default_value = "pap,chap,mschapv2")]
    method: Vec<String>,
    /// Logins in total; 10,000, or as many as fit into --duration.
    #[arg(long)]
    logins: Option<u64>,
    /// Seconds after which no new login is sent.
    #[arg(long)]
    duration: Option<u64>,
    /// Logins per second; as many as go through when absent.
    #[arg(long)]
    rate: Option<u32>,
    /// Every subscriber dials once within so many seconds, most of them early, and stays online.
    #[arg(long, conflicts_with_all = ["rate", "logins", "duration"])]
    storm: Option<u64>,
    /// Most requests in flight.
    #[arg(long, default_value_t = 256)]
    window: usize,
    /// Whether each granted login is followed by a Start, interims and a Stop.
    #[arg(long)]
    accounting: bool,
    /// Interims between Start and Stop.
    #[arg(long, default_value_t = 0)]
    interims: u32,
    /// Keeps every granted login online and sends interims of all in turn for so many seconds.
    #[arg(long, conflicts_with_all = ["accounting", "interims"])]
    steady: Option<u64>,
    /// Interims per second under --steady; as many as go through when absent.
    #[arg(long, requires = "steady")]
    interim_rate: Option<u32>,
    /// Milliseconds after which an answer counts as late.
    #[arg(long, default_value_t = 3_000)]
    late_after: u64,
    /// Milliseconds after which a request is repeated.
    #[arg(long, default_value_t = 3_000)]
    timeout: u64,
    /// How often a request is sent before it counts as lost.
    #[arg(long, default_value_t = 3)]
    attempts: u32,
    /// Believes answers without Message-Authenticator: servers from before 2024 send none.
    #[arg(long)]
    unsigned_answers: bool,
}

/// Simulates.
pub(crate) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Dial { config, every } => dial(&config, Duration::from_secs(every.max(1))).await,
        Command::Floor { listen, secret } => floor(listen, &secret).await,
        Command::Load(arguments) => load(*arguments).await,
        Command::Router(arguments) => router::run(arguments).await,
        Command::Run(arguments) => run::run(arguments).await,
        Command::Storm(arguments) => run::storm(arguments).await,
    }
}

async fn dial(file: &std::path::Path, every: Duration) -> anyhow::Result<()> {
    let text = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let config: NetworkConfig = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not a network", file.display()))?;
    let network = Network::start(config, CancellationToken::new()).await?;
    let mut stop = std::pin::pin!(stopped());
    loop {
        tokio::select! {
            stopped = &mut stop => {
                stopped?;
                run::hang_up(&network).await;
                network.shut_down().await;
                return Ok(());
            }
            () = tokio::time::sleep(every) => say(&serde_json::to_string(&network.snapshot())?),
        }
    }
}

async fn floor(listen: SocketAddr, secret: &str) -> anyhow::Result<()> {
    let socket = UdpSocket::bind(listen)
        .await
        .with_context(|| format!("{listen} cannot be listened on"))?;
    say(&format!("grants every login on {}", socket.local_addr()?));
    tokio::select! {
        stopped = stopped() => Ok(stopped?),
        failed = load::floor::grant_all(&socket, secret.as_bytes()) => Ok(failed?),
    }
}

async fn load(arguments: LoadArguments) -> anyhow::Result<()> {
    let config = LoadConfig {
        auth_server: arguments.auth,
        acct_server: arguments.acct,
        bind: arguments.bind,
        logins: arguments.logins(),
        arrival: arguments.arrival(),
        duration_ms: arguments.duration.map(|seconds| seconds * 1_000),
        window: arguments.window,
        sessions: arguments.sessions(),
        late_after_ms: arguments.late_after,
        reply_timeout_ms: arguments.timeout,
        attempts: arguments.attempts,
        unsigned_answers: arguments.unsigned_answers,
        ..LoadConfig::default()
    };
    let config = arguments.with_subscribers(config)?;
    say(&serde_json::to_string_pretty(&load::run(config).await?)?);
    Ok(())
}

impl LoadArguments {
    fn logins(&self) -> u64 {
        match (self.logins, self.storm, self.duration) {
            (Some(logins), ..) => logins,
            (None, Some(_), _) => u64::try_from(self.subscribers).unwrap_or(u64::MAX),
            (None, None, Some(_)) => u64::MAX,
            (None, None, None) => 10_000,
        }
    }

    fn arrival(&self) -> Arrival {
        match (self.storm, self.rate) {
            (Some(seconds), _) => Arrival::Storm {
                within_ms: seconds * 1_000,
            },
            (None, Some(rate)) => Arrival::PerSecond(rate),
            (None, None) => Arrival::Unpaced,
        }
    }

    fn sessions(&self) -> Sessions {
        match self.steady {
            Some(seconds) => Sessions::Steady {
                for_ms: seconds * 1_000,
                rate: self.interim_rate,
            },
            None if self.storm.is_some() => Sessions::Open,
            None if self.accounting => Sessions::Brief {
                interims: self.interims,
            },
            None => Sessions::None,
        }
    }

    fn with_subscribers(self, mut config: LoadConfig) -> anyhow::Result<LoadConfig> {
        let methods = self
            .method
            .iter()
            .map(|name| serde_json::from_value::<Method>(name.as_str().into()))
            .collect::<Result<Vec<_>, _>>()
            .context("--method: pap, chap, mschapv1 or mschapv2")?;
        config.secret = self.secret;
        let Some(file) = self.names else {
            return Ok(config.with_numbered_subscribers(&Numbered {
                prefix: &self.prefix,
                first: self.first,
                count: self.subscribers,
                password: self.password.as_deref().unwrap_or_default(),
                methods: &methods,
            }));
        };
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let named = text.lines().filter(|line| !line.trim().is_empty());
        config.subscribers = named
            .zip(methods.iter().copied().cycle())
            .enumerate()
            .map(|(index, (line, method))| {
                let (name, password) =
                    line.trim()
                        .split_once(char::is_whitespace)
                        .with_context(|| {
                            format!("{}: line {} has no password", file.display(), index + 1)
                        })?;
                Ok(SubscriberConfig::new(name, password.trim(), method))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(config)
    }
}
