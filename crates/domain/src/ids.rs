//! Every identifier of the product, typed, in one alphabetical list.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier, ordered by the time of its making (UUIDv7).
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// Wraps a UUID that is known to name such a thing.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )*};
}

ids! {
    /// A ledger account.
    AccountId,
    /// An API key of an integration or a person.
    ApiKeyId,
    /// One line of the audit trail.
    AuditId,
    /// A subscriber.
    CustomerId,
    /// One thing that happened.
    EventId,
    /// One line of a customer's fair-use log.
    FairUseLogId,
    /// One upload of foreign customers.
    ImportId,
    /// An invoice.
    InvoiceId,
    /// A provider company, the unit of data isolation.
    IspId,
    /// A unit of background work.
    JobId,
    /// A balanced set of postings.
    JournalEntryId,
    /// One request to a router about a live session.
    LiveChangeId,
    /// A router as a RADIUS client.
    NasId,
    /// A reseller.
    OperatorId,
    /// What a customer buys.
    PackageId,
    /// Money received.
    PaymentId,
    /// Another provider's subscribers.
    RealmId,
    /// A router that is watched over its API.
    RouterId,
    /// One RADIUS accounting session.
    SessionId,
    /// One signed-in device (a family of refresh tokens).
    SignInId,
    /// One customer on one package for one stretch of time.
    SubscriptionId,
    /// A group of ISPs.
    TenancyId,
    /// A person who signs in.
    UserId,
    /// An area.
    ZoneId,
}
