//! Ways in: who makes them, when they end, and how somebody gets back in.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

use crate::site::{Answer, Credential, Site, on_each_database};

async fn made(site: &Site, by: &Credential, body: Value) -> Answer {
    site.post("/api-keys", by, body).await
}

fn key_of(answer: &Answer) -> Credential {
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    Credential::Key(answer.body["key"].as_str().unwrap().to_owned())
}

fn token_of(answer: &Answer) -> Credential {
    assert!(answer.status < 300, "{:?}", answer.body);
    Credential::Token(answer.body["access_token"].as_str().unwrap().to_owned())
}

async fn id_of(site: &Site, login: &str) -> String {
    let me = site.get("/me", &site.sign_in(login).await).await;
    me.body["user"]["id"].as_str().unwrap().to_owned()
}

async fn view_as(site: &Site, login: &str) -> Credential {
    let body = json!({"user_id": id_of(site, login).await});
    let admin = site.sign_in("admin").await;
    token_of(&site.post("/impersonations", &admin, body).await)
}

/// What a token says.
fn claims_of(token: &str) -> Value {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&["lastmile"]);
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(&[9; 32]);
    let decoded = jsonwebtoken::decode::<Value>(token, &key, &validation);
    decoded.unwrap().claims
}

on_each_database! {
    async fn a_program_makes_no_way_in(site: &Site) {
        let all = json!({"name": "program", "permissions": ["manage_api_keys", "view_customers"],
            "allowed_ips": ["127.0.0.1/32"], "rate_per_minute": 5});
        let answer = made(site, &site.callers["admin"], all).await;
        let program = key_of(&answer);
        let more = json!({"name": "child", "permissions": ["view_customers"]});
        let child = made(site, &program, more).await;
        assert_eq!((child.status, child.code()), (403, "forbidden"), "{:?}", child.body);

        let staff = json!({"name": "staffing", "permissions": ["manage_staff", "send_sms"]});
        let program = key_of(&made(site, &site.callers["admin"], staff).await);
        let person = format!("/users/{}", id_of(site, "staff").await);
        for (method, path, body) in [
            ("POST", "/users".to_owned(), crate::probes::user("made-by-a-key", "staff")),
            ("POST", format!("{person}/password-resets"), json!({"password": "eight green boats"})),
            ("POST", format!("{person}/grants"), json!({"permission": "send_sms"})),
            ("PATCH", person.clone(), json!({"name": "Somebody else"})),
        ] {
            let answer = site.call(method, &path, &program, Some(body), &[]).await;
            assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{method} {path}");
        }
        assert_eq!(site.get("/users", &program).await.status, 200, "it may look");
    }

    async fn a_view_ends_with_all_it_could_leave_behind(site: &Site) {
        let viewing = view_as(site, "manager").await;
        assert_eq!(site.get("/me", &viewing).await.status, 200);
        let key = json!({"name": "left behind", "permissions": ["view_customers"]});
        let as_admin = view_as(site, "manager").await;
        let refused = made(site, &as_admin, key).await;
        assert_eq!(refused.status, 403, "{:?}", refused.body);

        let ended = site.post("/impersonations/ends", &viewing, json!({})).await;
        let own = token_of(&ended);
        let late = site.get("/me", &viewing).await;
        assert_eq!((late.status, late.code()), (401, "token_invalid"));
        assert_eq!(site.get("/me", &own).await.status, 200);
        assert_eq!(site.get("/me", &as_admin).await.status, 200, "another view goes on");
    }

    async fn a_lost_second_factor_has_a_way_back(site: &Site) {
        let path = format!("/users/{}", id_of(site, "accountant").await);
        let accountant = site.sign_in("accountant").await;
        let begun = site.post("/me/totp-enrolments", &accountant, json!({})).await;
        let secret = begun.body["secret"].as_str().unwrap();
        let code = crate::totp::code(site, secret);
        let confirmed = site.post("/me/totp-confirmations", &accountant, json!({"code": code})).await;
        assert!(confirmed.status < 300, "{:?}", confirmed.body);
        let sign_in = json!({"login": "accountant", "password": "eight green boats"});

        let reset = format!("{path}/password-resets");
        let admin = &site.callers["admin"];
        let only_password = json!({"password": "eight green boats"});
        assert_eq!(site.post(&reset, admin, only_password).await.status, 204);
        let asked = site.post("/auth/sign-ins", &Credential::None, sign_in.clone()).await;
        assert_eq!((asked.status, asked.code()), (401, "totp_required"));
        let both = json!({"password": "eight green boats", "remove_totp": true});
        assert_eq!(site.post(&reset, admin, both).await.status, 204);
        let back = site.post("/auth/sign-ins", &Credential::None, sign_in).await;
        assert_eq!(back.status, 200, "{:?}", back.body);
        let lines = site.audited("reset_user_password").await;
        assert!(lines.iter().any(|line| line["after"]["totp_enabled"] == false), "{lines:?}");
    }

    async fn streams_are_few_and_end_with_the_right_to_see_them(site: &Site) {
        let path = format!("/customers/{}/usage/events", site.ours.ids["customer"]);
        let watcher = site.sign_in("manager").await;
        let mut open = Vec::new();
        for _ in 0..16 {
            open.push(site.stream(&path, &watcher).await);
        }
        let one_more = site.get(&path, &watcher).await;
        assert_eq!((one_more.status, one_more.code()), (429, "too_many_requests"));
        let other = site.get(&path, &site.callers["admin"]).await;
        assert_eq!(other.status, 200, "nobody else's streams count");

        let person = format!("/users/{}", id_of(site, "manager").await);
        let disabled = json!({"status": "disabled"});
        let answer = site.call("PATCH", &person, &site.callers["admin"], Some(disabled), &[]).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        for stream in open {
            let ended = tokio::time::timeout(Duration::from_secs(8), stream.ended()).await;
            assert!(ended.is_ok(), "a stream goes on");
        }
    }

    async fn only_the_last_proxy_is_believed(site: &Site) {
        let near = json!({"name": "near", "permissions": ["view_customers"],
            "allowed_ips": ["203.0.113.0/24"]});
        let program = key_of(&made(site, &site.callers["admin"], near).await);
        let from = async |lines: &[(&str, &str)]| {
            site.call("GET", "/customers", &program, None, lines).await.status
        };
        let (allowed, other) = ("203.0.113.5", "198.51.100.9");
        let name = "X-Forwarded-For";
        assert_eq!(from(&[(name, allowed)]).await, 200);
        assert_eq!(from(&[(name, &format!("{other}, {allowed}"))]).await, 200);
        assert_eq!(from(&[(name, &format!("{allowed}, {other}"))]).await, 403);
        assert_eq!(from(&[(name, allowed), (name, other)]).await, 403, "two lines");
        assert_eq!(from(&[(name, other), (name, allowed)]).await, 200);
    }

    async fn forged_tokens_open_nothing(site: &Site) {
        let Credential::Token(real) = &site.callers["admin"] else {
            panic!("an admin signs in");
        };
        let parts: Vec<&str> = real.split('.').collect();
        let [head, claims, signature] = parts.as_slice() else {
            panic!("a token has three parts");
        };
        let decoded = claims_of(real);
        let sign = |header: Header, claims: &Value, key: &[u8]| {
            jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(key)).unwrap()
        };
        let with = |name: &str, value: Value| {
            let mut changed = decoded.clone();
            changed[name] = value;
            changed
        };
        let hs256 = || Header::new(Algorithm::HS256);
        // {"alg":"none","typ":"JWT"}
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        let key = vec![9; 32];
        let forged = [
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
            format!("{head}.{claims}."),
            format!("{head}.{claims}.{}", "A".repeat(signature.len())),
            sign(hs256(), &decoded, b"another key of thirty-two bytes!!"),
            sign(Header::new(Algorithm::HS512), &decoded, &key),
            sign(hs256(), &with("aud", json!("somebody else")), &key),
            sign(hs256(), &with("exp", json!(1)), &key),
            sign(hs256(), &with("sid", json!(uuid::Uuid::nil())), &key),
            sign(hs256(), &with("sub", json!(uuid::Uuid::nil())), &key),
        ];
        for token in forged {
            let answer = site.get("/me", &Credential::Token(token.clone())).await;
            assert_eq!((answer.status, answer.code()), (401, "token_invalid"), "{token}");
        }
        assert_eq!(site.get("/me", &Credential::Token(sign(hs256(), &decoded, &key))).await.status, 200, "the key is the right one");
    }
}
