//! Restrictions: what usage has led to.

use chrono::{DateTime, Utc};
use domain::{
    ids::{CustomerId, IspId},
    network::{
        fup::Cause,
        rate_limit::RateLimit,
        restriction::{LimitEffect, Restriction},
    },
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    change_feed::{self, Change, ChangeKind},
    sql::{self, values},
    statement::corrupt,
};

pub(crate) const COLUMNS: &str = "isp_id, customer_id, cause, effect, tier, up_kbps, down_kbps, pool, \
    address_list, since, until, manual";

#[derive(FromQueryResult)]
pub(crate) struct RestrictionRow {
    isp_id: Uuid,
    customer_id: Uuid,
    cause: String,
    effect: String,
    tier: Option<i64>,
    up_kbps: Option<i64>,
    down_kbps: Option<i64>,
    pool: Option<String>,
    address_list: Option<String>,
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    manual: bool,
}

impl RestrictionRow {
    pub(crate) fn into_restriction(self) -> Result<Restriction, Error> {
        let unknown = |text: &str| corrupt("restriction", text);
        let kbps = |value: i64| u32::try_from(value).map_err(|_| unknown("a rate out of range"));
        let rate = match (self.up_kbps, self.down_kbps) {
            (Some(up), Some(down)) => Some(RateLimit::new(kbps(up)?, kbps(down)?)),
            (None, _) | (_, None) => None,
        };
        let tier = self.tier.map(u16::try_from).transpose();
        Ok(Restriction {
            isp_id: IspId::from_uuid(self.isp_id),
            customer_id: CustomerId::from_uuid(self.customer_id),
            cause: Cause::parse(&self.cause).ok_or_else(|| unknown(&self.cause))?,
            effect: LimitEffect::parse(&self.effect).ok_or_else(|| unknown(&self.effect))?,
            tier: tier.map_err(|_| unknown("a tier out of range"))?,
            rate,
            pool: self.pool,
            address_list: self.address_list,
            since: self.since,
            until: self.until,
            manual: self.manual,
        })
    }
}

/// The restrictions of one customer, those that are over included.
pub async fn of_customer(read: &Read, id: CustomerId) -> Result<Vec<Restriction>, Error> {
    between(read, id, id).await
}

/// The restrictions of customers whose ids lie between two, both included.
pub(crate) async fn between(
    read: &Read,
    first: CustomerId,
    last: CustomerId,
) -> Result<Vec<Restriction>, Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM restriction WHERE customer_id >= $1 AND customer_id <= $2 \
         ORDER BY customer_id, cause"
    );
    let bounds = values![first.as_uuid(), last.as_uuid()];
    sql::all::<RestrictionRow>(read, &statement, bounds)
        .await?
        .into_iter()
        .map(RestrictionRow::into_restriction)
        .collect()
}

/// Puts a restriction in force, in place of an earlier one with the same cause.
///
/// The RADIUS directory hears of it; bringing live sessions in line is the caller's next step.
pub async fn put(tx: &Tx, restriction: &Restriction) -> Result<(), Error> {
    let rate = restriction.rate;
    sql::execute(
        tx,
        "INSERT INTO restriction (isp_id, customer_id, cause, effect, tier, up_kbps, down_kbps, pool, \
         address_list, since, until, manual) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (customer_id, cause) DO UPDATE SET effect = excluded.effect, \
         tier = excluded.tier, up_kbps = excluded.up_kbps, down_kbps = excluded.down_kbps, \
         pool = excluded.pool, address_list = excluded.address_list, since = excluded.since, \
         until = excluded.until, manual = excluded.manual",
        values![
            restriction.isp_id.as_uuid(),
            restriction.customer_id.as_uuid(),
            restriction.cause.as_str(),
            restriction.effect.as_str(),
            restriction.tier.map(i64::from),
            rate.map(|rate| i64::from(rate.up_kbps)),
            rate.map(|rate| i64::from(rate.down_kbps)),
            restriction.pool.clone(),
            restriction.address_list.clone(),
            restriction.since,
            restriction.until,
            restriction.manual,
        ],
    )
    .await?;
    note(tx, restriction.isp_id, restriction.customer_id).await
}

/// Lifts a restriction; answers whether there was one.
pub async fn remove(
    tx: &Tx,
    isp_id: IspId,
    customer_id: CustomerId,
    cause: Cause,
) -> Result<bool, Error> {
    let removed = sql::execute(
        tx,
        "DELETE FROM restriction WHERE isp_id = $1 AND customer_id = $2 AND cause = $3",
        values![isp_id.as_uuid(), customer_id.as_uuid(), cause.as_str()],
    )
    .await?;
    if removed > 0 {
        note(tx, isp_id, customer_id).await?;
    }
    Ok(removed > 0)
}

/// Customers of an ISP with a restriction that is over, oldest first, at most so many.
pub async fn over(
    read: &Read,
    isp_id: IspId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(CustomerId, Cause)>, Error> {
    let rows = sql::all::<RestrictionRow>(
        read,
        &format!(
            "SELECT {COLUMNS} FROM restriction WHERE isp_id = $1 AND until <= $2 \
             ORDER BY until LIMIT $3"
        ),
        values![isp_id.as_uuid(), now, limit],
    )
    .await?;
    rows.into_iter()
        .map(|row| {
            let found = row.into_restriction()?;
            Ok((found.customer_id, found.cause))
        })
        .collect()
}

async fn note(tx: &Tx, isp_id: IspId, customer_id: CustomerId) -> Result<(), Error> {
    let change = Change {
        kind: ChangeKind::Customer,
        isp_id,
        subject_id: customer_id.as_uuid(),
    };
    change_feed::note(tx, change).await
}
