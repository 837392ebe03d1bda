//! Accounts from the command line: the way in to a new installation, and back in to a locked one.

use anyhow::{Context as _, bail};
use app::use_cases::platform::{self, Owner};
use clap::Subcommand;
use domain::authz::{Actor, PlatformRef, SystemActor, authorize};

use super::say;
use crate::{config::Config, parts};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes an owner of the installation; the password is read from standard input.
    CreateDeveloper {
        /// What the person signs in with.
        login: String,
        /// Who the person is.
        #[arg(long)]
        name: Option<String>,
    },
    /// Gives somebody a new password, which must be changed at sign-in, and turns one-time codes
    /// off; the password is read from standard input.
    ResetPassword {
        /// What the person signs in with.
        login: String,
    },
}

/// Does it.
pub(crate) async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let parts = parts::assemble(config).await?;
    let actor = Actor::System(SystemActor::Installation);
    match command {
        Command::CreateDeveloper { login, name } => {
            let proof = authorize(&actor, PlatformRef)?;
            let name = name.unwrap_or_else(|| login.clone());
            let password = password()?;
            let owner = Owner {
                login: login.clone(),
                name,
                password,
                must_change_password: false,
            };
            platform::create_developer(&parts.ctx, proof, owner).await?;
            say(&format!("{login} can sign in now"));
        }
        Command::ResetPassword { login } => {
            app::use_cases::users::reset_from_command_line(&parts.ctx, &login, &password()?)
                .await
                .with_context(|| format!("the password of {login} cannot be reset"))?;
            say(&format!(
                "{login} signs in with the new password, without a one-time code, and must change it then"
            ));
        }
    }
    Ok(parts.ctx.db.close().await?)
}

fn password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .context("standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("write the password to standard input");
    }
    Ok(password.to_owned())
}
