//! Subscribers: making, changing, showing and ending them, and putting them on and off line.

mod activate;
mod close;
mod create;
mod disconnect;
mod edit;
mod get;
mod list;
mod references;
mod reveal_password;
mod snapshot;
mod suspend;

pub use activate::activate_customer;
pub use close::{CloseCustomerError, close_customer, restore_customer};
pub use create::{CreateCustomer, CreateCustomerError, create_customer};
pub use disconnect::disconnect_customer;
pub use edit::{EditCustomer, EditCustomerError, edit_customer};
pub(crate) use get::standing;
pub use get::{AllowedAction, allowed_actions, get_customer};
pub use list::list_customers;
pub(crate) use references::{zone_of_isp, zone_problem};
pub use reveal_password::{RevealPasswordError, reveal_customer_password};
pub(crate) use snapshot::snapshot;
pub use suspend::{StatusError, SuspendCustomer, suspend_customer};
