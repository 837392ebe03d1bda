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
        unspent: Vec::new(),
    }
}

fn pay(payer: &Payer, minor: i64) -> Application {
    let incoming = Incoming {
        payment_id: PaymentId::generate(),
        amount: taka(minor),
    };
    apply_money(payer, Some(incoming), day(12)).unwrap()
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
    let part = pay(&payer, 499);
    assert_eq!((part.extended, part.reactivates), (false, false));
    let full = pay(&payer, 500);
    assert_eq!(full.expires_at, Some(day(41)));
    assert_eq!((full.extended, full.reactivates), (true, true));
}

#[test]
fn earlier_credit_counts() {
    // The invoice asks for 500, 200 lie on the account: the customer owes 300.
    let payer = payer(CustomerStatus::Active, 300, vec![invoice(11, 500, 0)]);
    let applied = pay(&payer, 300);
    assert_eq!(applied.settlement.allocations[0].amount, taka(500));
    assert!(applied.settlement.credited.is_zero());
}

#[test]
fn debt_without_an_invoice_is_covered_first() {
    let payer = payer(CustomerStatus::Expired, 800, vec![invoice(11, 500, 0)]);
    let applied = pay(&payer, 300);
    assert!(applied.settlement.allocations.is_empty());
    assert!(!applied.settlement.nothing_owed);
    let all = pay(&payer, 800);
    assert!(all.settlement.nothing_owed && all.reactivates);
}

#[test]
fn violations_are_not_paid_away() {
    let mut payer = payer(CustomerStatus::Suspended, 500, vec![invoice(11, 500, 0)]);
    payer.status_reason = Some(SuspensionReason::Violation);
    assert!(!pay(&payer, 500).reactivates);
    payer.status_reason = Some(SuspensionReason::NonPayment);
    assert!(pay(&payer, 500).reactivates);
}

#[test]
fn money_alone_does_not_serve_who_bought_no_time() {
    let mut payer = payer(CustomerStatus::Pending, 0, Vec::new());
    payer.expires_at = None;
    assert!(!pay(&payer, 500).reactivates);
    payer.status = CustomerStatus::Expired;
    payer.expires_at = Some(day(10));
    assert!(!pay(&payer, 500).reactivates);
}

#[test]
fn postpaid_service_has_no_end() {
    let mut payer = payer(CustomerStatus::Suspended, 500, vec![invoice(11, 500, 0)]);
    payer.billing_type = BillingType::Postpaid;
    payer.status_reason = Some(SuspensionReason::NonPayment);
    payer.expires_at = None;
    let applied = pay(&payer, 500);
    assert_eq!((applied.expires_at, applied.reactivates), (None, true));
}

#[test]
fn credit_settles_without_new_money() {
    let payment_id = PaymentId::generate();
    let mut payer = payer(CustomerStatus::Active, -200, vec![]);
    payer.unspent = vec![Unspent {
        payment_id: Some(payment_id),
        amount: taka(200),
    }];
    // An invoice of 150 is issued: the account holds 50 of credit then.
    let open = invoice(11, 150, 0);
    payer.owed = taka(-50);
    payer.open = vec![open];
    let applied = apply_money(&payer, None, day(12)).unwrap();
    assert_eq!(
        applied.spent,
        [SourcedAllocation {
            payment_id: Some(payment_id),
            invoice_id: open.id,
            amount: taka(150)
        }]
    );
    assert_eq!((applied.balance, applied.credited), (taka(50), taka(0)));
}

#[test]
fn an_invoice_over_nothing_still_pays_for_its_period() {
    let payer = payer(CustomerStatus::Expired, 0, vec![invoice(12, 0, 0)]);
    let applied = apply_money(&payer, None, day(12)).unwrap();
    assert_eq!(
        (applied.expires_at, applied.reactivates),
        (Some(day(42)), true)
    );
    assert!(applied.spent.is_empty());
}

proptest! {
    #[test]
    fn every_unit_has_its_place(
        amount in 1_i64..50_000,
        owed_extra in -5_000_i64..5_000,
        open in prop::collection::vec((1_i64..5_000, 0_i64..5_000, 0_i64..50), 0..8),
        had in prop::collection::vec(0_i64..3_000, 0..5),
    ) {
        let open: Vec<_> = open
            .into_iter()
            .map(|(total, paid, due)| invoice(due, total, paid.min(total - 1)))
            .collect();
        let invoiced: i64 = open.iter().map(|i| i.total.minor() - i.paid.minor()).sum();
        let mut payer = payer(CustomerStatus::Active, invoiced + owed_extra, open);
        payer.unspent = had
            .iter()
            .map(|&minor| Unspent { payment_id: Some(PaymentId::generate()), amount: taka(minor) })
            .collect();
        let payment_id = PaymentId::generate();
        let incoming = Incoming { payment_id, amount: taka(amount) };
        let applied = apply_money(&payer, Some(incoming), day(1)).unwrap();

        let settled: i64 = applied.settlement.allocations.iter().map(|a| a.amount.minor()).sum();
        let spent: i64 = applied.spent.iter().map(|s| s.amount.minor()).sum();
        prop_assert_eq!(settled, spent);
        prop_assert!(applied.spent.iter().all(|s| s.amount.is_positive()));
        prop_assert_eq!(applied.balance.minor(), amount - invoiced - owed_extra);
        prop_assert_eq!(applied.settlement.nothing_owed, applied.balance.minor() >= 0);
        // What is credit is what the account holds beyond what stays open.
        prop_assert_eq!(
            applied.settlement.credited.minor(),
            (applied.balance.minor() + invoiced - spent).max(0)
        );
        // No payment is spent twice, and what is credited of the new one is not spent.
        for source in &payer.unspent {
            let used: i64 = applied.spent.iter().filter(|s| s.payment_id == source.payment_id).map(|s| s.amount.minor()).sum();
            prop_assert!(used <= source.amount.minor());
        }
        let used: i64 = applied.spent.iter().filter(|s| s.payment_id == Some(payment_id)).map(|s| s.amount.minor()).sum();
        prop_assert!(used + applied.credited.minor() <= amount);
        // No invoice gets more than it asks for.
        for invoice in &payer.open {
            let got: i64 = applied.spent.iter().filter(|s| s.invoice_id == invoice.id).map(|s| s.amount.minor()).sum();
            prop_assert!(got <= invoice.total.minor() - invoice.paid.minor());
        }
    }
}
