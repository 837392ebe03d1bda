//! For every operation of the document: what a probe sends. An operation without an entry fails
//! the tests, so nobody adds one that is not probed.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{openapi::Operation, site::Isp};

/// What the probing key may do.
pub(crate) const KEY_PERMISSIONS: [&str; 2] = ["view_customers", "view_invoices"];

/// A request to be sent.
pub(crate) struct Probe {
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// A package of that name.
pub(crate) fn package(name: &str) -> Value {
    json!({"name": format!("{name} package"), "down_kbps": 10_000, "up_kbps": 5_000,
        "price": {"amount": "700.00", "currency": "BDT"}, "cycle": "monthly", "billing_type": "prepaid"})
}

/// A person of that role.
pub(crate) fn user(login: &str, role: &str) -> Value {
    json!({"login": login, "name": "Somebody", "role": role, "password": "seven green boats"})
}

/// Which kind of thing an `{id}` names, by the beginning of the path.
pub(crate) fn kind_of(path: &str) -> Option<&'static str> {
    let kinds = [
        ("/me/sign-ins/", "sign_in"),
        ("/users/", "user"),
        ("/api-keys/", "api_key"),
        ("/isps/", "isp"),
        ("/packages/", "package"),
        ("/zones/", "zone"),
        ("/operators/", "operator"),
        ("/nas/", "nas"),
        ("/realms/", "realm"),
        ("/routers/", "router"),
        ("/customers/", "customer"),
        ("/invoices/", "invoice"),
        ("/payments/", "payment"),
        ("/imports/", "import"),
        ("/jobs/", "job"),
    ];
    let path = path.strip_prefix("/api/v1")?;
    kinds
        .into_iter()
        .find(|(prefix, _)| path.starts_with(prefix))
        .map(|(_, kind)| kind)
}

/// What to send for an operation, with ids of that ISP.
pub(crate) fn probe(operation: &Operation, isp: &Isp, salt: &str) -> Probe {
    let id = match kind_of(&operation.path) {
        Some(kind) => isp.ids.get(kind).copied().unwrap_or_else(Uuid::nil),
        None => Uuid::nil(),
    };
    probe_with(operation, isp, salt, id)
}

/// The same with another id in the path.
pub(crate) fn probe_with(operation: &Operation, isp: &Isp, salt: &str, id: Uuid) -> Probe {
    let path = operation.path.strip_prefix("/api/v1").unwrap();
    let path = path
        .replace("{id}", &id.to_string())
        .replace("{permission}", "send_sms")
        .replace("{mac}", "AA:BB:CC:00:00:01");
    let query = if operation.id == "search_everything" {
        "?q=customer"
    } else {
        ""
    };
    let headers = match operation.id.as_str() {
        "generate_bill" | "receive_payment" => vec![("Idempotency-Key", format!("probe-{salt}"))],
        "edit_customer" | "edit_router" => vec![("If-Match", "\"v1\"".to_owned())],
        _ => Vec::new(),
    };
    Probe {
        path: format!("{path}{query}"),
        body: body(&operation.id, isp, salt),
        headers,
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "a table: one line for each operation"
)]
fn body(operation: &str, isp: &Isp, salt: &str) -> Option<Value> {
    let nobody = Uuid::nil();
    Some(match operation {
        "sign_in" => json!({"login": "nobody", "password": "wrong"}),
        "refresh_sign_in" => json!({"refresh_token": "wrong"}),
        "change_my_password" => json!({"current_password": "wrong", "new_password": "x"}),
        "confirm_totp" => json!({"code": "000000"}),
        "remove_totp" => json!({"password": "wrong"}),
        "start_impersonation" => json!({"user_id": nobody}),
        "create_user" => user(&format!("u-{salt}"), "staff"),
        "edit_user" => json!({"name": "Somebody else"}),
        "reset_user_password" => json!({"password": "eight green boats"}),
        "grant_permission" => json!({"permission": "send_sms"}),
        "create_api_key" => json!({"name": "key", "permissions": ["view_customers"]}),
        "create_tenancy" => json!({"name": salt, "super_admin": owner(salt)}),
        "create_isp" => json!({"name": salt, "admin": owner(salt)}),
        "edit_settings" => json!({"grace_days": 4}),
        "release_cuts" => json!({"password": "wrong"}),
        "create_package" => package(salt),
        "edit_package" => json!({"simultaneous_use": 2}),
        "set_fair_use_policy" | "simulate_fair_use" => json!({"window": "month", "counts": "total",
            "tiers": [{"after_octets": 1_000_000_000, "up_kbps": 512, "down_kbps": 512}]}),
        "activate_fair_use" | "deactivate_fair_use" | "reset_fair_use" => json!({"note": salt}),
        "create_zone" => json!({"name": salt}),
        "edit_zone" => json!({"name": salt}),
        "create_operator" => json!({"name": salt, "kind": "operator"}),
        "edit_operator" => json!({"email": "a@example.org"}),
        "create_nas" => json!({"name": salt, "address": "not an address"}),
        "edit_nas" => json!({"coa_port": 3799}),
        "create_realm" => {
            json!({"name": "not a realm", "home_servers": [{"address": "192.0.2.1"}]})
        }
        "edit_realm" => json!({"strip": true}),
        "create_router" => {
            json!({"name": salt, "address": "not an address", "username": "api", "password": ""})
        }
        "edit_router" => json!({"name": salt}),
        "check_router" => json!({}),
        "confirm_router_fingerprint" => json!({"fingerprint": "ab".repeat(32)}),
        "create_customer" => json!({"name": salt, "username": salt, "password": "secret-1",
            "connection_type": "pppoe", "package_id": isp.ids.get("package")}),
        "edit_customer" => json!({"notes": salt}),
        "suspend_customer" => json!({"reason": "other"}),
        "activate_customer" | "disconnect_customer" | "restore_customer" | "start_radius_trace" => {
            json!({})
        }
        "set_customer_overrides" => json!({"simultaneous_use": 2}),
        "add_customer_mac" => json!({"mac": "aa-bb-cc-00-00-01"}),
        "grant_top_up" => json!({"octets": 1}),
        "close_customer" => json!({"password": "wrong"}),
        "generate_bill" => json!({"package_id": isp.ids.get("package")}),
        "receive_payment" => {
            json!({"amount": {"amount": "1.00", "currency": "BDT"}, "method": "cash"})
        }
        "void_invoice" => json!({"password": "wrong", "reason": "probe"}),
        "create_import" => json!({"file_name": "a.csv", "content": "username,password\na,b\n"}),
        "preview_import" => json!({"mapping": {"username": "username"}, "profile_packages": {}}),
        "apply_import" => json!({"token": "stale"}),
        "sign_out"
        | "get_me"
        | "start_totp_enrolment"
        | "list_my_sign_ins"
        | "end_my_sign_in"
        | "end_impersonation"
        | "list_users"
        | "get_user"
        | "revoke_permission"
        | "list_api_keys"
        | "revoke_api_key"
        | "list_tenancies"
        | "list_isps"
        | "get_isp"
        | "get_settings"
        | "list_packages"
        | "get_package"
        | "retire_package"
        | "get_fair_use_policy"
        | "remove_fair_use_policy"
        | "get_fair_use"
        | "list_fair_use_log"
        | "list_live_changes"
        | "list_zones"
        | "delete_zone"
        | "list_operators"
        | "get_operator"
        | "list_nas"
        | "get_nas"
        | "reveal_nas_secret"
        | "list_customers"
        | "get_customer"
        | "reveal_customer_password"
        | "list_customer_invoices"
        | "list_customer_payments"
        | "get_customer_statement"
        | "list_customer_sessions"
        | "get_customer_usage"
        | "watch_customer_usage"
        | "list_customer_history"
        | "get_customer_overrides"
        | "remove_customer_overrides"
        | "list_customer_macs"
        | "remove_customer_mac"
        | "get_customer_limits"
        | "list_login_answers"
        | "diagnose_connection"
        | "get_radius_trace"
        | "stop_radius_trace"
        | "list_realms"
        | "get_realm"
        | "delete_realm"
        | "list_routers"
        | "get_router"
        | "delete_router"
        | "list_router_history"
        | "get_nas_counters"
        | "forget_learnt_nas"
        | "list_invoices"
        | "get_invoice"
        | "list_payments"
        | "get_payment"
        | "get_trial_balance"
        | "get_overview"
        | "list_sessions"
        | "list_session_history"
        | "search_everything"
        | "list_imports"
        | "get_import"
        | "get_import_result"
        | "list_audit_log"
        | "list_jobs"
        | "get_job"
        | "watch_job"
        | "retry_job"
        | "cancel_job" => return None,
        unknown => panic!("{unknown} is not in the table of probes: say what a probe sends"),
    })
}

fn owner(salt: &str) -> Value {
    json!({"login": format!("o-{salt}"), "name": "Somebody", "password": "seven green boats"})
}
