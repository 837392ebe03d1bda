//! What a package may be.

use super::{PackageTerms, RateLimit, check_access::check_access};
use crate::{
    field::{FieldProblem, Fields},
    money::Currency,
};

const MAX_NAME: usize = 80;
pub(crate) const MAX_ROUTER_NAME: usize = 64;
/// 100 Gbit/s: more is a slip of the pen.
pub(crate) const MAX_KBPS: u32 = 100_000_000;
pub(crate) const MAX_SESSIONS: u32 = 100;

/// Checks every field of a package; `currency` is the ISP's.
pub fn check_terms(
    terms: &PackageTerms,
    currency: Currency,
) -> Result<PackageTerms, Vec<FieldProblem>> {
    let mut fields = Fields::default();
    let name = fields.line("name", &terms.name, MAX_NAME);
    let pool = fields.optional_line("pool", terms.pool.as_deref(), MAX_ROUTER_NAME);
    let list = terms.address_list.as_deref();
    let address_list = fields.optional_line("address_list", list, MAX_ROUTER_NAME);
    let profile = terms.router_profile.as_deref();
    let router_profile = fields.optional_line("router_profile", profile, MAX_ROUTER_NAME);
    check_rate(&mut fields, terms.rate);
    let access = check_access(&mut fields, &terms.access);
    check_price(&mut fields, terms, currency);
    if !(1..=MAX_SESSIONS).contains(&terms.simultaneous_use) {
        let detail = format!("must be between 1 and {MAX_SESSIONS}");
        fields.refuse("simultaneous_use", "out_of_range", detail);
    }
    fields.finish(PackageTerms {
        name,
        pool,
        address_list,
        router_profile,
        access,
        ..terms.clone()
    })
}

/// Checks a rate and its burst, each under its name in the API.
pub(crate) fn check_rate(fields: &mut Fields, rate: RateLimit) {
    let mut at_most = |field, kbps: u32| {
        if kbps > MAX_KBPS {
            let detail = format!("must be at most {MAX_KBPS} kbit/s; 0 means no limit");
            fields.refuse(field, "out_of_range", detail);
        }
    };
    at_most("down_kbps", rate.down_kbps);
    at_most("up_kbps", rate.up_kbps);
    let Some(burst) = rate.burst else {
        return;
    };
    at_most("burst", burst.down_kbps.max(burst.up_kbps));
    at_most(
        "burst",
        burst.threshold_down_kbps.max(burst.threshold_up_kbps),
    );
    if burst.down_kbps < rate.down_kbps || burst.up_kbps < rate.up_kbps {
        let detail = "must be at least as fast as the package itself";
        fields.refuse("burst", "slower_than_rate", detail);
    }
    if !(1..=600).contains(&burst.seconds) {
        fields.refuse(
            "burst",
            "out_of_range",
            "must average over 1 to 600 seconds",
        );
    }
}

fn check_price(fields: &mut Fields, terms: &PackageTerms, currency: Currency) {
    if terms.price.currency() != currency {
        let detail = format!("must be in {currency}, the currency of the ISP");
        fields.refuse("price", "currency_mismatch", detail);
    } else if terms.price.minor() < 0 {
        fields.refuse("price", "out_of_range", "must not be negative");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::AccessTerms,
        customer::BillingType,
        money::Money,
        network::rate_limit::{Burst, RateLimit},
        period::Cycle,
    };

    fn terms() -> PackageTerms {
        PackageTerms {
            name: " Home 10M ".to_owned(),
            rate: RateLimit::new(10_000, 10_000),
            rate_managed_by_router: false,
            price: Money::from_minor(80_000, Currency::BDT),
            cycle: Cycle::Monthly,
            billing_type: BillingType::Prepaid,
            pool: Some(" ".to_owned()),
            address_list: None,
            router_profile: None,
            simultaneous_use: 1,
            access: AccessTerms::default(),
        }
    }

    #[test]
    fn a_good_package_is_trimmed() {
        let checked = check_terms(&terms(), Currency::BDT).unwrap();
        assert_eq!((checked.name.as_str(), checked.pool), ("Home 10M", None));
    }

    #[test]
    fn a_foreign_price_and_a_slow_burst_are_refused() {
        let burst = Burst {
            up_kbps: 5_000,
            down_kbps: 20_000,
            threshold_up_kbps: 1,
            threshold_down_kbps: 1,
            seconds: 10,
        };
        let bad = PackageTerms {
            price: Money::from_minor(1, "USD".parse().unwrap()),
            rate: RateLimit::new(10_000, 10_000).with_burst(burst),
            simultaneous_use: 0,
            ..terms()
        };
        let problems = check_terms(&bad, Currency::BDT).unwrap_err();
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        let expected = ["slower_than_rate", "currency_mismatch", "out_of_range"];
        assert_eq!(codes, expected);
    }
}
