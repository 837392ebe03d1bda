//! The keys of an installation: from the configuration, or made at the first start and kept in a
//! file that only its owner can read.

use std::{
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use app::secrets::Keyring;
use persistence::{Db, query::sealed};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::config::Config;

/// What signs and seals.
pub(crate) struct Keys {
    /// Seals secrets at rest.
    pub(crate) keyring: Keyring,
    /// Signs access tokens and marks sessions.
    pub(crate) token_key: Zeroizing<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    secret_keys: String,
    token_key: String,
}

/// Finds the keys; none, when they are to be kept in `data_dir` and are not there.
pub(crate) fn find(config: &Config) -> anyhow::Result<Option<Keys>> {
    let kept = match (&config.secret_keys, &config.token_key) {
        (Some(secret_keys), Some(token_key)) => Some(Kept {
            secret_keys: secret_keys.clone(),
            token_key: token_key.clone(),
        }),
        (None, None) => kept(&file(config))?,
        (Some(_), None) => return Err(anyhow!("token_key: must be set where secret_keys is")),
        (None, Some(_)) => return Err(anyhow!("secret_keys: must be set where token_key is")),
    };
    kept.as_ref().map(open).transpose()
}

/// The keys that open what is sealed in the database; new ones where nothing is sealed yet.
///
/// Keys that open nothing would serve nobody and seal what comes with yet another key.
pub(crate) async fn for_database(
    config: &Config,
    found: Option<Keys>,
    db: &Db,
) -> anyhow::Result<Keys> {
    let read = db.read_platform().await?;
    let sealed = sealed::samples(&read).await?;
    read.done().await?;
    let Some(keys) = found else {
        if sealed.is_empty() {
            return open(&make(&file(config))?);
        }
        bail!(
            "{} is missing, and the database holds secrets that its keys sealed: restore that file \
             from the backup, or set secret_keys and token_key; no keys were made",
            file(config).display()
        );
    };
    let opens = |sealed: &Vec<u8>| keys.keyring.open(sealed).is_ok();
    if !sealed.is_empty() && !sealed.iter().any(opens) {
        bail!(
            "the keys do not open the secrets in the database: they are another installation's. \
             Restore {} from the backup that belongs to this database, or correct secret_keys",
            file(config).display()
        );
    }
    Ok(keys)
}

fn file(config: &Config) -> PathBuf {
    config.data_dir.join("keys.json")
}

fn open(kept: &Kept) -> anyhow::Result<Keys> {
    Ok(Keys {
        keyring: Keyring::new(&parse_ring(&kept.secret_keys)?).context("secret_keys")?,
        token_key: hex_32(&kept.token_key).context("token_key")?,
    })
}

fn parse_ring(text: &str) -> anyhow::Result<Vec<(u32, Zeroizing<Vec<u8>>)>> {
    text.split(',')
        .map(|part| {
            let (id, key) = part
                .split_once(':')
                .ok_or_else(|| anyhow!("secret_keys: write id:64 hexadecimal digits"))?;
            let id = id
                .trim()
                .parse()
                .context("secret_keys: the id is a number")?;
            Ok((id, hex_32(key).context("secret_keys")?))
        })
        .collect()
}

fn hex_32(text: &str) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let bytes = hex::decode(text.trim()).map_err(|_| anyhow!("write 64 hexadecimal digits"))?;
    if bytes.len() == 32 {
        Ok(Zeroizing::new(bytes))
    } else {
        Err(anyhow!("write 64 hexadecimal digits"))
    }
}

fn kept(path: &Path) -> anyhow::Result<Option<Kept>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))
}

fn make(path: &Path) -> anyhow::Result<Kept> {
    let fresh = || hex::encode(rand::rng().random::<[u8; 32]>());
    let made = Kept {
        secret_keys: format!("1:{}", fresh()),
        token_key: fresh(),
    };
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(&serde_json::to_vec_pretty(&made)?)?;
    file.sync_all()?;
    tracing::info!(file = %path.display(), "made the keys of this installation: back this file up");
    Ok(made)
}
