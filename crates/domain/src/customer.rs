//! The subscriber: what is known of it, and which states it passes through.

mod profile;
mod status;

pub use profile::{BillingType, ConnectionType, Customer, DeviceType, NewCustomer};
pub use status::{
    Availability, CustomerAction, CustomerStatus, Standing, StatusRefusal, SuspensionReason,
    activate, availability, close, expire, paid_time_over, restore, suspend,
};

pub(crate) use status::named as named_status;
