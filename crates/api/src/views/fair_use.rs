//! Fair use: policies, where a customer stands, the log, and what routers were asked.

use app::{fair_use::Facts, use_cases::fair_use::FairUseNow};
use chrono::{DateTime, NaiveDate, Utc};
use domain::network::fup::{self, Cause, Simulation};
use persistence::{query::fair_use::LogRow, repo::live_changes::LiveChangeRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::access::{RestrictionCause, RestrictionView};
use crate::{extract::cursor_page, problem::Problem, wire::wire_enum};

wire_enum! {
    /// After what time counting begins anew, by the ISP's calendar: `day` at midnight, `week` on
    /// Monday, `month` on the first, `period` on the customer's own day of billing.
    UsageWindow = fup::Window { Day, Week, Month, Period }
}

wire_enum! {
    /// Which direction counts, as the customer sees it.
    UsageCounts = fup::Counts { Total, Upload, Download }
}

wire_enum! {
    /// Whether the first threshold of a tier is enough (`any`) or both are needed (`all`).
    TierNeeds = fup::Needs { Any, All }
}

/// 1 PiB: more is a slip of the pen.
const MAX_OCTETS: u64 = 1 << 50;

const fn any() -> TierNeeds {
    TierNeeds::Any
}

/// One tier of a fair-use policy. It needs a threshold and an effect: a reduced rate (both
/// directions), an address pool, an address list, or several of them.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FairUseTier {
    /// Reached after so many bytes in a window.
    #[validate(range(min = 1, max = MAX_OCTETS))]
    #[schema(minimum = 1, maximum = 1_125_899_906_842_624_i64)]
    after_octets: Option<u64>,
    /// Reached after so many seconds online in a window.
    #[validate(range(min = 1, max = 2_678_400))]
    #[schema(minimum = 1, maximum = 2_678_400)]
    after_seconds: Option<u64>,
    #[serde(default = "any")]
    needs: TierNeeds,
    /// Upload in kbit/s instead of the package's.
    #[validate(range(min = 1, max = 100_000_000))]
    #[schema(minimum = 1, maximum = 100_000_000)]
    up_kbps: Option<u32>,
    /// Download in kbit/s instead of the package's.
    #[validate(range(min = 1, max = 100_000_000))]
    #[schema(minimum = 1, maximum = 100_000_000)]
    down_kbps: Option<u32>,
    /// Address pool on the router instead of the package's; live sessions are ended for it.
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    pool: Option<String>,
    /// Firewall address list on the router instead of the package's; live sessions are ended for it.
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    address_list: Option<String>,
}

impl From<fup::Tier> for FairUseTier {
    fn from(tier: fup::Tier) -> Self {
        let fup::Tier {
            after_octets,
            after_seconds,
            needs,
            effect,
        } = tier;
        Self {
            after_octets,
            after_seconds,
            needs: needs.into(),
            up_kbps: effect.up_kbps,
            down_kbps: effect.down_kbps,
            pool: effect.pool,
            address_list: effect.address_list,
        }
    }
}

impl From<FairUseTier> for fup::Tier {
    fn from(tier: FairUseTier) -> Self {
        Self {
            after_octets: tier.after_octets,
            after_seconds: tier.after_seconds,
            needs: tier.needs.into(),
            effect: fup::TierEffect {
                up_kbps: tier.up_kbps,
                down_kbps: tier.down_kbps,
                pool: tier.pool,
                address_list: tier.address_list,
            },
        }
    }
}

const fn eighty() -> u8 {
    80
}

/// A fair-use policy.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FairUsePolicy {
    window: UsageWindow,
    counts: UsageCounts,
    /// The customer is told at this share of each tier; 0 tells nobody.
    #[serde(default = "eighty")]
    #[validate(range(max = 99))]
    #[schema(maximum = 99, default = 80)]
    notify_percent: u8,
    /// Mildest first.
    #[validate(length(min = 1, max = 8), nested)]
    #[schema(min_items = 1, max_items = 8)]
    tiers: Vec<FairUseTier>,
}

impl From<fup::FairUsePolicy> for FairUsePolicy {
    fn from(policy: fup::FairUsePolicy) -> Self {
        Self {
            window: policy.window.into(),
            counts: policy.counts.into(),
            notify_percent: policy.notify_percent,
            tiers: policy.tiers.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<FairUsePolicy> for fup::FairUsePolicy {
    fn from(policy: FairUsePolicy) -> Self {
        Self {
            window: policy.window.into(),
            counts: policy.counts.into(),
            notify_percent: policy.notify_percent,
            tiers: policy.tiers.into_iter().map(Into::into).collect(),
        }
    }
}

/// The fair-use policy of a package, if it has one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PackageFairUse {
    pub(crate) policy: Option<FairUsePolicy>,
}

/// What was used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsedView {
    /// Upload of the customer in bytes.
    input_octets: u64,
    /// Download of the customer in bytes.
    output_octets: u64,
    /// Seconds online, of all sessions together.
    seconds: u64,
}

impl From<fup::Used> for UsedView {
    fn from(used: fup::Used) -> Self {
        let fup::Used {
            input_octets,
            output_octets,
            seconds,
        } = used;
        Self {
            input_octets,
            output_octets,
            seconds,
        }
    }
}

/// How fair use of a customer is decided: by usage, by a tier that a person put in force, or not at
/// all since a person exempted the customer.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FairUseMode {
    Automatic,
    Forced,
    Exempt,
}

/// The window in which is counted now, and what counts of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FairUseWindow {
    starts_on: NaiveDate,
    ends_at: DateTime<Utc>,
    /// What counts; less than what was used after a reset in this window.
    counted: UsedView,
    /// What was used.
    used: UsedView,
    /// Whether the count was begun anew by hand in this window.
    was_reset: bool,
    /// Bytes until something is decided: a notice or a tier; null when nothing is ahead.
    octets_left: Option<u64>,
    /// Seconds online until something is decided.
    seconds_left: Option<u64>,
}

/// Where a customer stands with fair use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FairUseView {
    /// The policy of the package, if it has one.
    policy: Option<FairUsePolicy>,
    /// Null when the package has no policy.
    window: Option<FairUseWindow>,
    mode: FairUseMode,
    /// The tier that a person put in force.
    forced_tier: Option<u8>,
    /// When the person's decision ends by itself.
    mode_until: Option<DateTime<Utc>>,
    /// The tier that applies, counted from 1; null for none.
    tier: Option<u8>,
    /// Everything that restricts the customer, limits of the package included.
    restrictions: Vec<RestrictionView>,
}

impl FairUseView {
    pub(crate) fn new(found: FairUseNow, now: DateTime<Utc>) -> Self {
        let FairUseNow {
            facts,
            plan,
            in_force,
        } = found;
        let (mode, forced_tier) = match facts.standing.mode.at(now) {
            fup::Mode::Automatic => (FairUseMode::Automatic, None),
            fup::Mode::Forced { tier, .. } => (FairUseMode::Forced, Some(tier)),
            fup::Mode::Exempt { .. } => (FairUseMode::Exempt, None),
        };
        let applies = plan
            .restrictions
            .iter()
            .find(|found| found.cause == Cause::FairUse);
        Self {
            window: window(&facts, &plan, now),
            mode,
            forced_tier,
            mode_until: facts.standing.mode.at(now).until(),
            tier: applies.map(|found| found.tier),
            restrictions: in_force.into_iter().map(Into::into).collect(),
            policy: facts.policy.map(Into::into),
        }
    }
}

fn window(facts: &Facts, plan: &fup::Plan, now: DateTime<Utc>) -> Option<FairUseWindow> {
    let policy = facts.policy.as_ref()?;
    let (span, used) = facts.spent(policy.window, now);
    let mark = plan.marks.iter().find(|mark| mark.cause == Cause::FairUse);
    let baseline = facts.standing.baseline;
    Some(FairUseWindow {
        starts_on: span.first_day,
        ends_at: span.ends_at,
        counted: facts.standing.counted(span, used).into(),
        used: used.into(),
        was_reset: baseline.is_some_and(|baseline| baseline.first_day == span.first_day),
        octets_left: mark.and_then(|mark| mark.octets_left),
        seconds_left: mark.and_then(|mark| mark.seconds_left),
    })
}

/// What a tier would have done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulatedTierView {
    /// Which tier, counted from 1.
    tier: usize,
    /// How many customers would have reached it.
    customers: u64,
    /// How many days with traffic would have ended in it, all customers together.
    customer_days: u64,
    /// How many would have reached it first on each day.
    first_days: Vec<SimulatedDay>,
}

/// How many customers would have reached a tier on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulatedDay {
    day: NaiveDate,
    customers: u64,
}

/// A customer who would have reached a tier.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulatedCustomer {
    customer_id: Uuid,
    tier: u8,
    day: NaiveDate,
}

/// What a policy would have done last month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimulationView {
    /// The first day of the month it was tried on.
    month: NaiveDate,
    /// How many customers of the package used anything in it.
    customers: u64,
    /// How many would have reached any tier.
    restricted: u64,
    tiers: Vec<SimulatedTierView>,
    /// The first thousand who would have reached a tier.
    reached: Vec<SimulatedCustomer>,
}

const MAX_REACHED: usize = 1000;

impl From<(NaiveDate, Simulation)> for SimulationView {
    fn from((month, found): (NaiveDate, Simulation)) -> Self {
        let tiers = found.tiers.into_iter().enumerate().map(|(index, tier)| {
            let days = tier.first_days.into_iter();
            SimulatedTierView {
                tier: index + 1,
                customers: tier.customers,
                customer_days: tier.customer_days,
                first_days: days
                    .map(|(day, customers)| SimulatedDay { day, customers })
                    .collect(),
            }
        });
        let reached = found.reached.into_iter().take(MAX_REACHED);
        Self {
            month,
            customers: found.customers,
            restricted: found.restricted,
            tiers: tiers.collect(),
            reached: reached
                .map(|first| SimulatedCustomer {
                    customer_id: first.customer_id.as_uuid(),
                    tier: first.tier,
                    day: first.day,
                })
                .collect(),
        }
    }
}

/// One line of a customer's fair-use log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FairUseLogView {
    id: Uuid,
    /// `applied`, `changed` and `lifted` are restrictions; `notified` says that the customer is to
    /// be told of a threshold; `activated`, `deactivated` and `reset` are what people did.
    action: String,
    cause: RestrictionCause,
    /// Which tier, counted from 1.
    tier: Option<i64>,
    /// Whether a person asked for it.
    manual: bool,
    until: Option<DateTime<Utc>>,
    /// What counted at that time: upload in bytes.
    input_octets: i64,
    /// Download in bytes.
    output_octets: i64,
    /// Seconds online.
    seconds: i64,
    note: Option<String>,
    /// Who; null when the product did it by itself.
    actor_id: Option<Uuid>,
    actor_name: Option<String>,
    at: DateTime<Utc>,
}

cursor_page! {
    /// What happened to a customer's fair use.
    FairUseLogPage of FairUseLogView
}

impl TryFrom<LogRow> for FairUseLogView {
    type Error = Problem;

    fn try_from(row: LogRow) -> Result<Self, Problem> {
        let cause = Cause::parse(&row.cause).ok_or_else(|| {
            let text = format!("unknown cause `{}`", row.cause);
            Problem::from(persistence::Error::Unexpected(text))
        })?;
        Ok(Self {
            id: row.id,
            action: row.action,
            cause: cause.into(),
            tier: row.tier,
            manual: row.manual,
            until: row.until,
            input_octets: row.input_octets,
            output_octets: row.output_octets,
            seconds: row.seconds,
            note: row.note,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            at: row.at,
        })
    }
}

/// A request to a router about a live session, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LiveChangeView {
    id: Uuid,
    session_id: Uuid,
    nas_id: Uuid,
    nas_name: String,
    username: String,
    acct_session_id: String,
    /// `change` (CoA) or `disconnect`.
    kind: String,
    /// What was asked for, attribute by attribute.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    requested: serde_json::Value,
    /// `done`: the router changed it, or its Stop came. `waiting_for_stop`: the router said that it
    /// ends the session. `no_stop`: it said so and no Stop came. `session_unknown`: the router knows
    /// no such session, it is closed in the books. `refused`: see `error_cause`. `unreachable`: no
    /// answer; it is tried again.
    outcome: String,
    /// The Error-Cause of RFC 5176, for example 503: no such session.
    error_cause: Option<i64>,
    /// What the Error-Cause means.
    error: Option<&'static str>,
    at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
}

/// What routers were asked about a customer's sessions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LiveChanges {
    pub(crate) items: Vec<LiveChangeView>,
}

impl From<LiveChangeRow> for LiveChangeView {
    fn from(row: LiveChangeRow) -> Self {
        let cause = row.error_cause.and_then(|cause| u32::try_from(cause).ok());
        Self {
            id: row.id,
            session_id: row.session_id,
            nas_id: row.nas_id,
            nas_name: row.nas_name,
            username: row.username,
            acct_session_id: row.acct_session_id,
            kind: row.kind,
            requested: row.requested,
            outcome: row.outcome,
            error_cause: row.error_cause,
            error: cause.map(domain::network::live_step::error_cause_text),
            at: row.at,
            settled_at: row.settled_at,
        }
    }
}
