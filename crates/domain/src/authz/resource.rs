//! Things that can be acted upon, loaded just far enough to know whose they are.

use crate::ids::{
    ApiKeyId, CustomerId, ImportId, InvoiceId, IspId, JobId, NasId, OperatorId, PackageId,
    PaymentId, RealmId, RouterId, TenancyId, UserId, ZoneId,
};

/// Where a thing belongs.
pub trait Resource {
    /// Its kind, as the audit trail names it.
    const KIND: &'static str;

    /// The tenancy it belongs to, where the platform's own tree is the question.
    fn tenancy_id(&self) -> Option<TenancyId> {
        None
    }
    /// The ISP whose row it is.
    fn isp_id(&self) -> Option<IspId>;
    /// The operator whose customer (or self) it is; nothing means the ISP's own.
    fn operator_id(&self) -> Option<OperatorId> {
        None
    }
    /// Whether every reseller of the ISP may see it (packages, zones), or just its owner.
    fn shared_inside_isp(&self) -> bool {
        false
    }
    /// Its identifier in the audit trail.
    fn audit_id(&self) -> Option<uuid::Uuid>;
}

macro_rules! isp_resources {
    ($($(#[$doc:meta])* $name:ident($id:ty, $kind:literal, shared: $shared:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name {
            /// Which one.
            pub id: $id,
            /// Whose.
            pub isp_id: IspId,
        }

        impl Resource for $name {
            const KIND: &'static str = $kind;
            fn isp_id(&self) -> Option<IspId> {
                Some(self.isp_id)
            }
            fn shared_inside_isp(&self) -> bool {
                $shared
            }
            fn audit_id(&self) -> Option<uuid::Uuid> {
                Some(self.id.as_uuid())
            }
        }
    )*};
}

macro_rules! owned_resources {
    ($($(#[$doc:meta])* $name:ident($id:ty, $kind:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name {
            /// Which one.
            pub id: $id,
            /// Whose.
            pub isp_id: IspId,
            /// The reseller it belongs to; nothing means the ISP itself.
            pub operator_id: Option<OperatorId>,
        }

        impl Resource for $name {
            const KIND: &'static str = $kind;
            fn isp_id(&self) -> Option<IspId> {
                Some(self.isp_id)
            }
            fn operator_id(&self) -> Option<OperatorId> {
                self.operator_id
            }
            fn audit_id(&self) -> Option<uuid::Uuid> {
                Some(self.id.as_uuid())
            }
        }
    )*};
}

isp_resources! {
    /// An API key.
    ApiKeyRef(ApiKeyId, "api_key", shared: false);
    /// A RADIUS client.
    NasRef(NasId, "nas", shared: false);
    /// A package.
    PackageRef(PackageId, "package", shared: true);
    /// A realm of another provider.
    RealmRef(RealmId, "realm", shared: false);
    /// A router that is watched over its API.
    RouterRef(RouterId, "router", shared: false);
    /// A zone.
    ZoneRef(ZoneId, "zone", shared: true);
}

owned_resources! {
    /// A subscriber.
    CustomerRef(CustomerId, "customer");
    /// An upload.
    ImportRef(ImportId, "import");
    /// An invoice of a customer.
    InvoiceRef(InvoiceId, "invoice");
    /// A payment of a customer.
    PaymentRef(PaymentId, "payment");
}

/// An operator; it belongs to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorRef {
    /// Which one.
    pub id: OperatorId,
    /// Whose.
    pub isp_id: IspId,
    /// The operator above it.
    pub parent_id: Option<OperatorId>,
}

impl Resource for OperatorRef {
    const KIND: &'static str = "operator";
    fn isp_id(&self) -> Option<IspId> {
        Some(self.isp_id)
    }
    fn operator_id(&self) -> Option<OperatorId> {
        Some(self.id)
    }
    fn audit_id(&self) -> Option<uuid::Uuid> {
        Some(self.id.as_uuid())
    }
}

/// An ISP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IspRef {
    /// Which one.
    pub id: IspId,
    /// The tenancy that owns it.
    pub tenancy_id: TenancyId,
}

impl Resource for IspRef {
    const KIND: &'static str = "isp";
    fn tenancy_id(&self) -> Option<TenancyId> {
        Some(self.tenancy_id)
    }
    fn isp_id(&self) -> Option<IspId> {
        Some(self.id)
    }
    fn shared_inside_isp(&self) -> bool {
        true
    }
    fn audit_id(&self) -> Option<uuid::Uuid> {
        Some(self.id.as_uuid())
    }
}

/// A tenancy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenancyRef {
    /// Which one.
    pub id: TenancyId,
}

impl Resource for TenancyRef {
    const KIND: &'static str = "tenancy";
    fn tenancy_id(&self) -> Option<TenancyId> {
        Some(self.id)
    }
    fn isp_id(&self) -> Option<IspId> {
        None
    }
    fn audit_id(&self) -> Option<uuid::Uuid> {
        Some(self.id.as_uuid())
    }
}

/// The platform as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlatformRef;

impl Resource for PlatformRef {
    const KIND: &'static str = "platform";
    fn isp_id(&self) -> Option<IspId> {
        None
    }
    fn audit_id(&self) -> Option<uuid::Uuid> {
        None
    }
}

/// A person's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserRef {
    /// Which one.
    pub id: UserId,
    /// The role of that person.
    pub role: super::RoleLevel,
    /// The tenancy, for super admins and people of its ISPs.
    pub tenancy_id: Option<TenancyId>,
    /// The ISP, for people inside one.
    pub isp_id: Option<IspId>,
    /// The operator, for resellers and their people.
    pub operator_id: Option<OperatorId>,
}

impl Resource for UserRef {
    const KIND: &'static str = "user";
    fn tenancy_id(&self) -> Option<TenancyId> {
        self.tenancy_id
    }
    fn isp_id(&self) -> Option<IspId> {
        self.isp_id
    }
    fn operator_id(&self) -> Option<OperatorId> {
        self.operator_id
    }
    fn audit_id(&self) -> Option<uuid::Uuid> {
        Some(self.id.as_uuid())
    }
}

/// A background job; without an ISP it is the platform's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobRef {
    /// Which one.
    pub id: JobId,
    /// Whose.
    pub isp_id: Option<IspId>,
    /// The reseller who started it.
    pub operator_id: Option<OperatorId>,
}

impl Resource for JobRef {
    const KIND: &'static str = "job";
    fn isp_id(&self) -> Option<IspId> {
        self.isp_id
    }
    fn operator_id(&self) -> Option<OperatorId> {
        self.operator_id
    }
    fn audit_id(&self) -> Option<uuid::Uuid> {
        Some(self.id.as_uuid())
    }
}
