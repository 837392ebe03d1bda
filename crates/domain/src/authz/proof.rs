//! Evidence that somebody may do something to one thing.

use std::marker::PhantomData;

use super::{Actor, Permission, PermissionMarker, Resource};

/// Evidence that `actor` may do `P` to the resource. Only [`authorize`] makes one.
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
