//! Whether this process lives, whether it can work, and its measurements.

use actix_web::{HttpResponse, get, web::Data};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::extract::State;

/// The process lives.
#[get("/health/live")]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// The process can work: what it stands on answers.
#[get("/health/ready")]
pub(crate) async fn ready(state: Data<State>) -> HttpResponse {
    if state.is_ready().await {
        HttpResponse::Ok().json(json!({"status": "ok"}))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({"status": "unavailable"}))
    }
}

/// The measurements, for Prometheus.
#[get("/metrics")]
pub(crate) async fn metrics(handle: Data<Option<PrometheusHandle>>) -> HttpResponse {
    let text = handle
        .as_ref()
        .as_ref()
        .map(PrometheusHandle::render)
        .unwrap_or_default();
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(text)
}
