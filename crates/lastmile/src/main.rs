//! The composition root: reads the configuration, puts the parts together, runs them.

mod clock;
mod cmd;
mod config;
mod demo;
mod files;
mod keys;
mod parts;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

/// A third of the time of an accounting batch went into the allocator of the C library (ADR 0015).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// lastmile runs an Internet service provider.
#[derive(Parser)]
#[command(name = "lastmile", version, about)]
struct Cli {
    /// A configuration file; `LASTMILE_…` variables and options override it.
    #[arg(long, env = "LASTMILE_CONFIG", global = true)]
    config: Option<std::path::PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the product: API, jobs and RADIUS in one process, or one of them.
    Serve(cmd::serve::Arguments),
    /// Brings the database schema up to date.
    Migrate,
    /// Prints the OpenAPI document.
    Openapi,
    /// Prints the effective configuration, secrets masked.
    Config,
    /// Looks after accounts from the command line.
    #[command(subcommand)]
    Admin(cmd::admin::Command),
    /// Fills a database with made-up data, for trials and measurements.
    #[command(subcommand)]
    Demo(cmd::demo::Command),
    /// Simulates routers and their subscribers.
    #[command(subcommand)]
    Simnet(cmd::simnet::Command),
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(run(cli))
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Openapi => {
            cmd::openapi();
            return Ok(());
        }
        Command::Simnet(command) => {
            cmd::logging("info", false);
            return cmd::simnet::run(command).await;
        }
        Command::Serve(_)
        | Command::Migrate
        | Command::Config
        | Command::Admin(_)
        | Command::Demo(_) => {}
    }
    files::make_private();
    let config = config::load(cli.config.as_deref())?;
    cmd::logging(&config.log, config.log_json);
    match cli.command {
        Command::Serve(arguments) => cmd::serve::run(config, arguments).await,
        Command::Migrate => cmd::migrate(&config).await,
        Command::Config => cmd::print_config(&config),
        Command::Admin(command) => cmd::admin::run(&config, command).await,
        Command::Demo(command) => cmd::demo::run(config, command).await,
        Command::Openapi | Command::Simnet(_) => Ok(()),
    }
}
