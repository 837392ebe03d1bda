//! Keys of programs: what they may do, from where, and until when. Grants that end.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::clock::Clock as _;
use serde_json::{Value, json};

use crate::site::{Answer, Credential, Site, on_each_database};

/// What somebody may do is remembered for five seconds.
const REMEMBERED: Duration = Duration::from_secs(6);

async fn key(site: &Site, more: Value) -> (String, Credential) {
    let mut body = json!({"name": "program", "permissions": ["view_customers"]});
    let extra = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(extra);
    // The clock of the test may have gone on since the first sign-in.
    let admin = site.sign_in("admin").await;
    let made = site.post("/api-keys", &admin, body).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    let id = made.body["api_key"]["id"].as_str().unwrap().to_owned();
    (
        id,
        Credential::Key(made.body["key"].as_str().unwrap().to_owned()),
    )
}

/// Asks until the answer is that one, as long as something old may be remembered.
async fn soon(site: &Site, path: &str, credential: &Credential, status: u16) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = site.get(path, credential).await;
        if answer.status == status || begun.elapsed() > REMEMBERED {
            assert_eq!(answer.status, status, "{path}: {:?}", answer.body);
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

on_each_database! {
    async fn a_key_works_within_its_limits(site: &Site) {
        let (_, plain) = key(site, json!({"rate_per_minute": 7})).await;
        let answer = site.get("/customers", &plain).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        assert_eq!(answer.header("ratelimit-limit"), Some("35"), "five minutes of seven");
        assert_eq!(answer.header("ratelimit-remaining"), Some("34"));
        let outside = site.get("/invoices", &plain).await;
        assert_eq!((outside.status, outside.code()), (403, "forbidden"));
        let account = site.get("/me/sign-ins", &plain).await;
        assert_eq!(account.status, 403, "a program has no account of its own");

        let (_, near) = key(site, json!({"allowed_ips": ["127.0.0.0/8"]})).await;
        assert_eq!(site.get("/customers", &near).await.status, 200);
        let (_, far) = key(site, json!({"allowed_ips": ["203.0.113.0/24"]})).await;
        let refused = site.get("/customers", &far).await;
        assert_eq!((refused.status, refused.code()), (403, "address_not_allowed"));
    }

    async fn a_key_ends(site: &Site) {
        let (id, revoked) = key(site, json!({})).await;
        assert_eq!(site.get("/customers", &revoked).await.status, 200);
        let admin = site.callers["admin"].clone();
        let path = format!("/api-keys/{id}");
        assert_eq!(site.call("DELETE", &path, &admin, None, &[]).await.status, 204);
        let answer = site.get("/customers", &revoked).await;
        assert_eq!((answer.status, answer.code()), (401, "api_key_invalid"), "at once");

        let end = site.world.clock.now() + TimeDelta::minutes(5);
        let (_, short) = key(site, json!({"expires_at": end})).await;
        assert_eq!(site.get("/customers", &short).await.status, 200);
        site.world.clock.advance(TimeDelta::minutes(6));
        let answer = soon(site, "/customers", &short, 401).await;
        assert_eq!(answer.code(), "api_key_invalid");
    }

    async fn a_grant_ends(site: &Site) {
        let staff = site.sign_in("staff").await;
        let me = site.get("/me", &staff).await;
        let id = me.body["user"]["id"].as_str().unwrap().to_owned();
        assert_eq!(site.get("/trial-balance", &staff).await.status, 403);
        let end = site.world.clock.now() + TimeDelta::minutes(5);
        let body = json!({"permission": "view_financial_reports", "expires_at": end});
        let admin = site.callers["admin"].clone();
        let path = format!("/users/{id}/grants");
        let granted = site.post(&path, &admin, body).await;
        assert_eq!(granted.status, 201, "{:?}", granted.body);
        assert_eq!(site.get("/trial-balance", &staff).await.status, 200, "at once");
        site.world.clock.advance(TimeDelta::minutes(6));
        soon(site, "/trial-balance", &staff, 403).await;
    }

    async fn a_watched_job_tells_its_progress(site: &Site) {
        let path = format!("/jobs/{}/events", site.ours.ids["job"]);
        let answer = site.get(&path, &site.callers["admin"]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        let event = answer.text.split("\n\n").next().unwrap();
        let data = event.strip_prefix("event: progress\ndata: ").unwrap();
        let job: Value = serde_json::from_str(data).unwrap();
        assert_eq!(job["id"], json!(site.ours.ids["job"]));

        let admin = &site.callers["admin"];
        let cancel = format!("/jobs/{}/cancellations", site.ours.ids["job"]);
        let cancelled = site.post(&cancel, admin, json!({})).await;
        assert!([200, 201].contains(&cancelled.status), "{:?}", cancelled.body);
        let last = site.get(&path, admin).await;
        assert!(last.text.contains("\"state\":\"cancelled\""), "{}", last.text);
    }
}
