//! Customers on both databases: making, changing, ending, listing, finding, within reach.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use app::use_cases::customers::{
    CloseCustomerError, CreateCustomer, CreateCustomerError, EditCustomer, EditCustomerError,
    allowed_actions, close_customer, create_customer, edit_customer, get_customer, list_customers,
    restore_customer, reveal_customer_password,
};
use chrono::TimeDelta;
use domain::{
    authz::{Actor, CustomerRef, RoleLevel, Scope, authorize, perm},
    clock::Clock as _,
    customer::{ConnectionType, CustomerAction, CustomerEdit, CustomerStatus, StatusRefusal},
    ids::{OperatorId, UserId},
    page::PageRequest,
    patch::Patch,
    tenancy::Reach,
};
use persistence::query::customers::{
    CustomerDetail, CustomerFilter, CustomerItem, CustomerSort, ListError,
};
use testkit::World;

fn command(world: &World, username: &str) -> CreateCustomer {
    CreateCustomer {
        name: format!("Customer {username}"),
        password: "mango2000".to_owned(),
        ..world.subscriber(username)
    }
}

async fn make(world: &World, cmd: CreateCustomer) -> CustomerDetail {
    let proof = world.proof(world.isp());
    create_customer(&world.ctx, proof, cmd)
        .await
        .expect("a customer is made")
}

fn reseller(world: &World, own: OperatorId, below: Vec<OperatorId>) -> Actor {
    let reach = Reach::Operators {
        isp_id: world.isp_id,
        own,
        below,
    };
    world.person(UserId::generate(), RoleLevel::Operator, reach)
}

async fn all(
    world: &World,
    scope: &Scope,
    filter: &CustomerFilter,
    sort: CustomerSort,
    limit: u32,
) -> Vec<CustomerItem> {
    let mut items = Vec::new();
    let mut page = PageRequest {
        limit,
        cursor: None,
    };
    loop {
        let found = list_customers(&world.ctx, scope, filter, sort, &page)
            .await
            .expect("a page");
        items.extend(found.items);
        match found.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => return items,
        }
    }
}

async fn found(world: &World, question: &str) -> Vec<String> {
    let filter = CustomerFilter {
        search: Some(question.to_owned()),
        ..CustomerFilter::default()
    };
    let items = all(
        world,
        &world.scope(),
        &filter,
        CustomerSort::NumberAscending,
        50,
    )
    .await;
    items
        .into_iter()
        .map(|item| item.customer.username.as_str().to_owned())
        .collect()
}

testkit::on_each_database! {
    async fn a_customer_is_made_whole(world: World) {
        let expires_at = Some(world.clock.now() + TimeDelta::days(30));
        let cmd = CreateCustomer {
            mobile: Some("01712-345678".to_owned()),
            expires_at,
            ..command(&world, "Rahim.01")
        };
        let made = make(&world, cmd).await;
        let customer = &made.item.customer;
        assert_eq!((customer.number, customer.status), (1, CustomerStatus::Active));
        assert_eq!(made.item.package, "Home 10M");
        assert_eq!(made.price.to_string(), "700.00");
        assert!(made.item.balance.is_zero());
        for table in ["subscription", "account", "domain_event"] {
            let sql = format!("SELECT count(*) FROM {table} WHERE customer_id = $1");
            assert_eq!(world.number(&sql, vec![customer.id.as_uuid().into()]).await, 1, "{table}");
        }
        let proof = world.proof(world.customer(customer.id));
        let password = reveal_customer_password(&world.ctx, proof).await.expect("the password");
        assert_eq!(password.as_str(), "mango2000");
        let audit = "SELECT count(*) FROM audit_log WHERE resource_id = $1";
        assert_eq!(world.number(audit, vec![customer.id.as_uuid().into()]).await, 2);
    }

    async fn user_names_and_addresses_are_unique_whatever_their_case(world: World) {
        make(&world, CreateCustomer {
            static_ipv4: Some("203.0.113.7".to_owned()),
            ..command(&world, "rahim")
        }).await;
        let again = create_customer(&world.ctx, world.proof(world.isp()), command(&world, "RAHIM")).await;
        assert!(matches!(again, Err(CreateCustomerError::UsernameTaken)));
        let address = CreateCustomer {
            static_ipv4: Some("203.0.113.7".to_owned()),
            ..command(&world, "karim")
        };
        let again = create_customer(&world.ctx, world.proof(world.isp()), address).await;
        assert!(matches!(again, Err(CreateCustomerError::StaticAddressTaken)));
        assert_eq!(make(&world, command(&world, "karim")).await.item.customer.number, 2, "no number is lost");
    }

    async fn bad_fields_are_all_told(world: World) {
        let bad = CreateCustomer {
            name: String::new(),
            mobile: Some("12".to_owned()),
            package_id: domain::ids::PackageId::generate(),
            ..command(&world, "two words")
        };
        let refused = create_customer(&world.ctx, world.proof(world.isp()), bad).await;
        let Err(CreateCustomerError::Invalid(problems)) = refused else {
            panic!("not refused");
        };
        let fields: BTreeSet<_> = problems.iter().map(|problem| problem.field).collect();
        assert_eq!(fields, BTreeSet::from(["name", "username", "mobile", "package_id"]));
    }

    async fn sixty_four_at_once_get_numbers_without_gaps(world: World) {
        let mut tasks = tokio::task::JoinSet::new();
        for index in 0..64 {
            let (ctx, proof) = (world.ctx.clone(), world.proof(world.isp()));
            // Every other one fights with its neighbour over a name.
            let cmd = command(&world, &format!("user{}", index / 2 * 2));
            tasks.spawn(async move { create_customer(&ctx, proof, cmd).await });
        }
        let outcomes = tasks.join_all().await;
        let mut numbers: Vec<_> = outcomes.iter().flatten().map(|made| made.item.customer.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=32).collect::<Vec<i64>>());
        let taken = outcomes.iter().filter(|o| matches!(o, Err(CreateCustomerError::UsernameTaken)));
        assert_eq!(taken.count(), 32);
    }

    async fn an_edit_needs_the_version_that_was_seen(world: World) {
        let made = make(&world, command(&world, "rahim")).await.item.customer;
        let edit = |version, edit| edit_customer(&world.ctx, world.proof(world.customer(made.id)), EditCustomer { version, edit });
        let changed = edit(made.version, CustomerEdit {
            name: Some("Karim Ahmed".to_owned()),
            mobile: Patch::Value("01812345678".to_owned()),
            password: Some("tiger2041".to_owned()),
            ..CustomerEdit::default()
        }).await.expect("changed").item.customer;
        assert_eq!((changed.name.as_str(), changed.version), ("Karim Ahmed", made.version + 1));
        let stale = edit(made.version, CustomerEdit::default()).await;
        assert!(matches!(stale, Err(EditCustomerError::StaleVersion { current }) if current == changed.version));
        assert_eq!(found(&world, "karim").await, ["rahim"]);
        assert_eq!(found(&world, "018123").await, ["rahim"]);
        assert!(found(&world, "customer").await.is_empty(), "the old name is forgotten");
        let secret = "SELECT count(*) FROM audit_log WHERE CAST(after AS TEXT) LIKE '%tiger2041%'";
        assert_eq!(world.number(secret, vec![]).await, 0);
    }

    async fn closing_hides_and_restoring_brings_back(world: World) {
        let made = make(&world, command(&world, "rahim")).await.item.customer;
        let close = || close_customer(&world.ctx, world.proof(world.customer(made.id)), Some("moved away".to_owned()));
        let closed = close().await.expect("closed");
        assert_eq!(closed.item.customer.status, CustomerStatus::Closed);
        assert!(matches!(close().await, Err(CloseCustomerError::Refused(StatusRefusal::Closed))));
        let sort = CustomerSort::default();
        assert!(all(&world, &world.scope(), &CustomerFilter::default(), sort, 25).await.is_empty());
        let only_closed = CustomerFilter { status: Some(CustomerStatus::Closed), ..CustomerFilter::default() };
        assert_eq!(all(&world, &world.scope(), &only_closed, sort, 25).await.len(), 1);
        let restored = restore_customer(&world.ctx, world.proof(world.customer(made.id))).await.expect("restored");
        assert_eq!(restored.item.customer.status, CustomerStatus::Pending);
    }

    async fn the_menu_says_why_not(world: World) {
        let made = make(&world, command(&world, "rahim")).await;
        let now = world.clock.now();
        let refusal = |actor: &Actor, action| {
            let menu = allowed_actions(&made, actor, now);
            menu.into_iter().find(|entry| entry.action == action).expect("every action").refusal
        };
        let admin = world.admin();
        assert_eq!(refusal(&admin, CustomerAction::Suspend), None);
        assert_eq!(refusal(&admin, CustomerAction::Disconnect), Some("not_online"));
        assert_eq!(refusal(&admin, CustomerAction::Restore), Some("not_closed"));
        let staff = world.person(UserId::generate(), RoleLevel::Staff, Reach::Isp(world.isp_id));
        assert_eq!(refusal(&staff, CustomerAction::Suspend), Some("no_permission"));
    }

    async fn people_are_found_however_they_are_asked_for(world: World) {
        make(&world, CreateCustomer {
            name: "মোঃ জাহিদ হাসান (Shop)".to_owned(),
            mobile: Some("01712345678".to_owned()),
            email: Some("Jahid@Example.com".to_owned()),
            static_ipv4: Some("203.0.113.9".to_owned()),
            ..command(&world, "jahid.01")
        }).await;
        make(&world, command(&world, "other.02")).await;
        for question in ["জাহিদ", "হাসা", "shop", "JAHID", "jahid.0", "01712", "+88017", "1712345678",
            "+880 1712-345678", "jahid@ex", "203.0.113.9", "জাহিদ 01712"] {
            assert_eq!(found(&world, question).await, ["jahid.01"], "{question}");
        }
        for question in ["nobody", "জাহিদ 018", "...", "%", "_", "'"] {
            assert!(found(&world, question).await.is_empty(), "{question}");
        }
        assert_eq!(found(&world, " ").await.len(), 2, "no question, no filter");
    }

    async fn a_walk_by_pages_is_the_whole_sorted_list(world: World) {
        let zone = world.clock.now();
        for index in 0..60_i64 {
            // Equal names, equal instants and none at all.
            let expires_at = (index % 3 != 0).then(|| zone + TimeDelta::days(index % 7));
            let cmd = CreateCustomer {
                name: format!("Name {}", index % 4),
                expires_at,
                ..command(&world, &format!("user{index}"))
            };
            make(&world, cmd).await;
        }
        for sort in CustomerSort::ALL {
            let walked = all(&world, &world.scope(), &CustomerFilter::default(), sort, 7).await;
            let ids: BTreeSet<_> = walked.iter().map(|item| item.customer.id).collect();
            assert_eq!((walked.len(), ids.len()), (60, 60), "{sort:?}");
            let key = |item: &CustomerItem| match sort {
                CustomerSort::NumberAscending => (false, item.customer.number.to_string(), item.customer.number, 0),
                CustomerSort::NumberDescending => (false, String::new(), -item.customer.number, 0),
                CustomerSort::NameAscending | CustomerSort::NameDescending => (false, item.customer.name.clone(), 0, 0),
                CustomerSort::ExpiryAscending => (item.customer.expires_at.is_none(), String::new(), 0,
                    item.customer.expires_at.map_or(0, |at| at.timestamp())),
                CustomerSort::ExpiryDescending => (item.customer.expires_at.is_none(), String::new(), 0,
                    item.customer.expires_at.map_or(0, |at| -at.timestamp())),
            };
            let mut keys: Vec<_> = walked.iter().map(key).collect();
            if sort == CustomerSort::NameDescending {
                keys.reverse();
            }
            if sort == CustomerSort::NumberAscending {
                keys.iter_mut().for_each(|key| key.1.clear());
            }
            assert!(keys.is_sorted(), "{sort:?}");
        }
        let page = PageRequest { limit: 25, cursor: Some("bm90IG91cnM".to_owned()) };
        let tampered = list_customers(&world.ctx, &world.scope(), &CustomerFilter::default(), CustomerSort::default(), &page).await;
        assert!(matches!(tampered, Err(ListError::Cursor(_))));
    }

    async fn each_filter_keeps_what_it_says(world: World) {
        for index in 0..12 {
            let connection_type = if index % 2 == 0 { ConnectionType::Pppoe } else { ConnectionType::Hotspot };
            make(&world, CreateCustomer { connection_type, ..command(&world, &format!("user{index}")) }).await;
        }
        let count = async |filter: CustomerFilter| {
            let mut sizes = BTreeSet::new();
            for sort in CustomerSort::ALL {
                sizes.insert(all(&world, &world.scope(), &filter, sort, 5).await.len());
            }
            assert_eq!(sizes.len(), 1, "every order holds the same rows");
            sizes.pop_first().expect("one size")
        };
        let none = CustomerFilter::default;
        assert_eq!(count(CustomerFilter { connection_type: Some(ConnectionType::Hotspot), ..none() }).await, 6);
        assert_eq!(count(CustomerFilter { status: Some(CustomerStatus::Pending), ..none() }).await, 12);
        assert_eq!(count(CustomerFilter { status: Some(CustomerStatus::Active), ..none() }).await, 0);
        assert_eq!(count(CustomerFilter { package_id: Some(world.package_id), ..none() }).await, 12);
        assert_eq!(count(CustomerFilter { online: Some(false), ..none() }).await, 12);
        assert_eq!(count(CustomerFilter { online: Some(true), ..none() }).await, 0);
        let both = CustomerFilter { connection_type: Some(ConnectionType::Pppoe), search: Some("user1".to_owned()), ..none() };
        assert_eq!(count(both).await, 1, "user10; user1 and user11 are hotspots");
    }

    async fn resellers_see_their_own_and_those_below(world: World) {
        let own = world.insert_operator("Own", None).await;
        let sub = world.insert_operator("Sub", Some(own)).await;
        let other = world.insert_operator("Other", None).await;
        let operator = reseller(&world, own, vec![sub]);
        for (username, operator_id) in [("isp", None), ("own", Some(own)), ("sub", Some(sub)), ("other", Some(other))] {
            make(&world, CreateCustomer { operator_id, ..command(&world, username) }).await;
        }
        let scope = Scope::own(&operator);
        let names = |items: Vec<CustomerItem>| items.into_iter().map(|i| i.customer.username.as_str().to_owned()).collect::<Vec<_>>();
        let mine = all(&world, &scope, &CustomerFilter::default(), CustomerSort::NumberAscending, 25).await;
        assert_eq!(names(mine), ["own", "sub"]);
        let search = CustomerFilter { search: Some("customer".to_owned()), ..CustomerFilter::default() };
        for sort in CustomerSort::ALL {
            assert_eq!(all(&world, &scope, &search, sort, 25).await.len(), 2, "{sort:?}");
        }
        let proof = authorize(&operator, world.isp()).expect("may create");
        let made = create_customer(&world.ctx, proof, command(&world, "mine")).await.expect("made");
        assert_eq!(made.item.customer.operator_id, Some(own), "a reseller keeps what it makes");
        let proof = authorize(&operator, world.isp()).expect("may create");
        let foreign = CreateCustomer { operator_id: Some(other), ..command(&world, "theirs") };
        let refused = create_customer(&world.ctx, proof, foreign).await;
        assert!(matches!(refused, Err(CreateCustomerError::Invalid(_))));
        // A proof for a customer that changed hands since shows nothing.
        let stale = CustomerRef { operator_id: Some(sub), ..made.item.customer.as_ref() };
        let proof = authorize::<perm::EditCustomers, _>(&operator, stale).expect("looked right");
        let cmd = EditCustomer { version: 1, edit: CustomerEdit::default() };
        assert!(matches!(edit_customer(&world.ctx, proof, cmd).await, Err(EditCustomerError::Missing)));
        let view = authorize(&operator, made.item.customer.as_ref()).expect("may view");
        assert!(get_customer(&world.ctx, &view).await.expect("read").is_some());
    }
}
