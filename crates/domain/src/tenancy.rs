//! The tree above the rows: platform, tenancy, ISP, operator, sub-operator.

use crate::{
    authz::Resource,
    ids::{IspId, OperatorId, TenancyId},
};

/// Which rows somebody reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Everything of the installation.
    Platform,
    /// Every ISP of one tenancy.
    Tenancy {
        /// The tenancy.
        id: TenancyId,
        /// Its ISPs.
        isps: Vec<IspId>,
    },
    /// One ISP, everything in it.
    Isp(IspId),
    /// The customers of one operator and of those below it.
    Operators {
        /// The ISP they all belong to.
        isp_id: IspId,
        /// The operator itself.
        own: OperatorId,
        /// Its sub-operators.
        below: Vec<OperatorId>,
    },
    /// No rows at all.
    Nothing,
}

impl Reach {
    /// The one ISP that all rows belong to, when there is one.
    #[must_use]
    pub const fn isp_id(&self) -> Option<IspId> {
        match self {
            Self::Isp(isp_id) | Self::Operators { isp_id, .. } => Some(*isp_id),
            Self::Platform | Self::Tenancy { .. } | Self::Nothing => None,
        }
    }

    /// The operator that the reach is built around.
    #[must_use]
    pub const fn own_operator(&self) -> Option<OperatorId> {
        match self {
            Self::Operators { own, .. } => Some(*own),
            Self::Platform | Self::Tenancy { .. } | Self::Isp(_) | Self::Nothing => None,
        }
    }

    /// Every operator whose rows are reached, when the reach is limited to some.
    #[must_use]
    pub fn operators(&self) -> Option<Vec<OperatorId>> {
        match self {
            Self::Operators { own, below, .. } => {
                Some(std::iter::once(*own).chain(below.iter().copied()).collect())
            }
            Self::Platform | Self::Tenancy { .. } | Self::Isp(_) | Self::Nothing => None,
        }
    }

    /// Whether the reach covers that thing.
    #[must_use]
    pub fn covers(&self, resource: &impl Resource) -> bool {
        match self {
            Self::Platform => true,
            Self::Tenancy { id, isps } => match resource.isp_id() {
                Some(isp_id) => isps.contains(&isp_id),
                None => resource.tenancy_id() == Some(*id),
            },
            Self::Isp(isp_id) => resource.isp_id() == Some(*isp_id),
            Self::Operators { isp_id, own, below } => {
                resource.isp_id() == Some(*isp_id)
                    && (resource.shared_inside_isp()
                        || resource
                            .operator_id()
                            .is_some_and(|owner| owner == *own || below.contains(&owner)))
            }
            Self::Nothing => false,
        }
    }
}
