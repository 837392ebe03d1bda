//! What a batch made of its sessions, as one statement for each kind of change.

use std::collections::BTreeMap;

use domain::network::tally::{Ending, Tally};
use uuid::Uuid;

use super::{
    super::{
        batch::{Origin, Session},
        usage::number,
    },
    HEAD, Head, Live, Past, ROW, Renamed, SPEED, TALLY, head_cells, list,
    reading::{head, tally},
    speed_cells, tally_cells,
};
use crate::{
    bulk::{self, Cell, Column, cells_of},
    error::Error,
    tx::Tx,
};

/// Rows of each kind of change.
#[derive(Default)]
struct Changes<'s> {
    counted: Vec<Vec<Cell>>,
    recounted: Vec<Vec<Cell>>,
    renamed: Vec<Vec<Cell>>,
    ended: Vec<(&'s Live, &'s Tally)>,
    begun: Vec<Vec<Cell>>,
    past: Vec<Vec<Cell>>,
    corrected: Vec<Vec<Cell>>,
    reopened: Vec<Vec<Cell>>,
}

/// Writes what a batch made of its sessions.
pub(in super::super) async fn write(tx: &Tx, sessions: &[Session]) -> Result<(), Error> {
    let mut changes = Changes::default();
    for session in sessions {
        changes.note(session)?;
    }
    count_live(tx, changes.counted).await?;
    recount_live(tx, changes.recounted).await?;
    rename_live(tx, changes.renamed).await?;
    end_live(tx, &changes.ended, &mut changes.past).await?;
    correct_past(tx, changes.corrected).await?;
    reopen(tx, changes.reopened).await?;
    insert_past(tx, changes.past).await?;
    insert_live(tx, changes.begun).await
}

impl<'s> Changes<'s> {
    fn note(&mut self, session: &'s Session) -> Result<(), Error> {
        let tally = &session.tally;
        match &session.origin {
            Origin::New(head) if tally.ending.is_some() => {
                self.past.push(past_cells(head, session.id, tally)?);
            }
            Origin::New(head) => self.begun.push(live_cells(head, session.id, tally)),
            Origin::Live(live) => self.note_live(session, live),
            Origin::Past(past) if session.is_counted() && tally.ending.is_none() => {
                self.reopened
                    .push(cells_of![past.id, past.stopped_at, past.version]);
                self.begun.push(live_cells(&past.head, session.id, tally));
            }
            Origin::Past(past) if session.is_counted() => {
                self.corrected.push(correct_cells(past, tally)?);
            }
            Origin::Past(_) => {}
        }
        Ok(())
    }

    fn note_live(&mut self, session: &'s Session, live: &'s Live) {
        let tally = &session.tally;
        let goes_on = tally.ending.is_none();
        let is_counted = goes_on && session.is_counted();
        if let Some(renamed) = &live.renamed {
            let version = live.version + i64::from(is_counted);
            self.renamed.push(rename_cells(live, version, renamed));
        }
        if !goes_on {
            self.ended.push((live, tally));
        } else if is_counted && is_even(session.before.as_ref(), tally) {
            self.counted.push(count_cells(live, tally));
        } else if is_counted {
            self.recounted.push(recount_cells(live, tally));
        }
    }
}

/// Whether nothing but the counters moved, and they are what the router says: so it is with nearly
/// every session.
fn is_even(before: Option<&Tally>, tally: &Tally) -> bool {
    let Tally {
        started_at,
        updated_at,
        input_octets,
        output_octets,
        session_time,
        flags,
        reported,
        counted_from,
        earlier_time,
        speed: _,
        ending: _,
    } = tally;
    let is_as_reported = *input_octets == reported.input
        && *output_octets == reported.output
        && *session_time == u64::from(reported.time)
        && *updated_at == reported.at;
    is_as_reported
        && before.is_some_and(|before| {
            before.started_at == *started_at
                && before.flags == *flags
                && before.counted_from == *counted_from
                && before.earlier_time == *earlier_time
        })
}

/// Another process changed one of the rows since they were read.
fn all_or_again(touched: u64, wanted: usize) -> Result<(), Error> {
    if usize::try_from(touched) == Ok(wanted) {
        return Ok(());
    }
    Err(Error::Contention)
}

fn count_cells(live: &Live, tally: &Tally) -> Vec<Cell> {
    cells_of![
        live.id,
        live.version,
        number(tally.input_octets),
        number(tally.output_octets),
        number(tally.session_time),
        tally.updated_at,
        number(tally.speed.input_bps),
        number(tally.speed.output_bps),
    ]
}

/// The hot path: few values, and no indexed column, so that the new version of a row stays on its
/// page.
async fn count_live(tx: &Tx, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
    let columns: [Column; 8] = [
        ("id", "uuid"),
        ("version", "bigint"),
        ("input", "bigint"),
        ("output", "bigint"),
        ("online", "bigint"),
        ("at", "timestamptz"),
        ("input_bps", "bigint"),
        ("output_bps", "bigint"),
    ];
    let statement = "UPDATE session SET version = session.version + 1, \
        input_octets = r.input, output_octets = r.output, session_time = r.online, \
        updated_at = r.at, reported_input = r.input, reported_output = r.output, \
        reported_time = r.online, reported_at = r.at, \
        input_bps = r.input_bps, output_bps = r.output_bps \
        FROM r WHERE session.id = r.id AND session.version = r.version";
    let wanted = rows.len();
    all_or_again(bulk::execute(tx, &columns, rows, statement).await?, wanted)
}

fn recount_cells(live: &Live, tally: &Tally) -> Vec<Cell> {
    let mut cells = cells_of![live.id, live.version];
    cells.extend(tally_cells(tally));
    cells.extend(speed_cells(tally.speed));
    cells
}

/// Everything of a tally. Of what is indexed it names `started_at` alone, which PostgreSQL mostly
/// sees unchanged.
async fn recount_live(tx: &Tx, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
    let columns: Vec<Column> = ROW.into_iter().chain(TALLY).chain(SPEED).collect();
    let set: Vec<_> = columns
        .iter()
        .skip(ROW.len())
        .map(|(name, _)| format!("{name} = r.{name}"))
        .collect();
    let statement = format!(
        "UPDATE session SET version = session.version + 1, {} FROM r \
         WHERE session.id = r.id AND session.version = r.version",
        set.join(", ")
    );
    let wanted = rows.len();
    all_or_again(bulk::execute(tx, &columns, rows, &statement).await?, wanted)
}

fn rename_cells(live: &Live, version: i64, renamed: &Renamed) -> Vec<Cell> {
    cells_of![
        live.id,
        version,
        live.customer_id,
        live.framed_ip.map(|ip| ip.to_string()),
        live.nas_address.map(|ip| ip.to_string()),
        renamed.class.clone(),
    ]
}

/// Counters of the same row are written first and have moved its version on.
async fn rename_live(tx: &Tx, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
    let columns: Vec<Column> = ROW
        .into_iter()
        .chain([
            ("customer_id", "uuid"),
            ("framed_ip", "text"),
            ("nas_address", "text"),
            ("class", "bytea"),
        ])
        .collect();
    let statement = "UPDATE session SET customer_id = r.customer_id, \
        framed_ip = COALESCE(r.framed_ip, session.framed_ip), \
        nas_address = COALESCE(r.nas_address, session.nas_address), \
        class = COALESCE(r.class, session.class), version = session.version + 1 FROM r \
        WHERE session.id = r.id AND session.version = r.version";
    let wanted = rows.len();
    all_or_again(bulk::execute(tx, &columns, rows, statement).await?, wanted)
}

async fn end_live(
    tx: &Tx,
    ended: &[(&Live, &Tally)],
    past: &mut Vec<Vec<Cell>>,
) -> Result<(), Error> {
    let rows = ended.iter().map(|(live, _)| {
        let version = live.version + i64::from(live.renamed.is_some());
        cells_of![live.id, version]
    });
    let statement = format!(
        "DELETE FROM session WHERE (id, version) IN (SELECT id, version FROM r) \
         RETURNING {}, {}",
        list(&TALLY, ""),
        list(&HEAD, "")
    );
    let gone = bulk::query(tx, &ROW, rows.collect(), &statement).await?;
    all_or_again(u64::try_from(gone.len()).unwrap_or(0), ended.len())?;
    let tallies: BTreeMap<Uuid, &Tally> = ended
        .iter()
        .map(|(live, tally)| (live.id, *tally))
        .collect();
    for row in &gone {
        let (head, id): (_, Uuid) = (head(row)?, row.try_get_by_index(22)?);
        if let Some(tally) = tallies.get(&id) {
            past.push(past_cells(&head, id, tally)?);
        }
    }
    Ok(())
}

/// Takes live rows out that a statement finds; they go into the history as `presume` says.
pub(in super::super) async fn end_found(
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

fn live_cells(head: &Head, id: Uuid, tally: &Tally) -> Vec<Cell> {
    let mut cells = head_cells(head, id);
    cells.extend(tally_cells(tally));
    cells.extend(speed_cells(tally.speed));
    cells.extend(cells_of![head.nas_address.clone(), head.class.clone()]);
    cells
}

async fn insert_live(tx: &Tx, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
    let columns: Vec<Column> = HEAD
        .into_iter()
        .chain(TALLY)
        .chain(SPEED)
        .chain([("nas_address", "text"), ("class", "bytea")])
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
