//! What the binary keeps on the disk: who may read it, with what keys, and for how many processes.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use testkit::{TestDatabase, World};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::support::free_udp;

const ROLES: [&str; 4] = ["all", "api", "worker", "radius"];

fn binary(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastmile"));
    command
        .env("LASTMILE_DATA_DIR", data)
        .env("LASTMILE_HTTP_LISTEN", "127.0.0.1:0")
        .env("LASTMILE_RADIUS_AUTH_LISTEN", free_udp().to_string())
        .env("LASTMILE_RADIUS_ACCT_LISTEN", free_udp().to_string())
        .env("LASTMILE_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true);
    command
}

fn serve(data: &Path, role: &str) -> Command {
    let mut command = binary(data);
    command.args(["serve", "--role", role]);
    command
}

async fn ended(mut command: Command) -> Output {
    let child = command.stderr(Stdio::piped()).spawn().expect("it starts");
    let ended = timeout(Duration::from_secs(60), child.wait_with_output()).await;
    ended.expect("it refuses to work").expect("it ended")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits for a file that a process makes once it works.
async fn made(file: &Path, child: &mut Child) {
    let begun = Instant::now();
    while !file.exists() {
        assert_eq!(child.try_wait().expect("a child"), None, "it ended");
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{}",
            file.display()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn everything_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = vec![directory.to_owned()];
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(everything_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn open_to_others(directory: &Path) -> Vec<(PathBuf, u32)> {
    let below = everything_below(directory).into_iter();
    let modes = below.map(|path| {
        let found = fs::metadata(&path).expect("it is there");
        (path, found.permissions().mode() & 0o7777)
    });
    modes.filter(|(_, mode)| mode & 0o077 != 0).collect()
}

fn everybody_may_read(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

#[tokio::test]
async fn nobody_else_can_read_what_is_kept_also_what_an_older_version_left_open() {
    let place = tempfile::tempdir().expect("a directory");
    let data = place.path().join("data");
    let mut first = serve(&data, "all").spawn().expect("it starts");
    made(&data.join("spool/lock"), &mut first).await;
    made(&data.join("lastmile.db-wal"), &mut first).await;
    assert_eq!(open_to_others(&data), [], "made so");
    first.kill().await.expect("it was running");

    for name in ["demo.json", "spool/set-aside.jsonl"] {
        fs::write(data.join(name), "{}").expect("written");
    }
    for path in everything_below(&data) {
        everybody_may_read(&path, if path.is_dir() { 0o755 } else { 0o644 });
    }
    let again = data.join("lastmile.db.lock");
    fs::remove_file(&again).expect("it was there");
    let mut second = serve(&data, "all").spawn().expect("it starts");
    made(&again, &mut second).await;
    let begun = Instant::now();
    while !open_to_others(&data).is_empty() && begun.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(open_to_others(&data), [], "mended");
}

testkit::on_each_database! {
    async fn lost_keys_are_asked_for_and_never_made_anew(world: World) {
        let data = tempfile::tempdir().expect("a directory");
        let keys = data.path().join("keys.json");
        let mut commands: Vec<Command> = ROLES.iter().map(|role| serve(data.path(), role)).collect();
        let mut admin = binary(data.path());
        admin.args(["admin", "reset-password", "somebody"]);
        commands.push(admin);
        for mut command in commands {
            command.env("LASTMILE_DATABASE_URL", &world.database.url);
            let output = ended(command).await;
            assert_eq!(output.status.code(), Some(1));
            let said = said(&output);
            assert!(said.contains("keys.json is missing") && said.contains("restore"), "{said}");
            assert!(!keys.exists(), "no keys were made");
        }
    }

    async fn keys_of_another_installation_are_told_from_the_right_ones(world: World) {
        let data = tempfile::tempdir().expect("a directory");
        let mut command = serve(data.path(), "radius");
        command
            .env("LASTMILE_DATABASE_URL", &world.database.url)
            .env("LASTMILE_SECRET_KEYS", format!("1:{}", "08".repeat(32)))
            .env("LASTMILE_TOKEN_KEY", "09".repeat(32));
        let output = ended(command).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("do not open"), "{}", said(&output));
    }
}

#[tokio::test]
async fn two_processes_never_share_the_embedded_database() {
    let world = World::on(TestDatabase::sqlite().await).await;
    let data = tempfile::tempdir().expect("a directory");
    let with_keys = |role: &str| {
        let mut command = serve(data.path(), role);
        command
            .env("LASTMILE_DATABASE_URL", &world.database.url)
            .env("LASTMILE_SECRET_KEYS", format!("1:{}", "07".repeat(32)))
            .env("LASTMILE_TOKEN_KEY", "09".repeat(32));
        command
    };
    let mut first = with_keys("api").spawn().expect("it starts");
    let url = world
        .database
        .url
        .strip_prefix("sqlite://")
        .expect("a file");
    let file = url.split('?').next().expect("a path");
    made(Path::new(&format!("{file}.lock")), &mut first).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    for role in ROLES {
        let output = ended(with_keys(role)).await;
        assert_eq!(output.status.code(), Some(1), "{role}");
        assert!(
            said(&output).contains("another process works on"),
            "{}",
            said(&output)
        );
    }
    first.kill().await.expect("it was running");
    let mut next = with_keys("worker").spawn().expect("it starts");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        next.try_wait().expect("a child"),
        None,
        "a dead process holds nothing"
    );
}
