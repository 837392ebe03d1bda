//! What each role may do by default, and what an ISP may grant on top: the whole policy, as tables.

use super::{Permission, PermissionSet, RoleLevel};
use Permission as P;

/// What somebody of that role may do without any further grant.
#[must_use]
pub const fn default_permissions(role: RoleLevel) -> PermissionSet {
    match role {
        RoleLevel::Developer => DEVELOPER,
        RoleLevel::SuperAdmin => SUPER_ADMIN,
        RoleLevel::Admin => ADMIN,
        RoleLevel::Operator => OPERATOR,
        RoleLevel::SubOperator => SUB_OPERATOR,
        RoleLevel::Manager => MANAGER,
        RoleLevel::CardDistributor => CARD_DISTRIBUTOR,
        RoleLevel::SalesManager => SALES_MANAGER,
        RoleLevel::Accountant => ACCOUNTANT,
        RoleLevel::Staff => STAFF,
        RoleLevel::Integration | RoleLevel::Customer => PermissionSet::EMPTY,
    }
}

/// What somebody of that role may be granted at most, defaults included.
#[must_use]
pub const fn grantable(role: RoleLevel) -> PermissionSet {
    match role {
        RoleLevel::Developer => DEVELOPER,
        RoleLevel::SuperAdmin => SUPER_ADMIN,
        RoleLevel::Admin | RoleLevel::Integration => ADMIN,
        RoleLevel::Manager | RoleLevel::Accountant | RoleLevel::Staff | RoleLevel::SalesManager => {
            ADMIN.without(OWNER_ONLY)
        }
        RoleLevel::Operator | RoleLevel::SubOperator => RESELLER_GRANTABLE,
        RoleLevel::CardDistributor => CARD_DISTRIBUTOR,
        RoleLevel::Customer => PermissionSet::EMPTY,
    }
}

const PLATFORM: PermissionSet =
    PermissionSet::of(&[P::ManageTenancies, P::ManageIsps, P::ManagePlatform]);

const DEVELOPER: PermissionSet = PermissionSet::of(&[
    P::ManageTenancies,
    P::ManageIsps,
    P::ManagePlatform,
    P::ManageMasterPackages,
    P::ViewAuditLog,
    P::Impersonate,
    P::ManageStaff,
]);

const SUPER_ADMIN: PermissionSet = PermissionSet::of(&[
    P::ManageIsps,
    P::ViewCustomers,
    P::ManageMasterPackages,
    P::ViewReports,
    P::ViewAuditLog,
    P::Impersonate,
    P::ManageStaff,
]);

const ADMIN: PermissionSet = PermissionSet::all().without(PLATFORM);

/// What stays with the owner of the ISP, whatever is granted.
const OWNER_ONLY: PermissionSet = PermissionSet::of(&[
    P::Impersonate,
    P::ManageStaff,
    P::ManageApiKeys,
    P::ManageSettings,
    P::ManageGateways,
]);

const OPERATOR: PermissionSet = SUB_OPERATOR.union(PermissionSet::of(&[
    P::ManageOperators,
    P::ManageOperatorPrices,
    P::ManageStaff,
    P::ManageCards,
]));

const SUB_OPERATOR: PermissionSet = PermissionSet::of(&[
    P::ViewCustomers,
    P::CreateCustomers,
    P::EditCustomers,
    P::ActivateCustomers,
    P::SuspendCustomers,
    P::ChangePackage,
    P::RemoveMacBind,
    P::SendSms,
    P::SendPaymentLink,
    P::RecordPayments,
    P::DailyRecharge,
    P::HotspotRecharge,
    P::ViewInvoices,
    P::ViewWallets,
    P::ViewSessions,
    P::ViewReports,
    P::ManageTickets,
]);

const RESELLER_GRANTABLE: PermissionSet = OPERATOR.union(PermissionSet::of(&[
    P::DisconnectCustomers,
    P::EditSpeedLimit,
    P::EditTimeLimit,
    P::EditVolumeLimit,
    P::ActivateFup,
    P::GenerateBills,
    P::EditBillingProfile,
    P::ChangeOperator,
    P::EditSuspendDate,
    P::DeleteCustomers,
    P::ImportCustomers,
    P::BulkUpdateCustomers,
    P::RevealSecrets,
    P::ManagePackages,
    P::SellCards,
    P::ViewCardSales,
]));

const MANAGER: PermissionSet = PermissionSet::of(&[
    P::ViewCustomers,
    P::ViewInvoices,
    P::ViewWallets,
    P::ViewSessions,
    P::ViewReports,
    P::ViewCardSales,
    P::ViewAuditLog,
    P::ManageTickets,
    P::SendSms,
]);

const CARD_DISTRIBUTOR: PermissionSet =
    PermissionSet::of(&[P::SellCards, P::ViewCardSales, P::ViewWallets]);

const SALES_MANAGER: PermissionSet = PermissionSet::of(&[
    P::ViewCustomers,
    P::CreateCustomers,
    P::SendSms,
    P::ManageTickets,
]);

const ACCOUNTANT: PermissionSet = PermissionSet::of(&[
    P::ViewCustomers,
    P::ViewInvoices,
    P::ViewWallets,
    P::ViewReports,
    P::ViewFinancialReports,
]);

const STAFF: PermissionSet = PermissionSet::of(&[P::ViewCustomers, P::ManageTickets]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_role_has_it_may_be_granted() {
        for role in RoleLevel::ALL {
            let beyond = default_permissions(role).without(grantable(role));
            assert_eq!(beyond, PermissionSet::EMPTY, "{role:?}");
        }
    }

    #[test]
    fn nobody_inside_an_isp_reaches_the_platform() {
        for role in RoleLevel::ALL {
            if matches!(role, RoleLevel::Developer | RoleLevel::SuperAdmin) {
                continue;
            }
            assert_eq!(
                grantable(role).intersection(PLATFORM),
                PermissionSet::EMPTY,
                "{role:?}"
            );
        }
    }

    #[test]
    fn super_admins_look_at_customers_and_never_touch_them() {
        let set = grantable(RoleLevel::SuperAdmin);
        assert!(set.contains(P::ViewCustomers));
        for verb in [
            P::CreateCustomers,
            P::EditCustomers,
            P::SuspendCustomers,
            P::RecordPayments,
        ] {
            assert!(!set.contains(verb), "{verb:?}");
        }
    }
}
