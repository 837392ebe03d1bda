//! One-time codes: enrolled, confirmed, asked for, and never accepted twice.

use chrono::TimeDelta;
use domain::clock::Clock as _;
use serde_json::json;
use totp_rs::{Algorithm, Builder, Secret};

use crate::site::{Answer, Credential, PASSWORD, Site, on_each_database};

/// The code that an authenticator app shows at this moment.
pub(crate) fn code(site: &Site, secret: &str) -> String {
    let now = u64::try_from(site.world.clock.now().timestamp()).unwrap();
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .build_noncompliant()
        .generate(now)
        .to_string()
}

async fn come_in(site: &Site, code: Option<&str>) -> Answer {
    let body = json!({"login": "manager", "password": PASSWORD, "totp_code": code});
    site.post("/auth/sign-ins", &Credential::None, body).await
}

on_each_database! {
    async fn one_time_codes_work_once(site: &Site) {
        let token = site.callers["manager"].clone();
        let begun = site.post("/me/totp-enrolments", &token, json!({})).await;
        assert_eq!(begun.status, 201, "{:?}", begun.body);
        let secret = begun.body["secret"].as_str().unwrap();
        assert_eq!(come_in(site, None).await.status, 200, "not confirmed yet");

        let right = code(site, secret);
        let wrong = if right == "000000" { "000001" } else { "000000" };
        let confirm = |code: &str| json!({"code": code});
        let path = "/me/totp-confirmations";
        assert_eq!(site.post(path, &token, confirm(wrong)).await.status, 422);
        assert_eq!(site.post(path, &token, confirm(&right)).await.status, 204);

        let asked = come_in(site, None).await;
        assert_eq!((asked.status, asked.code()), (401, "totp_required"));
        let used = come_in(site, Some(&right)).await;
        assert_eq!((used.status, used.code()), (401, "totp_invalid"), "used to confirm");

        site.world.clock.advance(TimeDelta::seconds(60));
        let next = code(site, secret);
        let refused = come_in(site, Some(wrong)).await;
        assert_eq!((refused.status, refused.code()), (401, "totp_invalid"));
        assert_eq!(come_in(site, Some(&next)).await.status, 200);
        let again = come_in(site, Some(&next)).await;
        assert_eq!((again.status, again.code()), (401, "totp_invalid"), "used to come in");

        let path = "/me/totp-removals";
        let refused = site.post(path, &token, json!({"password": "wrong"})).await;
        assert_eq!((refused.status, refused.code()), (422, "password_wrong"));
        assert_eq!(site.post(path, &token, json!({"password": PASSWORD})).await.status, 204);
        assert_eq!(come_in(site, None).await.status, 200);
        for action in ["start_totp_enrolment", "confirm_totp", "remove_totp"] {
            let lines = site.audited(action).await;
            assert_eq!(lines.len(), 1, "{action}");
            assert_eq!(lines[0]["actor"]["login"], "manager");
            assert!(!lines[0].to_string().contains(secret), "{action} shows the secret");
        }
    }
}
