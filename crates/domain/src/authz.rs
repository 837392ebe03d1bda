//! Who may do what to which rows, so that forgetting to ask does not compile.

mod actor;
mod permission;
mod policy;
mod proof;
mod resource;
mod role;
mod scope;

pub use actor::{Actor, Origin, Person, SystemActor, Via};
pub use permission::{Permission, PermissionMarker, PermissionSet, perm};
pub use policy::{default_permissions, grantable};
pub use proof::{Denied, Proof, authorize};
pub use resource::{
    ApiKeyRef, CustomerRef, ImportRef, InvoiceRef, IspRef, JobRef, NasRef, OperatorRef, PackageRef,
    PaymentRef, PlatformRef, RealmRef, Resource, RouterRef, TenancyRef, UserRef, ZoneRef,
};
pub use role::{RoleLevel, manages};
pub use scope::Scope;
