//! What one customer has instead of what the package says, for a while or for good.

use chrono::{DateTime, Utc};
use ipnet::Ipv6Net;
use serde::{Deserialize, Serialize};

use crate::catalog::{MAX_ROUTER_NAME, MAX_SESSIONS, check_rate};
use crate::field::{FieldProblem, Fields};
use crate::network::rate_limit::RateLimit;

/// The terms that replace the package's; what is absent is as the package says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OverrideTerms {
    /// Another rate, with its own burst or none.
    pub rate: Option<RateLimit>,
    /// Another address pool on the router.
    pub pool: Option<String>,
    /// Another firewall address list on the router.
    pub address_list: Option<String>,
    /// Another PPP or hotspot profile on the router.
    pub router_profile: Option<String>,
    /// Another number of sessions at once.
    pub simultaneous_use: Option<u16>,
    /// A fixed IPv6 prefix for the link.
    pub ipv6_prefix: Option<Ipv6Net>,
    /// A fixed IPv6 prefix that is delegated to the customer's router.
    pub delegated_ipv6_prefix: Option<Ipv6Net>,
}

/// Overrides and how long they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overrides {
    /// What replaces the package's terms.
    pub terms: OverrideTerms,
    /// When they end by themselves; absent when only a person ends them.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Overrides {
    /// Whether they count at that instant.
    #[must_use]
    pub fn counts_at(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|until| until > now)
    }
}

/// Checks overrides that somebody wants to set.
///
/// # Errors
/// Every field that is not good.
pub fn check_overrides(
    overrides: &Overrides,
    now: DateTime<Utc>,
) -> Result<Overrides, Vec<FieldProblem>> {
    let mut fields = Fields::default();
    let terms = &overrides.terms;
    if let Some(rate) = terms.rate {
        check_rate(&mut fields, rate);
    }
    let mut name = |field, value: &Option<String>| {
        fields.optional_line(field, value.as_deref(), MAX_ROUTER_NAME)
    };
    let pool = name("pool", &terms.pool);
    let address_list = name("address_list", &terms.address_list);
    let router_profile = name("router_profile", &terms.router_profile);
    let sessions = terms.simultaneous_use.map(u32::from);
    if sessions.is_some_and(|sessions| !(1..=MAX_SESSIONS).contains(&sessions)) {
        let detail = format!("must be between 1 and {MAX_SESSIONS}");
        fields.refuse("simultaneous_use", "out_of_range", detail);
    }
    if overrides.expires_at.is_some_and(|until| until <= now) {
        fields.refuse("expires_at", "in_the_past", "must be later than now");
    }
    let checked = OverrideTerms {
        pool,
        address_list,
        router_profile,
        ipv6_prefix: terms.ipv6_prefix.map(|prefix| prefix.trunc()),
        delegated_ipv6_prefix: terms.delegated_ipv6_prefix.map(|prefix| prefix.trunc()),
        rate: terms.rate,
        simultaneous_use: terms.simultaneous_use,
    };
    if checked == OverrideTerms::default() {
        fields.refuse(
            "",
            "required",
            "override something, or remove the overrides",
        );
    }
    fields.finish(Overrides {
        terms: checked,
        expires_at: overrides.expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_say_something_and_end_later() {
        let now = "2026-11-20T06:00:00Z".parse().expect("an instant");
        let check = |terms: OverrideTerms, expires_at| {
            let checked = check_overrides(&Overrides { terms, expires_at }, now);
            checked.map_err(|problems| problems.into_iter().map(|found| found.code).collect())
        };
        let prefix = OverrideTerms {
            ipv6_prefix: "2001:db8::7/64".parse().ok(),
            ..OverrideTerms::default()
        };
        let checked = check(prefix.clone(), None).expect("good");
        assert_eq!(
            checked
                .terms
                .ipv6_prefix
                .map(|net| net.to_string())
                .as_deref(),
            Some("2001:db8::/64")
        );
        let past: Result<_, Vec<_>> = check(prefix, Some(now));
        assert_eq!(past, Err(vec!["in_the_past"]));
        let blank = OverrideTerms {
            pool: Some("  ".into()),
            ..OverrideTerms::default()
        };
        assert_eq!(check(blank, None), Err(vec!["required"]));
        let none = OverrideTerms {
            simultaneous_use: Some(0),
            ..OverrideTerms::default()
        };
        assert_eq!(check(none, None), Err(vec!["out_of_range"]));
    }
}
