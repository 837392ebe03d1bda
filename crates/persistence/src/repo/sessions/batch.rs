//! A batch of accounting reports as few statements.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ids::SessionId,
    network::{
        session::{AccountingEvent, AccountingRecord, SessionKey, TerminateCause},
        usage::UsageDelta,
    },
};
use sea_orm::FromQueryResult;

use crate::{
    error::Error,
    sql::{self, groups, values},
    tx::Tx,
};

/// What a batch says of one session, its reports folded into one.
struct Folded<'a> {
    record: &'a AccountingRecord,
    input_octets: i64,
    output_octets: i64,
    session_time: i64,
    started_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    stopped: Option<(DateTime<Utc>, TerminateCause)>,
}

/// Makes a batch of reports durable when the unit of work commits, and answers what was used.
pub async fn apply(tx: &Tx, records: &[AccountingRecord]) -> Result<Vec<UsageDelta>, Error> {
    // A router that comes up ends what it had before: reports on either side are not mixed.
    let mut rest = records;
    while let Some(index) = rest.iter().position(is_of_nas) {
        let (before, from) = rest.split_at(index);
        apply_sessions(tx, before).await?;
        if let Some((record, after)) = from.split_first() {
            close_all_of_nas(tx, record).await?;
            rest = after;
        }
    }
    apply_sessions(tx, rest).await?;
    Ok(Vec::new())
}

fn is_of_nas(record: &AccountingRecord) -> bool {
    matches!(
        record.event,
        AccountingEvent::NasOn | AccountingEvent::NasOff
    )
}

async fn apply_sessions(tx: &Tx, records: &[AccountingRecord]) -> Result<(), Error> {
    let mut folded = fold(records);
    if folded.is_empty() {
        return Ok(());
    }
    for past in past_of(tx, &folded).await? {
        let key = SessionKey::from_bytes(past.session_key.as_slice().try_into().unwrap_or([0; 16]));
        if past.presumed {
            reopen(tx, &past, folded.get_mut(&key)).await?;
        } else {
            folded.remove(&key);
        }
    }
    let (ended, live): (Vec<_>, Vec<_>) = folded
        .into_values()
        .partition(|session| session.stopped.is_some());
    upsert_live(tx, &live).await?;
    // A stop carries final counters: it passes through the live row, which keeps the larger ones.
    upsert_live(tx, &ended).await?;
    move_to_history(tx, &ended).await
}

fn fold(records: &[AccountingRecord]) -> BTreeMap<SessionKey, Folded<'_>> {
    let mut sessions: BTreeMap<SessionKey, Folded<'_>> = BTreeMap::new();
    for record in records {
        let one = Folded::of(record);
        match sessions.entry(record.session_key) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(one);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().merge(&one),
        }
    }
    sessions
}

impl<'a> Folded<'a> {
    fn of(record: &'a AccountingRecord) -> Self {
        let session_time = record.usage.session_time.map_or(0, i64::from);
        let octets = |count: Option<u64>| i64::try_from(count.unwrap_or(0)).unwrap_or(i64::MAX);
        Self {
            record,
            input_octets: octets(record.usage.input_octets),
            output_octets: octets(record.usage.output_octets),
            session_time,
            started_at: record.event_time - TimeDelta::seconds(session_time),
            updated_at: record.event_time,
            stopped: match record.event {
                AccountingEvent::Stop { cause } => Some((record.event_time, cause)),
                AccountingEvent::Start
                | AccountingEvent::Interim
                | AccountingEvent::NasOn
                | AccountingEvent::NasOff => None,
            },
        }
    }

    fn merge(&mut self, later: &Self) {
        if later.updated_at >= self.updated_at {
            self.record = later.record;
        }
        self.input_octets = self.input_octets.max(later.input_octets);
        self.output_octets = self.output_octets.max(later.output_octets);
        self.session_time = self.session_time.max(later.session_time);
        self.started_at = self.started_at.min(later.started_at);
        self.updated_at = self.updated_at.max(later.updated_at);
        self.stopped = self.stopped.or(later.stopped);
    }
}

#[derive(FromQueryResult)]
struct Past {
    id: uuid::Uuid,
    session_key: Vec<u8>,
    presumed: bool,
    input_octets: i64,
    output_octets: i64,
    session_time: i64,
    started_at: DateTime<Utc>,
}

async fn past_of(tx: &Tx, folded: &BTreeMap<SessionKey, Folded<'_>>) -> Result<Vec<Past>, Error> {
    let keys: Vec<sea_orm::Value> = folded
        .keys()
        .map(|key| sea_orm::Value::from(key.as_bytes().to_vec()))
        .collect();
    let list = groups(1, keys.len());
    sql::all(
        tx,
        &format!(
            "SELECT id, session_key, presumed, input_octets, output_octets, session_time, started_at \
             FROM session_history WHERE session_key IN {list}"
        ),
        keys,
    )
    .await
}

/// A session presumed dead lives after all: its history row goes, its counters go on.
async fn reopen(tx: &Tx, past: &Past, folded: Option<&mut Folded<'_>>) -> Result<(), Error> {
    let Some(session) = folded else { return Ok(()) };
    session.input_octets = session.input_octets.max(past.input_octets);
    session.output_octets = session.output_octets.max(past.output_octets);
    session.session_time = session.session_time.max(past.session_time);
    session.started_at = session.started_at.min(past.started_at);
    sql::execute(
        tx,
        "DELETE FROM session_history WHERE id = $1",
        values![past.id],
    )
    .await?;
    Ok(())
}

const COLUMNS: usize = 18;

async fn upsert_live(tx: &Tx, sessions: &[Folded<'_>]) -> Result<(), Error> {
    if sessions.is_empty() {
        return Ok(());
    }
    let greatest = match tx.backend() {
        crate::Backend::Postgres => "GREATEST",
        crate::Backend::Sqlite => "MAX",
    };
    let rows = groups(sessions.len(), COLUMNS);
    let statement = format!(
        "INSERT INTO session (id, isp_id, nas_id, customer_id, session_key, acct_session_id, username, \
         framed_ip, calling_station_id, nas_port_id, nas_address, class, walled, input_octets, \
         output_octets, session_time, started_at, updated_at) VALUES {rows} \
         ON CONFLICT (session_key) DO UPDATE SET \
         framed_ip = COALESCE(excluded.framed_ip, session.framed_ip), \
         class = COALESCE(excluded.class, session.class), \
         nas_address = excluded.nas_address, \
         input_octets = {greatest}(session.input_octets, excluded.input_octets), \
         output_octets = {greatest}(session.output_octets, excluded.output_octets), \
         session_time = {greatest}(session.session_time, excluded.session_time), \
         updated_at = {greatest}(session.updated_at, excluded.updated_at)"
    );
    let bound = sessions.iter().flat_map(row_values).collect();
    sql::execute(tx, &statement, bound).await?;
    Ok(())
}

fn row_values(session: &Folded<'_>) -> Vec<sea_orm::Value> {
    let record = session.record;
    values![
        SessionId::generate().as_uuid(),
        record.isp_id.as_uuid(),
        record.nas_id.as_uuid(),
        record.customer_id.map(domain::ids::CustomerId::as_uuid),
        record.session_key.as_bytes().to_vec(),
        without_nul(&record.acct_session_id),
        without_nul(&record.username),
        record.framed_ip.map(|ip| ip.to_string()),
        record.calling_station_id.as_deref().map(without_nul),
        record.nas_port_id.as_deref().map(without_nul),
        record.nas_address.to_string(),
        record.class.clone(),
        record.walled,
        session.input_octets,
        session.output_octets,
        session.session_time,
        session.started_at,
        session.updated_at,
    ]
}

/// PostgreSQL keeps no NUL in text, and a router may send one.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

#[derive(FromQueryResult)]
pub(super) struct Ending {
    id: uuid::Uuid,
    isp_id: uuid::Uuid,
    nas_id: uuid::Uuid,
    customer_id: Option<uuid::Uuid>,
    session_key: Vec<u8>,
    acct_session_id: String,
    username: String,
    framed_ip: Option<String>,
    calling_station_id: Option<String>,
    nas_port_id: Option<String>,
    walled: bool,
    input_octets: i64,
    output_octets: i64,
    session_time: i64,
    started_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

const ENDING: &str = "id, isp_id, nas_id, customer_id, session_key, acct_session_id, username, \
    framed_ip, calling_station_id, nas_port_id, walled, input_octets, output_octets, session_time, \
    started_at, updated_at";

async fn move_to_history(tx: &Tx, sessions: &[Folded<'_>]) -> Result<(), Error> {
    if sessions.is_empty() {
        return Ok(());
    }
    let keys = sessions
        .iter()
        .map(|session| sea_orm::Value::from(session.record.session_key.as_bytes().to_vec()))
        .collect();
    let statement = format!(
        "DELETE FROM session WHERE session_key IN {} RETURNING {ENDING}",
        groups(1, sessions.len())
    );
    let rows: Vec<Ending> = sql::all(tx, &statement, keys).await?;
    let stops: BTreeMap<&[u8], (DateTime<Utc>, TerminateCause)> = sessions
        .iter()
        .filter_map(|session| {
            Some((
                session.record.session_key.as_bytes().as_slice(),
                session.stopped?,
            ))
        })
        .collect();
    let ended = rows
        .into_iter()
        .filter_map(|row| {
            let &(stopped_at, cause) = stops.get(row.session_key.as_slice())?;
            Some(Ended {
                row,
                stopped_at,
                cause: cause.as_str(),
                presumed: false,
            })
        })
        .collect();
    insert_history(tx, ended).await
}

struct Ended {
    row: Ending,
    stopped_at: DateTime<Utc>,
    cause: &'static str,
    presumed: bool,
}

async fn insert_history(tx: &Tx, ended: Vec<Ended>) -> Result<(), Error> {
    if ended.is_empty() {
        return Ok(());
    }
    let statement = format!(
        "INSERT INTO session_history (id, isp_id, nas_id, customer_id, session_key, acct_session_id, \
         username, framed_ip, calling_station_id, nas_port_id, walled, input_octets, output_octets, \
         session_time, started_at, stopped_at, terminate_cause, presumed) VALUES {}",
        groups(ended.len(), COLUMNS)
    );
    let bound = ended
        .into_iter()
        .flat_map(
            |Ended {
                 row,
                 stopped_at,
                 cause,
                 presumed,
             }| {
                values![
                    row.id,
                    row.isp_id,
                    row.nas_id,
                    row.customer_id,
                    row.session_key,
                    row.acct_session_id,
                    row.username,
                    row.framed_ip,
                    row.calling_station_id,
                    row.nas_port_id,
                    row.walled,
                    row.input_octets,
                    row.output_octets,
                    row.session_time,
                    row.started_at,
                    stopped_at.max(row.started_at),
                    cause,
                    presumed,
                ]
            },
        )
        .collect();
    sql::execute(tx, &statement, bound).await?;
    Ok(())
}

/// What a router had open before it came up, or has open as it goes down, is over.
async fn close_all_of_nas(tx: &Tx, record: &AccountingRecord) -> Result<(), Error> {
    let statement = format!(
        "DELETE FROM session WHERE nas_id = $1 AND nas_address = $2 AND started_at <= $3 \
         RETURNING {ENDING}"
    );
    let bound = values![
        record.nas_id.as_uuid(),
        record.nas_address.to_string(),
        record.event_time
    ];
    let rows: Vec<Ending> = sql::all(tx, &statement, bound).await?;
    end_at_last_update(tx, rows, TerminateCause::NasReboot).await
}

/// Ends sessions that nobody reported the end of, at the last instant they were heard of.
pub(super) async fn end_at_last_update(
    tx: &Tx,
    rows: Vec<Ending>,
    cause: TerminateCause,
) -> Result<(), Error> {
    let ended = rows.into_iter().map(|row| {
        let stopped_at = row.updated_at;
        Ended {
            row,
            stopped_at,
            cause: cause.as_str(),
            presumed: true,
        }
    });
    let ended: Vec<_> = ended.collect();
    for chunk in chunks(ended, 500) {
        insert_history(tx, chunk).await?;
    }
    Ok(())
}

fn chunks<T>(items: Vec<T>, size: usize) -> Vec<Vec<T>> {
    let mut all = Vec::new();
    let mut items = items.into_iter().peekable();
    while items.peek().is_some() {
        all.push(items.by_ref().take(size).collect());
    }
    all
}

/// Takes live rows out, to be ended by the caller.
pub(super) async fn take_live(
    tx: &Tx,
    condition: &str,
    bound: Vec<sea_orm::Value>,
) -> Result<Vec<Ending>, Error> {
    sql::all(
        tx,
        &format!("DELETE FROM session WHERE {condition} RETURNING {ENDING}"),
        bound,
    )
    .await
}
