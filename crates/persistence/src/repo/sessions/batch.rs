//! A batch of accounting reports as few statements.
//!
//! What is stored of the sessions is read, the reports are counted in memory, and what changed is
//! written back on condition that nobody else wrote meanwhile; otherwise the whole batch is tried
//! again. So the same report in two processes at once is counted once.

use std::collections::BTreeMap;

use domain::{
    ids::{CustomerId, SessionId},
    network::{
        session::{AccountingEvent, AccountingRecord, SessionKey},
        tally::{Step, Taken, Tally, TallyFlags},
        usage::UsageDelta,
    },
};
use uuid::Uuid;

use super::{
    closing,
    rows::{self, Head, Live, Past},
    usage,
};
use crate::{error::Error, tx::Tx};

/// A session as the batch leaves it.
pub(super) struct Session {
    pub(super) head: Head,
    pub(super) tally: Tally,
    pub(super) origin: Origin,
    /// Whether counters or times changed, and whether anything else did.
    pub(super) is_counted: bool,
    pub(super) is_renamed: bool,
}

/// Where it was before the batch.
pub(super) enum Origin {
    New,
    Live(Live),
    Past(Past),
}

/// Makes a batch of reports durable when the unit of work commits, and answers what was used.
pub async fn apply(tx: &Tx, records: &[AccountingRecord]) -> Result<Vec<UsageDelta>, Error> {
    let by_session = in_order(records);
    let mut sessions = known(tx, &by_session).await?;
    let mut deltas = Vec::new();
    let mut used = usage::Used::default();
    for (key, reports) in &by_session {
        let found = sessions.entry(*key).or_default();
        for record in reports {
            if let Some((customer_id, step)) = count(found, record) {
                deltas.push(delta(record, customer_id, step));
                used.add(record.isp_id, customer_id, step);
            }
        }
    }
    let sessions: Vec<Session> = sessions.into_values().flatten().collect();
    rows::write(tx, &sessions).await?;
    closing::end_what_new_sessions_replace(tx, &sessions).await?;
    for record in records.iter().filter(|record| is_of_nas(record)) {
        closing::end_all_of_nas(tx, record).await?;
    }
    used.write(tx).await?;
    Ok(deltas)
}

fn is_of_nas(record: &AccountingRecord) -> bool {
    matches!(
        record.event,
        AccountingEvent::NasOn | AccountingEvent::NasOff
    )
}

/// The reports of each session in the order in which they happened.
fn in_order(records: &[AccountingRecord]) -> BTreeMap<SessionKey, Vec<&AccountingRecord>> {
    let mut sessions: BTreeMap<SessionKey, Vec<&AccountingRecord>> = BTreeMap::new();
    for record in records.iter().filter(|record| !is_of_nas(record)) {
        sessions.entry(record.session_key).or_default().push(record);
    }
    for reports in sessions.values_mut() {
        reports.sort_by_key(|record| {
            let is_stop = matches!(record.event, AccountingEvent::Stop { .. });
            (record.event_time, record.usage.session_time, is_stop)
        });
    }
    sessions
}

async fn known(
    tx: &Tx,
    wanted: &BTreeMap<SessionKey, Vec<&AccountingRecord>>,
) -> Result<BTreeMap<SessionKey, Vec<Session>>, Error> {
    let mut sessions = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(sessions);
    }
    for (live, tally) in rows::live(tx, wanted.keys().copied()).await? {
        let first = wanted.get(&live.key).and_then(|reports| reports.first());
        let Some(head) = first.map(|record| Head::of(record)) else {
            continue;
        };
        let head = Head {
            customer_id: live.customer_id,
            walled: live.walled,
            ..head
        };
        let key = live.key;
        let session = Session::stored(head, tally, Origin::Live(live));
        sessions.insert(key, vec![session]);
    }
    let missing: Vec<_> = wanted
        .iter()
        .filter(|(key, _)| !sessions.contains_key(*key))
        .collect();
    for (head, past, tally) in rows::past(tx, &missing).await? {
        let key = head.key;
        let session = Session::stored(head, tally, Origin::Past(past));
        sessions.insert(key, vec![session]);
    }
    Ok(sessions)
}

impl Session {
    const fn stored(head: Head, tally: Tally, origin: Origin) -> Self {
        Self {
            head,
            tally,
            origin,
            is_counted: false,
            is_renamed: false,
        }
    }

    /// What a report says besides its counters; a session that got its address is renamed.
    fn learn(&mut self, record: &AccountingRecord) {
        if self.head.customer_id.is_none()
            && let Some(customer_id) = record.customer_id
        {
            self.head.customer_id = Some(customer_id.as_uuid());
            self.is_renamed = true;
        }
        let Origin::Live(live) = &self.origin else {
            // The history does not keep how to reach the router.
            self.head.nas_address = record.nas_address.to_string();
            self.head.class.clone_from(&record.class);
            return;
        };
        let ip = record.framed_ip.map(|ip| ip.to_string());
        let has_moved = ip.is_some() && ip != live.framed_ip;
        let is_marked = record.class.is_some() && !live.has_class;
        if has_moved || is_marked || record.nas_address.to_string() != live.nas_address {
            let customer_id = self.head.customer_id;
            let walled = self.head.walled;
            self.head = Head {
                customer_id,
                walled,
                framed_ip: ip.or_else(|| live.framed_ip.clone()),
                ..Head::of(record)
            };
            self.is_renamed = true;
        }
    }
}

/// Counts a report to the session it belongs to; answers what the customer used.
fn count(found: &mut Vec<Session>, record: &AccountingRecord) -> Option<(CustomerId, Step)> {
    let taken = found.last_mut().map(|session| {
        let before = session.tally.clone();
        let taken = session.tally.take(record);
        if taken != Taken::Another {
            session.is_counted |= session.tally != before;
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
            found.push(Session {
                head: Head::of(record),
                tally,
                origin: Origin::New,
                is_counted: true,
                is_renamed: false,
            });
            step
        }
    };
    let head = &found.last()?.head;
    let customer_id = head.customer_id.filter(|_| !head.walled)?;
    Some((CustomerId::from_uuid(customer_id), step?))
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

/// A new identifier of a session's row.
pub(super) fn new_id() -> Uuid {
    SessionId::generate().as_uuid()
}
