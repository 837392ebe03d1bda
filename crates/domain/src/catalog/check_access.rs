//! What the terms of access of a package may be.

use super::{AccessTerms, check::MAX_KBPS, check::MAX_ROUTER_NAME};
use crate::{
    field::Fields,
    network::{
        fup::Window,
        rate_limit::RateLimit,
        restriction::LimitEffect,
        time_window::{Day, TimeWindow},
    },
};

/// 1 PiB: more is a slip of the pen.
const MAX_OCTETS: u64 = 1 << 50;
const IDLE_SECONDS: std::ops::RangeInclusive<u32> = 60..=604_800;
const MAX_WINDOWS: usize = 21;
const MAX_ROUTERS: usize = 100;

/// Checks the terms field by field; what has no meaning together is dropped.
pub(super) fn check_access(fields: &mut Fields, terms: &AccessTerms) -> AccessTerms {
    if terms
        .idle_timeout
        .is_some_and(|seconds| !IDLE_SECONDS.contains(&seconds))
    {
        let detail = "must be between 60 seconds and a week";
        fields.refuse("idle_timeout", "out_of_range", detail);
    }
    let mut checked = terms.clone();
    if let Some(limit) = &mut checked.volume_limit {
        if !(1..=MAX_OCTETS).contains(&limit.octets) {
            let detail = "must be between one byte and one pebibyte";
            fields.refuse("volume_limit", "out_of_range", detail);
        }
        limit.throttled = throttled(fields, "volume_limit", limit.on_reached, limit.throttled);
    }
    if let Some(limit) = &mut checked.time_limit {
        if !(60..=Window::LONGEST_SECONDS).contains(&limit.seconds) {
            let detail = "must be between one minute and 31 days";
            fields.refuse("time_limit", "out_of_range", detail);
        }
        limit.throttled = throttled(fields, "time_limit", limit.on_reached, limit.throttled);
    }
    checked.time_windows = time_windows(fields, &terms.time_windows);
    checked.nas_ids.sort();
    checked.nas_ids.dedup();
    if checked.nas_ids.len() > MAX_ROUTERS {
        fields.refuse("nas_ids", "too_many", "must name at most 100 routers");
    }
    let pool = terms.ipv6_pool.as_deref();
    checked.ipv6_pool = fields.optional_line("ipv6_pool", pool, MAX_ROUTER_NAME);
    let pool = terms.delegated_ipv6_pool.as_deref();
    checked.delegated_ipv6_pool =
        fields.optional_line("delegated_ipv6_pool", pool, MAX_ROUTER_NAME);
    checked
}

/// The rate after a limit is reached: there is one exactly when the limit throttles.
fn throttled(
    fields: &mut Fields,
    field: &'static str,
    effect: LimitEffect,
    rate: Option<RateLimit>,
) -> Option<RateLimit> {
    if effect != LimitEffect::Throttle {
        return None;
    }
    let Some(rate) = rate else {
        let detail = "must say the rate after it is reached, or suspend or disconnect";
        fields.refuse(field, "rate_required", detail);
        return None;
    };
    if rate.up_kbps.max(rate.down_kbps) > MAX_KBPS || rate.up_kbps.max(rate.down_kbps) == 0 {
        let detail = format!("must slow down to between 1 and {MAX_KBPS} kbit/s");
        fields.refuse(field, "out_of_range", detail);
    }
    Some(RateLimit::new(rate.up_kbps, rate.down_kbps))
}

fn time_windows(fields: &mut Fields, windows: &[TimeWindow]) -> Vec<TimeWindow> {
    if windows.len() > MAX_WINDOWS {
        let detail = format!("must be at most {MAX_WINDOWS} windows");
        fields.refuse("time_windows", "too_many", detail);
    }
    if windows.iter().any(|window| window.days.is_empty()) {
        fields.refuse("time_windows", "required", "must name a day of the week");
    }
    let in_order = |window: &TimeWindow| TimeWindow {
        days: Day::ALL
            .iter()
            .copied()
            .filter(|day| window.days.contains(day))
            .collect(),
        ..window.clone()
    };
    windows.iter().map(in_order).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{
        access_terms::{TimeLimit, VolumeLimit},
        fup::Counts,
    };

    fn codes(change: impl FnOnce(&mut AccessTerms)) -> Vec<(&'static str, &'static str)> {
        let mut terms = AccessTerms::default();
        change(&mut terms);
        let mut fields = Fields::default();
        check_access(&mut fields, &terms);
        let problems = fields.finish(()).err().unwrap_or_default();
        problems
            .into_iter()
            .map(|found| (found.field, found.code))
            .collect()
    }

    fn volume(octets: u64, on_reached: LimitEffect, throttled: Option<RateLimit>) -> VolumeLimit {
        VolumeLimit {
            octets,
            counts: Counts::Total,
            window: Window::Month,
            on_reached,
            throttled,
            rollover: false,
        }
    }

    #[test]
    fn each_term_is_checked() {
        let slow = Some(RateLimit::new(256, 512));
        let none = codes(|terms| terms.volume_limit = Some(volume(1, LimitEffect::Throttle, slow)));
        assert_eq!(none, []);
        assert_eq!(
            codes(|terms| terms.idle_timeout = Some(59)),
            [("idle_timeout", "out_of_range")]
        );
        let unslowed = codes(|terms| {
            terms.volume_limit = Some(volume(1, LimitEffect::Throttle, None));
        });
        assert_eq!(unslowed, [("volume_limit", "rate_required")]);
        let empty = codes(|terms| terms.volume_limit = Some(volume(0, LimitEffect::Suspend, None)));
        assert_eq!(empty, [("volume_limit", "out_of_range")]);
        let long = codes(|terms| {
            terms.time_limit = Some(TimeLimit {
                seconds: 32 * 86_400,
                window: Window::Month,
                on_reached: LimitEffect::Throttle,
                throttled: Some(RateLimit::new(0, 0)),
            });
        });
        assert_eq!(long, [("time_limit", "out_of_range"); 2]);
        let nameless = codes(|terms| terms.ipv6_pool = Some("a\0b".into()));
        assert_eq!(nameless, [("ipv6_pool", "invalid_characters")]);
    }

    #[test]
    fn a_rate_without_throttling_is_dropped() {
        let terms = AccessTerms {
            volume_limit: Some(volume(1, LimitEffect::Suspend, Some(RateLimit::new(1, 1)))),
            ..AccessTerms::default()
        };
        let mut fields = Fields::default();
        let checked = check_access(&mut fields, &terms);
        assert_eq!(
            checked.volume_limit.map(|limit| limit.throttled),
            Some(None)
        );
    }
}
