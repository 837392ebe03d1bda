//! Renews, expires and suspends the customers of an ISP whose time has come.
//!
//! It looks at the present state and locks each customer it touches, so that running it twice, or
//! in two processes at once, does everything once.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::{
    authz::{Actor, IspRef, Proof, SystemActor, authorize, perm},
    customer::{CustomerStatus, expire, suspend},
    ids::IspId,
    money::Money,
    subscription::{BillWords, ExpiryDecision, bill_period, brake_trips, decide_expiry, due_date},
};
use persistence::{
    Error, Read, Tx, lookup,
    repo::{
        held_cuts, invoices, ledger,
        service::{self, Books, DueCustomer, Walk},
    },
};
use serde_json::{Value, json};

use super::{JobError, worker_scope};
use crate::{
    AppCtx,
    use_cases::billing::account::{CustomerAccount, defect, zone_of},
};

/// How many customers one unit of work looks at.
const BATCH: u32 = 500;

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExpiryReport {
    /// Customers whose credit bought the next period, or paid what was open.
    pub renewed: u64,
    /// Prepaid customers whose time is over.
    pub expired: u64,
    /// Postpaid customers who owe for too long.
    pub suspended: u64,
    /// Set when the run left its cuts to a person, because they are unusually many.
    pub brake: Option<Brake>,
}

/// Why a run left its cuts to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brake {
    /// How many it would cut.
    pub would_cut: u64,
    /// Of how many who are served.
    pub active: u64,
}

impl ExpiryReport {
    /// The result of the job.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self.brake {
            Some(Brake { would_cut, active }) => json!({
                "brake": true,
                "would_cut": would_cut,
                "active": active,
                "renewed": self.renewed,
            }),
            None => json!({
                "brake": false,
                "renewed": self.renewed,
                "expired": self.expired,
                "suspended": self.suspended,
            }),
        }
    }
}

/// Runs for one ISP. Unusually many cuts are held for a person, who goes on with `force`; what
/// customers paid is renewed all the same.
pub async fn run(
    ctx: &AppCtx,
    isp_id: IspId,
    force: bool,
    now: DateTime<Utc>,
) -> Result<ExpiryReport, JobError> {
    let scope = worker_scope(isp_id);
    let read = ctx.db.read(&scope).await?;
    let isp = lookup::isp(&read, &scope, isp_id)
        .await?
        .ok_or_else(|| JobError::Final("the ISP is not there any more".to_owned()))?;
    let books = service::books(&read, isp_id).await?;
    let due_by = now - TimeDelta::days(books.grace_days.clamp(0, 3650));
    let today = zone_of(&books.time_zone)
        .map(|zone| now.with_timezone(&zone).date_naive())
        .map_err(JobError::from)?;
    let brake = if force {
        None
    } else {
        brake(&read, isp_id, now, due_by, today).await?
    };
    read.done().await?;
    let run = Run {
        ctx,
        proof: proof(isp).map_err(|error| JobError::Final(error.to_string()))?,
        books,
        now,
        due_by,
        today,
        holds_cuts: brake.is_some(),
    };
    let mut report = ExpiryReport {
        brake,
        ..ExpiryReport::default()
    };
    run.walk(Kind::RunOut, &mut report).await?;
    run.walk(Kind::Overdue, &mut report).await?;
    run.note_held(brake).await?;
    Ok(report)
}

/// Whether the cuts that are due are unusually many for this ISP and this day of the month.
async fn brake(
    read: &Read,
    isp_id: IspId,
    now: DateTime<Utc>,
    due_by: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Option<Brake>, Error> {
    let (would_cut, active) = service::count_cuts(read, isp_id, now, due_by).await?;
    let (would_cut, active) = (whole(would_cut), whole(active));
    let cut_today = whole(held_cuts::most(read, isp_id, today, today).await?);
    let (first, last) = (today - Days::new(33), today - Days::new(27));
    let usual = whole(held_cuts::most(read, isp_id, first, last).await?);
    if !brake_trips(would_cut, active, cut_today, usual) {
        return Ok(None);
    }
    tracing::warn!(isp.id = %isp_id, would_cut, active, usual, "an expiry run left its cuts to a person: they are unusually many");
    Ok(Some(Brake { would_cut, active }))
}

fn proof(isp: IspRef) -> Result<Proof<perm::SuspendCustomers, IspRef>, domain::authz::Denied> {
    authorize(&Actor::System(SystemActor::Worker(isp.id)), isp)
}

fn whole(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[derive(Clone, Copy)]
enum Kind {
    RunOut,
    Overdue,
}

struct Run<'a> {
    ctx: &'a AppCtx,
    proof: Proof<perm::SuspendCustomers, IspRef>,
    books: Books,
    now: DateTime<Utc>,
    due_by: DateTime<Utc>,
    today: NaiveDate,
    holds_cuts: bool,
}

impl Run<'_> {
    /// Tells staff and RADIUS that cuts wait, or that they do not any more.
    async fn note_held(&self, brake: Option<Brake>) -> Result<(), Error> {
        let isp_id = self.proof.resource().id;
        let wanted = brake.map(|brake| i64::try_from(brake.would_cut).unwrap_or(i64::MAX));
        let read = self.ctx.db.read(&worker_scope(isp_id)).await?;
        let held = held_cuts::find(&read, isp_id).await?;
        read.done().await?;
        if held.map(|held| held.customers) == wanted {
            return Ok(());
        }
        let tx = self.ctx.db.begin("hold_cuts", &self.proof).await?;
        held_cuts::set(&tx, isp_id, wanted).await?;
        let before = held.map(|held| json!({"held": held.customers}));
        tx.record_change(before, wanted.map(|held| json!({"held": held})));
        tx.commit().await?;
        self.ctx.signals.committed();
        Ok(())
    }

    async fn walk(&self, kind: Kind, report: &mut ExpiryReport) -> Result<(), Error> {
        let isp_id = self.proof.resource().id;
        let mut walk = Walk::default();
        loop {
            let tx = self
                .ctx
                .db
                .begin("expire_subscriptions", &self.proof)
                .await?;
            let batch = match kind {
                Kind::RunOut => service::lock_run_out(&tx, isp_id, self.now, walk, BATCH).await?,
                Kind::Overdue => {
                    service::lock_overdue(&tx, isp_id, self.due_by, walk, BATCH).await?
                }
            };
            let Some(last) = batch.last() else {
                return tx.rollback().await;
            };
            walk.after = last.service.customer_id;
            let mut done = ExpiryReport::default();
            let mut changed = false;
            for customer in batch {
                changed |= self.decide(&tx, customer, &mut done).await?;
            }
            // Who is held is looked at each minute: nothing is written until something changes.
            if !changed {
                tx.rollback().await?;
                continue;
            }
            let cut = done.expired + done.suspended;
            if cut > 0 {
                let cut = i64::try_from(cut).unwrap_or(i64::MAX);
                held_cuts::count(&tx, isp_id, self.today, cut).await?;
            }
            let counts = json!({"renewed": done.renewed, "expired": done.expired, "suspended": done.suspended});
            tx.record_change(None, Some(counts));
            tx.commit().await?;
            self.ctx.signals.committed();
            report.renewed += done.renewed;
            report.expired += done.expired;
            report.suspended += done.suspended;
        }
    }

    /// Decides about one customer and carries it out; says whether anything was written.
    async fn decide(
        &self,
        tx: &Tx,
        due: DueCustomer,
        report: &mut ExpiryReport,
    ) -> Result<bool, Error> {
        let DueCustomer {
            service,
            price,
            owed,
            open,
        } = due;
        let mut account = CustomerAccount::of_locked(tx, self.books.clone(), service)?;
        let mut owed = owed;
        let mut settled = false;
        if open.is_positive() && open.minor() > owed.minor() {
            account.lock_books(&[]).await?;
            account.settle_from_credit().await?;
            settled = true;
            let minor = ledger::owed_by(tx, account.service.customer_id).await?;
            owed = Money::from_minor(minor, self.books.currency);
        }
        let credit = owed.negated().map_err(|error| defect(&error))?;
        let oldest_due = invoices::open_of(tx, account.service.customer_id)
            .await?
            .first()
            .map(|invoice| invoice.due_at);
        let grace = TimeDelta::days(self.books.grace_days.clamp(0, 3650));
        let decision = decide_expiry(&account.service, price, credit, oldest_due, grace, self.now);
        match decision {
            ExpiryDecision::Keep => report.renewed += 1,
            ExpiryDecision::Renew => {
                renew(tx, &mut account).await?;
                report.renewed += 1;
            }
            ExpiryDecision::Expire | ExpiryDecision::Suspend(_) if self.holds_cuts => {
                if !settled {
                    return Ok(false);
                }
            }
            ExpiryDecision::Expire => {
                account.service.status = expire(account.service.status).map_err(|e| defect(&e))?;
                report.expired += 1;
            }
            ExpiryDecision::Suspend(reason) => {
                account.service.status = suspend(account.service.status).map_err(|e| defect(&e))?;
                account.service.status_reason = Some(reason);
                report.suspended += 1;
            }
        }
        account.save().await?;
        Ok(true)
    }
}

/// Bills the next period and pays it from credit.
async fn renew(tx: &Tx, account: &mut CustomerAccount<'_>) -> Result<(), Error> {
    let service = &account.service;
    let offer = service::offer(tx, service.isp_id, service.package_id)
        .await?
        .ok_or_else(|| Error::Unexpected("a customer's package is not there".to_owned()))?;
    let period = account
        .next_period(&offer)
        .await?
        .map_err(|error| defect(&error))?;
    let due_at = due_date(service.billing_type, period, tx.now());
    let draft = bill_period(
        service.customer_id,
        &offer,
        period,
        due_at,
        BillWords::default(),
    );
    account.issue(draft).await?;
    account.settle_from_credit().await?;
    if account
        .service
        .expires_at
        .is_none_or(|until| until <= tx.now())
    {
        // Credit did not cover it after all: it is not served on trust.
        account.service.status = CustomerStatus::Expired;
    }
    Ok(())
}
