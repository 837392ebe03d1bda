//! Writes what an evaluation comes to: restrictions, notices, the log and the events, in one unit of
//! work that holds the customer, so that two processes that look at once do it once.

use chrono::{DateTime, Utc};
use domain::{
    event::DomainEvent,
    ids::CustomerId,
    network::{
        fup::{Cause, Effect, Notice, Plan, Standing, TierEffect, Used, Verdict},
        rate_limit::RateLimit,
        restriction::{LimitEffect, Restriction},
    },
};
use persistence::{
    Error, Tx,
    repo::{
        fair_use::{self as repo, LogAction, LogEntry},
        restrictions,
    },
};

use super::{Facts, load_one};
use crate::reactions;

/// What an evaluation changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Restrictions put in force or changed.
    pub applied: usize,
    /// Restrictions lifted.
    pub lifted: usize,
    /// Thresholds that the customer is to be told of.
    pub noticed: usize,
}

/// Evaluates one customer and writes what follows.
pub async fn settle(tx: &Tx, customer_id: CustomerId) -> Result<Settled, Error> {
    if !repo::lock_customer(tx, customer_id).await? {
        return Ok(Settled::default());
    }
    let now = tx.now();
    let Some(facts) = load_one(tx, customer_id, now).await? else {
        return Ok(Settled::default());
    };
    let standing = facts.standing;
    if standing.mode != standing.mode.at(now) {
        let mode = standing.mode.at(now);
        repo::put_standing(
            tx,
            facts.isp_id,
            customer_id,
            &Standing { mode, ..standing },
        )
        .await?;
    }
    let plan = facts.plan(now);
    let present = restrictions::of_customer(tx, customer_id).await?;
    let mut settled = Settled::default();
    for step in steps(&facts, &plan, &present, now) {
        write(tx, &facts, &step, &mut settled).await?;
    }
    if settled.applied + settled.lifted > 0 {
        reactions::record(tx, DomainEvent::RestrictionsChanged { customer_id }).await?;
    }
    for notice in &plan.notices {
        settled.noticed += usize::from(notify(tx, &facts, notice).await?);
    }
    Ok(settled)
}

/// Whether settling would change a restriction.
pub(crate) fn is_due(
    facts: &Facts,
    plan: &Plan,
    present: &[Restriction],
    now: DateTime<Utc>,
) -> bool {
    !steps(facts, plan, present, now).is_empty()
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Put(LogAction, Box<Restriction>, Used),
    Remove(Cause, Option<u16>),
}

fn steps(facts: &Facts, plan: &Plan, present: &[Restriction], now: DateTime<Utc>) -> Vec<Step> {
    let wanted = plan.restrictions.iter().map(|verdict| {
        let before = present.iter().find(|found| found.cause == verdict.cause);
        (verdict, before)
    });
    let put = wanted.clone().filter_map(|(verdict, before)| {
        let kept = before.filter(|found| found.tier == Some(u16::from(verdict.tier)));
        let since = kept.map_or(now, |found| found.since);
        let wanted = restriction(facts, verdict, since);
        match before {
            Some(found) if *found == wanted => None,
            Some(_) => Some(Step::Put(
                LogAction::Changed,
                Box::new(wanted),
                verdict.used,
            )),
            None => Some(Step::Put(
                LogAction::Applied,
                Box::new(wanted),
                verdict.used,
            )),
        }
    });
    let gone = present.iter().filter(|found| {
        !plan
            .restrictions
            .iter()
            .any(|verdict| verdict.cause == found.cause)
    });
    put.chain(gone.map(|found| Step::Remove(found.cause, found.tier)))
        .collect()
}

async fn write(tx: &Tx, facts: &Facts, step: &Step, settled: &mut Settled) -> Result<(), Error> {
    match step {
        Step::Put(action, restriction, used) => {
            restrictions::put(tx, restriction).await?;
            settled.applied += 1;
            let entry = LogEntry {
                tier: restriction.tier.and_then(|tier| u8::try_from(tier).ok()),
                manual: restriction.manual,
                until: restriction.until,
                ..entry(facts, *action, restriction.cause, *used)
            };
            repo::log(tx, &entry).await
        }
        Step::Remove(cause, tier) => {
            restrictions::remove(tx, facts.isp_id, facts.customer_id, *cause).await?;
            settled.lifted += 1;
            let used = facts.counted(*cause, tx.now());
            let entry = LogEntry {
                tier: tier.and_then(|tier| u8::try_from(tier).ok()),
                ..entry(facts, LogAction::Lifted, *cause, used)
            };
            repo::log(tx, &entry).await
        }
    }
}

async fn notify(tx: &Tx, facts: &Facts, notice: &Notice) -> Result<bool, Error> {
    if !repo::note_notice(tx, facts.isp_id, facts.customer_id, notice).await? {
        return Ok(false);
    }
    let line = LogEntry {
        tier: Some(notice.tier),
        ..entry(facts, LogAction::Notified, notice.cause, notice.used)
    };
    repo::log(tx, &line).await?;
    let event = DomainEvent::UsageNoticed {
        customer_id: facts.customer_id,
        cause: notice.cause.as_str().to_owned(),
        tier: notice.tier,
    };
    reactions::record(tx, event).await?;
    Ok(true)
}

fn entry(facts: &Facts, action: LogAction, cause: Cause, used: Used) -> LogEntry {
    LogEntry {
        isp_id: facts.isp_id,
        customer_id: facts.customer_id,
        action,
        cause,
        tier: None,
        manual: false,
        until: None,
        used,
        note: None,
    }
}

fn restriction(facts: &Facts, verdict: &Verdict, since: DateTime<Utc>) -> Restriction {
    let (effect, parts) = match &verdict.effect {
        Effect::Throttle(parts) => (LimitEffect::Throttle, parts.clone()),
        Effect::Suspend => (LimitEffect::Suspend, TierEffect::default()),
        Effect::Disconnect => (LimitEffect::Disconnect, TierEffect::default()),
    };
    let rate = match (parts.up_kbps, parts.down_kbps) {
        (Some(up), Some(down)) => Some(RateLimit::new(up, down)),
        (None, _) | (_, None) => None,
    };
    Restriction {
        isp_id: facts.isp_id,
        customer_id: facts.customer_id,
        cause: verdict.cause,
        effect,
        tier: Some(u16::from(verdict.tier)),
        rate,
        pool: parts.pool,
        address_list: parts.address_list,
        since,
        until: verdict.until,
        manual: verdict.manual,
    }
}
