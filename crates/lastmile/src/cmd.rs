//! The commands of the binary.

pub(crate) mod admin;
pub(crate) mod demo;
pub(crate) mod serve;
pub(crate) mod simnet;

use std::io::IsTerminal as _;

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::{config::Config, parts};

/// Starts logging to standard error.
pub(crate) fn logging(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if json {
        builder.json().flatten_event(true).init();
    } else {
        builder.init();
    }
}

/// Prints a line for the person at the terminal.
#[expect(clippy::print_stdout, reason = "commands answer on standard output")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Waits until the process is to stop: by ctrl-c, or as a service manager ends it.
///
/// A signal between two calls is lost, so that who waits again and again keeps one call.
pub(crate) async fn stopped() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

/// Prints the OpenAPI document.
pub(crate) fn openapi() {
    say(api::openapi_json().trim_end());
}

/// Brings the schema up to date.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<()> {
    parts::assemble(config).await?.ctx.db.close().await?;
    say("the schema is up to date");
    Ok(())
}

/// Prints the effective configuration.
pub(crate) fn print_config(config: &Config) -> anyhow::Result<()> {
    say(&serde_json::to_string_pretty(&config.masked())?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_service_manager_stops_it_too() {
        let mut stop = std::pin::pin!(stopped());
        tokio::select! {
            biased;
            _ = &mut stop => unreachable!("nobody has stopped it"),
            () = std::future::ready(()) => {}
        }
        let own = std::process::id().to_string();
        let told = std::process::Command::new("kill").arg(own).status();
        assert!(told.expect("kill runs").success());
        stop.await.expect("it is told");
    }
}
