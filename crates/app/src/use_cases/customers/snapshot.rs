//! A subscriber as the audit trail shows it: everything but the password.

use domain::customer::{Customer, DeviceType, SuspensionReason};
use serde_json::{Value, json};

/// What the audit line says a subscriber is.
pub(crate) fn snapshot(customer: &Customer) -> Value {
    json!({
        "number": customer.number,
        "name": customer.name,
        "username": customer.username.as_str(),
        "mobile": customer.mobile.as_ref().map(ToString::to_string),
        "email": customer.email,
        "national_id": customer.national_id,
        "connection_type": customer.connection_type.as_str(),
        "billing_type": customer.billing_type.as_str(),
        "status": customer.status.as_str(),
        "status_reason": customer.status_reason.map(SuspensionReason::as_str),
        "package_id": customer.package_id,
        "zone_id": customer.zone_id,
        "operator_id": customer.operator_id,
        "address": customer.address,
        "device_type": customer.device_type.map(DeviceType::as_str),
        "static_ipv4": customer.static_ipv4,
        "expires_at": customer.expires_at,
        "auto_renew": customer.auto_renew,
        "notes": customer.notes,
    })
}
