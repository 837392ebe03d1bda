//! The only place that registers routes; the document is collected from here.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError as _,
    dev::ResourceDef,
    get,
    http::header::{self, HeaderValue},
    web::{self, Data},
};
use serde_json::Value;
use utoipa_actix_web::{scope, service_config::ServiceConfig};

use crate::{
    problem::Problem,
    problem_type::ProblemType,
    routes::{
        api_keys, audit_log, auth, billing, customers, fair_use, impersonations, imports, jobs, me,
        nas, network, operators, packages, platform, realms, routers, settings, users, zones,
    },
    server::Document,
};

/// Registers every operation of the API.
pub(crate) fn register(config: &mut ServiceConfig<'_>) {
    config.service(
        scope::scope("/api/v1")
            .default_service(web::to(not_found))
            .configure(identity)
            .configure(catalogue)
            .configure(subscribers)
            .configure(fair_use)
            .configure(running),
    );
}

fn identity(config: &mut ServiceConfig<'_>) {
    config
        .service(auth::sign_in)
        .service(auth::refresh_sign_in)
        .service(auth::sign_out)
        .service(impersonations::end_impersonation)
        .service(impersonations::start_impersonation)
        .service(me::get_me)
        .service(me::change_my_password)
        .service(me::start_totp_enrolment)
        .service(me::confirm_totp)
        .service(me::remove_totp)
        .service(me::list_my_sign_ins)
        .service(me::end_my_sign_in)
        .service(users::list_users)
        .service(users::create_user)
        .service(users::get_user)
        .service(users::edit_user)
        .service(users::reset_user_password)
        .service(users::grant_permission)
        .service(users::revoke_permission)
        .service(api_keys::list_api_keys)
        .service(api_keys::create_api_key)
        .service(api_keys::revoke_api_key)
        .service(platform::list_tenancies)
        .service(platform::create_tenancy)
        .service(platform::list_isps)
        .service(platform::create_isp)
        .service(platform::get_isp)
        .service(settings::get_settings)
        .service(settings::edit_settings);
}

fn catalogue(config: &mut ServiceConfig<'_>) {
    config
        .service(packages::list_packages)
        .service(packages::create_package)
        .service(packages::get_package)
        .service(packages::edit_package)
        .service(packages::retire_package)
        .service(zones::list_zones)
        .service(zones::create_zone)
        .service(zones::edit_zone)
        .service(zones::delete_zone)
        .service(operators::list_operators)
        .service(operators::create_operator)
        .service(operators::get_operator)
        .service(operators::edit_operator)
        .service(nas::list_nas)
        .service(nas::create_nas)
        .service(nas::get_nas)
        .service(nas::edit_nas)
        .service(nas::get_nas_counters)
        .service(nas::forget_learnt_nas)
        .service(nas::reveal_nas_secret)
        .service(realms::list_realms)
        .service(realms::create_realm)
        .service(realms::get_realm)
        .service(realms::edit_realm)
        .service(realms::delete_realm)
        .service(routers::list_routers)
        .service(routers::create_router)
        .service(routers::get_router)
        .service(routers::edit_router)
        .service(routers::delete_router)
        .service(routers::check_router)
        .service(routers::confirm_router_fingerprint)
        .service(routers::list_router_history);
}

fn subscribers(config: &mut ServiceConfig<'_>) {
    config
        .service(customers::list_customers)
        .service(customers::create_customer)
        .service(customers::get_customer)
        .service(customers::edit_customer)
        .service(customers::actions::reveal_customer_password)
        .service(customers::actions::suspend_customer)
        .service(customers::actions::activate_customer)
        .service(customers::actions::disconnect_customer)
        .service(customers::actions::close_customer)
        .service(customers::actions::restore_customer)
        .service(customers::money::generate_bill)
        .service(customers::money::receive_payment)
        .service(customers::records::list_customer_invoices)
        .service(customers::records::list_customer_payments)
        .service(customers::records::get_customer_statement)
        .service(customers::records::list_customer_sessions)
        .service(customers::usage::get_customer_usage)
        .service(customers::usage::watch_customer_usage)
        .service(customers::records::list_customer_history)
        .service(customers::access::get_customer_overrides)
        .service(customers::access::set_customer_overrides)
        .service(customers::access::remove_customer_overrides)
        .service(customers::access::list_customer_macs)
        .service(customers::access::add_customer_mac)
        .service(customers::access::remove_customer_mac)
        .service(customers::access::get_customer_limits)
        .service(customers::access::grant_top_up)
        .service(customers::connection::list_login_answers)
        .service(customers::connection::diagnose_connection)
        .service(customers::connection::start_radius_trace)
        .service(customers::connection::get_radius_trace)
        .service(customers::connection::stop_radius_trace)
        .service(billing::list_invoices)
        .service(billing::get_invoice)
        .service(billing::void_invoice)
        .service(billing::list_payments)
        .service(billing::get_payment)
        .service(billing::get_trial_balance)
        .service(billing::get_overview)
        .service(billing::release_cuts)
        .service(network::list_session_history)
        .service(network::list_sessions)
        .service(network::search_everything);
}

fn fair_use(config: &mut ServiceConfig<'_>) {
    config
        .service(fair_use::get_fair_use_policy)
        .service(fair_use::set_fair_use_policy)
        .service(fair_use::remove_fair_use_policy)
        .service(fair_use::simulate_fair_use)
        .service(fair_use::get_fair_use)
        .service(fair_use::activate_fair_use)
        .service(fair_use::deactivate_fair_use)
        .service(fair_use::reset_fair_use)
        .service(fair_use::list_fair_use_log)
        .service(fair_use::list_live_changes);
}

fn running(config: &mut ServiceConfig<'_>) {
    config
        .service(imports::create_import)
        .service(imports::list_imports)
        .service(imports::get_import)
        .service(imports::preview_import)
        .service(imports::apply_import)
        .service(imports::get_import_result)
        .service(audit_log::list_audit_log)
        .service(jobs::list_jobs)
        .service(jobs::get_job)
        .service(jobs::watch_job)
        .service(jobs::retry_job)
        .service(jobs::cancel_job);
}

/// The document of the API.
#[get("/openapi/v1.json")]
pub(crate) async fn openapi_document(document: Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
}

/// Which methods each path knows. A known path with another method falls through to the default
/// service, so that is where 405 is made.
pub(crate) struct KnownPaths(Vec<(ResourceDef, HeaderValue)>);

impl KnownPaths {
    pub(crate) fn of(document: &Value) -> Self {
        let paths = document.get("paths").and_then(Value::as_object);
        let known = paths.into_iter().flatten().map(|(path, operations)| {
            let methods: Vec<String> = ["get", "post", "put", "patch", "delete"]
                .into_iter()
                .filter(|method| operations.get(*method).is_some())
                .map(str::to_uppercase)
                .collect();
            let allow = HeaderValue::from_str(&methods.join(", "))
                .expect("invariant: methods are visible ASCII");
            (ResourceDef::new(path.as_str()), allow)
        });
        Self(known.collect())
    }
}

async fn not_found(request: HttpRequest, known: Data<KnownPaths>) -> HttpResponse {
    let path = request.path();
    let Some((_, allow)) = known.0.iter().find(|(pattern, _)| pattern.is_match(path)) else {
        return Problem::new(ProblemType::NotFound).error_response();
    };
    let mut response = Problem::new(ProblemType::MethodNotAllowed).error_response();
    response.headers_mut().insert(header::ALLOW, allow.clone());
    response
}
