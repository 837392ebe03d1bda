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

/// By what a reference is known again, where a reference names one movement of money: letter case and
/// blanks do not matter. Cash has none, and cheques of two banks may have one number.
#[must_use]
pub fn reference_key(method: PaymentMethod, reference: &str) -> Option<String> {
    match method {
        PaymentMethod::MobileMoney | PaymentMethod::BankTransfer | PaymentMethod::Card => {
            let key: String = reference
                .chars()
                .filter(|sign| !sign.is_whitespace())
                .flat_map(char::to_lowercase)
                .collect();
            (!key.is_empty()).then_some(key)
        }
        PaymentMethod::Cash
        | PaymentMethod::Cheque
        | PaymentMethod::Gateway
        | PaymentMethod::Wallet
        | PaymentMethod::AccountCredit
        | PaymentMethod::Voucher => None,
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

/// What money finds.
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
    /// What it owes (positive) or has with us (negative), before any new money.
    pub owed: Money,
    /// Its invoices that are not fully paid.
    pub open: Vec<OpenInvoice>,
    /// What no invoice was paid with yet of its payments, oldest first.
    pub unspent: Vec<Unspent>,
}

/// New money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incoming {
    /// The payment it comes by.
    pub payment_id: PaymentId,
    /// How much.
    pub amount: Money,
}

/// Money that is not spent on invoices. Without a payment it is credit that came otherwise (a
/// balance brought from elsewhere).
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

/// What money does for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Which invoices are settled, and what is left as credit.
    pub settlement: Settlement,
    /// Which payment pays which part of that.
    pub spent: Vec<SourcedAllocation>,
    /// How much of the new money is credit now.
    pub credited: Money,
    /// The customer's balance now: positive is credit with us, negative is owed.
    pub balance: Money,
    /// Until when the customer is served now.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether that is longer than before.
    pub extended: bool,
    /// Whether the customer is served again.
    pub reactivates: bool,
}

/// Applies whatever credit there is, and new money if any, to what the customer owes.
///
/// Debt that no invoice explains (brought from elsewhere) is covered before any invoice is.
pub fn apply_money(
    payer: &Payer,
    incoming: Option<Incoming>,
    now: DateTime<Utc>,
) -> Result<Application, MoneyError> {
    let nothing = Money::zero(payer.owed.currency());
    let amount = incoming.map_or(nothing, |incoming| incoming.amount);
    let invoiced = payer.open.iter().try_fold(nothing, |sum, invoice| {
        sum.plus(invoice.total.minus(invoice.paid)?)
    })?;
    let balance = amount.minus(payer.owed)?;
    let credit = at_least(nothing, invoiced.minus(payer.owed)?);
    let spendable = at_least(nothing, invoiced.plus(balance)?);
    let mut sources = spendable_sources(&payer.unspent, credit)?;
    sources.extend(
        incoming
            .map(|incoming| {
                Ok(Unspent {
                    payment_id: Some(incoming.payment_id),
                    amount: incoming.amount.smaller(spendable)?,
                })
            })
            .transpose()?,
    );
    let mut settlement = settle_oldest_first(spendable, payer.open.clone())?;
    settlement.nothing_owed &= balance.minor() >= 0;
    let spent = spend_oldest_first(&settlement.allocations, &sources)?;
    let expires_at = extended_expiry(payer.billing_type, payer.expires_at, settlement.paid_until);
    Ok(Application {
        credited: amount.smaller(settlement.credited)?,
        spent,
        balance,
        extended: expires_at != payer.expires_at,
        reactivates: settlement.nothing_owed && reactivates(payer, expires_at, now),
        expires_at,
        settlement,
    })
}

fn reactivates(payer: &Payer, expires_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    let paid_time_left = match payer.status {
        // Who was never served starts with time that was bought, not without an end.
        CustomerStatus::Pending => expires_at.is_some_and(|until| until > now),
        CustomerStatus::Active
        | CustomerStatus::Suspended
        | CustomerStatus::Expired
        | CustomerStatus::Closed => !paid_time_over(payer.billing_type, expires_at, now),
    };
    payment_reactivates(
        payer.status,
        payer.status_reason,
        payer.billing_type,
        paid_time_left,
    )
}

fn at_least(least: Money, money: Money) -> Money {
    if money.minor() < least.minor() {
        least
    } else {
        money
    }
}

/// What the credit on an account consists of: the newest payments that explain it, and before them
/// credit that came otherwise. Older money has covered debt that no invoice explains.
fn spendable_sources(unspent: &[Unspent], credit: Money) -> Result<Vec<Unspent>, MoneyError> {
    let mut unexplained = credit;
    let mut sources = Vec::with_capacity(unspent.len() + 1);
    for source in unspent.iter().rev() {
        let amount = source.amount.smaller(unexplained)?;
        unexplained = unexplained.minus(amount)?;
        sources.push(Unspent { amount, ..*source });
    }
    sources.push(Unspent {
        payment_id: None,
        amount: unexplained,
    });
    sources.reverse();
    Ok(sources)
}

/// Says which payment each allocation is taken from: the oldest money is spent first.
fn spend_oldest_first(
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
