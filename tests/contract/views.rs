//! Viewing as somebody below: whose rows one sees, and both names in the audit trail.

use serde_json::json;

use crate::site::{Answer, Credential, Site, on_each_database};

async fn id_of(site: &Site, login: &str) -> String {
    let me = site.get("/me", &site.callers[login]).await;
    me.body["user"]["id"].as_str().unwrap().to_owned()
}

async fn view_as(site: &Site, caller: &Credential, user_id: &str) -> Answer {
    site.post("/impersonations", caller, json!({"user_id": user_id}))
        .await
}

fn token(answer: &Answer) -> Credential {
    Credential::Token(answer.body["access_token"].as_str().unwrap().to_owned())
}

on_each_database! {
    async fn an_admin_views_as_an_operator(site: &Site) {
        let admin = site.callers["admin"].clone();
        let customer = json!({"name": "Nobody's", "username": "without-operator",
            "password": "secret-1", "connection_type": "pppoe", "package_id": site.ours.ids["package"]});
        site.make(&admin, "/customers", customer).await;
        let all = site.get("/customers", &admin).await;
        assert_eq!(all.body["total"], 2);

        let operator = id_of(site, "operator").await;
        let begun = view_as(site, &admin, &operator).await;
        assert_eq!(begun.status, 201, "{:?}", begun.body);
        let view = token(&begun);
        let me = site.get("/me", &view).await;
        assert_eq!(me.body["user"]["login"], "operator");
        assert_eq!(me.body["impersonated_by"]["login"], "admin");
        let seen = site.get("/customers", &view).await;
        assert_eq!(seen.body["total"], 1, "{:?}", seen.body);
        assert_eq!(seen.body["items"][0]["id"], json!(site.ours.ids["customer"]));

        let path = format!("/customers/{}/suspensions", site.ours.ids["customer"]);
        let done = site.post(&path, &view, json!({"reason": "other"})).await;
        assert_eq!(done.status, 201, "{:?}", done.body);
        let line = &site.audited("suspend_customer").await[0];
        assert_eq!(line["actor"]["login"], "operator");
        assert_eq!(line["impersonator"]["login"], "admin");

        let secret = json!({"current_password": "x", "new_password": "y"});
        assert_eq!(site.post("/me/password-changes", &view, secret).await.status, 403);
        let nested = view_as(site, &view, &operator).await;
        assert_eq!(nested.status, 403, "one view at a time");

        let ended = site.post("/impersonations/ends", &view, json!({})).await;
        assert_eq!(ended.status, 200, "{:?}", ended.body);
        let me = site.get("/me", &token(&ended)).await;
        assert_eq!(me.body["user"]["login"], "admin");
        let (start, end) = (
            site.audited("start_impersonation").await,
            site.audited("end_impersonation").await,
        );
        assert_eq!((start.len(), end.len()), (1, 1));
        assert_eq!(start[0]["actor"]["login"], "admin");
        assert_eq!(start[0]["resource_id"], json!(operator));
        assert_eq!(end[0]["impersonator"]["login"], "admin");
        assert_eq!(end[0]["resource_id"], json!(operator));
        let again = site.post("/impersonations/ends", &admin, json!({})).await;
        assert_eq!((again.status, again.code()), (409, "not_impersonating"));
    }

    async fn an_isp_sees_who_views_from_above(site: &Site) {
        let admin = id_of(site, "admin").await;
        for above in ["super_admin", "developer"] {
            let view = token(&view_as(site, &site.callers[above], &admin).await);
            let zone = json!({"name": format!("zone of {above}")});
            site.make(&view, "/zones", zone).await;
            let line = &site.audited("create_zone").await[0];
            assert_eq!(line["actor"]["login"], "admin");
            assert_eq!(line["impersonator"]["login"], above, "{line}");
        }
    }

    async fn nobody_views_as_an_equal_or_somebody_above(site: &Site) {
        let admin = site.callers["admin"].clone();
        for above in ["admin", "super_admin", "developer"] {
            let answer = view_as(site, &admin, &id_of(site, above).await).await;
            assert!([403, 404].contains(&answer.status), "{above}: {:?}", answer.body);
        }
        let staff = id_of(site, "staff").await;
        let answer = view_as(site, &site.callers["manager"], &staff).await;
        assert_eq!((answer.status, answer.code()), (403, "forbidden"));
    }

    async fn signing_out_ends_the_view_too(site: &Site) {
        let admin = site.sign_in("admin").await;
        let view = token(&view_as(site, &admin, &id_of(site, "operator").await).await);
        assert_eq!(site.get("/customers", &view).await.status, 200);
        assert_eq!(site.post("/auth/sign-outs", &view, json!({})).await.status, 204);
        for token in [&view, &admin] {
            assert_eq!(site.get("/me", token).await.status, 401);
        }
        let line = &site.audited("sign_out").await[0];
        assert_eq!(line["impersonator"]["login"], "admin");
        assert_eq!(line["resource_id"], json!(id_of(site, "admin").await));
    }
}
