//! Calls a waiting job off.

use domain::authz::{JobRef, Proof, perm};
use persistence::jobs;

use super::JobActionError;
use crate::ctx::AppCtx;

/// Calls a waiting job off.
pub async fn cancel_job(
    ctx: &AppCtx,
    proof: Proof<perm::ManageSettings, JobRef>,
) -> Result<(), JobActionError> {
    let tx = ctx.db.begin("cancel_job", &proof).await?;
    if !jobs::cancel(&tx, proof.resource().id).await? {
        return Err(JobActionError::WrongState(
            "only a waiting job is called off",
        ));
    }
    Ok(tx.commit().await?)
}
