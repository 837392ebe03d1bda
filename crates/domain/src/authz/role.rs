//! The twelve roles. They have no order: who manages whom is a table.

/// What kind of person or program somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoleLevel {
    /// Owns the installation.
    Developer,
    /// Owns a tenancy and its ISPs.
    SuperAdmin,
    /// Owns one ISP.
    Admin,
    /// A reseller.
    Operator,
    /// A reseller under a reseller.
    SubOperator,
    /// Runs the ISP's daily business.
    Manager,
    /// Sells cards.
    CardDistributor,
    /// Sells subscriptions.
    SalesManager,
    /// Keeps the books.
    Accountant,
    /// Answers tickets.
    Staff,
    /// A program with API keys.
    Integration,
    /// A subscriber in the self-care portal.
    Customer,
}

impl RoleLevel {
    /// Every role, most privileged first.
    pub const ALL: [Self; 12] = [
        Self::Developer,
        Self::SuperAdmin,
        Self::Admin,
        Self::Operator,
        Self::SubOperator,
        Self::Manager,
        Self::CardDistributor,
        Self::SalesManager,
        Self::Accountant,
        Self::Staff,
        Self::Integration,
        Self::Customer,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::SuperAdmin => "super_admin",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::SubOperator => "sub_operator",
            Self::Manager => "manager",
            Self::CardDistributor => "card_distributor",
            Self::SalesManager => "sales_manager",
            Self::Accountant => "accountant",
            Self::Staff => "staff",
            Self::Integration => "integration",
            Self::Customer => "customer",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Whether the first role may create, edit, disable and view as people of the second.
#[must_use]
pub const fn manages(manager: RoleLevel, managed: RoleLevel) -> bool {
    use RoleLevel::{
        Accountant, Admin, CardDistributor, Customer, Developer, Integration, Manager, Operator,
        SalesManager, Staff, SubOperator, SuperAdmin,
    };
    match manager {
        Developer => matches!(managed, SuperAdmin | Admin),
        SuperAdmin => matches!(managed, Admin),
        Admin => matches!(
            managed,
            Operator
                | SubOperator
                | Manager
                | CardDistributor
                | SalesManager
                | Accountant
                | Staff
                | Integration
        ),
        Operator => matches!(managed, SubOperator | CardDistributor),
        SubOperator | Manager | CardDistributor | SalesManager | Accountant | Staff
        | Integration | Customer => false,
    }
}
