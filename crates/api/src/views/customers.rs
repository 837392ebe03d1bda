//! Subscribers and their sessions.

use app::use_cases::customers::AllowedAction as Allowed;
use chrono::{DateTime, Utc};
use domain::network::tally::TallyFlags;
use persistence::query::{
    customers::{CustomerDetail, CustomerItem},
    sessions::SessionRow,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{MoneyView, NamedView, billing::CustomerBrief, catalogue::BillingType};
use crate::{extract::cursor_page, wire::wire_enum};

wire_enum! {
    /// How a subscriber is connected.
    ConnectionType = domain::customer::ConnectionType { Pppoe, Hotspot, StaticIp, Other }
}

wire_enum! {
    /// Where a subscriber stands.
    CustomerStatus = domain::customer::CustomerStatus { Pending, Active, Suspended, Expired, Closed }
}

wire_enum! {
    /// Why somebody is suspended.
    SuspensionReason = domain::customer::SuspensionReason {
        NonPayment, Violation, Maintenance, CustomerRequest, Other,
    }
}

wire_enum! {
    /// What stands at the subscriber's end of the line.
    DeviceType = domain::customer::DeviceType { Router, Pc, Mobile, Other }
}

wire_enum! {
    /// What a person may do on a customer's page.
    CustomerAction = domain::customer::CustomerAction {
        Activate, Suspend, Disconnect, ReceivePayment, GenerateBill, Edit, ChangePassword,
        RevealPassword, Close, Restore,
    }
}

/// A subscriber in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerRow {
    id: Uuid,
    /// The number shown to people.
    number: i64,
    name: String,
    mobile: Option<String>,
    username: String,
    connection_type: ConnectionType,
    billing_type: BillingType,
    status: CustomerStatus,
    package: Option<NamedView>,
    zone: Option<NamedView>,
    operator: Option<NamedView>,
    expires_at: Option<DateTime<Utc>>,
    /// What the customer has with us; negative means it owes.
    balance: MoneyView,
    online: bool,
    created_at: DateTime<Utc>,
}

cursor_page! {
    /// A page of subscribers.
    CustomerPage of CustomerRow
}

impl From<CustomerItem> for CustomerRow {
    fn from(item: CustomerItem) -> Self {
        let customer = item.customer;
        let operator_id = customer.operator_id.map(domain::ids::OperatorId::as_uuid);
        Self {
            id: customer.id.as_uuid(),
            number: customer.number,
            name: customer.name,
            mobile: customer.mobile.map(|mobile| mobile.to_string()),
            username: customer.username.to_string(),
            connection_type: customer.connection_type.into(),
            billing_type: customer.billing_type.into(),
            status: customer.status.into(),
            package: Some(NamedView {
                id: customer.package_id.as_uuid(),
                name: item.package,
            }),
            zone: NamedView::maybe(
                customer.zone_id.map(domain::ids::ZoneId::as_uuid),
                item.zone,
            ),
            operator: NamedView::maybe(operator_id, item.operator),
            expires_at: customer.expires_at,
            balance: item.balance.into(),
            online: item.online,
            created_at: customer.created_at,
        }
    }
}

/// Whether an action can be carried out now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AllowedAction {
    action: CustomerAction,
    allowed: bool,
    /// Why not, by code.
    reason: Option<String>,
}

impl From<Allowed> for AllowedAction {
    fn from(Allowed { action, refusal }: Allowed) -> Self {
        let reason = refusal.map(str::to_owned);
        Self {
            action: action.into(),
            allowed: refusal.is_none(),
            reason,
        }
    }
}

/// A subscriber with everything its page shows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerView {
    #[serde(flatten)]
    row: CustomerRow,
    email: Option<String>,
    national_id: Option<String>,
    address: Option<String>,
    device_type: Option<DeviceType>,
    static_ipv4: Option<String>,
    notes: Option<String>,
    status_reason: Option<SuspensionReason>,
    status_changed_at: DateTime<Utc>,
    auto_renew: bool,
    updated_at: DateTime<Utc>,
    /// What its package costs.
    price: MoneyView,
    /// What the caller may do with it now.
    allowed_actions: Vec<AllowedAction>,
}

impl CustomerView {
    pub(crate) fn new(detail: CustomerDetail, actions: Vec<Allowed>) -> Self {
        let customer = detail.item.customer.clone();
        Self {
            row: detail.item.into(),
            email: customer.email,
            national_id: customer.national_id,
            address: customer.address,
            device_type: customer.device_type.map(Into::into),
            static_ipv4: customer.static_ipv4.map(|address| address.to_string()),
            notes: customer.notes,
            status_reason: customer.status_reason.map(Into::into),
            status_changed_at: customer.status_changed_at,
            auto_renew: customer.auto_renew,
            updated_at: customer.updated_at,
            price: detail.price.into(),
            allowed_actions: actions.into_iter().map(Into::into).collect(),
        }
    }

    pub(crate) const fn id(&self) -> Uuid {
        self.row.id
    }
}

/// Whether a session reaches everything.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionAccess {
    /// It does.
    Open,
    /// It is behind the wall.
    Walled,
}

/// One RADIUS accounting session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    id: Uuid,
    customer: Option<CustomerBrief>,
    username: String,
    nas: NamedView,
    framed_ip: Option<String>,
    mac: Option<String>,
    started_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    seconds: i64,
    /// Bytes from the customer, as a decimal text.
    upload_bytes: String,
    /// Bytes to the customer, as a decimal text.
    download_bytes: String,
    access: SessionAccess,
    /// When it ended; null while it is live.
    stopped_at: Option<DateTime<Utc>>,
    terminate_cause: Option<String>,
    /// Interface or circuit of the router.
    port: Option<String>,
    /// Bits per second from the customer between the last two reports, as a decimal text; `0` after the end.
    upload_bps: String,
    /// Bits per second to the customer between the last two reports, as a decimal text; `0` after the end.
    download_bps: String,
    /// No router reported the end: it was presumed because of a restart, a lost Stop, or silence.
    presumed: bool,
    /// What was odd about the reports: `counter_wrapped`, `counter_reset`, `restarted`,
    /// `impossible_rate`, `time_travel`, `presumed`.
    flags: Vec<String>,
}

cursor_page! {
    /// A page of sessions.
    SessionPage of SessionView
}

impl From<SessionRow> for SessionView {
    fn from(row: SessionRow) -> Self {
        let brief = |((id, number), name)| CustomerBrief { id, number, name };
        let access = if row.walled {
            SessionAccess::Walled
        } else {
            SessionAccess::Open
        };
        Self {
            id: row.id,
            customer: row
                .customer_id
                .zip(row.customer_number)
                .zip(row.customer_name)
                .map(brief),
            username: row.username,
            nas: NamedView {
                id: row.nas_id,
                name: row.nas_name,
            },
            framed_ip: row.framed_ip,
            mac: row.calling_station_id,
            started_at: row.started_at,
            updated_at: row.updated_at,
            seconds: row.session_time,
            port: row.nas_port_id,
            upload_bps: row.input_bps.to_string(),
            download_bps: row.output_bps.to_string(),
            presumed: row.presumed,
            flags: TallyFlags::from_bits(u32::try_from(row.flags).unwrap_or(0))
                .names()
                .into_iter()
                .map(str::to_owned)
                .collect(),
            upload_bytes: row.input_octets.to_string(),
            download_bytes: row.output_octets.to_string(),
            access,
            stopped_at: row.stopped_at,
            terminate_cause: row.terminate_cause,
        }
    }
}
