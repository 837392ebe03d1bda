//! How fast a large ISP is served. Run by hand in a release build:
//! `script/with-services cargo test --release -p app --test customer_bars -- --ignored --nocapture`

#![expect(clippy::print_stdout, reason = "a measurement prints what it measured")]

use std::time::{Duration, Instant};

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
use persistence::query::customers::{CustomerFilter, CustomerSort};
use testkit::World;

const CUSTOMERS: usize = 100_000;
const NAMES: [&str; 8] = [
    "Rahim", "Karim", "Selim", "Nasrin", "Farhana", "Jahid", "Mita", "Abir",
];

fn file() -> String {
    let mut file =
        "username,password,name,mobile,package,zone,connection_type,expires_at\n".to_owned();
    for index in 0..CUSTOMERS {
        let (first, last) = (NAMES[index % 8], NAMES[index / 8 % 8]);
        let kind = if index % 50 == 0 { "hotspot" } else { "pppoe" };
        file.push_str(&format!(
            "user{index},secret{index},{first} {last} {},017{:08},Home 10M,Zone {},{kind},2027-0{}-10\n",
            index % 977,
            index,
            index % 40,
            index % 9 + 1,
        ));
    }
    file
}

async fn fill(world: &World) {
    let started = Instant::now();
    let cmd = CreateImport {
        file_name: "large.csv".to_owned(),
        content: file(),
    };
    let run = create_import(&world.ctx, world.proof(world.isp()), cmd)
        .await
        .expect("taken in");
    println!("upload {:?}", started.elapsed());
    let summary: ImportSummary = serde_json::from_value(run.summary.clone()).expect("a summary");
    let options = ImportOptions {
        mapping: summary.proposed_mapping,
        profile_packages: std::collections::BTreeMap::new(),
        default_package_id: None,
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
    let started = Instant::now();
    let shown = preview_import(&world.ctx, world.proof(reference()), options).await;
    let preview = shown.expect("a preview").preview.expect("a preview");
    let preview: ImportPreview = serde_json::from_value(preview).expect("a preview");
    println!("preview {:?}: {} new", started.elapsed(), preview.new);
    let started = Instant::now();
    apply_import(&world.ctx, world.proof(reference()), &preview.token)
        .await
        .expect("started");
    println!("start {:?}", started.elapsed());
    let started = Instant::now();
    world.run_jobs().await;
    println!("apply {:?}", started.elapsed());
    assert_eq!(
        world.number("SELECT count(*) FROM customer", vec![]).await,
        100_000
    );
    // A twentieth each suspended and closed, as in an ISP that has lived for a while.
    for (status, remainder) in [("suspended", 3), ("closed", 7)] {
        let sql =
            format!("UPDATE customer SET status = '{status}' WHERE number % 20 = {remainder}");
        world.sql(&sql, vec![]).await;
    }
    if world.db().backend() == persistence::Backend::Postgres {
        world.sql("VACUUM ANALYZE", vec![]).await;
    }
}

#[expect(clippy::too_many_lines, reason = "one table of what is measured")]
fn filters(world: &World) -> Vec<(&'static str, CustomerFilter)> {
    let none = CustomerFilter::default;
    let search = |text: &str| CustomerFilter {
        search: Some(text.to_owned()),
        ..CustomerFilter::default()
    };
    vec![
        ("none", none()),
        (
            "suspended",
            CustomerFilter {
                status: Some(CustomerStatus::Suspended),
                ..none()
            },
        ),
        (
            "pending",
            CustomerFilter {
                status: Some(CustomerStatus::Pending),
                ..none()
            },
        ),
        (
            "package",
            CustomerFilter {
                package_id: Some(world.package_id),
                ..none()
            },
        ),
        (
            "hotspot",
            CustomerFilter {
                connection_type: Some(ConnectionType::Hotspot),
                ..none()
            },
        ),
        (
            "postpaid",
            CustomerFilter {
                billing_type: Some(BillingType::Postpaid),
                ..none()
            },
        ),
        (
            "online",
            CustomerFilter {
                online: Some(true),
                ..none()
            },
        ),
        (
            "offline",
            CustomerFilter {
                online: Some(false),
                ..none()
            },
        ),
        ("search rare", search("user4242")),
        ("search phone", search("01700004242")),
        ("search common", search("rahim")),
        ("search two common", search("rahim karim")),
        ("search common and rare", search("rahim user4240")),
        ("search nobody", search("nobody")),
    ]
}

async fn measure(world: &World) {
    for (name, filter) in filters(world) {
        for sort in CustomerSort::ALL {
            let mut times: Vec<Duration> = Vec::new();
            let mut page = PageRequest::default();
            for round in 0..20 {
                let started = Instant::now();
                let found = list_customers(&world.ctx, &world.scope(), &filter, sort, &page).await;
                times.push(started.elapsed());
                let found = found.expect("a page");
                // Half of the rounds go deeper and deeper.
                page.cursor = found.next_cursor.filter(|_| round >= 10);
            }
            times.sort();
            println!(
                "{name:24} {:12} p50 {:>10.1?} p95 {:>10.1?}",
                sort.as_str(),
                times[10],
                times[18]
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; a measurement, not a check"]
async fn sqlite() {
    let world = World::on(testkit::TestDatabase::sqlite().await).await;
    fill(&world).await;
    measure(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; a measurement, not a check"]
async fn postgres() {
    let Some(database) = testkit::TestDatabase::postgres().await else {
        return;
    };
    let world = World::on(database).await;
    fill(&world).await;
    measure(&world).await;
}
