//! Watched routers over the API: what is taken, what is refused, and what is never told.

use serde_json::{Value, json};

use crate::site::{Answer, Credential, Site, on_each_database};

const PASSWORD: &str = "a-router-password";

fn router(name: &str) -> Value {
    json!({"name": name, "address": "192.0.2.50", "username": "lastmile", "password": PASSWORD})
}

async fn made(site: &Site, admin: &Credential, body: Value) -> Answer {
    let answer = site.post("/routers", admin, body).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer
}

async fn edit(site: &Site, admin: &Credential, id: &str, tag: Option<&str>, body: Value) -> Answer {
    let headers: Vec<_> = tag.into_iter().map(|tag| ("If-Match", tag)).collect();
    let path = format!("/routers/{id}");
    site.call("PATCH", &path, admin, Some(body), &headers).await
}

on_each_database! {
    async fn a_router_is_made_edited_and_deleted(site: &Site) {
        let admin = &site.callers["admin"];
        let answer = made(site, admin, router("POP-7")).await;
        let (id, view) = (answer.body["id"].as_str().unwrap().to_owned(), &answer.body);
        assert_eq!(answer.header("Location"), Some(format!("/api/v1/routers/{id}").as_str()));
        assert_eq!((&view["tls"], &view["port"]), (&json!(true), &json!(8729)), "TLS unless told otherwise");
        assert_eq!((&view["state"], &view["is_being_checked"]), (&json!("unchecked"), &json!(true)));
        assert_eq!((&view["facts"], &view["failure"]), (&Value::Null, &Value::Null));

        let path = format!("/routers/{id}");
        let shown = site.get(&path, admin).await;
        let tag = shown.header("ETag").unwrap().to_owned();
        assert_eq!(edit(site, admin, &id, None, json!({"name": "x"})).await.status, 428);
        let nas = site.ours.ids["nas"];
        let edited = edit(site, admin, &id, Some(&tag), json!({"name": "POP-8", "nas_id": nas})).await;
        assert_eq!((edited.status, &edited.body["nas"]["id"]), (200, &json!(nas)));
        assert_eq!(edit(site, admin, &id, Some(&tag), json!({"name": "x"})).await.status, 412);
        let tag = edited.header("ETag").unwrap();
        let loose = edit(site, admin, &id, Some(tag), json!({"nas_id": null, "watched": false})).await;
        assert_eq!((&loose.body["nas"], &loose.body["next_check_at"]), (&Value::Null, &Value::Null));
        assert_eq!(loose.body["is_being_checked"], json!(false));

        let asked = site.post(&format!("{path}/checks"), admin, json!({})).await;
        assert_eq!((asked.status, &asked.body["is_being_checked"]), (202, &json!(true)));
        assert_eq!(site.call("DELETE", &path, admin, None, &[]).await.status, 204);
        assert_eq!(site.get(&path, admin).await.status, 404);
        assert_eq!(site.get(&format!("{path}/history"), admin).await.status, 404);
    }

    async fn naming_a_router_of_another_isp_is_no_conflict_and_tells_nothing(site: &Site) {
        let ours = &site.callers["admin"];
        let theirs = site.sign_in("their_admin").await;
        let client = |name: &str, address: &str| {
            json!({"name": name, "address": address, "radsec_identity": format!("{name}.example")})
        };
        for (name, address) in [
            ("tower", "203.0.113.7"),
            ("around", "203.0.113.0/24"),
            ("within", "203.0.113.0/25"),
        ] {
            for who in [ours, &theirs] {
                let answer = site.post("/nas", who, client(name, address)).await;
                assert_eq!(answer.status, 201, "{name}: {:?}", answer.body);
            }
        }
        let again = site.post("/nas", ours, client("again", "203.0.113.7")).await;
        assert_eq!((again.status, &again.body["code"]), (409, &json!("address_taken")));
        let mut again = client("again", "203.0.113.9");
        again["radsec_identity"] = json!("tower.example");
        let again = site.post("/nas", ours, again).await;
        assert_eq!((again.status, &again.body["code"]), (409, &json!("radsec_identity_taken")));
    }

    async fn what_is_wrong_is_told_at_its_field(site: &Site) {
        let admin = &site.callers["admin"];
        let second = made(site, admin, router("one")).await;
        let id = second.body["id"].as_str().unwrap();
        let changed = |field: &str, value: Value| {
            let mut body = router("two");
            body[field] = value;
            body
        };
        let nobody = uuid::Uuid::now_v7();
        let mut elsewhere = changed("address", json!("192.0.2.51"));
        elsewhere["name"] = json!("ONE");
        for (body, status, pointer) in [
            (elsewhere, 409, "/name"),
            (changed("name", json!("  ")), 422, "/name"),
            (router("two"), 409, "/address"),
            (changed("address", json!("http://192.0.2.1")), 422, "/address"),
            (changed("port", json!(0)), 422, "/port"),
            (changed("username", json!("")), 422, "/username"),
            (changed("password", json!("a\u{7}b")), 422, "/password"),
            (changed("nas_id", json!(nobody)), 422, "/nas_id"),
            (changed("nas_id", json!(site.theirs.ids["nas"])), 422, "/nas_id"),
        ] {
            let refused = site.post("/routers", admin, body.clone()).await;
            assert_eq!(refused.status, status, "{body}: {:?}", refused.body);
            assert_eq!(refused.body["errors"][0]["pointer"], json!(pointer), "{body}");
        }
        let tag = second.header("ETag");
        // The password that is stored must not be sent to wherever somebody likes.
        for way in [json!({"address": "198.51.100.66"}), json!({"port": 2222}), json!({"tls": false})] {
            let lured = edit(site, admin, id, tag, way.clone()).await;
            let code = &lured.body["errors"][0]["code"];
            assert_eq!((lured.status, code), (422, &json!("password_again")), "{way}");
        }
        let foreign = edit(site, admin, id, tag, json!({"nas_id": site.theirs.ids["nas"]})).await;
        assert_eq!((foreign.status, foreign.code()), (422, "unknown_reference"));
        for wrong in ["state=away", "cursor=nonsense", "limit=7"] {
            let refused = site.get(&format!("/routers?{wrong}"), admin).await;
            assert!([400, 422].contains(&refused.status), "{wrong}: {:?}", refused.body);
        }
    }

    async fn only_the_certificate_that_is_shown_is_confirmed(site: &Site) {
        let admin = &site.callers["admin"];
        let answer = made(site, admin, router("secure")).await;
        let id = answer.body["id"].as_str().unwrap();
        let confirm = async |fingerprint: &str| {
            let path = format!("/routers/{id}/fingerprint-confirmations");
            site.post(&path, admin, json!({"fingerprint": fingerprint})).await
        };
        let shown = "0a".repeat(32);
        let early = confirm(&shown).await;
        assert_eq!((early.status, early.code()), (409, "fingerprint_mismatch"));
        let presents = "UPDATE router SET state = 'unconfirmed', presented_fingerprint = $1 WHERE name = 'secure'";
        assert_eq!(site.world.sql(presents, vec![shown.clone().into()]).await, 1);
        assert_eq!(confirm(&"0b".repeat(32)).await.code(), "fingerprint_mismatch");
        assert_eq!(confirm(&"0g".repeat(32)).await.status, 422);
        assert_eq!(confirm("0a").await.status, 422);
        let pairs = ["0A"; 32].join(":");
        let confirmed = confirm(&pairs).await;
        assert_eq!((confirmed.status, &confirmed.body["confirmed_fingerprint"]), (201, &json!(shown)));
        assert_eq!(confirmed.body["presented_fingerprint"], Value::Null);
        assert_eq!(confirmed.body["is_being_checked"], json!(true));
        let place = format!("/api/v1/routers/{id}");
        assert_eq!(confirmed.header("Location"), Some(place.as_str()));
        assert_eq!(confirm(&shown).await.code(), "fingerprint_mismatch", "once is enough");
        let audited = site.audited("confirm_router_fingerprint").await;
        assert_eq!(audited[0]["after"]["fingerprint"], json!(shown));

        // The confirmation is a change like others: the version of before is not the last any more.
        let rename = json!({"name": "safe"});
        let stale = edit(site, admin, id, answer.header("ETag"), rename.clone()).await;
        assert_eq!(stale.status, 412);
        assert!(confirmed.header("ETag").is_some());
        let edited = edit(site, admin, id, confirmed.header("ETag"), rename).await;
        assert_eq!((edited.status, &edited.body["confirmed_fingerprint"]), (200, &json!(shown)));
    }

    async fn the_password_is_never_told(site: &Site) {
        let admin = &site.callers["admin"];
        let answer = made(site, admin, router("quiet")).await;
        let id = answer.body["id"].as_str().unwrap().to_owned();
        let new = "another-router-password";
        let edited = edit(site, admin, &id, answer.header("ETag"), json!({"password": new})).await;
        assert_eq!(edited.body["state"], json!("unchecked"));
        let mut texts = vec![answer.text, edited.text];
        for path in [format!("/routers/{id}"), "/routers".to_owned(), "/audit-log?limit=200".to_owned()] {
            texts.push(site.get(&path, admin).await.text);
        }
        for text in texts {
            assert!(!text.contains(PASSWORD) && !text.contains(new), "{text}");
        }
        let audited = site.audited("edit_router").await;
        assert_eq!(audited[0]["after"]["password"], json!("changed"));
        let sealed = "SELECT COUNT(*) FROM router WHERE CAST(password AS TEXT) LIKE '%router-password%'";
        assert_eq!(site.world.number(sealed, vec![]).await, 0);
    }

    async fn a_manager_looks_and_changes_nothing(site: &Site) {
        let id = site.ours.ids["router"];
        let path = format!("/routers/{id}");
        let manager = &site.callers["manager"];
        assert_eq!(site.get(&path, manager).await.status, 200);
        assert_eq!(site.get(&format!("{path}/history"), manager).await.body["total"], json!(0));
        assert_eq!(site.get("/routers?search=admin%20router", manager).await.body["total"], json!(1));
        assert_eq!(site.post(&format!("{path}/checks"), manager, json!({})).await.status, 403);
        assert_eq!(site.call("DELETE", &path, manager, None, &[]).await.status, 403);
        let reseller = &site.callers["operator"];
        assert_eq!(site.get("/routers", reseller).await.body["total"], json!(0));
        assert_eq!(site.get(&path, reseller).await.status, 404);
        assert_eq!(site.get("/routers", &site.callers["staff"]).await.status, 403);
        assert_eq!(site.get("/routers", &Credential::None).await.status, 401);
    }
}
