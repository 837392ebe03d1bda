//! One vocabulary of permissions, used by the API, the tests and the screens.

/// A permission as a type, so that a proof can name it.
pub trait PermissionMarker: Send + Sync + 'static {
    /// The permission that this type stands for.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($name:ident => $text:literal $doc:literal,)*) => {
        /// Something a person may be allowed to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission {
            $(#[doc = $doc] $name,)*
        }

        impl Permission {
            /// Every permission, in the order of the vocabulary.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name in the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }

        /// Each permission as a type.
        pub mod perm {
            use super::{Permission, PermissionMarker};

            $(
                #[doc = $doc]
                #[derive(Debug, Clone, Copy)]
                pub struct $name;

                impl PermissionMarker for $name {
                    const PERMISSION: Permission = Permission::$name;
                }
            )*
        }
    };
}

permissions! {
    ViewCustomers => "view_customers" "View customers.",
    CreateCustomers => "create_customers" "Create customers.",
    EditCustomers => "edit_customers" "Edit customers.",
    DeleteCustomers => "delete_customers" "Delete customers.",
    ActivateCustomers => "activate_customers" "Activate customers.",
    SuspendCustomers => "suspend_customers" "Suspend customers.",
    DisconnectCustomers => "disconnect_customers" "Disconnect customers.",
    ChangePackage => "change_package" "Change package.",
    EditSpeedLimit => "edit_speed_limit" "Edit speed limit.",
    EditTimeLimit => "edit_time_limit" "Edit time limit.",
    EditVolumeLimit => "edit_volume_limit" "Edit volume limit.",
    ActivateFup => "activate_fup" "Activate fair use.",
    RemoveMacBind => "remove_mac_bind" "Remove a MAC binding.",
    GenerateBills => "generate_bills" "Generate bills.",
    EditBillingProfile => "edit_billing_profile" "Edit billing profile.",
    SendSms => "send_sms" "Send SMS.",
    SendPaymentLink => "send_payment_link" "Send payment link.",
    RecordPayments => "record_payments" "Record payments.",
    ChangeOperator => "change_operator" "Change operator.",
    EditSuspendDate => "edit_suspend_date" "Edit suspend date.",
    DailyRecharge => "daily_recharge" "Daily recharge.",
    HotspotRecharge => "hotspot_recharge" "Hotspot recharge.",
    ImportCustomers => "import_customers" "Import customers.",
    BulkUpdateCustomers => "bulk_update_customers" "Bulk update customers.",
    ViewInvoices => "view_invoices" "View invoices.",
    VoidInvoices => "void_invoices" "Void invoices.",
    RefundPayments => "refund_payments" "Refund payments.",
    ManagePackages => "manage_packages" "Manage packages.",
    ManageMasterPackages => "manage_master_packages" "Manage master packages.",
    ManageOperatorPrices => "manage_operator_prices" "Manage operator prices.",
    ManageOperators => "manage_operators" "Manage operators.",
    ManageStaff => "manage_staff" "Manage staff.",
    AdjustWallets => "adjust_wallets" "Adjust wallets.",
    ViewWallets => "view_wallets" "View wallets.",
    ManageCards => "manage_cards" "Manage cards.",
    SellCards => "sell_cards" "Sell cards.",
    ViewCardSales => "view_card_sales" "View card sales.",
    ManageRouters => "manage_routers" "Manage routers.",
    ProvisionRouters => "provision_routers" "Provision routers.",
    ManageIpPools => "manage_ip_pools" "Manage IP pools.",
    ManageVpnAccounts => "manage_vpn_accounts" "Manage VPN accounts.",
    ViewSessions => "view_sessions" "View sessions.",
    ViewReports => "view_reports" "View reports.",
    ViewFinancialReports => "view_financial_reports" "View financial reports.",
    ManageExpenses => "manage_expenses" "Manage expenses.",
    ManageTickets => "manage_tickets" "Manage tickets.",
    ManageCustomFields => "manage_custom_fields" "Manage custom fields.",
    ManageZones => "manage_zones" "Manage zones.",
    ManageGateways => "manage_gateways" "Manage gateways.",
    ManageTemplates => "manage_templates" "Manage templates.",
    ManageSettings => "manage_settings" "Manage settings.",
    ManageApiKeys => "manage_api_keys" "Manage API keys.",
    ManageWebhooks => "manage_webhooks" "Manage webhooks.",
    ViewAuditLog => "view_audit_log" "View audit log.",
    RevealSecrets => "reveal_secrets" "Reveal secrets.",
    Impersonate => "impersonate" "Impersonate.",
    ManageTenancies => "manage_tenancies" "Manage tenancies.",
    ManageIsps => "manage_isps" "Create and edit ISPs.",
    ManagePlatform => "manage_platform" "Manage platform.",
}

impl Permission {
    /// The permission of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.as_str() == name)
    }

    const fn bit(self) -> u128 {
        1 << (self as u32)
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet(u128);

impl PermissionSet {
    /// No permission at all.
    pub const EMPTY: Self = Self(0);

    /// The set of these.
    #[must_use]
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut bits = 0;
        let mut rest = permissions;
        while let [first, tail @ ..] = rest {
            bits |= first.bit();
            rest = tail;
        }
        Self(bits)
    }

    /// Every permission there is.
    #[must_use]
    pub const fn all() -> Self {
        Self::of(Permission::ALL)
    }

    /// Whether the set holds it.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Its permissions, in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |&permission| self.contains(permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(
            permissions
                .into_iter()
                .fold(0, |bits, permission| bits | permission.bit()),
        )
    }
}
