//! Lets the cuts happen that a run left to a person.

use domain::{
    authz::{IspRef, Proof, perm},
    ids::JobId,
};
use persistence::{Error, jobs, repo::held_cuts};
use serde_json::json;

use crate::{ctx::AppCtx, jobs::Job};

/// Why no cut is released.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseCutsError {
    /// No run has left anything to a person.
    #[error("no cuts wait")]
    NothingHeld,
    /// A run that was released waits already.
    #[error("they are being carried out already")]
    AlreadyReleased,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Starts a run that cuts whoever is due, however many they are.
pub async fn release_cuts(
    ctx: &AppCtx,
    proof: Proof<perm::ManageSettings, IspRef>,
) -> Result<JobId, ReleaseCutsError> {
    let isp_id = proof.resource().id;
    let tx = ctx.db.begin("release_cuts", &proof).await?;
    let held = held_cuts::find(&tx, isp_id).await?;
    let held = held.ok_or(ReleaseCutsError::NothingHeld)?;
    let job = Job::ExpireSubscriptions {
        isp_id,
        force: true,
    };
    let job_id = jobs::enqueue(&tx, job.to_new_in(isp_id)).await?;
    let job_id = job_id.ok_or(ReleaseCutsError::AlreadyReleased)?;
    tx.record_change(Some(json!({"held": held.customers})), None);
    tx.commit().await?;
    ctx.signals.committed();
    Ok(job_id)
}
