use proptest::prelude::*;

use super::*;

fn taka(minor: i64) -> Money {
    Money::from_minor(minor, Currency::BDT)
}

fn day(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(day * 86_400, 0).unwrap()
}

fn invoice(due: i64, total: i64, paid: i64) -> OpenInvoice {
    OpenInvoice {
        id: InvoiceId::generate(),
        due_at: day(due),
        total: taka(total),
        paid: taka(paid),
        period_end: day(due + 30),
    }
}

fn payer(status: CustomerStatus, owed: i64, open: Vec<OpenInvoice>) -> Payer {
    Payer {
        status,
        status_reason: None,
        billing_type: BillingType::Prepaid,
        expires_at: Some(day(10)),
        owed: taka(owed),
        open,
    }
}

#[test]
fn what_cannot_be_booked_is_refused() {
    let rupee: Currency = "INR".parse().unwrap();
    assert_eq!(check_amount(taka(1), Currency::BDT), Ok(()));
    assert_eq!(
        check_amount(taka(0), Currency::BDT),
        Err(AmountRefusal::NotPositive)
    );
    assert_eq!(
        check_amount(taka(-5), Currency::BDT),
        Err(AmountRefusal::NotPositive)
    );
    assert_eq!(
        check_amount(taka(i64::MAX), Currency::BDT),
        Err(AmountRefusal::TooLarge)
    );
    assert_eq!(
        check_amount(Money::from_minor(5, rupee), Currency::BDT),
        Err(AmountRefusal::ForeignCurrency {
            expected: Currency::BDT,
            given: rupee
        })
    );
}

#[test]
fn a_payment_in_full_extends_and_reactivates() {
    let payer = payer(CustomerStatus::Expired, 500, vec![invoice(11, 500, 0)]);
    let part = apply_money(&payer, taka(499), day(12)).unwrap();
    assert_eq!((part.extended, part.reactivates), (false, false));
    let full = apply_money(&payer, taka(500), day(12)).unwrap();
    assert_eq!(full.expires_at, Some(day(41)));
    assert_eq!((full.extended, full.reactivates), (true, true));
}

#[test]
fn earlier_credit_counts() {
    // The invoice asks for 500, 200 lie on the account: the customer owes 300.
    let payer = payer(CustomerStatus::Active, 300, vec![invoice(11, 500, 0)]);
    let applied = apply_money(&payer, taka(300), day(12)).unwrap();
    assert_eq!(applied.settlement.allocations[0].amount, taka(500));
    assert!(applied.settlement.credited.is_zero());
}

#[test]
fn debt_without_an_invoice_is_covered_first() {
    let payer = payer(CustomerStatus::Expired, 800, vec![invoice(11, 500, 0)]);
    let applied = apply_money(&payer, taka(300), day(12)).unwrap();
    assert!(applied.settlement.allocations.is_empty());
    assert!(!applied.settlement.nothing_owed);
    let all = apply_money(&payer, taka(800), day(12)).unwrap();
    assert!(all.settlement.nothing_owed && all.reactivates);
}

#[test]
fn violations_are_not_paid_away() {
    let mut payer = payer(CustomerStatus::Suspended, 500, vec![invoice(11, 500, 0)]);
    payer.status_reason = Some(SuspensionReason::Violation);
    assert!(!apply_money(&payer, taka(500), day(12)).unwrap().reactivates);
    payer.status_reason = Some(SuspensionReason::NonPayment);
    assert!(apply_money(&payer, taka(500), day(12)).unwrap().reactivates);
}

#[test]
fn money_alone_does_not_serve_who_bought_no_time() {
    let mut payer = payer(CustomerStatus::Pending, 0, Vec::new());
    payer.expires_at = None;
    assert!(!apply_money(&payer, taka(500), day(12)).unwrap().reactivates);
    payer.status = CustomerStatus::Expired;
    payer.expires_at = Some(day(10));
    assert!(!apply_money(&payer, taka(500), day(12)).unwrap().reactivates);
}

#[test]
fn postpaid_service_has_no_end() {
    let mut payer = payer(CustomerStatus::Suspended, 500, vec![invoice(11, 500, 0)]);
    payer.billing_type = BillingType::Postpaid;
    payer.status_reason = Some(SuspensionReason::NonPayment);
    payer.expires_at = None;
    let applied = apply_money(&payer, taka(500), day(12)).unwrap();
    assert_eq!((applied.expires_at, applied.reactivates), (None, true));
}

proptest! {
    #[test]
    fn what_is_left_on_the_account_is_what_was_not_spent(
        amount in 1_i64..50_000,
        credit in 0_i64..5_000,
        open in prop::collection::vec((1_i64..5_000, 0_i64..5_000, 0_i64..50), 0..8),
    ) {
        let open: Vec<_> = open
            .into_iter()
            .map(|(total, paid, due)| invoice(due, total, paid.min(total - 1)))
            .collect();
        let invoiced: i64 = open.iter().map(|i| i.total.minor() - i.paid.minor()).sum();
        let payer = payer(CustomerStatus::Active, invoiced - credit, open);
        let applied = apply_money(&payer, taka(amount), day(1)).unwrap();
        let spent: i64 = applied.settlement.allocations.iter().map(|a| a.amount.minor()).sum();
        prop_assert_eq!(spent + applied.settlement.credited.minor(), amount + credit);
        prop_assert_eq!(applied.settlement.nothing_owed, amount + credit >= invoiced);
        // The account afterwards is what stays open less what is credit.
        let owed_after = invoiced - credit - amount;
        prop_assert_eq!(owed_after, (invoiced - spent) - applied.settlement.credited.minor());
    }

    #[test]
    fn every_allocation_has_its_source(
        wanted in prop::collection::vec(1_i64..1_000, 0..8),
        had in prop::collection::vec(0_i64..1_000, 0..8),
    ) {
        let allocations: Vec<_> = wanted
            .iter()
            .map(|&minor| Allocation { invoice_id: InvoiceId::generate(), amount: taka(minor), settles: true })
            .collect();
        let sources: Vec<_> = had
            .iter()
            .map(|&minor| Unspent { payment_id: Some(PaymentId::generate()), amount: taka(minor) })
            .collect();
        let spent = spend_oldest_first(&allocations, &sources).unwrap();
        for allocation in &allocations {
            let sum: i64 = spent.iter().filter(|s| s.invoice_id == allocation.invoice_id).map(|s| s.amount.minor()).sum();
            prop_assert_eq!(sum, allocation.amount.minor());
        }
        for source in &sources {
            let sum: i64 = spent.iter().filter(|s| s.payment_id == source.payment_id).map(|s| s.amount.minor()).sum();
            prop_assert!(sum <= source.amount.minor());
        }
        let unexplained: i64 = spent.iter().filter(|s| s.payment_id.is_none()).map(|s| s.amount.minor()).sum();
        prop_assert_eq!(unexplained, (wanted.iter().sum::<i64>() - had.iter().sum::<i64>()).max(0));
        prop_assert!(spent.iter().all(|s| s.amount.is_positive()));
    }
}
