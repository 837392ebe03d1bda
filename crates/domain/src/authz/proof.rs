//! Evidence that somebody may do something to one thing.

use std::marker::PhantomData;

use super::{Actor, Permission, PermissionMarker, Resource};

/// Evidence that `actor` may do `P` to the resource. Only [`authorize`] makes one.
///
/// Nobody forges one, because its fields are private:
///
/// ```compile_fail,E0451
/// use domain::authz::{Actor, CustomerRef, Proof, perm};
///
/// fn forge(actor: Actor, resource: CustomerRef) -> Proof<perm::SuspendCustomers, CustomerRef> {
///     Proof { actor, resource, permission: std::marker::PhantomData }
/// }
/// ```
///
/// One permission does not pass for another:
///
/// ```compile_fail,E0308
/// use domain::authz::{CustomerRef, Proof, perm};
///
/// fn suspend(_: Proof<perm::SuspendCustomers, CustomerRef>) {}
///
/// fn look(proof: Proof<perm::ViewCustomers, CustomerRef>) {
///     suspend(proof);
/// }
/// ```
///
/// And one for a package does not pass for a customer:
///
/// ```compile_fail,E0308
/// use domain::authz::{CustomerRef, PackageRef, Proof, perm};
///
/// fn edit(_: Proof<perm::EditCustomers, CustomerRef>) {}
///
/// fn confuse(proof: Proof<perm::EditCustomers, PackageRef>) {
///     edit(proof);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Proof<P, R> {
    actor: Actor,
    resource: R,
    permission: PhantomData<fn() -> P>,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The actor sees the thing and lacks the permission.
    #[error("needs the permission {}", .0.as_str())]
    Forbidden(Permission),
    /// The thing is not the actor's: to the actor it does not exist.
    #[error("not found")]
    OutOfReach,
}

/// Checks permission, ISP and operator at once.
pub fn authorize<P: PermissionMarker, R: Resource>(
    actor: &Actor,
    resource: R,
) -> Result<Proof<P, R>, Denied> {
    if !actor.reach().covers(&resource) {
        return Err(Denied::OutOfReach);
    }
    if !actor.may(P::PERMISSION) {
        return Err(Denied::Forbidden(P::PERMISSION));
    }
    Ok(Proof {
        actor: actor.clone(),
        resource,
        permission: PhantomData,
    })
}

impl<P: PermissionMarker, R: Resource> Proof<P, R> {
    /// Who.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// To what.
    #[must_use]
    pub const fn resource(&self) -> &R {
        &self.resource
    }

    /// With which permission.
    #[must_use]
    pub const fn permission(&self) -> Permission {
        P::PERMISSION
    }
}
