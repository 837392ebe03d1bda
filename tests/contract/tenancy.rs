//! What belongs to another ISP does not exist: every address with a foreign id answers like one
//! with an id that nobody has, and no list shows a foreign row.

use serde_json::Value;
use testkit::{TestDatabase, World};
use uuid::Uuid;

use crate::{
    openapi::operations,
    probes::{kind_of, probe, probe_with},
    site::Site,
};

async fn foreign_ids(site: &Site, caller: &str, wrong: &mut Vec<String>) {
    for operation in operations()
        .into_iter()
        .filter(|operation| operation.path.contains("{id}"))
    {
        let kind = kind_of(&operation.path)
            .unwrap_or_else(|| panic!("{} names an unknown kind of thing", operation.path));
        let foreign = site
            .theirs
            .ids
            .get(kind)
            .copied()
            .unwrap_or_else(World::nobody);
        let credential = &site.callers[caller];
        let salt = format!("{}-foreign", operation.id.replace('_', "-"));
        let mut answers = Vec::new();
        for id in [foreign, World::nobody()] {
            let sent = probe_with(&operation, &site.ours, &salt, id);
            let headers: Vec<_> = sent.headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let method = &operation.method;
            let mut answer = site
                .call(method, &sent.path, credential, sent.body, &headers)
                .await;
            if let Some(body) = answer.body.as_object_mut() {
                body.remove("instance");
            }
            answers.push((answer.status, answer.body));
        }
        let refused = answers.iter().all(|(status, _)| *status == 403);
        let missing = answers.iter().all(|(status, _)| *status == 404);
        if answers[0] != answers[1] || !(missing || refused) {
            wrong.push(format!("{caller} {}: {answers:?}", operation.id));
        }
    }
}

async fn lists(site: &Site, wrong: &mut Vec<String>) {
    let foreign: Vec<String> = site.theirs.ids.values().map(Uuid::to_string).collect();
    for operation in operations() {
        let listing = operation.method == "GET" && !operation.path.contains("{id}");
        // The developer's reach is the whole platform.
        for caller in [
            "admin",
            "operator",
            "manager",
            "accountant",
            "super_admin",
            "api_key",
        ] {
            if !listing {
                continue;
            }
            let sent = probe(&operation, &site.ours, "lists");
            let answer = site
                .call("GET", &sent.path, &site.callers[caller], None, &[])
                .await;
            let text = answer.body.to_string();
            if let Some(id) = foreign.iter().find(|id| text.contains(id.as_str())) {
                wrong.push(format!("{caller} sees {id} in {}", operation.id));
            }
        }
    }
}

async fn references(site: &Site, wrong: &mut Vec<String>) {
    let admin = &site.callers["admin"];
    let theirs = |kind: &str| site.theirs.ids[kind];
    let ours = |kind: &str| site.ours.ids[kind];
    let customer = |field: &str, id: Uuid| {
        let mut body = serde_json::json!({"name": "Foreign", "username": format!("foreign-{field}"),
            "password": "secret-1", "connection_type": "pppoe", "package_id": ours("package")});
        body[field] = Value::String(id.to_string());
        body
    };
    let bodies = [
        ("/customers", customer("package_id", theirs("package"))),
        ("/customers", customer("zone_id", theirs("zone"))),
        ("/customers", customer("operator_id", theirs("operator"))),
        (
            "/operators",
            serde_json::json!({"name": "Foreign", "kind": "sub_operator", "parent_id": theirs("operator")}),
        ),
        (
            "/routers",
            serde_json::json!({"name": "Foreign", "address": "192.0.2.77", "username": "api",
                "password": "secret-1", "nas_id": theirs("nas")}),
        ),
    ];
    for (path, body) in bodies {
        let answer = site
            .call("POST", path, admin, Some(body.clone()), &[])
            .await;
        let pointed = answer.body["errors"][0]["pointer"].is_string();
        if answer.status != 422 || !pointed {
            wrong.push(format!("{path} {body}: {} {}", answer.status, answer.body));
        }
    }
}

async fn check(database: TestDatabase) {
    let site = Site::start(database).await;
    let mut wrong = Vec::new();
    foreign_ids(&site, "admin", &mut wrong).await;
    foreign_ids(&site, "operator", &mut wrong).await;
    lists(&site, &mut wrong).await;
    references(&site, &mut wrong).await;
    site.stop().await;
    assert!(
        wrong.is_empty(),
        "{} leaks:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_isps_things_do_not_exist_on_sqlite() {
    check(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_isps_things_do_not_exist_on_postgres() {
    if let Some(database) = TestDatabase::postgres().await {
        check(database).await;
    }
}
