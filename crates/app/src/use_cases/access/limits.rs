//! What limits a customer, what of it is used, and what is in force.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{
    authz::{CustomerRef, PermissionMarker, Proof, Scope},
    network::{
        access_terms::VolumeLimit,
        fup::{Counts, Used, Window},
        restriction::{LimitEffect, Restriction},
    },
};
use persistence::{
    Error, Read,
    query::limits::{self, Subject},
    repo::{
        restrictions,
        top_ups::{self, TopUp},
    },
};

use crate::ctx::AppCtx;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// Bytes, in that direction.
    Volume(Counts),
    /// Seconds online.
    Time,
}

/// One limit and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What is limited.
    pub kind: LimitKind,
    /// When counting begins again.
    pub window: Window,
    /// What the package gives in a window.
    pub of_package: u64,
    /// What was left of the window before.
    pub carried_over: u64,
    /// What was granted on top.
    pub granted: u64,
    /// What is used.
    pub used: u64,
    /// What happens when nothing is left.
    pub on_reached: LimitEffect,
    /// When counting begins again.
    pub resets_at: DateTime<Utc>,
}

impl Limit {
    /// All that may be used in the window.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.of_package
            .saturating_add(self.carried_over)
            .saturating_add(self.granted)
    }

    /// What is left of it.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.total().saturating_sub(self.used)
    }
}

/// Everything that limits a customer.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The limits of the package.
    pub limits: Vec<Limit>,
    /// The restrictions in force.
    pub restrictions: Vec<Restriction>,
    /// The top-ups that count, newest first.
    pub top_ups: Vec<TopUp>,
}

/// The limits of a customer; nothing when the customer is gone.
pub async fn get_limits<P: PermissionMarker>(
    ctx: &AppCtx,
    proof: &Proof<P, CustomerRef>,
) -> Result<Option<Limits>, Error> {
    let now = ctx.clock.now();
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let customer = proof.resource();
    let Some(subject) = limits::subject(&read, customer).await? else {
        return Ok(None);
    };
    let top_ups = top_ups::of_customer(&read, customer.id, now).await?;
    let limits = of_subject(&read, customer, &subject, &top_ups, now).await?;
    let mut restrictions = restrictions::of_customer(&read, customer.id).await?;
    restrictions.retain(|restriction| restriction.counts_at(now));
    read.done().await?;
    Ok(Some(Limits {
        limits,
        restrictions,
        top_ups,
    }))
}

async fn of_subject(
    read: &Read,
    customer: &CustomerRef,
    subject: &Subject,
    top_ups: &[TopUp],
    now: DateTime<Utc>,
) -> Result<Vec<Limit>, Error> {
    let zone: Tz = subject.time_zone.parse().unwrap_or(Tz::UTC);
    let sum = |of: fn(&TopUp) -> i64| {
        let all = top_ups
            .iter()
            .map(|grant| u64::try_from(of(grant)).unwrap_or(0));
        all.fold(0, u64::saturating_add)
    };
    let mut found = Vec::new();
    if let Some(limit) = subject.terms.volume_limit {
        let span = limit.window.span(now, zone, subject.anchor_day);
        let used = limits::used(read, customer.id, span.first_day, span.next_day).await?;
        found.push(Limit {
            kind: LimitKind::Volume(limit.counts),
            window: limit.window,
            of_package: limit.octets,
            carried_over: carried_over(read, customer, subject, limit, now).await?,
            granted: sum(|grant| grant.octets),
            used: limit.counts.octets(used),
            on_reached: limit.on_reached,
            resets_at: span.ends_at,
        });
    }
    if let Some(limit) = subject.terms.time_limit {
        let span = limit.window.span(now, zone, subject.anchor_day);
        let Used { seconds, .. } =
            limits::used(read, customer.id, span.first_day, span.next_day).await?;
        found.push(Limit {
            kind: LimitKind::Time,
            window: limit.window,
            of_package: limit.seconds,
            carried_over: 0,
            granted: sum(|grant| grant.seconds),
            used: seconds,
            on_reached: limit.on_reached,
            resets_at: span.ends_at,
        });
    }
    Ok(found)
}

/// What the window before left over; who came in this one has left nothing.
async fn carried_over(
    read: &Read,
    customer: &CustomerRef,
    subject: &Subject,
    limit: VolumeLimit,
    now: DateTime<Utc>,
) -> Result<u64, Error> {
    let zone: Tz = subject.time_zone.parse().unwrap_or(Tz::UTC);
    let first_day = limit.window.span(now, zone, subject.anchor_day).first_day;
    let came = subject.created_at.with_timezone(&zone).date_naive();
    if !limit.rollover || came >= first_day {
        return Ok(0);
    }
    let (from, to) = limit.window.before(first_day, subject.anchor_day);
    let used = limits::used(read, customer.id, from, to).await?;
    Ok(limit.octets.saturating_sub(limit.counts.octets(used)))
}
