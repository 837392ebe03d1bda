//! Made-up data in bulk, for trials and measurements.

use clap::Subcommand;

use super::say;
use crate::{config::Config, demo, files, parts};

/// What to make.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes the demo ISP on an empty database and adds customers to it, by the product's own
    /// import.
    Seed {
        /// How many customers to add.
        #[arg(long, default_value_t = 100_000)]
        customers: usize,
    },
}

/// Makes it.
pub(crate) async fn run(mut config: Config, command: Command) -> anyhow::Result<()> {
    config.open_for_demo();
    let _alone = files::take_database(&config)?;
    let parts = parts::assemble(&config).await?;
    match command {
        Command::Seed { customers } => {
            demo::prepare(&parts).await?;
            let added = demo::seed::customers(&parts, customers).await?;
            say(&format!("added {added} customers"));
        }
    }
    Ok(parts.ctx.db.close().await?)
}
