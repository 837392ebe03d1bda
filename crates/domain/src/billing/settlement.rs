//! Which invoices a sum of money settles.

use chrono::{DateTime, Utc};

use crate::{
    ids::InvoiceId,
    money::{Money, MoneyError},
};

/// An invoice that is not fully paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenInvoice {
    /// Which one.
    pub id: InvoiceId,
    /// When it is due: older dues are settled first.
    pub due_at: DateTime<Utc>,
    /// What it asks for.
    pub total: Money,
    /// What was paid already.
    pub paid: Money,
    /// Until when the service it charges for runs.
    pub period_end: DateTime<Utc>,
}

/// A part of a payment that went to one invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocation {
    /// Which invoice.
    pub invoice_id: InvoiceId,
    /// How much.
    pub amount: Money,
    /// Whether the invoice is paid in full with it.
    pub settles: bool,
}

/// What becomes of a sum of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// What goes to invoices, oldest first.
    pub allocations: Vec<Allocation>,
    /// What is left for the customer's account.
    pub credited: Money,
    /// Whether nothing is owed any more.
    pub nothing_owed: bool,
    /// Until when service is paid for by invoices settled here.
    pub paid_until: Option<DateTime<Utc>>,
}

/// Spends money on open invoices, the oldest due first; the surplus is credit.
pub fn settle_oldest_first(
    money: Money,
    mut open: Vec<OpenInvoice>,
) -> Result<Settlement, MoneyError> {
    open.sort_by_key(|invoice| (invoice.due_at, invoice.id));
    let mut left = money;
    let mut allocations = Vec::new();
    let mut nothing_owed = true;
    let mut paid_until = None;
    for invoice in open {
        let owed = invoice.total.minus(invoice.paid)?;
        let amount = left.smaller(owed)?;
        let settles = amount == owed;
        nothing_owed &= settles;
        if settles {
            // Also an invoice that asks for nothing pays for its period.
            paid_until = paid_until.max(Some(invoice.period_end));
        }
        if !amount.is_positive() {
            continue;
        }
        left = left.minus(amount)?;
        allocations.push(Allocation {
            invoice_id: invoice.id,
            amount,
            settles,
        });
    }
    Ok(Settlement {
        allocations,
        credited: left,
        nothing_owed,
        paid_until,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Currency;

    fn invoice(day: i64, total: i64, paid: i64) -> OpenInvoice {
        let due_at = DateTime::from_timestamp(day * 86_400, 0).unwrap();
        OpenInvoice {
            id: InvoiceId::generate(),
            due_at,
            total: Money::from_minor(total, Currency::BDT),
            paid: Money::from_minor(paid, Currency::BDT),
            period_end: due_at,
        }
    }

    #[test]
    fn the_oldest_is_settled_first_and_surplus_is_credit() {
        let (old, new) = (invoice(1, 500, 100), invoice(2, 500, 0));
        let part =
            settle_oldest_first(Money::from_minor(600, Currency::BDT), vec![new, old]).unwrap();
        let ids: Vec<_> = part
            .allocations
            .iter()
            .map(|a| (a.invoice_id, a.amount.minor(), a.settles))
            .collect();
        assert_eq!(ids, [(old.id, 400, true), (new.id, 200, false)]);
        assert!(!part.nothing_owed);
        assert_eq!(part.paid_until, Some(old.period_end));

        let all =
            settle_oldest_first(Money::from_minor(1000, Currency::BDT), vec![new, old]).unwrap();
        assert!(all.nothing_owed);
        assert_eq!(
            (all.credited.minor(), all.paid_until),
            (100, Some(new.period_end))
        );
    }

    proptest! {
        #[test]
        fn no_money_is_made_or_lost(
            money in 0_i64..100_000,
            open in prop::collection::vec((1_i64..5_000, 0_i64..5_000, 0_i64..50), 0..12),
        ) {
            let open: Vec<_> =
                open.into_iter().map(|(total, paid, day)| invoice(day, total, paid.min(total - 1))).collect();
            let settlement =
                settle_oldest_first(Money::from_minor(money, Currency::BDT), open.clone()).unwrap();
            let spent: i64 = settlement.allocations.iter().map(|a| a.amount.minor()).sum();
            prop_assert_eq!(spent + settlement.credited.minor(), money);
            let owed: i64 = open.iter().map(|i| i.total.minor() - i.paid.minor()).sum();
            prop_assert_eq!(settlement.nothing_owed, money >= owed);
        }
    }
}
