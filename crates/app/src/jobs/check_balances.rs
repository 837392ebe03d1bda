//! Compares the running balances of an ISP with its postings and raises an alarm on a difference.

use domain::ids::IspId;
use persistence::repo::ledger;
use serde_json::{Value, json};

use super::{JobError, worker_scope};
use crate::AppCtx;

/// Recomputes every balance. Nothing is repaired: a difference means that somebody wrote past the
/// books, and a person must look.
pub async fn run(ctx: &AppCtx, isp_id: IspId) -> Result<Value, JobError> {
    let read = ctx.db.read(&worker_scope(isp_id)).await?;
    let accounts = ledger::count_accounts(&read, isp_id).await?;
    let differences = ledger::differences(&read, isp_id).await?;
    read.done().await?;
    for difference in &differences {
        tracing::error!(
            isp.id = %isp_id,
            account.id = %difference.account_id,
            account.kind = %difference.kind,
            balance.running_minor = difference.running_minor,
            balance.posted_minor = difference.posted_minor,
            "a running balance is not the sum of its postings",
        );
    }
    let count = u64::try_from(differences.len()).unwrap_or(u64::MAX);
    metrics::counter!("lastmile_ledger_differences_total").increment(count);
    Ok(json!({
        "accounts": accounts,
        "differences": differences.iter().map(|difference| json!({
            "account_id": difference.account_id,
            "kind": difference.kind,
            "running_minor": difference.running_minor,
            "posted_minor": difference.posted_minor,
        })).collect::<Vec<_>>(),
        "alarm": !differences.is_empty(),
    }))
}
