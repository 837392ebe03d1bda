//! Tries a failed job again.

use domain::authz::{JobRef, Proof, perm};
use persistence::jobs;

use super::JobActionError;
use crate::ctx::AppCtx;

/// Puts a dead or cancelled job back into its queue.
pub async fn retry_job(
    ctx: &AppCtx,
    proof: Proof<perm::ManageSettings, JobRef>,
) -> Result<(), JobActionError> {
    let tx = ctx.db.begin("retry_job", &proof).await?;
    if !jobs::retry(&tx, proof.resource().id).await? {
        return Err(JobActionError::WrongState(
            "only a failed or cancelled job is tried again, and only while the same work does not wait",
        ));
    }
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}
