//! The part of a customer that decisions about service and money are made from.

use chrono::{DateTime, Utc};
use domain::{
    authz::CustomerRef,
    customer::{BillingType, CustomerStatus, SuspensionReason},
    ids::{CustomerId, IspId, OperatorId, PackageId},
    money::{Currency, Money},
    period::Cycle,
    subscription::{Offer, ServiceState},
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    error::Error,
    repo::ledger::{currency, defect},
    sql::{self, values},
    tx::{Read, Tx},
};

/// How an ISP keeps its books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// The currency of every amount.
    pub currency: Currency,
    /// The IANA name of the zone that days and years are counted in.
    pub time_zone: String,
    /// How many days after the due date service goes on.
    pub grace_days: i64,
}

/// A customer whose time may have come, with what its fate depends on. Its row is locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueCustomer {
    /// Its service.
    pub service: ServiceState,
    /// What its package costs.
    pub price: Money,
    /// What it owes (positive) or has with us (negative).
    pub owed: Money,
    /// What its open invoices ask for.
    pub open: Money,
}

const COLUMNS: &str = "c.id, c.isp_id, c.package_id, c.status, c.status_reason, c.billing_type, \
    c.expires_at, c.anchor_day, c.auto_renew";

/// How the ISP keeps its books.
pub async fn books(read: &Read, isp_id: IspId) -> Result<Books, Error> {
    let row: Option<BooksRow> = sql::one(
        read,
        "SELECT i.currency, i.time_zone, COALESCE(s.grace_days, 3) AS grace_days FROM isp i \
         LEFT JOIN isp_settings s ON s.isp_id = i.id WHERE i.id = $1",
        values![isp_id.as_uuid()],
    )
    .await?;
    let row = row.ok_or_else(|| defect("an ISP that has customers is not there"))?;
    Ok(Books {
        currency: currency(&row.currency)?,
        time_zone: row.time_zone,
        grace_days: row.grace_days,
    })
}

/// Reads a customer's service and keeps others from changing it; nothing when it is not there or
/// no longer whose it was when the permission was checked.
pub async fn lock(tx: &Tx, customer: &CustomerRef) -> Result<Option<ServiceState>, Error> {
    let row: Option<ServiceRow> = sql::one(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM customer c WHERE c.id = $1 AND c.isp_id = $2 \
             AND (c.operator_id = $3 OR (c.operator_id IS NULL AND $4)){}",
            tx.backend().for_update()
        ),
        values![
            customer.id.as_uuid(),
            customer.isp_id.as_uuid(),
            customer.operator_id.map(OperatorId::as_uuid),
            customer.operator_id.is_none(),
        ],
    )
    .await?;
    row.map(ServiceState::try_from).transpose()
}

/// What a package costs and how long it runs; nothing when the ISP has no such package.
pub async fn offer(
    read: &Read,
    isp_id: IspId,
    package_id: PackageId,
) -> Result<Option<Offer>, Error> {
    let row: Option<OfferRow> = sql::one(
        read,
        "SELECT p.id, p.name, p.price_minor, p.cycle, i.currency FROM package p \
         JOIN isp i ON i.id = p.isp_id WHERE p.isp_id = $1 AND p.id = $2",
        values![isp_id.as_uuid(), package_id.as_uuid()],
    )
    .await?;
    row.map(|row| {
        Ok(Offer {
            package_id: PackageId::from_uuid(row.id),
            name: row.name,
            price: Money::from_minor(row.price_minor, currency(&row.currency)?),
            cycle: Cycle::parse(&row.cycle)
                .ok_or_else(|| defect("a package has no known cycle"))?,
        })
    })
    .transpose()
}

/// Whether a session of the customer is up.
pub async fn is_online(read: &Read, isp_id: IspId, customer_id: CustomerId) -> Result<bool, Error> {
    let found: Option<i64> = sql::scalar(
        read,
        "SELECT CAST(1 AS BIGINT) FROM session WHERE isp_id = $1 AND customer_id = $2 LIMIT 1",
        values![isp_id.as_uuid(), customer_id.as_uuid()],
    )
    .await?;
    Ok(found.is_some())
}

/// Writes where the customer stands and until when it is served.
pub async fn save(tx: &Tx, before: &ServiceState, after: &ServiceState) -> Result<(), Error> {
    let status_changed =
        before.status != after.status || before.status_reason != after.status_reason;
    sql::execute(
        tx,
        "UPDATE customer SET status = $2, status_reason = $3, expires_at = $4, \
         status_changed_at = CASE WHEN $5 THEN $6 ELSE status_changed_at END, \
         version = version + 1, updated_at = $6 WHERE id = $1",
        values![
            after.customer_id.as_uuid(),
            after.status.as_str(),
            after.status_reason.map(SuspensionReason::as_str),
            after.expires_at,
            status_changed,
            tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Where a walk over due customers stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walk {
    /// The last customer that was looked at.
    pub after: CustomerId,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            after: CustomerId::from_uuid(Uuid::nil()),
        }
    }
}

/// Locks the next active prepaid customers whose paid time is over; those that another process has
/// locked are its work.
pub async fn lock_run_out(
    tx: &Tx,
    isp_id: IspId,
    now: DateTime<Utc>,
    walk: Walk,
    limit: u32,
) -> Result<Vec<DueCustomer>, Error> {
    let sql = format!(
        "SELECT {COLUMNS}, {DUE} WHERE c.isp_id = $1 AND c.status = 'active' \
         AND c.billing_type = 'prepaid' AND c.expires_at <= $2 AND c.id > $3 \
         ORDER BY c.id LIMIT $4{}",
        of_customer_skip_locked(tx)
    );
    due(tx, &sql, isp_id, now, walk, limit).await
}

/// Locks the next active postpaid customers with an open invoice that was due by that instant.
pub async fn lock_overdue(
    tx: &Tx,
    isp_id: IspId,
    due_by: DateTime<Utc>,
    walk: Walk,
    limit: u32,
) -> Result<Vec<DueCustomer>, Error> {
    let sql = format!(
        "SELECT {COLUMNS}, {DUE} WHERE c.isp_id = $1 AND c.status = 'active' \
         AND c.billing_type = 'postpaid' AND c.id > $3 AND c.id IN (SELECT o.customer_id \
         FROM invoice o WHERE o.isp_id = $1 AND o.status IN ('issued', 'partly_paid') \
         AND o.due_at <= $2) ORDER BY c.id LIMIT $4{}",
        of_customer_skip_locked(tx)
    );
    due(tx, &sql, isp_id, due_by, walk, limit).await
}

/// How many customers a run would cut, and how many the ISP serves.
pub async fn count_cuts(
    read: &Read,
    isp_id: IspId,
    now: DateTime<Utc>,
    due_by: DateTime<Utc>,
) -> Result<(i64, i64), Error> {
    let run_out: Option<i64> = sql::scalar(
        read,
        "SELECT COUNT(*) FROM customer c JOIN package p ON p.id = c.package_id \
         LEFT JOIN account a ON a.customer_id = c.id WHERE c.isp_id = $1 AND c.status = 'active' \
         AND c.billing_type = 'prepaid' AND c.expires_at <= $2 \
         AND -COALESCE(a.balance_minor, 0) < p.price_minor",
        values![isp_id.as_uuid(), now],
    )
    .await?;
    let overdue: Option<i64> = sql::scalar(
        read,
        "SELECT COUNT(*) FROM customer c WHERE c.isp_id = $1 AND c.status = 'active' \
         AND c.billing_type = 'postpaid' AND c.id IN (SELECT o.customer_id FROM invoice o \
         WHERE o.isp_id = $1 AND o.status IN ('issued', 'partly_paid') AND o.due_at <= $2)",
        values![isp_id.as_uuid(), due_by],
    )
    .await?;
    let active: Option<i64> = sql::scalar(
        read,
        "SELECT COUNT(*) FROM customer WHERE isp_id = $1 AND status = 'active'",
        values![isp_id.as_uuid()],
    )
    .await?;
    Ok((
        run_out.unwrap_or(0) + overdue.unwrap_or(0),
        active.unwrap_or(0),
    ))
}

const DUE: &str = "p.price_minor, s.currency, COALESCE(a.balance_minor, 0) AS owed_minor, \
    COALESCE((SELECT CAST(SUM(n.total_minor - n.paid_minor) AS BIGINT) FROM invoice n \
    WHERE n.customer_id = c.id AND n.status IN ('issued', 'partly_paid')), 0) AS open_minor \
    FROM customer c JOIN package p ON p.id = c.package_id JOIN isp s ON s.id = c.isp_id \
    LEFT JOIN account a ON a.customer_id = c.id";

fn of_customer_skip_locked(read: &Read) -> String {
    read.backend()
        .for_update_skip_locked()
        .replace("FOR UPDATE", "FOR UPDATE OF c")
}

async fn due(
    tx: &Tx,
    sql: &str,
    isp_id: IspId,
    instant: DateTime<Utc>,
    walk: Walk,
    limit: u32,
) -> Result<Vec<DueCustomer>, Error> {
    let bound = values![
        isp_id.as_uuid(),
        instant,
        walk.after.as_uuid(),
        i64::from(limit)
    ];
    sql::rows(tx, sql, bound)
        .await?
        .iter()
        .map(|row| {
            let service = ServiceRow::from_query_result(row, "")?;
            let amounts = DueRow::from_query_result(row, "")?;
            let currency = currency(&amounts.currency)?;
            Ok(DueCustomer {
                service: service.try_into()?,
                price: Money::from_minor(amounts.price_minor, currency),
                owed: Money::from_minor(amounts.owed_minor, currency),
                open: Money::from_minor(amounts.open_minor, currency),
            })
        })
        .collect()
}

#[derive(FromQueryResult)]
struct BooksRow {
    currency: String,
    time_zone: String,
    grace_days: i64,
}

#[derive(FromQueryResult)]
struct OfferRow {
    id: Uuid,
    name: String,
    price_minor: i64,
    cycle: String,
    currency: String,
}

#[derive(FromQueryResult)]
struct ServiceRow {
    id: Uuid,
    isp_id: Uuid,
    package_id: Uuid,
    status: String,
    status_reason: Option<String>,
    billing_type: String,
    expires_at: Option<DateTime<Utc>>,
    anchor_day: i64,
    auto_renew: bool,
}

#[derive(FromQueryResult)]
struct DueRow {
    price_minor: i64,
    currency: String,
    owed_minor: i64,
    open_minor: i64,
}

impl TryFrom<ServiceRow> for ServiceState {
    type Error = Error;

    fn try_from(row: ServiceRow) -> Result<Self, Error> {
        let status_reason = match row.status_reason {
            None => None,
            Some(name) => Some(
                SuspensionReason::parse(&name)
                    .ok_or_else(|| defect("a customer has no known reason"))?,
            ),
        };
        Ok(Self {
            customer_id: CustomerId::from_uuid(row.id),
            isp_id: IspId::from_uuid(row.isp_id),
            package_id: PackageId::from_uuid(row.package_id),
            status: CustomerStatus::parse(&row.status)
                .ok_or_else(|| defect("a customer has no known status"))?,
            status_reason,
            billing_type: BillingType::parse(&row.billing_type)
                .ok_or_else(|| defect("a customer has no known billing type"))?,
            expires_at: row.expires_at,
            anchor_day: u32::try_from(row.anchor_day)
                .map_err(|_| defect("an anchor day is no day"))?,
            auto_renew: row.auto_renew,
        })
    }
}
