use std::time::Duration;

use app::use_cases::payments::{
    PaymentRefusal, ReceivePayment, ReceivePaymentError, receive_payment,
};
use chrono::TimeDelta;
use domain::{
    clock::Clock as _,
    customer::BillingType,
    money::{Currency, Money},
    payment::{AmountRefusal, PaymentMethod},
};
use tokio::task::JoinSet;

use crate::support::*;

testkit::on_each_database! {
    async fn pays_the_oldest_first_and_keeps_the_rest_as_credit(world: World) {
        let id = customer(&world, Given::default()).await;
        let first = bill(&world, id, "bill-1", Default::default()).await.unwrap();
        let second = bill(&world, id, "bill-2", Default::default()).await.unwrap();
        assert_eq!((first.number.as_str(), first.total), ("INV-2026-000001", taka(70_000)));
        assert_eq!(first.period_start, at("2026-11-25T18:00:00Z"));
        assert_eq!(second.period_start, first.period_end);

        let payment = pay(&world, id, "pay-1", cash(100_000)).await.unwrap();
        let parts: Vec<_> = payment.allocations.iter().map(|a| (a.invoice_id, a.amount)).collect();
        assert_eq!(parts, [(first.id, taka(70_000)), (second.id, taka(30_000))]);
        assert_eq!((payment.receipt_number.as_str(), payment.credited), ("RCP-2026-000001", taka(0)));
        assert_eq!(payment.customer_balance, taka(-40_000));
        assert_eq!(payment.expires_at, Some(first.period_end));
        assert_eq!(payment.received_by.map(|by| by.id), Some(world.admin_id));

        let rest = pay(&world, id, "pay-2", cash(50_000)).await.unwrap();
        assert_eq!((rest.credited, rest.customer_balance), (taka(10_000), taka(10_000)));
        assert_eq!(expires_at(&world, id).await, Some(second.period_end));
        assert_eq!(events(&world, "payment.received").await, 2);
        assert_eq!(events(&world, "service.extended").await, 2);
        assert_eq!(events(&world, "customer.activated").await, 0);
        assert_books(&world).await;
    }

    async fn one_reference_is_booked_once_however_it_is_written(world: World) {
        let (id, other) = (customer(&world, Given::default()).await, customer(&world, Given::default()).await);
        let by = |method, reference: &str, again| ReceivePayment {
            method,
            reference: Some(reference.to_owned()),
            allow_repeated_reference: again,
            ..cash(50_000)
        };
        use PaymentMethod::{Cash, MobileMoney};
        let first = pay(&world, id, "1", by(MobileMoney, "BKX7A1Q9ZT", false)).await.unwrap();
        for (turn, customer) in [id, other].into_iter().enumerate() {
            let refused = pay(&world, customer, &format!("2-{turn}"), by(MobileMoney, "bkx7 a1q9zt ", false)).await;
            let Err(ReceivePaymentError::Refused(PaymentRefusal::ReferenceUsed(Some(earlier)))) = refused else {
                panic!("{refused:?}");
            };
            assert_eq!((earlier.receipt_number.as_str(), earlier.customer.id), ("RCP-2026-000001", id));
            assert_eq!(earlier.id, first.id);
        }
        let again = pay(&world, other, "3", by(MobileMoney, "BKX7A1Q9ZT", true)).await.unwrap();
        assert_eq!(again.receipt_number, "RCP-2026-000002", "a refusal uses up no number");
        pay(&world, id, "4", by(PaymentMethod::Card, "BKX7A1Q9ZT", false)).await.unwrap();
        for turn in ["5", "6"] {
            pay(&world, id, turn, by(Cash, "counter 1", false)).await.unwrap();
        }
        assert_books(&world).await;
    }

    async fn one_reference_at_once_is_booked_once(world: World) {
        let world = std::sync::Arc::new(world);
        let mut all = JoinSet::new();
        for turn in 0..12 {
            let id = customer(&world, Given::default()).await;
            let world = std::sync::Arc::clone(&world);
            all.spawn(async move {
                let cmd = ReceivePayment {
                    method: PaymentMethod::MobileMoney,
                    reference: Some("TX-1".to_owned()),
                    ..cash(50_000)
                };
                pay(&world, id, &format!("race-{turn}"), cmd).await.is_ok()
            });
        }
        let booked = all.join_all().await.into_iter().filter(|ok| *ok).count();
        assert_eq!((booked, count(&world, "payment").await), (1, 1));
        assert_books(&world).await;
    }

    async fn renews_and_reactivates_in_one_go(world: World) {
        let over = world.clock.now() - TimeDelta::days(3);
        let given = Given { status: "expired", expires_at: Some(over), ..Given::default() };
        let id = customer(&world, given).await;
        let mut cmd = cash(70_000);
        cmd.renew = true;
        let payment = pay(&world, id, "renew", cmd).await.unwrap();
        assert!(payment.reactivated);
        assert_eq!(payment.allocations.len(), 1);
        assert_eq!(payment.customer_balance, taka(0));
        // Time that was not served is not charged: the month starts now, on the anchor day's way.
        assert_eq!(payment.expires_at, Some(at("2026-12-26T06:00:00Z")));
        assert_eq!(status(&world, id).await, ("active".to_owned(), None));
        assert_eq!(events(&world, "customer.activated").await, 1);
        assert_books(&world).await;
    }

    async fn too_little_does_not_reactivate(world: World) {
        let over = world.clock.now() - TimeDelta::days(3);
        let given = Given { status: "expired", expires_at: Some(over), ..Given::default() };
        let id = customer(&world, given).await;
        let mut cmd = cash(69_999);
        cmd.renew = true;
        let payment = pay(&world, id, "renew", cmd).await.unwrap();
        assert_eq!((payment.reactivated, payment.expires_at), (false, Some(over)));
        let rest = pay(&world, id, "rest", cash(1)).await.unwrap();
        assert!(rest.reactivated);
        assert_books(&world).await;
    }

    async fn reactivates_a_postpaid_customer_who_owes_no_more(world: World) {
        let given = Given {
            status: "suspended",
            reason: Some("non_payment"),
            billing_type: BillingType::Postpaid,
            expires_at: None,
            ..Given::default()
        };
        let id = customer(&world, given).await;
        bill(&world, id, "bill", Default::default()).await.unwrap();
        let payment = pay(&world, id, "pay", cash(70_000)).await.unwrap();
        assert!(payment.reactivated);
        assert_eq!(payment.expires_at, None);
        assert_books(&world).await;
    }

    async fn a_violation_is_not_paid_away(world: World) {
        let given = Given { status: "suspended", reason: Some("violation"), ..Given::default() };
        let id = customer(&world, given).await;
        bill(&world, id, "bill", Default::default()).await.unwrap();
        let payment = pay(&world, id, "pay", cash(70_000)).await.unwrap();
        assert!(!payment.reactivated);
        assert_eq!(status(&world, id).await.0, "suspended");
    }

    async fn what_cannot_be_booked_is_refused(world: World) {
        let id = customer(&world, Given::default()).await;
        let refused = async |name: &str, cmd| match pay(&world, id, name, cmd).await {
            Err(ReceivePaymentError::Refused(refusal)) => refusal,
            other => panic!("{name}: {other:?}"),
        };
        let rupee: Currency = "INR".parse().unwrap();
        assert_eq!(refused("zero", cash(0)).await, PaymentRefusal::Amount(AmountRefusal::NotPositive));
        assert_eq!(refused("less", cash(-5)).await, PaymentRefusal::Amount(AmountRefusal::NotPositive));
        let mut cmd = cash(500);
        cmd.amount = Money::from_minor(500, rupee);
        let foreign = AmountRefusal::ForeignCurrency { expected: Currency::BDT, given: rupee };
        assert_eq!(refused("foreign", cmd).await, PaymentRefusal::Amount(foreign));
        let mut cmd = cash(500);
        cmd.method = PaymentMethod::AccountCredit;
        assert_eq!(refused("credit", cmd).await, PaymentRefusal::Method(PaymentMethod::AccountCredit));
        let mut cmd = cash(500);
        cmd.received_at = Some(world.clock.now() + TimeDelta::days(1));
        assert_eq!(refused("tomorrow", cmd).await, PaymentRefusal::ReceivedAt);
        let mut cmd = cash(500);
        cmd.note = Some("a\0b".to_owned());
        assert!(matches!(refused("nul", cmd).await, PaymentRefusal::Field(_)));
        assert_eq!(count(&world, "payment").await, 0);
        assert_eq!(count(&world, "idempotency_key").await, 0, "a refusal uses up no key");
    }

    async fn a_closed_customer_pays_nothing(world: World) {
        let id = customer(&world, Given { status: "closed", ..Given::default() }).await;
        let refused = pay(&world, id, "pay", cash(500)).await.unwrap_err();
        assert!(matches!(refused, ReceivePaymentError::Refused(PaymentRefusal::Closed)));
    }

    async fn a_replay_answers_the_same_and_another_body_is_refused(world: World) {
        let id = customer(&world, Given::default()).await;
        let first = pay(&world, id, "same", cash(50_000)).await.unwrap();
        // What happens in between does not change the answer.
        bill(&world, id, "bill", Default::default()).await.unwrap();
        let again = pay(&world, id, "same", cash(50_000)).await.unwrap();
        assert_eq!(first, again);
        let other = pay(&world, id, "same", cash(50_001)).await.unwrap_err();
        assert!(matches!(other, ReceivePaymentError::KeyReused));
        let other_id = customer(&world, Given::default()).await;
        let other = pay(&world, other_id, "same", cash(50_000)).await.unwrap_err();
        assert!(matches!(other, ReceivePaymentError::KeyReused));
        assert_eq!(count(&world, "payment").await, 1);
        assert_books(&world).await;
    }

    async fn sixty_four_at_once_are_sixty_four(world: World) {
        let id = customer(&world, Given::default()).await;
        bill(&world, id, "bill", Default::default()).await.unwrap();
        let mut tasks = JoinSet::new();
        for n in 0..64 {
            let (ctx, proof) = (world.ctx.clone(), world.proof(world.customer(id)));
            tasks.spawn(async move { receive_payment(&ctx, proof, key(n), cash(1_000 + n)).await });
        }
        let done = tasks.join_all().await;
        assert!(done.iter().all(Result::is_ok), "{:?}", done.iter().find(|d| d.is_err()));
        let total: i64 = (0..64).map(|n| 1_000 + n).sum();
        assert_eq!(owed(&world, id).await, 70_000 - total);
        assert_eq!(count(&world, "payment").await, 64);
        assert_gap_free(&world, "payment", "receipt_number", "RCP").await;
        assert_books(&world).await;
    }

    async fn sixty_four_times_the_same_is_one(world: World) {
        let id = customer(&world, Given::default()).await;
        let mut tasks = JoinSet::new();
        for _ in 0..64 {
            let (ctx, proof) = (world.ctx.clone(), world.proof(world.customer(id)));
            tasks.spawn(async move { receive_payment(&ctx, proof, key("same"), cash(1_000)).await });
        }
        let done = tasks.join_all().await;
        let mut receipts: Vec<_> =
            done.into_iter().map(|payment| payment.unwrap().receipt_number).collect();
        receipts.dedup();
        assert_eq!(receipts, ["RCP-2026-000001"]);
        assert_eq!((count(&world, "payment").await, owed(&world, id).await), (1, -1_000));
        assert_books(&world).await;
    }

    async fn different_customers_at_once_do_not_wait_in_a_circle(world: World) {
        let mut ids = Vec::new();
        for _ in 0..8 {
            ids.push(customer(&world, Given::default()).await);
        }
        let mut tasks = JoinSet::new();
        for n in 0_usize..64 {
            let (ctx, proof) = (world.ctx.clone(), world.proof(world.customer(ids[n % 8])));
            let mut cmd = cash(70_000);
            cmd.renew = n % 3 != 0;
            cmd.method = if n % 2 == 0 { PaymentMethod::Cash } else { PaymentMethod::MobileMoney };
            tasks.spawn(async move { receive_payment(&ctx, proof, key(n), cmd).await.map(|_| ()) });
        }
        for done in tasks.join_all().await {
            done.unwrap();
        }
        assert_gap_free(&world, "payment", "receipt_number", "RCP").await;
        assert_gap_free(&world, "invoice", "number", "INV").await;
        assert_books(&world).await;
    }

    async fn a_crash_at_any_point_leaves_all_or_nothing(world: World) {
        let id = customer(&world, Given::default()).await;
        for n in 0_u64..40 {
            let proof = world.proof(world.customer(id));
            let mut cmd = cash(70_000);
            cmd.renew = true;
            let attempt = receive_payment(&world.ctx, proof, key(n), cmd.clone());
            // Dropping the future is what a crash of the process does to its unit of work.
            let _crashed = tokio::time::timeout(Duration::from_micros(n * 400), attempt).await;
            if n % 2 == 0 {
                pay(&world, id, &n.to_string(), cmd).await.unwrap();
            }
        }
        for n in 0_u64..40 {
            let mut cmd = cash(70_000);
            cmd.renew = true;
            pay(&world, id, &n.to_string(), cmd).await.unwrap();
        }
        assert_eq!(count(&world, "payment").await, 40);
        assert_gap_free(&world, "payment", "receipt_number", "RCP").await;
        assert_gap_free(&world, "invoice", "number", "INV").await;
        assert_eq!(owed(&world, id).await, 0);
        assert_books(&world).await;
    }

    async fn the_new_year_begins_in_the_isps_zone(world: World) {
        let id = customer(&world, Given::default()).await;
        // 31 December 2026 18:00 UTC is midnight in Dhaka.
        world.clock.advance(at("2026-12-31T17:59:59Z") - world.clock.now());
        let old = pay(&world, id, "old", cash(100)).await.unwrap();
        world.clock.advance(TimeDelta::seconds(1));
        let new = pay(&world, id, "new", cash(100)).await.unwrap();
        assert_eq!(old.receipt_number, "RCP-2026-000001");
        assert_eq!(new.receipt_number, "RCP-2027-000001");
    }
}
