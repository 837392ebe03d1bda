//! What is stored of sessions.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::network::{
    session::{AccountingRecord, SessionKey, TerminateCause},
    tally::{Ending, Reported, Speed, Tally, TallyFlags},
};
use sea_orm::QueryResult;

use super::{HEAD, Head, KEY, Live, Past, SPEED, TALLY, list, parsed};
use crate::{
    bulk::{self, cells_of},
    error::Error,
    tx::Tx,
};

/// The history keeps no `updated_at`: what was heard last is when it stopped.
fn tally_of_past(alias: &str) -> String {
    list(&TALLY, alias).replace(
        &format!("{alias}updated_at"),
        &format!("{alias}stopped_at AS updated_at"),
    )
}

/// The live rows of these sessions.
pub(in super::super) async fn live(
    tx: &Tx,
    keys: &[SessionKey],
) -> Result<Vec<(SessionKey, Live, Tally)>, Error> {
    let rows = keys.iter().map(|key| cells_of![key.as_bytes().to_vec()]);
    let statement = format!(
        "SELECT {}, s.session_key, s.id, s.version, s.customer_id, s.walled, s.framed_ip, \
         s.nas_address, s.class IS NOT NULL, {} \
         FROM session s JOIN r ON r.session_key = s.session_key",
        list(&TALLY, "s."),
        list(&SPEED, "s.")
    );
    bulk::query(tx, &[KEY], rows.collect(), &statement)
        .await?
        .iter()
        .map(live_of)
        .collect()
}

fn live_of(row: &QueryResult) -> Result<(SessionKey, Live, Tally), Error> {
    let framed_ip: Option<String> = row.try_get_by_index(17)?;
    let nas_address: String = row.try_get_by_index(18)?;
    let live = Live {
        id: row.try_get_by_index(13)?,
        version: row.try_get_by_index(14)?,
        customer_id: row.try_get_by_index(15)?,
        walled: row.try_get_by_index(16)?,
        framed_ip: parsed(framed_ip.as_deref()),
        nas_address: parsed(Some(&nas_address)),
        has_class: row.try_get_by_index(19)?,
        renamed: None,
    };
    let mut tally = tally(row)?;
    tally.speed = Speed {
        input_bps: count(row, 20)?,
        output_bps: count(row, 21)?,
    };
    Ok((key(row.try_get_by_index(12)?)?, live, tally))
}

/// The latest row in the history of the session of each of these reports.
pub(in super::super) async fn past(
    tx: &Tx,
    wanted: &[&AccountingRecord],
) -> Result<Vec<(Past, Tally)>, Error> {
    let began = |record: &AccountingRecord| {
        let lasted = record.usage.session_time.unwrap_or(0);
        record.event_time - TimeDelta::seconds(lasted.into())
    };
    let Some(earliest) = wanted.iter().map(|record| began(record)).min() else {
        return Ok(Vec::new());
    };
    // A session that a report speaks of had not stopped before it began: older months are left out.
    let since = earliest - TimeDelta::days(1);
    let mut keys: Vec<SessionKey> = wanted.iter().map(|record| record.session_key).collect();
    keys.dedup();
    let rows = keys
        .iter()
        .map(|key| cells_of![key.as_bytes().to_vec(), since]);
    let statement = format!(
        "SELECT {}, {}, s.version, s.stopped_at, s.terminate_cause, s.presumed, s.reopens_after \
         FROM session_history s JOIN r ON r.session_key = s.session_key \
         WHERE s.stopped_at >= (SELECT since FROM r LIMIT 1) ORDER BY s.started_at, s.stopped_at",
        tally_of_past("s."),
        list(&HEAD, "s.")
    );
    let columns = [KEY, ("since", "timestamptz")];
    let found = bulk::query(tx, &columns, rows.collect(), &statement).await?;
    let mut latest = BTreeMap::new();
    for row in &found {
        let (past, tally) = past_of(row)?;
        latest.insert(past.head.key, (past, tally));
    }
    Ok(latest.into_values().collect())
}

fn past_of(row: &QueryResult) -> Result<(Past, Tally), Error> {
    let stopped_at: DateTime<Utc> = row.try_get_by_index(24)?;
    let cause: String = row.try_get_by_index(25)?;
    let presumed: bool = row.try_get_by_index(26)?;
    let reopens_after: Option<DateTime<Utc>> = row.try_get_by_index(27)?;
    let past = Past {
        head: head(row)?,
        id: row.try_get_by_index(22)?,
        version: row.try_get_by_index(23)?,
        stopped_at,
    };
    let mut tally = tally(row)?;
    tally.ending = Some(Ending {
        at: stopped_at,
        cause: TerminateCause::parse(&cause),
        presumed_until: presumed.then(|| reopens_after.unwrap_or(stopped_at)),
    });
    Ok((past, tally))
}

/// The columns of the head, after those of a tally.
pub(super) fn head(row: &QueryResult) -> Result<Head, Error> {
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

fn count(row: &QueryResult, index: usize) -> Result<u64, Error> {
    let value: i64 = row.try_get_by_index(index)?;
    Ok(u64::try_from(value).unwrap_or(0))
}

/// The first twelve columns of a row.
pub(super) fn tally(row: &QueryResult) -> Result<Tally, Error> {
    let started_at: DateTime<Utc> = row.try_get_by_index(3)?;
    let updated_at: DateTime<Utc> = row.try_get_by_index(4)?;
    let reported_at: Option<DateTime<Utc>> = row.try_get_by_index(9)?;
    let counted_from: Option<DateTime<Utc>> = row.try_get_by_index(10)?;
    Ok(Tally {
        started_at,
        updated_at,
        input_octets: count(row, 0)?,
        output_octets: count(row, 1)?,
        session_time: count(row, 2)?,
        flags: TallyFlags::from_bits(u32::try_from(count(row, 5)?).unwrap_or(0)),
        reported: Reported {
            input: count(row, 6)?,
            output: count(row, 7)?,
            time: u32::try_from(count(row, 8)?).unwrap_or(u32::MAX),
            at: reported_at.unwrap_or(updated_at),
        },
        counted_from: counted_from.unwrap_or(started_at),
        earlier_time: count(row, 11)?,
        speed: Speed::default(),
        ending: None,
    })
}
