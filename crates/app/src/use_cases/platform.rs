//! The tree above the ISPs' own rows: each level is made together with the person who owns it.

mod create_developer;
mod create_isp;
mod create_tenancy;
mod owner;

pub use create_developer::create_developer;
pub use create_isp::{CreateIsp, create_isp};
pub use create_tenancy::{CreateTenancy, create_tenancy};
pub use owner::{Owner, PlatformError};
