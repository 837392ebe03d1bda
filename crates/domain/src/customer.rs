//! The subscriber: what is known of it, and which states it passes through.

mod profile;
mod status;

pub use profile::{BillingType, ConnectionType, Customer, DeviceType, NewCustomer};
pub use status::{
    Availability, CustomerAction, CustomerStatus, StatusRefusal, SuspensionReason, activate,
    availability, close, expire, restore, suspend,
};

pub(crate) use status::named as named_status;
