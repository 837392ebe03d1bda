//! Money received.

use chrono::{DateTime, Utc};

use crate::{
    billing::{Allocation, OpenInvoice, Settlement, settle_oldest_first},
    customer::{
        BillingType, CustomerStatus, SuspensionReason, named_status as named, paid_time_over,
    },
    ids::{InvoiceId, PaymentId},
    money::{Currency, Money, MoneyError},
    subscription::{extended_expiry, payment_reactivates},
};

named! {
    /// How money came in.
    PaymentMethod {
        /// Over the counter.
        Cash = "cash",
        /// From a bank account.
        BankTransfer = "bank_transfer",
        /// On paper.
        Cheque = "cheque",
        /// By card at a terminal.
        Card = "card",
        /// By mobile money.
        MobileMoney = "mobile_money",
        /// Through a payment gateway.
        Gateway = "gateway",
        /// From a reseller's wallet.
        Wallet = "wallet",
        /// From the customer's own credit.
        AccountCredit = "account_credit",
        /// By a prepaid card.
        Voucher = "voucher",
    }
}

impl PaymentMethod {
    /// Whether a person may record money that came in this way. The others are moved by their own
    /// books: the customer's credit, a reseller's wallet, a card.
    #[must_use]
    pub const fn recordable(self) -> bool {
        match self {
            Self::Cash
            | Self::BankTransfer
            | Self::Cheque
            | Self::Card
            | Self::MobileMoney
            | Self::Gateway => true,
            Self::Wallet | Self::AccountCredit | Self::Voucher => false,
        }
    }
}

/// Why an amount cannot be received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountRefusal {
    /// Zero or less.
    #[error("the amount must be more than zero")]
    NotPositive,
    /// Not the ISP's currency.
    #[error("the amount is in {given}, the books are kept in {expected}")]
    ForeignCurrency {
        /// The currency of the books.
        expected: Currency,
        /// The currency of the amount.
        given: Currency,
    },
    /// More than the books can hold.
    #[error("the amount is too large")]
    TooLarge,
}

/// The most minor units that one document may be about; sums of them stay far from the 64-bit end.
const LARGEST_AMOUNT_MINOR: i64 = 1_000_000_000_000_000;

/// Checks an amount that somebody wants to book.
pub fn check_amount(amount: Money, books: Currency) -> Result<(), AmountRefusal> {
    if amount.currency() != books {
        return Err(AmountRefusal::ForeignCurrency {
            expected: books,
            given: amount.currency(),
        });
    }
    if !amount.is_positive() {
        return Err(AmountRefusal::NotPositive);
    }
    if amount.minor() > LARGEST_AMOUNT_MINOR {
        return Err(AmountRefusal::TooLarge);
    }
    Ok(())
}

/// What a payment finds.
#[derive(Debug, Clone)]
pub struct Payer {
    /// Where the customer stands.
    pub status: CustomerStatus,
    /// Why it is suspended.
    pub status_reason: Option<SuspensionReason>,
    /// When it pays.
    pub billing_type: BillingType,
    /// Until when it is served.
    pub expires_at: Option<DateTime<Utc>>,
    /// What it owes (positive) or has with us (negative), before the payment.
    pub owed: Money,
    /// Its invoices that are not fully paid.
    pub open: Vec<OpenInvoice>,
}

/// What money does for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Which invoices it settles, and what is left as credit.
    pub settlement: Settlement,
    /// Until when the customer is served now.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether that is longer than before.
    pub extended: bool,
    /// Whether the customer is served again.
    pub reactivates: bool,
}

/// Applies new money, and whatever credit there was, to what the customer owes.
///
/// Debt that no invoice explains (brought from elsewhere) is covered before any invoice is.
pub fn apply_money(
    payer: &Payer,
    amount: Money,
    now: DateTime<Utc>,
) -> Result<Application, MoneyError> {
    let invoiced = payer
        .open
        .iter()
        .try_fold(Money::zero(amount.currency()), |sum, invoice| {
            sum.plus(invoice.total.minus(invoice.paid)?)
        })?;
    let owed_after = payer.owed.minus(amount)?;
    let spendable = invoiced.minus(owed_after)?;
    let nothing = Money::zero(amount.currency());
    let spendable = if spendable.is_positive() {
        spendable
    } else {
        nothing
    };
    let mut settlement = settle_oldest_first(spendable, payer.open.clone())?;
    settlement.nothing_owed &= !owed_after.is_positive();
    let expires_at = extended_expiry(payer.billing_type, payer.expires_at, settlement.paid_until);
    let paid_time_left = expires_at.is_some_and(|until| until > now)
        || payer.status != CustomerStatus::Pending
            && !paid_time_over(payer.billing_type, expires_at, now);
    let reactivates = settlement.nothing_owed
        && payment_reactivates(
            payer.status,
            payer.status_reason,
            payer.billing_type,
            paid_time_left,
        );
    Ok(Application {
        extended: expires_at != payer.expires_at,
        expires_at,
        reactivates,
        settlement,
    })
}

/// Money that was received and is not yet spent on invoices. Without a payment it is credit that
/// came otherwise (a voided invoice, a balance brought from elsewhere).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unspent {
    /// The payment it came by.
    pub payment_id: Option<PaymentId>,
    /// How much is left of it.
    pub amount: Money,
}

/// A part of one payment that goes to one invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcedAllocation {
    /// The payment it comes from.
    pub payment_id: Option<PaymentId>,
    /// The invoice it goes to.
    pub invoice_id: InvoiceId,
    /// How much.
    pub amount: Money,
}

/// Says which payment each allocation is taken from: the oldest money is spent first, and what no
/// payment explains comes out of other credit.
pub fn spend_oldest_first(
    allocations: &[Allocation],
    sources: &[Unspent],
) -> Result<Vec<SourcedAllocation>, MoneyError> {
    let mut sources = sources.iter().copied();
    let mut source = sources.next();
    let mut spent = Vec::new();
    for allocation in allocations {
        let mut left = allocation.amount;
        while left.is_positive() {
            let Some(current) = source.as_mut() else {
                spent.push(SourcedAllocation {
                    payment_id: None,
                    invoice_id: allocation.invoice_id,
                    amount: left,
                });
                break;
            };
            let amount = current.amount.smaller(left)?;
            if !amount.is_positive() {
                source = sources.next();
                continue;
            }
            current.amount = current.amount.minus(amount)?;
            left = left.minus(amount)?;
            spent.push(SourcedAllocation {
                payment_id: current.payment_id,
                invoice_id: allocation.invoice_id,
                amount,
            });
        }
    }
    Ok(spent)
}

#[cfg(test)]
mod tests;
