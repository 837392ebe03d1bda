use app::jobs::check_balances;
use domain::{
    authz::{CustomerRef, perm},
    billing::{AccountKey, Cause, Entry, Posting},
    clock::Clock as _,
    ids::CustomerId,
};
use persistence::{
    Error,
    counters::{self, CounterKind},
    repo::ledger::{self, Reference},
};
use testkit::World;

use crate::support::*;

fn begin_as(world: &World) -> domain::authz::Proof<perm::RecordPayments, CustomerRef> {
    world.proof(world.customer(CustomerId::generate()))
}

fn entry(minor: i64) -> Entry {
    let posting = |account, minor| Posting {
        account,
        amount: taka(minor),
    };
    let postings = vec![
        posting(AccountKey::Cash, minor),
        posting(AccountKey::OpeningBalance, -minor),
    ];
    Entry::new(Cause::Opening, "Opening".to_owned(), postings).unwrap()
}

testkit::on_each_database! {
    async fn an_account_is_opened_once(world: World) {
        let tx = world.db().begin("test", &begin_as(&world)).await.unwrap();
        let one = ledger::find_or_open_account(&tx, world.isp_id, &AccountKey::Cash).await.unwrap();
        let again = ledger::find_or_open_account(&tx, world.isp_id, &AccountKey::Cash).await.unwrap();
        assert_eq!(one, again);
        tx.commit().await.unwrap();
        assert_eq!(count(&world, "account").await, 1);
    }

    async fn postings_move_the_balances(world: World) {
        for minor in [500, -200] {
            let tx = world.db().begin("test", &begin_as(&world)).await.unwrap();
            ledger::post(&tx, world.isp_id, &entry(minor), Reference(None), tx.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        let balance = "SELECT balance_minor FROM account WHERE kind = $1";
        assert_eq!(world.number(balance, vec!["cash".into()]).await, 300);
        assert_eq!(world.number(balance, vec!["opening_balance".into()]).await, -300);
        assert_books(&world).await;
    }

    async fn the_database_refuses_crooked_books(world: World) {
        let tx = world.db().begin("test", &begin_as(&world)).await.unwrap();
        ledger::post(&tx, world.isp_id, &entry(500), Reference(None), tx.now()).await.unwrap();
        tx.commit().await.unwrap();
        // One more posting makes the entry crooked: refused at the latest when it commits.
        let crooked = "INSERT INTO posting (entry_id, position, isp_id, account_id, amount_minor, \
            balance_after_minor, at) SELECT entry_id, 9, isp_id, account_id, 1, 0, at FROM posting \
            WHERE position = 0";
        assert!(world.try_sql(crooked, vec![]).await.is_err());
        for edit in [
            "UPDATE posting SET amount_minor = amount_minor + 1",
            "DELETE FROM posting",
            "UPDATE journal_entry SET description = 'nothing happened'",
            "DELETE FROM journal_entry",
        ] {
            assert!(world.try_sql(edit, vec![]).await.is_err(), "{edit}");
        }
        assert_eq!(count(&world, "posting").await, 2);
        assert_books(&world).await;
    }

    async fn another_currency_is_not_booked(world: World) {
        let rupee = "INR".parse().unwrap();
        let posting = |account, minor| Posting {
            account,
            amount: domain::money::Money::from_minor(minor, rupee),
        };
        let postings = vec![posting(AccountKey::Cash, 5), posting(AccountKey::Bank, -5)];
        let entry = Entry::new(Cause::Opening, "x".to_owned(), postings).unwrap();
        let tx = world.db().begin("test", &begin_as(&world)).await.unwrap();
        let refused = ledger::post(&tx, world.isp_id, &entry, Reference(None), tx.now()).await;
        assert!(matches!(refused, Err(Error::Unexpected(_))));
    }

    async fn a_number_that_was_not_committed_is_given_again(world: World) {
        for _ in 0..3 {
            let tx = world.db().begin("test", &begin_as(&world)).await.unwrap();
            let next = counters::next(&tx, world.isp_id, CounterKind::Receipt, 2026).await.unwrap();
            assert_eq!(next, 1);
            drop(tx);
        }
        let id = customer(&world, Given::default()).await;
        let payment = pay(&world, id, "pay", cash(100)).await.unwrap();
        assert_eq!(payment.receipt_number, "RCP-2026-000001");
    }

    async fn a_difference_raises_the_alarm(world: World) {
        let id = customer(&world, Given::default()).await;
        pay(&world, id, "pay", cash(100)).await.unwrap();
        let calm = check_balances::run(&world.ctx, world.isp_id).await.unwrap();
        assert_eq!((&calm["alarm"], &calm["accounts"]), (&false.into(), &3.into()));
        world.sql("UPDATE account SET balance_minor = balance_minor + 7 WHERE kind = 'cash'", vec![]).await;
        let alarm = check_balances::run(&world.ctx, world.isp_id).await.unwrap();
        assert_eq!(alarm["alarm"], true);
        assert_eq!(alarm["differences"][0]["running_minor"], 107);
        assert_eq!(alarm["differences"][0]["posted_minor"], 100);
    }

    async fn an_entry_never_lies_before_an_earlier_one(world: World) {
        let id = customer(&world, Given::default()).await;
        pay(&world, id, "one", cash(100)).await.unwrap();
        world.clock.advance(chrono::TimeDelta::seconds(-30));
        pay(&world, id, "two", cash(200)).await.unwrap();
        assert!(world.clock.now() < at("2026-11-20T06:00:00Z"));
        assert_books(&world).await;
    }
}
