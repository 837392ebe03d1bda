use app::{
    jobs::expire_subscriptions::{ExpiryReport, run},
    use_cases::{
        billing::{GenerateBill, ReleaseCutsError, release_cuts},
        connection::diagnose_connection,
    },
};
use chrono::TimeDelta;
use domain::{authz::perm, clock::Clock as _, customer::BillingType, ids::JobId};
use testkit::World;

use crate::support::*;

async fn expire(world: &World, force: bool) -> ExpiryReport {
    run(&world.ctx, world.isp_id, force, world.clock.now())
        .await
        .unwrap()
}

async fn release(world: &World) -> Result<JobId, ReleaseCutsError> {
    release_cuts(&world.ctx, world.proof(world.isp())).await
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

    async fn money_in_hand_renews_whatever_was_wanted(world: World) {
        let id = customer(&world, over(&world, false)).await;
        pay(&world, id, "early", cash(150_000)).await.unwrap();
        let short = customer(&world, over(&world, false)).await;
        pay(&world, short, "short", cash(69_999)).await.unwrap();
        let report = expire(&world, false).await;
        assert_eq!((report.renewed, report.expired), (1, 1));
        assert_eq!(owed(&world, id).await, -80_000);
        assert_eq!(owed(&world, short).await, -69_999, "what does not pay a period is kept");
        assert_books(&world).await;
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

    async fn many_cuts_wait_for_a_person_and_renewals_do_not(world: World) {
        for _ in 0..14 {
            customer(&world, over(&world, true)).await;
        }
        let mut paid = Vec::new();
        for number in 0..3 {
            let id = customer(&world, over(&world, true)).await;
            pay(&world, id, &format!("ahead-{number}"), cash(210_000)).await.unwrap();
            paid.push(id);
        }
        let held = expire(&world, false).await;
        let brake = held.brake.unwrap();
        assert_eq!((brake.would_cut, brake.active), (14, 17));
        assert_eq!((held.renewed, held.expired), (3, 0));
        for id in paid {
            assert_eq!(status(&world, id).await.0, "active");
            assert_eq!(owed(&world, id).await, -140_000);
            assert!(expires_at(&world, id).await.unwrap() > world.clock.now());
        }
        // Nothing changes until somebody decides, and the state is told once.
        world.clock.advance(TimeDelta::days(1));
        let written = count(&world, "audit_log").await;
        let again = expire(&world, false).await;
        assert_eq!((again.brake.unwrap().would_cut, again.expired), (14, 0));
        assert_eq!(count(&world, "audit_log").await, written, "a look is no change");
        let told = "SELECT COUNT(*) FROM change_feed WHERE kind = 'isp_access'";
        assert_eq!(world.number(told, vec![]).await, 1);
        let waiting = "SELECT cuts_held FROM isp_settings WHERE cuts_held_since IS NOT NULL";
        assert_eq!(world.number(waiting, vec![]).await, 14);

        let job = release(&world).await.unwrap();
        assert!(release(&world).await.is_err(), "a released run waits already");
        assert!(world.run_jobs().await > 0);
        assert_eq!(count(&world, "customer WHERE status = 'expired'").await, 14);
        let ended = "SELECT COUNT(*) FROM job WHERE id = $1 AND state = 'done'";
        assert_eq!(world.number(ended, vec![job.as_uuid().into()]).await, 1);
        assert_eq!(count(&world, "isp_settings WHERE cuts_held_since IS NOT NULL").await, 0);
        assert_eq!(world.number(told, vec![]).await, 2);
        assert!(release(&world).await.is_err(), "nothing waits");
        assert_books(&world).await;
    }

    async fn a_due_day_like_the_one_before_is_no_surprise(world: World) {
        for _ in 0..20 {
            customer(&world, over(&world, false)).await;
        }
        assert_eq!(expire(&world, true).await.expired, 20);
        world.clock.advance(TimeDelta::days(30));
        for _ in 0..22 {
            customer(&world, over(&world, false)).await;
        }
        let usual = expire(&world, false).await;
        assert_eq!((usual.brake, usual.expired), (None, 22));
        // Another day of the month is one.
        world.clock.advance(TimeDelta::days(10));
        for _ in 0..22 {
            customer(&world, over(&world, false)).await;
        }
        assert_eq!(expire(&world, false).await.expired, 0);
    }

    async fn who_is_held_is_not_called_expired(world: World) {
        for _ in 0..11 {
            customer(&world, over(&world, false)).await;
        }
        let id = customer(&world, over(&world, false)).await;
        let named = "UPDATE customer SET username = 'late.payer', password = $2 WHERE id = $1";
        let password = world.ctx.keyring.seal(b"secret").unwrap();
        world.sql(named, vec![id.as_uuid().into(), password.into()]).await;
        let is_called_expired = async || {
            let proof = world.proof::<perm::ViewCustomers, _>(world.customer(id));
            let findings = diagnose_connection(&world.ctx, &proof).await.unwrap().unwrap();
            findings.iter().any(|found| found.code.as_str() == "expired")
        };
        assert!(is_called_expired().await, "its time is over");
        assert!(expire(&world, false).await.brake.is_some());
        assert!(!is_called_expired().await, "and it is served on");
        expire(&world, true).await;
        assert!(is_called_expired().await);
    }

    async fn a_batch_is_not_the_end(world: World) {
        for _ in 0..1_203 {
            customer(&world, over(&world, false)).await;
        }
        assert_eq!(expire(&world, true).await.expired, 1_203);
        assert_eq!(count(&world, "audit_log").await, 3, "a unit of work for each batch");
    }
}
