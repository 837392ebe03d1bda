//! Ends a customer's live sessions.

use domain::{
    authz::{CustomerRef, Proof, perm},
    customer::StatusRefusal,
    event::DomainEvent,
    ids::JobId,
};
use persistence::{Error, jobs, repo::service};

use super::suspend::StatusError;
use crate::{AppCtx, jobs::Job, reactions};

/// Asks for the end of the live sessions and answers the job that sees to it. Asking again while
/// it waits answers the same job.
pub async fn disconnect_customer(
    ctx: &AppCtx,
    proof: Proof<perm::DisconnectCustomers, CustomerRef>,
) -> Result<JobId, StatusError> {
    let customer = proof.resource();
    let tx = ctx.db.begin("disconnect_customer", &proof).await?;
    service::lock(&tx, customer)
        .await?
        .ok_or(StatusError::Gone)?;
    if !service::is_online(&tx, customer.isp_id, customer.id).await? {
        return Err(StatusRefusal::NotOnline.into());
    }
    let customer_id = customer.id;
    reactions::record(&tx, DomainEvent::DisconnectionRequested { customer_id }).await?;
    let key = Job::DisconnectCustomer { customer_id }
        .to_new()
        .dedup_key
        .ok_or_else(|| Error::Unexpected("a disconnection has no key".to_owned()))?;
    let job_id = jobs::waiting(&tx, &key)
        .await?
        .ok_or_else(|| Error::Unexpected("a disconnection left no job".to_owned()))?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(job_id)
}
