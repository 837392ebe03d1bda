//! The single-page app: files from a directory, or those inside the binary.

use std::path::PathBuf;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError as _,
    http::{Method, header},
    web::Data,
};

use crate::{problem::Problem, problem_type::ProblemType};

#[derive(rust_embed::RustEmbed)]
#[folder = "../../frontend/dist"]
#[allow_missing = true]
struct Embedded;

/// Where the app's files are.
pub(crate) struct SpaFiles(pub(crate) Option<PathBuf>);

impl SpaFiles {
    async fn read(&self, name: &str) -> Option<Vec<u8>> {
        // Names of built files are plain; anything else is a page of the app, never a file.
        let plain = !name.is_empty()
            && !name.contains("..")
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"./-_".contains(&b));
        if !plain {
            return None;
        }
        match &self.0 {
            Some(dir) => tokio::fs::read(dir.join(name)).await.ok(),
            None => Embedded::get(name).map(|file| file.data.into_owned()),
        }
    }
}

/// A file of the app, or its first page for every address that it routes itself.
pub(crate) async fn serve(request: HttpRequest, files: Data<SpaFiles>) -> HttpResponse {
    let path = request.path().trim_start_matches('/');
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let ours = ["api/", "openapi/", "health/"]
        .iter()
        .any(|prefix| path.starts_with(prefix));
    if !reads || ours {
        return Problem::new(ProblemType::NotFound).error_response();
    }
    if let Some(bytes) = files.read(path).await {
        let forever = path.starts_with("assets/");
        return answer(path, bytes, forever);
    }
    if path.starts_with("assets/") {
        return Problem::new(ProblemType::NotFound).error_response();
    }
    match files.read("index.html").await {
        Some(bytes) => answer("index.html", bytes, false),
        None => Problem::new(ProblemType::NotFound)
            .detail("the app is not built into this server")
            .error_response(),
    }
}

fn answer(name: &str, bytes: Vec<u8>, forever: bool) -> HttpResponse {
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let cache = if forever {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    HttpResponse::Ok()
        .content_type(kind.as_ref())
        .insert_header((header::CACHE_CONTROL, cache))
        .body(bytes)
}
