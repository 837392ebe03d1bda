//! `lastmile simnet run` and `storm`: a network of routers and subscribers from one file.

use std::{
    io::BufRead as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use domain::clock::Clock as _;
use figment::{
    Figment,
    providers::{Format as _, Toml},
};
use serde::{Deserialize, Serialize};
use simnet::{
    network::{Network, NetworkConfig},
    scenario::{self, Action},
    snapshot::Summary,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    clock::WallClock,
    cmd::{say, stopped},
};

/// How many lines of the operator wait to be obeyed.
const LINES: usize = 64;

/// How long the last reports may take when the network is stopped.
const PATIENCE: Duration = Duration::from_secs(30);

/// The network to run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The network, as TOML or, by its name, JSON.
    scenario: PathBuf,
    /// Seconds between two lines of sums.
    #[arg(long, default_value_t = 5)]
    every: u64,
    /// Prints every subscriber and not only sums.
    #[arg(long)]
    full: bool,
}

/// A storm to play.
#[derive(Debug, clap::Args)]
pub(crate) struct StormArguments {
    /// The network, as TOML or, by its name, JSON.
    scenario: PathBuf,
    /// Seconds of the network's clock within which everybody dials again.
    #[arg(long, default_value_t = 60)]
    within: u64,
    /// Seconds of the network's clock that everybody stays online before and after the storm.
    #[arg(long, default_value_t = 30)]
    stay: u64,
    /// Seconds of the wall's clock after which it counts as failed that not everybody is online.
    #[arg(long, default_value_t = 600)]
    patience: u64,
}

/// What an operator may type while a network runs: an action of a scenario, or a question.
enum Line {
    Show(Show),
    Action(Action),
}

/// `{"show": "summary"}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    show: Show,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Show {
    /// Every router and subscriber.
    State,
    /// Sums.
    Summary,
    /// Where the routers are found.
    Routers,
}

/// What a storm came to.
#[derive(Debug, Serialize)]
struct StormReport {
    /// How many should be online.
    subscribers: usize,
    /// How many were, when everybody had time: the fewer of both times.
    online: usize,
    /// How many were not, both times together.
    lost: usize,
    /// Milliseconds of the wall's clock until everybody was online for the first time.
    first_ms: u128,
    /// The same from the storm on.
    again_ms: u128,
    /// Whether everything was reported to the servers at the end.
    reported: bool,
    /// Everything at the end, when nobody was online any more.
    end: Summary,
}

/// Runs until it is stopped.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let network = start(read(&arguments.scenario)?).await?;
    for address in network.addresses() {
        if address.api.is_some() {
            say(&serde_json::to_string(&address)?);
        }
    }
    let mut lines = typed_lines()?;
    let mut every = tokio::time::interval(Duration::from_secs(arguments.every.max(1)));
    let mut stop = std::pin::pin!(stopped());
    loop {
        tokio::select! {
            stopped = &mut stop => {
                stopped?;
                break;
            }
            _ = every.tick() => say(&state(&network, arguments.full)?),
            Some(line) = lines.recv() => say(&obey(&network, &line)?),
        }
    }
    hang_up(&network).await;
    say(&state(&network, arguments.full)?);
    network.shut_down().await;
    Ok(())
}

/// Lets everybody dial, stay, drop, dial again, stay and hang up; says how it went.
pub(super) async fn storm(arguments: StormArguments) -> anyhow::Result<()> {
    let mut config = read(&arguments.scenario)?;
    let within = Duration::from_secs(arguments.within);
    config.timing.dial_spread_ms = arguments.within.saturating_mul(1000);
    let speed = config.speed.max(1);
    let stay = Duration::from_secs(arguments.stay) / speed;
    let patience = Duration::from_secs(arguments.patience);
    let began = tokio::time::Instant::now();
    let network = start(config).await?;
    let first = everybody_online(&network, patience).await;
    let first_ms = began.elapsed().as_millis();
    tokio::time::sleep(stay).await;
    let stormed = tokio::time::Instant::now();
    network.redial_all(None, within);
    let again = everybody_online(&network, patience).await;
    let again_ms = stormed.elapsed().as_millis();
    tokio::time::sleep(stay).await;
    network.hang_up_all();
    let reported = all_reported(&network).await;
    let end = network.summary();
    network.shut_down().await;
    let report = StormReport {
        subscribers: end.subscribers,
        online: first.min(again),
        lost: (2 * end.subscribers).saturating_sub(first + again),
        first_ms,
        again_ms,
        reported,
        end,
    };
    say(&serde_json::to_string(&report)?);
    report.judged()
}

impl StormReport {
    /// Fails when somebody was lost or something was not reported.
    fn judged(&self) -> anyhow::Result<()> {
        let (lost, given_up) = (self.lost, self.end.counters.reports_given_up);
        anyhow::ensure!(
            lost == 0,
            "{lost} dials had not led to a session when the patience was at its end"
        );
        anyhow::ensure!(
            self.reported && given_up == 0,
            "{given_up} reports were given up, {} requests are unanswered",
            self.end.unanswered
        );
        Ok(())
    }
}

fn read(file: &Path) -> anyhow::Result<NetworkConfig> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let is_json = file
        .extension()
        .is_some_and(|extension| extension == "json");
    let not_a_network = || format!("{} is not a network", file.display());
    if is_json {
        return serde_json::from_str(&text).with_context(not_a_network);
    }
    let figment = Figment::from(Toml::string(&text));
    figment.extract().with_context(not_a_network)
}

async fn start(mut config: NetworkConfig) -> anyhow::Result<Network> {
    config.begins = Some(WallClock.now());
    Ok(Network::start(config, CancellationToken::new()).await?)
}

fn state(network: &Network, full: bool) -> anyhow::Result<String> {
    Ok(if full {
        serde_json::to_string(&network.snapshot())?
    } else {
        serde_json::to_string(&network.summary())?
    })
}

/// Carries out what was typed; an answer says whether it could be done.
fn obey(network: &Network, line: &str) -> anyhow::Result<String> {
    Ok(match understood(line) {
        Ok(Line::Show(Show::State)) => state(network, true)?,
        Ok(Line::Show(Show::Summary)) => state(network, false)?,
        Ok(Line::Show(Show::Routers)) => serde_json::to_string(&network.addresses())?,
        Ok(Line::Action(action)) => {
            serde_json::json!({ "done": scenario::perform(network, action) }).to_string()
        }
        Err(error) => serde_json::json!({ "done": false, "error": error.to_string() }).to_string(),
    })
}

fn understood(line: &str) -> serde_json::Result<Line> {
    match serde_json::from_str::<Question>(line) {
        Ok(question) => Ok(Line::Show(question.show)),
        // What is wrong is said of an action, which it is more often.
        Err(_) => serde_json::from_str(line).map(Line::Action),
    }
}

/// What is typed, line by line. A thread of its own: a read of standard input cannot be given up.
fn typed_lines() -> anyhow::Result<mpsc::Receiver<String>> {
    let (typed, lines) = mpsc::channel(LINES);
    std::thread::Builder::new()
        .name("stdin".to_owned())
        .spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(line) = line else { return };
                if !line.trim().is_empty() && typed.blocking_send(line).is_err() {
                    return;
                }
            }
        })?;
    Ok(lines)
}

/// Waits until everybody is online, and everybody who is has been reported; how many are.
async fn everybody_online(network: &Network, patience: Duration) -> usize {
    let waiting = async {
        loop {
            let summary = network.summary();
            if summary.online == summary.subscribers {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    drop(tokio::time::timeout(patience, waiting).await);
    network.summary().online
}

/// Hangs everybody up and lets the last reports arrive.
pub(super) async fn hang_up(network: &Network) {
    network.hang_up_all();
    if !all_reported(network).await {
        tracing::warn!("Some reports were not answered");
    }
}

/// Waits until no request is without its answer; false when that takes too long.
async fn all_reported(network: &Network) -> bool {
    let waiting = async {
        while network.summary().unanswered > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_a_network() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/samples/isp.toml");
        let config = read(Path::new(file)).expect("it is read");
        assert_eq!((config.speed, config.routers.len()), (10, 1));
        assert_eq!(config.scenario.len(), 7);
    }

    #[test]
    fn a_storm_that_lost_somebody_fails() {
        let report = |lost: usize, reported: bool| StormReport {
            subscribers: 2,
            online: 2 - lost,
            lost,
            first_ms: 1,
            again_ms: 1,
            reported,
            end: Summary::default(),
        };
        report(0, true).judged().expect("everybody was online");
        report(1, true).judged().expect_err("one was not");
        report(0, false).judged().expect_err("a Stop is missing");
    }

    #[test]
    fn lines_are_questions_or_actions() {
        let summary = understood(r#"{"show": "summary"}"#);
        assert!(matches!(summary, Ok(Line::Show(Show::Summary))));
        let storm = understood(r#"{"action": "storm", "spread_ms": 1000}"#);
        assert!(matches!(storm, Ok(Line::Action(Action::Storm { .. }))));
        let wrong = understood(r#"{"action": "nothing"}"#);
        let error = wrong.err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("unknown variant `nothing`")));
    }
}
