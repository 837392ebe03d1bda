//! What customers used, by day and month of their ISP.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use chrono_tz::Tz;
use domain::{
    ids::{CustomerId, IspId},
    network::{
        tally::Step,
        usage::{Amount, by_day},
    },
};
use uuid::Uuid;

use crate::{
    bulk::{self, Cell, Column, cells_of},
    error::Error,
    tx::Tx,
};

/// The steps of one batch.
#[derive(Default)]
pub(super) struct Used(Vec<(IspId, CustomerId, Step)>);

type Totals = BTreeMap<(CustomerId, NaiveDate), (IspId, Amount)>;

impl Used {
    pub(super) fn add(&mut self, isp_id: IspId, customer_id: CustomerId, step: Step) {
        self.0.push((isp_id, customer_id, step));
    }

    /// Adds the steps to the days and months they belong to.
    pub(super) async fn write(self, tx: &Tx) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let isps: BTreeSet<IspId> = self.0.iter().map(|(isp_id, ..)| *isp_id).collect();
        let zones = zones(tx, isps).await?;
        let (mut days, mut months) = (Totals::new(), Totals::new());
        for (isp_id, customer_id, step) in self.0 {
            let zone = zones.get(&isp_id).copied().unwrap_or(Tz::UTC);
            for (day, amount) in by_day(step.amount, step.since, step.until, zone) {
                add(&mut days, isp_id, customer_id, day, amount);
                let month = day.with_day(1).unwrap_or(day);
                add(&mut months, isp_id, customer_id, month, amount);
            }
        }
        upsert(tx, "usage_day", "day", days).await?;
        upsert(tx, "usage_month", "month", months).await
    }
}

fn add(
    totals: &mut Totals,
    isp_id: IspId,
    customer_id: CustomerId,
    day: NaiveDate,
    amount: Amount,
) {
    let (_, sum) = totals
        .entry((customer_id, day))
        .or_insert((isp_id, Amount::default()));
    *sum = sum.plus(amount);
}

async fn zones(tx: &Tx, isps: BTreeSet<IspId>) -> Result<BTreeMap<IspId, Tz>, Error> {
    let rows = isps.into_iter().map(|id| cells_of![id.as_uuid()]).collect();
    let statement = "SELECT i.id, i.time_zone FROM isp i JOIN r ON r.id = i.id";
    bulk::query(tx, &[("id", "uuid")], rows, statement)
        .await?
        .iter()
        .map(|row| {
            let id: Uuid = row.try_get_by_index(0)?;
            let zone: String = row.try_get_by_index(1)?;
            Ok((IspId::from_uuid(id), zone.parse().unwrap_or(Tz::UTC)))
        })
        .collect()
}

/// Rows are taken in the order of their keys, so that two batches wait for each other and never
/// in a circle.
async fn upsert(tx: &Tx, table: &str, day: &'static str, totals: Totals) -> Result<(), Error> {
    let columns: [Column; 7] = [
        ("isp_id", "uuid"),
        ("customer_id", "uuid"),
        (day, "date"),
        ("input_octets", "bigint"),
        ("output_octets", "bigint"),
        ("session_seconds", "bigint"),
        ("updated_at", "timestamptz"),
    ];
    let statement = format!(
        "INSERT INTO {table} (isp_id, customer_id, {day}, input_octets, output_octets, \
         session_seconds, updated_at) \
         SELECT isp_id, customer_id, {day}, input_octets, output_octets, session_seconds, \
         updated_at FROM r WHERE true ORDER BY customer_id, {day} \
         ON CONFLICT (customer_id, {day}) DO UPDATE SET \
         input_octets = {table}.input_octets + excluded.input_octets, \
         output_octets = {table}.output_octets + excluded.output_octets, \
         session_seconds = {table}.session_seconds + excluded.session_seconds, \
         updated_at = excluded.updated_at"
    );
    let rows: Vec<Vec<Cell>> = totals
        .into_iter()
        .map(|((customer_id, date), (isp_id, amount))| {
            cells_of![
                isp_id.as_uuid(),
                customer_id.as_uuid(),
                date,
                number(amount.input_octets),
                number(amount.output_octets),
                number(amount.seconds),
                tx.now(),
            ]
        })
        .collect();
    bulk::execute(tx, &columns, rows, &statement).await?;
    Ok(())
}

/// The database counts to 2^63.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
