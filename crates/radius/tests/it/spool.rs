//! Accounting while its store is away, and after a crash.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::ids::{IspId, NasId};
use domain::network::ports::{AccountingSink, SinkError};
use domain::network::session::{AccountingEvent, AccountingRecord, SessionKey, SessionUsage};
use domain::ports::PortFuture;
use parking_lot::Mutex;
use radius::acct::spool::{SpoolConfig, SpooledSink};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::now;

/// A store that can go away, hang, and refuse single reports.
#[derive(Default)]
struct Store {
    is_away: AtomicBool,
    is_busy: AtomicBool,
    hangs: AtomicBool,
    stored: Mutex<Vec<u64>>,
}

impl AccountingSink for Store {
    fn record(&self, records: Vec<Arc<AccountingRecord>>) -> PortFuture<'_, Result<(), SinkError>> {
        Box::pin(async move {
            if self.hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            let is_refused = records.iter().any(|record| record.username == "poison");
            if self.is_away.load(Ordering::SeqCst) {
                return Err(SinkError::Unavailable("away".to_owned()));
            }
            // What is in the way of some is not in the way of an empty batch.
            if self.is_busy.load(Ordering::SeqCst) && !records.is_empty() {
                return Err(SinkError::Unavailable("somebody is in the way".to_owned()));
            }
            if is_refused {
                return Err(SinkError::Refused("poison".to_owned()));
            }
            self.stored
                .lock()
                .extend(records.iter().map(|record| number_of(record)));
            Ok(())
        })
    }
}

fn number_of(record: &AccountingRecord) -> u64 {
    record.usage.input_octets.unwrap_or_default()
}

fn report(number: u64) -> Arc<AccountingRecord> {
    Arc::new(AccountingRecord {
        isp_id: IspId::from_uuid(uuid::Uuid::nil()),
        nas_id: NasId::from_uuid(uuid::Uuid::nil()),
        nas_address: "127.0.0.1".parse().expect("an address"),
        customer_id: None,
        session_key: SessionKey::from_bytes([7; 16]),
        event: AccountingEvent::Interim,
        acct_session_id: "81000001".to_owned(),
        username: "rahim".to_owned(),
        framed_ip: None,
        calling_station_id: None,
        nas_port_id: None,
        class: Some(vec![1, 2, 255]),
        usage: SessionUsage {
            input_octets: Some(number),
            ..SessionUsage::default()
        },
        event_time: now(),
        stamped: true,
        walled: false,
    })
}

fn open(directory: &Path, store: &Arc<Store>) -> Arc<SpooledSink> {
    open_sized(directory, store, 1 << 30)
}

fn open_sized(directory: &Path, store: &Arc<Store>, max_bytes: u64) -> Arc<SpooledSink> {
    let config = SpoolConfig {
        directory: directory.to_owned(),
        max_bytes,
        patience: Duration::from_millis(200),
    };
    SpooledSink::open(&config, Arc::clone(store) as Arc<dyn AccountingSink>).expect("a spool")
}

async fn drained(sink: &Arc<SpooledSink>) {
    let stop = CancellationToken::new();
    let mut draining = JoinSet::new();
    draining.spawn(Arc::clone(sink).drain(stop.clone()));
    for _ in 0..600 {
        if !sink.is_spooling() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!sink.is_spooling(), "the spool is drained");
    stop.cancel();
    while let Some(ended) = draining.join_next().await {
        ended.expect("no panic");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_away_delays_and_loses_nothing() {
    let (directory, store) = (
        tempfile::tempdir().expect("a directory"),
        Arc::new(Store::default()),
    );
    let sink = open(directory.path(), &store);
    sink.record(vec![report(1)]).await.expect("stored");
    store.is_away.store(true, Ordering::SeqCst);
    for number in 2..3_000 {
        sink.record(vec![report(number)]).await.expect("spooled");
    }
    assert_eq!(*store.stored.lock(), [1]);
    assert!(sink.is_spooling());
    store.is_away.store(false, Ordering::SeqCst);
    sink.record(vec![report(3_000)])
        .await
        .expect("queued behind");
    assert_eq!(*store.stored.lock(), [1], "nothing passes those who wait");
    drained(&sink).await;
    assert_eq!(*store.stored.lock(), (1..=3_000).collect::<Vec<_>>());
    sink.record(vec![report(3_001)]).await.expect("stored");
    assert_eq!(store.stored.lock().last(), Some(&3_001));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_hangs_is_away() {
    let (directory, store) = (
        tempfile::tempdir().expect("a directory"),
        Arc::new(Store::default()),
    );
    let sink = open(directory.path(), &store);
    store.hangs.store(true, Ordering::SeqCst);
    sink.record(vec![report(1), report(2)])
        .await
        .expect("spooled");
    store.hangs.store(false, Ordering::SeqCst);
    drained(&sink).await;
    assert_eq!(*store.stored.lock(), [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_crash_left_is_drained_without_its_torn_tail() {
    let (directory, store) = (
        tempfile::tempdir().expect("a directory"),
        Arc::new(Store::default()),
    );
    store.is_away.store(true, Ordering::SeqCst);
    let sink = open(directory.path(), &store);
    sink.record((1..=500).map(report).collect())
        .await
        .expect("spooled");
    let config = SpoolConfig {
        directory: directory.path().to_owned(),
        max_bytes: 1,
        patience: Duration::from_secs(1),
    };
    let same = Arc::clone(&store) as Arc<dyn AccountingSink>;
    assert!(SpooledSink::open(&config, same).is_err(), "two processes");
    drop(sink);
    let segment = std::fs::read_dir(directory.path())
        .expect("listed")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|kind| kind == "spool"))
        .expect("a segment");
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(segment)
        .expect("opened");
    file.write_all(&[44, 1, 0, 0, 9, 9, 9, 9, b'{', b'"'])
        .expect("written");
    drop(file);
    store.is_away.store(false, Ordering::SeqCst);
    let sink = open(directory.path(), &store);
    assert!(sink.is_spooling());
    sink.record(vec![report(501)]).await.expect("queued behind");
    drained(&sink).await;
    assert_eq!(*store.stored.lock(), (1..=501).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_the_store_refuses_is_set_aside() {
    let (directory, store) = (
        tempfile::tempdir().expect("a directory"),
        Arc::new(Store::default()),
    );
    let sink = open(directory.path(), &store);
    let poison = AccountingRecord {
        username: "poison".to_owned(),
        ..Arc::unwrap_or_clone(report(77))
    };
    let mut batch: Vec<_> = (1..=20).map(report).collect();
    batch.insert(13, Arc::new(poison.clone()));
    sink.record(batch).await.expect("spooled");
    drained(&sink).await;
    assert_eq!(*store.stored.lock(), (1..=20).collect::<Vec<_>>());
    let kept = std::fs::read_to_string(directory.path().join("set-aside.jsonl")).expect("kept");
    let kept: Vec<AccountingRecord> = kept
        .lines()
        .map(|line| serde_json::from_str(line).expect("a report"))
        .collect();
    assert_eq!(kept, [poison]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_store_refuses_no_report() {
    let (directory, store) = (
        tempfile::tempdir().expect("a directory"),
        Arc::new(Store::default()),
    );
    let sink = open(directory.path(), &store);
    store.is_busy.store(true, Ordering::SeqCst);
    sink.record(vec![report(1), report(2)])
        .await
        .expect("spooled");
    let stop = CancellationToken::new();
    let mut draining = JoinSet::new();
    draining.spawn(Arc::clone(&sink).drain(stop.clone()));
    // Longer than a report is tried alone before it is set aside.
    tokio::time::sleep(Duration::from_secs(3)).await;
    stop.cancel();
    draining.join_all().await;
    assert!(!directory.path().join("set-aside.jsonl").exists());
    store.is_busy.store(false, Ordering::SeqCst);
    drained(&sink).await;
    assert_eq!(*store.stored.lock(), [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_spool_acknowledges_nothing() {
    let (directory, store) = (
        tempfile::tempdir().expect("a directory"),
        Arc::new(Store::default()),
    );
    store.is_away.store(true, Ordering::SeqCst);
    let sink = open_sized(directory.path(), &store, 100_000);
    let mut taken = Vec::new();
    for number in 0..1_000 {
        if sink.record(vec![report(number)]).await.is_ok() {
            taken.push(number);
        }
    }
    assert!((50..900).contains(&taken.len()), "{}", taken.len());
    store.is_away.store(false, Ordering::SeqCst);
    drained(&sink).await;
    assert_eq!(*store.stored.lock(), taken);
}

/// Not a test of its own: the process that the test below kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs as a child of another test"]
async fn child_that_spools_until_it_is_killed() {
    let mut directory = String::new();
    std::io::stdin()
        .read_to_string(&mut directory)
        .expect("told where");
    let store = Arc::new(Store::default());
    store.is_away.store(true, Ordering::SeqCst);
    let sink = open(Path::new(directory.trim()), &store);
    let mut out = std::io::stdout();
    for number in 1..1_000_000 {
        sink.record(vec![report(number)]).await.expect("spooled");
        writeln!(out, "acknowledged {number}").expect("told");
        out.flush().expect("told");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_by_a_kill() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args([
            "spool::child_that_spools_until_it_is_killed",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let mut stdin = child.stdin.take().expect("piped");
    write!(stdin, "{}", directory.path().display()).expect("told where");
    drop(stdin);
    let mut acknowledged = 0;
    for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
        let line = line.unwrap_or_default();
        if let Some((_, number)) = line.split_once("acknowledged ") {
            acknowledged = number.trim().parse().expect("a number");
        }
        if acknowledged == 200 {
            child.kill().expect("SIGKILL");
        }
    }
    child.wait().expect("gone");
    assert!(acknowledged >= 200);
    let store = Arc::new(Store::default());
    let sink = open(directory.path(), &store);
    drained(&sink).await;
    let stored = store.stored.lock();
    assert!(
        stored.len() >= usize::try_from(acknowledged).expect("few"),
        "{} of {acknowledged}",
        stored.len()
    );
    assert!(
        stored
            .iter()
            .copied()
            .eq(1..=u64::try_from(stored.len()).expect("few"))
    );
}
