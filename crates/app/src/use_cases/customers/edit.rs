//! Changes what is known of a subscriber, unless somebody else changed it meanwhile.

use domain::{
    authz::{CustomerRef, Proof, perm},
    customer::{CustomerAction, CustomerEdit, Edited, StatusRefusal, availability, check_edit},
    event::DomainEvent,
    field::FieldProblem,
    patch::Patch,
};
use persistence::{
    Constraint, Error, Tx,
    query::customers::{CustomerDetail, detail},
    repo::customers,
};
use serde_json::json;

use super::{snapshot, standing, zone_of_isp, zone_problem};
use crate::{ctx::AppCtx, reactions};

/// An edit of the version that the person saw.
#[derive(Clone)]
pub struct EditCustomer {
    /// The version that was seen.
    pub version: i64,
    /// What changes.
    pub edit: CustomerEdit,
}

/// Why nothing changes.
#[derive(Debug, thiserror::Error)]
pub enum EditCustomerError {
    /// Somebody else changed the customer meanwhile.
    #[error("the customer changed meanwhile: look at it again")]
    StaleVersion {
        /// The version that is there.
        current: i64,
    },
    /// The state of the customer does not allow it.
    #[error(transparent)]
    Refused(#[from] StatusRefusal),
    /// Some fields are not good.
    #[error("some fields are not good")]
    Invalid(Vec<FieldProblem>),
    /// Another customer of the ISP has that login name.
    #[error("another customer has this user name")]
    UsernameTaken,
    /// Another customer of the ISP has that fixed address.
    #[error("another customer has this address")]
    StaticAddressTaken,
    /// The customer is not there any more, or not within reach.
    #[error("no such customer")]
    Missing,
    /// The database, or the keys.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Changes what is known of a subscriber.
pub async fn edit_customer(
    ctx: &AppCtx,
    proof: Proof<perm::EditCustomers, CustomerRef>,
    cmd: EditCustomer,
) -> Result<CustomerDetail, EditCustomerError> {
    let customer_ref = *proof.resource();
    let tx = ctx.db.begin("edit_customer", &proof).await?;
    let current = customers::lock(&tx, &customer_ref).await?;
    let current = current.ok_or(EditCustomerError::Missing)?;
    if current.version != cmd.version {
        return Err(EditCustomerError::StaleVersion {
            current: current.version,
        });
    }
    availability(CustomerAction::Edit, standing(&current, false, tx.now()))?;
    if let Patch::Value(zone_id) = cmd.edit.zone_id
        && !zone_of_isp(&tx, tx.actor(), customer_ref.isp_id, zone_id).await?
    {
        return Err(EditCustomerError::Invalid(vec![zone_problem()]));
    }
    let terms = customers::isp_terms(&tx, customer_ref.isp_id).await?;
    let edited = check_edit(&current, cmd.edit, &terms.country);
    let edited = edited.map_err(EditCustomerError::Invalid)?;
    record(&tx, snapshot(&current), &edited);
    store(ctx, &tx, &customer_ref, edited).await?;
    let changed = detail(&tx, &customer_ref).await?;
    let changed = changed.ok_or(EditCustomerError::Missing)?;
    tx.commit().await.map_err(taken)?;
    ctx.signals.committed();
    Ok(changed)
}

fn record(tx: &Tx, before: serde_json::Value, edited: &Edited) {
    let mut after = snapshot(&edited.customer);
    if edited.password.is_some() {
        after["password"] = json!("changed");
    }
    tx.record_change(Some(before), Some(after));
}

async fn store(
    ctx: &AppCtx,
    tx: &Tx,
    customer_ref: &CustomerRef,
    edited: Edited,
) -> Result<(), EditCustomerError> {
    let sealed = edited
        .password
        .map(|password| ctx.keyring.seal(password.as_bytes()))
        .transpose()
        .map_err(|error| Error::Unexpected(error.to_string()))?;
    customers::update(tx, &edited.customer, sealed)
        .await
        .map_err(taken)?;
    if edited.search_changed {
        customers::replace_terms(tx, &edited.customer).await?;
    }
    let event = DomainEvent::CustomerEdited {
        customer_id: customer_ref.id,
        network_identity_changed: edited.network_identity_changed,
    };
    Ok(reactions::record(tx, event).await?)
}

fn taken(error: Error) -> EditCustomerError {
    if error.conflicts_with(Constraint::CustomerUsername) {
        return EditCustomerError::UsernameTaken;
    }
    if error.conflicts_with(Constraint::CustomerStaticAddress) {
        return EditCustomerError::StaticAddressTaken;
    }
    EditCustomerError::Infra(error)
}
