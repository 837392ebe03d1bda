//! What lies on the disk is its owner's alone: the database holds what customers pay and where they
//! live, the spool who was online, the demo's notes passwords.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use rustix::{fs::Mode, process::umask};

use crate::config::Config;

const OWN_FILE: u32 = 0o600;
const OWN_DIRECTORY: u32 = 0o700;
/// What else lies in `data_dir`, and what earlier versions left there for everybody to read.
const IN_DATA_DIR: [&str; 3] = ["keys.json", "demo.json", "demo.json.partial"];
/// What SQLite keeps beside a database, and our lock.
const BESIDE_DATABASE: [&str; 5] = ["", "-wal", "-shm", "-journal", ".lock"];

/// Whatever this process makes from now on is its owner's alone.
pub(crate) fn make_private() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Makes the data directory, and takes from others what they could read of it.
pub(crate) fn prepare(config: &Config) -> anyhow::Result<()> {
    let data_dir = &config.data_dir;
    fs::create_dir_all(data_dir)
        .with_context(|| format!("data_dir: {} cannot be made", data_dir.display()))?;
    let spool = config.spool().directory;
    let in_spool = fs::read_dir(&spool).into_iter().flatten();
    let in_spool = in_spool.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = IN_DATA_DIR.iter().map(|name| data_dir.join(name)).collect();
    if let Some(database) = config.sqlite_file() {
        files.extend(BESIDE_DATABASE.iter().map(|end| with_end(&database, end)));
    }
    files.extend(in_spool);
    for directory in [data_dir, &spool] {
        close(directory, OWN_DIRECTORY);
    }
    for file in &files {
        close(file, OWN_FILE);
    }
    Ok(())
}

/// What cannot be closed belongs to somebody who made it so; that is told and not in the way.
fn close(path: &Path, mode: u32) {
    let closed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() || found.permissions().mode() & 0o077 == 0 => Ok(()),
        // A directory of everybody, such as /tmp, is not ours to close.
        Ok(found) if found.permissions().mode() & 0o1000 != 0 => Ok(()),
        Ok(_) => fs::set_permissions(path, Permissions::from_mode(mode)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = closed {
        tracing::warn!(%error, path = %path.display(), "others may be able to read this");
    }
}

/// The embedded database while one process works on it alone; it is free again when this is dropped.
pub(crate) struct Alone {
    _lock: Option<File>,
}

/// Takes the embedded database for this process: caches and the directory in memory would not hear
/// what another changes. PostgreSQL is for several.
pub(crate) fn take_database(config: &Config) -> anyhow::Result<Alone> {
    prepare(config)?;
    let Some(database) = config.sqlite_file() else {
        return Ok(Alone { _lock: None });
    };
    let path = with_end(&database, ".lock");
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("{} cannot be opened", path.display()))?;
    if lock.try_lock().is_err() {
        bail!(
            "another process works on {}: the embedded database is for one (--role all), several \
             need PostgreSQL (database_url)",
            database.display()
        );
    }
    Ok(Alone { _lock: Some(lock) })
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    PathBuf::from(name)
}
