//! Coming in, staying in, going out, and changing the password.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::site::{Answer, Credential, PASSWORD, Site, on_each_database};

const NEXT_PASSWORD: &str = "eight red trams";

/// Signs in as a program that keeps its refresh token itself.
async fn come_in(site: &Site, login: &str, password: &str) -> Answer {
    let body = json!({"login": login, "password": password, "client": "app"});
    site.post("/auth/sign-ins", &Credential::None, body).await
}

fn access(answer: &Answer) -> Credential {
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    Credential::Token(answer.body["access_token"].as_str().unwrap().to_owned())
}

async fn renew(site: &Site, token: &Value) -> Answer {
    let body = json!({"refresh_token": token});
    site.post("/auth/refreshes", &Credential::None, body).await
}

async fn status(site: &Site, credential: &Credential) -> u16 {
    site.get("/me", credential).await.status
}

on_each_database! {
    async fn the_right_password_comes_in_and_no_other(site: &Site) {
        let right = come_in(site, "staff", PASSWORD).await;
        assert_eq!(status(site, &access(&right)).await, 200);
        assert!(right.header("ratelimit-limit").is_some(), "{}", right.head);
        let wrong = come_in(site, "staff", "seven green goats").await;
        assert_eq!((wrong.status, wrong.code()), (401, "invalid_credentials"));
        let nobody = come_in(site, "no-such-person", PASSWORD).await;
        assert_eq!((nobody.status, nobody.code()), (401, "invalid_credentials"));

        let staff = site.get("/me", &access(&right)).await.body["user"]["id"].clone();
        let lines = site.audited("sign_in").await;
        let own: Vec<_> = lines.iter().filter(|line| line["actor"]["id"] == staff).collect();
        assert_eq!(own.len(), 2, "one for each that came in: {lines:?}");
        assert_eq!(own[0]["permission"], "own_account");
        assert_eq!((&own[0]["resource_type"], &own[0]["resource_id"]), (&json!("user"), &staff));
        assert_eq!(own[0]["ip"], "127.0.0.1");

        let admin = site.callers["admin"].clone();
        let path = format!("/users/{}", staff.as_str().unwrap());
        let disabled = json!({"status": "disabled"});
        let answer = site.call("PATCH", &path, &admin, Some(disabled), &[]).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let refused = come_in(site, "staff", PASSWORD).await;
        assert_eq!((refused.status, refused.code()), (401, "invalid_credentials"));
        assert_eq!(status(site, &access(&right)).await, 401, "and nobody stays in");
    }

    async fn an_owner_sees_what_belongs_to_no_single_isp(site: &Site) {
        for (reader, other) in [("super_admin", "their_super_admin"), ("their_super_admin", "super_admin")] {
            let token = site.sign_in(reader).await;
            let page = site.get("/audit-log?limit=200", &token).await;
            let lines = page.body["items"].as_array().unwrap();
            let of = |login: &str| lines.iter().filter(|line| {
                line["action"] == "sign_in" && line["actor"]["login"] == login
            }).count();
            assert!(of(reader) > 0, "{reader}: {lines:?}");
            assert_eq!(of(other), 0, "{reader}");
        }
    }

    async fn a_refresh_token_works_once(site: &Site) {
        let first = come_in(site, "manager", PASSWORD).await;
        let second = renew(site, &first.body["refresh_token"]).await;
        let kept = access(&second);
        assert_ne!(first.body["refresh_token"], second.body["refresh_token"]);
        assert_eq!(status(site, &kept).await, 200);

        let stolen = renew(site, &first.body["refresh_token"]).await;
        assert_eq!((stolen.status, stolen.code()), (401, "refresh_token_reused"));
        let dead = renew(site, &second.body["refresh_token"]).await;
        assert_eq!((dead.status, dead.code()), (401, "refresh_token_invalid"));
        for token in [&access(&first), &kept] {
            let answer = site.get("/me", token).await;
            assert_eq!((answer.status, answer.code()), (401, "token_invalid"));
        }
        renew(site, &first.body["refresh_token"]).await;
        let lines = site.audited("end_reused_sign_in").await;
        assert_eq!(lines.len(), 1, "the family ends once");
        assert_eq!(lines[0]["after"]["ip"], "127.0.0.1");
        assert!(!lines[0].to_string().contains("token\":\""), "{}", lines[0]);
    }

    async fn the_cookie_of_a_browser_renews_it(site: &Site) {
        let body = json!({"login": "manager", "password": PASSWORD});
        let came = site.post("/auth/sign-ins", &Credential::None, body).await;
        let cookie = came.header("set-cookie").unwrap();
        for part in ["HttpOnly", "SameSite=Strict", "Path=/api/v1/auth"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert_eq!(came.body["refresh_token"], Value::Null);
        let sent = [("Cookie", cookie.split(';').next().unwrap())];
        let body = Some(json!({}));
        let again = site.call("POST", "/auth/refreshes", &Credential::None, body, &sent).await;
        assert_eq!(status(site, &access(&again)).await, 200);
    }

    async fn signing_out_ends_the_access_token_at_once(site: &Site) {
        let came = come_in(site, "accountant", PASSWORD).await;
        let (token, other) = (access(&came), access(&come_in(site, "accountant", PASSWORD).await));
        assert_eq!(status(site, &token).await, 200);
        assert_eq!(site.post("/auth/sign-outs", &token, json!({})).await.status, 204);
        assert_eq!(status(site, &token).await, 401);
        assert_eq!(renew(site, &came.body["refresh_token"]).await.code(), "refresh_token_invalid");
        assert_eq!(status(site, &other).await, 200, "the other device stays");

        let devices = site.get("/me/sign-ins", &other).await;
        let devices = devices.body["items"].as_array().unwrap().clone();
        let third = access(&come_in(site, "accountant", PASSWORD).await);
        let device = devices.iter().find(|device| device["current"] == true).unwrap();
        let path = format!("/me/sign-ins/{}", device["id"].as_str().unwrap());
        assert_eq!(site.call("DELETE", &path, &third, None, &[]).await.status, 204);
        assert_eq!(status(site, &other).await, 401);
        let theirs = site.callers["manager"].clone();
        assert_eq!(site.call("DELETE", &path, &theirs, None, &[]).await.status, 404);
        for action in ["sign_out", "end_my_sign_in"] {
            let lines = site.audited(action).await;
            assert_eq!(lines.len(), 1, "{action}");
            assert_eq!(lines[0]["actor"]["login"], "accountant");
        }
    }

    async fn a_new_password_ends_the_other_devices(site: &Site) {
        let (here, there) = (
            access(&come_in(site, "sales_manager", PASSWORD).await),
            access(&come_in(site, "sales_manager", PASSWORD).await),
        );
        let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
        let path = "/me/password-changes";
        let wrong = site.post(path, &here, change("seven green goats", NEXT_PASSWORD)).await;
        assert_eq!((wrong.status, wrong.code()), (422, "current_password_wrong"));
        let weak = site.post(path, &here, change(PASSWORD, "password")).await;
        assert_eq!((weak.status, weak.code()), (422, "weak_password"));
        assert_eq!(status(site, &there).await, 200);
        assert_eq!(site.post(path, &here, change(PASSWORD, NEXT_PASSWORD)).await.status, 204);
        assert_eq!((status(site, &here).await, status(site, &there).await), (200, 401));
        assert_eq!(come_in(site, "sales_manager", PASSWORD).await.status, 401);
        assert_eq!(come_in(site, "sales_manager", NEXT_PASSWORD).await.status, 200);
        let lines = site.audited("change_my_password").await;
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].to_string().contains(NEXT_PASSWORD));
    }

    async fn a_password_of_somebody_else_must_be_changed_first(site: &Site) {
        let admin = site.callers["admin"].clone();
        let body = crate::probes::user("newcomer", "manager");
        let id: Uuid = site.make(&admin, "/users", body).await;
        assert_ne!(id, Uuid::nil());
        let came = come_in(site, "newcomer", PASSWORD).await;
        assert_eq!(came.body["must_change_password"], true);
        let token = access(&came);
        for path in ["/customers", "/packages", "/me/sign-ins", "/search?q=a"] {
            let answer = site.get(path, &token).await;
            assert_eq!((answer.status, answer.code()), (403, "password_change_required"), "{path}");
        }
        assert_eq!(status(site, &token).await, 200);
        let body = json!({"current_password": PASSWORD, "new_password": NEXT_PASSWORD});
        assert_eq!(site.post("/me/password-changes", &token, body).await.status, 204);
        assert_eq!(site.get("/customers", &token).await.status, 200);
    }
}
