//! What follows from what happened: one exhaustive match, in the transaction of the event.

use domain::{event::DomainEvent, ids::IspId};
use persistence::{
    Error, Tx,
    change_feed::{self, Change, ChangeKind},
    events, jobs,
    repo::restrictions,
};

use crate::jobs::Job;

/// Writes an event, what the RADIUS directory must hear, and the jobs that follow.
pub async fn record(tx: &Tx, event: DomainEvent) -> Result<(), Error> {
    let isp_id = tx
        .isp_id()
        .ok_or_else(|| Error::Unexpected("an event happens inside an ISP".to_owned()))?;
    events::record(tx, &event).await?;
    if let Some(change) = directory_news(&event, isp_id) {
        change_feed::note(tx, change).await?;
    }
    if let Some(job) = network_effect(&event) {
        jobs::enqueue(tx, job.to_new()).await?;
    }
    if let Some(job) = usage_effect(tx, &event).await? {
        jobs::enqueue(tx, job.to_new()).await?;
    }
    Ok(())
}

/// What must be looked at again since other limits may apply: another package, other terms, more
/// than before.
async fn usage_effect(tx: &Tx, event: &DomainEvent) -> Result<Option<Job>, Error> {
    match *event {
        DomainEvent::TopUpGranted { customer_id } => Ok(Some(Job::EvaluateUsage { customer_id })),
        DomainEvent::PackageChanged { package_id } => Ok(Some(Job::EvaluatePackage { package_id })),
        DomainEvent::CustomerEdited { customer_id, .. }
        | DomainEvent::ServiceExtended { customer_id }
        | DomainEvent::CustomerClosed { customer_id } => {
            let restricted = !restrictions::of_customer(tx, customer_id).await?.is_empty();
            Ok(restricted.then_some(Job::EvaluateUsage { customer_id }))
        }
        DomainEvent::CustomerCreated { .. }
        | DomainEvent::CustomerActivated { .. }
        | DomainEvent::CustomerSuspended { .. }
        | DomainEvent::CustomerExpired { .. }
        | DomainEvent::CustomerRestored { .. }
        | DomainEvent::CustomerAccessChanged { .. }
        | DomainEvent::DisconnectionRequested { .. }
        | DomainEvent::FairUsePolicyChanged { .. }
        | DomainEvent::FairUseDecided { .. }
        | DomainEvent::RestrictionsChanged { .. }
        | DomainEvent::UsageNoticed { .. }
        | DomainEvent::InvoiceIssued { .. }
        | DomainEvent::InvoiceVoided { .. }
        | DomainEvent::PaymentReceived { .. }
        | DomainEvent::NasChanged { .. }
        | DomainEvent::RealmChanged { .. }
        | DomainEvent::RouterChanged { .. }
        | DomainEvent::RouterReached { .. }
        | DomainEvent::RouterWentAway { .. }
        | DomainEvent::RouterFingerprintPresented { .. }
        | DomainEvent::IspAccessChanged
        | DomainEvent::ImportRequested { .. }
        | DomainEvent::ImportCompleted { .. } => Ok(None),
    }
}

fn directory_news(event: &DomainEvent, isp_id: IspId) -> Option<Change> {
    let (kind, subject_id) = match event {
        DomainEvent::CustomerCreated { customer_id }
        | DomainEvent::CustomerEdited { customer_id, .. }
        | DomainEvent::CustomerAccessChanged { customer_id }
        | DomainEvent::TopUpGranted { customer_id }
        | DomainEvent::CustomerActivated { customer_id }
        | DomainEvent::CustomerSuspended { customer_id, .. }
        | DomainEvent::CustomerExpired { customer_id }
        | DomainEvent::CustomerClosed { customer_id }
        | DomainEvent::CustomerRestored { customer_id }
        | DomainEvent::ServiceExtended { customer_id }
        | DomainEvent::FairUseDecided { customer_id }
        | DomainEvent::RestrictionsChanged { customer_id }
        | DomainEvent::UsageNoticed { customer_id, .. } => {
            (ChangeKind::Customer, customer_id.as_uuid())
        }
        DomainEvent::PackageChanged { package_id }
        | DomainEvent::FairUsePolicyChanged { package_id } => {
            (ChangeKind::Package, package_id.as_uuid())
        }
        DomainEvent::NasChanged { nas_id } => (ChangeKind::Nas, nas_id.as_uuid()),
        DomainEvent::RealmChanged { realm_id } => (ChangeKind::Realm, realm_id.as_uuid()),
        DomainEvent::IspAccessChanged => (ChangeKind::IspAccess, isp_id.as_uuid()),
        DomainEvent::ImportCompleted { .. } => (ChangeKind::AllCustomers, isp_id.as_uuid()),
        DomainEvent::DisconnectionRequested { .. }
        | DomainEvent::RouterChanged { .. }
        | DomainEvent::RouterReached { .. }
        | DomainEvent::RouterWentAway { .. }
        | DomainEvent::RouterFingerprintPresented { .. }
        | DomainEvent::InvoiceIssued { .. }
        | DomainEvent::InvoiceVoided { .. }
        | DomainEvent::PaymentReceived { .. }
        | DomainEvent::ImportRequested { .. } => return None,
    };
    Some(Change {
        kind,
        isp_id,
        subject_id,
    })
}

fn network_effect(event: &DomainEvent) -> Option<Job> {
    match *event {
        DomainEvent::CustomerEdited {
            customer_id,
            network_identity_changed: true,
        }
        | DomainEvent::CustomerAccessChanged { customer_id }
        | DomainEvent::TopUpGranted { customer_id }
        | DomainEvent::CustomerActivated { customer_id }
        | DomainEvent::CustomerSuspended { customer_id, .. }
        | DomainEvent::CustomerExpired { customer_id }
        | DomainEvent::CustomerClosed { customer_id }
        | DomainEvent::ServiceExtended { customer_id }
        | DomainEvent::RestrictionsChanged { customer_id } => Some(Job::ApplyAccess {
            customer_id,
            recheck: false,
        }),
        DomainEvent::DisconnectionRequested { customer_id } => {
            Some(Job::DisconnectCustomer { customer_id })
        }
        DomainEvent::PackageChanged { package_id } => Some(Job::ApplyPackage { package_id }),
        DomainEvent::FairUsePolicyChanged { package_id } => {
            Some(Job::EvaluatePackage { package_id })
        }
        DomainEvent::ImportRequested { import_id } => Some(Job::ApplyImport { import_id }),
        DomainEvent::CustomerCreated { .. }
        | DomainEvent::CustomerEdited {
            network_identity_changed: false,
            ..
        }
        | DomainEvent::CustomerRestored { .. }
        | DomainEvent::InvoiceIssued { .. }
        | DomainEvent::InvoiceVoided { .. }
        | DomainEvent::PaymentReceived { .. }
        | DomainEvent::FairUseDecided { .. }
        | DomainEvent::UsageNoticed { .. }
        | DomainEvent::NasChanged { .. }
        | DomainEvent::RealmChanged { .. }
        | DomainEvent::RouterChanged { .. }
        | DomainEvent::RouterReached { .. }
        | DomainEvent::RouterWentAway { .. }
        | DomainEvent::RouterFingerprintPresented { .. }
        | DomainEvent::IspAccessChanged
        | DomainEvent::ImportCompleted { .. } => None,
    }
}
