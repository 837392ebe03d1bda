//! Tenancies, ISPs and settings.

use chrono::{DateTime, Utc};
use persistence::repo::identity::platform::{IspRow, SettingsRow, TenancyRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::cursor_page;

/// A group of ISPs with one owner.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenancyView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) created_at: DateTime<Utc>,
}

cursor_page! {
    /// The tenancies in reach.
    TenancyPage of TenancyView
}

impl From<TenancyRow> for TenancyView {
    fn from(
        TenancyRow {
            id,
            name,
            created_at,
        }: TenancyRow,
    ) -> Self {
        Self {
            id,
            name,
            created_at,
        }
    }
}

/// An ISP.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IspView {
    pub(crate) id: Uuid,
    pub(crate) tenancy_id: Uuid,
    pub(crate) name: String,
    /// The currency of its money.
    pub(crate) currency: String,
    /// The zone of its days.
    pub(crate) time_zone: String,
    /// The country of its numbers.
    pub(crate) country: String,
    pub(crate) created_at: DateTime<Utc>,
}

cursor_page! {
    /// The ISPs in reach.
    IspPage of IspView
}

impl From<IspRow> for IspView {
    fn from(row: IspRow) -> Self {
        let IspRow {
            id,
            tenancy_id,
            name,
            currency,
            time_zone,
            country,
            created_at,
        } = row;
        Self {
            id,
            tenancy_id,
            name,
            currency,
            time_zone,
            country,
            created_at,
        }
    }
}

/// What a suspended customer meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SuspendedAccess {
    /// Comes online behind a wall.
    Walled,
    /// Does not come online.
    Reject,
}

/// What an ISP has set.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsView {
    pub(crate) suspended_access: SuspendedAccess,
    pub(crate) suspended_pool: String,
    pub(crate) suspended_address_list: String,
    pub(crate) suspended_rate_kbps: i64,
    pub(crate) operator_label: String,
    pub(crate) sub_operator_label: String,
    /// Days between an invoice and its due date.
    pub(crate) grace_days: i64,
    /// Seconds between two accounting updates.
    pub(crate) interim_seconds: i64,
    /// For how many months ended sessions are kept; for ever when null.
    pub(crate) keep_sessions_months: Option<i64>,
    /// The domain name that the ISP is known by to other providers.
    pub(crate) radius_operator_name: Option<String>,
}

impl From<SettingsRow> for SettingsView {
    fn from(row: SettingsRow) -> Self {
        let walled = row.suspended_access == "walled";
        Self {
            suspended_access: if walled {
                SuspendedAccess::Walled
            } else {
                SuspendedAccess::Reject
            },
            suspended_pool: row.suspended_pool,
            suspended_address_list: row.suspended_address_list,
            suspended_rate_kbps: row.suspended_rate_kbps,
            operator_label: row.operator_label,
            sub_operator_label: row.sub_operator_label,
            grace_days: row.grace_days,
            interim_seconds: row.interim_seconds,
            keep_sessions_months: row.keep_sessions_months,
            radius_operator_name: row.radius_operator_name,
        }
    }
}
