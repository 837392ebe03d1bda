use app::use_cases::billing::{
    BillRefusal, GenerateBill, GenerateBillError, VoidInvoice, VoidInvoiceError, VoidRefusal,
    generate_bill, void_invoice,
};
use domain::{
    authz::{InvoiceRef, Proof, perm},
    billing::InvoiceStatus,
    customer::BillingType,
    ids::{InvoiceId, PackageId},
    payment::AmountRefusal,
};
use testkit::World;
use tokio::task::JoinSet;

use crate::support::*;

fn invoice(world: &World, id: InvoiceId) -> Proof<perm::VoidInvoices, InvoiceRef> {
    world.proof(InvoiceRef {
        id,
        isp_id: world.isp_id,
        operator_id: None,
    })
}

fn because(reason: &str) -> VoidInvoice {
    VoidInvoice {
        reason: reason.to_owned(),
    }
}

fn refusal(outcome: Result<impl std::fmt::Debug, GenerateBillError>) -> BillRefusal {
    match outcome {
        Err(GenerateBillError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

testkit::on_each_database! {
    async fn a_bill_says_what_and_for_how_long(world: World) {
        let id = customer(&world, Given::default()).await;
        let cmd = GenerateBill {
            amount: Some(taka(12_345)),
            period_start: Some(at("2026-12-01T00:00:00Z")),
            period_end: Some(at("2026-12-11T00:00:00Z")),
            due_at: Some(at("2026-12-05T00:00:00Z")),
            description: Some("Ten days".to_owned()),
            ..GenerateBill::default()
        };
        let bill = bill(&world, id, "bill", cmd).await.unwrap();
        assert_eq!((bill.total, bill.paid, bill.status), (taka(12_345), taka(0), InvoiceStatus::Issued));
        assert_eq!(bill.period_end, at("2026-12-11T00:00:00Z"));
        assert_eq!(bill.due_at, at("2026-12-05T00:00:00Z"));
        assert_eq!(bill.lines.len(), 1);
        assert_eq!(bill.lines[0].description, "Ten days");
        assert_eq!(owed(&world, id).await, 12_345);
        assert_eq!(events(&world, "invoice.issued").await, 1);
        assert_books(&world).await;
    }

    async fn credit_pays_a_bill_at_once(world: World) {
        let id = customer(&world, Given::default()).await;
        pay(&world, id, "early", cash(100_000)).await.unwrap();
        let paid = bill(&world, id, "bill-1", GenerateBill::default()).await.unwrap();
        assert_eq!((paid.status, paid.paid), (InvoiceStatus::Paid, taka(70_000)));
        assert_eq!(expires_at(&world, id).await, Some(paid.period_end));
        let part = bill(&world, id, "bill-2", GenerateBill::default()).await.unwrap();
        assert_eq!((part.status, part.paid), (InvoiceStatus::PartlyPaid, taka(30_000)));
        assert_eq!(expires_at(&world, id).await, Some(paid.period_end));
        assert_eq!(owed(&world, id).await, 40_000);
        assert_books(&world).await;
    }

    async fn a_period_is_billed_once_unless_forced(world: World) {
        let id = customer(&world, Given::default()).await;
        let cmd = GenerateBill {
            period_start: Some(at("2026-12-01T00:00:00Z")),
            period_end: Some(at("2027-01-01T00:00:00Z")),
            ..GenerateBill::default()
        };
        let first = bill(&world, id, "one", cmd.clone()).await.unwrap();
        let overlaps = GenerateBill { period_start: Some(at("2026-12-31T23:59:59Z")), period_end: Some(at("2027-02-01T00:00:00Z")), ..cmd.clone() };
        let refused = refusal(bill(&world, id, "two", overlaps.clone()).await);
        assert_eq!(refused, BillRefusal::PeriodOverlaps { invoice_id: first.id });
        bill(&world, id, "three", GenerateBill { force: true, ..overlaps }).await.unwrap();
        // A refusal takes no number.
        assert_gap_free(&world, "invoice", "number", "INV").await;
        void_invoice(&world.ctx, invoice(&world, first.id), because("wrong month")).await.unwrap();
        let free = GenerateBill { period_end: Some(at("2026-12-31T00:00:00Z")), ..cmd };
        bill(&world, id, "four", free).await.unwrap();
        assert_books(&world).await;
    }

    async fn the_same_period_at_once_is_one_bill(world: World) {
        let id = customer(&world, Given::default()).await;
        let cmd = GenerateBill {
            period_start: Some(at("2026-12-01T00:00:00Z")),
            period_end: Some(at("2027-01-01T00:00:00Z")),
            ..GenerateBill::default()
        };
        let mut tasks = JoinSet::new();
        for n in 0..16 {
            let (ctx, proof) = (world.ctx.clone(), world.proof(world.customer(id)));
            let cmd = cmd.clone();
            tasks.spawn(async move { generate_bill(&ctx, proof, key(n), cmd).await });
        }
        let done = tasks.join_all().await;
        assert_eq!(done.iter().filter(|bill| bill.is_ok()).count(), 1);
        for bill in done.into_iter().filter(Result::is_err) {
            assert!(matches!(refusal(bill), BillRefusal::PeriodOverlaps { .. }));
        }
        assert_eq!(owed(&world, id).await, 70_000);
        assert_gap_free(&world, "invoice", "number", "INV").await;
        assert_books(&world).await;
    }

    async fn a_replay_bills_once(world: World) {
        let id = customer(&world, Given::default()).await;
        let first = bill(&world, id, "same", GenerateBill::default()).await.unwrap();
        pay(&world, id, "pay", cash(70_000)).await.unwrap();
        let again = bill(&world, id, "same", GenerateBill::default()).await.unwrap();
        assert_eq!(first, again);
        let other = GenerateBill { force: true, ..GenerateBill::default() };
        assert!(matches!(bill(&world, id, "same", other).await, Err(GenerateBillError::KeyReused)));
        assert_eq!(count(&world, "invoice").await, 1);
    }

    async fn what_cannot_be_billed_is_refused(world: World) {
        let id = customer(&world, Given::default()).await;
        let zero = GenerateBill { amount: Some(taka(0)), ..GenerateBill::default() };
        let refused = refusal(bill(&world, id, "zero", zero).await);
        assert_eq!(refused, BillRefusal::Amount(AmountRefusal::NotPositive));
        let backwards = GenerateBill {
            period_start: Some(at("2026-12-01T00:00:00Z")),
            period_end: Some(at("2026-12-01T00:00:00Z")),
            ..GenerateBill::default()
        };
        assert_eq!(refusal(bill(&world, id, "back", backwards).await), BillRefusal::InvalidPeriod);
        let far = GenerateBill { period_end: Some(at("2300-12-01T00:00:00Z")), ..GenerateBill::default() };
        assert_eq!(refusal(bill(&world, id, "far", far).await), BillRefusal::InvalidPeriod);
        let unknown = GenerateBill { package_id: Some(PackageId::generate()), ..GenerateBill::default() };
        assert_eq!(refusal(bill(&world, id, "pack", unknown).await), BillRefusal::UnknownPackage);
        let closed = customer(&world, Given { status: "closed", ..Given::default() }).await;
        let refused = refusal(bill(&world, closed, "closed", GenerateBill::default()).await);
        assert_eq!(refused, BillRefusal::Closed);
        assert_eq!(count(&world, "journal_entry").await, 0);
    }

    async fn what_was_paid_of_a_void_invoice_is_credit(world: World) {
        let id = customer(&world, Given::default()).await;
        let wrong = bill(&world, id, "wrong", GenerateBill::default()).await.unwrap();
        let payment = pay(&world, id, "pay", cash(70_000)).await.unwrap();
        let void = void_invoice(&world.ctx, invoice(&world, wrong.id), because("wrong")).await.unwrap();
        assert_eq!((void.status, void.void_reason.as_deref()), (InvoiceStatus::Void, Some("wrong")));
        assert_eq!(owed(&world, id).await, -70_000);
        assert_eq!(events(&world, "invoice.voided").await, 1);
        let twice = void_invoice(&world.ctx, invoice(&world, wrong.id), because("again")).await;
        assert!(matches!(twice, Err(VoidInvoiceError::Refused(VoidRefusal::AlreadyVoid))));
        let blank = void_invoice(&world.ctx, invoice(&world, wrong.id), because("  ")).await;
        assert!(matches!(blank, Err(VoidInvoiceError::Refused(VoidRefusal::Field(_)))));

        // The credit pays the next bill, and it is the same payment that does.
        let right = bill(&world, id, "right", GenerateBill::default()).await.unwrap();
        assert_eq!(right.status, InvoiceStatus::Paid);
        let source = "SELECT COUNT(*) FROM payment_allocation WHERE payment_id = $1 AND invoice_id = $2";
        let bound = vec![payment.id.as_uuid().into(), right.id.as_uuid().into()];
        assert_eq!(world.number(source, bound).await, 1);
        assert_books(&world).await;
    }

    async fn postpaid_is_due_at_the_end(world: World) {
        let given = Given { billing_type: BillingType::Postpaid, expires_at: None, ..Given::default() };
        let id = customer(&world, given).await;
        let bill = bill(&world, id, "bill", GenerateBill::default()).await.unwrap();
        assert_eq!(bill.due_at, bill.period_end);
        assert_eq!(expires_at(&world, id).await, None);
    }

    async fn a_free_package_is_served(world: World) {
        world.sql("UPDATE package SET price_minor = 0", vec![]).await;
        let id = customer(&world, Given::default()).await;
        let bill = bill(&world, id, "free", GenerateBill::default()).await.unwrap();
        assert_eq!((bill.status, bill.total), (InvoiceStatus::Paid, taka(0)));
        assert_eq!(expires_at(&world, id).await, Some(bill.period_end));
        assert_books(&world).await;
    }
}
