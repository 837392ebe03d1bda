//! Tells callers how much of their rate limit is left.

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};
use domain::ports::RateDecision;

/// Writes what the extractors counted into the answer.
pub(crate) async fn add(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let decision = response
        .request()
        .extensions()
        .get::<RateDecision>()
        .copied();
    if let Some(decision) = decision {
        let headers = response.headers_mut();
        let mut put = |name, value: u64| {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        };
        put("ratelimit-limit", decision.limit.into());
        put("ratelimit-remaining", decision.remaining.into());
        put("ratelimit-reset", decision.retry_after.as_secs());
    }
    Ok(response)
}
