//! Whether this process lives, whether it can work, and its measurements.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web::Data};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::{config::ApiConfig, extract::State, problem::Problem, problem_type::ProblemType};

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

/// The measurements, and who may have them.
pub(crate) struct Measurements {
    handle: Option<PrometheusHandle>,
    token: Option<String>,
    behind_proxy: bool,
}

impl Measurements {
    /// The measurements of this process, for whom the configuration says.
    pub(crate) fn new(handle: Option<PrometheusHandle>, config: &ApiConfig) -> Self {
        Self {
            handle,
            token: config.metrics_token.clone(),
            behind_proxy: config.behind_proxy,
        }
    }

    /// With a token whoever shows it; else callers on this machine, unless they may all be a proxy.
    fn are_for(&self, request: &HttpRequest) -> bool {
        let Some(token) = &self.token else {
            let is_local = |address: std::net::SocketAddr| address.ip().is_loopback();
            return !self.behind_proxy && request.peer_addr().is_some_and(is_local);
        };
        let shown = request.headers().get(header::AUTHORIZATION);
        let shown = shown.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        shown.is_some_and(|shown| shown.ct_eq(token.as_bytes()).into())
    }
}

/// The measurements, for Prometheus.
#[get("/metrics")]
pub(crate) async fn metrics(
    request: HttpRequest,
    measurements: Data<Measurements>,
) -> Result<HttpResponse, Problem> {
    if !measurements.are_for(&request) {
        return Err(Problem::new(ProblemType::NotFound));
    }
    let handle = measurements.handle.as_ref();
    let text = handle.map(PrometheusHandle::render).unwrap_or_default();
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(text))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn measured(token: Option<&str>, behind_proxy: bool) -> Measurements {
        let bind = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let config = ApiConfig {
            metrics_token: token.map(str::to_owned),
            behind_proxy,
            ..ApiConfig::new(bind, Vec::new())
        };
        Measurements::new(None, &config)
    }

    fn asked(from: [u8; 4], shown: Option<&str>) -> HttpRequest {
        let mut request = TestRequest::get().peer_addr((from, 4000).into());
        if let Some(shown) = shown {
            request = request.insert_header((header::AUTHORIZATION, shown));
        }
        request.to_http_request()
    }

    const HERE: [u8; 4] = [127, 0, 0, 1];
    const THERE: [u8; 4] = [192, 0, 2, 7];

    #[test]
    fn without_a_token_only_this_machine_measures() {
        assert!(measured(None, false).are_for(&asked(HERE, None)));
        assert!(!measured(None, false).are_for(&asked(THERE, None)));
        assert!(!measured(None, true).are_for(&asked(HERE, None)), "a proxy");
    }

    #[test]
    fn a_token_is_asked_of_everybody() {
        let measurements = measured(Some("a-long-token"), true);
        assert!(measurements.are_for(&asked(THERE, Some("Bearer a-long-token"))));
        for wrong in [
            None,
            Some("Bearer a-long"),
            Some("a-long-token"),
            Some("Bearer "),
        ] {
            assert!(!measurements.are_for(&asked(HERE, wrong)), "{wrong:?}");
        }
    }
}
