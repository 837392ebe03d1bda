//! Sessions that end without a word: their router restarted, their Stop was lost, or nobody spoke of
//! them for too long. Each is presumed ended and comes back when a later report speaks of it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ids::SessionId,
    network::{
        session::{AccountingRecord, TerminateCause},
        tally::Tally,
    },
};
use uuid::Uuid;

use super::{
    batch::{Origin, Session},
    rows::{self, Head},
};
use crate::{
    bulk::{Cell, Column, cells_of},
    error::Error,
    sql,
    tx::Tx,
};

/// What a router had open before it came up, or has open as it goes down, is over. What it has
/// reported of since is not.
pub(super) async fn end_all_of_nas(tx: &Tx, record: &AccountingRecord) -> Result<(), Error> {
    let columns: [Column; 3] = [
        ("nas_id", "uuid"),
        ("nas_address", "text"),
        ("at", "timestamptz"),
    ];
    let row = cells_of![
        record.nas_id.as_uuid(),
        record.nas_address.to_string(),
        record.event_time,
    ];
    let condition = "id IN (SELECT s.id FROM session s JOIN r ON s.nas_id = r.nas_id \
        AND s.nas_address = r.nas_address AND s.updated_at <= r.at)";
    rows::end_found(tx, (&columns, vec![row]), condition, |tally| {
        tally.presume_ended(TerminateCause::NasReboot, record.event_time);
    })
    .await
    .map(drop)
}

/// Ends what the sessions that began in this batch show to be over.
pub(super) async fn end_what_new_sessions_replace(
    tx: &Tx,
    sessions: &[Session],
) -> Result<(), Error> {
    let begun: Vec<(&Head, &Tally)> = sessions
        .iter()
        .filter_map(|session| match &session.origin {
            Origin::New(head) => Some((head, &session.tally)),
            Origin::Live(_) | Origin::Past(_) => None,
        })
        .collect();
    end_lost_stops(tx, &begun).await?;
    end_earlier_boots(tx, &begun).await
}

/// The same caller on the same port has a new session: the Stop of the old one was lost.
async fn end_lost_stops(tx: &Tx, begun: &[(&Head, &Tally)]) -> Result<(), Error> {
    let columns: [Column; 7] = [
        ("session_key", "bytea"),
        ("nas_id", "uuid"),
        ("nas_address", "text"),
        ("username", "text"),
        ("port", "text"),
        ("station", "text"),
        ("began", "timestamptz"),
    ];
    let rows: Vec<Vec<Cell>> = begun
        .iter()
        .filter(|(head, _)| head.nas_port_id.is_some() || head.calling_station_id.is_some())
        .map(|(head, tally)| {
            cells_of![
                head.key.as_bytes().to_vec(),
                head.nas_id,
                head.nas_address.clone(),
                head.username.clone(),
                head.nas_port_id.clone().unwrap_or_default(),
                head.calling_station_id.clone().unwrap_or_default(),
                tally.started_at,
            ]
        })
        .collect();
    let condition = "id IN (SELECT s.id FROM session s JOIN r ON s.nas_id = r.nas_id \
        AND s.username = r.username AND s.nas_address = r.nas_address \
        WHERE s.session_key <> r.session_key AND s.updated_at <= r.began \
        AND COALESCE(s.nas_port_id, '') = r.port AND COALESCE(s.calling_station_id, '') = r.station)";
    let now = tx.now();
    rows::end_found(tx, (&columns, rows), condition, |tally| {
        tally.presume_ended(TerminateCause::LostService, now);
    })
    .await
    .map(drop)
}

/// RouterOS names sessions by eight hexadecimal digits: two for the service, one that every restart
/// of the router moves on, five for the session. It sends no Accounting-On.
async fn end_earlier_boots(tx: &Tx, begun: &[(&Head, &Tally)]) -> Result<(), Error> {
    let mut boots: BTreeMap<(Uuid, &str, &str, &str), DateTime<Utc>> = BTreeMap::new();
    for (head, tally) in begun {
        let Some((service, boot)) = boot_of(&head.acct_session_id) else {
            continue;
        };
        let began = boots
            .entry((head.nas_id, head.nas_address.as_str(), service, boot))
            .or_insert(tally.started_at);
        *began = (*began).min(tally.started_at);
    }
    let columns: [Column; 5] = [
        ("nas_id", "uuid"),
        ("nas_address", "text"),
        ("service", "text"),
        ("boot", "text"),
        ("began", "timestamptz"),
    ];
    let rows = boots
        .into_iter()
        .map(|((nas_id, address, service, boot), began)| {
            cells_of![nas_id, address, service, boot, began]
        })
        .collect();
    let condition = "id IN (SELECT s.id FROM session s JOIN r ON s.nas_id = r.nas_id \
        AND s.nas_address = r.nas_address WHERE length(s.acct_session_id) = 8 \
        AND substr(s.acct_session_id, 1, 2) = r.service \
        AND substr(s.acct_session_id, 3, 1) <> r.boot AND s.updated_at < r.began)";
    let now = tx.now();
    rows::end_found(tx, (&columns, rows), condition, |tally| {
        tally.presume_ended(TerminateCause::NasReboot, now);
    })
    .await
    .map(drop)
}

fn boot_of(acct_session_id: &str) -> Option<(&str, &str)> {
    let is_routeros =
        acct_session_id.len() == 8 && acct_session_id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_routeros.then(|| {
        let (service, rest) = acct_session_id.split_at(2);
        (service, rest.split_at(1).0)
    })
}

/// Ends a session whose router says that it does not exist.
pub async fn close_presumed(tx: &Tx, id: SessionId) -> Result<(), Error> {
    let now = tx.now();
    let found = (&[("id", "uuid")][..], vec![cells_of![id.as_uuid()]]);
    rows::end_found(tx, found, "id IN (SELECT id FROM r)", |tally| {
        tally.presume_ended(TerminateCause::LostService, now);
    })
    .await
    .map(drop)
}

/// Ends sessions that were not heard of since `2.5 × interim + 60 s` of their ISP.
pub async fn sweep_stale(tx: &Tx, now: DateTime<Utc>) -> Result<usize, Error> {
    let settings = sql::rows(
        tx,
        "SELECT isp_id, interim_seconds FROM isp_settings",
        vec![],
    )
    .await?;
    let mut limits = Vec::with_capacity(settings.len());
    for row in settings {
        let isp_id: Uuid = row.try_get_by_index(0)?;
        let interim: i64 = row.try_get_by_index(1)?;
        let silent_since = now - TimeDelta::seconds(interim * 5 / 2 + 60);
        limits.push(cells_of![isp_id, silent_since]);
    }
    let columns: [Column; 2] = [("isp_id", "uuid"), ("silent_since", "timestamptz")];
    let condition = "id IN (SELECT s.id FROM session s JOIN r ON s.isp_id = r.isp_id \
        AND s.updated_at < r.silent_since)";
    rows::end_found(tx, (&columns, limits), condition, |tally| {
        let heard = tally.updated_at;
        tally.presume_ended(TerminateCause::LostService, heard);
    })
    .await
}

/// Makes the partitions of the history for this month and the next ones, on PostgreSQL; answers how
/// many there were not yet.
pub async fn prepare_history(tx: &Tx) -> Result<i32, Error> {
    if tx.backend() == crate::Backend::Sqlite {
        return Ok(0);
    }
    let statement = "SELECT make_session_history_partitions($1, 4)";
    let made = sql::scalar(tx, statement, sql::values![tx.now().date_naive()]).await?;
    Ok(made.unwrap_or(0))
}
