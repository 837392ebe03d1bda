//! What a fair-use policy would have done last month.

use chrono::NaiveDate;
use domain::{
    authz::{PackageRef, Proof, Scope, perm},
    ids::CustomerId,
    network::fup::{
        DayUse, FairUsePolicy, Simulated, Simulation, Used, Window, check_policy, simulate,
    },
};
use persistence::query::fair_use::{DayRow, days_of_package, isp_zone};

use super::FairUseError;
use crate::ctx::AppCtx;

/// Tries a policy on what the customers of a package used in the ISP's last whole month; answers
/// its first day too. Nothing is changed.
pub async fn simulate_fair_use(
    ctx: &AppCtx,
    proof: &Proof<perm::ManagePackages, PackageRef>,
    policy: FairUsePolicy,
) -> Result<(NaiveDate, Simulation), FairUseError> {
    let policy = check_policy(policy).map_err(FairUseError::Invalid)?;
    let package = proof.resource();
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let zone = isp_zone(&read, package.isp_id).await?;
    let this_month = Window::Month.span(ctx.clock.now(), zone, 1).first_day;
    let month = Window::Month.before(this_month, 1);
    let rows = days_of_package(&read, package.isp_id, package.id, month).await?;
    read.done().await?;
    Ok((month.0, simulate(&policy, &by_customer(rows))))
}

fn by_customer(rows: Vec<DayRow>) -> Vec<Simulated> {
    let mut customers: Vec<Simulated> = Vec::new();
    for row in rows {
        let customer_id = CustomerId::from_uuid(row.customer_id);
        let count = |stored| u64::try_from(stored).unwrap_or(0);
        let today = DayUse {
            day: row.day,
            used: Used {
                input_octets: count(row.input_octets),
                output_octets: count(row.output_octets),
                seconds: count(row.session_seconds),
            },
        };
        match customers
            .last_mut()
            .filter(|last| last.customer_id == customer_id)
        {
            Some(last) => last.days.push(today),
            None => customers.push(Simulated {
                customer_id,
                anchor_day: u32::try_from(row.anchor_day).unwrap_or(1),
                days: vec![today],
            }),
        }
    }
    customers
}
