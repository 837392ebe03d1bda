//! A batch of accounting reports as few statements.
//!
//! What is stored of the sessions is remembered or read, the reports are counted in memory, and what
//! changed is written on condition that nobody else wrote meanwhile; otherwise the whole batch is
//! tried again. So the same report in two processes at once is counted once.

use std::borrow::Borrow;

use chrono::{DateTime, Utc};
use domain::{
    ids::{CustomerId, SessionId},
    network::{
        session::{AccountingEvent, AccountingRecord, SessionKey},
        tally::{Step, Taken, Tally, TallyFlags},
        usage::UsageDelta,
    },
};
use rustc_hash::FxHashMap;
use uuid::Uuid;

use super::{
    closing,
    memory::{Memory, Remembered},
    rows::{self, Head, Live, Past},
    usage,
};
use crate::{error::Error, tx::Tx};

/// A session as the batch leaves it.
pub(super) struct Session {
    pub(super) key: SessionKey,
    /// The identifier of its live row, also of one to come.
    pub(super) id: Uuid,
    pub(super) tally: Tally,
    /// As it is stored.
    pub(super) before: Option<Tally>,
    pub(super) origin: Origin,
}

/// Where it was before the batch.
pub(super) enum Origin {
    New(Head),
    Live(Live),
    Past(Past),
}

/// What a batch came to.
#[derive(Debug)]
pub struct Applied {
    /// What was used.
    pub deltas: Vec<UsageDelta>,
    live: Vec<(SessionKey, Remembered)>,
    at: DateTime<Utc>,
}

impl Applied {
    /// Remembers the sessions for the next batch; only for a unit of work that is committed.
    pub fn keep_in(self, memory: &Memory) {
        memory.put(self.live, self.at);
    }
}

/// Makes a batch of reports durable when the unit of work commits, and answers what was used.
pub async fn apply(
    tx: &Tx,
    memory: &Memory,
    records: &[impl Borrow<AccountingRecord>],
) -> Result<Applied, Error> {
    let records: Vec<&AccountingRecord> = records.iter().map(Borrow::borrow).collect();
    let sorted = in_order(&records);
    let mut known = known(tx, memory, &sorted).await?;
    let mut sessions = Vec::with_capacity(known.len());
    let mut deltas = Vec::with_capacity(sorted.len());
    let mut used = usage::Used::default();
    for reports in by_session(&sorted) {
        let mut session = reports
            .first()
            .and_then(|first| known.remove(&first.session_key));
        for record in reports {
            if let Some((customer_id, step)) = count(&mut session, &mut sessions, record) {
                deltas.push(delta(record, customer_id, step));
                used.add(record.isp_id, customer_id, step);
            }
        }
        sessions.extend(session);
    }
    rows::write(tx, &sessions).await?;
    closing::end_what_new_sessions_replace(tx, &sessions).await?;
    for record in records.into_iter().filter(|record| is_of_nas(record)) {
        closing::end_all_of_nas(tx, record).await?;
    }
    used.write(tx, memory).await?;
    Ok(Applied {
        deltas,
        live: remembered(sessions, tx.now()),
        at: tx.now(),
    })
}

fn is_of_nas(record: &AccountingRecord) -> bool {
    matches!(
        record.event,
        AccountingEvent::NasOn | AccountingEvent::NasOff
    )
}

/// The reports of each session side by side, in the order in which they happened. Every process
/// writes sessions in this order, so that two wait for each other and never in a circle.
fn in_order<'r>(records: &[&'r AccountingRecord]) -> Vec<&'r AccountingRecord> {
    let records = records.iter().copied();
    let mut sorted: Vec<_> = records.filter(|record| !is_of_nas(record)).collect();
    sorted.sort_by_key(|record| {
        let is_stop = matches!(record.event, AccountingEvent::Stop { .. });
        let time = record.usage.session_time;
        (record.session_key, record.event_time, time, is_stop)
    });
    sorted
}

fn by_session<'s, 'r>(
    sorted: &'s [&'r AccountingRecord],
) -> impl Iterator<Item = &'s [&'r AccountingRecord]> {
    sorted.chunk_by(|one, next| one.session_key == next.session_key)
}

async fn known(
    tx: &Tx,
    memory: &Memory,
    sorted: &[&AccountingRecord],
) -> Result<FxHashMap<SessionKey, Session>, Error> {
    let keys = || by_session(sorted).filter_map(|reports| Some(reports.first()?.session_key));
    let mut known: FxHashMap<_, _> = memory
        .take(keys())
        .into_iter()
        .map(|(key, found)| (key, Session::live(key, found.live, found.tally)))
        .collect();
    let unknown: Vec<_> = keys().filter(|key| !known.contains_key(key)).collect();
    for (key, live, tally) in rows::live(tx, &unknown).await? {
        known.insert(key, Session::live(key, live, tally));
    }
    let missing: Vec<_> = sorted
        .iter()
        .copied()
        .filter(|record| !known.contains_key(&record.session_key))
        .collect();
    for (past, tally) in rows::past(tx, &missing).await? {
        known.insert(past.head.key, Session::past(past, tally));
    }
    Ok(known)
}

impl Session {
    fn live(key: SessionKey, live: Live, tally: Tally) -> Self {
        Self {
            key,
            id: live.id,
            before: Some(tally.clone()),
            tally,
            origin: Origin::Live(live),
        }
    }

    fn past(past: Past, tally: Tally) -> Self {
        Self {
            key: past.head.key,
            id: new_id(),
            before: Some(tally.clone()),
            tally,
            origin: Origin::Past(past),
        }
    }

    fn begun(record: &AccountingRecord, tally: Tally) -> Self {
        Self {
            key: record.session_key,
            id: new_id(),
            before: None,
            tally,
            origin: Origin::New(Head::of(record)),
        }
    }

    /// Whether counters or times are not as they are stored.
    pub(super) fn is_counted(&self) -> bool {
        self.before.as_ref() != Some(&self.tally)
    }

    /// What a report says besides its counters; a session that got its address is renamed.
    fn learn(&mut self, record: &AccountingRecord) {
        let customer_id = record.customer_id.map(CustomerId::as_uuid);
        match &mut self.origin {
            Origin::Live(live) => live.learn(record),
            // The history does not keep how to reach the router.
            Origin::New(head) | Origin::Past(Past { head, .. }) => {
                head.customer_id = head.customer_id.or(customer_id);
                head.nas_address = record.nas_address.to_string();
                head.class.clone_from(&record.class);
            }
        }
    }

    /// Whose usage it is: traffic behind the wall is nobody's.
    fn customer_id(&self) -> Option<CustomerId> {
        let (customer_id, walled) = match &self.origin {
            Origin::Live(live) => (live.customer_id, live.walled),
            Origin::New(head) | Origin::Past(Past { head, .. }) => (head.customer_id, head.walled),
        };
        customer_id.filter(|_| !walled).map(CustomerId::from_uuid)
    }

    /// As the next batch will find it, if it is live.
    fn remembered(self, at: DateTime<Utc>) -> Option<(SessionKey, Remembered)> {
        if self.tally.ending.is_some() {
            return None;
        }
        let moved = i64::from(self.is_counted());
        let live = match self.origin {
            Origin::Live(live) => live.written(moved),
            Origin::New(head) => head.begun(self.id),
            Origin::Past(past) if moved > 0 => past.head.begun(self.id),
            Origin::Past(_) => return None,
        };
        let tally = self.tally;
        Some((self.key, Remembered { live, tally, at }))
    }
}

fn remembered(sessions: Vec<Session>, at: DateTime<Utc>) -> Vec<(SessionKey, Remembered)> {
    let live = sessions.into_iter();
    live.filter_map(|session| session.remembered(at)).collect()
}

/// Counts a report to the session it belongs to; answers what the customer used. A session that the
/// report shows to be over is left behind.
fn count(
    session: &mut Option<Session>,
    over: &mut Vec<Session>,
    record: &AccountingRecord,
) -> Option<(CustomerId, Step)> {
    let taken = session.as_mut().map(|session| {
        let taken = session.tally.take(record);
        if taken != Taken::Another {
            session.learn(record);
        }
        taken
    });
    let step = match taken {
        Some(Taken::Counted(step)) => step,
        again @ (Some(Taken::Another) | None) => {
            let (mut tally, step) = Tally::begin(record);
            if again.is_some() {
                tally.flags.set(TallyFlags::RESTARTED);
            }
            over.extend(session.replace(Session::begun(record, tally)));
            step
        }
    };
    Some((session.as_ref()?.customer_id()?, step?))
}

const fn delta(record: &AccountingRecord, customer_id: CustomerId, step: Step) -> UsageDelta {
    UsageDelta {
        isp_id: record.isp_id,
        customer_id,
        at: step.until,
        input_octets: step.amount.input_octets,
        output_octets: step.amount.output_octets,
        seconds: step.amount.seconds,
    }
}

fn new_id() -> Uuid {
    SessionId::generate().as_uuid()
}
