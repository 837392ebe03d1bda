//! What customers used, by day of their ISP.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::{
    ids::{CustomerId, IspId},
    network::{
        tally::Step,
        usage::{Amount, by_day, day_of},
    },
    period::day_bounds,
};
use rustc_hash::FxHashMap;
use uuid::Uuid;

use super::memory::Memory;
use crate::{
    bulk::{self, Column, cells_of},
    error::Error,
    tx::Tx,
};

/// The steps of one batch.
#[derive(Default)]
pub(super) struct Used(Vec<(IspId, CustomerId, Step)>);

/// What a customer used on a day.
struct Share {
    customer_id: CustomerId,
    day: NaiveDate,
    isp_id: IspId,
    amount: Amount,
}

impl Used {
    pub(super) fn add(&mut self, isp_id: IspId, customer_id: CustomerId, step: Step) {
        self.0.push((isp_id, customer_id, step));
    }

    /// Adds the steps to the days they belong to.
    pub(super) async fn write(self, tx: &Tx, memory: &Memory) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let isps: BTreeSet<IspId> = self.0.iter().map(|(isp_id, ..)| *isp_id).collect();
        let mut calendars = calendars(tx, memory, isps).await?;
        let mut shares = Vec::with_capacity(self.0.len());
        for (isp_id, customer_id, step) in self.0 {
            let Some(calendar) = calendars.get_mut(&isp_id) else {
                continue;
            };
            calendar.share_out(step, |day, amount| {
                shares.push(Share {
                    customer_id,
                    day,
                    isp_id,
                    amount,
                });
            });
        }
        upsert(tx, summed(shares)).await
    }
}

/// The days of an ISP; nearly every step lies within the one of the step before.
struct Calendar {
    zone: Tz,
    day: NaiveDate,
    begins: DateTime<Utc>,
    ends: DateTime<Utc>,
}

impl Calendar {
    fn of(zone: Tz, now: DateTime<Utc>) -> Self {
        let (begins, ends) = day_bounds(now, zone);
        Self {
            zone,
            day: day_of(now, zone),
            begins,
            ends,
        }
    }

    fn share_out(&mut self, step: Step, mut take: impl FnMut(NaiveDate, Amount)) {
        if self.begins <= step.since && step.since <= step.until && step.until <= self.ends {
            return take(self.day, step.amount);
        }
        for (day, amount) in by_day(step.amount, step.since, step.until, self.zone) {
            take(day, amount);
        }
        *self = Self::of(self.zone, step.until);
    }
}

async fn calendars(
    tx: &Tx,
    memory: &Memory,
    isps: BTreeSet<IspId>,
) -> Result<FxHashMap<IspId, Calendar>, Error> {
    let now = tx.now();
    let is_unknown = |id: &&IspId| memory.zone(**id, now).is_none();
    let unknown = isps.iter().filter(is_unknown);
    let rows = unknown.map(|id| cells_of![id.as_uuid()]).collect();
    let statement = "SELECT i.id, i.time_zone FROM isp i JOIN r ON r.id = i.id";
    for row in bulk::query(tx, &[("id", "uuid")], rows, statement).await? {
        let id: Uuid = row.try_get_by_index(0)?;
        let zone: String = row.try_get_by_index(1)?;
        memory.set_zone(IspId::from_uuid(id), zone.parse().unwrap_or(Tz::UTC), now);
    }
    let calendar = |id: IspId| {
        let zone = memory.zone(id, now).unwrap_or(Tz::UTC);
        (id, Calendar::of(zone, now))
    };
    Ok(isps.into_iter().map(calendar).collect())
}

/// One share for each customer and day, in their order: so two batches wait for each other and never
/// in a circle.
fn summed(mut shares: Vec<Share>) -> Vec<Share> {
    shares.sort_unstable_by_key(|share| (share.customer_id, share.day));
    shares.dedup_by(|next, sum| {
        let is_same = (next.customer_id, next.day) == (sum.customer_id, sum.day);
        if is_same {
            sum.amount = sum.amount.plus(next.amount);
        }
        is_same
    });
    shares
}

async fn upsert(tx: &Tx, shares: Vec<Share>) -> Result<(), Error> {
    let columns: [Column; 7] = [
        ("isp_id", "uuid"),
        ("customer_id", "uuid"),
        ("day", "date"),
        ("input_octets", "bigint"),
        ("output_octets", "bigint"),
        ("session_seconds", "bigint"),
        ("updated_at", "timestamptz"),
    ];
    let statement = "INSERT INTO usage_day (isp_id, customer_id, day, input_octets, \
        output_octets, session_seconds, updated_at) \
        SELECT isp_id, customer_id, day, input_octets, output_octets, session_seconds, \
        updated_at FROM r WHERE true ORDER BY customer_id, day \
        ON CONFLICT (customer_id, day) DO UPDATE SET \
        input_octets = usage_day.input_octets + excluded.input_octets, \
        output_octets = usage_day.output_octets + excluded.output_octets, \
        session_seconds = usage_day.session_seconds + excluded.session_seconds, \
        updated_at = excluded.updated_at";
    let rows = shares
        .into_iter()
        .map(|share| {
            let amount = share.amount;
            cells_of![
                share.isp_id.as_uuid(),
                share.customer_id.as_uuid(),
                share.day,
                number(amount.input_octets),
                number(amount.output_octets),
                number(amount.seconds),
                tx.now(),
            ]
        })
        .collect();
    bulk::execute(tx, &columns, rows, statement).await?;
    Ok(())
}

/// The database counts to 2^63.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
