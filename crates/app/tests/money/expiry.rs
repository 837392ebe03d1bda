use app::{
    jobs::expire_subscriptions::{ExpiryReport, run},
    use_cases::billing::GenerateBill,
};
use chrono::TimeDelta;
use domain::{clock::Clock as _, customer::BillingType};
use testkit::World;

use crate::support::*;

async fn expire(world: &World, force: bool) -> ExpiryReport {
    run(&world.ctx, world.isp_id, force, world.clock.now())
        .await
        .unwrap()
}

fn over(world: &World, auto_renew: bool) -> Given {
    Given {
        expires_at: Some(world.clock.now() - TimeDelta::minutes(5)),
        auto_renew,
        ..Given::default()
    }
}

testkit::on_each_database! {
    async fn paid_time_ends(world: World) {
        let id = customer(&world, over(&world, true)).await;
        let later = customer(&world, Given::default()).await;
        let report = expire(&world, false).await;
        assert_eq!((report.expired, report.renewed, report.suspended), (1, 0, 0));
        assert_eq!(status(&world, id).await.0, "expired");
        assert_eq!(status(&world, later).await.0, "active");
        assert_eq!(expire(&world, false).await, ExpiryReport::default());
        assert_eq!(events(&world, "customer.expired").await, 1);
        assert_eq!(count(&world, "invoice").await, 0);
    }

    async fn credit_renews_without_a_gap(world: World) {
        let given = over(&world, true);
        let until = given.expires_at.unwrap();
        let id = customer(&world, given).await;
        pay(&world, id, "early", cash(150_000)).await.unwrap();
        let report = expire(&world, false).await;
        assert_eq!((report.expired, report.renewed), (0, 1));
        assert_eq!(status(&world, id).await.0, "active");
        assert_eq!(owed(&world, id).await, -80_000);
        let renewed = expires_at(&world, id).await.unwrap();
        assert!(renewed > until + TimeDelta::days(27));
        let start = "SELECT COUNT(*) FROM invoice WHERE period_start = $1 AND status = 'paid'";
        assert_eq!(world.number(start, vec![until.into()]).await, 1);
        assert_eq!(expire(&world, false).await, ExpiryReport::default());
        assert_books(&world).await;
    }

    async fn who_does_not_renew_keeps_the_credit(world: World) {
        let id = customer(&world, over(&world, false)).await;
        pay(&world, id, "early", cash(150_000)).await.unwrap();
        assert_eq!(expire(&world, false).await.expired, 1);
        assert_eq!(owed(&world, id).await, -150_000);
    }

    async fn postpaid_is_cut_after_the_grace(world: World) {
        let given = Given { billing_type: BillingType::Postpaid, expires_at: None, ..Given::default() };
        let id = customer(&world, given).await;
        let due = world.clock.now() + TimeDelta::days(1);
        let cmd = GenerateBill { due_at: Some(due), ..GenerateBill::default() };
        bill(&world, id, "bill", cmd).await.unwrap();
        world.clock.advance(TimeDelta::days(4) - TimeDelta::seconds(1));
        assert_eq!(expire(&world, false).await, ExpiryReport::default());
        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(expire(&world, false).await.suspended, 1);
        let cut = ("suspended".to_owned(), Some("non_payment".to_owned()));
        assert_eq!(status(&world, id).await, cut);
        assert_eq!(expire(&world, false).await, ExpiryReport::default());
        let payment = pay(&world, id, "pay", cash(70_000)).await.unwrap();
        assert!(payment.reactivated);
    }

    async fn two_processes_at_once_do_it_once(world: World) {
        for _ in 0..30 {
            let id = customer(&world, over(&world, true)).await;
            pay(&world, id, &id.to_string(), cash(70_000)).await.unwrap();
        }
        for _ in 0..30 {
            customer(&world, over(&world, true)).await;
        }
        let (one, two) = tokio::join!(expire(&world, true), expire(&world, true));
        assert_eq!(one.renewed + two.renewed, 30);
        assert_eq!(one.expired + two.expired, 30);
        assert_eq!(count(&world, "invoice").await, 30);
        assert_eq!(events(&world, "customer.expired").await, 30);
        assert_gap_free(&world, "invoice", "number", "INV").await;
        assert_books(&world).await;
    }

    async fn a_run_that_would_cut_many_stops_and_asks(world: World) {
        for _ in 0..11 {
            customer(&world, over(&world, false)).await;
        }
        for _ in 0..20 {
            customer(&world, Given::default()).await;
        }
        let stopped = expire(&world, false).await;
        let brake = stopped.brake.unwrap();
        assert_eq!((brake.would_cut, brake.active, stopped.expired), (11, 31, 0));
        assert_eq!(stopped.to_json()["brake"], true);
        let forced = expire(&world, true).await;
        assert_eq!((forced.brake, forced.expired), (None, 11));
    }

    async fn a_batch_is_not_the_end(world: World) {
        for _ in 0..1_203 {
            customer(&world, over(&world, false)).await;
        }
        assert_eq!(expire(&world, true).await.expired, 1_203);
        assert_eq!(count(&world, "audit_log").await, 3, "a unit of work for each batch");
    }
}
