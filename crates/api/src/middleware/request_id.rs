//! Every request has an id: the caller's, when it is a sane one, or a new one.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};
use domain::ids::EventId;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being answered; empty outside of one.
pub(crate) fn current() -> String {
    CURRENT.try_with(String::clone).unwrap_or_default()
}

/// Takes or makes the id, and tells it to the caller.
pub(crate) async fn assign(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = from_caller(&request).unwrap_or_else(|| EventId::generate().to_string());
    let value = HeaderValue::from_str(&id).expect("invariant: ids are visible ASCII");
    let mut response = CURRENT.scope(id, next.call(request)).await?;
    response.headers_mut().insert(HEADER, value);
    Ok(response)
}

fn from_caller(request: &ServiceRequest) -> Option<String> {
    let id = request.headers().get(HEADER)?.to_str().ok()?;
    let sane = (8..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    sane.then(|| id.to_owned())
}
