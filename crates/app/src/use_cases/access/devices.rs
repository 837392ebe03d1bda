//! The devices a customer is known by.

use domain::{
    authz::{CustomerRef, PermissionMarker, Proof, Scope, perm},
    event::DomainEvent,
    field::FieldProblem,
    mac::MacAddress,
};
use persistence::{
    Error,
    repo::macs::{self, CustomerMac},
};
use serde_json::json;

use super::{AccessError, line};
use crate::{ctx::AppCtx, reactions};

/// More devices than anybody has.
const MAX_DEVICES: usize = 50;

/// A device to be added.
#[derive(Debug, Clone)]
pub struct AddDevice {
    /// Its hardware address, in any spelling.
    pub mac: String,
    /// What people call it.
    pub label: Option<String>,
}

/// The devices of a customer, oldest first.
pub async fn devices<P: PermissionMarker>(
    ctx: &AppCtx,
    proof: &Proof<P, CustomerRef>,
) -> Result<Vec<CustomerMac>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let found = macs::of_customer(&read, proof.resource().id).await?;
    read.done().await?;
    Ok(found)
}

/// Adds a device; one that is known already stays as it is.
pub async fn add_device(
    ctx: &AppCtx,
    proof: Proof<perm::EditCustomers, CustomerRef>,
    cmd: AddDevice,
) -> Result<CustomerMac, AccessError> {
    let label = line("label", cmd.label.as_deref(), 80)?;
    let mac: MacAddress = cmd
        .mac
        .trim()
        .parse()
        .map_err(|error| invalid("invalid_mac", &error))?;
    let tx = ctx.db.begin("add_customer_device", &proof).await?;
    let customer = *proof.resource();
    let known = macs::of_customer(&tx, customer.id).await?;
    if let Some(device) = known.iter().find(|device| device.mac == mac) {
        return Ok(device.clone());
    }
    if known.len() >= MAX_DEVICES {
        return Err(invalid("too_many", &"remove a device first: there are 50"));
    }
    let device = CustomerMac {
        customer_id: customer.id,
        mac,
        label,
        learnt: false,
        added_by: tx.actor().user_id(),
        added_at: tx.now(),
    };
    macs::add(&tx, customer.isp_id, &device).await?;
    let after = json!({ "mac": mac.to_string(), "label": device.label });
    tx.record_change(None, Some(after));
    let customer_id = customer.id;
    reactions::record(&tx, DomainEvent::CustomerAccessChanged { customer_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(device)
}

/// Removes a device; its session ends if the package binds devices.
pub async fn remove_device(
    ctx: &AppCtx,
    proof: Proof<perm::RemoveMacBind, CustomerRef>,
    mac: &str,
) -> Result<(), AccessError> {
    let mac: MacAddress = mac.parse().map_err(|_| AccessError::Missing)?;
    let tx = ctx.db.begin("remove_customer_device", &proof).await?;
    let customer = *proof.resource();
    if !macs::remove(&tx, customer.isp_id, customer.id, mac).await? {
        return Err(AccessError::Missing);
    }
    tx.record_change(Some(json!({ "mac": mac.to_string() })), None);
    let customer_id = customer.id;
    reactions::record(&tx, DomainEvent::CustomerAccessChanged { customer_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}

fn invalid(code: &'static str, detail: &impl ToString) -> AccessError {
    AccessError::Invalid(vec![FieldProblem::new("mac", code, detail.to_string())])
}
