//! The double-entry ledger: entries that sum to zero, accounts by their meaning.
//!
//! Sign: a positive posting is a debit. A customer's receivable account is positive when the
//! customer owes and negative when it has credit with us.

use crate::{
    customer::named_status as named,
    ids::{CustomerId, OperatorId},
    money::{Money, MoneyError},
    payment::PaymentMethod,
};

named! {
    /// What an account is for.
    AccountKind {
        /// Notes and coins.
        Cash = "cash",
        /// Money at banks.
        Bank = "bank",
        /// Money on its way through a gateway or a card terminal.
        Clearing = "clearing",
        /// What a customer owes.
        Receivable = "receivable",
        /// What was earned.
        Income = "income",
        /// What a reseller has with us.
        Wallet = "wallet",
        /// What existed before the books were opened.
        OpeningBalance = "opening_balance",
    }
}

/// An account by its meaning; the database finds or opens it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AccountKey {
    /// The ISP's cash.
    Cash,
    /// The ISP's bank.
    Bank,
    /// One gateway's or terminal's money.
    Clearing(String),
    /// One customer's account.
    Receivable(CustomerId),
    /// Income of one category.
    Income(String),
    /// One operator's wallet.
    Wallet(OperatorId),
    /// What existed before.
    OpeningBalance,
}

impl AccountKey {
    /// What the account is for.
    #[must_use]
    pub const fn kind(&self) -> AccountKind {
        match self {
            Self::Cash => AccountKind::Cash,
            Self::Bank => AccountKind::Bank,
            Self::Clearing(_) => AccountKind::Clearing,
            Self::Receivable(_) => AccountKind::Receivable,
            Self::Income(_) => AccountKind::Income,
            Self::Wallet(_) => AccountKind::Wallet,
            Self::OpeningBalance => AccountKind::OpeningBalance,
        }
    }

    /// Its name among the accounts of its kind.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Cash | Self::Bank | Self::OpeningBalance => "main".to_owned(),
            Self::Clearing(name) | Self::Income(name) => name.clone(),
            Self::Receivable(id) => id.to_string(),
            Self::Wallet(id) => id.to_string(),
        }
    }

    /// The account that money received by a method goes to.
    #[must_use]
    pub fn of_method(method: PaymentMethod) -> Self {
        match method {
            PaymentMethod::Cash => Self::Cash,
            PaymentMethod::BankTransfer | PaymentMethod::Cheque => Self::Bank,
            PaymentMethod::Card
            | PaymentMethod::MobileMoney
            | PaymentMethod::Gateway
            | PaymentMethod::Wallet
            | PaymentMethod::AccountCredit
            | PaymentMethod::Voucher => Self::Clearing(method.as_str().to_owned()),
        }
    }
}

named! {
    /// Why an entry was made.
    Cause {
        /// An invoice was issued.
        Invoice = "invoice",
        /// An invoice was voided.
        InvoiceVoid = "invoice_void",
        /// Money was received.
        Payment = "payment",
        /// A balance was brought from elsewhere.
        Opening = "opening",
    }
}

/// One side of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Which account.
    pub account: AccountKey,
    /// How much: positive debits, negative credits.
    pub amount: Money,
}

/// A balanced set of postings. Only [`Entry::new`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    cause: Cause,
    description: String,
    postings: Vec<Posting>,
}

/// Why postings are no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unbalanced {
    /// The postings do not sum to zero.
    #[error("the postings do not sum to zero")]
    NotZero,
    /// Fewer than two postings.
    #[error("an entry has at least two postings")]
    TooFew,
    /// The sum cannot be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Entry {
    /// Checks that the postings sum to zero in one currency.
    pub fn new(
        cause: Cause,
        description: String,
        postings: Vec<Posting>,
    ) -> Result<Self, Unbalanced> {
        let [first, rest @ ..] = postings.as_slice() else {
            return Err(Unbalanced::TooFew);
        };
        if rest.is_empty() {
            return Err(Unbalanced::TooFew);
        }
        let sum = rest
            .iter()
            .try_fold(first.amount, |sum, posting| sum.plus(posting.amount))?;
        if sum.is_zero() {
            Ok(Self {
                cause,
                description,
                postings,
            })
        } else {
            Err(Unbalanced::NotZero)
        }
    }

    /// Why it was made.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// What people read.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Its sides.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }
}

/// The entry of an invoice: the customer owes, income is earned, by category.
pub fn charge(
    customer_id: CustomerId,
    number: &str,
    lines: &[(String, Money)],
    total: Money,
) -> Result<Entry, Unbalanced> {
    let mut postings = vec![Posting {
        account: AccountKey::Receivable(customer_id),
        amount: total,
    }];
    for (category, amount) in lines {
        postings.push(Posting {
            account: AccountKey::Income(category.clone()),
            amount: amount.negated()?,
        });
    }
    Entry::new(Cause::Invoice, format!("Invoice {number}"), postings)
}

/// The entry of a payment: money arrives, the customer owes less.
pub fn receive(
    customer_id: CustomerId,
    receipt: &str,
    method: PaymentMethod,
    amount: Money,
) -> Result<Entry, Unbalanced> {
    let postings = vec![
        Posting {
            account: AccountKey::of_method(method),
            amount,
        },
        Posting {
            account: AccountKey::Receivable(customer_id),
            amount: amount.negated()?,
        },
    ];
    Entry::new(Cause::Payment, format!("Payment {receipt}"), postings)
}

/// The entry that takes an invoice's entry back.
pub fn reverse(
    customer_id: CustomerId,
    number: &str,
    lines: &[(String, Money)],
    total: Money,
) -> Result<Entry, Unbalanced> {
    let original = charge(customer_id, number, lines, total)?;
    let postings = original
        .postings
        .into_iter()
        .map(|posting| {
            Ok(Posting {
                amount: posting.amount.negated()?,
                ..posting
            })
        })
        .collect::<Result<_, MoneyError>>()?;
    Entry::new(
        Cause::InvoiceVoid,
        format!("Void of invoice {number}"),
        postings,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn taka(minor: i64) -> Money {
        Money::from_minor(minor, Currency::BDT)
    }

    #[test]
    fn a_charge_and_its_reversal_cancel_out() {
        let id = CustomerId::generate();
        let lines = [
            ("service".to_owned(), taka(70_000)),
            ("tax".to_owned(), taka(3_500)),
        ];
        let charged = charge(id, "INV-1", &lines, taka(73_500)).unwrap();
        let reversed = reverse(id, "INV-1", &lines, taka(73_500)).unwrap();
        for (one, other) in charged.postings().iter().zip(reversed.postings()) {
            assert_eq!(one.account, other.account);
            assert!(one.amount.plus(other.amount).unwrap().is_zero());
        }
    }

    #[test]
    fn what_does_not_balance_is_no_entry() {
        let lines = [("service".to_owned(), taka(70_000))];
        let charged = charge(CustomerId::generate(), "INV-1", &lines, taka(70_001));
        assert_eq!(charged, Err(Unbalanced::NotZero));
        let alone = vec![Posting {
            account: AccountKey::Cash,
            amount: taka(0),
        }];
        assert_eq!(
            Entry::new(Cause::Payment, String::new(), alone),
            Err(Unbalanced::TooFew)
        );
    }
}
