//! Sums of money are for those who may see them, wherever they stand.

use crate::site::{Site, on_each_database};

on_each_database! {
    async fn the_first_screen_shows_sums_by_permission(site: &Site) {
        for (role, reports, invoices) in [
            ("admin", true, true),
            ("accountant", true, true),
            ("manager", true, true),
            ("operator", true, true),
            ("sales_manager", false, false),
            ("staff", false, false),
        ] {
            let answer = site.get("/widgets/overview", &site.callers[role]).await;
            assert_eq!(answer.status, 200, "{role}: {:?}", answer.body);
            for (figure, shown) in [
                ("revenue_this_month", reports),
                ("revenue_last_month", reports),
                ("collected_today", invoices),
                ("due_today", invoices),
            ] {
                assert_eq!(answer.body[figure].is_object(), shown, "{role}: {figure}");
            }
            assert!(answer.body["customers"].is_i64(), "{role}");
        }
    }
}
