use app::use_cases::{
    billing::{
        GenerateBill, get_invoice, get_overview, get_trial_balance, list_invoices, list_statement,
    },
    payments::{get_payment, list_payments},
};
use chrono::TimeDelta;
use domain::{
    authz::{InvoiceRef, PaymentRef, RoleLevel, Scope},
    billing::{Cause, InvoiceStatus},
    clock::Clock as _,
    ids::IspId,
    page::PageRequest,
    tenancy::Reach,
};
use persistence::query::{
    invoices::InvoiceFilter, newest_first::PageError, payments::PaymentFilter,
};

use crate::support::*;

fn page(limit: u32, cursor: Option<String>) -> PageRequest {
    PageRequest { limit, cursor }
}

testkit::on_each_database! {
    async fn a_statement_pages_to_its_beginning(world: World) {
        let id = customer(&world, Given::default()).await;
        for n in 0..5 {
            bill(&world, id, &format!("bill-{n}"), GenerateBill::default()).await.unwrap();
            world.clock.advance(TimeDelta::milliseconds(if n == 2 { 0 } else { 7 }));
            pay(&world, id, &format!("pay-{n}"), cash(10_000)).await.unwrap();
        }
        let mut lines = Vec::new();
        let mut cursor = None;
        loop {
            let found = list_statement(&world.ctx, &world.proof(world.customer(id)), &page(3, cursor)).await.unwrap();
            assert_eq!((found.total, found.total_is_exact), (10, true));
            lines.extend(found.items);
            cursor = found.next_cursor;
            if cursor.is_none() { break; }
        }
        assert_eq!(lines.len(), 10);
        assert_eq!(lines[0].balance, taka(-300_000));
        assert_eq!((lines[0].cause, lines[0].credit, lines[0].debit), (Cause::Payment, Some(taka(10_000)), None));
        assert_eq!(lines[0].reference.as_deref(), Some("RCP-2026-000005"));
        assert_eq!(lines[9].reference.as_deref(), Some("INV-2026-000001"));
        assert_eq!((lines[9].debit, lines[9].balance), (Some(taka(70_000)), taka(-70_000)));
        for pair in lines.windows(2) {
            let moved = pair[0].credit.map_or(0, |m| m.minor()) - pair[0].debit.map_or(0, |m| m.minor());
            assert_eq!(pair[0].balance.minor(), pair[1].balance.minor() + moved);
        }
        let bad = list_statement(&world.ctx, &world.proof(world.customer(id)), &page(3, Some("x".to_owned()))).await;
        assert!(matches!(bad, Err(PageError::Cursor(_))));
    }

    async fn invoices_are_filtered_and_scoped(world: World) {
        let one = customer(&world, Given::default()).await;
        let two = customer(&world, Given::default()).await;
        let first = bill(&world, one, "one", GenerateBill::default()).await.unwrap();
        world.clock.advance(TimeDelta::seconds(1));
        let second = bill(&world, two, "two", GenerateBill::default()).await.unwrap();
        pay(&world, two, "pay", cash(70_000)).await.unwrap();
        let find = async |filter: InvoiceFilter| {
            let found = list_invoices(&world.ctx, &world.scope(), &filter, &page(50, None)).await.unwrap();
            found.items.into_iter().map(|item| item.id).collect::<Vec<_>>()
        };
        assert_eq!(find(InvoiceFilter::default()).await, [second.id, first.id]);
        assert_eq!(find(InvoiceFilter { status: Some(InvoiceStatus::Paid), ..Default::default() }).await, [second.id]);
        assert_eq!(find(InvoiceFilter { customer_id: Some(one), ..Default::default() }).await, [first.id]);
        let search = |text: &str| InvoiceFilter { search: Some(text.to_owned()), ..Default::default() };
        assert_eq!(find(search("inv-2026-000002")).await, [second.id]);
        assert_eq!(find(search("INV-2026")).await, [second.id, first.id]);
        assert!(find(search("nobody")).await.is_empty());
        world.sql("INSERT INTO customer_term (isp_id, term, customer_id) VALUES ($1, 'rahim', $2)",
            vec![world.isp_id.as_uuid().into(), one.as_uuid().into()]).await;
        assert_eq!(find(search("Rahi")).await, [first.id]);

        let invoice_ref = InvoiceRef { id: first.id, isp_id: world.isp_id, operator_id: None };
        assert!(!first.overdue);
        world.clock.advance(TimeDelta::days(40));
        let late = get_invoice(&world.ctx, &world.proof(invoice_ref)).await.unwrap().unwrap();
        assert!(late.overdue);

        let own = world.insert_operator("Reseller", None).await;
        let reach = Reach::Operators { isp_id: world.isp_id, own, below: vec![] };
        let reseller = Scope::own(&world.person(world.admin_id, RoleLevel::Operator, reach));
        let seen = list_invoices(&world.ctx, &reseller, &InvoiceFilter::default(), &page(50, None)).await.unwrap();
        assert_eq!((seen.items.len(), seen.total), (0, 0));
        world.sql("UPDATE customer SET operator_id = $1 WHERE id = $2", vec![own.as_uuid().into(), two.as_uuid().into()]).await;
        let seen = list_invoices(&world.ctx, &reseller, &InvoiceFilter::default(), &page(50, None)).await.unwrap();
        assert_eq!(seen.items.iter().map(|item| item.id).collect::<Vec<_>>(), [second.id]);
    }

    async fn payments_are_listed_with_what_they_paid(world: World) {
        let id = customer(&world, Given::default()).await;
        bill(&world, id, "bill", GenerateBill::default()).await.unwrap();
        let first = pay(&world, id, "one", cash(30_000)).await.unwrap();
        world.clock.advance(TimeDelta::hours(1));
        let second = pay(&world, id, "two", cash(50_000)).await.unwrap();
        let all = list_payments(&world.ctx, &world.scope(), &PaymentFilter::default(), &page(1, None)).await.unwrap();
        assert_eq!((all.items.as_slice(), all.total), (&[second.clone()][..], 2));
        let rest = list_payments(&world.ctx, &world.scope(), &PaymentFilter::default(), &page(1, all.next_cursor)).await.unwrap();
        assert_eq!((rest.items.as_slice(), rest.next_cursor), (&[first.clone()][..], None));
        let early = PaymentFilter { to: Some(second.received_at), ..Default::default() };
        let found = list_payments(&world.ctx, &world.scope(), &early, &page(50, None)).await.unwrap();
        assert_eq!(found.items, [first]);
        let payment_ref = PaymentRef { id: second.id, isp_id: world.isp_id, operator_id: None };
        assert_eq!(get_payment(&world.ctx, &world.proof(payment_ref)).await.unwrap(), Some(second));
    }

    async fn the_trial_balance_balances(world: World) {
        let id = customer(&world, Given::default()).await;
        bill(&world, id, "bill", GenerateBill::default()).await.unwrap();
        pay(&world, id, "pay", cash(30_000)).await.unwrap();
        let balance = get_trial_balance(&world.ctx, &world.proof(world.isp())).await.unwrap().unwrap();
        let lines: Vec<_> = balance.lines.iter().map(|l| (l.kind.as_str(), l.account.as_str(), l.debit.minor(), l.credit.minor())).collect();
        assert_eq!(lines, [
            ("cash", "main", 30_000, 0),
            ("income", "service", 0, 70_000),
            ("receivable", "customers", 40_000, 0),
        ]);
        assert_eq!((balance.total_debit, balance.total_credit), (taka(70_000), taka(70_000)));
    }

    async fn the_overview_counts_in_the_isps_day(world: World) {
        // Noon of 20 November in Dhaka; the day there ends at 18:00 UTC.
        let today = Given { expires_at: Some(at("2026-11-20T17:59:00Z")), ..Given::default() };
        customer(&world, today).await;
        let tomorrow = Given { expires_at: Some(at("2026-11-20T18:00:00Z")), ..Given::default() };
        let id = customer(&world, tomorrow).await;
        customer(&world, Given { status: "expired", ..Given::default() }).await;
        customer(&world, Given { status: "closed", ..Given::default() }).await;
        let mut earlier = cash(5_000);
        earlier.received_at = Some(at("2026-10-31T17:59:59Z"));
        pay(&world, id, "october", earlier).await.unwrap();
        let mut earlier = cash(700);
        earlier.received_at = Some(at("2026-10-31T18:00:00Z"));
        pay(&world, id, "november", earlier).await.unwrap();
        pay(&world, id, "today", cash(1_000)).await.unwrap();
        let seen = get_overview(&world.ctx, &world.scope()).await.unwrap();
        assert_eq!((seen.customers, seen.active, seen.expired, seen.suspended), (3, 2, 1, 0));
        assert_eq!((seen.revenue_last_month, seen.revenue_this_month), (taka(5_000), taka(1_700)));
        assert_eq!(seen.collected_today, taka(1_000));
        assert_eq!((seen.due_today_count, seen.due_today_amount), (1, taka(70_000)));
        assert_eq!((seen.new_this_month, seen.online_now), (4, 0));
        assert!(world.clock.now() < at("2026-11-20T18:00:00Z"));
    }

    async fn the_overview_is_remembered_for_seconds_and_by_those_of_the_same_rows(world: World) {
        let operator = world.insert_operator("Reseller", None).await;
        let reach = Reach::Operators { isp_id: world.isp_id, own: operator, below: vec![] };
        let reseller = Scope::own(&world.person(world.admin_id, RoleLevel::Operator, reach));
        let elsewhere = Scope::own(&world.person(world.admin_id, RoleLevel::Admin, Reach::Isp(IspId::generate())));
        let all = world.scope();
        let customers = async |scope| get_overview(&world.ctx, scope).await.unwrap().customers;
        customer(&world, Given::default()).await;
        assert_eq!(customers(&all).await, 1);
        assert_eq!((customers(&reseller).await, customers(&elsewhere).await), (0, 0));
        customer(&world, Given::default()).await;
        assert_eq!(customers(&all).await, 1);
        world.clock.advance(TimeDelta::seconds(5));
        assert_eq!((customers(&all).await, customers(&reseller).await), (2, 0));
        // A new day in Dhaka begins at 18:00 UTC, with numbers of its own.
        world.clock.advance(at("2026-11-20T17:59:58Z") - world.clock.now());
        pay(&world, customer(&world, Given::default()).await, "late", cash(1_000)).await.unwrap();
        assert_eq!(get_overview(&world.ctx, &all).await.unwrap().collected_today, taka(1_000));
        world.clock.advance(at("2026-11-20T18:00:00Z") - world.clock.now());
        assert_eq!(get_overview(&world.ctx, &all).await.unwrap().collected_today, taka(0));
    }
}
