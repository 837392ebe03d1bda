//! The HTTP server, for the binary and for tests.

use std::{io, net::SocketAddr};

use actix_web::{
    App, HttpServer,
    dev::Server,
    middleware::{Compress, from_fn},
    web::{Data, PathConfig},
};
use app::ctx::AppCtx;
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa_actix_web::AppExt as _;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{
    config::ApiConfig,
    extract::State,
    health::{self, Measurements},
    middleware::{access_log, rate_headers, request_id, security_headers},
    openapi,
    problem::Problem,
    problem_type::ProblemType,
    router::{self, KnownPaths},
    spa::{self, SpaFiles},
};

/// How long open requests may take once the server is to stop.
const DRAIN_SECONDS: u64 = 5;

/// A server that listens. It answers while `server` is awaited; `server.handle().stop(true)` ends
/// it once open requests are answered.
pub struct RunningApi {
    /// Where it listens.
    pub address: SocketAddr,
    /// The server itself.
    pub server: Server,
}

/// The document as it is served.
pub(crate) struct Document(pub(crate) String);

/// Binds the address and prepares the server.
pub fn start(
    config: &ApiConfig,
    ctx: AppCtx,
    metrics: Option<PrometheusHandle>,
) -> io::Result<RunningApi> {
    let state = Data::new(State::new(ctx, config));
    let document = openapi::document();
    let known = Data::new(KnownPaths::of(&document));
    let document = Data::new(Document(document.to_string()));
    let files = Data::new(SpaFiles(config.spa_dir.clone()));
    let metrics = Data::new(Measurements::new(metrics, config));
    let workers = config.workers.unwrap_or_else(|| {
        std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get)
    });
    let http = HttpServer::new(move || {
        let (app, _) = App::new()
            .app_data(state.clone())
            .app_data(known.clone())
            .app_data(document.clone())
            .app_data(files.clone())
            .app_data(metrics.clone())
            .app_data(path_config())
            .wrap(Compress::default())
            .wrap(from_fn(rate_headers::add))
            .wrap(from_fn(security_headers::add))
            .wrap(from_fn(access_log::record))
            .wrap(from_fn(request_id::assign))
            .into_utoipa_app()
            .configure(router::register)
            .split_for_parts();
        app.service(health::live)
            .service(health::ready)
            .service(health::metrics)
            .service(router::openapi_document)
            .service(actix_web::web::redirect("/docs", "/docs/"))
            .service(SwaggerUi::new("/docs/{_:.*}").config(Config::new(["/openapi/v1.json"])))
            .default_service(actix_web::web::to(spa::serve))
    })
    .workers(workers)
    .shutdown_timeout(DRAIN_SECONDS)
    .disable_signals()
    .bind(config.bind)?;
    let address = http
        .addrs()
        .first()
        .copied()
        .ok_or_else(|| io::Error::other("the server listens nowhere"))?;
    Ok(RunningApi {
        address,
        server: http.run(),
    })
}

/// An address that does not read as an id names nothing.
fn path_config() -> PathConfig {
    PathConfig::default().error_handler(|_, _| Problem::new(ProblemType::NotFound).into())
}
