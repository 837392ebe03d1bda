//! Subscribers.

mod activate;
mod disconnect;
mod suspend;

pub use activate::activate_customer;
pub use disconnect::disconnect_customer;
pub use suspend::{StatusError, SuspendCustomer, suspend_customer};
