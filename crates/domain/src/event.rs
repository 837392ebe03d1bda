//! What happened, in the past tense. Each write that changes the world records its events, and
//! `app::reactions` says what follows from each.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CustomerId, ImportId, InvoiceId, NasId, PackageId, PaymentId, RealmId, RouterId},
    network::router::CheckCause,
};

/// One thing that happened inside an ISP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DomainEvent {
    /// A customer was made.
    CustomerCreated {
        /// Which one.
        customer_id: CustomerId,
    },
    /// What is known of a customer changed.
    CustomerEdited {
        /// Which one.
        customer_id: CustomerId,
        /// Whether the network must hear of it (username, password, address).
        network_identity_changed: bool,
    },
    /// What a customer has beyond its package changed: overrides, devices, limits.
    CustomerAccessChanged {
        /// Which one.
        customer_id: CustomerId,
    },
    /// A customer was given more than its limits.
    TopUpGranted {
        /// Which one.
        customer_id: CustomerId,
    },
    /// A customer is served again.
    CustomerActivated {
        /// Which one.
        customer_id: CustomerId,
    },
    /// A customer was cut off.
    CustomerSuspended {
        /// Which one.
        customer_id: CustomerId,
        /// Why, by name.
        reason: String,
    },
    /// A customer's paid time ran out.
    CustomerExpired {
        /// Which one.
        customer_id: CustomerId,
    },
    /// A customer's contract ended.
    CustomerClosed {
        /// Which one.
        customer_id: CustomerId,
    },
    /// The end of a contract was taken back.
    CustomerRestored {
        /// Which one.
        customer_id: CustomerId,
    },
    /// Paid time was extended.
    ServiceExtended {
        /// Which customer's.
        customer_id: CustomerId,
    },
    /// A person asked to end a customer's live sessions.
    DisconnectionRequested {
        /// Which customer's.
        customer_id: CustomerId,
    },
    /// An invoice was issued.
    InvoiceIssued {
        /// Which one.
        invoice_id: InvoiceId,
        /// To whom.
        customer_id: CustomerId,
    },
    /// An invoice was voided.
    InvoiceVoided {
        /// Which one.
        invoice_id: InvoiceId,
        /// Whose.
        customer_id: CustomerId,
    },
    /// Money was received.
    PaymentReceived {
        /// Which payment.
        payment_id: PaymentId,
        /// From whom.
        customer_id: CustomerId,
    },
    /// A package's terms changed.
    PackageChanged {
        /// Which one.
        package_id: PackageId,
    },
    /// The fair-use policy of a package was made, changed or taken away.
    FairUsePolicyChanged {
        /// Of which package.
        package_id: PackageId,
    },
    /// A person put a tier in force, exempted a customer, or began the count anew.
    FairUseDecided {
        /// For which customer.
        customer_id: CustomerId,
    },
    /// What restricts a customer changed.
    RestrictionsChanged {
        /// Which customer.
        customer_id: CustomerId,
    },
    /// A customer is near a threshold of fair use or of a limit, and is to be told.
    UsageNoticed {
        /// Which customer.
        customer_id: CustomerId,
        /// Of which rule, by name.
        cause: String,
        /// Of which of its tiers.
        tier: u8,
    },
    /// A RADIUS client was made or changed.
    NasChanged {
        /// Which one.
        nas_id: NasId,
    },
    /// A realm was made, changed or deleted.
    RealmChanged {
        /// Which one.
        realm_id: RealmId,
    },
    /// A watched router was made, changed or deleted, or its certificate was confirmed.
    RouterChanged {
        /// Which one.
        router_id: RouterId,
    },
    /// A watched router answers, and did not before.
    RouterReached {
        /// Which one.
        router_id: RouterId,
    },
    /// A watched router cannot be managed any more.
    RouterWentAway {
        /// Which one.
        router_id: RouterId,
        /// Why.
        cause: CheckCause,
    },
    /// A watched router shows a certificate that a person has to confirm.
    RouterFingerprintPresented {
        /// Which one.
        router_id: RouterId,
    },
    /// How the ISP treats suspended customers on the network changed.
    IspAccessChanged,
    /// Somebody asked to apply an upload.
    ImportRequested {
        /// Which one.
        import_id: ImportId,
    },
    /// An upload was applied.
    ImportCompleted {
        /// Which one.
        import_id: ImportId,
    },
}

impl DomainEvent {
    /// The name in the database and the API.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CustomerCreated { .. } => "customer.created",
            Self::CustomerEdited { .. } => "customer.edited",
            Self::CustomerAccessChanged { .. } => "customer.access_changed",
            Self::TopUpGranted { .. } => "top_up.granted",
            Self::CustomerActivated { .. } => "customer.activated",
            Self::CustomerSuspended { .. } => "customer.suspended",
            Self::CustomerExpired { .. } => "customer.expired",
            Self::CustomerClosed { .. } => "customer.closed",
            Self::CustomerRestored { .. } => "customer.restored",
            Self::ServiceExtended { .. } => "service.extended",
            Self::DisconnectionRequested { .. } => "disconnection.requested",
            Self::InvoiceIssued { .. } => "invoice.issued",
            Self::InvoiceVoided { .. } => "invoice.voided",
            Self::PaymentReceived { .. } => "payment.received",
            Self::PackageChanged { .. } => "package.changed",
            Self::FairUsePolicyChanged { .. } => "fair_use.policy_changed",
            Self::FairUseDecided { .. } => "fair_use.decided",
            Self::RestrictionsChanged { .. } => "restrictions.changed",
            Self::UsageNoticed { .. } => "usage.noticed",
            Self::NasChanged { .. } => "nas.changed",
            Self::RealmChanged { .. } => "realm.changed",
            Self::RouterChanged { .. } => "router.changed",
            Self::RouterReached { .. } => "router.reached",
            Self::RouterWentAway { .. } => "router.went_away",
            Self::RouterFingerprintPresented { .. } => "router.fingerprint_presented",
            Self::IspAccessChanged => "isp_access.changed",
            Self::ImportRequested { .. } => "import.requested",
            Self::ImportCompleted { .. } => "import.completed",
        }
    }

    /// The customer it is about.
    #[must_use]
    pub const fn customer_id(&self) -> Option<CustomerId> {
        match self {
            Self::CustomerCreated { customer_id }
            | Self::CustomerEdited { customer_id, .. }
            | Self::CustomerAccessChanged { customer_id }
            | Self::TopUpGranted { customer_id }
            | Self::CustomerActivated { customer_id }
            | Self::CustomerSuspended { customer_id, .. }
            | Self::CustomerExpired { customer_id }
            | Self::CustomerClosed { customer_id }
            | Self::CustomerRestored { customer_id }
            | Self::ServiceExtended { customer_id }
            | Self::DisconnectionRequested { customer_id }
            | Self::FairUseDecided { customer_id }
            | Self::RestrictionsChanged { customer_id }
            | Self::UsageNoticed { customer_id, .. }
            | Self::InvoiceIssued { customer_id, .. }
            | Self::InvoiceVoided { customer_id, .. }
            | Self::PaymentReceived { customer_id, .. } => Some(*customer_id),
            Self::PackageChanged { .. }
            | Self::FairUsePolicyChanged { .. }
            | Self::NasChanged { .. }
            | Self::RealmChanged { .. }
            | Self::RouterChanged { .. }
            | Self::RouterReached { .. }
            | Self::RouterWentAway { .. }
            | Self::RouterFingerprintPresented { .. }
            | Self::IspAccessChanged
            | Self::ImportRequested { .. }
            | Self::ImportCompleted { .. } => None,
        }
    }
}
