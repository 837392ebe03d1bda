//! What an evaluation goes by.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::{
    ids::{CustomerId, IspId, PackageId},
    network::{
        access::QuotaLeft,
        access_terms::{AccessTerms, TimeLimit, VolumeLimit},
        fup::{
            Cause, Effect, FairUsePolicy, Plan, Rule, Span, Standing, TierEffect, Used, Window,
            evaluate,
        },
        rate_limit::RateLimit,
        restriction::LimitEffect,
    },
};
use persistence::{
    Error, Read,
    query::fair_use::{self as query, Subject, TopUp},
    repo::fair_use as repo,
};
use rustc_hash::FxHashMap;

type Days = (NaiveDate, NaiveDate);

/// What is known of one customer's use.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Which customer.
    pub customer_id: CustomerId,
    /// Whose.
    pub isp_id: IspId,
    /// On which package.
    pub package_id: PackageId,
    /// The ISP's time zone.
    pub zone: Tz,
    /// The day of billing.
    pub anchor_day: u32,
    /// The fair-use policy of the package.
    pub policy: Option<FairUsePolicy>,
    /// The volume limit of the package.
    pub volume: Option<VolumeLimit>,
    /// The time limit of the package.
    pub time: Option<TimeLimit>,
    /// What was granted on top of the limits.
    pub top_up: TopUp,
    /// Everything that limits the customer.
    pub rules: Vec<Rule>,
    /// What people decided.
    pub standing: Standing,
    spent: Vec<(Window, Span, Used)>,
    /// The window before, when what it left over counts in this one.
    carries_over: Option<Days>,
    before: Used,
}

impl Facts {
    /// The window of a rule, and what was used in it.
    #[must_use]
    pub fn spent(&self, window: Window, now: DateTime<Utc>) -> (Span, Used) {
        let found = self.spent.iter().find(|(of, ..)| *of == window);
        found.map_or_else(
            || {
                (
                    window.span(now, self.zone, self.anchor_day),
                    Used::default(),
                )
            },
            |&(_, span, used)| (span, used),
        )
    }

    fn windows(&self) -> Vec<Window> {
        let fair_use = self.policy.as_ref().map(|policy| policy.window);
        let volume = self.volume.map(|limit| limit.window);
        let time = self.time.map(|limit| limit.window);
        let mut windows: Vec<Window> = [fair_use, volume, time].into_iter().flatten().collect();
        windows.sort();
        windows.dedup();
        windows
    }

    /// Bytes of the volume limit that the window before left over.
    #[must_use]
    pub fn carried_over(&self) -> u64 {
        let limit = self.volume.filter(|_| self.carries_over.is_some());
        limit.map_or(0, |limit| {
            let used = limit.counts.octets(self.before);
            limit.octets.saturating_sub(used)
        })
    }

    /// What is left of the limits of the package; nothing when it has none.
    #[must_use]
    pub fn quota_left(&self, now: DateTime<Utc>) -> Option<QuotaLeft> {
        let left = |cause| {
            let rule = self.rules.iter().find(|rule| rule.cause == cause)?;
            let (step, used) = (rule.steps.first()?, self.spent(rule.window, now).1);
            Some((rule.counts, step.clone(), used))
        };
        let octets = left(Cause::VolumeLimit).and_then(|(counts, step, used)| {
            Some(step.after_octets?.saturating_sub(counts.octets(used)))
        });
        let seconds = left(Cause::TimeLimit)
            .and_then(|(_, step, used)| Some(step.after_seconds?.saturating_sub(used.seconds)));
        (octets.is_some() || seconds.is_some()).then_some(QuotaLeft { octets, seconds })
    }

    /// What counts of it for a kind of rule.
    #[must_use]
    pub fn counted(&self, cause: Cause, now: DateTime<Utc>) -> Used {
        let Some(rule) = self.rules.iter().find(|rule| rule.cause == cause) else {
            return Used::default();
        };
        let (span, used) = self.spent(rule.window, now);
        match cause {
            Cause::FairUse => self.standing.counted(span, used),
            Cause::VolumeLimit | Cause::TimeLimit => used,
        }
    }

    /// What must be so.
    #[must_use]
    pub fn plan(&self, now: DateTime<Utc>) -> Plan {
        let spent = |rule: &Rule| self.spent(rule.window, now);
        evaluate(&self.rules, &self.standing, spent, now)
    }
}

/// The facts of one customer; nothing when there is no such customer.
pub async fn load_one(
    read: &Read,
    id: CustomerId,
    now: DateTime<Utc>,
) -> Result<Option<Facts>, Error> {
    let subjects = query::subjects(read, &[id]).await?;
    Ok(load(read, subjects, now).await?.into_iter().next())
}

/// The facts of up to so many customers on those packages, after one of them.
pub async fn of_packages(
    read: &Read,
    packages: &[PackageId],
    after: Option<CustomerId>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Facts>, Error> {
    let subjects = query::subjects_on(read, packages, after, limit).await?;
    load(read, subjects, now).await
}

/// Every package whose customers are limited in what they use.
pub async fn limited_packages(read: &Read) -> Result<Vec<PackageId>, Error> {
    query::limited_packages(read).await
}

/// The facts of customers, in their order.
pub async fn load(
    read: &Read,
    subjects: Vec<Subject>,
    now: DateTime<Utc>,
) -> Result<Vec<Facts>, Error> {
    let ids: Vec<CustomerId> = subjects
        .iter()
        .map(|found| CustomerId::from_uuid(found.id))
        .collect();
    let mut packages: Vec<PackageId> = subjects
        .iter()
        .map(|found| PackageId::from_uuid(found.package_id))
        .collect();
    packages.sort();
    packages.dedup();
    let policies: FxHashMap<_, _> = repo::policies(read, &packages).await?.into_iter().collect();
    let standings: FxHashMap<_, _> = repo::standings(read, &ids).await?.into_iter().collect();
    let top_ups: FxHashMap<_, _> = query::top_ups(read, &ids, now).await?.into_iter().collect();
    let mut facts = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let mut found = of_subject(&subject, now)?;
        found.policy = policies.get(&found.package_id).cloned();
        found.standing = standings
            .get(&found.customer_id)
            .copied()
            .unwrap_or_default();
        found.top_up = top_ups.get(&found.customer_id).copied().unwrap_or_default();
        facts.push(found);
    }
    spend(read, &mut facts, now).await?;
    for found in &mut facts {
        found.rules = rules(found);
    }
    Ok(facts)
}

fn of_subject(subject: &Subject, now: DateTime<Utc>) -> Result<Facts, Error> {
    let zone: Tz = subject
        .time_zone
        .parse()
        .map_err(|_| Error::Unexpected(format!("unknown time zone {}", subject.time_zone)))?;
    let terms: AccessTerms = serde_json::from_value(subject.access.clone())
        .map_err(|error| Error::Unexpected(format!("terms of a package: {error}")))?;
    let anchor_day = u32::try_from(subject.anchor_day).unwrap_or(1);
    let volume = terms.volume_limit;
    let carries_over = volume.filter(|limit| limit.rollover).and_then(|limit| {
        let first_day = limit.window.span(now, zone, anchor_day).first_day;
        let began = subject.created_at.with_timezone(&zone).date_naive();
        // Who came in this window has left nothing over from the one before.
        (began < first_day).then(|| limit.window.before(first_day, anchor_day))
    });
    Ok(Facts {
        customer_id: CustomerId::from_uuid(subject.id),
        isp_id: IspId::from_uuid(subject.isp_id),
        package_id: PackageId::from_uuid(subject.package_id),
        zone,
        anchor_day,
        policy: None,
        volume,
        time: terms.time_limit,
        top_up: TopUp::default(),
        rules: Vec::new(),
        standing: Standing::default(),
        spent: Vec::new(),
        carries_over,
        before: Used::default(),
    })
}

fn rules(facts: &Facts) -> Vec<Rule> {
    let fair_use = facts.policy.as_ref().map(Rule::of_fair_use);
    let volume = facts.volume.map(|limit| {
        let counts = limit.counts;
        let octets = limit
            .octets
            .saturating_add(facts.carried_over())
            .saturating_add(facts.top_up.octets);
        let effect = effect(limit.on_reached, limit.throttled);
        Rule::of_volume(limit.window, counts, octets, effect)
    });
    let time = facts.time.map(|limit| {
        let seconds = limit.seconds.saturating_add(facts.top_up.seconds);
        let effect = effect(limit.on_reached, limit.throttled);
        Rule::of_time(limit.window, seconds, effect)
    });
    [fair_use, volume, time].into_iter().flatten().collect()
}

fn effect(on_reached: LimitEffect, throttled: Option<RateLimit>) -> Effect {
    match on_reached {
        LimitEffect::Throttle => Effect::Throttle(TierEffect {
            up_kbps: throttled.map(|rate| rate.up_kbps),
            down_kbps: throttled.map(|rate| rate.down_kbps),
            ..TierEffect::default()
        }),
        LimitEffect::Suspend => Effect::Suspend,
        LimitEffect::Disconnect => Effect::Disconnect,
    }
}

/// Reads what was used in every window that a rule looks at: one query for all with the same days.
async fn spend(read: &Read, facts: &mut [Facts], now: DateTime<Utc>) -> Result<(), Error> {
    let mut wanted: FxHashMap<Days, Vec<CustomerId>> = FxHashMap::default();
    for of_one in facts.iter_mut() {
        for window in of_one.windows() {
            let span = window.span(now, of_one.zone, of_one.anchor_day);
            of_one.spent.push((window, span, Used::default()));
            let days = (span.first_day, span.next_day);
            wanted.entry(days).or_default().push(of_one.customer_id);
        }
        if let Some(days) = of_one.carries_over {
            wanted.entry(days).or_default().push(of_one.customer_id);
        }
    }
    let mut found: FxHashMap<(CustomerId, Days), Used> = FxHashMap::default();
    for (days, customers) in wanted {
        for (id, used) in query::used_between(read, &customers, days).await? {
            found.insert((id, days), used);
        }
    }
    for of_one in facts {
        let id = of_one.customer_id;
        let used = |days| found.get(&(id, days)).copied().unwrap_or_default();
        for (_, span, spent) in &mut of_one.spent {
            *spent = used((span.first_day, span.next_day));
        }
        of_one.before = of_one.carries_over.map(used).unwrap_or_default();
    }
    Ok(())
}
