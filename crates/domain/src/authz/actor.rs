//! Who is acting.

use std::net::IpAddr;

use super::{Permission, PermissionSet, RoleLevel};
use crate::{
    ids::{ApiKeyId, IspId, OperatorId, SignInId, TenancyId, UserId},
    tenancy::Reach,
};

/// Whoever makes a request or runs a job.
#[derive(Debug, Clone)]
pub enum Actor {
    /// Somebody who signed in, or a program with a key.
    Person(Person),
    /// A part of the product acting by itself.
    System(SystemActor),
}

/// A person or an integration.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub user_id: UserId,
    /// Its role.
    pub role: RoleLevel,
    /// Which rows it reaches.
    pub reach: Reach,
    /// What it may do: the role's defaults and personal grants.
    pub permissions: PermissionSet,
    /// How it came in.
    pub via: Via,
    /// Who really sits there when somebody views as this person.
    pub impersonator: Option<UserId>,
    /// Where the request came from.
    pub origin: Origin,
}

/// Where a request came from, for the audit trail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The request's own id.
    pub request_id: Option<String>,
    /// The address of the caller.
    pub ip: Option<IpAddr>,
    /// What the caller says it is.
    pub user_agent: Option<String>,
}

/// How somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A sign-in with a refresh family that can be revoked.
    SignIn(SignInId),
    /// An API key.
    ApiKey(ApiKeyId),
    /// The command line of the installation.
    CommandLine,
}

/// A part of the product that acts on one ISP's rows, with its permissions written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemActor {
    /// A background job of one ISP.
    Worker(IspId),
    /// The RADIUS server, on behalf of one ISP.
    Radius(IspId),
    /// The installation itself: migrations, the demo, the first developer.
    Installation,
}

impl SystemActor {
    /// What it may do.
    #[must_use]
    pub const fn permissions(self) -> PermissionSet {
        match self {
            Self::Worker(_) => PermissionSet::of(&[
                Permission::ViewCustomers,
                Permission::CreateCustomers,
                Permission::EditCustomers,
                Permission::ActivateCustomers,
                Permission::SuspendCustomers,
                Permission::DisconnectCustomers,
                Permission::GenerateBills,
                Permission::RecordPayments,
                Permission::ViewInvoices,
                Permission::ViewSessions,
                Permission::ImportCustomers,
            ]),
            Self::Radius(_) => PermissionSet::of(&[Permission::ViewSessions]),
            Self::Installation => PermissionSet::all(),
        }
    }

    /// The name in the audit trail.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worker(_) => "worker",
            Self::Radius(_) => "radius",
            Self::Installation => "installation",
        }
    }
}

impl Actor {
    /// What the actor may do.
    #[must_use]
    pub const fn permissions(&self) -> PermissionSet {
        match self {
            Self::Person(person) => person.permissions,
            Self::System(system) => system.permissions(),
        }
    }

    /// Which rows the actor reaches.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self {
            Self::Person(person) => person.reach.clone(),
            Self::System(SystemActor::Worker(isp_id) | SystemActor::Radius(isp_id)) => {
                Reach::Isp(*isp_id)
            }
            Self::System(SystemActor::Installation) => Reach::Platform,
        }
    }

    /// The account, when it is a person.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Person(person) => Some(person.user_id),
            Self::System(_) => None,
        }
    }

    /// Whether a program with a key acts. Ways in are made and changed by people: what a program
    /// made would outlive its key, its addresses and its rate.
    #[must_use]
    pub const fn is_program(&self) -> bool {
        match self {
            Self::Person(person) => matches!(person.via, Via::ApiKey(_)),
            Self::System(_) => false,
        }
    }

    /// Whether somebody views as this person.
    #[must_use]
    pub const fn is_viewed(&self) -> bool {
        match self {
            Self::Person(person) => person.impersonator.is_some(),
            Self::System(_) => false,
        }
    }

    /// The ISP that the actor works in, when it is just one.
    #[must_use]
    pub fn isp_id(&self) -> Option<IspId> {
        self.reach().isp_id()
    }

    /// The operator whose customers the actor keeps, when it is a reseller.
    #[must_use]
    pub fn operator_id(&self) -> Option<OperatorId> {
        self.reach().own_operator()
    }

    /// The tenancy that the actor owns.
    #[must_use]
    pub fn tenancy_id(&self) -> Option<TenancyId> {
        match self.reach() {
            Reach::Tenancy { id, .. } => Some(id),
            Reach::Platform | Reach::Isp(_) | Reach::Operators { .. } | Reach::Nothing => None,
        }
    }

    /// Whether the actor may do that at all, to some row.
    #[must_use]
    pub const fn may(&self, permission: Permission) -> bool {
        self.permissions().contains(permission)
    }
}
