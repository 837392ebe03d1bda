//! Resellers: two levels of them, and where a new one may stand.

use chrono::{DateTime, Utc};

use crate::{
    authz::OperatorRef,
    customer::named_status as named,
    ids::{IspId, OperatorId},
    tenancy::Reach,
};

named! {
    /// Which level of reseller.
    OperatorKind {
        /// Under the ISP itself.
        Operator = "operator",
        /// Under an operator.
        SubOperator = "sub_operator",
    }
}

named! {
    /// Whether a reseller works.
    OperatorStatus {
        /// Works.
        Active = "active",
        /// Kept with its customers, signs in no more.
        Disabled = "disabled",
    }
}

/// A reseller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its identifier.
    pub id: OperatorId,
    /// Whose.
    pub isp_id: IspId,
    /// Its level.
    pub kind: OperatorKind,
    /// The operator above it.
    pub parent_id: Option<OperatorId>,
    /// Its name, unique inside the ISP.
    pub name: String,
    /// Where it is called.
    pub mobile: Option<String>,
    /// Where it is written to.
    pub email: Option<String>,
    /// Whether it works.
    pub status: OperatorStatus,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Operator {
    /// Its reference, for proofs.
    #[must_use]
    pub const fn as_ref(&self) -> OperatorRef {
        OperatorRef {
            id: self.id,
            isp_id: self.isp_id,
            parent_id: self.parent_id,
        }
    }
}

/// Why a reseller may not stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlacementRefusal {
    /// A sub-operator without an operator above it.
    #[error("a sub-operator needs an operator above it: name its parent")]
    ParentRequired,
    /// An operator with something above it.
    #[error("an operator stands directly under the ISP: leave the parent out")]
    ParentNotAllowed,
    /// The one above is itself a sub-operator, or belongs to another ISP.
    #[error("the parent must be an operator of this ISP")]
    ParentNotAnOperator,
    /// A reseller makes sub-operators below itself and nothing else.
    #[error("a reseller creates sub-operators below itself only")]
    OnlyBelowYourself,
}

impl PlacementRefusal {
    /// The machine-readable reason.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ParentRequired => "parent_required",
            Self::ParentNotAllowed => "parent_not_allowed",
            Self::ParentNotAnOperator => "parent_not_an_operator",
            Self::OnlyBelowYourself => "only_below_yourself",
        }
    }
}

/// Decides under whom a new reseller stands. `parent` is one that the maker named and may see.
pub fn place(
    reach: &Reach,
    kind: OperatorKind,
    parent: Option<&Operator>,
) -> Result<Option<OperatorId>, PlacementRefusal> {
    let own = reach.own_operator();
    match kind {
        OperatorKind::Operator if own.is_some() => Err(PlacementRefusal::OnlyBelowYourself),
        OperatorKind::Operator if parent.is_some() => Err(PlacementRefusal::ParentNotAllowed),
        OperatorKind::Operator => Ok(None),
        OperatorKind::SubOperator => match (own, parent) {
            (Some(own), Some(parent)) if parent.id != own => {
                Err(PlacementRefusal::OnlyBelowYourself)
            }
            (Some(own), None) => Ok(Some(own)),
            (_, Some(parent)) if parent.kind == OperatorKind::Operator => Ok(Some(parent.id)),
            (_, Some(_)) => Err(PlacementRefusal::ParentNotAnOperator),
            (None, None) => Err(PlacementRefusal::ParentRequired),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operator(isp_id: IspId, kind: OperatorKind) -> Operator {
        Operator {
            id: OperatorId::generate(),
            isp_id,
            kind,
            parent_id: None,
            name: "Savar Net".to_owned(),
            mobile: None,
            email: None,
            status: OperatorStatus::Active,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn two_levels_and_no_more() {
        let isp_id = IspId::generate();
        let isp = Reach::Isp(isp_id);
        let top = operator(isp_id, OperatorKind::Operator);
        let sub = operator(isp_id, OperatorKind::SubOperator);
        assert_eq!(place(&isp, OperatorKind::Operator, None), Ok(None));
        assert_eq!(
            place(&isp, OperatorKind::Operator, Some(&top)),
            Err(PlacementRefusal::ParentNotAllowed)
        );
        assert_eq!(
            place(&isp, OperatorKind::SubOperator, Some(&top)),
            Ok(Some(top.id))
        );
        assert_eq!(
            place(&isp, OperatorKind::SubOperator, Some(&sub)),
            Err(PlacementRefusal::ParentNotAnOperator)
        );
        assert_eq!(
            place(&isp, OperatorKind::SubOperator, None),
            Err(PlacementRefusal::ParentRequired)
        );
    }

    #[test]
    fn a_reseller_builds_below_itself() {
        let isp_id = IspId::generate();
        let own = operator(isp_id, OperatorKind::Operator);
        let other = operator(isp_id, OperatorKind::Operator);
        let reach = Reach::Operators {
            isp_id,
            own: own.id,
            below: vec![],
        };
        assert_eq!(
            place(&reach, OperatorKind::SubOperator, None),
            Ok(Some(own.id))
        );
        assert_eq!(
            place(&reach, OperatorKind::SubOperator, Some(&own)),
            Ok(Some(own.id))
        );
        assert_eq!(
            place(&reach, OperatorKind::SubOperator, Some(&other)),
            Err(PlacementRefusal::OnlyBelowYourself)
        );
        assert_eq!(
            place(&reach, OperatorKind::Operator, None),
            Err(PlacementRefusal::OnlyBelowYourself)
        );
    }
}
