//! Too many attempts: the limits of an installation, and whom they do not touch.

use api::RateLimits;
use serde_json::json;
use testkit::TestDatabase;

use crate::site::{Answer, Credential, PASSWORD, Site};

async fn attempt(site: &Site, login: &str, password: &str) -> Answer {
    let body = json!({"login": login, "password": password});
    site.post("/auth/sign-ins", &Credential::None, body).await
}

async fn check(database: TestDatabase) {
    let site = Site::start_with(database, RateLimits::default()).await;
    // Making the site was the first sign-in of this account.
    for tried in 2..=5 {
        let wrong = attempt(&site, "sub_operator", "wrong").await;
        assert_eq!(
            (wrong.status, wrong.code()),
            (401, "invalid_credentials"),
            "{tried}"
        );
    }
    for password in ["wrong", PASSWORD] {
        let refused = attempt(&site, "sub_operator", password).await;
        assert_eq!((refused.status, refused.code()), (429, "too_many_attempts"));
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
    }
    let varied = attempt(&site, " SUB_OPERATOR ", PASSWORD).await;
    assert_eq!(varied.status, 429, "it is the same account");
    let other = attempt(&site, "manager", PASSWORD).await;
    assert_eq!(other.status, 200, "{:?}", other.body);
    let me = site.get("/me", &site.callers["sub_operator"]).await;
    assert_eq!(me.status, 200, "whoever is in stays in");
    assert_eq!(me.header("ratelimit-limit"), Some("300"));
    for header in ["ratelimit-remaining", "ratelimit-reset"] {
        assert!(me.header(header).is_some(), "{header}: {}", me.head);
    }
    let path = format!("/invoices/{}/voids", site.ours.ids["invoice"]);
    for tried in 1..=12 {
        let body = json!({"password": PASSWORD, "reason": "a test"});
        let answer = site.post(&path, &site.callers["admin"], body).await;
        assert_ne!(
            answer.status, 429,
            "a right password is no attempt: {tried}"
        );
    }
    for _ in 0..6 {
        let body = json!({"password": "wrong", "reason": "a test"});
        site.post(&path, &site.callers["admin"], body).await;
    }
    let body = json!({"password": PASSWORD, "reason": "a test"});
    let answer = site.post(&path, &site.callers["admin"], body).await;
    assert_eq!((answer.status, answer.code()), (429, "too_many_attempts"));
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_are_limited_on_sqlite() {
    check(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_are_limited_on_postgres() {
    if let Some(database) = TestDatabase::postgres().await {
        check(database).await;
    }
}
