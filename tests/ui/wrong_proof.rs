//! Evidence for looking is no evidence for cutting somebody off.

use app::{AppCtx, use_cases::customers};
use domain::authz::{CustomerRef, Proof, perm};

async fn cut_off(ctx: &AppCtx, proof: Proof<perm::ViewCustomers, CustomerRef>) {
    let cmd = customers::SuspendCustomer {
        reason: domain::customer::SuspensionReason::Other,
        note: None,
    };
    let _done = customers::suspend_customer(ctx, proof, cmd).await;
}

fn main() {}
