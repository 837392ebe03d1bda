//! What limits a customer, what of it is used, and what is in force.

use chrono::{DateTime, Utc};
use domain::{
    authz::{CustomerRef, PermissionMarker, Proof, Scope},
    network::{
        fup::{Counts, Window},
        restriction::{LimitEffect, Restriction},
    },
};
use persistence::{
    Error,
    repo::{
        restrictions,
        top_ups::{self, TopUp},
    },
};

use crate::{
    ctx::AppCtx,
    fair_use::{Facts, load_one},
};

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
    let Some(facts) = load_one(&read, customer.id, now).await? else {
        return Ok(None);
    };
    let top_ups = top_ups::of_customer(&read, customer.id, now).await?;
    let mut restrictions = restrictions::of_customer(&read, customer.id).await?;
    restrictions.retain(|restriction| restriction.counts_at(now));
    read.done().await?;
    Ok(Some(Limits {
        limits: of_facts(&facts, now),
        restrictions,
        top_ups,
    }))
}

fn of_facts(facts: &Facts, now: DateTime<Utc>) -> Vec<Limit> {
    let volume = facts.volume.map(|limit| {
        let (span, used) = facts.spent(limit.window, now);
        Limit {
            kind: LimitKind::Volume(limit.counts),
            window: limit.window,
            of_package: limit.octets,
            carried_over: facts.carried_over(),
            granted: facts.top_up.octets,
            used: limit.counts.octets(used),
            on_reached: limit.on_reached,
            resets_at: span.ends_at,
        }
    });
    let time = facts.time.map(|limit| {
        let (span, used) = facts.spent(limit.window, now);
        Limit {
            kind: LimitKind::Time,
            window: limit.window,
            of_package: limit.seconds,
            carried_over: 0,
            granted: facts.top_up.seconds,
            used: used.seconds,
            on_reached: limit.on_reached,
            resets_at: span.ends_at,
        }
    });
    [volume, time].into_iter().flatten().collect()
}
