//! Common words: what a search of them finds page by page is what a look at each customer finds.

use app::use_cases::{
    customers::list_customers,
    imports::{
        CreateImport, ImportOptions, ImportPreview, ImportSummary, OnError, apply_import,
        create_import, preview_import,
    },
};
use domain::{
    authz::ImportRef,
    customer::{BillingType, ConnectionType, CustomerStatus},
    page::PageRequest,
};
use persistence::{
    Backend,
    query::customers::{CustomerFilter, CustomerItem, CustomerSort},
};
use testkit::World;

/// So many that the most common word has more finds than are gathered.
const CUSTOMERS: usize = 2_600;

fn file() -> String {
    let rows = (0..CUSTOMERS).map(|index| {
        let first = match index % 13 {
            0 => "Abdul Rahim",
            1 => "Babul",
            2 => "Zahid",
            _ => "Rahim",
        };
        // Names that are equal, days that are equal, and no day at all.
        let number = index % 977;
        let expiry = match index % 7 {
            0 => String::new(),
            month => format!("2027-0{month}-10"),
        };
        format!("user{index},secret{index},{first} {number},{expiry}\n")
    });
    std::iter::once("username,password,name,expires_at\n".to_owned())
        .chain(rows)
        .collect()
}

async fn fill(world: &World) {
    let cmd = CreateImport {
        file_name: "customers.csv".to_owned(),
        content: file(),
    };
    let run = create_import(&world.ctx, world.proof(world.isp()), cmd)
        .await
        .expect("taken in");
    let summary: ImportSummary = serde_json::from_value(run.summary.clone()).expect("a summary");
    let options = ImportOptions {
        mapping: summary.proposed_mapping,
        profile_packages: std::collections::BTreeMap::new(),
        default_package_id: Some(world.package_id),
        zone_id: None,
        operator_id: None,
        connection_type: ConnectionType::Pppoe,
        billing_type: BillingType::Prepaid,
        skip_disabled: true,
        initial_bill: false,
        expires_at: None,
        on_error: OnError::Skip,
    };
    let reference = || ImportRef {
        id: run.id,
        isp_id: run.isp_id,
        operator_id: None,
    };
    let shown = preview_import(&world.ctx, world.proof(reference()), options).await;
    let preview = shown.expect("a preview").preview.expect("a preview");
    let preview: ImportPreview = serde_json::from_value(preview).expect("a preview");
    apply_import(&world.ctx, world.proof(reference()), &preview.token)
        .await
        .expect("started");
    world.run_jobs().await;
    let statuses = "UPDATE customer SET status = \
        CASE WHEN number % 60 = 7 THEN 'suspended' ELSE 'active' END";
    let touched = world.sql(statuses, vec![]).await;
    assert_eq!(usize::try_from(touched), Ok(CUSTOMERS));
    if world.db().backend() == Backend::Postgres {
        // As it does by itself within a minute: what was never counted is planned for as if empty.
        world.sql("ANALYZE", vec![]).await;
    }
}

/// All pages joined. No page promises more than there is.
async fn all(world: &World, filter: &CustomerFilter, sort: CustomerSort) -> Vec<CustomerItem> {
    let (mut items, mut totals) = (Vec::new(), Vec::new());
    let mut page = PageRequest {
        limit: 190,
        cursor: None,
    };
    loop {
        let found = list_customers(&world.ctx, &world.scope(), filter, sort, &page)
            .await
            .expect("a page");
        items.extend(found.items);
        totals.push((found.total, found.total_is_exact));
        page.cursor = found.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    let count = u64::try_from(items.len()).expect("a number");
    for (total, exact) in totals {
        assert!(total <= count, "{filter:?} {sort:?}: {total} of {count}");
        assert!(
            !exact || total == count,
            "{filter:?} {sort:?}: {total} of {count}"
        );
    }
    items
}

fn fits(item: &CustomerItem, words: &str, status: Option<CustomerStatus>) -> bool {
    let customer = &item.customer;
    let terms = format!("{} {}", customer.name, customer.username).to_lowercase();
    let begins = |word: &str| terms.split(' ').any(|term| term.starts_with(word));
    status.is_none_or(|status| customer.status == status) && words.split(' ').all(begins)
}

fn numbers<'i>(items: impl IntoIterator<Item = &'i CustomerItem>) -> Vec<i64> {
    let customers = items.into_iter().map(|item| &item.customer);
    customers.map(|customer| customer.number).collect()
}

testkit::on_each_database! {
    async fn pages_of_common_words_are_those_of_the_whole_list(world: World) {
        fill(&world).await;
        for sort in CustomerSort::ALL {
            let everybody = all(&world, &CustomerFilter::default(), sort).await;
            assert_eq!(everybody.len(), CUSTOMERS);
            for (words, status) in [
                ("rah", None),
                ("rahim", Some(CustomerStatus::Active)),
                ("rahim", Some(CustomerStatus::Suspended)),
                ("rahim abdul", None),
                ("rahim user17", Some(CustomerStatus::Active)),
            ] {
                let search = Some(words.to_owned());
                let filter = CustomerFilter { search, status, ..CustomerFilter::default() };
                let found = all(&world, &filter, sort).await;
                let expected = everybody.iter().filter(|item| fits(item, words, status));
                let expected = numbers(expected);
                assert!(!expected.is_empty(), "{words}");
                assert_eq!(numbers(&found), expected, "{words} {status:?} {sort:?}");
            }
        }
    }
}
