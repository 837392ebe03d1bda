//! The life of a subscriber: `pending → active ⇄ suspended`, `active → expired → active`, any →
//! `closed`, and back.

use chrono::{DateTime, Utc};

use super::BillingType;
use crate::authz::Permission;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The one of that name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&name).ok_or_else(|| {
                    serde::de::Error::custom(concat!("no such ", stringify!($name)))
                })
            }
        }
    };
}
pub(crate) use named;

named! {
    /// Where a subscriber stands.
    CustomerStatus {
        /// Not yet activated.
        Pending = "pending",
        /// Served.
        Active = "active",
        /// Cut by a person or for money.
        Suspended = "suspended",
        /// Paid time has run out.
        Expired = "expired",
        /// Gone, restorable.
        Closed = "closed",
    }
}

named! {
    /// Why somebody is suspended.
    SuspensionReason {
        /// Owes money.
        NonPayment = "non_payment",
        /// Broke the rules.
        Violation = "violation",
        /// Work on the network.
        Maintenance = "maintenance",
        /// Asked for it.
        CustomerRequest = "customer_request",
        /// Something else, see the note.
        Other = "other",
    }
}

named! {
    /// What a person may do on a customer's page.
    CustomerAction {
        /// Serve the customer again.
        Activate = "activate",
        /// Cut the customer off.
        Suspend = "suspend",
        /// End the live sessions.
        Disconnect = "disconnect",
        /// Take money.
        ReceivePayment = "receive_payment",
        /// Issue an invoice.
        GenerateBill = "generate_bill",
        /// Change what is known of the customer.
        Edit = "edit",
        /// Give the customer another password for the network.
        ChangePassword = "change_password",
        /// Show the password for the network.
        RevealPassword = "reveal_password",
        /// End the contract.
        Close = "close",
        /// Take the end back.
        Restore = "restore",
    }
}

impl CustomerAction {
    /// What somebody must be allowed to do for it.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::Activate => Permission::ActivateCustomers,
            Self::Suspend => Permission::SuspendCustomers,
            Self::Disconnect => Permission::DisconnectCustomers,
            Self::ReceivePayment => Permission::RecordPayments,
            Self::GenerateBill => Permission::GenerateBills,
            Self::Edit | Self::ChangePassword => Permission::EditCustomers,
            Self::RevealPassword => Permission::RevealSecrets,
            Self::Close | Self::Restore => Permission::DeleteCustomers,
        }
    }
}

/// Why a change of status is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatusRefusal {
    /// Served already.
    #[error("the customer is active already")]
    AlreadyActive,
    /// Cut off already.
    #[error("the customer is suspended already")]
    AlreadySuspended,
    /// Only served customers run out of time.
    #[error("only an active customer expires")]
    NotActive,
    /// The contract has ended: restore it first.
    #[error("the customer is closed: restore it first")]
    Closed,
    /// The contract has not ended.
    #[error("the customer is not closed")]
    NotClosed,
    /// No session is up.
    #[error("the customer is not online")]
    NotOnline,
    /// Paid time is over: there is nothing to serve.
    #[error("the customer has no paid time left: receive a payment or renew first")]
    NoPaidTime,
}

impl StatusRefusal {
    /// The machine-readable reason.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlreadyActive => "already_active",
            Self::AlreadySuspended => "already_suspended",
            Self::NotActive => "not_active",
            Self::Closed => "closed",
            Self::NotClosed => "not_closed",
            Self::NotOnline => "not_online",
            Self::NoPaidTime => "no_paid_time",
        }
    }
}

/// What the life of a subscriber depends on, at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub status: CustomerStatus,
    /// Whether time that had to be paid before is used up.
    pub paid_time_over: bool,
    /// Whether a session is up.
    pub online: bool,
}

/// Whether the time that a customer pays for in advance is used up; without an end it never is.
#[must_use]
pub fn paid_time_over(
    billing_type: BillingType,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> bool {
    match billing_type {
        BillingType::Prepaid => expires_at.is_some_and(|until| until <= now),
        BillingType::Postpaid => false,
    }
}

/// Whether there is no time that the customer could be served in.
///
/// Somebody new who pays in advance and has no end yet has paid for nothing: activated, service would
/// go on for nothing and for ever. Who was active without an end keeps it through a suspension.
#[must_use]
pub fn lacks_paid_time(
    status: CustomerStatus,
    billing_type: BillingType,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> bool {
    let never_paid = status == CustomerStatus::Pending
        && billing_type == BillingType::Prepaid
        && expires_at.is_none();
    never_paid || paid_time_over(billing_type, expires_at, now)
}

/// Serves the customer; whoever pays in advance needs time that is paid for.
pub const fn activate(
    status: CustomerStatus,
    paid_time_over: bool,
) -> Result<CustomerStatus, StatusRefusal> {
    match status {
        CustomerStatus::Pending | CustomerStatus::Suspended | CustomerStatus::Expired
            if paid_time_over =>
        {
            Err(StatusRefusal::NoPaidTime)
        }
        CustomerStatus::Pending | CustomerStatus::Suspended | CustomerStatus::Expired => {
            Ok(CustomerStatus::Active)
        }
        CustomerStatus::Active => Err(StatusRefusal::AlreadyActive),
        CustomerStatus::Closed => Err(StatusRefusal::Closed),
    }
}

/// Cuts the customer off.
pub const fn suspend(status: CustomerStatus) -> Result<CustomerStatus, StatusRefusal> {
    match status {
        CustomerStatus::Pending | CustomerStatus::Active | CustomerStatus::Expired => {
            Ok(CustomerStatus::Suspended)
        }
        CustomerStatus::Suspended => Err(StatusRefusal::AlreadySuspended),
        CustomerStatus::Closed => Err(StatusRefusal::Closed),
    }
}

/// Notes that paid time has run out.
pub const fn expire(status: CustomerStatus) -> Result<CustomerStatus, StatusRefusal> {
    match status {
        CustomerStatus::Active => Ok(CustomerStatus::Expired),
        CustomerStatus::Pending | CustomerStatus::Suspended | CustomerStatus::Expired => {
            Err(StatusRefusal::NotActive)
        }
        CustomerStatus::Closed => Err(StatusRefusal::Closed),
    }
}

/// Ends the contract.
pub const fn close(status: CustomerStatus) -> Result<CustomerStatus, StatusRefusal> {
    match status {
        CustomerStatus::Pending
        | CustomerStatus::Active
        | CustomerStatus::Suspended
        | CustomerStatus::Expired => Ok(CustomerStatus::Closed),
        CustomerStatus::Closed => Err(StatusRefusal::Closed),
    }
}

/// Takes the end of the contract back; the customer waits to be activated.
pub const fn restore(status: CustomerStatus) -> Result<CustomerStatus, StatusRefusal> {
    match status {
        CustomerStatus::Closed => Ok(CustomerStatus::Pending),
        CustomerStatus::Pending
        | CustomerStatus::Active
        | CustomerStatus::Suspended
        | CustomerStatus::Expired => Err(StatusRefusal::NotClosed),
    }
}

/// Whether an action can be carried out now, whoever asks.
pub type Availability = Result<(), StatusRefusal>;

/// Whether the state of the customer allows an action.
pub fn availability(action: CustomerAction, standing: Standing) -> Availability {
    let Standing {
        status,
        paid_time_over,
        online,
    } = standing;
    let open = || match status {
        CustomerStatus::Closed => Err(StatusRefusal::Closed),
        CustomerStatus::Pending
        | CustomerStatus::Active
        | CustomerStatus::Suspended
        | CustomerStatus::Expired => Ok(()),
    };
    match action {
        CustomerAction::Activate => activate(status, paid_time_over).map(|_| ()),
        CustomerAction::Suspend => suspend(status).map(|_| ()),
        CustomerAction::Disconnect if online => Ok(()),
        CustomerAction::Disconnect => Err(StatusRefusal::NotOnline),
        CustomerAction::ReceivePayment
        | CustomerAction::GenerateBill
        | CustomerAction::Edit
        | CustomerAction::ChangePassword
        | CustomerAction::RevealPassword => open(),
        CustomerAction::Close => close(status).map(|_| ()),
        CustomerAction::Restore => restore(status).map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_machine_as_a_table() {
        use CustomerStatus::{Active, Closed, Expired, Pending, Suspended};
        let table = [
            (
                Pending,
                Ok(Active),
                Ok(Suspended),
                Err(StatusRefusal::NotActive),
                Ok(Closed),
            ),
            (
                Active,
                Err(StatusRefusal::AlreadyActive),
                Ok(Suspended),
                Ok(Expired),
                Ok(Closed),
            ),
            (
                Suspended,
                Ok(Active),
                Err(StatusRefusal::AlreadySuspended),
                Err(StatusRefusal::NotActive),
                Ok(Closed),
            ),
            (
                Expired,
                Ok(Active),
                Ok(Suspended),
                Err(StatusRefusal::NotActive),
                Ok(Closed),
            ),
            (
                Closed,
                Err(StatusRefusal::Closed),
                Err(StatusRefusal::Closed),
                Err(StatusRefusal::Closed),
                Err(StatusRefusal::Closed),
            ),
        ];
        for (from, activated, suspended, expired, closed) in table {
            assert_eq!(activate(from, false), activated, "activate {from:?}");
            assert_eq!(suspend(from), suspended, "suspend {from:?}");
            assert_eq!(expire(from), expired, "expire {from:?}");
            assert_eq!(close(from), closed, "close {from:?}");
        }
        assert_eq!(restore(Closed), Ok(Pending));
        assert_eq!(restore(Active), Err(StatusRefusal::NotClosed));
    }

    #[test]
    fn only_who_is_online_can_be_disconnected() {
        let standing = |online| Standing {
            status: CustomerStatus::Active,
            paid_time_over: false,
            online,
        };
        assert_eq!(
            availability(CustomerAction::Disconnect, standing(true)),
            Ok(())
        );
        assert_eq!(
            availability(CustomerAction::Disconnect, standing(false)),
            Err(StatusRefusal::NotOnline)
        );
    }

    #[test]
    fn prepaid_service_does_not_start_without_paid_time() {
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        let over = |billing_type, seconds| {
            paid_time_over(billing_type, DateTime::from_timestamp(seconds, 0), now)
        };
        assert!(over(BillingType::Prepaid, 1_000));
        assert!(!over(BillingType::Prepaid, 1_001));
        assert!(!over(BillingType::Postpaid, 1));
        assert!(!paid_time_over(BillingType::Prepaid, None, now));

        for status in CustomerStatus::ALL.iter().copied() {
            let standing = Standing {
                status,
                paid_time_over: true,
                online: false,
            };
            let refusal = match status {
                CustomerStatus::Active => StatusRefusal::AlreadyActive,
                CustomerStatus::Closed => StatusRefusal::Closed,
                CustomerStatus::Pending | CustomerStatus::Suspended | CustomerStatus::Expired => {
                    StatusRefusal::NoPaidTime
                }
            };
            assert_eq!(
                availability(CustomerAction::Activate, standing),
                Err(refusal)
            );
        }
    }
}
