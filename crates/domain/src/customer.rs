//! The subscriber: what is known of it, and which states it passes through.

mod draft;
mod profile;
mod search;
mod status;

pub use draft::{
    CustomerDraft, CustomerEdit, Edited, MAX_PASSWORD, check_draft, check_edit, initial_status,
};
pub use profile::{BillingType, ConnectionType, Customer, DeviceType, NewCustomer};
pub use search::{MAX_TERM, SearchFields, SearchWord, search_key, search_terms, search_words};
pub use status::{
    Availability, CustomerAction, CustomerStatus, Standing, StatusRefusal, SuspensionReason,
    activate, availability, close, expire, lacks_paid_time, paid_time_over, restore, suspend,
};

pub(crate) use status::named as named_status;
