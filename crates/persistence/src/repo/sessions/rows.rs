//! Sessions as rows: read before a batch is counted, written after.

use chrono::{DateTime, Utc};
use domain::network::{
    session::{AccountingRecord, SessionKey},
    tally::{Ending, Reported, Speed, Tally, TallyFlags},
};
use sea_orm::QueryResult;
use uuid::Uuid;

use super::{
    batch::{Origin, Session, new_id},
    usage::number,
};
use crate::{
    bulk::{self, Cell, Column, cells_of},
    error::Error,
    tx::Tx,
};

/// What a session is besides its counters.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) isp_id: Uuid,
    pub(super) nas_id: Uuid,
    pub(super) customer_id: Option<Uuid>,
    pub(super) key: SessionKey,
    pub(super) acct_session_id: String,
    pub(super) username: String,
    pub(super) framed_ip: Option<String>,
    pub(super) calling_station_id: Option<String>,
    pub(super) nas_port_id: Option<String>,
    pub(super) nas_address: String,
    pub(super) class: Option<Vec<u8>>,
    pub(super) walled: bool,
}

/// A live row, as far as a batch looks at it.
pub(super) struct Live {
    pub(super) key: SessionKey,
    pub(super) version: i64,
    pub(super) customer_id: Option<Uuid>,
    pub(super) walled: bool,
    pub(super) framed_ip: Option<String>,
    pub(super) nas_address: String,
    pub(super) has_class: bool,
}

/// A row of the history.
pub(super) struct Past {
    pub(super) id: Uuid,
    pub(super) version: i64,
    pub(super) stopped_at: DateTime<Utc>,
}

impl Head {
    pub(super) fn of(record: &AccountingRecord) -> Self {
        Self {
            isp_id: record.isp_id.as_uuid(),
            nas_id: record.nas_id.as_uuid(),
            customer_id: record.customer_id.map(domain::ids::CustomerId::as_uuid),
            key: record.session_key,
            acct_session_id: without_nul(&record.acct_session_id),
            username: without_nul(&record.username),
            framed_ip: record.framed_ip.map(|ip| ip.to_string()),
            calling_station_id: record.calling_station_id.as_deref().map(without_nul),
            nas_port_id: record.nas_port_id.as_deref().map(without_nul),
            nas_address: record.nas_address.to_string(),
            class: record.class.clone(),
            walled: record.walled,
        }
    }
}

/// PostgreSQL keeps no NUL in text, and a router may send one.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

const KEY: Column = ("session_key", "bytea");

/// Columns of a tally in both tables, with what they are called in the statements.
const TALLY: [Column; 12] = [
    ("input_octets", "bigint"),
    ("output_octets", "bigint"),
    ("session_time", "bigint"),
    ("started_at", "timestamptz"),
    ("updated_at", "timestamptz"),
    ("flags", "bigint"),
    ("reported_input", "bigint"),
    ("reported_output", "bigint"),
    ("reported_time", "bigint"),
    ("reported_at", "timestamptz"),
    ("counted_from", "timestamptz"),
    ("earlier_time", "bigint"),
];

const HEAD: [Column; 11] = [
    ("isp_id", "uuid"),
    ("nas_id", "uuid"),
    ("customer_id", "uuid"),
    KEY,
    ("acct_session_id", "text"),
    ("username", "text"),
    ("framed_ip", "text"),
    ("calling_station_id", "text"),
    ("nas_port_id", "text"),
    ("walled", "boolean"),
    ("id", "uuid"),
];

fn list(columns: &[Column], alias: &str) -> String {
    let names: Vec<_> = columns
        .iter()
        .map(|(name, _)| format!("{alias}{name}"))
        .collect();
    names.join(", ")
}

/// The history keeps no `updated_at`: what was heard last is when it stopped.
fn tally_of_past(alias: &str) -> String {
    list(&TALLY, alias).replace(
        &format!("{alias}updated_at"),
        &format!("{alias}stopped_at AS updated_at"),
    )
}

/// The live rows of these sessions.
pub(super) async fn live(
    tx: &Tx,
    keys: impl Iterator<Item = SessionKey>,
) -> Result<Vec<(Live, Tally)>, Error> {
    let rows = keys.map(|key| cells_of![key.as_bytes().to_vec()]).collect();
    let statement = format!(
        "SELECT {}, s.session_key, s.version, s.customer_id, s.walled, s.framed_ip, \
         s.nas_address, s.class IS NOT NULL FROM session s JOIN r ON r.session_key = s.session_key",
        list(&TALLY, "s.")
    );
    bulk::query(tx, &[KEY], rows, &statement)
        .await?
        .iter()
        .map(|row| {
            let live = Live {
                key: key(row.try_get_by_index(12)?)?,
                version: row.try_get_by_index(13)?,
                customer_id: row.try_get_by_index(14)?,
                walled: row.try_get_by_index(15)?,
                framed_ip: row.try_get_by_index(16)?,
                nas_address: row.try_get_by_index(17)?,
                has_class: row.try_get_by_index(18)?,
            };
            Ok((live, tally(row)?))
        })
        .collect()
}

/// The latest row in the history of each of these sessions.
pub(super) async fn past(
    tx: &Tx,
    wanted: &[(&SessionKey, &Vec<&AccountingRecord>)],
) -> Result<Vec<(Head, Past, Tally)>, Error> {
    let earliest = wanted
        .iter()
        .flat_map(|(_, reports)| reports.iter())
        .map(|record| {
            let lasted = record.usage.session_time.unwrap_or(0);
            record.event_time - chrono::TimeDelta::seconds(lasted.into())
        })
        .min();
    let Some(earliest) = earliest else {
        return Ok(Vec::new());
    };
    // A session that a report speaks of had not stopped before it began: older months are left out.
    let since = earliest - chrono::TimeDelta::days(1);
    let rows = wanted
        .iter()
        .map(|(key, _)| cells_of![key.as_bytes().to_vec(), since])
        .collect();
    let statement = format!(
        "SELECT {}, {}, s.version, s.stopped_at, s.terminate_cause, s.presumed, s.reopens_after \
         FROM session_history s JOIN r ON r.session_key = s.session_key \
         WHERE s.stopped_at >= (SELECT since FROM r LIMIT 1) ORDER BY s.started_at, s.stopped_at",
        tally_of_past("s."),
        list(&HEAD, "s.")
    );
    bulk::query(tx, &[KEY, ("since", "timestamptz")], rows, &statement)
        .await?
        .iter()
        .map(past_of)
        .collect()
}

fn past_of(row: &QueryResult) -> Result<(Head, Past, Tally), Error> {
    let stopped_at: DateTime<Utc> = row.try_get_by_index(24)?;
    let cause: String = row.try_get_by_index(25)?;
    let presumed: bool = row.try_get_by_index(26)?;
    let reopens_after: Option<DateTime<Utc>> = row.try_get_by_index(27)?;
    let head = head(row)?;
    let past = Past {
        id: row.try_get_by_index(22)?,
        version: row.try_get_by_index(23)?,
        stopped_at,
    };
    let mut tally = tally(row)?;
    tally.ending = Some(Ending {
        at: stopped_at,
        cause: domain::network::session::TerminateCause::parse(&cause),
        presumed_until: presumed.then(|| reopens_after.unwrap_or(stopped_at)),
    });
    Ok((head, past, tally))
}

fn head(row: &QueryResult) -> Result<Head, Error> {
    Ok(Head {
        isp_id: row.try_get_by_index(12)?,
        nas_id: row.try_get_by_index(13)?,
        customer_id: row.try_get_by_index(14)?,
        key: key(row.try_get_by_index(15)?)?,
        acct_session_id: row.try_get_by_index(16)?,
        username: row.try_get_by_index(17)?,
        framed_ip: row.try_get_by_index(18)?,
        calling_station_id: row.try_get_by_index(19)?,
        nas_port_id: row.try_get_by_index(20)?,
        walled: row.try_get_by_index(21)?,
        nas_address: String::new(),
        class: None,
    })
}

fn key(bytes: Vec<u8>) -> Result<SessionKey, Error> {
    let bytes = bytes
        .try_into()
        .map_err(|_| Error::Unexpected("a session key has 16 bytes".to_owned()))?;
    Ok(SessionKey::from_bytes(bytes))
}

/// The first twelve columns of a row.
fn tally(row: &QueryResult) -> Result<Tally, Error> {
    let count = |index: usize| -> Result<u64, Error> {
        let value: i64 = row.try_get_by_index(index)?;
        Ok(u64::try_from(value).unwrap_or(0))
    };
    let started_at: DateTime<Utc> = row.try_get_by_index(3)?;
    let updated_at: DateTime<Utc> = row.try_get_by_index(4)?;
    let reported_at: Option<DateTime<Utc>> = row.try_get_by_index(9)?;
    let counted_from: Option<DateTime<Utc>> = row.try_get_by_index(10)?;
    Ok(Tally {
        started_at,
        updated_at,
        input_octets: count(0)?,
        output_octets: count(1)?,
        session_time: count(2)?,
        flags: TallyFlags::from_bits(u32::try_from(count(5)?).unwrap_or(0)),
        reported: Reported {
            input: count(6)?,
            output: count(7)?,
            time: u32::try_from(count(8)?).unwrap_or(u32::MAX),
            at: reported_at.unwrap_or(updated_at),
        },
        counted_from: counted_from.unwrap_or(started_at),
        earlier_time: count(11)?,
        speed: Speed::default(),
        ending: None,
    })
}

fn tally_cells(tally: &Tally) -> Vec<Cell> {
    cells_of![
        number(tally.input_octets),
        number(tally.output_octets),
        number(tally.session_time),
        tally.started_at,
        tally.updated_at,
        i64::from(tally.flags.bits()),
        number(tally.reported.input),
        number(tally.reported.output),
        i64::from(tally.reported.time),
        tally.reported.at,
        tally.counted_from,
        number(tally.earlier_time),
    ]
}

fn head_cells(head: &Head, id: Uuid) -> Vec<Cell> {
    cells_of![
        head.isp_id,
        head.nas_id,
        head.customer_id,
        head.key.as_bytes().to_vec(),
        head.acct_session_id.clone(),
        head.username.clone(),
        head.framed_ip.clone(),
        head.calling_station_id.clone(),
        head.nas_port_id.clone(),
        head.walled,
        id,
    ]
}

fn speed_cells(speed: Speed) -> Vec<Cell> {
    cells_of![number(speed.input_bps), number(speed.output_bps)]
}

/// Rows of each kind of change.
#[derive(Default)]
struct Changes {
    updated: Vec<Vec<Cell>>,
    renamed: Vec<Vec<Cell>>,
    ended: Vec<(SessionKey, i64, Tally)>,
    begun: Vec<Vec<Cell>>,
    past: Vec<Vec<Cell>>,
    corrected: Vec<Vec<Cell>>,
    reopened: Vec<Vec<Cell>>,
}

/// Writes what a batch made of its sessions.
pub(super) async fn write(tx: &Tx, sessions: &[Session]) -> Result<(), Error> {
    let mut changes = Changes::default();
    for session in sessions {
        changes.note(session)?;
    }
    update_live(tx, changes.updated).await?;
    rename_live(tx, changes.renamed).await?;
    end_live(tx, changes.ended, &mut changes.past).await?;
    correct_past(tx, changes.corrected).await?;
    reopen(tx, changes.reopened).await?;
    insert_past(tx, changes.past).await?;
    insert_live(tx, changes.begun).await
}

impl Changes {
    fn note(&mut self, session: &Session) -> Result<(), Error> {
        let Session {
            head,
            tally,
            origin,
            is_counted,
            is_renamed,
        } = session;
        match origin {
            Origin::New if tally.ending.is_some() => {
                self.past.push(past_cells(head, new_id(), tally)?);
            }
            Origin::New => self.begun.push(live_cells(head, tally)),
            Origin::Live(live) => {
                let moved = i64::from(*is_renamed);
                if *is_renamed {
                    self.renamed.push(cells_of![
                        head.key.as_bytes().to_vec(),
                        live.version,
                        head.customer_id,
                        head.framed_ip.clone(),
                        head.nas_address.clone(),
                        head.class.clone(),
                    ]);
                }
                if tally.ending.is_some() {
                    let version = live.version + moved;
                    self.ended.push((live.key, version, tally.clone()));
                } else if *is_counted {
                    self.updated.push(update_cells(live, tally));
                }
            }
            Origin::Past(past) if *is_counted && tally.ending.is_none() => {
                self.reopened
                    .push(cells_of![past.id, past.stopped_at, past.version]);
                self.begun.push(live_cells(head, tally));
            }
            Origin::Past(past) if *is_counted => {
                self.corrected.push(correct_cells(past, tally)?);
            }
            Origin::Past(_) => {}
        }
        Ok(())
    }
}

/// Another process changed one of the rows since they were read.
fn all_or_again(touched: u64, wanted: usize) -> Result<(), Error> {
    if usize::try_from(touched) == Ok(wanted) {
        return Ok(());
    }
    Err(Error::Contention)
}

fn update_cells(live: &Live, tally: &Tally) -> Vec<Cell> {
    let mut cells = cells_of![live.key.as_bytes().to_vec(), live.version];
    cells.extend(tally_cells(tally));
    cells.extend(speed_cells(tally.speed));
    cells
}

/// The hot path. No indexed column is named but `started_at`, which PostgreSQL sees unchanged: the
/// new version of a row stays on its page.
async fn update_live(tx: &Tx, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
    let columns: Vec<Column> = [KEY, ("version", "bigint")]
        .into_iter()
        .chain(TALLY)
        .chain([("input_bps", "bigint"), ("output_bps", "bigint")])
        .collect();
    let set: Vec<_> = columns
        .iter()
        .skip(2)
        .map(|(name, _)| format!("{name} = r.{name}"))
        .collect();
    let statement = format!(
        "UPDATE session SET version = session.version + 1, {} FROM r \
         WHERE session.session_key = r.session_key AND session.version = r.version",
        set.join(", ")
    );
    let wanted = rows.len();
    all_or_again(bulk::execute(tx, &columns, rows, &statement).await?, wanted)
}

async fn rename_live(tx: &Tx, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
    let columns = [
        KEY,
        ("version", "bigint"),
        ("customer_id", "uuid"),
        ("framed_ip", "text"),
        ("nas_address", "text"),
        ("class", "bytea"),
    ];
    // Counters of the same row are written first and have moved its version on.
    let statement = "UPDATE session SET customer_id = r.customer_id, \
        framed_ip = COALESCE(r.framed_ip, session.framed_ip), nas_address = r.nas_address, \
        class = COALESCE(r.class, session.class), version = session.version + 1 FROM r \
        WHERE session.session_key = r.session_key \
        AND session.version IN (r.version, r.version + 1)";
    let wanted = rows.len();
    all_or_again(bulk::execute(tx, &columns, rows, statement).await?, wanted)
}

async fn end_live(
    tx: &Tx,
    ended: Vec<(SessionKey, i64, Tally)>,
    past: &mut Vec<Vec<Cell>>,
) -> Result<(), Error> {
    let rows = ended
        .iter()
        .map(|(key, version, _)| cells_of![key.as_bytes().to_vec(), *version])
        .collect();
    let statement = format!(
        "DELETE FROM session WHERE (session_key, version) IN (SELECT session_key, version FROM r) \
         RETURNING {}, {}",
        list(&TALLY, ""),
        list(&HEAD, "")
    );
    let columns = [KEY, ("version", "bigint")];
    let gone = bulk::query(tx, &columns, rows, &statement).await?;
    all_or_again(u64::try_from(gone.len()).unwrap_or(0), ended.len())?;
    let tallies: std::collections::BTreeMap<SessionKey, &Tally> =
        ended.iter().map(|(key, _, tally)| (*key, tally)).collect();
    for row in &gone {
        let (head, id): (_, Uuid) = (head(row)?, row.try_get_by_index(22)?);
        if let Some(tally) = tallies.get(&head.key) {
            past.push(past_cells(&head, id, tally)?);
        }
    }
    Ok(())
}

/// Takes live rows out that a statement finds; they go into the history as `presume` says.
pub(super) async fn end_found(
    tx: &Tx,
    (columns, rows): (&[Column], Vec<Vec<Cell>>),
    condition: &str,
    presume: impl Fn(&mut Tally),
) -> Result<usize, Error> {
    let statement = format!(
        "DELETE FROM session WHERE {condition} RETURNING {}, {}",
        list(&TALLY, ""),
        list(&HEAD, "")
    );
    let gone = bulk::query(tx, columns, rows, &statement).await?;
    let mut past = Vec::with_capacity(gone.len());
    for row in &gone {
        let mut tally = tally(row)?;
        presume(&mut tally);
        past.push(past_cells(&head(row)?, row.try_get_by_index(22)?, &tally)?);
    }
    insert_past(tx, past).await?;
    Ok(gone.len())
}

fn live_cells(head: &Head, tally: &Tally) -> Vec<Cell> {
    let mut cells = head_cells(head, new_id());
    cells.extend(tally_cells(tally));
    cells.extend(speed_cells(tally.speed));
    cells.extend(cells_of![head.nas_address.clone(), head.class.clone()]);
    cells
}

async fn insert_live(tx: &Tx, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
    let columns: Vec<Column> = HEAD
        .into_iter()
        .chain(TALLY)
        .chain([
            ("input_bps", "bigint"),
            ("output_bps", "bigint"),
            ("nas_address", "text"),
            ("class", "bytea"),
        ])
        .collect();
    let names = list(&columns, "");
    let statement = format!(
        "INSERT INTO session ({names}) SELECT {names} FROM r WHERE true ORDER BY session_key \
         ON CONFLICT (session_key) DO NOTHING"
    );
    let wanted = rows.len();
    all_or_again(bulk::execute(tx, &columns, rows, &statement).await?, wanted)
}

fn ending(tally: &Tally) -> Result<Ending, Error> {
    tally
        .ending
        .ok_or_else(|| Error::Unexpected("the history takes ended sessions only".to_owned()))
}

fn end_cells(ending: Ending, tally: &Tally) -> Vec<Cell> {
    cells_of![
        ending.at.max(tally.started_at),
        ending.cause.as_str(),
        ending.presumed_until.is_some(),
        ending.presumed_until,
    ]
}

const ENDING: [Column; 4] = [
    ("stopped_at", "timestamptz"),
    ("terminate_cause", "text"),
    ("presumed", "boolean"),
    ("reopens_after", "timestamptz"),
];

fn past_cells(head: &Head, id: Uuid, tally: &Tally) -> Result<Vec<Cell>, Error> {
    let mut cells = head_cells(head, id);
    cells.extend(tally_cells(tally));
    cells.extend(end_cells(ending(tally)?, tally));
    Ok(cells)
}

async fn insert_past(tx: &Tx, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
    let columns: Vec<Column> = HEAD.into_iter().chain(TALLY).chain(ENDING).collect();
    let kept: Vec<Column> = columns
        .iter()
        .copied()
        .filter(|(name, _)| *name != "updated_at")
        .collect();
    let names = list(&kept, "");
    let statement = format!("INSERT INTO session_history ({names}) SELECT {names} FROM r");
    bulk::execute(tx, &columns, rows, &statement).await?;
    Ok(())
}

fn correct_cells(past: &Past, tally: &Tally) -> Result<Vec<Cell>, Error> {
    let mut cells = cells_of![past.id, past.stopped_at, past.version];
    cells.extend(tally_cells(tally));
    cells.extend(end_cells(ending(tally)?, tally));
    Ok(cells)
}

/// A late report tells more of a session that is over.
async fn correct_past(tx: &Tx, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
    let which: [Column; 3] = [
        ("id", "uuid"),
        ("was_stopped_at", "timestamptz"),
        ("version", "bigint"),
    ];
    let columns: Vec<Column> = which.into_iter().chain(TALLY).chain(ENDING).collect();
    let set: Vec<_> = columns
        .iter()
        .skip(which.len())
        .filter(|(name, _)| *name != "updated_at")
        .map(|(name, _)| format!("{name} = r.{name}"))
        .collect();
    let statement = format!(
        "UPDATE session_history SET version = session_history.version + 1, {} FROM r \
         WHERE session_history.id = r.id AND session_history.stopped_at = r.was_stopped_at \
         AND session_history.version = r.version",
        set.join(", ")
    );
    let wanted = rows.len();
    all_or_again(bulk::execute(tx, &columns, rows, &statement).await?, wanted)
}

async fn reopen(tx: &Tx, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
    let columns = [
        ("id", "uuid"),
        ("stopped_at", "timestamptz"),
        ("version", "bigint"),
    ];
    let statement = "DELETE FROM session_history WHERE (id, stopped_at, version) IN \
        (SELECT id, stopped_at, version FROM r)";
    let wanted = rows.len();
    all_or_again(bulk::execute(tx, &columns, rows, statement).await?, wanted)
}
