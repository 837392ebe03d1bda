//! People as others see them.

use chrono::{DateTime, Utc};
use domain::authz::Permission;
use persistence::repo::identity::{
    api_keys::ApiKeyRow,
    users::{GrantRow, UserRow},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::NamedView;
use crate::{
    extract::cursor_page,
    problem::Problem,
    wire::{PermissionName, RoleLevel},
};

/// A person by login and name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonRef {
    pub(crate) id: Uuid,
    pub(crate) login: String,
    pub(crate) name: String,
}

/// A permission that was given to one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantView {
    pub(crate) permission: PermissionName,
    /// Until when; null means for good.
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

/// A person's account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    pub(crate) id: Uuid,
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) mobile: Option<String>,
    pub(crate) role: RoleLevel,
    /// The reseller it belongs to.
    pub(crate) operator: Option<NamedView>,
    pub(crate) status: AccountStatus,
    pub(crate) totp_enabled: bool,
    /// Menus that are hidden from it.
    pub(crate) hidden_menus: Vec<String>,
    pub(crate) last_sign_in_at: Option<DateTime<Utc>>,
    pub(crate) grants: Vec<GrantView>,
    pub(crate) created_at: DateTime<Utc>,
}

/// Whether an account may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountStatus {
    /// It may.
    Active,
    /// It may not.
    Disabled,
}

cursor_page! {
    /// A page of people.
    UserPage of UserView
}

impl UserView {
    pub(crate) fn new(row: UserRow, grants: &[GrantRow]) -> Result<Self, Problem> {
        let role = row.role()?.into();
        let status = if row.is_active() {
            AccountStatus::Active
        } else {
            AccountStatus::Disabled
        };
        let own = grants.iter().filter(|grant| grant.user_id == row.id);
        let grants = own
            .filter_map(|grant| {
                let permission = Permission::parse(&grant.permission).map(PermissionName)?;
                Some(GrantView {
                    permission,
                    expires_at: grant.expires_at,
                })
            })
            .collect();
        Ok(Self {
            id: row.id,
            login: row.login,
            name: row.name,
            email: row.email,
            mobile: row.mobile,
            role,
            operator: NamedView::maybe(row.operator_id, row.operator_name),
            status,
            totp_enabled: row.totp_enabled,
            hidden_menus: serde_json::from_value(row.hidden_menus).unwrap_or_default(),
            last_sign_in_at: row.last_sign_in_at,
            grants,
            created_at: row.created_at,
        })
    }
}

/// A key of a program; its text is shown once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiKeyView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// The first characters of the key, to recognize it by.
    pub(crate) prefix: String,
    pub(crate) permissions: Vec<PermissionName>,
    /// Addresses and networks from which it may be used; empty means from anywhere.
    pub(crate) allowed_ips: Vec<String>,
    pub(crate) rate_per_minute: i64,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) last_used_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
}

cursor_page! {
    /// The keys of an ISP.
    ApiKeyPage of ApiKeyView
}

impl From<ApiKeyRow> for ApiKeyView {
    fn from(row: ApiKeyRow) -> Self {
        let names: Vec<String> = serde_json::from_value(row.permissions).unwrap_or_default();
        let permissions = names
            .iter()
            .filter_map(|name| Permission::parse(name))
            .map(PermissionName)
            .collect();
        Self {
            id: row.id,
            name: row.name,
            prefix: row.prefix,
            permissions,
            allowed_ips: serde_json::from_value(row.allowed_ips).unwrap_or_default(),
            rate_per_minute: row.rate_per_minute,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            created_at: row.created_at,
        }
    }
}
