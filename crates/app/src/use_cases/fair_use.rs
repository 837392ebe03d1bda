//! Fair use: policies of packages, what people decide for one customer, and what happened.

mod decide;
mod policy;
mod show;
mod simulate;

use persistence::Error;

pub use self::decide::{Decision, Until, decide_fair_use};
pub use self::policy::{get_fair_use_policy, remove_fair_use_policy, set_fair_use_policy};
pub use self::show::{FairUseNow, fair_use_log, get_fair_use, list_live_changes};
pub use self::simulate::simulate_fair_use;

/// Why fair use stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum FairUseError {
    /// The policy is not good.
    #[error("some fields are not good")]
    Invalid(Vec<domain::field::FieldProblem>),
    /// The package of the customer has no fair-use policy.
    #[error("the package has no fair-use policy: give it one first")]
    NoPolicy,
    /// The policy has no such tier.
    #[error("the policy has {tiers} tiers")]
    NoSuchTier {
        /// How many it has.
        tiers: usize,
    },
    /// The end lies not ahead.
    #[error("must lie in the future")]
    Past,
    /// It is not there, or not within reach.
    #[error("no such thing")]
    Missing,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}
