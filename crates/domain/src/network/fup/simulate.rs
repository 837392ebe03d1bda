//! What a fair-use policy would have done to customers whose usage is known day by day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{FairUsePolicy, Rule, Used};
use crate::ids::CustomerId;

/// What a customer used on one local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayUse {
    /// Which day.
    pub day: NaiveDate,
    /// What was used on it.
    pub used: Used,
}

/// One customer to try a policy on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulated {
    /// Which customer.
    pub customer_id: CustomerId,
    /// The customer's day of billing.
    pub anchor_day: u32,
    /// Usage in the order of days; days without usage may be missing.
    pub days: Vec<DayUse>,
}

/// When a customer would first have reached a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstDay {
    /// Which customer.
    pub customer_id: CustomerId,
    /// Which tier, counted from one.
    pub tier: u8,
    /// On which day.
    pub day: NaiveDate,
}

/// What a tier would have done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SimulatedTier {
    /// How many customers would have reached it.
    pub customers: u64,
    /// How many days with traffic would have ended in it, all customers together.
    pub customer_days: u64,
    /// How many would have reached it first on each day.
    pub first_days: BTreeMap<NaiveDate, u64>,
}

/// What a policy would have done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simulation {
    /// How many customers it was tried on.
    pub customers: u64,
    /// How many would have reached any tier.
    pub restricted: u64,
    /// Its tiers, mildest first.
    pub tiers: Vec<SimulatedTier>,
    /// Who would have reached which tier when.
    pub reached: Vec<FirstDay>,
}

/// Tries a policy on customers.
#[must_use]
pub fn simulate(policy: &FairUsePolicy, customers: &[Simulated]) -> Simulation {
    let rule = Rule::of_fair_use(policy);
    let mut simulation = Simulation {
        tiers: vec![SimulatedTier::default(); rule.steps.len()],
        ..Simulation::default()
    };
    for customer in customers {
        simulation.customers += 1;
        let before = simulation.reached.len();
        try_on(&rule, customer, &mut simulation);
        simulation.restricted += u64::from(simulation.reached.len() > before);
    }
    simulation
}

fn try_on(rule: &Rule, customer: &Simulated, simulation: &mut Simulation) {
    let (mut window, mut used, mut highest) = (None, Used::default(), 0);
    for today in &customer.days {
        let (first_day, _) = rule.window.days(today.day, customer.anchor_day);
        if window != Some(first_day) {
            (window, used) = (Some(first_day), Used::default());
        }
        used = used.plus(today.used);
        let reached = rule.reached(used);
        if let Some(tier) = reached
            .checked_sub(1)
            .and_then(|index| simulation.tiers.get_mut(index))
        {
            tier.customer_days += 1;
        }
        for (index, tier) in simulation
            .tiers
            .iter_mut()
            .enumerate()
            .take(reached)
            .skip(highest)
        {
            tier.customers += 1;
            *tier.first_days.entry(today.day).or_default() += 1;
            simulation.reached.push(FirstDay {
                customer_id: customer.customer_id,
                tier: u8::try_from(index + 1).unwrap_or(u8::MAX),
                day: today.day,
            });
        }
        highest = highest.max(reached);
    }
}
