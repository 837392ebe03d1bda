//! What all limits have in common: thresholds in a window, and what reaching each does.

use super::{Counts, FairUsePolicy, Needs, TierEffect, Used, Window};

/// Which kind of rule restricts a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The fair-use policy.
    FairUse,
    /// The volume limit.
    VolumeLimit,
    /// The time limit.
    TimeLimit,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 3] = [Self::FairUse, Self::VolumeLimit, Self::TimeLimit];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FairUse => "fup",
            Self::VolumeLimit => "volume_limit",
            Self::TimeLimit => "time_limit",
        }
    }

    /// The cause of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == name)
    }
}

/// What reaching a threshold does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Slower, or in another pool or address list.
    Throttle(TierEffect),
    /// Like somebody who has not paid.
    Suspend,
    /// Ended, and like somebody who has not paid.
    Disconnect,
}

/// One threshold and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Reached after so many octets.
    pub after_octets: Option<u64>,
    /// Reached after so many seconds.
    pub after_seconds: Option<u64>,
    /// Whether one of the two is enough.
    pub needs: Needs,
    /// What it does.
    pub effect: Effect,
}

/// Thresholds in a window, mildest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Which kind of rule it is.
    pub cause: Cause,
    /// After what time counting begins anew.
    pub window: Window,
    /// Which direction counts.
    pub counts: Counts,
    /// At which share of a threshold somebody is told; zero for never.
    pub notify_percent: u8,
    /// The thresholds.
    pub steps: Vec<Step>,
}

impl Rule {
    /// The rule of a fair-use policy.
    #[must_use]
    pub fn of_fair_use(policy: &FairUsePolicy) -> Self {
        let steps = policy.tiers.iter().map(|tier| Step {
            after_octets: tier.after_octets,
            after_seconds: tier.after_seconds,
            needs: tier.needs,
            effect: Effect::Throttle(tier.effect.clone()),
        });
        Self {
            cause: Cause::FairUse,
            window: policy.window,
            counts: policy.counts,
            notify_percent: policy.notify_percent,
            steps: steps.collect(),
        }
    }

    /// The rule of a volume limit; `octets` holds what was carried over and bought on top.
    #[must_use]
    pub fn of_volume(window: Window, counts: Counts, octets: u64, effect: Effect) -> Self {
        Self::of_limit(
            Cause::VolumeLimit,
            window,
            counts,
            (Some(octets), None),
            effect,
        )
    }

    /// The rule of a time limit.
    #[must_use]
    pub fn of_time(window: Window, seconds: u64, effect: Effect) -> Self {
        let limit = (None, Some(seconds));
        Self::of_limit(Cause::TimeLimit, window, Counts::Total, limit, effect)
    }

    fn of_limit(
        cause: Cause,
        window: Window,
        counts: Counts,
        (after_octets, after_seconds): (Option<u64>, Option<u64>),
        effect: Effect,
    ) -> Self {
        Self {
            cause,
            window,
            counts,
            notify_percent: DEFAULT_NOTIFY_PERCENT,
            steps: vec![Step {
                after_octets,
                after_seconds,
                needs: Needs::Any,
                effect,
            }],
        }
    }

    /// The number of the strictest step that was reached, counted from one; zero for none.
    ///
    /// A step of time may be reached before a milder one of data.
    #[must_use]
    pub fn reached(&self, used: Used) -> usize {
        self.steps
            .iter()
            .rposition(|step| step.is_reached(self.counts, used, 100))
            .map_or(0, |index| index + 1)
    }
}

/// At which share of a limit a customer is told when nobody says otherwise.
pub(super) const DEFAULT_NOTIFY_PERCENT: u8 = 80;

impl Step {
    /// Whether so much percent of the step is used.
    pub(super) fn is_reached(&self, counts: Counts, used: Used, percent: u8) -> bool {
        let octets = self
            .after_octets
            .map(|limit| share(limit, percent) <= counts.octets(used));
        let seconds = self
            .after_seconds
            .map(|limit| share(limit, percent) <= used.seconds);
        match self.needs {
            Needs::Any => octets.unwrap_or(false) || seconds.unwrap_or(false),
            Needs::All => octets.unwrap_or(true) && seconds.unwrap_or(true),
        }
    }
}

/// So much percent of a limit, rounded up so that nobody is told early.
pub(super) fn share(limit: u64, percent: u8) -> u64 {
    let exact = (u128::from(limit) * u128::from(percent)).div_ceil(100);
    u64::try_from(exact).unwrap_or(u64::MAX)
}
