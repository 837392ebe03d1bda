//! The search through sessions of the past: what it takes, and what it says to anything else.

use crate::site::{Site, on_each_database};

on_each_database! {
    async fn a_search_tells_what_is_wrong_with_it(site: &Site) {
        let admin = &site.callers["admin"];
        let search = async |query: &str| site.get(&format!("/sessions/history?{query}"), admin).await;
        for fine in [
            "",
            "from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z",
            "from=2017-01-01T00:00:00Z&to=2026-12-31T00:00:00Z&limit=25",
            "at=2026-11-01T00:00:00Z&address=100.64.0.1",
            "to=2026-11-01T00:00:00Z",
        ] {
            let found = search(fine).await;
            assert_eq!(found.status, 200, "{fine}: {:?}", found.body);
            assert!(found.body["items"].as_array().is_some_and(Vec::is_empty), "{fine}");
        }
        for (wrong, field) in [
            ("from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", "from"),
            ("from=2001-01-01T00:00:00Z&to=2026-11-01T00:00:00Z", "from"),
            ("from=1969-12-31T00:00:00Z", "from"),
            ("to=%2B12026-01-01T00:00:00Z", "to"),
            ("at=1900-01-01T00:00:00Z", "at"),
            ("at=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z", "at"),
        ] {
            let refused = search(wrong).await;
            assert_eq!(refused.status, 422, "{wrong}: {:?}", refused.body);
            let pointer = refused.body["errors"][0]["pointer"].as_str().unwrap_or_default();
            assert!(pointer.ends_with(field), "{wrong}: {pointer}");
        }
        for wrong in ["cursor=nonsense", "limit=7", "from=yesterday", "offset=10"] {
            let refused = search(wrong).await;
            assert!([400, 422].contains(&refused.status), "{wrong}: {:?}", refused.body);
        }
    }
}
