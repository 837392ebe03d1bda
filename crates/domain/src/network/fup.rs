//! Fair use and limits: what a customer may use in a window before service changes, and what follows
//! from what was used.
//!
//! A package may have a fair-use policy of several tiers, a volume limit and a time limit. All of
//! them are [`Rule`]s to [`evaluate()`], which alone decides what is restricted, when it ends and who
//! is told; counting and telling routers happen elsewhere.

mod evaluate;
mod rule;
mod simulate;
mod window;

use serde::{Deserialize, Serialize};

pub use self::{
    evaluate::{Baseline, Mark, Mode, Notice, Plan, Standing, Verdict, evaluate, fair_use_mode},
    rule::{Cause, Effect, Rule, Step},
    simulate::{DayUse, FirstDay, Simulated, SimulatedTier, Simulation, simulate},
    window::{Span, Window},
};
use crate::field::{FieldProblem, Fields};

/// More tiers than anybody can explain to a customer.
const MAX_TIERS: usize = 8;
const MAX_ROUTER_NAME: usize = 64;
/// 100 Gbit/s: more is a slip of the pen.
const MAX_KBPS: u32 = 100_000_000;
/// 1 PiB: more is a slip of the pen.
const MAX_OCTETS: u64 = 1 << 50;

/// Which direction counts, as the customer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Both together.
    #[default]
    Total,
    /// What the customer sends.
    Upload,
    /// What the customer receives.
    Download,
}

impl Counts {
    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }

    /// The direction of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Total, Self::Upload, Self::Download]
            .into_iter()
            .find(|counts| counts.as_str() == name)
    }

    /// The octets of a use that count.
    #[must_use]
    pub const fn octets(self, used: Used) -> u64 {
        match self {
            Self::Total => used.input_octets.saturating_add(used.output_octets),
            Self::Upload => used.input_octets,
            Self::Download => used.output_octets,
        }
    }
}

/// What was used in some stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Used {
    /// Upload of the customer in octets.
    pub input_octets: u64,
    /// Download of the customer in octets.
    pub output_octets: u64,
    /// Seconds online, of all sessions together.
    pub seconds: u64,
}

impl Used {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            input_octets: self.input_octets.saturating_add(other.input_octets),
            output_octets: self.output_octets.saturating_add(other.output_octets),
            seconds: self.seconds.saturating_add(other.seconds),
        }
    }

    /// What is left of it after a baseline; never less than nothing.
    #[must_use]
    pub const fn since(self, baseline: Self) -> Self {
        Self {
            input_octets: self.input_octets.saturating_sub(baseline.input_octets),
            output_octets: self.output_octets.saturating_sub(baseline.output_octets),
            seconds: self.seconds.saturating_sub(baseline.seconds),
        }
    }
}

/// Whether one threshold of a tier is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// The first of its thresholds that is passed.
    #[default]
    Any,
    /// Every one of its thresholds.
    All,
}

/// What a tier does to the service. At least one part is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierEffect {
    /// Upload in kbit/s instead of the package's.
    #[serde(default)]
    pub up_kbps: Option<u32>,
    /// Download in kbit/s instead of the package's.
    #[serde(default)]
    pub down_kbps: Option<u32>,
    /// Address pool instead of the package's.
    #[serde(default)]
    pub pool: Option<String>,
    /// Firewall address list instead of the package's.
    #[serde(default)]
    pub address_list: Option<String>,
}

/// One step of a fair-use policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Reached after so many octets.
    pub after_octets: Option<u64>,
    /// Reached after so many seconds online.
    pub after_seconds: Option<u64>,
    /// Whether one of the two is enough where both are given.
    #[serde(default)]
    pub needs: Needs,
    /// What it does.
    pub effect: TierEffect,
}

/// The fair-use policy of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FairUsePolicy {
    /// After what time counting begins anew.
    pub window: Window,
    /// Which direction counts.
    pub counts: Counts,
    /// The customer is told at this share of each tier; zero tells nobody.
    pub notify_percent: u8,
    /// The tiers, mildest first.
    pub tiers: Vec<Tier>,
}

/// Checks a fair-use policy and answers it cleaned.
///
/// # Errors
/// Every field that is not good.
pub fn check_policy(policy: FairUsePolicy) -> Result<FairUsePolicy, Vec<FieldProblem>> {
    let mut fields = Fields::default();
    if policy.notify_percent > 99 {
        fields.refuse(
            "notify_percent",
            "out_of_range",
            "must be between 1 and 99, or 0 to tell nobody",
        );
    }
    if policy.tiers.is_empty() || policy.tiers.len() > MAX_TIERS {
        let detail = format!("a policy has 1 to {MAX_TIERS} tiers");
        fields.refuse("tiers", "out_of_range", detail);
    }
    let mut tiers: Vec<Tier> = Vec::with_capacity(policy.tiers.len());
    for tier in policy.tiers {
        let tier = check_tier(&mut fields, &tier);
        if tiers
            .last()
            .is_some_and(|milder| !comes_after(&tier, milder))
        {
            fields.refuse(
                "tiers",
                "not_ascending",
                "each tier must come after the one before it: raise its data or its time",
            );
        }
        tiers.push(tier);
    }
    fields.finish(FairUsePolicy { tiers, ..policy })
}

fn check_tier(fields: &mut Fields, tier: &Tier) -> Tier {
    let octets = tier.after_octets;
    if octets.is_none() && tier.after_seconds.is_none() {
        let detail = "a tier needs after_octets, after_seconds, or both";
        fields.refuse("tiers", "required", detail);
    }
    if octets.is_some_and(|octets| octets == 0 || octets > MAX_OCTETS) {
        let detail = format!("after_octets must be between 1 and {MAX_OCTETS}");
        fields.refuse("tiers", "out_of_range", detail);
    }
    let most = Window::LONGEST_SECONDS;
    if tier
        .after_seconds
        .is_some_and(|seconds| seconds == 0 || seconds > most)
    {
        let detail = format!("after_seconds must be between 1 and {most}");
        fields.refuse("tiers", "out_of_range", detail);
    }
    let effect = check_effect(fields, &tier.effect);
    Tier {
        effect,
        after_octets: octets,
        after_seconds: tier.after_seconds,
        needs: tier.needs,
    }
}

fn check_effect(fields: &mut Fields, effect: &TierEffect) -> TierEffect {
    let pool = fields.optional_line("tiers", effect.pool.as_deref(), MAX_ROUTER_NAME);
    let list = effect.address_list.as_deref();
    let address_list = fields.optional_line("tiers", list, MAX_ROUTER_NAME);
    match (effect.up_kbps, effect.down_kbps) {
        (Some(up), Some(down)) => {
            if [up, down].iter().any(|&kbps| kbps == 0 || kbps > MAX_KBPS) {
                let detail = format!("a reduced rate is between 1 and {MAX_KBPS} kbit/s");
                fields.refuse("tiers", "out_of_range", detail);
            }
        }
        (None, None) => {
            if pool.is_none() && address_list.is_none() {
                let detail = "a tier needs a reduced rate, a pool or an address list";
                fields.refuse("tiers", "required", detail);
            }
        }
        (Some(_), None) | (None, Some(_)) => {
            let detail = "a reduced rate needs both up_kbps and down_kbps";
            fields.refuse("tiers", "required", detail);
        }
    }
    TierEffect {
        pool,
        address_list,
        ..effect.clone()
    }
}

/// Whether a tier is reached later than another: no threshold earlier, and one later or more.
fn comes_after(tier: &Tier, milder: &Tier) -> bool {
    let not_earlier = |this: Option<u64>, other: Option<u64>| match (this, other) {
        (Some(this), Some(other)) => this >= other,
        (None, _) | (_, None) => true,
    };
    let later = |this: Option<u64>, other: Option<u64>| match (this, other) {
        (Some(this), Some(other)) => this > other,
        (None, _) | (_, None) => false,
    };
    let other_kind = (tier.after_octets.is_some(), tier.after_seconds.is_some())
        != (
            milder.after_octets.is_some(),
            milder.after_seconds.is_some(),
        );
    not_earlier(tier.after_octets, milder.after_octets)
        && not_earlier(tier.after_seconds, milder.after_seconds)
        && (other_kind
            || later(tier.after_octets, milder.after_octets)
            || later(tier.after_seconds, milder.after_seconds))
}

#[cfg(test)]
mod tests;
