//! What a customer has beyond its package: overrides, devices, limits and top-ups.

mod devices;
mod limits;
mod overrides;
mod top_ups;

use domain::field::FieldProblem;
use persistence::Error;

pub use self::devices::{AddDevice, add_device, devices, remove_device};
pub use self::limits::{Limit, LimitKind, Limits, get_limits};
pub use self::overrides::{SetOverrides, get_overrides, remove_overrides, set_overrides};
pub use self::top_ups::{GrantTopUp, grant_top_up};

/// Why a customer's access stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Some fields are not good.
    #[error("some fields are not good")]
    Invalid(Vec<FieldProblem>),
    /// There is nothing of that kind.
    #[error("there is no such thing")]
    Missing,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// A line that people wrote, checked; blank counts as missing.
fn line(field: &'static str, raw: Option<&str>, max: usize) -> Result<Option<String>, AccessError> {
    let mut fields = domain::field::Fields::default();
    let line = fields.optional_line(field, raw, max);
    fields.finish(line).map_err(AccessError::Invalid)
}
