//! Decisions about a subscriber's service: renewing it and letting it run out.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{
    billing::{InvoiceDraft, InvoiceLine, LineCategory},
    catalog::Package,
    customer::{
        BillingType, Customer, CustomerStatus, Standing, SuspensionReason, lacks_paid_time,
    },
    ids::{CustomerId, IspId, PackageId},
    money::{Money, MoneyError},
    period::{Cycle, InvalidPeriod, Period},
};

/// The part of a customer that decisions about service and money are made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceState {
    /// Which customer.
    pub customer_id: CustomerId,
    /// Whose.
    pub isp_id: IspId,
    /// What it buys.
    pub package_id: PackageId,
    /// Where it stands.
    pub status: CustomerStatus,
    /// Why it is suspended.
    pub status_reason: Option<SuspensionReason>,
    /// When it pays.
    pub billing_type: BillingType,
    /// Until when it is served.
    pub expires_at: Option<DateTime<Utc>>,
    /// The day of the month that its periods aim at.
    pub anchor_day: u32,
    /// Whether credit buys the next period by itself.
    pub auto_renew: bool,
}

impl ServiceState {
    /// What its life depends on at that instant.
    #[must_use]
    pub fn standing(&self, online: bool, now: DateTime<Utc>) -> Standing {
        Standing {
            status: self.status,
            paid_time_over: lacks_paid_time(self.status, self.billing_type, self.expires_at, now),
            online,
        }
    }
}

impl From<&Customer> for ServiceState {
    fn from(customer: &Customer) -> Self {
        Self {
            customer_id: customer.id,
            isp_id: customer.isp_id,
            package_id: customer.package_id,
            status: customer.status,
            status_reason: customer.status_reason,
            billing_type: customer.billing_type,
            expires_at: customer.expires_at,
            anchor_day: customer.anchor_day,
            auto_renew: customer.auto_renew,
        }
    }
}

/// The part of a package that an invoice is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which package.
    pub package_id: PackageId,
    /// Its name.
    pub name: String,
    /// What a cycle costs.
    pub price: Money,
    /// How long a cycle is.
    pub cycle: Cycle,
}

impl From<&Package> for Offer {
    fn from(package: &Package) -> Self {
        Self {
            package_id: package.id,
            name: package.terms.name.clone(),
            price: package.terms.price,
            cycle: package.terms.cycle,
        }
    }
}

/// Why no invoice for the next period can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenewRefusal {
    /// The period lies beyond the calendar.
    #[error(transparent)]
    Period(#[from] InvalidPeriod),
    /// The amount cannot be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// The next period that the customer is to be billed for.
///
/// It follows what is paid for already. A customer who is still served goes on without a gap; time
/// that was neither served nor paid for is not charged.
pub fn next_period(
    service: &ServiceState,
    offer: &Offer,
    billed_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<Period, InvalidPeriod> {
    let starting = |start| Period::of_cycle(offer.cycle, start, service.anchor_day, zone);
    let Some(covered_until) = service.expires_at.max(billed_until) else {
        return starting(now);
    };
    if covered_until > now {
        return starting(covered_until);
    }
    let without_gap = starting(covered_until)?;
    if service.status == CustomerStatus::Active && without_gap.end > now {
        Ok(without_gap)
    } else {
        starting(now)
    }
}

/// When an invoice is due: before the service it pays for, or after it.
#[must_use]
pub fn due_date(
    billing_type: BillingType,
    period: Period,
    issued_at: DateTime<Utc>,
) -> DateTime<Utc> {
    match billing_type {
        BillingType::Prepaid => period.start.max(issued_at),
        BillingType::Postpaid => period.end.max(issued_at),
    }
}

/// What a bill says beyond its package and period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BillWords {
    /// Another amount than the package's price.
    pub amount: Option<Money>,
    /// Another text than the package's name.
    pub description: Option<String>,
}

/// The invoice for one period of a package at its price, or at another amount.
#[must_use]
pub fn bill_period(
    customer_id: CustomerId,
    offer: &Offer,
    period: Period,
    due_at: DateTime<Utc>,
    words: BillWords,
) -> InvoiceDraft {
    let amount = words.amount.unwrap_or(offer.price);
    let line = InvoiceLine {
        description: words.description.unwrap_or_else(|| offer.name.clone()),
        category: LineCategory::Service,
        quantity: 1,
        unit_price: amount,
        amount,
    };
    InvoiceDraft {
        customer_id,
        package_id: Some(offer.package_id),
        period,
        due_at,
        lines: vec![line],
        total: amount,
    }
}

/// What to do with a customer whose paid time has run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryDecision {
    /// Nothing is due.
    Keep,
    /// Credit pays for the next period.
    Renew,
    /// Prepaid time is over.
    Expire,
    /// A postpaid invoice is overdue beyond the grace.
    Suspend(SuspensionReason),
}

/// Decides what becomes of a customer at the end of paid time or of the grace for an invoice. Money
/// that pays the next period buys it, whatever was wanted when the customer came: nobody is cut with
/// the money in our hands.
#[must_use]
pub fn decide_expiry(
    service: &ServiceState,
    price: Money,
    credit: Money,
    oldest_due: Option<DateTime<Utc>>,
    grace: TimeDelta,
    now: DateTime<Utc>,
) -> ExpiryDecision {
    if service.status != CustomerStatus::Active {
        return ExpiryDecision::Keep;
    }
    match service.billing_type {
        BillingType::Prepaid => {
            if service.expires_at.is_none_or(|until| until > now) {
                ExpiryDecision::Keep
            } else if credit.minor() >= price.minor() {
                ExpiryDecision::Renew
            } else {
                ExpiryDecision::Expire
            }
        }
        BillingType::Postpaid => match oldest_due {
            Some(due_at) if due_at + grace <= now => {
                ExpiryDecision::Suspend(SuspensionReason::NonPayment)
            }
            Some(_) | None => ExpiryDecision::Keep,
        },
    }
}

/// Below so many cuts a run never stops by itself.
const BRAKE_FREE_CUTS: u64 = 10;
/// The share of an ISP's active customers, in percent, that one run may cut.
const BRAKE_PERCENT: u64 = 20;

/// By how much, in percent, a due day may outgrow that of the month before.
const BRAKE_GROWTH_PERCENT: u64 = 110;

/// Whether a run that would cut so many customers must leave that to a person.
///
/// `cut_today` were cut by earlier runs of the day, and `usual` is the most of one day around this
/// one a month ago: where everybody is due on the first, many cuts on the first are no surprise.
#[must_use]
pub const fn brake_trips(cuts: u64, active: u64, cut_today: u64, usual: u64) -> bool {
    let are_many =
        cuts > BRAKE_FREE_CUTS && cuts.saturating_mul(100) > active.saturating_mul(BRAKE_PERCENT);
    let today = cuts.saturating_add(cut_today);
    are_many && today.saturating_mul(100) > usual.saturating_mul(BRAKE_GROWTH_PERCENT)
}

/// Until when a customer is served once that much is paid: paid time is never shortened.
#[must_use]
pub fn extended_expiry(
    billing_type: BillingType,
    expires_at: Option<DateTime<Utc>>,
    paid_until: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    match billing_type {
        BillingType::Prepaid => expires_at.max(paid_until),
        BillingType::Postpaid => expires_at,
    }
}

/// Whether paying everything that was owed puts the customer back online.
#[must_use]
pub const fn payment_reactivates(
    status: CustomerStatus,
    reason: Option<SuspensionReason>,
    billing_type: BillingType,
    paid_time_left: bool,
) -> bool {
    let served = matches!(billing_type, BillingType::Postpaid) || paid_time_left;
    match status {
        CustomerStatus::Expired => served,
        CustomerStatus::Suspended => served && matches!(reason, Some(SuspensionReason::NonPayment)),
        CustomerStatus::Pending => paid_time_left,
        CustomerStatus::Active | CustomerStatus::Closed => false,
    }
}

#[cfg(test)]
mod tests;
