//! Evidence that somebody may see rows of a kind, and which.

use super::{Actor, Denied, PermissionMarker};
use crate::{
    ids::{IspId, OperatorId},
    tenancy::Reach,
};

/// The rows of one actor. Only an actor with the permission to see them has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    reach: Reach,
}

impl Scope {
    /// The scope of an actor for rows that `P` shows.
    pub fn of<P: PermissionMarker>(actor: &Actor) -> Result<Self, Denied> {
        if actor.may(P::PERMISSION) {
            Ok(Self {
                reach: actor.reach(),
            })
        } else {
            Err(Denied::Forbidden(P::PERMISSION))
        }
    }

    /// The scope of an actor's own rows (its account, its ISP's labels), whatever it may do.
    #[must_use]
    pub fn own(actor: &Actor) -> Self {
        Self {
            reach: actor.reach(),
        }
    }

    /// Which rows.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The one ISP, when it is just one.
    #[must_use]
    pub const fn isp_id(&self) -> Option<IspId> {
        self.reach.isp_id()
    }

    /// The operators that rows are limited to.
    #[must_use]
    pub fn operators(&self) -> Option<Vec<OperatorId>> {
        self.reach.operators()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        authz::{CustomerRef, Person, RoleLevel, Via, authorize, default_permissions, perm},
        ids::{CustomerId, TenancyId, UserId},
    };

    fn actor(role: RoleLevel, reach: Reach) -> Actor {
        Actor::Person(Person {
            user_id: UserId::generate(),
            role,
            reach,
            permissions: default_permissions(role),
            via: Via::CommandLine,
            impersonator: None,
            origin: crate::authz::Origin::default(),
        })
    }

    fn customer(isp_id: IspId, operator_id: Option<OperatorId>) -> CustomerRef {
        CustomerRef {
            id: CustomerId::generate(),
            isp_id,
            operator_id,
        }
    }

    #[test]
    fn another_isps_customer_does_not_exist() {
        let (ours, theirs) = (IspId::generate(), IspId::generate());
        let admin = actor(RoleLevel::Admin, Reach::Isp(ours));
        assert!(authorize::<perm::SuspendCustomers, _>(&admin, customer(ours, None)).is_ok());
        let denied = authorize::<perm::SuspendCustomers, _>(&admin, customer(theirs, None));
        assert_eq!(denied.unwrap_err(), Denied::OutOfReach);
    }

    #[test]
    fn an_operator_reaches_its_own_and_those_below() {
        let isp_id = IspId::generate();
        let (own, sub, other) = (
            OperatorId::generate(),
            OperatorId::generate(),
            OperatorId::generate(),
        );
        let operator = actor(
            RoleLevel::Operator,
            Reach::Operators {
                isp_id,
                own,
                below: vec![sub],
            },
        );
        let may = |owner| {
            authorize::<perm::ActivateCustomers, _>(&operator, customer(isp_id, owner)).map(|_| ())
        };
        assert_eq!((may(Some(own)), may(Some(sub))), (Ok(()), Ok(())));
        assert_eq!(
            (may(Some(other)), may(None)),
            (Err(Denied::OutOfReach), Err(Denied::OutOfReach))
        );
    }

    #[test]
    fn a_super_admin_sees_its_tenancy_and_may_not_act() {
        let (mine, foreign) = (IspId::generate(), IspId::generate());
        let reach = Reach::Tenancy {
            id: TenancyId::generate(),
            isps: vec![mine],
        };
        let owner = actor(RoleLevel::SuperAdmin, reach);
        assert!(authorize::<perm::ViewCustomers, _>(&owner, customer(mine, None)).is_ok());
        assert!(matches!(
            authorize::<perm::SuspendCustomers, _>(&owner, customer(mine, None)),
            Err(Denied::Forbidden(_))
        ));
        assert!(matches!(
            authorize::<perm::ViewCustomers, _>(&owner, customer(foreign, None)),
            Err(Denied::OutOfReach)
        ));
    }
}
